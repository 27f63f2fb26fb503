"""Lengths of the shortest ways from a few docks to thousands of places, round the corners between.

A shortest way turns only at corners of the room. The corners' own ways from each dock are found
once; a place's last turn is then the first corner it sees, taken in the order of what the way over
that corner would be, so that few lines of sight are looked at for each.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from flight.planning.links import Passage

FloatArray = NDArray[np.float64]


def dock_ways_m(passage: Passage, docks_m: FloatArray, places_m: FloatArray) -> FloatArray:
    """Lengths of the shortest ways from docks to places.

    Args:
        passage: The area that ways must not leave.
        docks_m: float64, (D, 2).
        places_m: float64, (N, 2).

    Returns:
        float64, (D, N); infinite where there is no way.
    """
    straight_m = np.stack([np.hypot(*(places_m - dock_m).T) for dock_m in docks_m])
    seen = np.stack(
        [passage.sees(np.broadcast_to(dock, places_m.shape), places_m) for dock in docks_m]
    )
    if seen.all():
        return straight_m
    corners_m = passage.corners
    reach_m = _reach_m(passage, docks_m, corners_m)
    lengths_m = np.where(seen, straight_m, np.inf)
    for dock in range(len(docks_m)):
        barred = np.flatnonzero(~seen[dock])
        lengths_m[dock, barred] = _over_corners_m(
            passage, corners_m, reach_m[dock], places_m[barred]
        )
    return lengths_m


def _reach_m(passage: Passage, docks_m: FloatArray, corners_m: FloatArray) -> FloatArray:
    """Shortest ways from each dock to each corner, (D, C)."""
    nodes_m = np.vstack([docks_m, corners_m])
    a, b = np.triu_indices(len(nodes_m), 1)
    sees = passage.sees(nodes_m[a], nodes_m[b])
    a, b = a[sees], b[sees]
    # A leg of no length would count as none.
    legs_m = np.maximum(np.hypot(*(nodes_m[a] - nodes_m[b]).T), 1e-9)
    graph = coo_matrix((legs_m, (a, b)), shape=(len(nodes_m), len(nodes_m)))
    ways_m = dijkstra(graph.tocsr(), directed=False, indices=range(len(docks_m)))
    reach_m: FloatArray = ways_m[:, len(docks_m) :]
    return reach_m


def _over_corners_m(
    passage: Passage, corners_m: FloatArray, reach_m: FloatArray, places_m: FloatArray
) -> FloatArray:
    """Ways to places that do not see the dock, (N,)."""
    apart = places_m[:, None, :] - corners_m[None, :, :]
    over_m = reach_m + np.hypot(apart[..., 0], apart[..., 1])
    order = np.argsort(over_m, axis=1)
    lengths_m = np.full(len(places_m), np.inf)
    left = np.arange(len(places_m))
    for corner in order.T:
        left = left[np.isfinite(over_m[left, corner[left]])]
        if not len(left):
            break
        at = corner[left]
        seen = passage.sees(places_m[left], corners_m[at])
        lengths_m[left[seen]] = over_m[left[seen], at[seen]]
        left = left[~seen]
    return lengths_m
