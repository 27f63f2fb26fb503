"""Orders that an operator gives to a flight while it lasts.

An order is done when telemetry shows it, not when the autopilot says yes. A pilot's aircraft takes
no orders; one that a failsafe has may be sent home or landed, but never back on its mission.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from flight.errors import CommandRefusedError
from flight.missions import Action, MissionItem
from flight.states import PatrolState


class Order(StrEnum):
    """What an operator may ask of a flight."""

    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    SKIP_CELL = "skip-cell"
    RETURN = "return"
    LAND = "land"


_S = PatrolState
_POSSIBLE_IN = {
    Order.PAUSE: {_S.ON_PATROL},
    Order.RESUME: {_S.PAUSED},
    Order.SKIP: {_S.ON_PATROL, _S.PAUSED},
    Order.SKIP_CELL: {_S.ON_PATROL, _S.PAUSED},
    Order.RETURN: {_S.ON_PATROL, _S.PAUSED, _S.FAILSAFE},
    Order.LAND: {_S.ON_PATROL, _S.PAUSED, _S.RETURNING, _S.FAILSAFE},
}
BEFORE_FLIGHT = frozenset({_S.PREFLIGHT, _S.UPLOADING, _S.READY, _S.TAKING_OFF})
"""Where return and land mean that the start is broken off."""

_SETTINGS = frozenset({Action.CAMERA_START, Action.CAMERA_STOP, Action.SPEED, Action.GIMBAL})

Handler = Callable[[Order], Awaitable[str]]


def why_not(order: Order, state: PatrolState) -> str:
    """Return why an order cannot be carried out in a state, as a sentence's end; empty if it can.

    Args:
        order: What is asked.
        state: Where the flight stands.
    """
    if state is _S.PILOT_CONTROL:
        return "its pilot has it; ask the pilot"
    if state is _S.LINK_LOST:
        return "it is not heard just now"
    if state in BEFORE_FLIGHT and order in {Order.RETURN, Order.LAND}:
        return ""
    if state in _POSSIBLE_IN[order]:
        return ""
    if state is _S.FAILSAFE:
        return "a failsafe has it, and its mission is never resumed after that"
    return f"it is {state.value.replace('_', ' ')}"


def skip_target(items: tuple[MissionItem, ...], item: int, *, whole_cell: bool) -> int:
    """Return the item to go on with if the one being flown is skipped.

    Settings that follow the skipped waypoint are still made, since the autopilot goes on with the
    very next item.

    Args:
        items: The mission.
        item: Index of the item being flown.
        whole_cell: Whether all that looks at the same cell is skipped.

    Raises:
        CommandRefusedError: Nothing follows, or a setting that the rest needs would be skipped.
    """
    last = item
    code = items[item].cell_code if item < len(items) else ""
    if whole_cell and code:
        same = [
            i for i in range(item, len(items)) if items[i].cell_code == code and items[i].flown_to
        ]
        last = max(same, default=item)
    if last + 1 >= len(items):
        raise CommandRefusedError("There is nothing to skip to: the last item is being flown.")
    lost = [items[i].action.value for i in range(item + 1, last) if items[i].action in _SETTINGS]
    if lost:
        raise CommandRefusedError(
            f"The cell cannot be skipped at once: the rest needs what is set in it "
            f"({', '.join(lost)}). Skip it waypoint by waypoint."
        )
    return last + 1


class OrderDesk:
    """Where orders for one flight are handed in; they are carried out one after another."""

    def __init__(self) -> None:
        self._handler: Handler | None = None
        self._turn = asyncio.Lock()

    def attend(self, handler: Handler | None) -> None:
        """Have orders carried out by ``handler``; None when the flight has ended."""
        self._handler = handler

    async def give(self, order: Order) -> str:
        """Carry an order out and return, in words, what telemetry shows then.

        Raises:
            CommandRefusedError: It cannot be done now, or the aircraft does not do it.
        """
        async with self._turn:
            if self._handler is None:
                raise CommandRefusedError("There is no flight under way to give orders to.")
            return await self._handler(order)
