"""What ArduPilot and PX4 are given, and what their words mean."""

import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from flight.errors import CommandRefusedError
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.firmware import Firmware, fence_items
from flight.mavlink.protocol.constants import Command, Frame
from flight.mavlink.protocol.mission_items import WireItem, first_difference
from flight.mavlink.px4 import Px4
from flight.missions import Action, Fence, MissionItem
from flight.simulator.items import Item, normalised
from geofences.geodesy import LonLat
from tests.flight.fake_vehicle import HOME, small_mission, square

FIRMWARES: list[Firmware] = [ArduPilot(), Px4()]

places = st.builds(LonLat, st.floats(-179.0, 179.0), st.floats(-85.0, 85.0))


@pytest.mark.parametrize("firmware", FIRMWARES, ids=lambda f: f.name)
def test_modes_that_we_set_are_modes_that_we_read(firmware: Firmware) -> None:
    """A mode set by name comes back under that name."""
    modes = firmware.modes
    for name in (modes.ready, modes.mission, modes.hold, modes.go_home, modes.land):
        command, params = firmware.set_mode(name)
        assert command is Command.DO_SET_MODE
        main, sub = int(params[1]), int(params[2]) if len(params) > 2 else 0
        custom = main if firmware.name == "ArduPilot" else main << 16 | sub << 24
        assert firmware.mode_name(custom) == name


@pytest.mark.parametrize("firmware", FIRMWARES, ids=lambda f: f.name)
def test_an_unknown_mode_is_refused_by_name(firmware: Firmware) -> None:
    """Nothing is sent."""
    with pytest.raises(CommandRefusedError, match="HOVERCRAFT"):
        firmware.set_mode("HOVERCRAFT")
    assert "MODE" in firmware.mode_name(0xFF << 24 | 0xFF << 16 | 99)


def test_ardupilots_list_begins_with_a_place_for_home() -> None:
    """PX4's does not."""
    mission = small_mission()
    ours, px4s = (f.mission_items(mission) for f in FIRMWARES)
    assert len(ours) == len(mission.items) + 1
    assert (ours[0].command, ours[0].frame) == (Command.NAV_WAYPOINT, Frame.GLOBAL)
    assert [(each.command, each.x, each.y, each.z) for each in ours[1:]] == [
        (each.command, each.x, each.y, each.z) for each in px4s
    ]


def test_the_nose_of_a_px4_points_where_it_flies() -> None:
    """It takes a yaw of 0 for north, and the camera with it; ArduPilot takes no NaN everywhere."""
    ours, px4s = (f.mission_items(small_mission()) for f in FIRMWARES)
    turning = {Command.NAV_TAKEOFF, Command.NAV_WAYPOINT}
    assert all(math.isnan(each.params[3]) == (each.command in turning) for each in px4s)
    assert not any(math.isnan(each.params[3]) for each in ours)


def test_each_action_has_its_command() -> None:
    """In the commands that a real ArduPilot was seen to accept."""
    actions = [
        MissionItem(Action.CAMERA_START),
        MissionItem(Action.CAMERA_STOP),
        MissionItem(Action.LOOK_AT, HOME, 12.0),
        MissionItem(Action.HOVER, HOME, 30.0, 5.0),
        MissionItem(Action.HOVER, value=5.0),
        MissionItem(Action.LOOK_AHEAD),
        MissionItem(Action.LAND),
    ]
    mission = replace(
        small_mission(waypoints=1), items=(*small_mission(waypoints=1).items, *actions)
    )
    assert [item.command for item in Px4().mission_items(mission)] == [
        Command.NAV_TAKEOFF,
        Command.DO_CHANGE_SPEED,
        Command.DO_GIMBAL_MANAGER_PITCHYAW,
        Command.NAV_WAYPOINT,
        Command.NAV_RETURN_TO_LAUNCH,
        Command.VIDEO_START_CAPTURE,
        Command.VIDEO_STOP_CAPTURE,
        Command.DO_SET_ROI_LOCATION,
        Command.NAV_LOITER_TIME,
        Command.NAV_DELAY,
        Command.DO_SET_ROI_NONE,
        Command.NAV_LAND,
    ]


def test_heights_are_above_home_and_places_are_rounded_to_nearest() -> None:
    """Cutting off would shift every point by up to a centimetre."""
    place = LonLat(115.62000009, 33.16000009)
    items = (MissionItem(Action.WAYPOINT, place, 40.0),)
    (item,) = Px4().mission_items(replace(small_mission(), items=items))
    assert (item.x, item.y, item.z) == (331600001, 1156200001, 40.0)
    assert item.frame == Frame.GLOBAL_RELATIVE_ALT_INT


def test_hovers_last_whole_seconds_rounded_up() -> None:
    """ArduPilot cuts fractions off: half a second would be none."""
    hovers = (MissionItem(Action.HOVER, HOME, 30.0, 0.4), MissionItem(Action.HOVER, value=7.2))
    items = Px4().mission_items(replace(small_mission(), items=hovers))
    assert [item.params[0] for item in items] == [1.0, 8.0]


@given(
    st.one_of(
        st.builds(
            MissionItem, st.just(Action.HOVER), places, st.floats(1, 200), st.floats(0.1, 900)
        ),
        st.builds(lambda s: MissionItem(Action.HOVER, value=s), st.floats(0.1, 900.0)),
        st.builds(MissionItem, st.just(Action.LOOK_AT), places, st.floats(-50, 200)),
        st.just(MissionItem(Action.LOOK_AHEAD)),
    )
)
def test_what_ardupilot_stores_of_a_look_is_what_was_sent(item: MissionItem) -> None:
    """As the simulated one stores it: whole seconds, and heights in centimetres cut off."""
    (sent,) = Px4().mission_items(replace(small_mission(), items=(item,)))
    stored = normalised(Item(sent.command, sent.frame, sent.params, sent.x, sent.y, sent.z))
    found = WireItem(stored.command, stored.frame, stored.params, stored.x, stored.y, stored.z)
    assert first_difference([sent], [found]) is None


def test_a_take_off_without_a_place_is_at_home() -> None:
    """Latitude and longitude zero would be far away for PX4."""
    item = Px4().mission_items(small_mission())[0]
    assert (item.x, item.y) == (331600000, 1156200000)


def test_every_vertex_carries_its_polygons_count() -> None:
    """The closing point, which repeats the first, is not a vertex."""
    hexagon = shapely.Point(HOME.lon_deg, HOME.lat_deg).buffer(1e-4, quad_segs=2)
    items = fence_items(Fence(square(HOME, 300.0), (hexagon,), 80.0))
    inclusion = [i for i in items if i.command == Command.FENCE_POLYGON_INCLUSION]
    exclusion = [i for i in items if i.command == Command.FENCE_POLYGON_EXCLUSION]
    assert [i.params[0] for i in inclusion] == [4.0] * 4
    assert [i.params[0] for i in exclusion] == [8.0] * 8
    assert {i.frame for i in items} == {Frame.GLOBAL}


def test_the_fence_acts_and_has_no_circle() -> None:
    """Bit 2 of FENCE_TYPE is the default circle, which sent a 200 m mission home."""
    fence = Fence(square(HOME, 300.0), (), 80.0)
    told = dict(ArduPilot().fence_parameters(fence))
    assert int(told["FENCE_TYPE"]) & 0b111 == 0b101
    assert list(told)[-1] == "FENCE_ENABLE"
    assert dict(Px4().fence_parameters(fence)) == {"GF_MAX_VER_DIST": 80.0, "GF_ACTION": 3.0}


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("Arm: Need Position Estimate", True),
        ("PreArm: GPS 1: Bad fix", True),
        ("Arm: Fences enabled, but none selected", True),
        ("Arm: Battery 1 below minimum arming capacity", False),
        ("Arm: Vehicle breaching Polygon fence", False),
        ("Arm: Throttle too high", False),
    ],
)
def test_only_what_passes_is_waited_for(reason: str, passes: bool) -> None:
    """A flat battery does not charge by waiting."""
    assert ArduPilot().passes(reason) is passes


@pytest.mark.parametrize(
    ("firmware", "reason", "passes"),
    [
        (FIRMWARES[0], "PreArm: Accels inconsistent", True),
        (FIRMWARES[0], "Arm: Need Alt Estimate", True),
        (FIRMWARES[0], "PreArm: Main loop slow (180Hz < 400Hz)", True),
        (FIRMWARES[0], "Arm: Battery 1 below minimum arming voltage", False),
        (FIRMWARES[0], "Arm: Check frame class and type", False),
        (FIRMWARES[1], "Preflight Fail: No connection to the GCS", True),
        (FIRMWARES[1], "Preflight Fail: ekf2 missing data", True),
        (FIRMWARES[1], "Preflight Fail: no heading reference", True),
        (FIRMWARES[1], "Arming denied: Resolve system health failures first", True),
        (FIRMWARES[1], "Preflight Fail: Battery unhealthy", False),
    ],
)
def test_what_a_booting_autopilot_says_passes(
    firmware: Firmware, reason: str, passes: bool
) -> None:
    """What only its owner can cure does not, and is told at once."""
    assert firmware.passes(reason) is passes
