"""Items become MAVLink commands and come back; foreign commands are read or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.documents import Document
from flight.formats.qgc_commands import Command, Frame, item_params, parse_item
from flight.missions import Action, MissionItem
from geofences.geodesy import LonLat

# Not 0, 0: an item there is one without a place.
places = st.builds(LonLat, st.floats(1.0, 179.0), st.floats(1.0, 85.0))
heights_m = st.floats(0.5, 500.0)
items = st.one_of(
    st.builds(MissionItem, st.just(Action.WAYPOINT), places, heights_m),
    st.builds(MissionItem, st.just(Action.TAKEOFF), st.none() | places, heights_m),
    st.builds(MissionItem, st.just(Action.LAND), st.none() | places, heights_m),
    st.builds(lambda v: MissionItem(Action.SPEED, value=v), st.floats(0.1, 30.0)),
    st.builds(lambda v: MissionItem(Action.GIMBAL, value=v), st.floats(-90.0, 30.0)),
    st.builds(lambda v: MissionItem(Action.HOVER, value=v), st.floats(0.1, 600.0)),
    st.builds(MissionItem, st.just(Action.HOVER), places, heights_m, st.floats(0.1, 600.0)),
    st.builds(MissionItem, st.just(Action.LOOK_AT), places, st.floats(-50.0, 100.0)),
    st.sampled_from(
        [
            MissionItem(Action.CAMERA_START),
            MissionItem(Action.CAMERA_STOP),
            MissionItem(Action.LOOK_AHEAD),
            MissionItem(Action.RETURN_HOME),
        ]
    ),
)


def simple(command: int, *params: float | None, frame: int = 3) -> Document:
    """An item as it stands in a file; the parameters that are not given are 0."""
    padded = [*params, *[0.0] * (7 - len(params))]
    return Document("m.plan", "items[4]", {"command": command, "frame": frame, "params": padded})


def parsed(document: Document, home_alt_amsl_m: float = 0.0) -> MissionItem:
    """The one item of a document."""
    (item,) = parse_item(document, home_alt_amsl_m)
    return item


@given(items)
def test_every_item_comes_back_as_it_was(item: MissionItem) -> None:
    """The cell apart, which no command holds."""
    command, frame, params = item_params(item)
    assert len(params) == 7
    assert parsed(simple(command, *params, frame=frame)) == item


@given(items, st.floats(-400.0, 5000.0))
def test_heights_above_home_do_not_depend_on_where_home_is(
    item: MissionItem, home_alt_amsl_m: float
) -> None:
    """The frame says above what a height is."""
    command, frame, params = item_params(item)
    assert parsed(simple(command, *params, frame=frame), home_alt_amsl_m) == item


@pytest.mark.parametrize("frame", [Frame.ABOVE_SEA, Frame.ABOVE_SEA_INT])
def test_altitudes_above_sea_are_turned_into_heights(frame: Frame) -> None:
    """86 m above sea is 55 m above a home at 31 m."""
    document = simple(Command.WAYPOINT, 0, 0, 0, None, 33.0, 115.0, 86.0, frame=frame)
    assert parsed(document, 31.0).height_home_m == 55.0


@pytest.mark.parametrize(
    ("command", "params", "action"),
    [
        (Command.IMAGE_START, (0, 2), Action.CAMERA_START),
        (Command.IMAGE_STOP, (), Action.CAMERA_STOP),
        (Command.CAMERA_TRIGGER_DISTANCE, (12.5,), Action.CAMERA_START),
        (Command.CAMERA_TRIGGER_DISTANCE, (0.0,), Action.CAMERA_STOP),
    ],
)
def test_other_ways_to_run_a_camera_are_understood(
    command: Command, params: tuple[float, ...], action: Action
) -> None:
    """Surveys of QGroundControl take pictures by distance."""
    assert parsed(simple(command, *params, frame=2)) == MissionItem(action)


@pytest.mark.parametrize("command", [Command.MOUNT_CONTROL, Command.GIMBAL_PITCH_YAW])
def test_both_generations_of_gimbal_commands_are_read(command: Command) -> None:
    """The pitch is the first parameter of either."""
    assert parsed(simple(command, -45.0, frame=2)) == MissionItem(Action.GIMBAL, value=-45.0)


@pytest.mark.parametrize(
    "command", [Command.SET_CAMERA_MODE, Command.DIGICAM_CONTROL, Command.CONTROL_VIDEO]
)
def test_settings_that_filming_does_not_need_are_left_out(command: Command) -> None:
    """The mission sees the same without them."""
    assert parse_item(simple(command, frame=2), 0.0) == ()


@pytest.mark.parametrize("command", [Command.TAKEOFF, Command.LAND])
def test_latitude_and_longitude_zero_mean_here(command: Command) -> None:
    """For a waypoint they are a place, off the coast of Ghana."""
    assert parsed(simple(command, 0, 0, 0, 0, 0, 0, 20.0)).position is None
    assert parsed(simple(Command.WAYPOINT, 0, 0, 0, 0, 0, 0, 20.0)).position == LonLat(0.0, 0.0)


def test_a_waypoint_that_is_held_is_a_hover() -> None:
    """The first parameter of a waypoint is a time, which must not be lost."""
    held = parsed(simple(Command.WAYPOINT, 7.0, 0, 0, None, 33.0, 115.0, 30.0))
    assert held == MissionItem(Action.HOVER, LonLat(115.0, 33.0), 30.0, 7.0)


def test_the_older_region_of_interest_is_read() -> None:
    """At 0, 0 it says to look ahead again, elsewhere what to look at."""
    at = parsed(simple(Command.OLD_REGION_OF_INTEREST, 0, 0, 0, 0, 33.0, 115.0, 12.0))
    assert at == MissionItem(Action.LOOK_AT, LonLat(115.0, 33.0), 12.0)
    assert parsed(simple(Command.OLD_REGION_OF_INTEREST)) == MissionItem(Action.LOOK_AHEAD)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (simple(177), r"items\[4\]\.command is 177, which a patrol cannot hold"),
        (simple(Command.WAYPOINT, frame=10), r"items\[4\]\.frame is 10; altitudes must be above"),
        (simple(Command.CHANGE_SPEED, 1.0, -1.0), r"items\[4\]\.params is not possible: A speed"),
        (simple(Command.MOUNT_CONTROL, 400.0), "A camera pitch is between"),
        (simple(Command.WAYPOINT, 0, 0, 0, 0, 91.0, 0.0), r"items\[4\]\.params is not possible"),
        (Document("m.plan", "items[4]", {"command": 16.0}), "must be a whole number"),
        (Document("m.plan", "items[4]", {"command": 16, "frame": 3, "params": [1]}), "7 numbers"),
    ],
)
def test_what_a_patrol_cannot_hold_is_named(document: Document, message: str) -> None:
    """With the item's place in the file."""
    with pytest.raises(PlanFileError, match=message):
        parse_item(document, 0.0)
