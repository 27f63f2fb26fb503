"""Tests of `vision.telemetry.gpmf_track`."""

import csv
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.vision.builders import SHARED_FOOTAGE
from tests.vision.telemetry.builders import element, gps5, text
from vision.errors import PoseError
from vision.telemetry.containers import Payload, payloads
from vision.telemetry.gpmf_track import gpmf_track
from vision.telemetry.track import HeightAbove


def packets(*data: bytes, timed: bool = True) -> list[Payload]:
    """Payloads of a second each."""
    return [
        Payload(3, False, float(second) if timed else None, 1.0, each)
        for second, each in enumerate(data)
    ]


def test_a_cameras_positions_are_spread_over_their_second() -> None:
    """Four a second, from the middle of the first quarter on, above the ellipsoid."""
    rows = [(33.0, 115.0 + index * 1e-4, 60.0) for index in range(4)]
    track = gpmf_track("film", packets(gps5(rows), gps5(rows)))
    assert track is not None
    assert track.time_s[:4] == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert track.lon_deg[3] == pytest.approx(115.0003)
    assert list(track.heights) == [HeightAbove.ELLIPSOID]
    assert (track.heading_deg, track.pitch_deg) == (None, None)
    assert track.errors.horizontal_m == pytest.approx(3.0)


def test_a_camera_that_says_sea_level_is_believed() -> None:
    """Newer ones do."""
    row = [(33.0, 115.0, 60.0)] * 2
    track = gpmf_track("film", packets(gps5(row, 3, text("GPSA", "MSLV"))))
    assert track is not None
    assert list(track.heights) == [HeightAbove.SEA_LEVEL]


def test_the_cameras_clock_tells_when_the_film_begins() -> None:
    """The satellite's time of a payload, taken back by the payload's place in the film."""
    clock = element("GPSU", "U", 16, [b"260501020305.500"])
    row = [(33.0, 115.0, 60.0)] * 2
    track = gpmf_track("film", packets(gps5(row, 0), gps5(row, 3, clock)))
    assert track is not None
    assert track.start_utc == datetime(2026, 5, 1, 2, 3, 4, 500_000, tzinfo=UTC)


def test_positions_without_a_fix_are_none() -> None:
    """A receiver that sees no satellites still writes numbers."""
    row = [(33.0, 115.0, 60.0)] * 2
    track = gpmf_track("film", packets(gps5(row, 0), gps5(row)))
    assert track is not None
    assert track.time_s[0] > 1.0
    with pytest.raises(PoseError, match="never had a satellite fix"):
        gpmf_track("film", packets(gps5(row, 0)))


def test_telemetry_without_times_fits_no_picture() -> None:
    """It is refused rather than laid anywhere."""
    with pytest.raises(PoseError, match="bears no times"):
        gpmf_track("film", packets(gps5([(33.0, 115.0, 60.0)] * 2), timed=False))


def test_telemetry_without_positions_is_no_track() -> None:
    """An accelerometer alone tells no place."""
    assert gpmf_track("film", []) is None


@pytest.mark.skipif(not SHARED_FOOTAGE.exists(), reason="shared footage is not here")
def test_a_real_karma_flight_is_read_as_its_reference_says() -> None:
    """Every record of the decoded table: place, both heights, heading, spacing in time."""
    found = payloads(SHARED_FOOTAGE / "drone_coast_karma_gpmf.mp4")
    track = gpmf_track("coast", [each for each in found if each.data[:4] == b"DEVC"])
    with (SHARED_FOOTAGE / "drone_coast_karma_telemetry.csv").open() as file:
        rows = list(csv.DictReader(file))

    def of(name: str) -> list[float]:
        return [float(row[name]) for row in rows]

    assert track is not None
    assert track.lon_deg == pytest.approx(of("lon"), abs=1e-9)
    assert track.lat_deg == pytest.approx(of("lat"), abs=1e-9)
    assert track.heights[HeightAbove.SEA_LEVEL].values_m == pytest.approx(of("alt_m"), abs=1e-6)
    assert track.heights[HeightAbove.TAKE_OFF].values_m == pytest.approx(of("rel_alt_m"), abs=1e-6)
    assert track.heading_deg == pytest.approx(of("heading_deg"), abs=1e-6)
    assert track.time_s - track.time_s[0] == pytest.approx(of("t_rel_s"), abs=1e-6)
    assert -0.3 < track.time_s[0] < 0.5
    assert track.heading_of == "aircraft"
    assert track.start_utc is not None
    assert abs((track.start_utc - datetime(2017, 4, 17, 19, 27, 57, tzinfo=UTC)).seconds) < 2
    assert np.diff(track.time_s).max() < 0.3
