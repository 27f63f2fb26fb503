"""Lanes are evenly spaced, inside, and grouped where nothing parts them."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.sweep import candidate_angles, sweep
from tests.flight.planning.scenes import star_polygons

SQUARE = shapely.box(0.0, 0.0, 100.0, 100.0)
HOLED = SQUARE.difference(shapely.box(30.0, 37.0, 60.0, 63.0))


def test_a_square_has_one_cell_of_even_lanes() -> None:
    """Ten lanes, the outer ones half a spacing from the edge, cut at both ends."""
    laid = sweep(SQUARE, SQUARE, 0.0, 10.0, 3.0)
    (cell,) = laid.cells
    assert cell[:, 1] == pytest.approx(np.arange(5.0, 100.0, 10.0))
    assert set(cell[:, 0]) == {3.0}
    assert laid.lane_count == 10
    assert laid.lanes_length_m == pytest.approx(10 * 94.0)


def test_a_hole_parts_the_lanes_into_four_cells() -> None:
    """Below, left of, right of and above the hole."""
    cells = sweep(HOLED, HOLED, 0.0, 10.0, 0.0).cells
    assert sorted(len(cell) for cell in cells) == [2, 2, 4, 4]


def test_a_lane_shorter_than_its_cuts_is_its_middle() -> None:
    """Narrow places are flown through, not left out."""
    strip = shapely.box(0.0, 0.0, 4.0, 100.0)
    (cell,) = sweep(strip, strip, 0.0, 10.0, 3.0).cells
    assert cell[:, 0] == pytest.approx(np.full(10, 2.0))
    assert cell[:, 2] == pytest.approx(np.full(10, 2.0))


@settings(max_examples=40, deadline=None)
@given(star_polygons(), st.floats(0.0, math.pi), st.floats(8.0, 40.0))
def test_lanes_are_inside_at_every_angle(
    area: shapely.Polygon, angle_rad: float, spacing_m: float
) -> None:
    """Each lane lies in the area and along the angle."""
    for cell in sweep(area, area, angle_rad, spacing_m, 0.2 * spacing_m).cells:
        lines = shapely.linestrings(cell.reshape(-1, 2, 2))
        assert shapely.covers(shapely.buffer(area, 1e-6), lines).all()
        steps = cell[:, 2:] - cell[:, :2]
        across = steps @ np.array([-math.sin(angle_rad), math.cos(angle_rad)])
        assert across == pytest.approx(np.zeros(len(cell)), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(star_polygons(), st.floats(0.0, math.pi), st.floats(8.0, 40.0))
def test_neighbouring_lanes_are_no_farther_apart_than_asked(
    area: shapely.Polygon, angle_rad: float, spacing_m: float
) -> None:
    """Within a cell the step from lane to lane is even and at most the spacing."""
    normal = np.array([-math.sin(angle_rad), math.cos(angle_rad)])
    for cell in sweep(area, area, angle_rad, spacing_m, 0.0).cells:
        assert np.all(np.diff(cell[:, :2] @ normal) <= spacing_m + 1e-6)


def test_the_longest_edges_are_tried_first() -> None:
    """Angles of edges come first, longest first, then the sampled ones."""
    field = shapely.box(0.0, 0.0, 300.0, 50.0)
    angles = candidate_angles(field)
    assert math.degrees(angles[0]) == pytest.approx(0.0)
    assert math.degrees(angles[1]) == pytest.approx(90.0)
    assert len({round(math.degrees(angle)) % 180 for angle in angles}) == len(angles) == 12
