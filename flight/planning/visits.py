"""Sorties over many places as paths to fly, led round no-fly zones, each within its limit.

Sorties are planned by the lengths of the ways round zones. Then the legs that zones bar are led
round them; a sortie that is too long all the same is divided where that costs least.
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.dock_ways import dock_ways_m
from flight.planning.links import Passage, Point
from flight.planning.sortie_balance import Crews, Told, even_sorties
from flight.planning.sortie_start import Places, shortest_split
from flight.planning.sortie_tasks import Effort, FloatArray, Sortie, SortieTask
from flight.planning.work import Stop, WorkPath

_BESIDE_M = 75.0  # from how far beside it a place in a zone may still be looked at
_ROUNDING_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One flight from a dock over places and back.

    Attributes:
        dock: Index of the dock.
        places: Indices of the places in flying order.
        work: The path from the first place to the last; it may be divided between any two.
        length_m: The whole way, that to the first place and from the last one and stops included.
    """

    dock: int
    places: tuple[int, ...]
    work: WorkPath
    length_m: float


@dataclass(frozen=True, slots=True)
class Rounds:
    """Flights over places.

    Attributes:
        rounds: By dock.
        unreached: Indices of the places that no dock can reach within its limit.
    """

    rounds: tuple[Round, ...]
    unreached: tuple[int, ...]


def plan_visits(
    task: SortieTask,
    passage: Passage,
    effort: Effort | None = None,
    *,
    crews: Crews | None = None,
    hover_s: float = 0.0,
    told: Told = lambda _share, _length_m: None,
) -> Rounds:
    """Visit every place that can be reached, in about as short a total way as the effort finds.

    Args:
        task: What to visit, from where. A place in a zone is visited from beside it.
        passage: Finds ways that keep clear of zones; docks must lie in its room.
        effort: How long to search; what pays for the number of places if left out.
        crews: Who flies from each dock, so that all are done at about the same time; one aircraft
            each if left out.
        hover_s: How long to stand still over each place; `task.stops_m` says what that costs.
        told: Told how far the search is.

    Returns:
        Flights none of which is longer than its dock's limit, ways round zones included.
    """
    ways = _Ways(task, passage)
    near, reached = _within_reach(ways, passage)
    sorties = [
        Sortie(each.dock, tuple(reached[list(each.places)].tolist()), each.length_m)
        for each in even_sorties(
            near,
            ways.out_m[:, reached],
            crews or Crews((1,) * len(task.docks_m)),
            effort or Effort.for_places(len(reached)),
            told,
        )
    ]
    return _rounds(ways, sorties, hover_s)


def reachable_task(task: SortieTask, passage: Passage) -> tuple[SortieTask, Places]:
    """What of a task can be visited, with the lengths of the ways round zones.

    Args:
        task: What to visit, from where. A place in a zone is visited from beside it.
        passage: Finds ways that keep clear of zones; docks must lie in its room.

    Returns:
        The task of those places that a dock reaches within its limit, and their indices.
    """
    return _within_reach(_Ways(task, passage), passage)


def _within_reach(ways: "_Ways", passage: Passage) -> tuple[SortieTask, Places]:
    # Compiled, so imported only by those who need it.
    from flight.planning.leg_ways import leg_ways  # noqa: PLC0415

    reached = np.flatnonzero(ways.reachable())
    near = ways.task.part(reached)
    lengths = leg_ways(passage, near.places_m, near.docks_m)
    return dataclasses.replace(near, ways=lengths), reached


def lead_sorties(
    task: SortieTask, sorties: Sequence[Sortie], passage: Passage, *, hover_s: float = 0.0
) -> Rounds:
    """Lead sorties round zones, and keep their limits.

    Args:
        task: What the sorties visit, from where.
        sorties: For example those that gather the most urgency.
        passage: Finds ways that keep clear of zones; docks must lie in its room.
        hover_s: How long to stand still over each place.

    Returns:
        At least as many flights; a sortie that has become too long is divided.
    """
    ways = _Ways(task, passage)
    reached = ways.reachable()
    kept = [
        Sortie(each.dock, tuple(p for p in each.places if reached[p]), each.length_m)
        for each in sorties
    ]
    rounds = _rounds(ways, kept, hover_s)
    beyond = sorted(p for each in sorties for p in each.places if not reached[p])
    return Rounds(rounds.rounds, tuple(beyond))


class _Ways:
    """Ways between the places and docks of a task, round the zones."""

    def __init__(self, task: SortieTask, passage: Passage) -> None:
        self._passage = passage
        room = passage.room
        places_m = task.places_m.copy()
        shapely.prepare(room)
        outside = ~shapely.covers(room, shapely.points(places_m))
        for place in np.flatnonzero(outside):
            beside = passage.nearest_inside(places_m[place])
            if math.dist(beside, places_m[place]) <= _BESIDE_M:
                places_m[place], outside[place] = beside, False
        self.task = SortieTask(places_m, task.docks_m, task.limits_m, task.stops_m)
        self.out_m = np.where(outside, np.inf, dock_ways_m(passage, task.docks_m, places_m))
        self._found: dict[tuple[Point, Point], list[Point] | None] = {}

    def reached(self) -> NDArray[np.bool_]:
        """Whether each dock reaches each place, bool (D, N)."""
        round_trips_m = 2.0 * self.out_m + self.task.stops_m
        return round_trips_m <= self.task.limits_m[:, None] - 2.0 * _ROUNDING_M

    def reachable(self) -> NDArray[np.bool_]:
        """Whether any dock reaches each place, bool (N,)."""
        within: NDArray[np.bool_] = np.logical_or.reduce(self.reached(), axis=0)
        return within

    def legs_m(self, order: Places) -> FloatArray:
        """True lengths of the ways from each place of an order to the next."""
        points = self.task.places_m[order]
        return self._lengths_m(points[:-1], points[1:])

    def way(self, a: int, b: int) -> list[Point]:
        """The points of the way between two places."""
        start, end = (_point(self.task.places_m[place]) for place in (a, b))
        return self._way(start, end) or [start, end]

    def _lengths_m(self, a: FloatArray, b: FloatArray) -> FloatArray:
        lengths_m: FloatArray = np.hypot(*(b - a).T)
        for index in np.flatnonzero(~self._passage.sees(a, b)):
            way = self._way(_point(a[index]), _point(b[index]))
            lengths_m[index] = math.inf if way is None else _length_m(way)
        return lengths_m

    def _way(self, start: Point, end: Point) -> list[Point] | None:
        """The way between two points, looked for once."""
        if (start, end) not in self._found:
            self._found[start, end] = self._passage.way(start, end)
        return self._found[start, end]


def _rounds(ways: _Ways, sorties: Sequence[Sortie], hover_s: float) -> Rounds:
    """Sorties with their true ways, divided where those are too long."""
    reached = ways.reached()
    orders = []
    strays: list[list[int]] = [[] for _ in ways.task.docks_m]
    for sortie in sorties:
        order = np.array(sortie.places, dtype=np.intp)
        own = reached[sortie.dock, order]
        orders.append((sortie.dock, order[own]))
        # What only looked near from this dock is flown to from the one that is.
        for place in order[~own].tolist():
            strays[int(np.where(reached[:, place], ways.out_m[:, place], np.inf).argmin())].append(
                place
            )
    orders += [(dock, np.array(order, dtype=np.intp)) for dock, order in enumerate(strays)]
    rounds = [each for dock, order in orders for each in _divided(ways, dock, order, hover_s)]
    unreached = np.flatnonzero(~ways.reachable())
    return Rounds(tuple(sorted(rounds, key=lambda r: r.dock)), tuple(unreached.tolist()))


def _divided(ways: _Ways, dock: int, order: Places, hover_s: float) -> list[Round]:
    if not len(order):
        return []
    out_m = ways.out_m[dock, order]
    along_m = np.concatenate([[0.0], np.cumsum(ways.legs_m(order))])
    stops_m = np.concatenate([[0.0], np.cumsum(ways.task.stops_m[order])])
    limit_m = float(ways.task.limits_m[dock]) - _ROUNDING_M
    return [
        Round(
            dock,
            tuple(order[begin:end].tolist()),
            _work(ways, order[begin:end].tolist(), hover_s),
            float(out_m[begin] + along_m[end - 1] - along_m[begin] + out_m[end - 1])
            + float(stops_m[end] - stops_m[begin]),
        )
        for begin, end in shortest_split(out_m, along_m, stops_m, limit_m)
    ]


def _work(ways: _Ways, places: list[int], hover_s: float) -> WorkPath:
    """The path over places, with the points at which it turns round zones."""
    points = [_point(ways.task.places_m[places[0]])]
    at = [0]
    for before, after in itertools.pairwise(places):
        points += ways.way(before, after)[1:]
        at.append(len(points) - 1)
    stops = {index: Stop(hover_s) for index in at} if hover_s > 0.0 else {}
    return WorkPath(np.array(points), tuple(itertools.pairwise(at)), stops)


def _point(row: FloatArray) -> Point:
    return float(row[0]), float(row[1])


def _length_m(way: Sequence[Point]) -> float:
    return sum(math.dist(a, b) for a, b in itertools.pairwise(way))
