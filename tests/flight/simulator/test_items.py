"""Mission items: what is stored of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.mavlink.protocol.messages import Message
from flight.simulator.items import Item, normalised, refusal
from flight.simulator.mavlink_ids import Command
from flight.simulator.mavlink_ids import TransferResult as Result

NUMBERS = st.floats(-1000, 1000)
ITEMS = st.builds(
    Item,
    command=st.sampled_from([16, 19, 20, 21, 22, 82, 93, 178, 195, 205, 1000, 2000]),
    frame=st.sampled_from([0, 3, 5, 6, 10, 11]),
    params=st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    x=st.integers(-900_000_000, 900_000_000),
    y=st.integers(-1_800_000_000, 1_800_000_000),
    z=NUMBERS,
)


@given(ITEMS)
def test_what_was_read_back_is_stored_unchanged(item: Item) -> None:
    """Normalising twice is normalising once, so a second upload reads back identically."""
    assert normalised(normalised(item)) == normalised(item)


@given(ITEMS)
def test_place_and_command_survive(item: Item) -> None:
    """Only frames, parameters and centimetres change."""
    stored = normalised(item)
    assert (item.command, item.x, item.y) == (stored.command, stored.x, stored.y)
    assert abs(stored.z - item.z) < 0.01 + 1e-6
    assert abs(stored.z) <= abs(item.z) + 1e-6  # MAVLink carries heights in single precision


@given(ITEMS)
def test_good_items_are_not_refused(item: Item) -> None:
    """Everything within its limits is taken."""
    assert refusal(item) is None


@pytest.mark.parametrize(("frame", "stored"), [(0, 0), (3, 3), (5, 0), (6, 3), (10, 10), (11, 10)])
def test_frames_lose_their_int_suffix(frame: int, stored: int) -> None:
    """Global, relative and terrain."""
    assert normalised(Item(Command.WAYPOINT, frame)).frame == stored


def test_unlocated_items_take_any_frame_and_are_stored_in_frame_zero() -> None:
    """MAV_FRAME_MISSION is right for DO_ items."""
    item = Item(Command.CHANGE_SPEED, 2, (0, 8.0, 0, 0))
    assert refusal(item) is None
    assert normalised(item).frame == 0


def test_a_loiter_lasts_whole_seconds() -> None:
    """The fraction is cut off; what else it carries is kept."""
    stored = normalised(Item(Command.LOITER_TIME, 6, (7.9, 0.0, 0.0, 1.0)))
    assert stored.params == (7.0, 0.0, 0.0, 1.0)


def test_yaw_of_nan_is_stored_as_zero() -> None:
    """NaN means "as it is"."""
    assert normalised(Item(Command.TAKEOFF, 3, (0, 0, 0, math.nan))).params[3] == 0


@pytest.mark.parametrize("index", [0, 1, 2])
def test_other_nans_are_named(index: int) -> None:
    """INVALID_PARAM1 to 3."""
    params = [0.0] * 4
    params[index] = math.nan
    p1, p2, p3, p4 = params
    assert refusal(Item(Command.WAYPOINT, 3, (p1, p2, p3, p4))) == Result.INVALID_PARAM1 + index


def test_float_item_with_nan_for_a_place_is_refused() -> None:
    """It must not become a place by accident."""
    fields = {f"param{index}": 0.0 for index in range(1, 5)}
    message = Message(
        "MISSION_ITEM", {"command": 16, "frame": 3, "x": math.nan, "y": 1.0, "z": 1.0, **fields}
    )
    assert refusal(Item.from_message(message)) == Result.INVALID_PARAM5_X
