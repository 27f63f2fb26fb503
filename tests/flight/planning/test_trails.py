"""Trails go along every edge once, and straight on where they can."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.trails import Edge, straightest_trail

Place = tuple[float, float]


def edge(places: list[Place], start: int, end: int) -> Edge:
    """A straight edge between two places."""
    (ax, ay), (bx, by) = places[start], places[end]
    length = math.hypot(bx - ax, by - ay) or 1.0
    way = ((bx - ax) / length, (by - ay) / length)
    return Edge(start, end, way, (-way[0], -way[1]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=2, max_size=30))
def test_every_edge_is_flown_once_and_each_from_where_the_last_ended(walk: list[int]) -> None:
    """Whatever closed walk the edges come from, crossings and loops included."""
    places = [(math.cos(i * 2.4) * i, math.sin(i * 2.4) * i) for i in range(8)]
    edges = [edge(places, a, b) for a, b in zip(walk, [*walk[1:], walk[0]], strict=True)]
    trail = straightest_trail(edges)
    assert sorted(index for index, _ in trail) == list(range(len(edges)))
    assert trail[0] == (0, True)
    stations = [(edges[i].start, edges[i].end) if on else (edges[i].end, edges[i].start)
                for i, on in trail]  # fmt: skip
    for (_, arrived), (left, _) in zip(stations, [*stations[1:], stations[0]], strict=True):
        assert arrived == left


def test_a_crossing_is_flown_straight_over() -> None:
    """From west to east and from south to north, although turning off would do as well."""
    west, south, east, north = (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0), (0.0, 1.0)
    places = [(0.0, 0.0), west, south, east, north]
    roads = [(1, 0), (2, 0), (0, 3), (0, 4), (3, 2), (4, 1)]
    trail = straightest_trail([edge(places, a, b) for a, b in roads])
    assert [index for index, _ in trail] == [0, 2, 4, 1, 3, 5]


def test_what_is_no_trail_is_refused() -> None:
    """An open end, or two rings that do not meet."""
    places = [(0.0, 0.0), (1.0, 0.0), (5.0, 0.0), (6.0, 0.0)]
    with pytest.raises(ValueError, match="cannot end at node"):
        straightest_trail([edge(places, 0, 1)])
    apart = [edge(places, a, b) for a, b in ((0, 1), (1, 0), (2, 3), (3, 2))]
    with pytest.raises(ValueError, match="connected"):
        straightest_trail(apart)
