"""Shortest ways stay inside and are shortest."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.zone_fields import SIZE_M, plain_way_m, zone_field
from flight.planning.links import Passage

L_SHAPE = shapely.Polygon([(0, 0), (100, 0), (100, 20), (20, 20), (20, 100), (0, 100)])
RING = shapely.box(0, 0, 100, 100).difference(shapely.box(30, 30, 70, 70))

inside_ring = st.tuples(st.floats(1.0, 99.0), st.floats(1.0, 99.0)).filter(
    lambda point: RING.contains(shapely.Point(point))
)


def length_m(points: list[tuple[float, float]]) -> float:
    """Length of a way."""
    return float(shapely.LineString(points).length)


def test_a_free_way_is_straight() -> None:
    """Two points that see each other are joined directly."""
    assert Passage(L_SHAPE).way((5, 5), (90, 10)) == [(5, 5), (90, 10)]


def test_a_corner_is_turned_at_its_vertex() -> None:
    """The shortest way touches the inner corner and nothing else."""
    assert Passage(L_SHAPE).way((10, 90), (90, 10)) == [(10, 90), (20, 20), (90, 10)]


def test_the_shorter_side_of_a_hole_is_chosen() -> None:
    """Round a hole the nearer corners win."""
    way = Passage(RING).way((20, 60), (80, 60))
    assert way == [(20, 60), (30, 70), (70, 70), (80, 60)]


def test_separate_parts_have_no_way() -> None:
    """No way is reported as none, not as a straight line."""
    islands = shapely.union_all([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)])
    assert Passage(islands).way((5, 5), (25, 5)) is None
    holed = shapely.union_all([RING, shapely.box(45, 45, 55, 55)])
    assert Passage(holed).way((50, 50), (10, 10)) is None


@settings(max_examples=60, deadline=None)
@given(inside_ring, inside_ring)
def test_ways_stay_inside_and_agree_with_distances(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    """A way keeps to the area, and its length is the distance that orders cells."""
    passage = Passage(RING)
    way = passage.way(start, end)
    assert way is not None
    assert shapely.covers(shapely.buffer(RING, 1e-5), shapely.LineString(way))
    table = passage.distances(np.array([start, end]))
    assert table[0, 1] == pytest.approx(length_m(way), abs=1e-6)
    assert length_m(way) >= math.dist(start, end) - 1e-9


@settings(max_examples=30, deadline=None)
@given(st.lists(inside_ring, min_size=3, max_size=3))
def test_distances_obey_the_triangle(points: list[tuple[float, float]]) -> None:
    """No detour over a third point is shorter."""
    table = Passage(RING).distances(np.array(points))
    assert table == pytest.approx(table.T)
    assert table[0, 2] <= table[0, 1] + table[1, 2] + 1e-6


def test_no_pairs_are_no_answers() -> None:
    """The empty question has the empty answer."""
    assert Passage(RING).sees(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0,)


def test_the_longest_piece_inside_is_found() -> None:
    """A line across a hole is cut to its longest part."""
    line = shapely.LineString([(0, 50), (100, 50)])
    found = Passage(shapely.box(0, 0, 100, 100).difference(shapely.box(20, 40, 30, 60)))
    inside = found.longest_inside(line)
    assert inside is not None
    assert np.array_equal(inside, [[30.0, 50.0], [100.0, 50.0]])


def test_a_line_outside_has_no_piece_inside() -> None:
    """Nothing inside is none."""
    assert Passage(RING).longest_inside(shapely.LineString([(40, 50), (60, 50)])) is None


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 9),
    st.integers(0, 10_000),
    st.tuples(st.floats(9.0, SIZE_M - 5.0), st.floats(9.0, SIZE_M - 5.0)),
)
def test_ways_among_zones_are_as_short_as_in_the_whole_graph(
    count: int, seed: int, end: tuple[float, float]
) -> None:
    """However the search spares itself looking, it finds the shortest way or that there is none."""
    room = zone_field(count, seed)
    passage = Passage(room)
    found = passage.way((5.0, 5.0), end)
    table = passage.distances(np.array([(5.0, 5.0), end]))
    if not shapely.covers(room, shapely.Point(end)):
        return
    plain_m = plain_way_m(room, (5.0, 5.0), end)
    assert table[0, 1] == pytest.approx(plain_m, abs=1e-4)
    assert found is not None
    assert length_m(found) == pytest.approx(plain_m, abs=1e-4)


def test_later_ways_are_those_of_a_fresh_passage() -> None:
    """What is remembered of earlier searches changes nothing."""
    room = zone_field(12, 7)
    kept = Passage(room)
    ends = [(5990.0, 5990.0), (5990.0, 10.0), (10.0, 5990.0), (3000.0, 5995.0)]
    for end in ends:
        kept_way, fresh_way = kept.way((5.0, 5.0), end), Passage(room).way((5.0, 5.0), end)
        assert kept_way is not None
        assert fresh_way is not None
        assert length_m(kept_way) == pytest.approx(length_m(fresh_way))


def test_a_hall_of_rectangles_is_crossed_along_shared_lines() -> None:
    """Zones in rank and file, whose edges line up: the tangents run along them."""
    blocks = [shapely.box(x, y, x + 10, y + 10) for x in (20, 40, 60) for y in (20, 40, 60)]
    hall = shapely.box(0, 0, 100, 100).difference(shapely.union_all(blocks))
    for end in ((95.0, 95.0), (95.0, 50.0), (65.0, 75.0), (30.0, 70.0)):
        way = Passage(hall).way((5.0, 5.0), end)
        assert way is not None
        assert length_m(way) == pytest.approx(plain_way_m(hall, (5.0, 5.0), end), abs=1e-6)
