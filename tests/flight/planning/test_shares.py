"""Shares of an area are strips side by side, of fair sizes, near their docks."""

import itertools
import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.cleaning import clean_area
from flight.planning.shares import Reach, share_area
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


def test_every_flight_pays_the_way_again() -> None:
    """Who has short ways gets more of an area the more flights it takes."""
    one_way = share_area(FIELD, [(0.0, 50.0), (600.0, 50.0)], 20.0)
    many = share_area(FIELD, [(0.0, 50.0), (600.0, 50.0)], 20.0, [Reach(1000.0, 100.0)] * 2)
    assert many[0].area.area > 1.05 * one_way[0].area.area
    assert sum(share.area.area for share in many) == pytest.approx(FIELD.area)


def test_whose_battery_does_not_last_for_the_way_stays_at_home() -> None:
    """Were it faster or not."""
    (share,) = share_area(FIELD, [(0.0, 50.0), (600.0, 50.0)], 20.0, [Reach(1000.0), Reach(300.0)])
    assert share.aircraft_index == 0


def test_where_nobody_s_battery_lasts_all_get_as_much() -> None:
    """Dividing the paths tells then what is out of reach."""
    shares = share_area(FIELD, [(0.0, 900.0), (400.0, 900.0)], 20.0, [Reach(300.0)] * 2)
    assert [share.area.area for share in shares] == pytest.approx([FIELD.area / 2.0] * 2)


@given(
    st.floats(100.0, 5000.0), st.floats(0.0, 1000.0), st.floats(0.0, 3000.0), st.floats(0.0, 3e4)
)
def test_work_never_shrinks_with_time_and_asks_for_flights(
    flight_m: float, between_m: float, way_m: float, until_m: float
) -> None:
    """More time never means less work; each started flight flies its way and within its range."""
    reach = Reach(flight_m, between_m)
    done_m = reach.lanes_m(until_m, way_m)
    assert done_m <= reach.lanes_m(until_m + 10.0, way_m) + 1e-6
    assert done_m <= max(0.0, until_m - way_m)
    flights = math.ceil(done_m / max(flight_m - way_m, 1e-9)) if done_m > 1e-6 else 0
    assert done_m + flights * way_m + max(0, flights - 1) * between_m <= until_m + 1e-6
