"""Tests of `geofences.lens`."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geofences.lens import Lens

lenses = st.builds(Lens, st.floats(-0.4, 0.4), st.floats(-0.1, 0.1))
askew = st.builds(
    Lens,
    *(st.floats(-most, most) for most in (0.4, 0.2, 0.01, 0.01, 0.1)),
)
places = st.tuples(st.floats(-0.9, 0.9), st.floats(-0.6, 0.6)).map(lambda xy: np.array([xy]))


@given(lens=lenses, radius=st.floats(0.0, 1.2), angle=st.floats(0.0, 2 * math.pi))
def test_undistorting_undoes_distorting(lens: Lens, radius: float, angle: float) -> None:
    """Inside the fold the two are inverse to each other."""
    assume(radius < 0.98 * lens.fold_radius)
    point = np.array([[radius * math.cos(angle), radius * math.sin(angle)]])
    assert point == pytest.approx(lens.undistort(lens.distort(point)), abs=1e-8)


def test_barrel_distortion_draws_points_in() -> None:
    """A negative k1 moves points towards the axis, by the formula."""
    moved = Lens(-0.1, 0.02).distort(np.array([[0.5, 0.0]]))
    assert pytest.approx(moved[0, 0]) == 0.5 * (1 - 0.1 * 0.25 + 0.02 * 0.0625)
    assert moved[0, 1] == 0.0


def test_the_fold_is_where_the_slope_vanishes() -> None:
    """For k2 = 0 the model folds at 1 / sqrt(-3 k1); without distortion it never does."""
    assert 1.0 / math.sqrt(0.9) == pytest.approx(Lens(-0.3, 0.0).fold_radius)
    assert Lens(0.0, 0.0).fold_radius == Lens(0.2, 0.0).fold_radius == math.inf


def test_nothing_comes_from_beyond_the_fold() -> None:
    """Points beyond the fold have no place in the picture, nor the other way round."""
    lens = Lens(-0.3, 0.0)
    outermost = lens.fold_radius * 2.0 / 3.0
    assert np.isnan(lens.distort(np.array([[1.2, 0.0]]))).all()
    assert np.isnan(lens.undistort(np.array([[outermost + 0.01, 0.0]]))).all()
    assert not np.isnan(lens.undistort(np.array([[outermost - 0.01, 0.0]]))).any()


def test_the_axis_stays() -> None:
    """The middle of the picture is not moved."""
    axis = np.zeros((1, 2))
    assert Lens(-0.3, 0.1).undistort(axis).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("lens", [Lens(), Lens(-0.1, 0.01), Lens(-0.1, 0.01, 1e-3, 2e-3)])
def test_no_points_are_no_points(lens: Lens) -> None:
    """The empty array is legal both ways."""
    assert lens.distort(np.empty((0, 2))).shape == lens.undistort(np.empty((0, 2))).shape == (0, 2)


@given(lens=askew, point=places)
def test_undistorting_undoes_what_glass_askew_does(lens: Lens, point: np.ndarray) -> None:
    """All five terms at once, up to near the fold."""
    assume(np.hypot(*point[0]) < 0.9 * lens.fold_radius)
    moved = lens.distort(point)
    assume(not np.isnan(moved).any() and not np.isnan(lens.distort(1.05 * point)).any())
    assert point == pytest.approx(lens.undistort(moved), abs=1e-6)


@given(lens=askew, point=places)
def test_distorting_is_that_of_opencv(lens: Lens, point: np.ndarray) -> None:
    """The terms mean what its calibration means by them."""
    moved = lens.distort(point)
    assume(not np.isnan(moved).any())
    ray = np.append(point[0], 1.0).reshape(1, 3)
    nothing = np.zeros(3)
    theirs, _ = cv2.projectPoints(ray, nothing, nothing, np.eye(3), coefficients(lens))
    assert moved[0] == pytest.approx(theirs.ravel(), abs=1e-9)


@given(lens=askew, point=places)
def test_undistorting_is_that_of_opencv_where_that_gets_there(
    lens: Lens, point: np.ndarray
) -> None:
    """Its steps do not always close in on a place, and it does not say so; where they do, ours."""
    ours = lens.undistort(point)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-12)
    theirs = cv2.undistortPoints(
        point.reshape(1, 1, 2), np.eye(3), coefficients(lens), criteria=stop
    ).reshape(1, 2)
    closed = np.isfinite(theirs).all() and np.abs(lens.distort(theirs) - point).max() < 1e-9
    assume(closed)
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_every_term_folds() -> None:
    """The fold is the nearest place where the slope vanishes, of the sixth power too."""
    assert Lens(k3=-1.0).fold_radius == pytest.approx((1.0 / 7.0) ** (1.0 / 6.0))
    assert Lens(k1=1e-300, k3=5e-324).fold_radius == math.inf


def test_a_lens_without_terms_is_straight() -> None:
    """And changes nothing."""
    point = np.array([[0.3, -0.2]])
    assert Lens().is_straight
    assert not Lens(p2=1e-3).is_straight
    assert Lens().undistort(point).tolist() == point.tolist()


def coefficients(lens: Lens) -> np.ndarray:
    """A lens in OpenCV's order."""
    return np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3])
