"""The eye: the ground's map and the projection of `geofences.view` agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.geodesy import LocalFrame
from geofences.view import local_to_pixels
from tests.vision.simulator.builders import ORIGIN, SMALL_CAMERA, pose
from vision.simulator.eye import Eye, ground_homography


def eye_at(east_m: float, north_m: float, **angles: float) -> Eye:
    """Return the look from a pose near the origin."""
    return Eye(SMALL_CAMERA, pose(east_m, north_m, **angles), np.array([east_m, north_m, 30.0]))


def mapped(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return points sent through a homography."""
    rows = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(rows[:, :2] / rows[:, 2:])


@given(
    st.floats(-40, 40), st.floats(-40, 40), st.floats(0, 359), st.floats(-90, -35), st.floats(-5, 5)
)
def test_the_ground_map_is_the_projection(
    east_m: float, north_m: float, heading_deg: float, pitch_deg: float, roll_deg: float
) -> None:
    """Everywhere in the picture both agree to a thousandth of a pixel."""
    eye = eye_at(east_m, north_m, heading_deg=heading_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    matrix = ground_homography(eye)
    corners = np.array([[0.0, 0], [319, 0], [319, 179], [0, 179], [160, 90]])
    ground = mapped(np.linalg.inv(matrix), corners)
    there = eye.pixels(np.column_stack([ground, np.zeros(5)])) - 0.5
    np.testing.assert_allclose(there, corners, atol=1e-3)


def test_places_are_those_of_the_geographic_frame() -> None:
    """Going through longitude and latitude changes nothing worth a tenth of a pixel."""
    look = pose(180.0, 120.0, heading_deg=30.0)
    eye = Eye(SMALL_CAMERA, look, np.array([180.0, 120.0, 30.0]))
    enu = np.array([[190.0, 140.0, 0.0], [175.0, 150.0, 2.0]])
    frame = LocalFrame(ORIGIN)
    lon, lat = frame.to_lonlat(enu[:, 0], enu[:, 1])
    east, north = LocalFrame(look.position).to_local(lon, lat)
    direct = local_to_pixels(SMALL_CAMERA, look, np.column_stack([east, north, enu[:, 2]]))
    np.testing.assert_allclose(eye.pixels(enu), direct, atol=0.1)


def test_pixels_keep_the_shape_of_their_places() -> None:
    """Faces of four corners come back as faces of four pixels."""
    assert eye_at(0, 0).pixels(np.zeros((5, 4, 3))).shape == (5, 4, 2)


def test_balls_shrink_with_distance() -> None:
    """Twice as far is half as large."""
    near, far = eye_at(0, 0).radii_px(np.array([[0, 0, 15.0], [0, 0, 0.0]]), np.ones(2))
    assert near == pytest.approx(2 * far)


def test_a_ball_behind_the_camera_is_not_seen() -> None:
    """A place above and behind has no pixel."""
    seen = eye_at(0, 0).sees(np.array([[0, -50.0, 60.0], [0, 17.0, 0.0]]), np.ones(2))
    assert seen.tolist() == [False, True]


def test_a_ball_just_outside_is_kept_when_it_reaches_in() -> None:
    """The size of a ball counts, not only its middle."""
    eye = eye_at(0, 0, pitch_deg=-90.0)
    outside = np.array([[24.0, 0.0, 0.0], [24.0, 0.0, 0.0]])
    assert eye.sees(outside, np.array([0.5, 6.0])).tolist() == [False, True]
