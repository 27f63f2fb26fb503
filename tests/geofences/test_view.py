"""Tests of `geofences.view`."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geofences.errors import AboveHorizonError, InvalidGeometryError
from geofences.geodesy import LocalFrame, bearing_deg, distance_m
from geofences.view import (
    MIN_DEPRESSION_DEG,
    Camera,
    CameraPose,
    PoseErrors,
    footprint,
    local_to_pixels,
    pixel_to_ground,
    pixels_to_local,
)
from tests.geofences.shapes import HOME

CAMERA = Camera("demo-1280", 1280, 720, 70.0)
BENT = Camera("bent", 1280, 720, 70.0, k1=-0.12, k2=0.02)
NO_ERRORS = PoseErrors(0.0, 0.0, 0.0, 0.0)
ERRORS = PoseErrors(horizontal_m=1.2, vertical_m=1.5, heading_deg=2.0, pitch_deg=0.8)
NADIR = CameraPose(0.0, HOME, 40.0, 0.0, -90.0, 0.0, NO_ERRORS)
SLANTED = replace(NADIR, heading_deg=30.0, pitch_deg=-60.0)

cameras = st.sampled_from([CAMERA, BENT])
poses = st.builds(
    CameraPose,
    time_s=st.just(0.0),
    position=st.just(HOME),
    height_ground_m=st.floats(5.0, 200.0),
    heading_deg=st.floats(0.0, 360.0),
    pitch_deg=st.floats(-90.0, -5.0),
    roll_deg=st.floats(-20.0, 20.0),
    errors=st.just(NO_ERRORS),
)


@given(camera=cameras, pose=poses, x_px=st.floats(0.0, 1280.0), y_px=st.floats(0.0, 720.0))
def test_what_a_pixel_shows_is_seen_at_that_pixel(
    camera: Camera, pose: CameraPose, x_px: float, y_px: float
) -> None:
    """Pixel to ground and back is the same pixel."""
    ground = pixels_to_local(camera, pose, [[x_px, y_px]])
    assume(not np.isnan(ground).any())
    back = local_to_pixels(camera, pose, np.column_stack([ground, [0.0]]))
    assert (x_px, y_px) == pytest.approx(back[0].tolist(), abs=1e-4)


@given(
    camera=cameras,
    pose=poses,
    east_m=st.floats(-200.0, 200.0),
    north_m=st.floats(-200.0, 200.0),
)
def test_a_place_in_the_picture_is_found_again(
    camera: Camera, pose: CameraPose, east_m: float, north_m: float
) -> None:
    """Ground to pixel and back is the same place."""
    pixel = local_to_pixels(camera, pose, [[east_m, north_m, 0.0]])
    assume(not np.isnan(pixel).any() and (pixel >= 0).all() and (pixel <= (1280, 720)).all())
    ground = pixels_to_local(camera, pose, pixel)
    assume(not np.isnan(ground).any())
    assert (east_m, north_m) == pytest.approx(ground[0].tolist(), abs=1e-3)


@given(camera=cameras, pose=poses)
def test_the_footprint_holds_what_the_middle_shows(camera: Camera, pose: CameraPose) -> None:
    """The middle of the picture looks into the footprint."""
    middle = pixels_to_local(camera, pose, [[640.0, 360.0]])[0]
    assert footprint(camera, pose).buffer(1e-6).covers(shapely.Point(middle))


@given(pose=poses, x_px=st.floats(-300.0, 1580.0), y_px=st.floats(-300.0, 1020.0))
def test_the_footprint_is_exactly_what_the_picture_shows(
    pose: CameraPose, x_px: float, y_px: float
) -> None:
    """A pixel looks into the footprint if and only if it is in the picture."""
    assume(min(abs(x_px), abs(x_px - 1280), abs(y_px), abs(y_px - 720)) > 2.0)
    place = pixels_to_local(CAMERA, pose, [[x_px, y_px]])[0]
    assume(not np.isnan(place).any())
    shown = 0 <= x_px <= 1280 and 0 <= y_px <= 720
    steep = pixels_to_local(CAMERA, pose, [[x_px, y_px - 5], [x_px, y_px + 5]])
    assume(not np.isnan(steep).any())
    assert shown == footprint(CAMERA, pose).covers(shapely.Point(place))


def test_straight_down_is_a_rectangle_known_by_hand() -> None:
    """At 40 m with 70 deg the picture is 56.02 m by 31.51 m, its top towards the heading."""
    width_m = 2 * 40 * math.tan(math.radians(35))
    height_m = width_m * 720 / 1280
    seen = pixels_to_local(CAMERA, NADIR, [[0, 0], [1280, 0], [640, 360], [640, 720]])
    expected = [[-width_m / 2, height_m / 2], [width_m / 2, height_m / 2], [0, 0]]
    assert [*expected, [0, -height_m / 2]] == pytest.approx(seen, abs=1e-9)
    assert width_m * height_m == pytest.approx(footprint(CAMERA, NADIR).area)


def test_heading_turns_the_picture_clockwise() -> None:
    """Heading east, the top of a picture taken straight down is east and its right is south."""
    seen = pixels_to_local(CAMERA, replace(NADIR, heading_deg=90.0), [[640, 0], [1280, 360]])
    assert seen[0] == pytest.approx([15.7547, 0.0], abs=1e-3)
    assert seen[1] == pytest.approx([0.0, -28.0083], abs=1e-3)


def test_a_slanted_view_looks_ahead() -> None:
    """At -60 deg the middle is height / tan 60 ahead, in the direction of the heading."""
    point = pixel_to_ground(CAMERA, SLANTED, 640.0, 360.0)
    ahead_m = 40.0 / math.tan(math.radians(60.0))
    assert ahead_m == pytest.approx(distance_m(HOME, point.position), abs=1e-6)
    assert bearing_deg(HOME, point.position) == pytest.approx(30.0, abs=1e-6)


def test_roll_to_the_right_looks_left() -> None:
    """When the right side drops, the middle of a level picture's right half sinks to the ground."""
    level = replace(NADIR, pitch_deg=-45.0)
    rolled = replace(level, roll_deg=10.0)
    right = pixels_to_local(CAMERA, level, [[1280, 360]])[0]
    sunk = pixels_to_local(CAMERA, rolled, [[1280, 360]])[0]
    assert np.hypot(*sunk) < np.hypot(*right)
    middles = (pixels_to_local(CAMERA, p, [[640, 360]])[0] for p in (level, rolled))
    assert next(middles) == pytest.approx(next(middles), abs=1e-9)


def test_higher_things_appear_higher_in_the_picture() -> None:
    """The top of a pole is seen above its foot."""
    foot, top = local_to_pixels(CAMERA, SLANTED, [[10.0, 20.0, 0.0], [10.0, 20.0, 3.0]])
    assert top[1] < foot[1]


def test_what_is_behind_the_camera_has_no_pixel() -> None:
    """Behind and beside the camera there is no picture."""
    level = replace(NADIR, pitch_deg=0.0)
    behind, ahead = local_to_pixels(CAMERA, level, [[0.0, -10.0, 40.0], [0.0, 10.0, 40.0]])
    assert np.isnan(behind).all()
    assert ahead == pytest.approx([640.0, 360.0])


@pytest.mark.parametrize("pitch_deg", [0.0, 20.0, 90.0])
def test_the_sky_is_no_ground(pitch_deg: float) -> None:
    """A pixel above the horizon is refused with its numbers; many of them are NaN."""
    pose = replace(NADIR, pitch_deg=pitch_deg)
    with pytest.raises(AboveHorizonError, match=r"Pixel \(640, 100\) of camera 'demo-1280'"):
        pixel_to_ground(CAMERA, pose, 640.0, 100.0)
    assert np.isnan(pixels_to_local(CAMERA, pose, [[640.0, 100.0]])).all()


@pytest.mark.parametrize(("above_deg", "seen"), [(0.05, True), (-0.05, False)])
def test_rays_nearly_level_are_no_place(above_deg: float, seen: bool) -> None:
    """Half a degree below the horizon is the limit."""
    pose = replace(NADIR, pitch_deg=-MIN_DEPRESSION_DEG - above_deg)
    assert seen != np.isnan(pixels_to_local(CAMERA, pose, [[640.0, 360.0]])).any()


def test_past_the_lens_is_no_ground() -> None:
    """A pixel far outside the picture, beyond the fold of the lens, is refused."""
    folding = Camera("folding", 1280, 720, 70.0, k1=-0.2)
    with pytest.raises(AboveHorizonError, match="past the lens"):
        pixel_to_ground(folding, NADIR, 5000.0, 360.0)


def test_a_footprint_with_horizon_ends_before_it() -> None:
    """With the horizon in the picture the footprint is long but finite."""
    shape = footprint(CAMERA, replace(NADIR, pitch_deg=-5.0))
    reach_m = 40.0 / math.tan(math.radians(MIN_DEPRESSION_DEG))
    assert shape.is_valid
    assert 0.9 * reach_m < shape.bounds[3] < 1.01 * reach_m


def test_a_footprint_of_the_sky_is_refused() -> None:
    """Looking up there is no ground."""
    with pytest.raises(AboveHorizonError, match="shows no ground at a pitch of 45"):
        footprint(CAMERA, replace(NADIR, pitch_deg=45.0))


def test_no_pixels_are_no_places() -> None:
    """Empty arrays are legal both ways."""
    assert pixels_to_local(CAMERA, NADIR, np.empty((0, 2))).shape == (0, 2)
    assert local_to_pixels(CAMERA, NADIR, np.empty((0, 3))).shape == (0, 2)


@pytest.mark.parametrize(
    ("pitch_deg", "x_px", "y_px"),
    [(-90.0, 640.0, 360.0), (-60.0, 640.0, 360.0), (-60.0, 100.0, 50.0), (-35.0, 900.0, 500.0)],
)
@pytest.mark.parametrize("camera", [CAMERA, BENT])
def test_the_told_error_holds_its_share_of_true_places(
    camera: Camera, pitch_deg: float, x_px: float, y_px: float
) -> None:
    """Of 2,000 seeded true poses round the told one, 90 % lie inside ce90 and 50 % inside ce50."""
    told = replace(SLANTED, pitch_deg=pitch_deg, errors=ERRORS)
    point = pixel_to_ground(camera, told, x_px, y_px)
    rng = np.random.default_rng(11)
    frame = LocalFrame(HOME)
    middle = np.array(frame.to_local(point.position.lon_deg, point.position.lat_deg))
    away_m = []
    for shift in rng.normal(size=(2000, 7)):
        true = replace(
            told,
            height_ground_m=told.height_ground_m + shift[2] * ERRORS.vertical_m,
            heading_deg=told.heading_deg + shift[3] * ERRORS.heading_deg,
            pitch_deg=told.pitch_deg + shift[4] * ERRORS.pitch_deg,
        )
        place = pixels_to_local(camera, true, [(x_px + shift[5], y_px + shift[6])])[0]
        away_m.append(np.hypot(*(place + shift[:2] * ERRORS.horizontal_m - middle)))
    assert np.mean(np.array(away_m) < point.ce90_m) == pytest.approx(0.90, abs=0.02)
    assert np.mean(np.array(away_m) < point.ce50_m) == pytest.approx(0.50, abs=0.03)


def test_a_sure_pose_gives_a_sure_place() -> None:
    """Without any error the circles vanish."""
    point = pixel_to_ground(CAMERA, SLANTED, 200.0, 300.0, pixel_error_px=0.0)
    assert point.ce50_m == point.ce90_m == 0.0
    assert point.covariance_m2 == ((0.0, 0.0), (0.0, 0.0))


def test_horizontal_error_alone_is_round() -> None:
    """1 m along each axis is 2.146 m of ce90 and 1.177 m of ce50."""
    pose = replace(SLANTED, errors=PoseErrors(1.0, 0.0, 0.0, 0.0))
    point = pixel_to_ground(CAMERA, pose, 200.0, 300.0, pixel_error_px=0.0)
    assert (point.ce50_m, point.ce90_m) == pytest.approx((1.1774, 2.1460), abs=1e-4)
    assert pytest.approx(np.array(point.covariance_m2)) == ((1.0, 0.0), (0.0, 1.0))


def test_height_error_stretches_away_from_the_camera() -> None:
    """Vertical error moves a place along the line from the point below the camera."""
    pose = replace(SLANTED, errors=PoseErrors(0.0, 2.0, 0.0, 0.0))
    point = pixel_to_ground(CAMERA, pose, 640.0, 360.0, pixel_error_px=0.0)
    variance = (2.0 / math.tan(math.radians(60.0))) ** 2
    direction = np.array([math.sin(math.radians(30)), math.cos(math.radians(30))])
    assert variance * np.outer(direction, direction) == pytest.approx(
        np.array(point.covariance_m2), abs=1e-9
    )


def test_heading_error_moves_across() -> None:
    """Heading error moves a place on a circle about the point below the camera."""
    pose = replace(NADIR, pitch_deg=-45.0, errors=PoseErrors(0.0, 0.0, 1.0, 0.0))
    point = pixel_to_ground(CAMERA, pose, 640.0, 360.0, pixel_error_px=0.0)
    (east, cross), (_, north) = point.covariance_m2
    assert math.radians(40.0) == pytest.approx(math.sqrt(east), rel=1e-6)
    assert (cross, north) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_pixel_error_alone_is_its_size_on_the_ground() -> None:
    """Ten pixels straight down from 40 m are 0.4376 m along each axis."""
    point = pixel_to_ground(CAMERA, NADIR, 640.0, 360.0, pixel_error_px=10.0)
    expected = (10.0 * 40.0 / CAMERA.focal_px) ** 2
    assert np.diag([expected, expected]) == pytest.approx(np.array(point.covariance_m2), abs=1e-9)


def test_pitch_error_alone_moves_along_the_view() -> None:
    """At -45 deg a degree of pitch moves the middle by height * pi / 180 / sin^2 45 degrees."""
    pose = replace(NADIR, pitch_deg=-45.0, errors=PoseErrors(0.0, 0.0, 0.0, 1.0))
    point = pixel_to_ground(CAMERA, pose, 640.0, 360.0, pixel_error_px=0.0)
    (east, cross), (_, north) = point.covariance_m2
    assert 40.0 * math.radians(1.0) / 0.5 == pytest.approx(math.sqrt(north), rel=1e-6)
    assert (east, cross) == pytest.approx((0.0, 0.0), abs=1e-9)


@pytest.mark.parametrize("y_px", [355.0, 359.0, 361.0])
def test_the_error_is_a_number_up_to_the_last_row(y_px: float) -> None:
    """Beside the flattest usable ray a place still has a finite, large error."""
    pose = replace(NADIR, pitch_deg=-0.9, errors=ERRORS)
    point = pixel_to_ground(CAMERA, pose, 640.0, y_px)
    assert 100.0 < point.ce50_m < point.ce90_m < math.inf


@given(pose=poses, x_px=st.floats(0.0, 1280.0), y_px=st.floats(0.0, 720.0))
def test_the_wide_circle_holds_the_narrow_one(pose: CameraPose, x_px: float, y_px: float) -> None:
    """Half of the places are always nearer than nine tenths of them."""
    assume(not np.isnan(pixels_to_local(CAMERA, pose, [[x_px, y_px]])).any())
    point = pixel_to_ground(CAMERA, replace(pose, errors=ERRORS), x_px, y_px)
    assert 0.0 < point.ce50_m < point.ce90_m
    assert np.linalg.eigvalsh(np.array(point.covariance_m2)).min() > 0.0


@given(
    pose=poses,
    turn_deg=st.floats(-180.0, 180.0),
    x_px=st.floats(0.0, 1280.0),
    y_px=st.floats(0.0, 720.0),
)
def test_turning_the_camera_turns_the_ground(
    pose: CameraPose, turn_deg: float, x_px: float, y_px: float
) -> None:
    """A camera turned clockwise sees the same at the same distance, turned clockwise."""
    here = pixels_to_local(CAMERA, pose, [[x_px, y_px]])[0]
    assume(not np.isnan(here).any())
    turned = replace(pose, heading_deg=pose.heading_deg + turn_deg)
    sin, cos = math.sin(math.radians(turn_deg)), math.cos(math.radians(turn_deg))
    expected = [here[0] * cos + here[1] * sin, here[1] * cos - here[0] * sin]
    seen = pixels_to_local(CAMERA, turned, [[x_px, y_px]])[0]
    assert expected == pytest.approx(seen.tolist(), abs=1e-6)


@given(pose=poses, x_px=st.floats(0.0, 1280.0), y_px=st.floats(0.0, 720.0))
def test_twice_as_high_sees_twice_as_far(pose: CameraPose, x_px: float, y_px: float) -> None:
    """Places scale with the height."""
    here = pixels_to_local(CAMERA, pose, [[x_px, y_px]])[0]
    higher = replace(pose, height_ground_m=2.0 * pose.height_ground_m)
    seen = pixels_to_local(CAMERA, higher, [[x_px, y_px]])[0]
    assert (2.0 * here).tolist() == pytest.approx(seen.tolist(), rel=1e-12, nan_ok=True)


def test_errors_grow_towards_the_horizon() -> None:
    """The same pose knows far places less well."""
    pose = replace(SLANTED, pitch_deg=-30.0, errors=ERRORS)
    radii = [pixel_to_ground(CAMERA, pose, 640.0, y).ce90_m for y in (700.0, 400.0, 200.0, 100.0)]
    assert radii == sorted(radii)


def test_focal_length_and_field_of_view_agree() -> None:
    """70 deg across 1280 px is 914 px of focal length and 42.98 deg upright."""
    assert CAMERA.focal_px == pytest.approx(914.01, abs=0.01)
    assert CAMERA.vfov_deg == pytest.approx(43.00, abs=0.02)


def test_an_unsure_focal_length_widens_what_is_away_from_the_middle() -> None:
    """Straight down a place 1 % further out is as many metres off, and the middle not at all."""
    unsure = replace(CAMERA, focal_error_share=0.01)
    middle = pixel_to_ground(unsure, NADIR, 640.0, 360.0, pixel_error_px=0.0)
    edge = pixel_to_ground(unsure, NADIR, 1280.0, 360.0, pixel_error_px=0.0)
    half_m = 40.0 * math.tan(math.radians(35.0))
    assert middle.ce90_m == pytest.approx(0.0, abs=1e-6)
    assert edge.covariance_m2[0][0] == pytest.approx((0.01 * half_m) ** 2, rel=1e-4)
    assert edge.covariance_m2[1][1] == pytest.approx(0.0, abs=1e-9)


@given(pose=poses, x_px=st.floats(0.0, 1280.0), y_px=st.floats(0.0, 720.0))
def test_the_error_of_the_focal_length_is_how_far_another_one_sees(
    pose: CameraPose, x_px: float, y_px: float
) -> None:
    """Looked at by a camera whose focal length is that much longer."""
    share = 1e-4
    longer = math.degrees(2.0 * math.atan(math.tan(math.radians(35.0)) / (1.0 + share)))
    pixel = [[x_px, y_px]]
    told, true = (
        pixels_to_local(replace(CAMERA, hfov_deg=hfov_deg), pose, pixel)[0]
        for hfov_deg in (70.0, longer)
    )
    assume(np.isfinite(told).all() and np.hypot(*told) < 3.0 * pose.height_ground_m)
    unsure = replace(CAMERA, focal_error_share=share)
    stated = pixel_to_ground(unsure, pose, x_px, y_px, pixel_error_px=0.0).covariance_m2
    apart_m = told - true
    assert np.array(stated) == pytest.approx(
        np.outer(apart_m, apart_m), rel=0.02, abs=1e-10 * pose.height_ground_m**2
    )


@pytest.mark.parametrize(
    ("width_px", "height_px", "hfov_deg", "k1", "words"),
    [
        (0, 720, 70.0, 0.0, "cannot be 0 x 720"),
        (1280, 720, 0.0, 0.0, "field of view of 0.0"),
        (1280, 720, 180.0, 0.0, "field of view of 180.0"),
        (1280, 720, math.nan, 0.0, "field of view of nan"),
        (1280, 720, 70.0, -0.9, "folds its picture"),
    ],
)
def test_impossible_cameras_are_refused(
    width_px: int, height_px: int, hfov_deg: float, k1: float, words: str
) -> None:
    """A camera has a size, an angle, and a lens that covers its picture."""
    with pytest.raises(InvalidGeometryError, match=words):
        Camera("odd", width_px, height_px, hfov_deg, k1)


@pytest.mark.parametrize(
    "change",
    [
        {"height_ground_m": 0.0},
        {"height_ground_m": math.nan},
        {"heading_deg": math.inf},
        {"pitch_deg": math.nan},
        {"roll_deg": math.nan},
    ],
)
def test_impossible_poses_are_refused(change: dict[str, float]) -> None:
    """Angles are numbers and a camera is above ground."""
    with pytest.raises(InvalidGeometryError):
        replace(NADIR, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bias_share", "correlation_s"), [(-0.1, 60.0), (1.1, 60.0), (math.nan, 60.0), (0.5, 0.0)]
)
def test_impossible_memories_are_refused(bias_share: float, correlation_s: float) -> None:
    """A share is from 0 to 1, and a time is above zero."""
    with pytest.raises(InvalidGeometryError, match="give 0 to 1, and seconds above zero"):
        PoseErrors(1.0, 1.0, 1.0, 1.0, bias_share, correlation_s)


@pytest.mark.parametrize("part", [-0.1, math.nan, math.inf])
def test_impossible_pose_errors_are_refused(part: float) -> None:
    """Standard deviations are zero or more."""
    with pytest.raises(InvalidGeometryError, match="zero or more"):
        PoseErrors(1.0, 1.0, part, 1.0)
