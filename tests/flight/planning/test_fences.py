"""Fences hold what is flown, keep zones out, and fit an autopilot."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.fences import STORAGE_BYTES, build_fence, stored_bytes
from tests.flight.planning.scenes import FRAME

points = st.tuples(st.floats(-800, 800), st.floats(-800, 800))


@settings(max_examples=30, deadline=None)
@given(st.lists(points, min_size=2, max_size=30, unique=True))
def test_a_fence_is_one_ring_with_room_round_the_route(route: list[tuple[float, float]]) -> None:
    """Whatever is flown, it is inside with its margin, in at most 60 vertices."""
    line = shapely.LineString(route)
    fence = build_fence(line, [], FRAME, margin_m=40.0, ceiling_height_home_m=120.0)
    ring = FRAME.geometry_to_local(fence.inclusion)
    assert shapely.is_valid(ring)
    assert shapely.distance(ring.exterior, line) >= 35.0
    assert fence.vertex_count <= 60


def test_the_tip_of_a_sharp_closed_route_keeps_its_margin() -> None:
    """The dock where a flight begins and ends at a sharp angle lies well inside its fence."""
    dock = (-110.0, 0.0)
    lanes = [(67.1, 32.0), (-67.1, 32.0), (-67.1, 64.0), (67.1, 64.0)]
    line = shapely.LineString([dock, *lanes, dock])
    fence = build_fence(line, [], FRAME, margin_m=40.0, ceiling_height_home_m=120.0)
    ring = FRAME.geometry_to_local(fence.inclusion)
    assert shapely.contains_properly(ring, shapely.Point(dock))
    assert shapely.distance(ring.exterior, shapely.Point(dock)) >= 39.0


def test_fences_keep_their_margin_wherever_their_ring_begins() -> None:
    """Of 150 long routes that need coarse fences, none comes nearer to its fence than asked."""
    chance = np.random.default_rng(16)
    for _ in range(150):
        line = shapely.LineString(chance.uniform(-500.0, 500.0, (chance.integers(20, 60), 2)))
        fence = build_fence(line, [], FRAME, margin_m=20.0, ceiling_height_home_m=120.0)
        ring = FRAME.geometry_to_local(fence.inclusion)
        assert shapely.contains_properly(ring, line)
        assert shapely.distance(ring.exterior, line) >= 19.9


@pytest.mark.parametrize(("vertices", "fits"), [(69, True), (70, False)])
def test_the_size_in_store_is_the_simulated_autopilots(vertices: int, fits: bool) -> None:
    """One ring of 69 vertices fits ArduPilot's 560 bytes, one of 70 does not."""
    angles = np.linspace(0.0, 2.0 * np.pi, vertices, endpoint=False)
    ring = shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]))
    assert (stored_bytes([ring]) <= STORAGE_BYTES) is fits


def test_zones_that_reach_in_are_excluded_whole() -> None:
    """Near zones become exclusions that contain them; far ones are not stored."""
    near, far = shapely.Point(100, 60).buffer(20.0), shapely.Point(5000, 0).buffer(20.0)
    line = shapely.LineString([(0, 0), (200, 0)])
    fence = build_fence(line, [near, far], FRAME, margin_m=50.0, ceiling_height_home_m=120.0)
    (exclusion,) = (FRAME.geometry_to_local(polygon) for polygon in fence.exclusions)
    assert shapely.covers(exclusion, near)
    assert shapely.distance(exclusion, line) > 38.0


def test_many_zones_are_drawn_more_coarsely() -> None:
    """Ten discs of 64 vertices still fit."""
    discs = [shapely.Point(80.0 * i, 50.0).buffer(12.0, quad_segs=16) for i in range(6)]
    line = shapely.LineString([(0, 0), (400, 0)])
    fence = build_fence(line, discs, FRAME, margin_m=60.0, ceiling_height_home_m=120.0)
    assert len(fence.exclusions) == 6
    assert stored_bytes((fence.inclusion, *fence.exclusions)) <= STORAGE_BYTES


def test_more_zones_than_an_autopilot_holds_are_refused() -> None:
    """The message says how many there are."""
    boxes = [shapely.box(40.0 * i, 40.0, 40.0 * i + 10.0, 60.0) for i in range(25)]
    line = shapely.LineString([(0, 0), (1000, 0)])
    with pytest.raises(PlanningError, match="25 no-fly zones"):
        build_fence(line, boxes, FRAME, margin_m=60.0, ceiling_height_home_m=120.0)
