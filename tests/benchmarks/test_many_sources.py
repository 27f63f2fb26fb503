"""What the benchmarks of many sources count, on films of seconds."""

import os
from pathlib import Path

import av

from benchmarks.live_cameras import Camera, Manners
from benchmarks.many_sources import _decoding_s, _input_wh_px
from benchmarks.processor_time import used_by_all_s
from benchmarks.source_soak import _memory_mb
from tests.vision.builders import write_clip


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
