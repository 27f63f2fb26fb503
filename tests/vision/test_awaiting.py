"""Frames wait for telemetry, and keep their pace."""

import numpy as np
import pytest

from vision.awaiting import AwaitingFrames
from vision.frames import Frame


class Stream:
    """Frames five times a second, and telemetry that has reached some time."""

    def __init__(self) -> None:
        self.now_s = self.told_s = 0.0
        self.awaiting = AwaitingFrames(lambda time_s: time_s <= self.told_s, lambda: self.now_s)
        self._next = 0

    def go(self, frames: int, *, every_s: float = 0.2, late_s: float = 0.0) -> list[float]:
        """Frames come one after another; when each was given after it came.

        Args:
            frames: how many come.
            every_s: between two packets of telemetry; 0 for one with each frame.
            late_s: so long after its moment a packet comes.
        """
        waited_s = []
        for _ in range(frames):
            self.now_s = self._next * 0.2
            heard_s = self.now_s - late_s + 1e-6
            self.told_s = heard_s if not every_s else heard_s // every_s * every_s + 1e-6
            self.awaiting.put(Frame(self._next, self.now_s, np.zeros((2, 2, 3), np.uint8)))
            waited_s += [self.now_s - frame.time_s for frame in self.awaiting.due()]
            self._next += 1
        return waited_s


def test_a_frame_whose_telemetry_is_there_does_not_wait() -> None:
    """Encoders take longer than sensors: this is the usual case."""
    assert Stream().go(20, every_s=0.0) == pytest.approx([0.0] * 20)


def test_frames_come_in_their_own_pace_when_telemetry_comes_once_a_second() -> None:
    """Each a second late, and not five at once, of which a live pass would take the newest."""
    waited_s = Stream().go(50, every_s=1.0)
    assert waited_s[10:] == pytest.approx([0.8] * len(waited_s[10:]))
    assert len(waited_s) == 46


def test_late_telemetry_delays_by_as_much() -> None:
    """And no longer."""
    assert Stream().go(40, every_s=0.0, late_s=0.6)[10:] == pytest.approx([0.6] * 27)


def test_who_was_late_once_is_forgiven() -> None:
    """The delay goes again when telemetry comes in time for a while."""
    stream = Stream()
    assert max(stream.go(20, every_s=0.0, late_s=1.0)) == pytest.approx(1.0)
    assert stream.go(120, every_s=0.0)[-1] == pytest.approx(0.0)


def test_not_more_than_a_few_seconds_of_frames_are_kept() -> None:
    """They are whole pictures: a stream of all frames may not fill the memory."""
    stream = Stream()
    assert len(stream.go(100, every_s=0.0, late_s=1e6)) == 36


def test_at_the_end_all_are_given() -> None:
    """No more telemetry comes."""
    stream = Stream()
    assert stream.go(3, every_s=0.0, late_s=1e6) == []
    assert [frame.index for frame in stream.awaiting.rest()] == [0, 1, 2]
    assert list(stream.awaiting.due()) == []
