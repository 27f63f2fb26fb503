"""When each aircraft flies which flight, between batteries, so that the patrol is over soonest.

Flights are bound to docks, and so are aircraft; each dock is planned by itself. Flights are handed
out longest first to whoever lands first with them (Graham, SIAM J. Appl. Math. 17 (1969)), and
then moved and swapped while that ends the patrol earlier. Setting up an aircraft takes the crew's
time, so more aircraft are not always sooner done: every number of them is tried.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError

FloatArray = NDArray[np.float64]
Queues = list[list[int]]  # for each aircraft the flights it makes, in order

_SOONER_S = 1e-6
_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What an aircraft asks for before its first and between two flights.

    Attributes:
        set_up_s: Time of the dock's crew until it is ready, one aircraft after the other; 0 for a
            dock that does it by itself.
        swap_s: From landing to the next take-off with another battery.
        batteries: How many it has; all are full at the start.
        charge_s: Time to charge a battery, however much was flown.
        charge_s_per_wh: And what it takes for each watt-hour that was.
    """

    set_up_s: float = 0.0
    swap_s: float = 120.0
    batteries: int = 1
    charge_s: float = 0.0
    charge_s_per_wh: float = 0.0

    def __post_init__(self) -> None:
        times_s = (self.set_up_s, self.swap_s, self.charge_s, self.charge_s_per_wh)
        if not all(0.0 <= time_s < math.inf for time_s in times_s) or self.batteries < 1:
            raise PlanningError(
                "Setting up, swapping and charging take 0 s or more, and an aircraft has at least "
                "one battery. Correct its entry."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Flights:
    """What is to be flown by whom.

    Attributes:
        durations_s: float64, (F, A): what each flight takes with each aircraft, take-off to
            landing; infinite where it cannot fly it, such as from another dock.
        energies_wh: float64, (F, A): what each takes out of the battery.
        upkeep: Of each aircraft.
        docks: The dock of each aircraft; crews work at one each.
    """

    durations_s: FloatArray
    energies_wh: FloatArray
    upkeep: tuple[Upkeep, ...]
    docks: tuple[int, ...]

    def __post_init__(self) -> None:
        shape = np.shape(self.durations_s)
        expected = (len(self.durations_s), len(self.upkeep))
        if (
            shape != expected
            or np.shape(self.energies_wh) != shape
            or expected[1] != len(self.docks)
        ):
            raise ValueError(f"{shape} durations do not fit {len(self.upkeep)} aircraft.")
        for flight in range(shape[0]):
            able = np.isfinite(self.durations_s[flight])
            if not able.any():
                raise PlanningError(
                    f"No aircraft can make flight {flight}: it is too long for all of them, or "
                    "none is at its dock. Shorten it, or station another aircraft there."
                )
            if len({self.docks[i] for i in np.flatnonzero(able)}) > 1:
                raise ValueError(f"Flight {flight} starts from two docks.")


@dataclass(frozen=True, slots=True)
class Slot:
    """When a flight takes place.

    Attributes:
        flight: Its index.
        aircraft: Who makes it.
        start_s: Take-off, after the patrol's start.
        end_s: Landing.
    """

    flight: int
    aircraft: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Timetable:
    """When everything is flown.

    Attributes:
        slots: One for each flight, by flight.
        end_s: When the last has landed.
        ends_s: For each dock in order, and there for 1, 2, ... aircraft, when its last flight
            would have landed; infinite where so few cannot fly all. The best number is in use.
    """

    slots: tuple[Slot, ...]
    end_s: float
    ends_s: tuple[tuple[float, ...], ...]


def make_timetable(flights: Flights) -> Timetable:
    """Give every flight an aircraft and a time so that the last one lands soon.

    Args:
        flights: What is to be flown by whom.

    Returns:
        The timetable; the same flights give the same one.
    """
    slots: list[Slot] = []
    ends_s = []
    for dock in sorted(set(flights.docks)):
        here = [i for i, at in enumerate(flights.docks) if at == dock]
        due = np.flatnonzero(np.isfinite(flights.durations_s[:, here]).any(axis=1)).tolist()
        options = [_best_of(flights, due, crew) for crew in _crews(flights, due, here)]
        ends_s.append(tuple(_end_s(option) for option in options))
        soonest: list[Slot] = min(options, key=_end_s)
        slots += soonest
    slots.sort(key=lambda slot: slot.flight)
    return Timetable(tuple(slots), _end_s(slots), tuple(ends_s))


def _crews(flights: Flights, due: Sequence[int], here: Sequence[int]) -> Iterable[list[int]]:
    """The aircraft to set up, for every number of them: those first that can fly most, fastest."""
    durations_s = flights.durations_s[due]

    def use(aircraft: int) -> tuple[int, float, int]:
        able = np.isfinite(durations_s[:, aircraft])
        return -int(able.sum()), float(durations_s[able, aircraft].sum()), aircraft

    ranked = sorted(here, key=use)
    return ([*ranked[:count]] for count in range(1, len(ranked) + 1))


def _best_of(flights: Flights, due: Sequence[int], crew: Sequence[int]) -> list[Slot]:
    """The slots of a dock's flights with some of its aircraft; one endless slot if they cannot."""
    queues = _handed_out(flights, due, crew)
    if queues is None:
        return [Slot(-1, -1, 0.0, math.inf)]
    for _ in range(_MOST_ROUNDS):
        better = _bettered(flights, crew, queues)
        if better is None:
            break
        queues = better
    return [slot for at in range(len(crew)) for slot in _slots(flights, crew, at, queues[at])]


def _handed_out(flights: Flights, due: Sequence[int], crew: Sequence[int]) -> Queues | None:
    """Longest flights first, each to the aircraft that lands with it first."""
    shortest_s = flights.durations_s[:, list(crew)].min(axis=1)
    queues: Queues = [[] for _ in crew]
    for flight in sorted(due, key=lambda flight: (-shortest_s[flight], flight)):
        ends_s = [
            _end_s(_slots(flights, crew, at, [*queue, flight])) for at, queue in enumerate(queues)
        ]
        best = int(np.argmin(ends_s))
        if not math.isfinite(ends_s[best]):
            return None
        queues[best].append(flight)
    return queues


def _bettered(flights: Flights, crew: Sequence[int], queues: Queues) -> Queues | None:
    """The first change of the last aircraft's flights that lets the patrol end earlier."""
    ends_s = [_end_s(_slots(flights, crew, at, queue)) for at, queue in enumerate(queues)]
    last = int(np.argmax(ends_s))
    for changed in _changes(queues, last):
        touched = [at for at in range(len(crew)) if changed[at] != queues[at]]
        new_s = [_end_s(_slots(flights, crew, at, changed[at])) for at in touched]
        if max(new_s) < ends_s[last] - _SOONER_S:
            return changed
    return None


def _changes(queues: Queues, last: int) -> Iterable[Queues]:
    """Another order of one aircraft's flights; one of them moved to, or swapped with, others."""
    mine = queues[last]
    for i, j in itertools.combinations(range(len(mine)), 2):
        order = mine.copy()
        order[i], order[j] = order[j], order[i]
        yield [order if at == last else queue for at, queue in enumerate(queues)]
    for other, i in itertools.product(range(len(queues)), range(len(mine))):
        if other == last:
            continue
        rest = mine[:i] + mine[i + 1 :]
        for j in range(len(queues[other]) + 1):
            moved = [*queues[other][:j], mine[i], *queues[other][j:]]
            yield [{last: rest, other: moved}.get(at, queue) for at, queue in enumerate(queues)]
        for j, theirs in enumerate(queues[other]):
            given = [*queues[other][:j], mine[i], *queues[other][j + 1 :]]
            taken = [*mine[:i], theirs, *mine[i + 1 :]]
            yield [{last: taken, other: given}.get(at, queue) for at, queue in enumerate(queues)]


def _slots(flights: Flights, crew: Sequence[int], at: int, queue: Sequence[int]) -> list[Slot]:
    """When an aircraft makes its flights one after the other, each with the battery full first."""
    aircraft = crew[at]
    upkeep = flights.upkeep[aircraft]
    ready_s = sum(flights.upkeep[each].set_up_s for each in crew[: at + 1])
    full_s = [0.0] * upkeep.batteries
    slots = []
    for flight in queue:
        battery = full_s.index(min(full_s))
        start_s = max(ready_s, full_s[battery])
        end_s = start_s + float(flights.durations_s[flight, aircraft])
        slots.append(Slot(flight, aircraft, start_s, end_s))
        ready_s = end_s + upkeep.swap_s
        used_wh = float(flights.energies_wh[flight, aircraft])
        full_s[battery] = end_s + upkeep.charge_s + upkeep.charge_s_per_wh * used_wh
    return slots


def _end_s(slots: Sequence[Slot]) -> float:
    return max((slot.end_s for slot in slots), default=0.0)
