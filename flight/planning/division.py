"""Cutting one path into contiguous pieces, one for each flight, balanced by time.

Every piece fits the battery of its aircraft with the reserve, ways there and back included. What
no battery lasts for is left out and told.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import OutOfReachError, PlanningError
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


@dataclass(frozen=True, slots=True)
class Division:
    """How a path is flown.

    Attributes:
        flights: In path order.
        left_out: First and last points of the pieces that nobody can fly on one battery.
    """

    flights: tuple[Flight, ...]
    left_out: tuple[tuple[int, int], ...] = ()


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


def divide(table: Timetable, cuts: Sequence[tuple[int, int]], count: int) -> Division:
    """Cut a path into one flight for each aircraft, or into more where batteries ask for it.

    Args:
        table: Times and energies of all pieces.
        cuts: Where the path may be cut, ascending: the last point before and the first after it;
            what lies between them is a link that nobody flies then.
        count: How many points the path has.

    Returns:
        The flights in path order; the longest is as short as contiguous pieces allow. Pieces that
        no aircraft can fly on one battery are left out of them.

    Raises:
        OutOfReachError: If no aircraft can fly even one piece on one battery.
        PlanningError: If there are too many flights.
    """
    pieces = _Pieces((0, *(after for _, after in cuts)), (*(b for b, _ in cuts), count - 1))
    # More aircraft than lanes stay at home.
    orders = _orders(len(table.aircraft), min(len(table.aircraft), len(pieces.lasts)))
    plans = [_balanced(table, pieces, order) for order in orders]
    best = min(plans, key=lambda plan: max(map(table.time_s, plan)))
    if all(map(table.fits, best)):
        return Division(best)
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


def _by_battery(table: Timetable, pieces: _Pieces) -> Division:
    """Fill one battery after the other; the aircraft that is there first flies next."""
    flights: list[Flight] = []
    left_out: list[int] = []
    ready_s = [0.0] * len(table.aircraft)
    piece, count = 0, len(pieces.lasts)
    while piece < count:
        flight = _next_flight(table, pieces, piece, ready_s)
        if flight is None:
            left_out.append(piece)
            piece += 1
            continue
        if len(flights) == _MOST_FLIGHTS:
            raise PlanningError(
                f"The area needs more than {_MOST_FLIGHTS} flights. Choose fewer cells, or plan "
                "them as several patrols."
            )
        flights.append(flight)
        ready_s[flight.aircraft_index] += table.time_s(flight)
        piece = pieces.lasts.index(flight.last, piece) + 1
    if not flights:
        raise _too_far(table, pieces)
    return Division(tuple(flights), _joined(pieces, left_out))


def _next_flight(
    table: Timetable, pieces: _Pieces, piece: int, ready_s: Sequence[float]
) -> Flight | None:
    """As many pieces as a battery lasts for, of the first aircraft there that can fly any."""
    first = pieces.firsts[piece]
    there_s = [
        ready + float(costs.out[first]) for ready, costs in zip(ready_s, table.times_s, strict=True)
    ]
    for index in np.argsort(there_s, kind="stable").tolist():
        flown = None
        for last in pieces.lasts[piece:]:
            flight = Flight(index, first, last)
            if not table.fits(flight):
                break
            flown = flight
        if flown is not None:
            return flown
    return None


def _joined(pieces: _Pieces, left_out: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """First and last points of what is left out, neighbours as one."""
    runs: list[list[int]] = []
    for piece in left_out:
        if runs and runs[-1][-1] == piece - 1:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return tuple((pieces.firsts[run[0]], pieces.lasts[run[-1]]) for run in runs)


def _too_far(table: Timetable, pieces: _Pieces) -> OutOfReachError:
    """Why not even the piece that takes least can be flown."""
    flights = [
        Flight(index, first, last)
        for index in range(len(table.aircraft))
        for first, last in zip(pieces.firsts, pieces.lasts, strict=True)
    ]
    nearest = min(flights, key=table.time_s)
    craft = table.aircraft[nearest.aircraft_index]
    time_s = table.time_s(nearest)
    if not math.isfinite(time_s):
        return OutOfReachError(
            "No way leads from any dock to what is to be flown that keeps clear of the zones. "
            "Choose another dock, or leave out what lies behind the zones."
        )
    energy_wh = table.energies_wh[nearest.aircraft_index].of(nearest.first, nearest.last)
    return OutOfReachError(
        f"Aircraft {craft.name!r} would need {time_s:.0f} s and {energy_wh:.0f} Wh for one lane "
        f"and the way to and from it, but may fly {craft.usable_s:.0f} s and use "
        f"{craft.usable_wh:.0f} Wh of a battery (its endurance of {craft.endurance_s:.0f} s and "
        f"its {craft.battery_wh:.0f} Wh less the reserve). Use a nearer dock or a larger battery."
    )
