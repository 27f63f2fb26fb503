"""Pairing things up: everything once, as cheaply as possible."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flight.planning.pairing import Pairing, cheapest_pairs


def distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between all points."""
    apart: NDArray[np.float64] = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return apart


def cost(pairing: Pairing, costs: NDArray[np.float64]) -> float:
    """Of all pairs together."""
    return float(sum(costs[a, b] for a, b in pairing.pairs))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 12), st.integers(0, 10_000))
def test_all_are_paired_at_the_least_cost(half: int, seed: int) -> None:
    """As cheaply as a pairing over all pairs, and never below the bound."""
    costs = distances(np.random.default_rng(seed).uniform(0.0, 100.0, (2 * half, 2)))
    pairing = cheapest_pairs(costs)
    assert sorted(i for pair in pairing.pairs for i in pair) == list(range(2 * half))
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, costs[a, b]) for a in range(2 * half) for b in range(a))
    best = sum(costs[a, b] for a, b in nx.min_weight_matching(graph))
    assert pairing.bound - 1e-6 <= best <= cost(pairing, costs) + 1e-6
    assert cost(pairing, costs) <= 1.02 * best + 1e-6


def test_far_villages_with_odd_numbers_are_bridged() -> None:
    """Nobody's nearest neighbours are in the other village, yet one pair must lead there."""
    rng = np.random.default_rng(4)
    points = np.vstack([rng.normal(0.0, 20.0, (31, 2)), rng.normal(0.0, 20.0, (29, 2))])
    points[31:, 0] += 5000.0
    costs = distances(points)
    found = cheapest_pairs(costs)
    assert sum((a < 31) != (b < 31) for a, b in found.pairs) == 1
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, costs[a, b]) for a in range(60) for b in range(a))
    best = sum(costs[a, b] for a, b in nx.min_weight_matching(graph))
    assert cost(found, costs) <= 1.002 * best


def test_an_odd_number_cannot_be_paired() -> None:
    """Somebody would be left over."""
    with pytest.raises(ValueError, match="number is odd"):
        cheapest_pairs(np.zeros((3, 3)))


def test_things_at_one_place_cost_nothing() -> None:
    """Streets that end at the same point need no way between them."""
    assert cost(cheapest_pairs(np.zeros((4, 4))), np.zeros((4, 4))) == 0.0
