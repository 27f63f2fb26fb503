"""Shares of an area are strips side by side, of fair sizes, near their docks."""

import itertools
import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.cleaning import clean_area
from flight.planning.shares import share_area
from tests.flight.planning.scenes import holed_polygons

FIELD = shapely.MultiPolygon([shapely.box(0.0, 0.0, 400.0, 100.0)])
docks = st.tuples(st.floats(-300.0, 300.0), st.floats(-300.0, 300.0))


@settings(max_examples=40, deadline=None)
@given(holed_polygons(), st.lists(docks, min_size=1, max_size=5))
def test_shares_together_are_the_area(
    shape: shapely.Geometry, at: list[tuple[float, float]]
) -> None:
    """Nothing is lost, nothing is doubled, and nobody has two."""
    area = clean_area(shape)
    shares = share_area(area, at, 20.0)
    together = shapely.union_all([share.area for share in shares])
    assert together.symmetric_difference(area).area < 1e-6 * area.area
    assert sum(share.area.area for share in shares) == pytest.approx(area.area)
    indices = [share.aircraft_index for share in shares]
    assert len(set(indices)) == len(indices)


def test_aircraft_at_both_ends_take_a_half_each() -> None:
    """Each the half on its side."""
    first, second = share_area(FIELD, [(450.0, 50.0), (-50.0, 50.0)], 20.0)
    assert (first.aircraft_index, second.aircraft_index) == (1, 0)
    assert first.area.bounds == pytest.approx((0.0, 0.0, 200.0, 100.0), abs=0.01)


def test_who_comes_from_afar_gets_less() -> None:
    """So that both land together."""
    near, far = share_area(FIELD, [(-10.0, 50.0), (900.0, 50.0)], 20.0)
    assert near.area.area > 1.2 * far.area.area


def test_who_comes_from_too_far_stays_at_home() -> None:
    """The way alone takes longer than all of the work."""
    (share,) = share_area(FIELD, [(-10.0, 50.0), (9000.0, 50.0)], 20.0)
    assert share.aircraft_index == 0
    assert share.area.area == pytest.approx(FIELD.area)


def test_a_small_area_is_nobodys_but_one_s() -> None:
    """Two aircraft would only stand in each other's way."""
    small = shapely.MultiPolygon([shapely.box(0.0, 0.0, 30.0, 30.0)])
    assert len(share_area(small, [(0.0, 0.0), (30.0, 30.0)], 20.0)) == 1


@given(st.floats(0.0, math.pi))
def test_strips_lie_across_the_longer_side_whichever_way_it_points(turn_rad: float) -> None:
    """So the line between two of them is as short as the area is wide."""
    turned = shapely.affinity.rotate(FIELD, turn_rad, origin=(0.0, 0.0), use_radians=True)
    shares = share_area(turned, [(0.0, 0.0)] * 4, 20.0)
    for a, b in itertools.pairwise(shares):
        border = shapely.intersection(a.area.boundary, b.area.buffer(1e-6))
        assert border.length == pytest.approx(100.0, abs=0.1)
