"""Inspections: circles and hovers at a distance, the camera on the target, in a short order."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.inspection import Target, inspect, orbit_radius_m
from flight.planning.links import Passage
from flight.planning.work import Stop
from geofences.view import Camera

ROOM = shapely.box(-300.0, -300.0, 700.0, 700.0)
CAMERA = Camera("wide", 1920, 1080, 70.0)

places = st.tuples(st.floats(0.0, 400.0), st.floats(0.0, 400.0))
targets = st.lists(
    st.builds(
        lambda place, standoff_m, hover_s: Target("mast", place, 12.0, standoff_m, hover_s),
        places,
        st.floats(10.0, 60.0),
        st.sampled_from([0.0, 8.0]),
    ),
    min_size=1,
    max_size=7,
)
rooms = st.one_of(
    st.just(ROOM),
    st.builds(
        lambda p, r: shapely.difference(ROOM, shapely.Point(p).buffer(r, quad_segs=4)),
        places,
        st.floats(10.0, 120.0),
    ),
)


def mast(x: float, y: float, hover_s: float = 0.0, standoff_m: float = 30.0) -> Target:
    """Something 12 m high."""
    return Target("mast", (x, y), 12.0, standoff_m, hover_s)


@settings(max_examples=40, deadline=None)
@given(targets, rooms)
def test_targets_are_looked_at_from_their_distance_and_nothing_leaves_the_air(
    asked: list[Target], room: shapely.Geometry
) -> None:
    """Each once, or it is said that it cannot be."""
    try:
        found = inspect(asked, Passage(room), (-290.0, -290.0))
    except NothingToCoverError:
        return
    assert sorted((*found.order, *found.left_out)) == list(range(len(asked)))
    points = found.work.points
    assert (
        shapely.difference(shapely.LineString(points), shapely.buffer(room, 1e-5)).length == 0.0
        if len(points) > 1
        else True
    )
    begins = [i for i, stop in found.work.stops.items() if stop.look_at is not None]
    for index, first in zip(found.order, sorted(begins), strict=True):
        target, stop = asked[index], found.work.stops[first]
        assert stop == Stop(target.hover_s, target.position, 12.0)
        assert math.dist(points[first], target.position) >= target.standoff_m - 1e-6
        if found.seen_from[index] == 1.0 and not target.hover_s:
            ring = points[first : first + 25]
            away_m = np.hypot(*(ring - target.position).T)
            assert away_m == pytest.approx(target.standoff_m, rel=0.01)


def test_a_circle_is_closed_and_nowhere_nearer_than_asked() -> None:
    """A polygon round a circle, so that its sides keep the distance too."""
    found = inspect([mast(100.0, 100.0)], Passage(ROOM))
    ring = shapely.LineString(found.work.points)
    assert ring.is_ring
    assert shapely.distance(ring, shapely.Point(100.0, 100.0)) == pytest.approx(30.0)
    assert found.seen_from == (1.0,)


def test_the_camera_looks_ahead_again_after_each_circle() -> None:
    """Else the nose would point back all the way to the next place."""
    found = inspect([mast(0.0, 0.0), mast(300.0, 0.0)], Passage(ROOM))
    stops = [found.work.stops[i] for i in sorted(found.work.stops)]
    assert [stop.look_at is None for stop in stops] == [False, True, False, True]


def test_a_flight_can_be_divided_between_places() -> None:
    """Not within a circle."""
    found = inspect([mast(0.0, 0.0), mast(300.0, 0.0), mast(150.0, 300.0)], Passage(ROOM))
    assert len(found.work.cuts) == 2
    for before, after in found.work.cuts:
        assert found.work.stops[before] == Stop()
        assert found.work.stops[after].look_at is not None


def test_a_zone_cuts_a_circle_into_arcs_aloud() -> None:
    """What is left is flown, and how much that is."""
    room = shapely.difference(ROOM, shapely.box(110.0, 0.0, 200.0, 200.0))
    found = inspect([mast(100.0, 100.0)], Passage(room))
    assert found.seen_from[0] == pytest.approx(
        1.0 - 2.0 * math.acos(1 / 3) / (2 * math.pi), abs=0.01
    )


def test_a_place_behind_zones_is_left_out_aloud() -> None:
    """The others are still looked at."""
    room = shapely.difference(ROOM, shapely.Point(0.0, 0.0).buffer(80.0))
    found = inspect([mast(0.0, 0.0), mast(300.0, 0.0)], Passage(room))
    assert (found.order, found.left_out, found.seen_from) == ((1,), (0,), (0.0, 1.0))
    with pytest.raises(NothingToCoverError, match="greater distance"):
        inspect([mast(0.0, 0.0)], Passage(room))


def test_a_hover_is_where_the_way_is_shortest() -> None:
    """Between home and the target, as far from it as asked."""
    found = inspect([mast(200.0, 0.0, hover_s=10.0)], Passage(ROOM), (0.0, 0.0))
    assert found.work.points.shape == (1, 2)
    assert found.work.points[0] == pytest.approx([170.0, 0.0], abs=0.3)


def test_without_a_distance_the_aircraft_hovers_right_above() -> None:
    """Looking straight down."""
    found = inspect([mast(200.0, 0.0, hover_s=10.0, standoff_m=0.0)], Passage(ROOM))
    assert found.work.points.tolist() == [[200.0, 0.0]]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_few_places_are_visited_nearly_as_shortly_as_can_be(seed: int) -> None:
    """Against every order of five."""
    spots = [(float(x), float(y)) for x, y in np.random.default_rng(seed).uniform(0, 400, (5, 2))]
    asked = [mast(x, y, hover_s=5.0, standoff_m=0.0) for x, y in spots]
    home = (0.0, 0.0)
    best = min(
        sum(math.dist(a, b) for a, b in itertools.pairwise([home, *order, home]))
        for order in itertools.permutations(spots)
    )
    assert best - 1e-6 <= inspect(asked, Passage(ROOM), home).length_m <= 1.1 * best


def test_the_circle_follows_from_what_a_pixel_shall_show() -> None:
    """Slant distance is focal length times sample distance; 5 mm at 1371 px are 6.9 m."""
    slant_m = CAMERA.focal_px * 0.02
    radius_m = orbit_radius_m(CAMERA, 0.02, 10.0)
    assert math.hypot(radius_m, 10.0) == pytest.approx(slant_m)
    with pytest.raises(PlanningError, match=r"Fly at most 6\.9 m above it"):
        orbit_radius_m(CAMERA, 0.005, 10.0)


@pytest.mark.parametrize(
    ("standoff_m", "hover_s", "message"),
    [(0.0, 0.0, "circled at a distance of 0 m"), (-1.0, 5.0, "of -1 m"), (20.0, -1.0, "for -1 s")],
)
def test_an_impossible_target_is_refused(standoff_m: float, hover_s: float, message: str) -> None:
    """With what to give instead."""
    with pytest.raises(PlanningError, match=message):
        mast(0.0, 0.0, hover_s, standoff_m)


def test_places_without_a_way_between_are_refused() -> None:
    """Two islands of air are two flights."""
    islands = shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)])
    with pytest.raises(PlanningError, match="Leave out the place behind the zone"):
        inspect([mast(50.0, 50.0), mast(350.0, 50.0)], Passage(islands))
