"""What a flight leaves on disk."""

import itertools
import json
import resource
import struct
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymavlink import mavutil

from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Message
from flight.record_writer import PromptWriter, RecordWriter
from flight.recorder import FlightRecorder, read_flight_log
from flight.states import VehicleState
from geofences.geodesy import LonLat

START = datetime(2026, 5, 1, 8, tzinfo=UTC)


def recorder_in(folder: Path) -> FlightRecorder:
    """Return a recorder whose clock gains a second with each look."""
    seconds = itertools.count()
    return FlightRecorder(
        folder,
        "patrol",
        about={"vehicle": "heron", "camera": "demo-1280"},
        utc_now=lambda: START + timedelta(seconds=next(seconds)),
    )


def state_at(time_boot_s: float) -> VehicleState:
    """Return a snapshot with a position."""
    return VehicleState(time_boot_s=time_boot_s, position=LonLat(115.62, 33.16), mode="AUTO")


def test_a_tlog_can_be_read_by_pymavlink(tmp_path: Path) -> None:
    """Ground stations read what we write: packet behind time, in order."""
    codec = MavlinkCodec(Identity(1, 1))
    with recorder_in(tmp_path) as recorder:
        for text in ("one", "two"):
            recorder.frame(codec.encode(Message("STATUSTEXT", {"severity": 6, "text": text})))
    reader = mavutil.mavlink_connection(str(recorder.tlog_path), dialect="ardupilotmega")
    first, second = reader.recv_msg(), reader.recv_msg()
    reader.close()
    assert [first.text, second.text] == ["one", "two"]
    assert first._timestamp == START.timestamp()


def test_tlog_times_are_microseconds_big_endian(tmp_path: Path) -> None:
    """The first eight bytes are the time."""
    with recorder_in(tmp_path) as recorder:
        recorder.frame(b"packet")
    data = recorder.tlog_path.read_bytes()
    assert struct.unpack(">Q", data[:8])[0] == START.timestamp() * 1e6
    assert data[8:] == b"packet"


def test_the_header_says_what_flew_and_when(tmp_path: Path) -> None:
    """Camera, vehicle and time base stand in the first line."""
    with recorder_in(tmp_path) as recorder:
        recorder.sample(state_at(5.0))
    header = json.loads(recorder.flight_log_path.read_text().splitlines()[0])
    assert header["camera"] == "demo-1280"
    assert (header["start_utc"], header["start_time_boot_s"]) == (START.isoformat(), 5.0)


def test_each_moment_is_recorded_once(tmp_path: Path) -> None:
    """The same snapshot told twice is one pose; without a position it is none."""
    with recorder_in(tmp_path) as recorder:
        for state in (VehicleState(), state_at(1.0), state_at(1.0), state_at(2.0)):
            recorder.sample(state)
    assert [s.time_boot_s for s in read_flight_log(recorder.flight_log_path).samples] == [1.0, 2.0]


def test_notes_stand_between_the_poses_and_do_not_disturb_them(tmp_path: Path) -> None:
    """Words before the first pose wait for the header."""
    with recorder_in(tmp_path) as recorder:
        recorder.note(0.0, "looking for the aircraft")
        recorder.sample(state_at(1.0))
        recorder.note(1.0, "on patrol")
    lines = [json.loads(line) for line in recorder.flight_log_path.read_text().splitlines()]
    assert [line.get("note") for line in lines] == [
        None,
        "looking for the aircraft",
        None,
        "on patrol",
    ]
    assert len(read_flight_log(recorder.flight_log_path).samples) == 1


def test_what_is_recorded_can_be_read_at_once(tmp_path: Path) -> None:
    """Vision follows the log while the aircraft flies."""
    with recorder_in(tmp_path) as recorder:
        recorder.sample(state_at(1.0))
        recorder.flush()
        assert len(read_flight_log(recorder.flight_log_path).samples) == 1


def test_an_earlier_record_is_never_overwritten(tmp_path: Path) -> None:
    """A second flight of the same name gets a name of its own."""
    with recorder_in(tmp_path) as first, recorder_in(tmp_path) as second:
        assert first.tlog_path.name == "patrol.tlog"
        assert second.tlog_path.name == "patrol-2.tlog"


def test_a_full_disk_does_not_stop_the_flight() -> None:
    """Every write fails, every failure is counted, nothing is raised."""
    recorder = recorder_in(Path("/dev/full"))
    recorder.frame(b"packet")
    recorder.sample(state_at(1.0))
    recorder.note(1.0, "still flying")
    recorder.close()
    assert recorder.write_errors >= 4
    assert recorder.samples_written == 0
    assert recorder.last_error


def test_a_disk_that_fills_up_in_flight_leaves_whole_records(tmp_path: Path) -> None:
    """What was written before stays readable; the rest is counted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with recorder_in(tmp_path) as recorder:
        recorder.sample(state_at(1.0))
        recorder.flush()
        size = recorder.flight_log_path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
        try:
            recorder.sample(state_at(2.0))
            recorder.flush()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        recorder.sample(state_at(3.0))
    assert recorder.write_errors == 1
    assert [s.time_boot_s for s in read_flight_log(recorder.flight_log_path).samples] == [1.0, 3.0]


def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    """The second close finds nothing to do; later news is counted as lost."""
    recorder = recorder_in(tmp_path)
    recorder.close()
    recorder.close()
    recorder.frame(b"late")
    assert recorder.write_errors == 1


def test_a_reboot_begins_another_log_with_a_clock_of_its_own(tmp_path: Path) -> None:
    """Finding 36: all that was flown can be read again, before the reboot and after it."""
    with recorder_in(tmp_path) as recorder:
        first = recorder.flight_log_path
        for time_s in (61.0, 62.0, 61.5, 4.0, 5.0):
            recorder.sample(state_at(time_s))
        second = recorder.flight_log_path
    assert second.name == "patrol-boot2.flight.jsonl"
    assert [s.time_boot_s for s in read_flight_log(first).samples] == [61.0, 62.0]
    assert [s.time_boot_s for s in read_flight_log(second).samples] == [4.0, 5.0]
    assert read_flight_log(second).about["vehicle"] == "heron"


def test_a_folder_that_refuses_writes_does_not_stop_the_flight(tmp_path: Path) -> None:
    """Not even the files can be made; all that comes is counted."""
    closed = tmp_path / "file"
    closed.write_text("no folder")
    with recorder_in(closed / "flights") as recorder:
        recorder.sample(state_at(1.0))
        recorder.frame(b"packet")
    assert recorder.samples_written == 0
    assert recorder.write_errors >= 4


def test_a_slow_disk_does_not_hold_up_the_flight(tmp_path: Path) -> None:
    """What finds no room while the disk hangs is counted, and what came before is written."""
    hanging, release = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        release.wait()

    with recorder_in(tmp_path) as recorder:
        recorder._writer = RecordWriter("slow", room=3)
        recorder._writer.put(hang)
        hanging.wait()
        for number in range(20):
            recorder.frame(b"%d" % number)
        assert recorder.write_errors == 17
        release.set()
        while not recorder._writer.flush():
            pass  # until there is room to ask
        assert recorder.tlog_path.read_bytes().endswith(b"2")


def test_a_prompt_writer_has_written_before_it_returns(tmp_path: Path) -> None:
    """Simulated days leave no thread behind that would have to catch up."""
    threads = threading.active_count()
    recorder = FlightRecorder(tmp_path, "patrol", writer=PromptWriter())
    recorder.sample(state_at(1.0))
    assert threading.active_count() == threads
    assert read_flight_log(recorder.flight_log_path).samples[0].time_boot_s == 1.0
    recorder.close()
    recorder.sample(state_at(2.0))
    assert recorder.write_errors == 1


def test_what_a_takeover_must_know_is_replaced_and_ends_with_the_flight(tmp_path: Path) -> None:
    """It is of the flight's name: the record of whoever takes it up has another."""
    with recorder_in(tmp_path) as recorder:
        for data in (b"first", b"second"):
            recorder.keep_progress(data)
    with recorder_in(tmp_path) as taker:
        assert taker.tlog_path.name == "patrol-2.tlog"
        assert taker.kept_progress() == b"second"
        taker.forget_progress()
        taker.flush()
        assert taker.kept_progress() == b""
        taker.forget_progress()
    assert taker.write_errors == 0
    assert not list(tmp_path.glob("*.new"))


def test_progress_that_cannot_be_kept_is_counted(tmp_path: Path) -> None:
    """The flight goes on."""
    with recorder_in(tmp_path) as recorder:
        (tmp_path / "patrol.progress.json").mkdir()
        recorder.keep_progress(b"lost")
    assert recorder.write_errors == 1
    assert not list(tmp_path.glob("*.new"))
