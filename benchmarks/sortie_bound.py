"""A length that no set of sorties over given places undercuts.

Held and Karp's Lagrangian bound (Operations Research 18, 1970) with all docks contracted into one.
Take any set of sorties. Of every sortie, leave out one of its two legs at the dock: what is left
of all of them together is a tree over the places and the dock. So for any prices on places, the
cheapest tree plus one cheapest leg at the dock, less twice all prices, is no longer than the
sorties, provided that no leg at the dock has a negative price, which is kept. Sortie limits are
ignored, so the true distance to the optimum is smaller than the gap to this bound.

Prices are looked for on a sparse graph, where a tree may only be too long; the bound returned is
that of a cheapest tree of the complete graph with those prices, and so holds exactly.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree

from flight.planning.sortie_tasks import FloatArray, SortieTask

_NEAR = 12
_FIRST_STEP = 0.3  # of the mean way between neighbours
_MOMENTUM = 0.3
_LAST_STEP = 1e-3  # of the first


def lower_bound_m(task: SortieTask, rounds: int = 800) -> float:
    """What the sorties of a task cannot undercut.

    Args:
        task: At least two places; limits and stops are ignored.
        rounds: Subgradient steps; more give a bound that is as valid and at best higher.

    Returns:
        Metres.
    """
    home_m = task.dock_legs_m().min(axis=0)
    prices_m = _prices_m(task.places_m, home_m, rounds)
    return max(_value_m(task.places_m, home_m, each) for each in (prices_m, 0.0 * prices_m))


def _prices_m(places_m: FloatArray, home_m: FloatArray, rounds: int) -> FloatArray:
    """Good prices on places, by subgradient steps on the sparse graph of near places."""
    count = len(places_m)
    a, b, lengths_m = _near_legs(places_m, home_m)
    prices_m, best_m, best = np.zeros(count + 1), -np.inf, np.zeros(count + 1)
    step_m = _FIRST_STEP * float(np.mean(lengths_m[:-count]))
    direction = np.zeros(count + 1)
    for _ in range(rounds):
        weights_m = lengths_m + prices_m[a] + prices_m[b]
        # Zero would mean no leg; a constant on all of them leaves the tree as it is.
        lift_m = 1.0 - float(weights_m.min())
        graph = coo_matrix((weights_m + lift_m, (a, b)), shape=(count + 1, count + 1))
        tree = minimum_spanning_tree(graph.tocsr()).tocoo()
        value_m = tree.data.sum() - lift_m * count - 2.0 * prices_m.sum()
        value_m += float((home_m + prices_m[:-1]).min())
        if value_m > best_m:
            best_m, best = value_m, prices_m.copy()
        legs = np.bincount(np.concatenate([tree.row, tree.col]), minlength=count + 1)
        direction = (1.0 - _MOMENTUM) * (legs - 2.0) + _MOMENTUM * direction
        prices_m = prices_m + step_m * direction
        prices_m[-1] = 0.0
        prices_m[:-1] = np.maximum(prices_m[:-1], -home_m)
        step_m *= _LAST_STEP ** (1.0 / rounds)
    return best[:-1]


def _near_legs(
    places_m: FloatArray, home_m: FloatArray
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """Legs between near places, each once, then one from each place to the dock."""
    count = len(places_m)
    known = min(_NEAR, count - 1)
    lengths_m, near = cKDTree(places_m).query(places_m, k=np.arange(2, known + 2))
    pairs = np.sort(np.stack([np.repeat(np.arange(count), known), near.ravel()], axis=1), axis=1)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    apart = pairs[:, 0] != pairs[:, 1]
    a = np.concatenate([pairs[apart, 0], np.arange(count)])
    b = np.concatenate([pairs[apart, 1], np.full(count, count)])
    return a, b, np.concatenate([lengths_m.ravel()[first][apart], home_m])


def _value_m(places_m: FloatArray, home_m: FloatArray, prices_m: FloatArray) -> float:
    """The bound at given prices: Prim's algorithm over the complete graph."""
    reach_m = home_m + prices_m
    total_m = float(reach_m.min()) - 2.0 * float(prices_m.sum())
    for _ in range(len(places_m)):
        at = int(np.argmin(reach_m))
        total_m += float(reach_m[at])
        apart_m = places_m - places_m[at]
        legs_m = np.hypot(apart_m[:, 0], apart_m[:, 1]) + prices_m + prices_m[at]
        reach_m = np.where(np.isinf(reach_m), np.inf, np.minimum(reach_m, legs_m))
        reach_m[at] = np.inf
    return total_m
