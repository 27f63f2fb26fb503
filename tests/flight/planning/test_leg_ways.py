"""Lengths of legs are those of the shortest ways that keep clear of zones."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.leg_ways import LegWays, leg_ways
from flight.planning.links import Passage

AIR = shapely.box(-1000.0, -1000.0, 1000.0, 1000.0)
WALL = shapely.box(-20.0, -800.0, 20.0, 800.0)
DOCKS_M = np.array([[-990.0, -990.0], [990.0, 990.0]])

corners = st.integers(-900, 800)


def length_m(passage: Passage, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Length of the way that is flown, infinite where there is none."""
    way = passage.way(a, b)
    if way is None:
        return math.inf
    return sum(math.dist(p, q) for p, q in itertools.pairwise(way))


def over(passage: Passage, places_m: np.ndarray) -> LegWays:
    """The ways between some places and two docks."""
    ways = leg_ways(passage, places_m, DOCKS_M)
    assert ways is not None
    return ways


@given(
    boxes=st.lists(st.tuples(corners, corners, st.integers(20, 500)), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_every_leg_is_as_long_as_the_way_that_is_flown(
    boxes: list[tuple[int, int, int]], seed: int
) -> None:
    """Between any two places and docks, both ways, and asked for again."""
    zones = shapely.union_all([shapely.box(x, y, x + wide, y + wide) for x, y, wide in boxes])
    passage = Passage(AIR.difference(zones).union(shapely.MultiPoint(DOCKS_M).buffer(5.0)))
    spots = np.random.default_rng(seed).uniform(-990.0, 990.0, (60, 2))
    places_m = spots[shapely.covers(passage.room, shapely.points(spots))][:12]
    ways = over(passage, places_m)
    points = [*map(tuple, places_m.tolist()), *map(tuple, DOCKS_M.tolist())]
    a, b = np.triu_indices(len(points), 1)
    wanted_m = [length_m(passage, points[i], points[j]) for i, j in zip(a, b, strict=True)]
    assert ways.legs_m(a, b) == pytest.approx(wanted_m)
    assert ways.legs_m(b, a) == pytest.approx(wanted_m)


def test_open_air_needs_no_tables() -> None:
    """Where no zone is, every leg is straight."""
    assert leg_ways(Passage(AIR), np.zeros((3, 2)), DOCKS_M) is None


def test_a_leg_between_two_sides_leads_round_the_wall() -> None:
    """Also one whose ends lie on the wall itself; one along the wall stays straight."""
    rim = np.array([[-20.0, 0.0], [20.0, 0.0], [-20.0, 300.0]])
    ways = over(Passage(AIR.difference(WALL)), rim)
    assert ways.legs_m(np.array([0, 0]), np.array([1, 2])) == pytest.approx([1640.0, 300.0])


def test_a_part_knows_the_same_lengths() -> None:
    """Some of the places, in another order, from one of the docks."""
    places_m = np.array([[-100.0, 0.0], [100.0, 0.0], [100.0, 500.0]])
    ways = over(Passage(AIR.difference(WALL)), places_m)
    part = ways.part(np.array([2, 0]), [1])
    assert part.dock_legs_m()[0] == pytest.approx(ways.dock_legs_m()[1, [2, 0]])
    assert part.round_m(0, np.array([1, 0])) == pytest.approx(ways.round_m(1, np.array([0, 2])))
    beyond = float(part.legs_m(np.array([0]), np.array([1]))[0])
    assert beyond > 2.0 * math.hypot(100.0, 150.0)


def test_what_is_shut_in_has_no_way() -> None:
    """A place in a ring of barred ground is infinitely far."""
    ring = shapely.Point(0.0, 0.0).buffer(200.0) - shapely.Point(0.0, 0.0).buffer(100.0)
    ways = over(Passage(AIR.difference(ring)), np.array([[0.0, 0.0], [500.0, 0.0]]))
    assert math.isinf(ways.legs_m(np.array([0]), np.array([1]))[0])
