"""Tests of `geofences.lens`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geofences.lens import Lens

lenses = st.builds(Lens, st.floats(-0.4, 0.4), st.floats(-0.1, 0.1))


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


@pytest.mark.parametrize("lens", [Lens(0.0, 0.0), Lens(-0.1, 0.01)])
def test_no_points_are_no_points(lens: Lens) -> None:
    """The empty array is legal both ways."""
    assert lens.distort(np.empty((0, 2))).shape == lens.undistort(np.empty((0, 2))).shape == (0, 2)
