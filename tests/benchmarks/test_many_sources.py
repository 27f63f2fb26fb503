"""What the benchmarks of many sources count, on films of seconds."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from benchmarks.live_cameras import Camera, Manners
from benchmarks.live_watching import Delay, LiveWatching, _Cameras, _delays, _sources
from benchmarks.many_sources import _decoding_s, _input_wh_px, _live_figures
from benchmarks.processor_time import used_by_all_s
from benchmarks.source_soak import _memory_mb
from benchmarks.watched_sources import Heard
from patrol.sources.file import read_sources
from patrol.sources.status import SourceState, SourceStatus, ToldSighting
from patrol.sources.watched import SourceRow
from tests.patrol.test_wiring import SIGHTING
from tests.vision.builders import write_clip
from vision.rules.schema import load_rules


class Many:
    """Stands where processes are asked for: this one."""

    def __init__(self) -> None:
        self.process_ids = {"this": os.getpid()}


def test_processor_time_is_that_of_the_processes() -> None:
    """As the system counts it, with what their threads used."""
    before_s = used_by_all_s([os.getpid()])
    sum(number * number for number in range(3_000_000))
    assert used_by_all_s([os.getpid()]) > before_s


def test_memory_is_what_the_processes_hold() -> None:
    """In megabytes."""
    assert 20 < _memory_mb(Many()) < 20_000  # type: ignore[arg-type]


def test_decoding_alone_takes_some_time_a_frame(tmp_path: Path) -> None:
    """More than nothing, less than a second."""
    assert 0 < _decoding_s(write_clip(tmp_path / "a.mp4", 30)) < 1
    assert _input_wh_px() == (960, 544)


def test_a_camera_sends_its_film_again_and_again_in_its_own_time(tmp_path: Path) -> None:
    """With times that go on, and the time of the first frame told."""
    sent: list[float] = []
    film = write_clip(tmp_path / "a.mp4", 10)
    with Camera(film, Manners(fps=200), sent.append) as camera, av.open(camera.address) as stream:
        times_s = []
        for frame in stream.decode(video=0):
            times_s.append(float(frame.time or 0))
            if len(times_s) == 25:
                break
    assert len(sent) == 1
    assert times_s == sorted(times_s)
    assert times_s[20] - times_s[0] > 1.9


def test_a_camera_that_hangs_up_can_be_asked_again(tmp_path: Path) -> None:
    """Its film ends and begins anew."""
    film = write_clip(tmp_path / "a.mp4", 10)
    with Camera(film, Manners(fps=50, hangs_up_s=0.3)) as camera:
        for _ in range(2):
            with av.open(camera.address) as stream:
                assert sum(1 for _ in stream.decode(video=0)) > 3
        assert camera.connections == 2


def test_a_camera_knows_how_late_it_sent(tmp_path: Path) -> None:
    """One that is to send faster than any can is late by most of the time."""
    film = write_clip(tmp_path / "a.mp4", 10)
    with Camera(film, Manners(fps=1e9)) as camera, av.open(camera.address) as stream:
        assert camera.late_s < 60.0
        for number, _ in enumerate(stream.decode(video=0)):
            if number == 50:
                break
        assert camera.late_s > 0.0


def test_the_delay_begins_when_the_frame_was_due(tmp_path: Path) -> None:
    """What was not delivered, or was buffered while the stream was opened, is left out."""
    begin = datetime(2026, 5, 1, 8, tzinfo=UTC)
    status = SourceStatus("s0", SourceState.WATCHING, frames=200, start_utc=begin)
    heard = Heard()
    for number, into_s in enumerate((2.0, 20.0, 30.0)):
        sighting = replace(SIGHTING, sighting_id=str(number))
        sighting = replace(sighting, observed_at=begin + timedelta(seconds=into_s))
        heard.told.append((1000.0 + into_s + 0.3, ToldSighting("s0", sighting, load_rules()[0])))
    process = subprocess.Popen([sys.executable, "-c", ""], text=True)
    process.wait()
    cameras = _Cameras(process, sent_at_s={0: 1000.0})
    rows = [SourceRow(status, 0)]
    (delay,) = _delays(heard, cameras, {"0": 1002.4, "1": 1020.5}, rows)
    assert delay.told_s == pytest.approx(0.3)
    assert delay.event_s == pytest.approx(0.5)
    figures = _live_figures(LiveWatching([delay, Delay(0.5, 0.9)], rows, 0.2, 0.01, {"API": 0.1}))
    assert figures["frame to event, median"].value == pytest.approx(0.7)
    assert figures["outbox to event, median"].value == pytest.approx(0.3)
    assert figures["live frames analysed"].value == pytest.approx(5.0)


def test_cameras_are_watched_with_a_zone_of_their_own(tmp_path: Path) -> None:
    """As a file of sources says it."""
    path = tmp_path / "sources.yaml"
    path.write_text(_sources(["tcp://127.0.0.1:9", "tcp://127.0.0.1:10"], 5.0))
    first, second = read_sources(path).sources
    assert (first.name, second.url) == ("s0", "tcp://127.0.0.1:10")
    assert len(first.zones) == 1
