"""Tests of `vision.telemetry.finding`: telemetry inside films and beside them."""

from pathlib import Path

import pytest

from tests.vision.builders import write_clip
from tests.vision.telemetry.builders import gps5, write_captioned_film, write_film
from tests.vision.telemetry.test_dji_srt import GIMBAL, LEGACY, srt
from tests.vision.telemetry.test_misb_track import packet
from vision.errors import PoseError
from vision.telemetry.finding import find_track, read_track
from vision.telemetry.pose_table import parse_pose_map

ASPECT = 4 / 3


def test_gpmf_inside_a_film_is_found(tmp_path: Path) -> None:
    """A data track of an MP4, laid on the pictures by the file's own index."""
    second = gps5([(33.16, 115.62, 60.0)] * 4)
    film = write_film(tmp_path / "gopro.mp4", [(0.0, second), (1.0, second)])
    track = find_track(film, ASPECT)
    assert track is not None
    assert track.time_s == pytest.approx([0.125 + index / 4 for index in range(8)], abs=0.01)
    assert track.name == "gopro.mp4, telemetry of HERO inside"


def test_misb_inside_a_transport_stream_is_found(tmp_path: Path) -> None:
    """A data track of an MPEG-TS, whose clock does not begin at zero."""
    film = write_film(
        tmp_path / "uav.ts", [(float(s), packet(float(s)).data) for s in range(3)], "klv"
    )
    track = find_track(film, ASPECT)
    assert track is not None
    assert track.time_s == pytest.approx([0.0, 1.0, 2.0], abs=0.11)
    assert track.pitch_deg == pytest.approx([-60.0] * 3, abs=0.01)


def test_captions_inside_a_film_are_found(tmp_path: Path) -> None:
    """A subtitle track that tells positions."""
    beside = tmp_path / "cues.srt"
    beside.write_text(srt(GIMBAL, step_ms=500))
    track = find_track(write_captioned_film(tmp_path / "dji.mkv", beside), ASPECT)
    assert track is not None
    assert track.time_s == pytest.approx([0.0, 0.5, 1.0])
    assert track.name == "dji.mkv, subtitles inside"


@pytest.mark.parametrize("suffix", [".SRT", ".srt"])
def test_captions_beside_a_film_are_found(tmp_path: Path, suffix: str) -> None:
    """With the film's name, as aircraft write them."""
    film = write_clip(tmp_path / "DJI_0001.MP4", 5)
    film.with_suffix(suffix).write_text(srt(LEGACY))
    track = find_track(film, ASPECT)
    assert track is not None
    assert track.name.endswith(suffix)


def test_a_film_of_people_is_left_alone(tmp_path: Path) -> None:
    """No telemetry, or subtitles that say something else."""
    film = write_clip(tmp_path / "film.mp4", 5)
    assert find_track(film, ASPECT) is None
    film.with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello.\n")
    assert find_track(film, ASPECT) is None


def test_telemetry_that_is_damaged_is_told(tmp_path: Path) -> None:
    """Not passed over as if it were none."""
    film = write_film(tmp_path / "gopro.mp4", [(0.0, gps5([(33.0, 115.0, 60.0)] * 4)[:-5])])
    with pytest.raises(PoseError, match="damaged or cut short"):
        find_track(film, ASPECT)


def test_a_named_file_is_read_by_its_kind(tmp_path: Path) -> None:
    """Subtitles, tables with their mapping, films."""
    captions = tmp_path / "poses.srt"
    captions.write_text(srt(LEGACY))
    table = tmp_path / "poses.csv"
    table.write_text("t,a,o,h\n0,33,115,40\n1,33,115,40\n")
    film = write_film(
        tmp_path / "uav.ts", [(float(s), packet(float(s)).data) for s in (0, 1)], "klv"
    )
    mapping = parse_pose_map("time=t,lat=a,lon=o,height_ground=h")
    assert len(read_track(captions, None, ASPECT).time_s) == 3
    assert len(read_track(table, mapping, ASPECT).time_s) == 2
    assert len(read_track(film, None, ASPECT).time_s) == 2


def test_a_named_file_that_tells_nothing_is_an_error(tmp_path: Path) -> None:
    """Missing, a table without its mapping, a film without telemetry."""
    table = tmp_path / "poses.csv"
    table.write_text("t\n0\n")
    for path, message in (
        (tmp_path / "nowhere.srt", "no such file of poses"),
        (table, "--pose-map"),
        (write_clip(tmp_path / "film.mp4", 5), "holds no telemetry"),
    ):
        with pytest.raises(PoseError, match=message):
            read_track(path, None, ASPECT)
