"""Tests of `patrol.stopping`."""

import os
import signal
import threading

import pytest

from patrol.stopping import StoppableSource, ended_by_signals
from tests.vision.builders import BlankSource


def test_a_stopped_source_comes_to_its_end() -> None:
    """As a film does that is over; what was found is told as it is at an end."""
    source = StoppableSource(BlankSource(100), closes=False)
    indices = []
    for frame in source:
        indices.append(frame.index)
        if frame.index == 3:
            source.stop()
    assert indices == [0, 1, 2, 3]
    assert (source.name, source.fps, source.size_wh_px) == ("blank", 10.0, (1280, 720))


def test_a_source_that_waits_for_its_next_frame_is_closed() -> None:
    """A camera that gives none would never look whether it is asked to end."""
    closed = threading.Event()

    class Waiting(BlankSource):
        def close(self) -> None:
            closed.set()

    StoppableSource(Waiting(1), closes=True).stop()
    assert closed.wait(30.0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_acts_as_before(number: signal.Signals) -> None:
    """Who is in a hurry presses Ctrl-C twice."""
    before = signal.getsignal(number)
    asked: list[bool] = []
    with ended_by_signals(lambda: asked.append(True)) as heard:
        os.kill(os.getpid(), number)
        assert asked == [True]
        assert heard == [number]
        assert signal.getsignal(number) is before
    assert signal.getsignal(number) is before


def test_other_threads_hear_nothing() -> None:
    """Python lets the main thread alone set handlers."""
    heard: list[list[int]] = []

    def work() -> None:
        with ended_by_signals(lambda: None) as signals:
            heard.append(signals)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30.0)
    assert heard == [[]]
