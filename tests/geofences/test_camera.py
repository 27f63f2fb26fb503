"""Tests of `geofences.camera`."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.camera import Camera
from geofences.errors import InvalidGeometryError
from geofences.view import CameraPose, PoseErrors, local_to_pixels, pixels_to_local
from tests.geofences.shapes import HOME

WIDE = Camera("wide", 1280, 720, 70.0)
CALIBRATED = Camera(
    "calibrated", 1280, 720, 70.0, -0.12, 0.02, 1e-3, -2e-3, 1e-3, 1.01, 655.0, 351.0
)
NADIR = CameraPose(0.0, HOME, 40.0, 0.0, -90.0, 0.0, PoseErrors(0.0, 0.0, 0.0, 0.0))

pixels = st.tuples(st.floats(0.0, 1280.0), st.floats(0.0, 720.0)).map(lambda xy: np.array([xy]))


def test_the_axis_is_in_the_middle_unless_it_is_told() -> None:
    """Of either direction by itself."""
    assert WIDE.centre_px == (640.0, 360.0)
    assert replace(WIDE, centre_x_px=655.0).centre_px == (655.0, 360.0)
    assert CALIBRATED.centre_px == (655.0, 351.0)


def test_what_is_below_is_seen_on_the_axis() -> None:
    """Wherever that meets the picture."""
    below = local_to_pixels(CALIBRATED, NADIR, [[0.0, 0.0, 0.0]])[0]
    assert below.tolist() == pytest.approx([655.0, 351.0])


@given(point_px=pixels)
def test_planes_and_pixels_are_each_others_way_back(point_px: np.ndarray) -> None:
    """Principal point and both focal lengths cancel."""
    assert point_px == pytest.approx(CALIBRATED.pixels(CALIBRATED.plane(point_px)), abs=1e-9)


@given(point_px=pixels)
def test_a_calibrated_camera_sees_what_opencv_says(point_px: np.ndarray) -> None:
    """Ground that a pixel shows is at that pixel by OpenCV, which counts from pixels' middles."""
    east_m, north_m = pixels_to_local(CALIBRATED, NADIR, point_px)[0]
    focal_px = CALIBRATED.focal_px
    matrix = np.array([[focal_px, 0.0, 654.5], [0.0, 1.01 * focal_px, 350.5], [0.0, 0.0, 1.0]])
    # Straight down with north at the top, the camera's axes are east, south and down.
    place = np.array([[east_m, -north_m, 40.0]])
    distortion = np.array([-0.12, 0.02, 1e-3, -2e-3, 1e-3])
    seen, _ = cv2.projectPoints(place, np.zeros(3), np.zeros(3), matrix, distortion)
    assert seen.ravel() + 0.5 == pytest.approx(point_px[0], abs=1e-4)


def test_fields_of_view_go_with_focal_lengths() -> None:
    """Finer pixels down the picture see less of it."""
    assert math.tan(math.radians(WIDE.vfov_deg) / 2) == pytest.approx(360.0 / WIDE.focal_px)
    finer = replace(WIDE, aspect=1.1)
    assert finer.focal_px == WIDE.focal_px
    assert math.tan(math.radians(finer.vfov_deg) / 2) * 1.1 * finer.focal_px == pytest.approx(360.0)


def test_a_pinhole_keeps_all_but_the_lens() -> None:
    """Axis and focal lengths stay."""
    pinhole = CALIBRATED.pinhole()
    assert pinhole.lens.is_straight
    assert (pinhole.centre_px, pinhole.aspect) == (CALIBRATED.centre_px, CALIBRATED.aspect)


def test_the_border_goes_round_the_picture() -> None:
    """Once, corners included."""
    border = WIDE.border_px()
    assert {(0.0, 0.0), (1280.0, 0.0), (1280.0, 720.0), (0.0, 720.0)} <= set(map(tuple, border))
    assert ((border >= 0.0) & (border <= [1280.0, 720.0])).all()


def test_a_camera_that_is_misjudged_moves_what_is_away_from_the_axis() -> None:
    """A focal length in proportion to the way from it, a lens to the third power of that."""
    unsure = replace(CALIBRATED, focal_error_share=0.01, lens_error_share=0.005)
    axis, corner, half = np.array([[655.0, 351.0], [0.0, 720.0], [327.5, 535.5]])
    focal, lens = unsure.misjudged_px(np.stack([axis, corner, half]))
    assert focal == pytest.approx(0.01 * np.stack([0 * axis, corner - axis, half - axis]))
    assert lens[:2] == pytest.approx(0.005 * np.stack([0 * axis, corner - axis]))
    assert lens[2] == pytest.approx(lens[1] / 8.0)
    assert WIDE.is_exact
    assert not unsure.is_exact


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"centre_x_px": 1300.0}, r"axis at \(1300, 360\) px"),
        ({"centre_y_px": math.nan}, "axis at"),
        ({"aspect": 3.0}, "3 times as fine"),
        ({"p1": 0.6}, "p1=0.6.* folds its picture"),
        ({"k3": -5.0}, "k3=-5 of camera 'wide' folds its picture"),
        ({"k2": math.nan}, "k2=nan"),
        ({"focal_error_share": -0.1}, "-0.1 of its focal length"),
        ({"lens_error_share": 0.5}, "0.5 of its lens"),
    ],
)
def test_calibrations_of_no_camera_are_refused(change: dict[str, float], words: str) -> None:
    """The axis is in the picture, pixels are near to square, and the lens covers the picture."""
    with pytest.raises(InvalidGeometryError, match=words):
        replace(WIDE, **change)  # type: ignore[arg-type]


@given(point_px=pixels)
def test_a_smaller_picture_shows_the_same_ground(point_px: np.ndarray) -> None:
    """Lens, axis and focal lengths go with it."""
    half = CALIBRATED.sized(640, 360)
    seen = pixels_to_local(half, NADIR, point_px / 2.0)
    assert seen == pytest.approx(pixels_to_local(CALIBRATED, NADIR, point_px), abs=1e-6)
    assert CALIBRATED.sized(1280, 720) is CALIBRATED
    assert WIDE.sized(640, 360).centre_x_px is None


def test_pictures_that_were_cut_otherwise_are_refused() -> None:
    """Which part of the camera's picture they show, nobody knows."""
    with pytest.raises(InvalidGeometryError, match="1280 x 720 px, and these are 640 x 512 px"):
        CALIBRATED.sized(640, 512)


def test_what_is_as_usual_of_a_camera_is_left_out_of_files() -> None:
    """And what is not makes the same camera again."""
    assert WIDE.calibration == {}
    told = replace(CALIBRATED, focal_error_share=0.003)
    assert Camera("calibrated", 1280, 720, 70.0, **told.calibration) == told
