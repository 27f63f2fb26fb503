"""Areas are cut only where lanes at angles of their own save more than the cut costs."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from flight.planning.partition import partition
from tests.flight.planning.scenes import star_polygons

SPACING_M, TURN_COST_M = 20.0, 15.0
WING = shapely.box(0.0, 0.0, 700.0, 100.0)


@pytest.mark.parametrize("area", [WING, shapely.box(0.0, 0.0, 300.0, 300.0)])
def test_a_rectangle_stays_whole(area: shapely.Polygon) -> None:
    """No cut makes its lanes longer."""
    (piece,) = partition(area, SPACING_M, TURN_COST_M)
    assert piece.polygon.equals(area)


def test_the_lanes_of_a_long_field_run_along_it() -> None:
    """Its angle is that of the longer edge."""
    field = affinity.rotate(WING, 30.0, origin=(0.0, 0.0))
    (piece,) = partition(field, SPACING_M, TURN_COST_M)
    assert math.degrees(piece.angle_rad) == pytest.approx(30.0, abs=1.0)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 180.0), st.floats(60.0, 120.0))
def test_an_angle_of_two_wings_is_cut_into_them(turned_deg: float, between_deg: float) -> None:
    """Whatever the directions; the pieces have the lanes of their wings."""
    both = shapely.union(WING, affinity.rotate(WING, between_deg, origin=(50.0, 50.0)))
    area = affinity.rotate(both, turned_deg, origin=(0.0, 0.0))
    pieces = sorted(partition(area, SPACING_M, TURN_COST_M), key=lambda p: -p.polygon.area)
    found = {round(math.degrees(piece.angle_rad) - turned_deg) % 180 for piece in pieces[:2]}
    wanted = {0, round(between_deg) % 180}
    assert all(min(abs((f - w + 90) % 180 - 90) for f in found) <= 2 for w in wanted)


@settings(max_examples=20, deadline=None)
@given(star_polygons())
def test_pieces_are_the_area_and_cost_less_than_it(area: shapely.Polygon) -> None:
    """Nothing is lost, nothing is covered twice."""
    pieces = partition(area, SPACING_M, TURN_COST_M)
    whole_m2 = sum(piece.polygon.area for piece in pieces)
    assert whole_m2 == pytest.approx(area.area, rel=1e-6)
    together = shapely.union_all([piece.polygon for piece in pieces])
    assert shapely.symmetric_difference(together, area).area <= 1e-6 * area.area
    assert all(0.0 <= piece.angle_rad < np.pi for piece in pieces)
