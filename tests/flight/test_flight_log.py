"""Reading poses back, between the samples and while the log grows."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.flight_log import (
    FlightLog,
    FlightLogError,
    FlightLogFollower,
    PoseSample,
    read_flight_log,
)

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
POSE = PoseSample(10.0, 115.62, 33.16, 70.0, 40.0, 1.0, -2.0, 350.0, -60.0, 350.0)
HEADER = {
    "format": "gridpatrol-flight-log",
    "version": 1,
    "start_utc": START.isoformat(),
    "start_time_boot_s": 10.0,
    "vehicle": "heron",
}


def log_of(*samples: PoseSample) -> FlightLog:
    """Return a log of these poses."""
    return FlightLog(HEADER, START, 10.0, samples)


def written(path: Path, *rows: object) -> Path:
    """Write rows as a flight log and return its path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_headings_turn_the_short_way_through_north() -> None:
    """Halfway from 350 to 10 degrees is north, not south."""
    end = replace(POSE, time_boot_s=12.0, heading_deg=10.0, gimbal_heading_deg=10.0)
    pose = log_of(POSE, end).pose_at(11.0)
    assert pose.heading_deg == pytest.approx(0.0)
    assert pose.gimbal_heading_deg == pytest.approx(0.0)


def test_places_are_interpolated_along_the_leg() -> None:
    """A quarter of the time is a quarter of the way."""
    end = replace(POSE, time_boot_s=14.0, lon_deg=115.66, lat_deg=33.20, height_home_m=48.0)
    pose = log_of(POSE, end).pose_at(11.0)
    assert (pose.lon_deg, pose.lat_deg) == pytest.approx((115.63, 33.17))
    assert pose.height_home_m == pytest.approx(42.0)


def test_longitude_crosses_the_antimeridian() -> None:
    """From 179.9 east to 179.9 west is a short way."""
    start = replace(POSE, lon_deg=179.9)
    end = replace(POSE, time_boot_s=12.0, lon_deg=-179.9)
    assert abs(log_of(start, end).pose_at(11.0).lon_deg) == pytest.approx(180.0)


def test_a_camera_not_told_of_stays_unknown() -> None:
    """No camera pitch is made up between a known and an unknown one."""
    end = replace(POSE, time_boot_s=12.0, gimbal_pitch_deg=None)
    assert log_of(POSE, end).pose_at(11.0).gimbal_pitch_deg is None


@given(st.integers(0, 20))
def test_the_samples_themselves_come_back(index: int) -> None:
    """At a sample's own time nothing is interpolated."""
    samples = [replace(POSE, time_boot_s=i * 0.1, height_home_m=float(i)) for i in range(21)]
    assert log_of(*samples).pose_at(samples[index].time_boot_s) == samples[index]


@pytest.mark.parametrize("time_boot_s", [9.9, 12.1])
def test_moments_outside_the_log_are_refused(time_boot_s: float) -> None:
    """No pose is made up; the message says what is covered."""
    log = log_of(POSE, replace(POSE, time_boot_s=12.0))
    with pytest.raises(FlightLogError, match=r"10\.0 to 12\.0 s"):
        log.pose_at(time_boot_s)


def test_an_empty_log_covers_nothing() -> None:
    """It says so."""
    with pytest.raises(FlightLogError, match="covers nothing"):
        log_of().pose_at(1.0)


def test_wall_time_is_counted_from_the_first_sample() -> None:
    """The autopilot's clock gives the distance, the header the origin."""
    assert log_of(POSE).utc_at(70.0) == datetime(2026, 5, 1, 8, 1, tzinfo=UTC)


def test_a_log_is_followed_while_it_grows(tmp_path: Path) -> None:
    """Each look brings what is new; a half-written line waits for its end."""
    path = tmp_path / "a.flight.jsonl"
    follower = FlightLogFollower(path)
    assert follower.read() == ()
    later = replace(POSE, time_boot_s=11.0)
    written(path, HEADER, asdict(POSE))
    line = json.dumps(asdict(later)) + "\n"
    with path.open("a") as file:
        file.write(line[:20])
    assert follower.read() == (POSE,)
    with path.open("a") as file:
        file.write(line[20:])
    assert follower.read() == (later,)
    assert follower.log is not None
    assert follower.log.samples == (POSE, later)


def test_time_never_runs_back(tmp_path: Path) -> None:
    """A late packet is left out, so that the poses stay in order."""
    late = replace(POSE, time_boot_s=9.0)
    path = written(tmp_path / "a.flight.jsonl", HEADER, asdict(POSE), asdict(late))
    assert read_flight_log(path).samples == (POSE,)


@pytest.mark.parametrize("first", [{"format": "other"}, [], {"format": HEADER["format"]}])
def test_another_file_is_refused_by_name(tmp_path: Path, first: object) -> None:
    """The message names the file."""
    path = written(tmp_path / "other.jsonl", first)
    with pytest.raises(FlightLogError, match=r"other\.jsonl is not a flight log"):
        read_flight_log(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """So is an empty one."""
    with pytest.raises(FlightLogError, match="missing or empty"):
        read_flight_log(tmp_path / "none.flight.jsonl")


def test_a_damaged_line_is_shown(tmp_path: Path) -> None:
    """Half a pose is not a pose."""
    path = written(tmp_path / "a.flight.jsonl", HEADER, {"time_boot_s": 1.0})
    with pytest.raises(FlightLogError, match="damaged line"):
        read_flight_log(path)
