"""Tests of `geofences.attitude`."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geofences.attitude import angles_deg, axes_enu, mounted

headings = st.floats(0.0, 359.9)
pitches = st.floats(-89.0, 89.0)
rolls = st.floats(-170.0, 170.0)


@given(headings, pitches, rolls)
def test_angles_come_back_from_their_axes(heading: float, pitch: float, roll: float) -> None:
    """The axes say all that the angles say."""
    back = angles_deg(axes_enu(heading, pitch, roll))
    assert axes_enu(*back) == pytest.approx(axes_enu(heading, pitch, roll), abs=1e-9)
    assert back[1:] == pytest.approx((pitch, roll), abs=1e-6)


@given(headings, pitches, rolls)
def test_axes_are_a_rotation(heading: float, pitch: float, roll: float) -> None:
    """Right, down and forward are perpendicular unit vectors, right-handed."""
    axes = axes_enu(heading, pitch, roll)
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)


@given(headings)
def test_straight_down_the_top_of_the_picture_is_the_heading(heading: float) -> None:
    """Roll and heading turn about one axis there."""
    assert angles_deg(axes_enu(heading, -90.0, 0.0)) == pytest.approx((heading, -90.0, 0.0))


@given(headings, st.floats(-180.0, 180.0), st.floats(-89.0, 0.0))
def test_on_a_level_aircraft_angles_simply_add(
    heading: float, azimuth: float, elevation: float
) -> None:
    """The camera heads by the aircraft's heading and its own."""
    assume(abs(elevation) < 89.0)
    axes = mounted(axes_enu(heading, 0.0, 0.0), axes_enu(azimuth, elevation, 0.0))
    assert axes == pytest.approx(axes_enu(heading + azimuth, elevation, 0.0), abs=1e-9)


def test_a_camera_that_looks_ahead_pitches_with_its_aircraft() -> None:
    """Nose down by 10 deg and the camera by 30 deg more make 40 deg; sideways it rolls instead."""
    ahead = mounted(axes_enu(90.0, -10.0, 0.0), axes_enu(0.0, -30.0, 0.0))
    assert angles_deg(ahead) == pytest.approx((90.0, -40.0, 0.0))
    aside = mounted(axes_enu(0.0, -10.0, 0.0), axes_enu(90.0, 0.0, 0.0))
    assert angles_deg(aside) == pytest.approx((90.0, 0.0, -10.0))
