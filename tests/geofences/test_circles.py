"""Tests of `geofences.circles` and `geofences.antimeridian`."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.antimeridian import parts_of_outline
from geofences.circles import Circle, circle_round
from geofences.errors import InvalidGeometryError
from geofences.geodesy import LonLat, destination, distance_m
from tests.geofences.shapes import HOME, box, polygon

CIRCLES = st.builds(
    Circle,
    st.builds(LonLat, st.floats(-180.0, 180.0), st.floats(-75.0, 75.0)),
    st.floats(10.0, 100_000.0),
)


@given(circle=CIRCLES, bearing_deg=st.floats(0.0, 360.0), share=st.floats(0.0, 1.0))
def test_the_polygon_of_a_circle_is_never_smaller(
    circle: Circle, bearing_deg: float, share: float
) -> None:
    """Every place in the circle is in it, and it reaches hardly further."""
    outlines = circle.outlines()
    inside = destination(circle.centre, bearing_deg, share * circle.radius_m * (1 - 1e-9))
    point = shapely.Point(inside.lon_deg, inside.lat_deg)
    assert min(shapely.distance(outline, point) for outline in outlines) < 1e-9
    for outline in outlines:
        for lon_deg, lat_deg in shapely.get_coordinates(outline):
            reach_m = distance_m(circle.centre, LonLat(lon_deg, lat_deg))
            assert reach_m < 1.02 * circle.radius_m


@given(circle=CIRCLES.filter(lambda circle: abs(circle.centre.lon_deg) < 170.0))
def test_the_polygon_of_a_circle_is_known_as_one(circle: Circle) -> None:
    """The circle round it has the same centre and holds the first one."""
    [outline] = circle.outlines()
    found = circle_round(outline)
    assert found is not None
    assert distance_m(circle.centre, found.centre) < 1e-5 * circle.radius_m + 0.001
    assert circle.radius_m < found.radius_m < 1.02 * circle.radius_m


def test_other_polygons_are_not_circles() -> None:
    """A square has its corners on one too; a half circle has a gap; a hole is not of it."""
    [outline] = Circle(HOME, 500.0).outlines()
    corners = shapely.get_coordinates(outline)
    assert circle_round(box(0, 0, 100, 100)) is None
    assert circle_round(shapely.Polygon(corners[:25])) is None
    assert circle_round(polygon((0, 0), (100, 0), (130, 60), (40, 90))) is None
    assert circle_round(outline.difference(box(-9, -9, 9, 9))) is None


def test_a_circle_over_the_180th_meridian_is_cut() -> None:
    """Half of it lies in the east of the map, half in the west."""
    circle = Circle(LonLat(179.99, -16.5), 5000.0)
    east, west = sorted(circle.outlines(), key=lambda part: -part.bounds[0])
    assert east.bounds[2] == 180.0
    assert west.bounds[0] == -180.0
    assert west.bounds[2] < -179.9


@pytest.mark.parametrize("radius_m", [0.0, -5.0, math.nan, math.inf, 600_000.0])
def test_radii_that_are_none_are_refused(radius_m: float) -> None:
    """Half the world is no zone."""
    with pytest.raises(InvalidGeometryError, match="The radius of"):
        Circle(HOME, radius_m)


def test_a_circle_with_a_pole_is_refused() -> None:
    """Its outline has no inside on a map."""
    with pytest.raises(InvalidGeometryError, match="holds a pole"):
        Circle(LonLat(10.0, 89.99), 5000.0).outlines()


def test_an_outline_over_the_180th_meridian_is_cut() -> None:
    """The short way round, holes too."""
    ring = [(179.0, -1.0), (-179.0, -1.0), (-179.0, 1.0), (179.0, 1.0)]
    hole = [(-179.8, -0.5), (-179.8, 0.5), (-179.5, 0.0)]
    west, east = sorted(parts_of_outline([ring, hole]), key=lambda part: part.bounds[0])
    assert east.equals(shapely.box(179.0, -1.0, 180.0, 1.0))
    assert west.bounds == (-180.0, -1.0, -179.0, 1.0)
    assert west.area == pytest.approx(2.0 - 0.15)


def test_an_outline_elsewhere_stays_as_it_is() -> None:
    """Its corners are not touched."""
    shape = polygon((0, 0), (100, 0), (130, 60), (40, 90))
    [part] = parts_of_outline([[tuple(c) for c in shapely.get_coordinates(shape).tolist()]])
    assert part.equals_exact(shape, 0.0)


@pytest.mark.parametrize(
    ("rings", "words"),
    [
        ([], "no ring"),
        ([[]], "fewer than three corners"),
        ([[(0.0, 0.0), (1.0, 1.0), (0.0, 0.0), (1.0, 1.0)]], "fewer than three corners"),
        ([[(700.0, 0.0), (701.0, 1.0), (701.0, 0.0)]], "more than once round the world"),
        ([[(0.0, 80.0), (120.0, 80.0), (-120.0, 80.0)]], "goes round a pole"),
        ([[(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]], "Self-intersection"),
        ([[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], [(5.0, 5.0), (6.0, 5.0), (5.0, 6.0)]], "Hole lies"),
    ],
)
def test_outlines_without_an_inside_are_refused(
    rings: list[list[tuple[float, float]]], words: str
) -> None:
    """The message says what is wrong with the ring."""
    with pytest.raises(InvalidGeometryError, match=words):
        parts_of_outline(rings)
