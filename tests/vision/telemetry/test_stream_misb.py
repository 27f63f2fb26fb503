"""Tests of `vision.telemetry.stream_misb`."""

import pytest

from tests.vision.telemetry.test_misb_track import packet
from vision.errors import PoseError
from vision.telemetry.stream_misb import StreamTelemetry
from vision.telemetry.track import MOST_GAP_S

DEG_A_S = 1e-4


class Stream:
    """A stream whose sensor moves north steadily, and a clock that goes when it is told to."""

    def __init__(self, *, timed: bool = True, offset_s: float = 0.0) -> None:
        self.now_s = 0.0
        self.telemetry = StreamTelemetry("udp://uav", offset_s, lambda: self.now_s)
        self._timed = timed

    def connect(self, shown_s: float, stream_s: float) -> None:
        """A connection begins; its first picture is shown at a time and bears another."""
        self.now_s = shown_s
        self.telemetry.begin()
        self.telemetry.lay(shown_s, stream_s - shown_s, self.now_s)

    def tell(self, *moments: tuple[float, float]) -> None:
        """Packets come: each of a second of the flight, with its time on the stream's clock."""
        for flown_s, stream_s in moments:
            self.now_s = flown_s
            data = packet(flown_s, t13=33.16 + flown_s * DEG_A_S).data
            self.telemetry.take(data, stream_s if self._timed else None, stream_s)

    def flown_s(self, shown_s: float) -> float:
        """The second of the flight in which a picture was taken."""
        track = self.telemetry.track(shown_s)
        return (track.at(shown_s).position.lat_deg - 33.16) / DEG_A_S


def steadily(flown_s: float, stream_s: float, count: int = 20) -> list[tuple[float, float]]:
    """Moments ten times a second."""
    return [(flown_s + number / 10, stream_s + number / 10) for number in range(count)]


def test_a_pictures_pose_lies_between_the_packets_around_it() -> None:
    """The stream's clock began long before the pictures' times do."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*steadily(0.0, 900.0))
    assert stream.flown_s(0.0) == pytest.approx(0.0, abs=1e-3)
    assert stream.flown_s(1.234) == pytest.approx(1.234, abs=1e-3)


def test_another_connection_has_a_clock_of_its_own() -> None:
    """It went on flying for five seconds; what lies before the break is still known."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*steadily(0.0, 900.0))
    stream.connect(shown_s=7.0, stream_s=901.0)
    stream.tell(*steadily(7.0, 901.0))
    assert stream.flown_s(8.0) == pytest.approx(8.0, abs=1e-3)
    assert stream.flown_s(1.0) == pytest.approx(1.0, abs=1e-3)


def test_a_clock_that_leaps_back_takes_its_packets_with_it() -> None:
    """By so little that its times come twice: those are meant that came with the picture."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*steadily(0.0, 900.0, 40))
    stream.telemetry.lay(4.0, 897.0, 4.0)
    stream.tell(*steadily(4.0, 901.0, 20))
    for shown_s in (0.5, 1.5, 3.5, 4.5, 5.5):
        assert stream.flown_s(shown_s) == pytest.approx(shown_s, abs=1e-3)


def test_a_clock_that_creeps_away_from_the_pictures_is_followed() -> None:
    """Pictures' times never go back, and those of a stream may by less than a leap."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    for number in range(60):
        shown_s = number / 10
        stream.telemetry.lay(shown_s, 900.0 - shown_s / 10, shown_s)
        stream.tell((shown_s, 900.0 + shown_s * 0.9))
    assert stream.flown_s(5.5) == pytest.approx(5.5, abs=0.15)


def test_a_frame_waits_for_the_packet_after_it() -> None:
    """Between two packets more is known than after the last."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    assert not stream.telemetry.has_reached(0.0)
    stream.tell((0.0, 900.0))
    assert not stream.telemetry.has_reached(0.0)
    assert not stream.telemetry.has_reached(0.1)
    stream.tell((0.2, 900.2))
    assert stream.telemetry.has_reached(0.0)
    assert stream.telemetry.has_reached(0.1)
    assert not stream.telemetry.has_reached(0.3)


def test_the_last_packet_of_a_connection_says_nothing_of_the_next() -> None:
    """Its clock is another, although its times are later."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*steadily(0.0, 900.0))
    stream.connect(shown_s=7.0, stream_s=5.0)
    assert not stream.telemetry.has_reached(7.1)


def test_nobody_waits_for_telemetry_that_fell_silent() -> None:
    """Frames are told on without a place, and each does not wait anew."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell((0.0, 900.0))
    stream.now_s = MOST_GAP_S - 0.1
    assert not stream.telemetry.has_reached(0.1)
    stream.now_s = MOST_GAP_S
    assert stream.telemetry.has_reached(0.1)
    assert stream.telemetry.has_reached(60.0)
    stream.tell((60.0, 960.0))
    assert not stream.telemetry.has_reached(60.1)


@pytest.mark.parametrize("offset_s", [-5.0, -0.5, 0.5, 5.0])
def test_who_knows_that_poses_lie_at_another_time_has_them_from_there(offset_s: float) -> None:
    """A frame waits for that packet, which may come long after that of its own moment."""
    stream = Stream(offset_s=offset_s)
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*steadily(0.0, 900.0, 80))
    before_s = 7.85 - offset_s
    assert stream.telemetry.has_reached(before_s)
    assert not stream.telemetry.has_reached(before_s + 0.1)
    stream.tell((8.0, 908.0))
    assert stream.telemetry.has_reached(before_s + 0.1)
    track = stream.telemetry.track(before_s)
    flown_s = (track.at(before_s + offset_s).position.lat_deg - 33.16) / DEG_A_S
    assert flown_s == pytest.approx(7.85, abs=1e-3)


def test_nobody_waits_for_telemetry_of_another_clock() -> None:
    """It began anew before the last pictures of its clock were given, or never was the same."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell((0.0, 900.0), (0.1, 895.5))
    assert not stream.telemetry.has_reached(0.1)
    stream.tell((0.2, 3.0), (0.3, 3.1))
    assert stream.telemetry.has_reached(0.1)


def test_nobody_waits_for_what_nobody_wants() -> None:
    """Where something is missing that only a person knows, pictures are watched as they come."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    assert not stream.telemetry.has_reached(0.0)
    stream.telemetry.is_wanted = False
    assert stream.telemetry.has_reached(0.0)


def test_packets_without_a_time_go_with_the_picture_beside_them() -> None:
    """They are less sure of their time than those that bear it."""
    stream = Stream(timed=False)
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*steadily(0.0, 900.0))
    assert stream.flown_s(1.0) == pytest.approx(1.0, abs=1e-3)
    assert stream.telemetry.track(1.0).errors.clock_s == 0.5


def test_packets_before_the_first_picture_that_bear_no_time_are_passed_over() -> None:
    """Nobody knows when they are from."""
    telemetry = StreamTelemetry("udp://uav")
    telemetry.begin()
    telemetry.take(packet(0.0).data, None, None)
    assert telemetry.positions() == 0


def test_damaged_packets_are_counted_and_what_is_sent_twice_counts_once() -> None:
    """Some senders repeat each packet beside every picture."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell((0.0, 900.0), (0.0, 900.04), (0.2, 900.2))
    stream.telemetry.take(packet(0.3).data[:-1] + b"\x00", 900.3, 900.3)
    assert stream.telemetry.damaged == 1
    assert stream.telemetry.positions() == 2
    assert len(stream.telemetry.track(0.1).time_s) == 2


def test_of_several_cameras_one_tells() -> None:
    """Whichever is the first to know where it is; the places of two make no way."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    for number in range(20):
        at_s = number / 10
        stream.telemetry.take(packet(at_s, t13=None).data, 900.0 + at_s, None, 1)
        stream.telemetry.take(packet(at_s, t13=33.16 + at_s * DEG_A_S).data, 900.0 + at_s, None, 2)
        stream.telemetry.take(packet(at_s + 0.01, t13=40.0).data, 900.01 + at_s, None, 3)
    assert stream.flown_s(1.05) == pytest.approx(1.05, abs=1e-3)
    stream.connect(shown_s=7.0, stream_s=901.0)
    stream.telemetry.take(packet(7.0, t13=33.2).data, 901.0, None, 3)
    stream.telemetry.take(packet(8.0, t13=33.2).data, 902.0, None, 3)
    assert stream.telemetry.track(7.5).at(7.5).position.lat_deg == pytest.approx(33.2)


def test_without_positions_there_is_no_track() -> None:
    """A receiver that still looks for satellites; a picture that is far from every packet."""
    stream = Stream()
    with pytest.raises(PoseError, match="udp://uav"):
        stream.telemetry.newest()
    stream.connect(shown_s=0.0, stream_s=900.0)
    for second in (0.0, 1.0):
        stream.telemetry.take(packet(second, t13=None).data, 900.0 + second, None)
    with pytest.raises(PoseError, match="tells no position"):
        stream.telemetry.newest()
    stream.tell(*steadily(2.0, 902.0))
    assert len(stream.telemetry.newest().time_s) == 20
    with pytest.raises(PoseError, match="tells no position then"):
        stream.telemetry.track(30.0)


def test_a_time_before_the_first_picture_is_not_known() -> None:
    """No picture has said how its time lies to the stream's clock."""
    telemetry = StreamTelemetry("udp://uav")
    telemetry.begin()
    assert telemetry.has_reached(0.0)
    with pytest.raises(PoseError, match="no picture came yet"):
        telemetry.track(0.0)


def test_of_a_sensor_that_tells_often_those_around_a_moment_are_enough() -> None:
    """A pose costs the same however often it tells."""
    stream = Stream()
    stream.connect(shown_s=0.0, stream_s=900.0)
    stream.tell(*((number / 30, 900.0 + number / 30) for number in range(180)))
    assert len(stream.telemetry.track(3.0).time_s) == 40
    assert stream.flown_s(3.0) == pytest.approx(3.0, abs=1e-3)
