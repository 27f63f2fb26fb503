"""Tests of `vision.telemetry.film_poses`."""

import math

import numpy as np
import pytest

from geofences.terrain import FlatTerrain
from tests.vision.telemetry.builders import track
from vision.calibration import Calibration
from vision.errors import PoseError
from vision.telemetry.film_poses import (
    COURSE_SIGMA_DEG,
    GIMBAL_HEADING_SIGMA_DEG,
    GIVEN_PITCH_SIGMA_DEG,
    LEVEL_SIGMA_DEG,
    NOMINAL_FOCAL_SHARE,
    STRAIGHT,
    Completion,
    FilmPoses,
)
from vision.telemetry.track import HeightAbove, Heights

SIZE = (1280, 720)


def test_a_whole_track_needs_nothing() -> None:
    """Its pose is what was told, with the errors that were stated."""
    poses = FilmPoses(track(), Completion(), SIZE)
    pose = poses.pose_at(1.0)
    assert (pose.pitch_deg, pose.heading_deg, pose.height_ground_m) == (-60.0, 0.0, 40.0)
    assert pose.errors.pitch_deg == 0.5
    assert pose.errors.horizontal_m == pytest.approx(math.hypot(2.0, 10.0 * 0.1), rel=1e-3)
    assert pose.errors.heading_deg == pytest.approx(math.hypot(2.5, 10.0 * 0.1))
    assert (poses.camera.hfov_deg, poses.camera.width_px) == (70.0, 1280)
    assert "height above take-off" in poses.said


@pytest.mark.parametrize(
    ("lacking", "option"),
    [("pitch_deg", "--gimbal-pitch"), ("heading_deg", "--heading-from"), ("hfov_deg", "--hfov")],
)
def test_what_is_missing_is_named_with_its_option(lacking: str, option: str) -> None:
    """Nothing is assumed in silence."""
    with pytest.raises(PoseError, match=option):
        FilmPoses(track(**{lacking: None}), Completion(), SIZE)


def test_what_a_person_gives_is_less_sure_and_said() -> None:
    """Pitch by the word, heading by the course."""
    poses = FilmPoses(
        track(pitch_deg=None, heading_deg=None, roll_deg=None, hfov_deg=None),
        Completion(gimbal_pitch_deg=-45.0, heading_from="course", hfov_deg=60.0),
        SIZE,
    )
    pose = poses.pose_at(1.5)
    assert pose.pitch_deg == -45.0
    assert pose.heading_deg % 360 == pytest.approx(0.0, abs=1e-6)
    assert pose.errors.pitch_deg == pytest.approx(
        math.hypot(GIVEN_PITCH_SIGMA_DEG, LEVEL_SIGMA_DEG)
    )
    assert pose.errors.heading_deg > COURSE_SIGMA_DEG
    for part in ("pitch -45 deg as given", "heading from the course", "60.0 deg"):
        assert part in poses.said


def test_a_lens_that_distorts_is_the_cameras_and_said() -> None:
    """An action camera's picture bends at its edges, and places with it."""
    poses = FilmPoses(track(), Completion(distortion=(-0.12, 0.01, 0.0, 1e-3, 0.0)), SIZE)
    assert (poses.camera.k1, poses.camera.k2, poses.camera.p2) == (-0.12, 0.01, 1e-3)
    assert "k1 -0.12, k2 0.01, p2 0.001 as given" in poses.said
    assert "distortion" not in FilmPoses(track(), Completion(), SIZE).said
    with pytest.raises(PoseError, match="folds its picture"):
        FilmPoses(track(), Completion(distortion=(-2.0, 0.0, 0.0, 0.0, 0.0)), SIZE)


def test_a_calibration_goes_before_what_is_told() -> None:
    """A nominal field of view that differs from the measured one is no zoom."""
    found = Calibration("heron.yml", 1920, 1080, 1000.0, 1001.0, 960.0, 540.0, STRAIGHT)
    poses = FilmPoses(track(), Completion(calibration=found), SIZE)
    assert poses.camera.focal_px == pytest.approx(1000.0 * 2 / 3)
    assert poses.pose_at(1.0).pitch_deg == -60.0
    assert "lens and axis by heron.yml" in poses.said
    assert FilmPoses(track(hfov_deg=None), Completion(calibration=found), SIZE).camera.aspect > 1.0


def test_what_is_nominal_of_a_camera_is_unsure() -> None:
    """Less where it was calibrated, and as a person says where they do."""
    found = Calibration("heron.yml", 1920, 1080, 1000.0, 1000.0, 960.0, 540.0, STRAIGHT)
    nominal = FilmPoses(track(), Completion(), SIZE)
    calibrated = FilmPoses(track(), Completion(calibration=found), SIZE).camera
    assert nominal.camera.focal_error_share == NOMINAL_FOCAL_SHARE
    assert "1.0% of the focal length" in nominal.said
    assert 0.0 < calibrated.focal_error_share < NOMINAL_FOCAL_SHARE
    assert 0.0 < calibrated.lens_error_share < nominal.camera.lens_error_share
    stated = Completion(calibration=found, focal_error_share=0.02)
    assert FilmPoses(track(), stated, SIZE).camera.focal_error_share == 0.02
    with pytest.raises(PoseError, match="must be shares"):
        FilmPoses(track(), Completion(focal_error_share=0.7), SIZE)


def test_who_hovers_has_no_course() -> None:
    """A heading from noise would send people anywhere."""
    hovering = track(heading_deg=None, lat_deg=np.full(4, 33.16))
    poses = FilmPoses(hovering, Completion(heading_from="course"), SIZE)
    with pytest.raises(PoseError, match="has no course"):
        poses.pose_at(1.0)


def test_an_aircrafts_heading_is_not_quite_the_cameras() -> None:
    """A gimbal may look aside."""
    own = FilmPoses(track(), Completion(), SIZE).pose_at(1.0)
    carried = FilmPoses(track(heading_of="aircraft"), Completion(), SIZE).pose_at(1.0)
    assert carried.errors.heading_deg == pytest.approx(
        math.hypot(own.errors.heading_deg, GIMBAL_HEADING_SIGMA_DEG)
    )


def test_the_clock_is_moved_as_told() -> None:
    """The offset is added to the film's time."""
    poses = FilmPoses(track(), Completion(offset_s=1.0), SIZE)
    assert poses.pose_at(0.0).heading_deg == 0.0
    assert poses.pose_at(0.0).time_s == 0.0
    with pytest.raises(PoseError):
        poses.pose_at(3.0)
    assert "clock moved by 1 s" in poses.said


def test_an_angle_that_is_not_told_at_a_moment_leaves_it_without_a_pose() -> None:
    """Other moments keep theirs."""
    pitch = np.array([-60.0, -60.0, np.nan, np.nan])
    poses = FilmPoses(track(pitch_deg=pitch), Completion(), SIZE)
    assert poses.pose_at(0.5).pitch_deg == -60.0
    with pytest.raises(PoseError, match="an angle is not told"):
        poses.pose_at(2.5)


def test_a_zoom_within_a_film_is_not_located() -> None:
    """The camera is one; where it was zoomed it was another."""
    zoomed = track(hfov_deg=np.array([70.0, 70.0, 70.0, 30.0]))
    poses = FilmPoses(zoomed, Completion(), SIZE)
    assert poses.pose_at(1.0).height_ground_m == 40.0
    with pytest.raises(PoseError, match="zoomed"):
        poses.pose_at(3.0)
    assert FilmPoses(zoomed, Completion(hfov_deg=70.0), SIZE).pose_at(3.0).height_ground_m == 40.0


def test_with_terrain_the_pose_knows_its_height_above_the_sea() -> None:
    """The ray-cast counts from there."""
    heights = {HeightAbove.SEA_LEVEL: Heights(np.full(4, 70.0), 2.0)}
    poses = FilmPoses(track(heights=heights), Completion(terrain=FlatTerrain(30.0)), SIZE)
    pose = poses.pose_at(1.0)
    assert (pose.height_ground_m, pose.alt_amsl_m) == (40.0, 70.0)
    assert poses.terrain is not None


def test_an_impossible_field_of_view_is_refused() -> None:
    """By the camera's own sentence."""
    with pytest.raises(PoseError, match="field of view of 200"):
        FilmPoses(track(), Completion(hfov_deg=200.0), SIZE)
