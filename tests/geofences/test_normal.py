"""Tests of `geofences.normal`."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ncx2, norm

from geofences.normal import SIGMAS_PER_CE90, circular_error_m, share_in_polygon


@pytest.mark.parametrize(
    ("ratio", "ce50", "ce90"),
    [
        (0.0, 0.67449, 1.64485),  # one direction only: quantiles of the normal
        (0.5, 0.87042, 1.73708),  # tables of circular error probable
        (1.0, 1.17741, 2.14597),  # Rayleigh
    ],
)
def test_circular_errors_match_the_tables(ratio: float, ce50: float, ce90: float) -> None:
    """Known radii for narrow, medium and round distributions."""
    covariance = np.diag([1.0, ratio**2])
    assert ce50 == pytest.approx(circular_error_m(covariance, 0.5), abs=1e-5)
    assert ce90 == pytest.approx(circular_error_m(covariance, 0.9), abs=1e-5)


@given(
    ratio=st.floats(0.0, 1.0),
    turn=st.floats(0.0, math.pi),
    scale_m=st.floats(0.01, 500.0),
    probability=st.floats(0.3, 0.99),
)
def test_the_circle_holds_its_share(
    ratio: float, turn: float, scale_m: float, probability: float
) -> None:
    """Integrating the density over the circle gives back the probability asked for."""
    axes = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    covariance = axes @ np.diag([1.0, ratio**2]) @ axes.T * scale_m**2
    radius = circular_error_m(covariance, probability) / scale_m
    along = (np.arange(4000) + 0.5) / 4000 * math.pi - math.pi / 2
    x, width = radius * np.sin(along), radius * np.cos(along)
    height = norm.cdf(width / max(ratio, 1e-9)) * 2.0 - 1.0
    share = np.sum(norm.pdf(x) * height * radius * np.cos(along)) * math.pi / 4000
    assert probability == pytest.approx(share, abs=2e-3)


def test_no_error_is_no_radius() -> None:
    """A covariance of zero gives zero."""
    assert circular_error_m(np.zeros((2, 2)), 0.9) == 0.0


def test_the_factor_is_that_of_the_round_case() -> None:
    """The constant agrees with the general solution."""
    assert circular_error_m(np.eye(2), 0.9) == pytest.approx(SIGMAS_PER_CE90, abs=1e-9)


boxes = st.tuples(
    st.floats(-40.0, 40.0), st.floats(-40.0, 40.0), st.floats(0.1, 60.0), st.floats(0.1, 60.0)
)


@given(box=boxes, sigma_m=st.floats(0.5, 50.0))
def test_share_of_a_rectangle_is_the_product_of_its_sides(
    box: tuple[float, float, float, float], sigma_m: float
) -> None:
    """For rectangles the share is known from the one-dimensional normal."""
    left, bottom, width, height = box
    across = norm.cdf((left + width) / sigma_m) - norm.cdf(left / sigma_m)
    up = norm.cdf((bottom + height) / sigma_m) - norm.cdf(bottom / sigma_m)
    polygon = shapely.box(left, bottom, left + width, bottom + height)
    assert across * up == pytest.approx(share_in_polygon(polygon, sigma_m), abs=1e-9)


@given(away_m=st.floats(0.0, 30.0), radius_m=st.floats(1.0, 20.0))
def test_share_of_a_circle_is_that_of_the_chi_square(away_m: float, radius_m: float) -> None:
    """A many-sided polygon comes near the known share of a circle off the middle."""
    circle = shapely.Point(away_m, 0.0).buffer(radius_m, quad_segs=200)
    expected = ncx2.cdf((radius_m / 8.0) ** 2, 2, max((away_m / 8.0) ** 2, 1e-12))
    assert expected == pytest.approx(share_in_polygon(circle, 8.0), abs=1e-4)


def test_a_hole_is_left_out() -> None:
    """What lies in a hole does not count."""
    whole, hole = shapely.box(-50, -50, 50, 50), shapely.box(-10, -5, 20, 15)
    assert share_in_polygon(whole, 10.0) - share_in_polygon(hole, 10.0) == pytest.approx(
        share_in_polygon(whole.difference(hole), 10.0), abs=1e-12
    )


@pytest.mark.parametrize("clockwise", [True, False])
def test_the_direction_of_a_ring_does_not_matter(clockwise: bool) -> None:
    """Rings may run either way round."""
    ring = shapely.box(0, 0, 30, 30, ccw=not clockwise)
    assert share_in_polygon(ring, 1.0) == pytest.approx(0.25, abs=1e-9)


@pytest.mark.parametrize(
    ("polygon", "expected"),
    [
        (shapely.box(0, -99, 99, 99), 0.5),  # the mean on an edge
        (shapely.box(0, 0, 99, 99), 0.25),  # the mean on a corner
        (shapely.Polygon([(0, 0), (99, 0), (99, 99)]), 0.125),  # the mean on a sharp corner
        (shapely.box(-99, -99, 99, 99), 1.0),
        (shapely.box(500, 500, 600, 600), 0.0),
    ],
)
def test_borders_through_the_mean_are_exact(polygon: shapely.Polygon, expected: float) -> None:
    """Edges and corners that meet the mean need no tolerance."""
    assert share_in_polygon(polygon, 5.0) == pytest.approx(expected, abs=1e-9)
