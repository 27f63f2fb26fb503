"""What an operator may order when, and what is left out by a skip."""

import asyncio
import itertools

import pytest

from flight.errors import CommandRefusedError
from flight.missions import Action, MissionItem
from flight.orders import Order, OrderDesk, skip_target, why_not
from flight.states import FINAL_STATES, PatrolState
from geofences.geodesy import LonLat

PLACE = LonLat(115.62, 33.16)


@pytest.mark.parametrize("order", Order)
def test_a_pilots_aircraft_takes_no_orders(order: Order) -> None:
    """The sentence says whom to ask."""
    assert "ask the pilot" in why_not(order, PatrolState.PILOT_CONTROL)


@pytest.mark.parametrize("order", [Order.PAUSE, Order.RESUME, Order.SKIP, Order.SKIP_CELL])
def test_a_failsafes_aircraft_is_never_sent_back_on_its_mission(order: Order) -> None:
    """It may only come down sooner, or nearer."""
    assert "never resumed" in why_not(order, PatrolState.FAILSAFE)
    assert not why_not(Order.LAND, PatrolState.FAILSAFE)
    assert not why_not(Order.RETURN, PatrolState.FAILSAFE)


@pytest.mark.parametrize(("order", "state"), list(itertools.product(Order, sorted(FINAL_STATES))))
def test_nothing_is_ordered_after_the_end(order: Order, state: PatrolState) -> None:
    """It has landed, or we have let go of it."""
    assert why_not(order, state)


def test_only_what_is_paused_is_resumed() -> None:
    """And only what is on patrol is paused."""
    resumable = {state for state in PatrolState if not why_not(Order.RESUME, state)}
    assert resumable == {PatrolState.PAUSED}
    assert {s for s in PatrolState if not why_not(Order.PAUSE, s)} == {PatrolState.ON_PATROL}


def lane(*codes: str) -> tuple[MissionItem, ...]:
    """Return waypoints over these cells; `!` is a camera that starts."""
    return tuple(
        MissionItem(Action.CAMERA_START)
        if code == "!"
        else MissionItem(Action.WAYPOINT, PLACE, 40.0, cell_code=code)
        for code in codes
    )


def test_a_skip_goes_on_with_the_very_next_item() -> None:
    """So that a setting between two waypoints is made."""
    assert skip_target(lane("a", "!", "b"), 0, whole_cell=False) == 1


def test_a_skipped_cell_is_left_out_wholly() -> None:
    """The next thing flown to looks at another cell."""
    assert skip_target(lane("a", "a", "a", "b"), 0, whole_cell=True) == 3
    assert skip_target(lane("", "a", "b"), 0, whole_cell=True) == 1


def test_what_the_rest_needs_is_not_skipped() -> None:
    """The camera would never start."""
    with pytest.raises(CommandRefusedError, match="camera_start"):
        skip_target(lane("a", "!", "a", "b"), 0, whole_cell=True)


def test_after_the_last_item_there_is_nothing_to_skip_to() -> None:
    """Return or land is what is meant then."""
    with pytest.raises(CommandRefusedError, match="nothing to skip to"):
        skip_target(lane("a"), 0, whole_cell=False)


def test_orders_are_carried_out_one_after_another() -> None:
    """A second one waits until the first has been seen to be done."""
    done: list[str] = []

    async def slowly(order: Order) -> str:
        done.append(f"begin {order.value}")
        await asyncio.sleep(0)
        done.append(f"end {order.value}")
        return order.value

    async def run() -> None:
        desk = OrderDesk()
        with pytest.raises(CommandRefusedError, match="no flight under way"):
            await desk.give(Order.PAUSE)
        desk.attend(slowly)
        await asyncio.gather(desk.give(Order.PAUSE), desk.give(Order.LAND))

    asyncio.run(run())
    assert done == ["begin pause", "end pause", "begin land", "end land"]
