"""Lanes and coverage follow from what the camera sees."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from flight.errors import PlanningError
from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.camera_lanes import (
    View,
    filmed_route,
    lane_spacing_m,
    seen_ground,
)
from geofences.geodesy import LonLat
from geofences.view import Camera
from tests.flight.planning.scenes import CAMERA, FRAME, place

DOWN = Camera("square", 1000, 1000, 90.0)


def test_straight_down_the_spacing_is_the_width_less_the_overlap() -> None:
    """90 degrees from 40 m see 80 m; 30 % overlap leaves 56 m."""
    assert lane_spacing_m(DOWN, 40.0, -90.0, 0.3) == pytest.approx(56.0)


def test_an_oblique_view_counts_where_it_is_narrowest() -> None:
    """At -60 degrees the row next to the aircraft is the narrowest."""
    near_rad = math.radians(60.0 + CAMERA.vfov_deg / 2.0)
    slant_m = 40.0 / math.sin(near_rad) * math.cos(math.radians(CAMERA.vfov_deg / 2.0))
    width_m = 2.0 * slant_m * math.tan(math.radians(35.0))
    assert lane_spacing_m(CAMERA, 40.0, -60.0, 0.0) == pytest.approx(width_m)


def test_spacing_grows_with_height() -> None:
    """Twice as high, twice as wide."""
    low, high = (lane_spacing_m(CAMERA, height, -60.0, 0.3) for height in (30.0, 60.0))
    assert high == pytest.approx(2.0 * low)


@pytest.mark.parametrize("overlap", [-0.1, 1.0, 2.0])
def test_an_impossible_overlap_is_refused(overlap: float) -> None:
    """A full overlap would never move on."""
    with pytest.raises(PlanningError, match="side overlap"):
        lane_spacing_m(CAMERA, 40.0, -60.0, overlap)


def test_a_camera_that_looks_up_sees_no_ground() -> None:
    """The camera and its pitch are named."""
    with pytest.raises(PlanningError, match=r"'demo-1280' at a pitch of 60 degrees"):
        lane_spacing_m(CAMERA, 40.0, 60.0, 0.3)


def test_a_straight_leg_sees_its_strip() -> None:
    """Flying 100 m north with a square view of 80 m sees 80 m by 180 m."""
    seen = View(DOWN, 40.0, -90.0).seen_from(np.array([[0.0, 0.0], [0.0, 100.0]]))
    assert seen.area == pytest.approx(80.0 * 180.0, rel=1e-3)
    assert seen.bounds == pytest.approx((-40.0, -40.0, 40.0, 140.0), abs=0.1)


def test_an_oblique_view_lies_ahead() -> None:
    """Flying east at -60 degrees nothing below or behind the start is seen."""
    seen = View(CAMERA, 40.0, -60.0).seen_from(np.array([[0.0, 0.0], [100.0, 0.0]]))
    assert seen.bounds[0] > 4.0
    assert seen.bounds[2] > 145.0
    assert abs(seen.bounds[1] + seen.bounds[3]) < 0.1


def test_turning_on_the_spot_sees_the_outer_side() -> None:
    """A turn sweeps the view over the corner it turns round."""
    view = View(CAMERA, 40.0, -60.0)
    corner = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, -100.0]])
    both = shapely.union(view.seen_from(corner[:2]), view.seen_from(corner[1:]))
    assert shapely.difference(view.seen_from(corner), both).area > 10.0


def test_only_what_is_filmed_counts() -> None:
    """Ground seen on the way out and back is not covered."""

    def to(east_m: float) -> MissionItem:
        return MissionItem(Action.WAYPOINT, place(east_m, 0.0), 40.0)

    items = (
        MissionItem(Action.TAKEOFF, place(0, 0), 40.0),
        to(100.0),
        MissionItem(Action.CAMERA_START),
        to(200.0),
        to(300.0),
        MissionItem(Action.CAMERA_STOP),
        to(0.0),
        MissionItem(Action.RETURN_HOME),
    )
    fence = Fence(shapely.box(115.0, 33.0, 116.0, 34.0), (), 120.0)
    home = LonLat(115.62, 33.16)
    mission = Mission("m", "v", "d", home, items, fence, 8.0, 40.0, (), 600.0, 100.0)
    assert filmed_route(mission, FRAME)[:, 0] == pytest.approx([100.0, 200.0, 300.0], abs=0.05)
    seen = seen_ground(mission, View(DOWN, 40.0, -90.0), FRAME)
    assert seen.bounds == pytest.approx((60.0, -40.0, 340.0, 40.0), abs=0.2)


metres = st.integers(-200, 200)
routes = st.lists(st.tuples(metres, metres), min_size=2, max_size=5, unique=True).map(
    lambda points: np.array(points, dtype=float)
)


@settings(max_examples=25, deadline=None)
@given(routes, st.floats(30.0, 120.0), st.floats(-90.0, -50.0))
def test_more_flown_is_more_seen(route: np.ndarray, height_m: float, pitch_deg: float) -> None:
    """Every further leg only adds to the ground."""
    view = View(CAMERA, height_m, pitch_deg)
    before, after = view.seen_from(route[:-1]), view.seen_from(route)
    assert shapely.difference(before, after).area < 1e-3


@settings(max_examples=25, deadline=None)
@given(routes, st.integers(0, 359))
def test_what_is_seen_turns_with_the_route(route: np.ndarray, turn_deg: int) -> None:
    """No direction is better than another."""
    turned = affinity.rotate(shapely.LineString(route), turn_deg, origin=(0.0, 0.0))
    view = View(CAMERA, 40.0, -60.0)
    expected = affinity.rotate(view.seen_from(route), turn_deg, origin=(0.0, 0.0))
    seen = view.seen_from(shapely.get_coordinates(turned))
    assert shapely.symmetric_difference(seen, expected).area < 0.001 * expected.area


@settings(max_examples=25, deadline=None)
@given(st.integers(30, 120), st.integers(-90, -45), st.integers(0, 60))
def test_lanes_so_far_apart_leave_no_gap(height_m: int, pitch_deg: int, overlap: int) -> None:
    """Between two lanes flown one way the ground is seen, from where the view has come in."""
    spacing_m = lane_spacing_m(CAMERA, height_m, pitch_deg, overlap / 100.0)
    view = View(CAMERA, height_m, pitch_deg)
    ways = [np.array([[x, -2000.0], [x, 2000.0]]) for x in (0.0, spacing_m)]
    seen = shapely.union_all([view.seen_from(way) for way in ways])
    assert shapely.covers(shapely.buffer(seen, 1e-3), shapely.box(0.0, -500.0, spacing_m, 500.0))


def test_a_route_without_length_sees_nothing() -> None:
    """An aircraft that only hovers has no heading to say where it looks."""
    view = View(CAMERA, 40.0, -60.0)
    for route in (np.zeros((0, 2)), np.zeros((1, 2)), np.zeros((2, 2))):
        assert view.seen_from(route).is_empty


def test_a_camera_that_sees_only_sky_has_no_patch() -> None:
    """Its lowest row of pixels still sees sky."""
    with pytest.raises(PlanningError):
        View(CAMERA, 40.0, 30.0)


def test_a_camera_that_never_stops_films_to_the_end() -> None:
    """And one that starts before the first place films from there."""
    items = (
        MissionItem(Action.CAMERA_START),
        MissionItem(Action.WAYPOINT, place(0.0, 0.0), 40.0),
        MissionItem(Action.WAYPOINT, place(50.0, 0.0), 40.0),
    )
    fence = Fence(shapely.box(115.0, 33.0, 116.0, 34.0), (), 120.0)
    mission = Mission("m", "v", "d", place(0.0, 0.0), items, fence, 8.0, 40.0, (), 50.0, 9.0)
    assert filmed_route(mission, FRAME)[:, 0] == pytest.approx([0.0, 50.0], abs=0.05)
    silent = Mission("m", "v", "d", place(0.0, 0.0), items[1:], fence, 8.0, 40.0, (), 50.0, 9.0)
    assert filmed_route(silent, FRAME).shape == (0, 2)


@pytest.mark.parametrize(
    ("pitch_deg", "ahead_m"),
    [(-90.0, 0.0), (-60.0, 0.0), (-30.0, 40.0 / math.tan(math.radians(75.0)))],
)
def test_a_tilted_camera_does_not_see_what_is_right_below(pitch_deg: float, ahead_m: float) -> None:
    """The lower edge of a view 90 degrees high, tilted to -30, looks 75 degrees down."""
    assert View(DOWN, 40.0, pitch_deg).blind_m == pytest.approx(ahead_m, abs=1e-6)
