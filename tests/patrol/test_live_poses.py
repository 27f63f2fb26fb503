"""The camera's pose is read from a flight log that may still be growing."""

import json
import threading
from pathlib import Path

import pytest

from flight.flight_log import LOG_FORMAT, LOG_VERSION, FlightLogFollower, PoseSample
from geofences.terrain import Terrain
from patrol.live_poses import LivePoses
from patrol.wiring import DEFAULT_POSE_ERRORS
from tests.geofences.rasters import slope, write_raster
from vision.errors import PoseError

HEADER = {
    "format": LOG_FORMAT,
    "version": LOG_VERSION,
    "start_utc": "2026-11-21T08:00:00+00:00",
    "start_time_boot_s": 100.0,
    "gimbal_pitch_deg": -60.0,
    "camera": "demo-1280",
    "camera_width_px": 1280,
    "camera_height_px": 720,
    "camera_hfov_deg": 70.0,
}


def row(time_boot_s: float, heading_deg: float = 10.0) -> dict[str, object]:
    """Return one sample of a level flight at 40 m."""
    return {
        "time_boot_s": time_boot_s,
        "lon_deg": 115.62,
        "lat_deg": 33.16 + time_boot_s * 1e-6,
        "alt_amsl_m": 70.0,
        "height_home_m": 40.0,
        "roll_deg": 2.0,
        "pitch_deg": -3.0,
        "heading_deg": heading_deg,
        "gimbal_pitch_deg": -55.0,
        "gimbal_heading_deg": None,
    }


def write(path: Path, *rows: dict[str, object]) -> None:
    """Append rows to a log."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(each) + "\n" for each in rows)


def test_a_recorded_moment_is_answered_between_its_samples(tmp_path: Path) -> None:
    """The pose is the camera's: the gimbal's pitch, level, over ground as high as home."""
    path = tmp_path / "uav-1.flight.jsonl"
    write(path, HEADER, row(100.0), row(102.0))
    pose = LivePoses(FlightLogFollower(path), patience_s=0.0)(101.0)
    assert pose.position.lat_deg == pytest.approx(33.160101)
    assert (pose.pitch_deg, pose.roll_deg, pose.heading_deg) == (-55.0, 0.0, 10.0)
    assert pose.height_ground_m == 40.0


def test_a_moment_to_come_is_waited_for(tmp_path: Path) -> None:
    """A frame may be ahead of the telemetry; the answer comes when the log has passed it."""
    path = tmp_path / "uav-1.flight.jsonl"
    write(path, HEADER, row(100.0))
    writer = threading.Timer(0.2, write, (path, row(103.0)))
    writer.start()
    pose = LivePoses(FlightLogFollower(path), patience_s=20.0)(102.0)
    writer.join()
    assert pose.time_s == 102.0


def test_a_moment_after_the_end_is_an_error_after_the_patience(tmp_path: Path) -> None:
    """The error says what the log covers."""
    path = tmp_path / "uav-1.flight.jsonl"
    write(path, HEADER, row(100.0), row(101.0))
    with pytest.raises(PoseError, match=r"covers 100\.0 to 101\.0 s, not 110\.0 s"):
        LivePoses(FlightLogFollower(path), patience_s=0.05)(110.0)


class CountingFollower(FlightLogFollower):
    """Counts how often the log is read."""

    reads = 0

    def read(self) -> tuple[PoseSample, ...]:
        """Read it."""
        self.reads += 1
        return super().read()


def test_a_log_that_stood_still_is_not_waited_for_again(tmp_path: Path) -> None:
    """After a flight's end every frame of a film would wait, until the log grows once more."""
    path = tmp_path / "uav-1.flight.jsonl"
    write(path, HEADER, row(100.0), row(101.0))
    follower = CountingFollower(path)
    poses = LivePoses(follower, patience_s=0.2)
    with pytest.raises(PoseError, match=r"not 110\.0 s"):
        poses(110.0)
    follower.reads = 0
    with pytest.raises(PoseError, match=r"not 110\.1 s"):
        poses(110.1)
    assert follower.reads == 1
    write(path, row(111.0))
    assert poses(110.5).time_s == 110.5


def test_a_log_that_never_begins_is_an_error_that_says_what_to_check(tmp_path: Path) -> None:
    """The person is pointed to the flight and to the folder."""
    poses = LivePoses(FlightLogFollower(tmp_path / "missing.flight.jsonl"))
    with pytest.raises(PoseError, match="does `patrol fly` run"):
        poses.header(0.05)


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    """A wrong file is not waited for."""
    path = tmp_path / "notes.jsonl"
    path.write_text('{"hello": 1}\n', encoding="utf-8")
    with pytest.raises(PoseError, match="is not a flight log"):
        LivePoses(FlightLogFollower(path)).header(5.0)


def hill_flight(folder: Path, *rows: dict[str, object]) -> LivePoses:
    """A flight over ground that rises by 10 m a thousandth of a degree to the south."""
    path = folder / "uav-1.flight.jsonl"
    write(path, HEADER, *rows)
    hill = write_raster(folder / "hill.tif", slope(300, 60))
    terrain = Terrain.from_files(hill)
    return LivePoses(FlightLogFollower(path), patience_s=0.0, terrain=terrain)


def test_over_terrain_heights_count_from_where_the_log_begins(tmp_path: Path) -> None:
    """The same height above take-off is less above ground that has risen."""
    start = row(100.0) | {"height_home_m": 0.0, "lat_deg": 33.16}
    flown = [row(time_s) | {"lat_deg": 33.159} for time_s in (101.0, 102.0)]
    poses = hill_flight(tmp_path, start, *flown)
    poses.header(0.0)
    pose = poses(102.0)
    home_m, below_m = poses.terrain.alt_amsl_m([115.62] * 2, [33.16, 33.159])  # type: ignore[union-attr]
    assert below_m - home_m == pytest.approx(10.0, abs=1e-3)
    assert pose.height_ground_m == pytest.approx(30.0, abs=1e-3)
    assert pose.alt_amsl_m == pytest.approx(home_m + 40.0)
    assert pose.errors.vertical_m > DEFAULT_POSE_ERRORS.vertical_m


def test_a_log_that_begins_in_the_air_lies_nowhere_on_terrain(tmp_path: Path) -> None:
    """Where it took off is not in it."""
    poses = hill_flight(tmp_path, row(100.0), row(102.0))
    poses.header(0.0)
    with pytest.raises(PoseError, match="begins 40 m above the take-off"):
        poses(101.0)


def test_ground_above_the_aircraft_is_no_ground_below_it(tmp_path: Path) -> None:
    """Nor is ground that nobody knows."""
    start = row(100.0) | {"height_home_m": 0.0, "lat_deg": 33.16}
    for lat_deg in (33.15, 33.5):
        poses = hill_flight(tmp_path, start, row(101.0) | {"lat_deg": lat_deg})
        poses.header(0.0)
        with pytest.raises(PoseError, match="does not know the ground there"):
            poses(101.0)
        (tmp_path / "uav-1.flight.jsonl").unlink()
