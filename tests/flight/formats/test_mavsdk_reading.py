"""Files that we write are read by a program that we did not write: MAVSDK's importers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.mission_raw import MissionRaw

from flight.formats.qgc_plan import write_qgc_plan
from flight.formats.waypoints import write_waypoints
from flight.missions import Action, MissionItem, RallyPoint
from tests.flight.formats.routes import HOME, mission, place, waypoint
from tests.flight.mavlink.flying import free_port

PATROL = mission(
    [
        MissionItem(Action.TAKEOFF, HOME, 40.0),
        MissionItem(Action.SPEED, value=6.5),
        MissionItem(Action.GIMBAL, value=-60.0),
        waypoint(100.0, 0.0),
        MissionItem(Action.CAMERA_START),
        waypoint(100.0, 300.0, 45.5),
        MissionItem(Action.LOOK_AT, place(60.0, 150.0), 2.0),
        MissionItem(Action.HOVER, place(130.0, 300.0), 45.0, 12.0),
        MissionItem(Action.LOOK_AHEAD),
        MissionItem(Action.HOVER, value=3.0),
        MissionItem(Action.CAMERA_STOP),
        MissionItem(Action.RETURN_HOME),
    ],
    rally=(RallyPoint(place(50.0, 0.0), 30.0),),
    home_alt_amsl_m=31.5,
)
COMMANDS = [22, 178, 205, 16, 2500, 16, 195, 19, 197, 93, 2501, 20]


@pytest.fixture(scope="module")
def reader() -> Iterator[MissionRaw]:
    """MAVSDK's mission plugin, which needs some autopilot to be connected to."""
    port = free_port()
    settings = [
        Configuration.create_with_component_type(kind)
        for kind in (ComponentType.GROUND_STATION, ComponentType.AUTOPILOT)
    ]
    station, autopilot = (Mavsdk(each) for each in settings)
    station.add_any_connection(f"udpin://127.0.0.1:{port}")
    autopilot.add_any_connection(f"udpout://127.0.0.1:{port}")
    autopilot.server_component()
    plugin = MissionRaw(station.first_autopilot(timeout_s=20.0))
    yield plugin
    plugin.destroy()
    for each in (station, autopilot):
        each.destroy()
    for configuration in settings:
        configuration.destroy()


def test_a_plan_is_read_with_its_fence_and_rally_points(reader: MissionRaw, tmp_path: Path) -> None:
    """Every command, in order; places to a ten-millionth of a degree."""
    write_qgc_plan(PATROL, tmp_path / "m.plan")
    read = reader.import_qgroundcontrol_mission(str(tmp_path / "m.plan"))
    assert [item.command for item in read.mission_items] == COMMANDS
    assert read.mission_items[3].x == round(place(100.0, 0.0).lat_deg * 1e7)
    assert read.mission_items[5].z == 45.5
    inside, outside = PATROL.fence.inclusion, PATROL.fence.exclusions[0]
    corners = [len(ring.exterior.coords) - 1 for ring in (inside, outside)]
    assert len(read.geofence_items) == sum(corners)
    assert [item.z for item in read.rally_items] == [30.0]


def test_a_waypoint_list_is_read_with_its_home_line(reader: MissionRaw, tmp_path: Path) -> None:
    """Line 0 is home, and the frames are those that we wrote."""
    write_waypoints(PATROL, tmp_path / "m.waypoints")
    read = reader.import_mission_planner_mission(str(tmp_path / "m.waypoints"))
    assert [item.command for item in read.mission_items] == [16, *COMMANDS]
    assert read.mission_items[0].z == 31.5
    assert [item.seq for item in read.mission_items] == list(range(13))
