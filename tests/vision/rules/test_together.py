"""Tests of `vision.rules.together`."""

import pytest

from vision.objects import Look, TrackedObject
from vision.rules.together import moves, moves_in_picture


def driving(fps: float, boxes_per_s: float, lasts_s: float = 5.0) -> TrackedObject:
    """An object that goes to the right, looked at so many times a second."""
    made: TrackedObject | None = None
    for index in range(round(lasts_s * fps)):
        left = 50.0 * boxes_per_s * index / fps
        box = (left, 0.0, left + 50.0, 50.0)
        look = Look(index / fps, index, 0.9, 1, box, frozenset(), None)
        if made is None:
            made = TrackedObject(1, look)
        else:
            made.add(look)
    assert made is not None
    return made


@pytest.mark.parametrize("fps", [2.0, 5.0, 10.0, 30.0])
@pytest.mark.parametrize(("boxes_per_s", "is_moving"), [(0.1, True), (0.02, False)])
def test_who_moves_is_told_alike_at_every_rate(
    fps: float, boxes_per_s: float, is_moving: bool
) -> None:
    """Far traffic takes ten seconds for its own length, and moves all the same."""
    subject = driving(fps, boxes_per_s)
    assert moves(subject) == is_moving
    assert moves_in_picture(subject) == is_moving


def test_what_moved_a_while_ago_and_stands_now_does_not_move() -> None:
    """Only the last seconds count, seldom as they are looked at."""
    subject = driving(5.0, 1.0, 2.0)
    last = subject.last
    for index in range(1, 26):
        subject.add(
            Look(last.time_s + index / 5, 10 + index, 0.9, 1, last.xyxy_px, frozenset(), None)
        )
    assert not moves(subject)
