"""Pairing things up as cheaply as possible: a perfect matching of least total cost."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import minimum_spanning_tree

FloatArray = NDArray[np.float64]

_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Pairing:
    """Things in pairs.

    Attributes:
        pairs: Each thing occurs in one.
        bound: No pairing costs less.
    """

    pairs: tuple[tuple[int, int], ...]
    bound: float


def cheapest_pairs(costs: FloatArray) -> Pairing:
    """Pair up an even number of things.

    The pairs are the cheapest among those of near things (Edmonds' algorithm); the bound is half
    an assignment of each thing to another, which a pairing is twice.

    Args:
        costs: float64, (N, N), symmetric and finite: what each pair costs; N is even.

    Returns:
        N / 2 pairs.

    Raises:
        ValueError: If N is odd.
    """
    if len(costs) % 2:
        raise ValueError(f"{len(costs)} things cannot be paired up: their number is odd.")
    if not len(costs):
        return Pairing((), 0.0)
    others = costs.copy()
    np.fill_diagonal(others, 2.0 * costs.sum() + 1.0)
    first, second = linear_sum_assignment(others)
    graph = nx.Graph()
    for a, b in sorted(_near(others) | _bridges(others) | _some_pairing(others)):
        graph.add_edge(a, b, weight=float(costs[a, b]))
    matched = nx.min_weight_matching(graph)
    pairs = sorted((min(a, b), max(a, b)) for a, b in matched)
    return Pairing(tuple(pairs), float(costs[first, second].sum()) / 2.0)


def _near(others: FloatArray) -> set[tuple[int, int]]:
    count = len(others)
    nearest = np.argsort(others, axis=1, kind="stable")[:, : min(_NEIGHBOURS, count - 1)]
    return {(min(a, b), max(a, b)) for a in range(count) for b in nearest[a].tolist()}


def _bridges(others: FloatArray) -> set[tuple[int, int]]:
    """The shortest links between groups that lie apart, as a spanning tree has them."""
    tree = minimum_spanning_tree(others + others[others > 0.0].min(initial=1.0)).tocoo()
    ends = zip(tree.row.tolist(), tree.col.tolist(), strict=True)
    return {(min(a, b), max(a, b)) for a, b in ends}


def _some_pairing(others: FloatArray) -> set[tuple[int, int]]:
    """Neighbours along a walk that always goes on to the nearest thing left.

    Villages far apart with an odd number of things each could not be paired up among near ones.
    """
    left = others.copy()
    walk = [0]
    while len(walk) < len(others):
        left[:, walk[-1]] = np.inf
        walk.append(int(np.argmin(left[walk[-1]])))
    return {(min(a, b), max(a, b)) for a, b in zip(walk[::2], walk[1::2], strict=True)}
