"""Time in which a stream was away is taken out, and only that."""

import numpy as np
import pytest

from tests.vision.builders import THRESHOLDS
from vision.away import TimeAway
from vision.frames import Frame
from vision.ground_tracking import GroundTracker
from vision.objects import ObjectBook
from vision.pass_state import PassState
from vision.pending import Pending
from vision.tracking import PictureTracker

IMAGE = np.zeros((96, 160, 3), np.uint8)


def passed(*frames: tuple[float, int]) -> list[float]:
    """The times of frames, by (time, breaks), as the pass takes them."""
    tracker, ground = PictureTracker(THRESHOLDS), GroundTracker(THRESHOLDS)
    state = PassState(("person",), ObjectBook(memory_s=30.0), Pending(0.0), tracker, ground)
    away = TimeAway(least_s=2.0, step_s=0.2)
    times_s = []
    for index, (time_s, breaks) in enumerate(frames):
        frame = Frame(index, time_s, IMAGE, breaks=breaks)
        away.take_out(frame, state)
        state.frame_index, state.time_s = index, frame.time_s
        times_s.append(frame.time_s)
    return times_s


def test_what_follows_a_break_follows_at_once() -> None:
    """And so does what follows the next."""
    told = passed((0.0, 0), (0.2, 0), (30.0, 1), (30.2, 1), (90.0, 3), (90.5, 3))
    assert told == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.3])


def test_a_gap_without_a_break_is_time_that_passed() -> None:
    """A busy machine looks seldom; what waits for its time goes on waiting."""
    assert passed((0.0, 0), (8.0, 0)) == pytest.approx([0.0, 8.0])


def test_a_short_break_is_time_that_passed() -> None:
    """Tracks outlive it."""
    assert passed((0.0, 0), (1.5, 1), (9.5, 1)) == pytest.approx([0.0, 1.5, 9.5])


def test_the_first_frame_has_no_time_before_it() -> None:
    """Whatever broke off before it came."""
    assert passed((40.0, 2), (40.2, 2)) == pytest.approx([40.0, 40.2])
