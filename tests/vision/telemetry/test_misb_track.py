"""Tests of `vision.telemetry.misb_track`."""

from datetime import UTC, datetime

import pytest

from vision.errors import PoseError
from vision.telemetry.containers import Payload
from vision.telemetry.misb0601 import encode
from vision.telemetry.misb_track import is_misb, misb_track
from vision.telemetry.track import HeightAbove

BEGIN_US = 1_777_600_800_000_000
POSE: dict[int, float | None] = {
    5: 90.0, 6: 0.0, 7: 0.0, 13: 33.16, 14: 115.62, 15: 110.0, 16: 60.0, 18: 0.0, 19: -60.0, 20: 0.0
}  # fmt: skip


def packet(second: float, *, timed: bool = True, **changes: float | None) -> Payload:
    """A packet of one second of a camera that looks ahead and down."""
    values = {**POSE, **{int(tag[1:]): value for tag, value in changes.items()}}
    data = encode({t: v for t, v in values.items() if v is not None}, BEGIN_US + int(second * 1e6))
    return Payload(1, False, second + 0.02 if timed else None, 0.0, data)


def test_camera_angles_come_from_aircraft_and_mount() -> None:
    """An aircraft that flies east with its nose 5 deg down, the camera 60 deg below its axis."""
    track = misb_track("film.ts", [packet(0.0, t6=-5.0), packet(1.0, t6=-5.0)])
    assert track.heading_deg == pytest.approx([90.0, 90.0], abs=0.01)
    assert track.pitch_deg == pytest.approx([-65.0, -65.0], abs=0.01)
    assert track.hfov_deg == pytest.approx([60.0, 60.0], abs=0.01)
    assert track.heights[HeightAbove.SEA_LEVEL].values_m == pytest.approx([110.0] * 2, abs=0.2)


def test_times_are_the_time_stamps_laid_on_the_stream() -> None:
    """And the film's own beginning follows by the world's clock."""
    track = misb_track("film.ts", [packet(1.0), packet(2.0), packet(3.0)])
    assert track.time_s == pytest.approx([1.02, 2.02, 3.02])
    assert track.start_utc is not None
    began = datetime.fromtimestamp(BEGIN_US / 1e6, UTC)
    assert (began - track.start_utc).total_seconds() == pytest.approx(0.02)


@pytest.mark.parametrize("leap_s", [-5.0, 1.0, 18.0, -400.0])
def test_a_clock_that_is_set_while_the_film_runs_moves_no_pose(leap_s: float) -> None:
    """Receivers set their clock when they first hear the satellites' leap seconds, or a server."""
    packets = []
    for number in range(60):
        second = number / 2.0
        told = packet(second + (leap_s if number >= 24 else 0.0), t13=33.16 + number * 1e-5)
        packets.append(Payload(1, False, second + 0.02, 0.0, told.data))
    track = misb_track("film.ts", packets)
    assert track.time_s == pytest.approx([number / 2.0 + 0.02 for number in range(60)])
    assert track.lat_deg == pytest.approx([33.16 + number * 1e-5 for number in range(60)])
    assert f"{leap_s:+.1f} s" in track.notes[0]
    assert track.start_utc is not None
    began = datetime.fromtimestamp(BEGIN_US / 1e6 + leap_s - 0.02, UTC)
    assert (track.start_utc - began).total_seconds() == pytest.approx(0.0, abs=1e-3)


def test_a_clock_that_runs_too_fast_moves_no_pose_far() -> None:
    """It is laid on the stream all along, and not in the middle alone."""
    packets = [
        Payload(1, False, second, 0.0, packet(second * 1.02).data)
        for second in (number / 5.0 for number in range(300))
    ]
    track = misb_track("film.ts", packets)
    assert track.time_s == pytest.approx([number / 5.0 for number in range(300)], abs=0.05)
    assert track.notes == ()


def test_packets_that_come_early_and_late_lie_by_their_time_stamps() -> None:
    """A multiplexer sends them when it has room."""
    late_s = [0.0, 0.1, 0.3, 0.05, 0.2]
    packets = [
        Payload(1, False, number / 5.0 + late_s[number % 5], 0.0, packet(number / 5.0).data)
        for number in range(50)
    ]
    track = misb_track("film.ts", packets)
    assert track.time_s == pytest.approx([number / 5.0 + 0.1 for number in range(50)], abs=0.06)


def test_packets_without_a_time_are_less_sure_of_it() -> None:
    """The first is taken to be at the film's beginning."""
    track = misb_track("film.ts", [packet(5.0, timed=False), packet(6.0, timed=False)])
    assert track.time_s == pytest.approx([0.0, 1.0])
    assert track.errors.clock_s == 0.5


def test_ellipsoid_heights_stay_apart() -> None:
    """Tag 75 is above the ellipsoid, tag 15 above sea level."""
    track = misb_track("film.ts", [packet(0.0, t15=None, t75=80.0), packet(1.0, t75=80.0)])
    assert set(track.heights) == {HeightAbove.SEA_LEVEL, HeightAbove.ELLIPSOID}


def test_angles_that_are_not_told_are_not_made_up() -> None:
    """Without the sensor's elevation nobody knows where the camera looks."""
    track = misb_track("film.ts", [packet(0.0, t19=None), packet(1.0, t19=None)])
    assert (track.heading_deg, track.pitch_deg) == (None, None)


def test_damaged_packets_are_counted_and_left_out() -> None:
    """As a radio link makes them."""
    bad = Payload(1, False, 1.5, 0.0, packet(1.5).data[:-1] + b"\x00")
    cut = Payload(1, False, 1.7, 0.0, packet(1.7).data[:-9])
    track = misb_track("film.ts", [packet(0.0), bad, cut, packet(2.0)])
    assert len(track.time_s) == 2
    assert track.notes == ("2 damaged packets were left out.",)


def test_a_stream_of_damage_is_an_error_that_says_so() -> None:
    """With the reason of the last."""
    bad = Payload(1, False, 1.5, 0.0, packet(1.5).data[:-2] + b"\x00\x00")
    with pytest.raises(PoseError, match=r"2 were damaged.*checksum"):
        misb_track("film.ts", [bad, bad, packet(0.0)])


def test_a_packet_is_known_by_its_key() -> None:
    """Other data are left alone."""
    assert is_misb(packet(0.0))
    assert not is_misb(Payload(1, False, 0.0, 0.0, b"anything"))
