"""Leaps of a camera's clock, told from the time that passes here."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.stream_clock import StreamClock


def straightened(arrived_s: Sequence[float], stamps_s: Sequence[float]) -> list[float]:
    """Times of frames with the leaps taken out."""
    here_s = iter(arrived_s)
    clock = StreamClock(lambda: next(here_s))
    found: list[float] = []
    leapt_s = 0.0
    for stamp_s in stamps_s:
        before_s = found[-1] if found else stamp_s
        leapt_s += clock.leap_s(before_s, stamp_s - leapt_s)
        found.append(stamp_s - leapt_s)
    return found


@pytest.mark.parametrize("leap_s", [-3600.0, -5.0, 5.0, 3600.0])
def test_a_leap_is_taken_out(leap_s: float) -> None:
    """Time goes on as it passes here."""
    arrived_s = [0.2 * number for number in range(20)]
    stamps_s = [each + (leap_s if number >= 10 else 0.0) for number, each in enumerate(arrived_s)]
    assert straightened(arrived_s, stamps_s) == pytest.approx(arrived_s)


def test_frames_that_come_late_and_in_bursts_keep_their_times() -> None:
    """A network that held them back for ten seconds did not change the camera's clock."""
    stamps_s = [0.2 * number for number in range(100)]
    arrived_s = [
        each if number < 20 or number > 70 else 14.2 for number, each in enumerate(stamps_s)
    ]
    assert straightened(arrived_s, stamps_s) == pytest.approx(stamps_s)


def test_what_was_left_out_is_no_leap() -> None:
    """Who fell behind by seconds and left them out is where the camera is."""
    behind_s = [min(5.0, 0.1 * number) for number in range(60)]
    stamps_s = [0.2 * number - late_s for number, late_s in enumerate(behind_s)]
    stamps_s += [0.2 * number for number in range(60, 70)]
    arrived_s = [0.2 * number for number in range(70)]
    assert straightened(arrived_s, stamps_s) == pytest.approx(stamps_s)


def test_a_camera_that_was_silent_has_not_leapt() -> None:
    """Time passed here as well."""
    arrived_s = [0.0, 0.2, 30.2, 30.4]
    assert straightened(arrived_s, arrived_s) == pytest.approx(arrived_s)


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(-1e5, 1e5)), min_size=2, max_size=50))
def test_whatever_a_camera_says_its_time_hardly_runs_away(
    steps: list[tuple[float, float]],
) -> None:
    """By less than what counts as a leap for each frame, forwards or back."""
    arrived_s, now_s = [], 0.0
    for passed_s, _ in steps:
        now_s += passed_s
        arrived_s.append(now_s)
    found = straightened(arrived_s, [stamp_s for _, stamp_s in steps])
    assert all(after - before >= -2.001 for before, after in pairwise(found))
    ahead_s = [each - at_s for each, at_s in zip(found, arrived_s, strict=True)]
    assert all(each - ahead_s[0] <= 2.001 * number for number, each in enumerate(ahead_s))
