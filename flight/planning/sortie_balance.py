"""Sorties from several docks, shared so that all are done at about the same time.

Among sorties of nearly the same total length there are some that one dock flies nearly alone, and
others that docks share. Between the two lie much longer ones, so a search by small changes does
not come from the ones to the others. Here every place is first given to a dock, the less readily
the more that dock has to do; the sorties of each dock are searched by themselves, and then all
together for a while, which mends the borders.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from flight.planning.sortie_start import first_sorties
from flight.planning.sortie_tasks import Effort, FloatArray, Sortie, SortieTask

Owners = NDArray[np.intp]  # (N,): the dock of each place
Told = Callable[[float, float], None]
"""Is told what share of a search is done, and how long the sorties found last are, metres."""

LONGER_AT_MOST = 1.02
"""What an even share may cost in total length, times the shortest that was found."""

_EAGERNESS = (0.0, 4.0, 1.5, 0.5)  # at first only lengths count
_ALONE, _TOGETHER = 0.4, 0.25  # shares of the effort
_STEPS = (0.1,) * 100 + (0.02,) * 100 + (0.004,) * 100 + (0.001,) * 200
_TILT = 0.05  # how much readier docks take what lies on their side, to tell equal ones apart
_LEAST_STEP_M = 1.0
_LEAST_LOAD = 0.1


@dataclass(frozen=True, slots=True)
class Crews:
    """Who flies from each dock.

    Attributes:
        aircraft: How many, for each dock.
        flight_m: What a flight takes beside its way, such as another battery, in metres flown.
    """

    aircraft: tuple[int, ...]
    flight_m: float = 0.0

    def loads_m(self, sorties: Sequence[Sortie]) -> FloatArray:
        """What each aircraft of each dock has to fly, float64, (D,)."""
        loads_m = np.zeros(len(self.aircraft))
        for sortie in sorties:
            loads_m[sortie.dock] += sortie.length_m + self.flight_m
        shared: FloatArray = loads_m / self.aircraft
        return shared

    def unevenness(self, sorties: Sequence[Sortie]) -> float:
        """Falls whenever a busier aircraft gives to a less busy one, be it the busiest or not."""
        return float((self.loads_m(sorties) ** 2 * self.aircraft).sum())


def even_sorties(
    task: SortieTask,
    ways_m: FloatArray,
    crews: Crews,
    effort: Effort,
    told: Told = lambda _share, _length_m: None,
) -> tuple[Sortie, ...]:
    """Visit every place once, shared evenly, in about as short a total way as the effort finds.

    Args:
        task: What to visit, from where.
        ways_m: float64, (D, N): true ways from docks to places; infinite where there is none.
        crews: Who flies from each dock.
        effort: How long to search; with several docks 1.3 to 2.6 times as long.
        told: Told how far the search is.

    Returns:
        Sorties by dock, none longer than its dock's limit, in total at most 2 % longer than the
        shortest that were met. The same task and effort give the same sorties.

    Raises:
        PlanningError: If a place is too far from every dock.
    """
    task.refuse_too_far()
    if len(task.docks_m) == 1 or not len(task.places_m):
        return _Searcher(task, effort, told, 1.0).searched(first_sorties(task), 1.0)
    searcher = _Searcher(task, effort, told, len(_EAGERNESS) * (_ALONE + _TOGETHER))
    tried: list[Owners] = []
    found: list[tuple[Sortie, ...]] = []
    for eagerness in _EAGERNESS:
        owners = share_places(task, ways_m, crews, eagerness)
        if any((owners == before).all() for before in tried):
            continue
        tried.append(owners)
        alone = searcher.each_alone(owners)
        found += [alone, searcher.searched(alone, _TOGETHER)]
        # An even share often is hardly longer; where it is, one that is less even may not be.
        if len(tried) > 1 and _total_m(found[-1]) <= LONGER_AT_MOST * min(map(_total_m, found)):
            break
    most_m = LONGER_AT_MOST * min(map(_total_m, found))
    return min((each for each in found if _total_m(each) <= most_m), key=crews.unevenness)


def share_places(task: SortieTask, ways_m: FloatArray, crews: Crews, eagerness: float) -> Owners:
    """Give every place to a dock that reaches it.

    Args:
        task: What to visit, from where.
        ways_m: float64, (D, N): true ways from docks to places; infinite where there is none.
        crews: Who flies from each dock.
        eagerness: Places go where they cost least, times the dock's load to this power; with 0 to
            the dock that flies least for them.

    Returns:
        intp, (N,): the dock of each.
    """
    costs_m = _costs_m(task, ways_m, crews.flight_m)
    every = np.arange(costs_m.shape[1])
    dearer = np.zeros(len(crews.aircraft))
    for step in _STEPS:
        owners: Owners = (costs_m * np.exp(dearer)[:, None]).argmin(axis=0)
        taken_m = np.bincount(owners, weights=costs_m[owners, every], minlength=len(dearer))
        loads_m = taken_m / crews.aircraft
        shares = np.maximum(loads_m / loads_m.mean(), _LEAST_LOAD)
        dearer += step * (eagerness * np.log(shares) - dearer)
    return owners


def _costs_m(task: SortieTask, ways_m: FloatArray, flight_m: float) -> FloatArray:
    """What each place adds to the flights of each dock, about, (D, N)."""
    apart_m = 0.0
    if len(task.places_m) > 1:
        apart_m = float(np.mean(cKDTree(task.places_m).query(task.places_m, k=2)[0][:, 1]))
    steps_m = np.maximum(apart_m + task.stops_m, _LEAST_STEP_M)
    reached = 2.0 * ways_m + task.stops_m <= task.limits_m[:, None]
    there_m = np.where(reached, 2.0 * ways_m, 0.0)
    fitting = np.maximum((task.limits_m[:, None] - there_m) / steps_m, 1.0)
    costs_m = (steps_m + (there_m + flight_m) / fitting) * _tilts(task)
    costs_m[~reached] = np.inf
    return costs_m


def _tilts(task: SortieTask) -> FloatArray:
    """Factors near 1 that prefer, for each dock, what lies on its side of the others, (D, N)."""
    middle = task.places_m.mean(axis=0)
    axis = np.linalg.svd(task.places_m - middle, full_matrices=False)[2][0]
    along = (task.places_m - middle) @ axis
    along /= max(float(np.abs(along).max()), _LEAST_STEP_M)
    order = np.argsort(np.argsort((task.docks_m - middle) @ axis, kind="stable"))
    sides = 2.0 * order / max(len(order) - 1, 1) - 1.0
    tilts: FloatArray = 1.0 - _TILT * sides[:, None] * along[None, :]
    return tilts


class _Searcher:
    """Searches with shares of an effort, and tells how far all of them together are."""

    def __init__(self, task: SortieTask, effort: Effort, told: Told, whole: float) -> None:
        self._task, self._effort, self._told, self._whole = task, effort, told, whole
        self._done = 0.0

    def searched(self, sorties: Sequence[Sortie], share: float) -> tuple[Sortie, ...]:
        """The sorties of the whole task, shorter."""
        return self._shortened(self._task, sorties, share)

    def each_alone(self, owners: Owners) -> tuple[Sortie, ...]:
        """The sorties of each dock over its own places."""
        found: list[Sortie] = []
        for dock in np.unique(owners).tolist():
            own = np.flatnonzero(owners == dock)
            part = self._task.part(own, [dock])
            share = _ALONE * len(own) / len(owners)
            found += [
                Sortie(dock, tuple(own[list(each.places)].tolist()), each.length_m)
                for each in self._shortened(part, first_sorties(part), share)
            ]
        return tuple(found)

    def _shortened(
        self, task: SortieTask, sorties: Sequence[Sortie], share: float
    ) -> tuple[Sortie, ...]:
        # Compiled, so imported only by those who need it.
        from flight.planning.sortie_search import shorten_sorties  # noqa: PLC0415

        effort = Effort(math.ceil(share * self._effort.iterations), self._effort.seed)

        def going(done: float, length_m: float) -> bool:
            self._told((self._done + done * share) / self._whole, length_m)
            return True

        found = shorten_sorties(task, sorties, effort, going)
        self._done += share
        return found


def _total_m(sorties: Sequence[Sortie]) -> float:
    return math.fsum(sortie.length_m for sortie in sorties)
