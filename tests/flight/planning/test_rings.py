"""Rings follow the edges of an area, one spacing apart, and are flown as one path."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from flight.planning.cleaning import inner_rooms, polygons_of
from flight.planning.links import Passage
from flight.planning.rings import RING_PLANS, RingPlan, ring_path
from flight.planning.trace import Trace
from tests.flight.planning.scenes import holed_polygons

SPACING_M = 10.0
SQUARE = shapely.box(0.0, 0.0, 100.0, 100.0)
PLAIN = RingPlan(outer=0.5, step=1.0)


def ringed(area: shapely.Polygon, plan: RingPlan = PLAIN) -> Trace | None:
    """Rings over the largest room of an area."""
    room = inner_rooms(area, SPACING_M)[0]
    return ring_path(room, Passage(room.polygon), SPACING_M, plan)


def seen_share(trace: Trace, area: shapely.Geometry) -> float:
    """Share of an area within half a spacing of a path."""
    return float(shapely.intersection(trace.swath(SPACING_M), area).area / area.area)


def test_a_square_is_flown_in_rings_at_no_extra_length() -> None:
    """Five rings, joined where a spacing of both is left out."""
    path = ringed(SQUARE)
    assert path is not None
    assert path.length_m == pytest.approx(SQUARE.area / SPACING_M, rel=0.05)
    assert seen_share(path, SQUARE) > 0.97
    assert shapely.is_simple(path.line())


def test_a_ring_goes_round_a_hole() -> None:
    """Both edges are followed."""
    holed = SQUARE.difference(shapely.box(40.0, 40.0, 62.0, 62.0))
    path = ringed(holed)
    assert path is not None
    assert shapely.covers(holed, path.line())
    beside = shapely.box(35.0, 35.0, 67.0, 67.0).exterior
    assert shapely.intersection(path.line().buffer(0.5), beside).length > 0.7 * beside.length


def test_a_single_ring_is_closed() -> None:
    """Where nothing is joined, nothing is left out."""
    path = ringed(shapely.box(0.0, 0.0, 60.0, 18.0))
    assert path is not None
    assert path.end == pytest.approx(tuple(path.points[0]))
    assert all(path.lanes)


def test_a_strip_narrower_than_a_spacing_has_no_rings() -> None:
    """One pass along it is all it takes."""
    assert ringed(shapely.box(0.0, 0.0, 100.0, 8.0)) is None


@settings(max_examples=20, deadline=None)
@given(holed_polygons())
def test_rings_stay_inside_and_see_most(area: shapely.Geometry) -> None:
    """Of whatever part rings fit into, in each of the ways they are laid."""
    part = max(polygons_of(area), key=lambda each: each.area)
    room = inner_rooms(part, SPACING_M)[0]
    for plan in RING_PLANS:
        path = ring_path(room, Passage(room.polygon), SPACING_M, plan)
        if path is not None:
            assert shapely.covers(shapely.buffer(part, 1e-6), path.line())
            assert seen_share(path, room.target) > 0.6
            assert len(path.lanes) == len(path.points) - 1
            assert np.isfinite(path.points).all()
