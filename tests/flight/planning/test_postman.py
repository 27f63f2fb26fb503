"""Ways through the air between streets: few metres, and all hangs together."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from flight.planning.links import Passage
from flight.planning.postman import Hops, shortest_hops
from flight.planning.street_graph import Block

ROOM = shapely.box(-10.0, -10.0, 110.0, 110.0)
HOME = (0.0, 0.0)

places = st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 100.0))


def separate(ends: list[tuple[float, float]]) -> tuple[np.ndarray, list[Block]]:
    """Streets that touch nowhere: each two places are one."""
    nodes = np.array(ends)
    return nodes, [Block(i, i + 1, nodes[[i, i + 1]]) for i in range(0, len(ends), 2)]


def hops_m(nodes: np.ndarray, hops: Hops, home: tuple[float, float]) -> float:
    """Length of all ways, those from and to home included."""
    away = [math.dist(nodes[i], home) for i in (hops.first, hops.last)]
    return sum(math.dist(nodes[a], nodes[b]) for a, b in hops.pairs) + sum(away)


@settings(max_examples=60, deadline=None)
@given(st.lists(places, min_size=2, max_size=20).filter(lambda p: len(p) % 2 == 0))
def test_streets_and_ways_are_one_trail_from_home_to_home(ends: list[tuple[float, float]]) -> None:
    """Connected, with an even number of ends at every node, and never below the bound."""
    nodes, blocks = separate(ends)
    hops = shortest_hops(nodes, blocks, Passage(ROOM), HOME)
    edges = [(b.start, b.end) for b in blocks] + list(hops.pairs) + [(hops.last, hops.first)]
    assert not (np.bincount(np.ravel(edges)) % 2).any()
    first, second = np.array(edges).T
    graph = coo_array((np.ones(len(edges)), (first, second)), shape=(len(nodes), len(nodes)))
    assert connected_components(graph, directed=False)[0] == 1
    assert hops_m(nodes, hops, HOME) >= hops.bound_m - 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_few_streets_are_joined_nearly_as_well_as_can_be(seed: int) -> None:
    """Against every order and direction of four streets."""
    nodes, blocks = separate(
        [(float(x), float(y)) for x, y in np.random.default_rng(seed).uniform(0, 100, (8, 2))]
    )
    best = min(
        sum(
            math.dist(a, b)
            for a, b in itertools.pairwise(
                [HOME, *itertools.chain.from_iterable(zip(starts, ends, strict=True)), HOME]
            )
        )
        for order in itertools.permutations(range(4))
        for flips in itertools.product((0, 1), repeat=4)
        for starts, ends in [
            (
                [nodes[2 * i + f] for i, f in zip(order, flips, strict=True)],
                [nodes[2 * i + 1 - f] for i, f in zip(order, flips, strict=True)],
            )
        ]
    )
    streets_m = sum(block.length_m for block in blocks)
    found = hops_m(nodes, shortest_hops(nodes, blocks, Passage(ROOM), HOME), HOME) + streets_m
    assert best - 1e-6 <= found <= 1.15 * best


def test_ways_are_swapped_while_that_helps() -> None:
    """Ten streets that the first pairing joins badly: 18 % above the bound, not 39 %."""
    rng = np.random.default_rng(1)
    begins, angles = rng.uniform(0.0, 1000.0, (10, 2)), rng.uniform(0.0, 6.28, 10)
    ends = begins + 60.0 * np.column_stack([np.cos(angles), np.sin(angles)])
    both = np.stack([begins, ends], axis=1).reshape(-1, 2)
    nodes, blocks = separate([(float(x), float(y)) for x, y in both])
    wide = Passage(shapely.box(-100.0, -100.0, 1100.0, 1100.0))
    hops = shortest_hops(nodes, blocks, wide, HOME)
    streets_m = sum(block.length_m for block in blocks)
    assert hops_m(nodes, hops, HOME) + streets_m <= 1.2 * (hops.bound_m + streets_m)


def test_a_way_round_a_zone_is_weighed_by_its_true_length() -> None:
    """The straight neighbour lies behind a wall; the next one is nearer in truth."""
    wall = shapely.box(48.0, -5.0, 52.0, 105.0)
    room = shapely.difference(ROOM, wall)
    low = [(40.0, 50.0), (0.0, 50.0), (60.0, 50.0), (100.0, 50.0)]
    nodes, blocks = separate([*low, *((x, 2.0 * y) for x, y in reversed(low))])
    hops = shortest_hops(nodes, blocks, Passage(room), None)
    crossing = [pair for pair in hops.pairs if (nodes[list(pair), 0] < 50.0).sum() == 1]
    assert [sorted(pair) for pair in crossing] == [[5, 7]]


def test_without_odd_ends_the_tour_begins_nearest_to_home() -> None:
    """A ring can be begun anywhere."""
    nodes = np.array([(10.0, 10.0), (90.0, 10.0), (90.0, 90.0)])
    blocks = [Block(i, (i + 1) % 3, nodes[[i, (i + 1) % 3]]) for i in range(3)]
    hops = shortest_hops(nodes, blocks, Passage(ROOM), HOME)
    assert (hops.first, hops.last, hops.pairs) == (0, 0, ())
    assert hops.bound_m == pytest.approx(2.0 * math.hypot(10.0, 10.0))
