"""Cutting one coverage path into contiguous pieces, one for each flight, balanced by time.

All plane geometry here is in metres of a local frame.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft

FloatArray = NDArray[np.float64]

_MOST_ORDERS_OF = 4  # aircraft up to which every order along the path is tried
_MOST_FLIGHTS = 200

Way = Callable[[int, FloatArray], float]  # aircraft index, point on the path -> metres of transit


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


class Timetable:
    """How long each aircraft would take for each piece of a path, transits included."""

    def __init__(
        self,
        path: FloatArray,
        aircraft: Sequence[Aircraft],
        transit_m: FloatArray,
        *,
        speed_mps: float,
        height_m: float,
    ) -> None:
        """Work out the times of all legs and transits.

        Args:
            path: float64, (N, 2), metres.
            aircraft: Who flies.
            transit_m: float64, (aircraft, N): way from each one's dock to each point.
            speed_mps: Cruise speed.
            height_m: Above home.
        """
        self.aircraft = tuple(aircraft)
        self.count = len(path)
        legs = aircraft[0].leg_times_s(path, speed_mps)
        self._until_s = np.concatenate([[0.0], np.cumsum(legs)])
        # One more acceleration and one more halt at either end of a piece.
        halts_s = np.array([[speed_mps / a.acceleration_mps2] for a in aircraft])
        self._transit_s = transit_m / speed_mps + halts_s
        self._vertical_s = [a.vertical_time_s(height_m) for a in aircraft]

    def time_s(self, index: int, first: int, last: int) -> float:
        """Time of one flight from take-off to landing."""
        return float(
            self._until_s[last]
            - self._until_s[first]
            + self._transit_s[index, first]
            + self._transit_s[index, last]
            + self._vertical_s[index]
        )


def divide(table: Timetable, cuts: Sequence[tuple[int, int]]) -> tuple[Flight, ...]:
    """Cut a path into one flight for each aircraft, or into more where batteries ask for it.

    Args:
        table: Times of all pieces.
        cuts: Where the path may be cut, ascending: the last point before and the first after it;
            what lies between them is a link that nobody flies then.

    Returns:
        The flights in path order; the longest is as short as contiguous pieces allow.

    Raises:
        PlanningError: If an aircraft cannot fly even the shortest piece on one battery.
    """
    # More aircraft than lanes stay at home.
    count = min(len(table.aircraft), len(cuts) + 1)
    orders = _orders(len(table.aircraft), count)
    plans = [_balanced(table, cuts, order) for order in orders]
    best = min(plans, key=lambda plan: _longest_s(table, plan))
    if all(_fits(table, flight) for flight in best):
        return best
    return _by_battery(table, cuts)


def _orders(aircraft: int, count: int) -> list[tuple[int, ...]]:
    # The orders of five are 120; the order given is then as good a guess as any.
    if aircraft > _MOST_ORDERS_OF:
        return [tuple(range(count))]
    return list(itertools.permutations(range(aircraft), count))


def _longest_s(table: Timetable, plan: Sequence[Flight]) -> float:
    return max(table.time_s(f.aircraft_index, f.first, f.last) for f in plan)


def _fits(table: Timetable, flight: Flight) -> bool:
    time_s = table.time_s(flight.aircraft_index, flight.first, flight.last)
    return time_s <= table.aircraft[flight.aircraft_index].usable_s


def _balanced(
    table: Timetable, cuts: Sequence[tuple[int, int]], order: Sequence[int]
) -> tuple[Flight, ...]:
    """The cuts that make the longest flight shortest, by dynamic programming over the cuts."""
    ends = [*(before for before, _ in cuts), table.count - 1]
    starts = [0, *(after for _, after in cuts)]
    best: list[tuple[float, tuple[Flight, ...]]] = [
        (table.time_s(order[0], 0, end), (Flight(order[0], 0, end),)) for end in ends
    ]
    for step, index in enumerate(order[1:], start=1):
        following: list[tuple[float, tuple[Flight, ...]]] = [(math.inf, ())] * len(ends)
        for j in range(step, len(ends)):
            for i in range(step - 1, j):
                time_s = max(best[i][0], table.time_s(index, starts[i + 1], ends[j]))
                if time_s < following[j][0]:
                    flight = Flight(index, starts[i + 1], ends[j])
                    following[j] = (time_s, (*best[i][1], flight))
        best = following
    return best[-1][1]


def _by_battery(table: Timetable, cuts: Sequence[tuple[int, int]]) -> tuple[Flight, ...]:
    """Fill one battery after the other, the aircraft taking turns."""
    flights: list[Flight] = []
    ends = [*(before for before, _ in cuts), table.count - 1]
    starts = [0, *(after for _, after in cuts)]
    piece = 0
    while piece < len(ends):
        index = len(flights) % len(table.aircraft)
        fitting = [
            end
            for end in range(piece, len(ends))
            if _fits(table, Flight(index, starts[piece], ends[end]))
        ]
        if not fitting or len(flights) == _MOST_FLIGHTS:
            raise _too_far(table, Flight(index, starts[piece], ends[piece]), len(flights))
        flights.append(Flight(index, starts[piece], ends[fitting[-1]]))
        piece = fitting[-1] + 1
    return tuple(flights)


def _too_far(table: Timetable, flight: Flight, done: int) -> PlanningError:
    craft = table.aircraft[flight.aircraft_index]
    if done >= _MOST_FLIGHTS:
        return PlanningError(
            f"The area needs more than {_MOST_FLIGHTS} flights. Choose fewer cells, or plan them "
            "as several patrols."
        )
    time_s = table.time_s(flight.aircraft_index, flight.first, flight.last)
    return PlanningError(
        f"Aircraft {craft.name!r} would need {time_s:.0f} s for one lane and the way to and from "
        f"it, but may fly {craft.usable_s:.0f} s on a battery (its endurance of "
        f"{craft.endurance_s:.0f} s less the reserve). Use a nearer dock or a longer endurance."
    )
