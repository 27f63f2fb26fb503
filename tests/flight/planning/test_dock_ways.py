"""Ways from docks to places are those that the passage finds one by one."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.dock_ways import dock_ways_m
from flight.planning.links import Passage

AIR = shapely.box(0.0, 0.0, 1000.0, 1000.0)
spots = st.tuples(st.integers(5, 995), st.integers(5, 995))


@given(
    boxes=st.lists(st.tuples(spots, st.integers(10, 500)), min_size=1, max_size=4),
    docks=st.lists(spots, min_size=1, max_size=2),
    places=st.lists(spots, min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_ways_are_as_long_as_those_found_one_by_one(
    boxes: list[tuple[tuple[int, int], int]],
    docks: list[tuple[int, int]],
    places: list[tuple[int, int]],
) -> None:
    """Round any boxes; there is none into a part that is closed off."""
    zones = [shapely.box(x, y, x + wide, y + 0.6 * wide) for (x, y), wide in boxes]
    points = shapely.MultiPoint([*docks, *places]).buffer(2.0)
    passage = Passage(AIR.difference(shapely.union_all(zones)).union(points))
    found = dock_ways_m(passage, np.array(docks, float), np.array(places, float))
    for (i, dock), (j, place) in itertools.product(enumerate(docks), enumerate(places)):
        way = passage.way(dock, place)
        legs_m = [math.dist(a, b) for a, b in itertools.pairwise(way)] if way else [math.inf]
        assert found[i, j] == pytest.approx(sum(legs_m), abs=1e-3)
