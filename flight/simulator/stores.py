"""Where an autopilot keeps its mission, its fence and its rally points."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from flight.simulator.fences import FENCE_COMMANDS, POLYGON_COMMANDS, fence_problems
from flight.simulator.items import Item, normalised, position_refusal, refusal
from flight.simulator.mavlink_ids import Command, PlanKind, TransferResult

_HOME_NOWHERE = Item(Command.WAYPOINT)
_FEWEST_KEPT = 3
_GLOBAL_FRAMES = frozenset({0, 3, 5, 6, 10, 11})
_RELATIVE_ALT = 3
_RELATIVE_FRAMES = frozenset({_RELATIVE_ALT, 6})


class Store(Protocol):
    """A list that an upload fills item by item."""

    kind: PlanKind
    capacity: int

    @property
    def items(self) -> Sequence[Item]:
        """What is on board, in the order of its sequence numbers."""
        ...

    def begin(self, count: int) -> None:
        """Prepare for `count` items."""
        ...

    def put(self, sequence: int, item: Item) -> TransferResult | None:
        """Take one item; return why it ends the upload, None if it is accepted."""
        ...

    def finish(self) -> tuple[str, ...]:
        """End a complete upload; return the texts that refuse it, empty if it is accepted."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


class InPlaceMission:
    """ArduPilot's mission store: an upload overwrites it item by item, and home is item 0.

    MISSION_COUNT truncates; after a failed upload a mixture of old and new stays on board.

    Attributes:
        received: How many uploads were complete.
        plan_id: ArduPilot gives no ids to its missions: 0.
    """

    kind = PlanKind.MISSION

    def __init__(self, capacity: int = 650) -> None:
        self.capacity = capacity
        self.received = 0
        self.plan_id = 0
        self._items: list[Item] = []
        self._home = _HOME_NOWHERE

    @property
    def items(self) -> Sequence[Item]:
        """Home, then the mission; empty without a mission."""
        return self._items

    def set_home(self, home: Item) -> None:
        """Let item 0 be the place where the aircraft was armed."""
        self._home = home
        if self._items:
            self._items[0] = home

    def begin(self, count: int) -> None:
        """Cut what is longer than the new mission."""
        del self._items[count:]

    def put(self, sequence: int, item: Item) -> TransferResult | None:
        """Write over the item at this place, in the form in which it will be read back."""
        if sequence == 0:
            item = self._home
        else:
            why = refusal(item)
            if why is not None:
                return why
            item = normalised(item)
        self._items[sequence : sequence + 1] = [item]
        return None

    def finish(self) -> tuple[str, ...]:
        """Nothing is left to be done: the items are on board already."""
        self.received += 1
        return ()

    def clear(self) -> None:
        """Forget the mission."""
        self._items.clear()


class StagedMission:
    """PX4's mission store: the old mission stays until the new one is complete; no home item.

    Attributes:
        received: How many uploads were complete.
        plan_id: What tells this mission from others, as PX4 names it in MISSION_CURRENT.
    """

    kind = PlanKind.MISSION

    def __init__(self, capacity: int = 2000) -> None:
        self.capacity = capacity
        self.received = 0
        self.plan_id = 0
        self._items: list[Item] = []
        self._staged: list[Item] = []

    @property
    def items(self) -> Sequence[Item]:
        """The mission."""
        return self._items

    def begin(self, count: int) -> None:
        """Start a new list beside the old one."""
        del count
        self._staged = []

    def put(self, sequence: int, item: Item) -> TransferResult | None:
        """Add an item to the new list."""
        del sequence
        why = refusal(item)
        if why is None:
            self._staged.append(item)
        return why

    def finish(self) -> tuple[str, ...]:
        """Replace the old mission."""
        self._items, self._staged = self._staged, []
        self.received += 1
        self.plan_id = zlib.crc32(repr(self._items).encode()) or 1
        return ()

    def clear(self) -> None:
        """Forget the mission."""
        self._items = []
        self.plan_id = 0


class FenceStore:
    """The fence: checked as a whole after its last item, so a refused one leaves the old one.

    Args:
        capacity: The most items.
        forgetful: Whether to have ArduPilot's bug: one or two circles, or a return point alone,
            that replace a polygon fence are accepted and lost soon afterwards.
    """

    kind = PlanKind.FENCE

    def __init__(self, capacity: int = 70, *, forgetful: bool = False) -> None:
        self.capacity = capacity
        self.doomed = False
        self._forgetful = forgetful
        self._items: tuple[Item, ...] = ()
        self._staged: list[Item] = []

    @property
    def items(self) -> Sequence[Item]:
        """The valid fence on board."""
        return self._items

    def begin(self, count: int) -> None:
        """Start a new list beside the old one."""
        del count
        self._staged = []

    def put(self, sequence: int, item: Item) -> TransferResult | None:
        """Take an item whose kind and frame can be a fence's."""
        del sequence
        if item.command not in FENCE_COMMANDS:
            return TransferResult.UNSUPPORTED
        if item.frame not in _GLOBAL_FRAMES:
            return TransferResult.UNSUPPORTED_FRAME
        self._staged.append(item)
        return None

    def finish(self) -> tuple[str, ...]:
        """Validate, and only then replace."""
        problems = fence_problems(self._staged)
        if not problems:
            had_polygon = any(item.command in POLYGON_COMMANDS for item in self._items)
            has_polygon = any(item.command in POLYGON_COMMANDS for item in self._staged)
            few = len(self._staged) < _FEWEST_KEPT
            self.doomed = self._forgetful and had_polygon and not has_polygon and few
            self._items = tuple(self._staged)
        return problems

    def clear(self) -> None:
        """Forget the fence."""
        self._items = ()
        self.doomed = False


class RallyStore:
    """Rally points, overwritten one by one.

    Args:
        capacity: The most points.
        whole_metres: Whether heights lose their fraction and must be above home, as ArduPilot's.
    """

    kind = PlanKind.RALLY

    def __init__(self, capacity: int = 80, *, whole_metres: bool = True) -> None:
        self.capacity = capacity
        self._whole_metres = whole_metres
        self._items: list[Item] = []

    @property
    def items(self) -> Sequence[Item]:
        """The points."""
        return self._items

    def begin(self, count: int) -> None:
        """Cut what is longer than the new list."""
        del self._items[count:]

    def put(self, sequence: int, item: Item) -> TransferResult | None:
        """Write over the point at this place."""
        if item.command != Command.RALLY_POINT:
            return TransferResult.UNSUPPORTED
        if position_refusal(item) is not None:
            return position_refusal(item)
        if self._whole_metres:
            if item.frame not in _RELATIVE_FRAMES:
                return TransferResult.UNSUPPORTED_FRAME
            item = replace(item, frame=_RELATIVE_ALT, z=float(int(item.z)))
        self._items[sequence : sequence + 1] = [item]
        return None

    def finish(self) -> tuple[str, ...]:
        """Nothing is left to be done."""
        return ()

    def clear(self) -> None:
        """Forget the points."""
        self._items.clear()


@dataclass(frozen=True, slots=True)
class Memory:
    """What survives a reboot: the three lists of the vehicle."""

    mission: InPlaceMission | StagedMission
    fence: FenceStore = field(default_factory=FenceStore)
    rally: RallyStore = field(default_factory=RallyStore)
