"""The fields of zones, and the plain graph that ours is measured against."""

import math

import pytest
import shapely

from benchmarks.transit_zones import END, START, ZONES
from benchmarks.zone_fields import plain_way_m, zone_field


def test_fields_are_as_crowded_as_they_say() -> None:
    """Sixty zones have hundreds of vertices, and both ends are free."""
    field = zone_field(ZONES, 1)
    assert shapely.get_num_coordinates(field) > 300
    assert shapely.covers(field, shapely.multipoints([START, END]))


def test_the_plain_graph_finds_the_shortest_way() -> None:
    """Round a square hole, and none into another part."""
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(30, 30, 70, 70))
    assert plain_way_m(ring, (20, 60), (80, 60)) == pytest.approx(40 + 2 * math.hypot(10, 10))
    islands = shapely.union_all([ring, shapely.box(45, 45, 55, 55)])
    assert plain_way_m(islands, (50, 50), (10, 10)) == math.inf
