"""A first set of sorties, at once: rows flown back and forth from the nearest dock, cut at best.

Numpy alone, so that a county has a plan that may fly before anything is compiled.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from flight.planning.sortie_tasks import FloatArray, Sortie, SortieTask

Places = NDArray[np.intp]


def first_sorties(task: SortieTask) -> tuple[Sortie, ...]:
    """Visit every place, within every limit, without much thought.

    Args:
        task: What to visit, from where.

    Returns:
        Sorties by dock; together they visit every place once.

    Raises:
        PlanningError: If a place is too far from every dock.
    """
    task.refuse_too_far()
    if not len(task.places_m):
        return ()
    legs_m = task.dock_legs_m()
    reachable = 2.0 * legs_m + task.stops_m[None, :] <= task.limits_m[:, None]
    nearest = np.where(reachable, legs_m, np.inf).argmin(axis=0)
    found = []
    for dock in range(len(task.docks_m)):
        order = _rows(task.places_m, np.flatnonzero(nearest == dock))
        found += [
            Sortie(dock, tuple(piece.tolist()), task.length_m(dock, piece))
            for piece in split_order(task, dock, order)
        ]
    return tuple(found)


def split_order(task: SortieTask, dock: int, order: Places) -> Iterator[Places]:
    """Cut an order of places into the sorties that are shortest in total, all within the limit.

    Optimal split by dynamic programming: Beasley, Route first - cluster second methods for
    vehicle routing, Omega 11 (1983).

    Args:
        task: What to visit, from where.
        dock: Where all of them start.
        order: Indices of the places.

    Yields:
        The places of each sortie, in order. Every place alone must be within the limit.
    """
    count = len(order)
    out_m = task.dock_legs_m()[dock, order]
    steps_m = task.steps_m(order) if count > 1 else np.zeros(0)
    along_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    stops_m = np.concatenate([[0.0], np.cumsum(task.stops_m[order])])
    for begin, end in shortest_split(out_m, along_m, stops_m, float(task.limits_m[dock])):
        yield order[begin:end]


def shortest_split(
    out_m: FloatArray, along_m: FloatArray, stops_m: FloatArray, limit_m: float
) -> list[tuple[int, int]]:
    """Where an order of places is cut into sorties at best.

    Args:
        out_m: float64, (N,): way between the dock and each place, at most half the limit.
        along_m: float64, (N,): way along the order until each place.
        stops_m: float64, (N + 1,): stops before each place, and all.
        limit_m: No sortie is longer.

    Returns:
        The first place of each sortie and the one after its last, in order.
    """
    begins = _last_begins(out_m, along_m, stops_m, limit_m)
    ends = [len(out_m)]
    while ends[-1] > 0:
        ends.append(int(begins[ends[-1]]))
    return list(itertools.pairwise(ends[::-1]))


def _last_begins(
    out_m: FloatArray, along_m: FloatArray, stops_m: FloatArray, limit_m: float
) -> Places:
    """Where the last sortie begins if the order ends before each place."""
    count = len(out_m)
    best_m = np.full(count + 1, np.inf)
    best_m[0] = 0.0
    begins = np.zeros(count + 1, dtype=np.intp)
    for i in range(count):
        lengths_m = out_m[i] + (along_m[i:count] - along_m[i]) + out_m[i:]
        lengths_m += stops_m[i + 1 :] - stops_m[i]
        totals_m = np.where(lengths_m <= limit_m, best_m[i] + lengths_m, np.inf)
        better = np.flatnonzero(totals_m < best_m[i + 1 :])
        best_m[i + 1 + better] = totals_m[better]
        begins[i + 1 + better] = i
    return begins


def _rows(places_m: FloatArray, chosen: Places) -> Places:
    """Places in rows as wide as they are apart, every other row backwards."""
    if len(chosen) < 2:
        return chosen
    points = places_m[chosen]
    low, high = points.min(axis=0), points.max(axis=0)
    width_m = math.sqrt(max(float(np.prod(high - low)), 1.0) / len(chosen))
    rows = ((points[:, 1] - low[1]) // width_m).astype(np.intp)
    along = np.where(rows % 2 == 0, points[:, 0], -points[:, 0])
    order: Places = chosen[np.lexsort((along, rows))]
    return order
