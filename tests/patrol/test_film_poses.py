"""Poses of a film are found or named, completed by the person's words, and told of."""

from pathlib import Path

import pytest

from geofences.geodesy import LonLat
from geofences.terrain import FlatTerrain, RasterTerrain
from patrol.errors import UsageError
from patrol.film_poses import (
    KnownPoses,
    PoseRequest,
    film_poses,
    ground_of,
    parse_distortion,
    parse_heading,
    parse_height_above,
)
from patrol.settings import Settings
from tests.geofences.rasters import slope, write_raster
from tests.patrol.test_watching import write_telemetry
from tests.vision.builders import SHARED_FOOTAGE, write_clip
from tests.vision.telemetry.builders import gps5, write_film
from tests.vision.telemetry.test_dji_srt import GIMBAL, MODERN, srt
from tests.vision.telemetry.test_misb_track import packet
from tests.vision.test_calibration import write_calibration
from vision.errors import PoseError

LENS = PoseRequest(hfov_deg=70.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home."""
    return Settings(tmp_path / "home")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film without telemetry."""
    return write_clip(tmp_path / "DJI_0001.mp4", 5)


def known(film: Path, request: PoseRequest, settings: Settings) -> KnownPoses:
    """What is known of a film's poses."""
    return film_poses(str(film), request, settings)


def test_captions_beside_a_film_are_found_and_told(film: Path, settings: Settings) -> None:
    """All that it takes is in them: place, height, gimbal, lens."""
    film.with_suffix(".SRT").write_text(srt(GIMBAL, step_ms=500))
    poses = known(film, PoseRequest(), settings)
    assert poses.pose_at is not None
    assert poses.pose_at(0.4).pitch_deg == -26.5
    assert "Poses from" in poses.said
    assert "height above take-off" in poses.said


def test_what_is_missing_leaves_a_found_film_without_places(film: Path, settings: Settings) -> None:
    """It is watched all the same, and the person is told what would help."""
    film.with_suffix(".SRT").write_text(srt(MODERN, step_ms=500))
    poses = known(film, PoseRequest(), settings)
    assert poses.pose_at is None
    assert "no place yet" in poses.said
    assert "--gimbal-pitch" in poses.said
    assert "--heading-from" in poses.said


def test_options_complete_what_was_found(film: Path, settings: Settings) -> None:
    """Pitch and heading from the person."""
    film.with_suffix(".SRT").write_text(srt(MODERN, step_ms=500))
    request = PoseRequest(gimbal_pitch_deg=-45.0, heading_from="270")
    poses = known(film, request, settings)
    assert poses.pose_at is not None
    assert (poses.pose_at(0.0).pitch_deg, poses.pose_at(0.0).heading_deg) == (-45.0, 270.0)


def test_none_is_none(film: Path, settings: Settings) -> None:
    """Even where telemetry lies beside the film."""
    film.with_suffix(".SRT").write_text(srt(GIMBAL))
    assert known(film, PoseRequest(poses="none"), settings) == KnownPoses()


def test_options_without_poses_complete_nothing(film: Path, settings: Settings) -> None:
    """A slip in the film's name would else go unnoticed."""
    with pytest.raises(PoseError, match="nothing to complete"):
        known(film, LENS, settings)


def test_damaged_telemetry_is_told_and_the_film_watched(tmp_path: Path, settings: Settings) -> None:
    """Pictures are worth something without places."""
    film = write_film(tmp_path / "a.mp4", [(0.0, gps5([(33.0, 115.0, 60.0)] * 4)[:-5])])
    poses = known(film, PoseRequest(), settings)
    assert poses.pose_at is None
    assert "is not used: GPMF" in poses.said


def test_named_poses_must_be_usable(film: Path, tmp_path: Path, settings: Settings) -> None:
    """What the person names and cannot be used ends the command."""
    table = tmp_path / "poses.csv"
    table.write_text("t,a,o,h\n0,33,115,40\n1,33,115,40\n")
    mapping = "time=t,lat=a,lon=o,height_ground=h"
    with pytest.raises(PoseError, match="--gimbal-pitch"):
        known(film, PoseRequest(poses=str(table), pose_map=mapping), settings)
    whole = PoseRequest(
        poses=str(table), pose_map=mapping, gimbal_pitch_deg=-60.0, heading_from="0", hfov_deg=70.0
    )
    poses = known(film, whole, settings)
    assert poses.pose_at is not None
    assert poses.pose_at(0.5).height_ground_m == 40.0


def test_our_own_telemetry_is_taken_as_it_is(film: Path, settings: Settings) -> None:
    """Its heights are above ground; a clock offset moves it."""
    write_telemetry(film)
    poses = known(film, PoseRequest(offset_s=0.5), settings)
    assert poses.pose_at is not None
    assert poses.of_sample
    assert poses.terrain is None
    assert poses.pose_at(0.5).time_s == 0.5
    with pytest.raises(PoseError):
        poses.pose_at(1.0)


@pytest.mark.parametrize(
    "said",
    [
        PoseRequest(hfov_deg=30.0),
        PoseRequest(gimbal_pitch_deg=-20.0),
        PoseRequest(heading_from="course"),
        PoseRequest(offset_s=0.5, focal_error_share=0.09),
    ],
)
def test_our_own_telemetry_is_not_completed(
    film: Path, settings: Settings, said: PoseRequest
) -> None:
    """It is whole; what would be passed over is refused, so that nobody relies on it."""
    write_telemetry(film)
    with pytest.raises(UsageError, match="tells poses and camera whole"):
        known(film, said, settings)


def test_telemetry_above_sea_level_needs_the_ground(tmp_path: Path, settings: Settings) -> None:
    """Told without, located with it."""
    payloads = [(float(s), packet(float(s)).data) for s in range(3)]
    film = write_film(tmp_path / "uav.ts", payloads, "klv")
    assert "--ground-alt" in known(film, PoseRequest(), settings).said
    flat = known(film, PoseRequest(ground_alt_amsl_m=30.0), settings)
    assert flat.pose_at is not None
    assert flat.pose_at(1.0).height_ground_m == pytest.approx(80.0, abs=0.2)
    assert flat.terrain is not None


def test_a_folder_of_pictures_has_no_telemetry(tmp_path: Path, settings: Settings) -> None:
    """Nor has a stream that is still coming; naming some is a slip."""
    assert film_poses(str(tmp_path), PoseRequest(), settings) == KnownPoses()
    assert film_poses("rtsp://camera/1", PoseRequest(), settings) == KnownPoses()
    with pytest.raises(UsageError, match="goes with a film"):
        film_poses("rtsp://camera/1", PoseRequest(poses="a.srt"), settings)


def test_the_ground_is_named_or_flat_or_that_of_the_home_folder(
    tmp_path: Path, settings: Settings
) -> None:
    """In this order, and never two at once."""
    assert ground_of(PoseRequest(), settings) is None
    assert isinstance(ground_of(PoseRequest(ground_alt_amsl_m=30.0), settings), FlatTerrain)
    settings.terrain_folder.mkdir(parents=True)
    raster = write_raster(settings.terrain_folder / "hill.tif", slope())
    assert isinstance(ground_of(PoseRequest(), settings), RasterTerrain)
    with pytest.raises(UsageError, match="--terrain or --ground-alt"):
        ground_of(PoseRequest(terrain=(raster,), ground_alt_amsl_m=30.0), settings)


def test_words_for_headings_and_heights_are_checked() -> None:
    """A slip is told with what may be written."""
    assert (parse_heading("told"), parse_heading("course"), parse_heading("12.5")) == (
        "told", "course", 12.5,
    )  # fmt: skip
    assert parse_height_above("take-off") == "take-off"
    for slip in ("north", "400", "nan"):
        with pytest.raises(UsageError, match="write told, course"):
            parse_heading(slip)
    with pytest.raises(UsageError, match="sea-level, ellipsoid, take-off, ground"):
        parse_height_above("unstated")


def test_a_distortion_is_terms_or_a_file() -> None:
    """In OpenCV's order, as many as there are; nothing is a lens without any."""
    assert parse_distortion("-0.12,0.01") == (-0.12, 0.01, 0.0, 0.0, 0.0)
    assert parse_distortion("-0.12") == (-0.12, 0.0, 0.0, 0.0, 0.0)
    assert parse_distortion("1,2,3,4") == (1.0, 2.0, 3.0, 4.0, 0.0)
    assert parse_distortion("1,2,3,4,5") == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert parse_distortion("") == (0.0,) * 5
    assert parse_distortion("cameras/heron.YML") == Path("cameras/heron.YML")
    for slip in ("fisheye", "0.1,0.2,0.3", "1,2,3,4,5,6", "nan", "0.1,", "heron.txt"):
        with pytest.raises(UsageError, match=r"write K1,K2 or .* or name the file"):
            parse_distortion(slip)


def test_a_calibration_tells_lens_axis_and_field_of_view(
    tmp_path: Path, settings: Settings
) -> None:
    """Of the film's size, and of whatever the telemetry says of the field of view."""
    film = write_clip(tmp_path / "DJI_0002.mp4", 5, size_wh_px=(160, 90))
    film.with_suffix(".SRT").write_text(srt(GIMBAL, step_ms=500))
    path = write_calibration(tmp_path / "heron.yml")
    poses = known(film, PoseRequest(distortion=path), settings)
    assert poses.camera is not None
    assert poses.camera.focal_px / poses.camera.width_px == pytest.approx(1400 / 1920)
    assert poses.camera.p2 == -2e-3
    assert poses.pose_at is not None
    assert poses.pose_at(0.4).pitch_deg == -26.5
    assert "lens and axis by heron.yml" in poses.said


def test_a_calibration_that_is_named_must_be_usable(
    film: Path, tmp_path: Path, settings: Settings
) -> None:
    """Even where the poses were found: the person meant it."""
    film.with_suffix(".SRT").write_text(srt(GIMBAL, step_ms=500))
    with pytest.raises(PoseError, match="no such calibration"):
        known(film, PoseRequest(distortion=tmp_path / "none.yml"), settings)
    square = write_calibration(tmp_path / "square.yml", image_width=1080)
    with pytest.raises(PoseError, match="1080 x 1080"):
        known(film, PoseRequest(distortion=square), settings)
    with pytest.raises(UsageError, match="leave out --hfov"):
        known(film, PoseRequest(distortion=square, hfov_deg=70.0), settings)


@pytest.mark.skipif(not SHARED_FOOTAGE.exists(), reason="shared footage is not here")
def test_a_real_karma_film_asks_for_its_pitch_and_lens(settings: Settings) -> None:
    """And has places once they are given, less sure than measured ones."""
    film = SHARED_FOOTAGE / "drone_coast_karma_gpmf.mp4"
    asked = known(film, PoseRequest(), settings)
    assert asked.pose_at is None
    assert "--gimbal-pitch" in asked.said
    assert "--hfov" in asked.said
    poses = known(film, PoseRequest(gimbal_pitch_deg=0.0, hfov_deg=80.0), settings)
    assert poses.pose_at is not None
    pose = poses.pose_at(6.0)
    assert pose.position.lat_deg == pytest.approx(33.1256, abs=5e-4)
    assert pose.heading_deg == pytest.approx(330.0, abs=3.0)
    assert pose.errors.pitch_deg > 3.0
    assert pose.errors.horizontal_m > 2.5


def test_a_home_that_is_named_reaches_the_heights(film: Path, settings: Settings) -> None:
    """Over terrain, heights above take-off count from there."""
    film.with_suffix(".SRT").write_text(srt(GIMBAL, step_ms=500))
    request = PoseRequest(ground_alt_amsl_m=30.0, home=LonLat(115.62, 33.16))
    poses = known(film, request, settings)
    assert poses.pose_at is not None
    assert poses.pose_at(0.0).alt_amsl_m == pytest.approx(91.7)
