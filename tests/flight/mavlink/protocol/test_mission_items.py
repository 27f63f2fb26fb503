"""When an item read back means the same as the item sent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.mavlink.protocol.constants import Command, Frame, MissionType
from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.mission_items import WireItem, first_difference
from tests.flight.mavlink.protocol.wire import VEHICLE

WAYPOINT = WireItem(
    Command.NAV_WAYPOINT, Frame.GLOBAL_RELATIVE_ALT_INT, x=331600001, y=1156200001, z=30.126
)
HOME = WireItem(Command.NAV_WAYPOINT, Frame.GLOBAL)


def test_what_ardupilot_does_to_an_item_is_no_difference() -> None:
    """Frames 6 to 3, heights cut to centimetres, p1 to whole seconds, p2 and p4 dropped."""
    sent = replace(WAYPOINT, params=(3.7, 2.0, 0.0, 90.0))
    found = replace(WAYPOINT, frame=Frame.GLOBAL_RELATIVE_ALT, params=(3.0, 0.0, 0.0, 0.0), z=30.12)
    assert first_difference([sent], [found]) is None


def test_ardupilots_home_is_its_own() -> None:
    """Item 0 becomes home, wherever that is."""
    home = replace(HOME, x=1, y=2, z=3.0)
    assert first_difference([HOME, WAYPOINT], [home, WAYPOINT], skip=1) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "0 items instead of 1"),
        ([replace(WAYPOINT, command=Command.NAV_LAND)], "command 21 instead of 16"),
        ([replace(WAYPOINT, x=331600011)], "position 33.1600011, 115.6200001"),
        ([replace(WAYPOINT, z=30.2)], "height 30.20 m instead of 30.13 m"),
        ([replace(WAYPOINT, frame=Frame.GLOBAL)], "frame 0 instead of 6"),
    ],
)
def test_a_real_difference_is_named(found: list[WireItem], words: str) -> None:
    """The operator reads which item differs and in what."""
    difference = first_difference([WAYPOINT], found)
    assert difference is not None
    assert words in difference


@pytest.mark.parametrize(
    ("command", "index", "off"),
    [
        (Command.NAV_LOITER_TIME, 0, 1.0),
        (Command.NAV_DELAY, 0, 1.0),
        (Command.DO_CHANGE_SPEED, 1, 0.5),
        (Command.DO_GIMBAL_MANAGER_PITCHYAW, 0, 5.0),
        (Command.FENCE_POLYGON_INCLUSION, 0, 1.0),
    ],
)
def test_a_parameter_that_matters_is_compared(command: Command, index: int, off: float) -> None:
    """Speed, camera pitch and vertex count must arrive."""
    changed = [0.0, 0.0, 0.0, 0.0]
    changed[index] = off
    params = (changed[0], changed[1], changed[2], changed[3])
    assert first_difference([WireItem(command)], [WireItem(command, params=params)]) is not None


def test_a_value_that_is_not_given_may_come_back_as_zero() -> None:
    """NaN has no place in an autopilot's memory."""
    sent = WireItem(Command.DO_CHANGE_SPEED, params=(1.0, float("nan"), 0.0, 0.0))
    assert first_difference([sent], [replace(sent, params=(1.0, 0.0, 0.0, 0.0))]) is None


@given(
    x=st.integers(-(2**31), 2**31 - 1),
    y=st.integers(-(2**31), 2**31 - 1),
    z=st.floats(-1e4, 1e4),
    params=st.tuples(*[st.floats(-1e6, 1e6)] * 4),
    seq=st.integers(0, 65535),
)
def test_items_survive_the_message(
    x: int, y: int, z: float, params: tuple[float, float, float, float], seq: int
) -> None:
    """What goes into a message comes out of it."""
    item = WireItem(Command.NAV_WAYPOINT, Frame.GLOBAL, params, x, y, z)
    message: Message = item.message(VEHICLE, seq, MissionType.MISSION)
    assert WireItem.of(message) == item
    assert (message["seq"], message["current"]) == (seq, int(seq == 0))
