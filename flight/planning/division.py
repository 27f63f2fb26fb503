"""Cutting one path into contiguous pieces, one for each flight, balanced by time.

Every piece fits the battery of its aircraft with the reserve, ways there and back included.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft

FloatArray = NDArray[np.float64]

_MOST_ORDERS_OF = 4  # aircraft up to which every order along the path is tried
_MOST_FLIGHTS = 200


@dataclass(frozen=True, slots=True)
class Flight:
    """A piece of the path given to an aircraft.

    Attributes:
        aircraft_index: Its place in the request.
        first: Index of the first point of the piece.
        last: Index of the last one.
    """

    aircraft_index: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What a path costs one aircraft, in seconds or in watt-hours.

    Attributes:
        until: From the first point of the path to each, float64, (N,).
        out: From take-off to each point, float64, (N,).
        home: From each point to having landed, float64, (N,).
    """

    until: FloatArray
    out: FloatArray
    home: FloatArray

    def of(self, first: int, last: int) -> float:
        """What one flight over a piece costs."""
        return float(self.until[last] - self.until[first] + self.out[first] + self.home[last])

    def of_all(self, firsts: Sequence[int], lasts: Sequence[int]) -> FloatArray:
        """What flights from each of some points to each of some others cost, (firsts, lasts)."""
        start = np.asarray(self.out)[list(firsts)] - np.asarray(self.until)[list(firsts)]
        end = np.asarray(self.home)[list(lasts)] + np.asarray(self.until)[list(lasts)]
        costs: FloatArray = start[:, None] + end[None, :]
        return costs


@dataclass(frozen=True, slots=True)
class Timetable:
    """What each aircraft would take for each piece of a path, ways there and back included.

    Attributes:
        aircraft: Who may fly.
        times_s: For each of them.
        energies_wh: For each of them.
    """

    aircraft: tuple[Aircraft, ...]
    times_s: tuple[Costs, ...]
    energies_wh: tuple[Costs, ...]

    def fits(self, flight: Flight) -> bool:
        """Whether a flight leaves its aircraft the reserve."""
        index, craft = flight.aircraft_index, self.aircraft[flight.aircraft_index]
        return (
            self.times_s[index].of(flight.first, flight.last) <= craft.usable_s
            and self.energies_wh[index].of(flight.first, flight.last) <= craft.usable_wh
        )

    def time_s(self, flight: Flight) -> float:
        """Time of a flight from take-off to landing."""
        return self.times_s[flight.aircraft_index].of(flight.first, flight.last)


def divide(table: Timetable, cuts: Sequence[tuple[int, int]], count: int) -> tuple[Flight, ...]:
    """Cut a path into one flight for each aircraft, or into more where batteries ask for it.

    Args:
        table: Times and energies of all pieces.
        cuts: Where the path may be cut, ascending: the last point before and the first after it;
            what lies between them is a link that nobody flies then.
        count: How many points the path has.

    Returns:
        The flights in path order; the longest is as short as contiguous pieces allow.

    Raises:
        PlanningError: If an aircraft cannot fly even the shortest piece on one battery.
    """
    pieces = _Pieces((0, *(after for _, after in cuts)), (*(b for b, _ in cuts), count - 1))
    # More aircraft than lanes stay at home.
    orders = _orders(len(table.aircraft), min(len(table.aircraft), len(pieces.lasts)))
    plans = [_balanced(table, pieces, order) for order in orders]
    best = min(plans, key=lambda plan: max(map(table.time_s, plan)))
    if all(map(table.fits, best)):
        return best
    return _by_battery(table, pieces)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The pieces that are never cut: their first and last points."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]


def _orders(aircraft: int, count: int) -> list[tuple[int, ...]]:
    # The orders of five are 120; the order given is then as good a guess as any.
    if aircraft > _MOST_ORDERS_OF:
        return [tuple(range(count))]
    return list(itertools.permutations(range(aircraft), count))


def _balanced(table: Timetable, pieces: _Pieces, order: Sequence[int]) -> tuple[Flight, ...]:
    """The cuts that make the longest flight shortest, by dynamic programming over the cuts."""
    count = len(pieces.lasts)
    longest_s = table.times_s[order[0]].of_all(pieces.firsts[:1], pieces.lasts)[0]
    taken: list[NDArray[np.int64]] = []
    for index in order[1:]:
        times_s = table.times_s[index].of_all(pieces.firsts, pieces.lasts)
        # The flights before end with piece i - 1, this one has pieces i to j.
        before_s = np.concatenate([[np.inf], longest_s[:-1]])
        worst_s = np.maximum(before_s[:, None], times_s)
        worst_s[np.tril_indices(count, -1)] = np.inf
        taken.append(np.argmin(worst_s, axis=0))
        longest_s = worst_s[taken[-1], np.arange(count)]
    flights: list[Flight] = []
    end = count - 1
    for index, starts in zip(order[:0:-1], reversed(taken), strict=True):
        start = int(starts[end])
        flights.append(Flight(index, pieces.firsts[start], pieces.lasts[end]))
        end = start - 1
    flights.append(Flight(order[0], pieces.firsts[0], pieces.lasts[end]))
    return tuple(reversed(flights))


def _by_battery(table: Timetable, pieces: _Pieces) -> tuple[Flight, ...]:
    """Fill one battery after the other, the aircraft taking turns."""
    flights: list[Flight] = []
    piece, count = 0, len(pieces.lasts)
    while piece < count:
        index = len(flights) % len(table.aircraft)
        end = piece
        while end < count and table.fits(Flight(index, pieces.firsts[piece], pieces.lasts[end])):
            end += 1
        if end == piece or len(flights) == _MOST_FLIGHTS:
            flight = Flight(index, pieces.firsts[piece], pieces.lasts[piece])
            raise _too_far(table, flight, len(flights))
        flights.append(Flight(index, pieces.firsts[piece], pieces.lasts[end - 1]))
        piece = end
    return tuple(flights)


def _too_far(table: Timetable, flight: Flight, done: int) -> PlanningError:
    craft = table.aircraft[flight.aircraft_index]
    if done >= _MOST_FLIGHTS:
        return PlanningError(
            f"The area needs more than {_MOST_FLIGHTS} flights. Choose fewer cells, or plan them "
            "as several patrols."
        )
    time_s = table.time_s(flight)
    energy_wh = table.energies_wh[flight.aircraft_index].of(flight.first, flight.last)
    return PlanningError(
        f"Aircraft {craft.name!r} would need {time_s:.0f} s and {energy_wh:.0f} Wh for one lane "
        f"and the way to and from it, but may fly {craft.usable_s:.0f} s and use "
        f"{craft.usable_wh:.0f} Wh of a battery (its endurance of {craft.endurance_s:.0f} s and "
        f"its {craft.battery_wh:.0f} Wh less the reserve). Use a nearer dock or a larger battery."
    )
