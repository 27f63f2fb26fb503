"""Detours reach what a path has left unseen, stay inside, and move no lane."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from flight.planning.cleaning import inner_rooms
from flight.planning.coverage import cover
from flight.planning.detours import add_detours, unseen
from flight.planning.links import Passage
from flight.planning.trace import Trace
from tests.flight.planning.scenes import star_polygons

SPACING_M = 20.0
FIELD = shapely.box(0.0, 0.0, 200.0, 100.0)


def over(*points: tuple[float, float], lanes: bool = True) -> Trace:
    """A path of lanes, or of links, over some points."""
    trace = Trace.start(np.array(points[0], dtype=float))
    for point in points[1:]:
        (trace.lane_to if lanes else trace.link_to)(np.array(point, dtype=float))
    return trace


def unseen_share(trace: Trace, part: shapely.Polygon) -> float:
    """Share of a part that lies farther than half a spacing from a path."""
    return float(sum(piece.area for piece in unseen(trace, part, SPACING_M)) / part.area)


def reached(trace: Trace, part: shapely.Polygon, goal: float = 0.999) -> Trace:
    """The path with detours, inside the part itself."""
    return add_detours(trace, part, Passage(part), SPACING_M, goal)


def lane_line(trace: Trace) -> shapely.Geometry:
    """Everything that is a lane."""
    legs = zip(trace.points, trace.points[1:], trace.lanes, strict=False)
    return shapely.union_all([shapely.LineString([a, b]) for a, b, lane in legs if lane])


@settings(max_examples=15, deadline=None)
@given(star_polygons())
def test_from_one_point_a_path_grows_towards_everything(area: shapely.Polygon) -> None:
    """It sees more than before, never leaves its room, and the goal is not far."""
    room = inner_rooms(area, SPACING_M)[0].polygon
    start = shapely.point_on_surface(room)
    trace = Trace.start(np.array([start.x, start.y]))
    longer = add_detours(trace, room, Passage(room), SPACING_M, 0.99)
    assert unseen_share(longer, room) < 0.5 * unseen_share(trace, room)
    assert shapely.covers(shapely.buffer(room, 1e-3), longer.line())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100), st.integers(0, 100), st.floats(0.9, 0.999))
def test_a_path_that_leaves_corners_out_reaches_its_goal(
    left_m: int, right_m: int, goal: float
) -> None:
    """Lanes that end early, by whatever length, are completed; it costs length."""
    rows = [(left_m / 2.0, 200.0 - right_m / 2.0, y) for y in (10.0, 30.0, 50.0, 70.0, 90.0)]
    points = [(x, y) for n, (a, b, y) in enumerate(rows) for x in ((a, b) if n % 2 else (b, a))]
    short = over(*points)
    longer = reached(short, FIELD, goal)
    assert unseen_share(longer, FIELD) <= 1.0 - goal + 1e-9
    assert longer.length_m >= short.length_m - 1e-6
    assert shapely.covers(shapely.buffer(lane_line(longer), 1e-6), lane_line(short))


def test_a_goal_that_is_met_costs_nothing() -> None:
    """The path comes back as it was."""
    trace = over((0, 50), (200, 50))
    same = reached(trace, shapely.box(0.0, 41.0, 200.0, 59.0), 0.9)
    assert same.length_m == trace.length_m
    assert len(same.points) == 2


def test_the_path_that_was_given_is_not_changed() -> None:
    """The same lanes are tried with several goals."""
    trace = over((0, 10), (200, 10))
    longer = reached(trace, FIELD)
    assert (len(trace.points), trace.lanes) == (2, [True])
    assert len(longer.points) > 2


@pytest.mark.parametrize(("lanes", "most_m"), [(False, 202.0), (True, 230.0)])
def test_a_link_is_bent_and_a_lane_is_left_and_met_again(lanes: bool, most_m: float) -> None:
    """What lies beside a link costs hardly anything; a lane stays where it was laid."""
    spot = shapely.box(95.0, 62.0, 105.0, 68.0)
    trace = over((0, 50), (200, 50), lanes=lanes)
    longer = add_detours(trace, spot, Passage(FIELD), SPACING_M, 0.999)
    assert unseen_share(longer, spot) <= 0.001
    assert trace.length_m < longer.length_m < most_m
    assert shapely.difference(lane_line(trace), longer.line()).length < 1e-6


def test_a_yard_behind_a_wall_is_reached_round_the_wall() -> None:
    """The straight way is closed; the way round the corner is flown out and back."""
    wall = shapely.box(0.0, 48.0, 180.0, 52.0)
    part = shapely.difference(FIELD, wall)
    trace = over((10, 10), (10, 40), lanes=False)
    longer = reached(trace, part, 0.95)
    assert shapely.covers(shapely.buffer(part, 1e-3), longer.line())
    assert unseen_share(longer, part) < 0.3 < unseen_share(trace, part)


@pytest.mark.parametrize("width_m", [20.0, 19.0])
def test_a_strip_along_its_middle_is_all_seen(width_m: float) -> None:
    """Half a spacing to either side."""
    strip = shapely.box(0.0, 50.0 - width_m / 2.0, 200.0, 50.0 + width_m / 2.0)
    assert sum(p.area for p in unseen(over((0, 50), (200, 50)), strip, SPACING_M)) < 0.01


def test_what_is_unseen_is_the_part_less_the_swath() -> None:
    """Two strips beside one lane."""
    pieces = unseen(over((0, 50), (200, 50)), FIELD, SPACING_M)
    assert sorted(piece.area for piece in pieces) == pytest.approx([8000.0, 8000.0])


def test_a_star_with_sharp_tips_is_covered_like_any_other() -> None:
    """Its tips take more rounds of detours than most."""
    spokes = [
        affinity.rotate(shapely.Point(radius, 0.0), 40.0 * i, origin=(0.0, 0.0))
        for i, radius in enumerate((124, 60, 60, 174, 84, 82, 165, 61, 178))
    ]
    star = shapely.Polygon([(spoke.x, spoke.y) for spoke in spokes])
    assert cover(star, SPACING_M).covered_fraction >= 0.999
