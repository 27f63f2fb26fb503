"""Outlines from the world become valid, keep their ground, and leave room to fly in."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.cleaning import clean_area, inner_rooms, polygons_of, simplified
from tests.flight.planning.scenes import holed_polygons, star_polygons

SQUARE = shapely.box(0.0, 0.0, 100.0, 100.0)
DIAGONAL = shapely.LineString([(-50, -50), (150, 150)])
BOW_TIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
corners = st.tuples(st.integers(-200, 200), st.integers(-200, 200))


@given(holed_polygons())
def test_what_is_clean_keeps_its_ground(area: shapely.Geometry) -> None:
    """To the last square metre, holes and separate parts included."""
    cleaned = clean_area(area)
    assert shapely.is_valid(cleaned)
    assert shapely.symmetric_difference(cleaned, area).area < 0.1


@given(st.lists(corners, min_size=3, max_size=9))
def test_any_ring_is_repaired_or_refused(ring: list[tuple[int, int]]) -> None:
    """Even-odd, as every program fills it; what encloses nothing is refused."""
    drawn = shapely.Polygon(ring)
    try:
        cleaned = clean_area(drawn)
    except NothingToCoverError:
        assert shapely.make_valid(drawn).area < 0.1
        return
    assert shapely.is_valid(cleaned)
    assert cleaned.area == pytest.approx(shapely.make_valid(drawn).area, abs=0.2)
    assert cleaned.area <= shapely.convex_hull(drawn).area + 1e-6


@given(star_polygons())
def test_cleaning_twice_is_cleaning_once(area: shapely.Polygon) -> None:
    """With spikes dropped, too, nothing much is left to drop."""
    once = clean_area(area, 4.0)
    assert shapely.symmetric_difference(clean_area(once), once).area < 1e-6
    assert once.area <= area.area + 1e-6


def test_a_crossing_makes_two_triangles() -> None:
    """A ring that crosses itself encloses both sides of the crossing."""
    cleaned = clean_area(BOW_TIE)
    assert sorted(part.area for part in cleaned.geoms) == pytest.approx([2500.0, 2500.0])


def test_lines_and_points_are_no_ground() -> None:
    """They come along when shapes are cut."""
    mixed = shapely.GeometryCollection([SQUARE, shapely.Point(500, 0), DIAGONAL])
    assert clean_area(mixed).area == SQUARE.area


@pytest.mark.parametrize(
    "area",
    [
        shapely.Polygon(),
        shapely.Point(0, 0),
        shapely.LineString([(0, 0), (9, 9)]),
        shapely.Polygon([(0, 0), (100, 0), (50, 0)]),
        shapely.box(0.0, 0.0, 0.05, 0.05),
    ],
)
def test_what_holds_no_ground_is_refused(area: shapely.Geometry) -> None:
    """With what to do instead."""
    with pytest.raises(NothingToCoverError, match="Choose other cells"):
        clean_area(area)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_coordinate_that_is_no_number_is_refused(wrong: float) -> None:
    """Before any geometry is asked of it."""
    area = shapely.GeometryCollection([SQUARE, shapely.Point(wrong, 0.0)])
    with pytest.raises(PlanningError, match="not a number"):
        clean_area(area)


def test_heights_are_dropped() -> None:
    """Ground is flat here."""
    raised = shapely.Polygon([(0, 0, 5), (100, 0, 6), (100, 100, 7)])
    assert not shapely.has_z(clean_area(raised))


def test_spikes_are_dropped_and_corners_stay() -> None:
    """A needle of a metre's width goes; the square keeps its four corners."""
    spiked = shapely.union(SQUARE, shapely.Polygon([(100, 49.5), (400, 50), (100, 50.5)]))
    cleaned = clean_area(spiked, 2.0)
    assert cleaned.bounds[2] < 101.0
    assert cleaned.area == pytest.approx(SQUARE.area, rel=1e-3)


def test_an_area_that_is_nothing_but_thin_keeps_what_it_has() -> None:
    """A canal is as thin as a spike, and all there is to see."""
    canal = shapely.box(0.0, 0.0, 500.0, 1.5)
    assert clean_area(canal, 2.0).area == pytest.approx(canal.area)


def test_polygons_are_found_however_deep_they_lie() -> None:
    """In their order, and without the empty ones."""
    far = affinity.translate(SQUARE, 500.0)
    nested = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.MultiPolygon([far, SQUARE]), shapely.Polygon()]
    )
    assert polygons_of(nested) == [far, SQUARE]


@settings(max_examples=30, deadline=None)
@given(holed_polygons(), st.floats(5.0, 60.0))
def test_rooms_lie_inside_and_see_what_they_promise(
    area: shapely.Geometry, spacing_m: float
) -> None:
    """A path in a room never touches the area's edge; the largest room comes first."""
    for part in polygons_of(area):
        rooms = inner_rooms(part, spacing_m)
        assert [room.polygon.area for room in rooms] == sorted(
            (room.polygon.area for room in rooms), reverse=True
        )
        for room in rooms:
            assert shapely.contains_properly(part, room.polygon)
            assert shapely.covers(shapely.buffer(part, 1e-6), room.target)


@settings(max_examples=30, deadline=None)
@given(star_polygons())
def test_half_a_spacing_from_its_rooms_all_of_an_area_is_seen(area: shapely.Polygon) -> None:
    """But for the thinnest tips."""
    rooms = inner_rooms(area, 20.0)
    seen = shapely.union_all([shapely.buffer(room.polygon, 10.0) for room in rooms])
    assert shapely.intersection(seen, area).area >= 0.98 * area.area


def test_a_corridor_narrower_than_the_inset_keeps_its_room() -> None:
    """Two yards and a lane between them are one room, not two."""
    lane = shapely.box(99.0, 49.0, 201.0, 50.0)
    yards = shapely.union_all([SQUARE, affinity.translate(SQUARE, 200.0), lane])
    (room,) = inner_rooms(yards, 5.0)
    assert shapely.intersects(room.polygon, shapely.box(140.0, 0.0, 160.0, 100.0))


def test_lanes_are_laid_in_a_smooth_core_of_a_jagged_outline() -> None:
    """A survey's every tooth would be a corner to fly."""
    turns = np.linspace(0.0, 2.0 * np.pi, 800, endpoint=False)
    reach_m = 150.0 + np.where(np.arange(800) % 2, 1.0, -1.0)
    jagged = shapely.Polygon(np.column_stack([reach_m * np.cos(turns), reach_m * np.sin(turns)]))
    (room,) = inner_rooms(jagged, 20.0)
    assert shapely.get_num_coordinates(room.core) < 100
    assert shapely.covers(room.polygon, room.core)
    assert room.core.area > 0.9 * jagged.area


def test_the_largest_room_comes_first() -> None:
    """Two yards that only a crack joins are two rooms, wherever the larger one lies."""
    small, large = shapely.box(0.0, 0.0, 40.0, 40.0), shapely.box(60.0, 0.0, 160.0, 100.0)
    crack = shapely.box(39.0, 20.0, 61.0, 20.001)
    first, second = inner_rooms(shapely.union_all([small, crack, large]), 20.0)
    assert first.polygon.area > second.polygon.area > 0.0


@pytest.mark.parametrize("first", range(6))
def test_no_vertex_left_out_lies_farther_off_than_allowed(first: int) -> None:
    """GEOS alone takes the corner at (43, 8), where this ring begins, and then moves it by 15.9."""
    corners = [(43, 8), (46, 14), (11, 28), (-22, 38), (-27, 28), (40, -1)]
    simple = simplified(shapely.Polygon(corners[first:] + corners[:first]), 10.0)
    away = shapely.distance(simple.exterior, shapely.points(corners))
    assert away.max() <= 10.0 * (1.0 + 1e-6)


@given(area=holed_polygons(), tolerance_m=st.floats(0.1, 60.0))
def test_outlines_move_by_the_tolerance_at_most(area: shapely.Polygon, tolerance_m: float) -> None:
    """Of any polygon with holes, wherever its rings begin."""
    simple = simplified(area, tolerance_m)
    away = shapely.distance(simple.boundary, shapely.points(shapely.get_coordinates(area)))
    assert away.max() <= tolerance_m * (1.0 + 1e-6)
    assert simple.is_valid


def test_an_edge_of_no_length_to_speak_of_is_left_out_without_a_word() -> None:
    """Corners that differ by less than any number's rounding are the same corner."""
    hole = [(-1.352e-220, 13.0), (-1.352e-220, 1.0), (0.0, 1.0), (9.0, 1.0), (9.0, 13.0)]
    area = shapely.Polygon([(-60, 0), (0, 60), (60, 0), (0, -60)], [hole])
    assert simplified(area, 2e-7).area == pytest.approx(7200 - 9 * 12)
