"""Smoke is told from walls and clouds by what stirs."""

import numpy as np
import pytest

from tests.vision.builders import boxes
from tests.vision.rules.judging import FIRE, NAMES, SIZE, rule
from vision.objects import FrameSeen, ObjectBook
from vision.rules.judge import Judge
from vision.rules.setting import Setting
from vision.rules.zones import ZoneMap


@pytest.mark.parametrize(("growth", "frames", "told"), [(0.0, 30, 0), (0.05, 30, 1), (0.05, 6, 0)])
def test_smoke_billows_and_a_wall_stands_still(growth: float, frames: int, told: int) -> None:
    """What keeps its outline for seconds is no smoke, even if somebody just walked past it."""
    plume = rule(
        "presence", ["fire"], min_looks=3, min_seconds=2, once_per_view=True, min_flicker=0.015
    )
    setting = Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)
    book, judge, found = ObjectBook(), Judge((plume,), setting), []
    for frame in range(30):
        side_px = 100.0 * (1.0 + growth * (frame % 2 if frame < frames else 0))
        seen = boxes(((0, 0, side_px, side_px), 0.8, FIRE)).with_tracks(np.array([1], np.int64))
        book.add_frame(FrameSeen(frame / 5, frame, SIZE), seen, None, [frozenset()])
        found += judge.step(book, frame / 5)
    assert len(found) == told


@pytest.mark.parametrize(
    ("score", "stir", "told"), [(0.2, 0.3, 1), (0.2, 0.02, 0), (0.8, 0.02, 0), (0.8, None, 1)]
)
def test_smoke_stirs_inside(score: float, stir: float | None, told: int) -> None:
    """Half of the score is enough of what stirs, and none of what does not.

    Where that was not measured its outline tells, which here wavers.
    """
    plume = rule(
        "presence",
        ["fire"],
        min_looks=3,
        min_seconds=2,
        once_per_view=True,
        min_flicker=0.015,
        min_stir=0.1,
    )
    setting = Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)
    book, judge, found = ObjectBook(), Judge((plume,), setting), []
    for frame in range(30):
        side_px = 100.0 * (1.0 + 0.05 * (frame % 2))
        seen = boxes(((0, 0, side_px, side_px), score, FIRE)).with_tracks(np.array([1], np.int64))
        stirs = None if stir is None else np.array([stir])
        told_of = FrameSeen(frame / 5, frame, SIZE, stirs=stirs)
        book.add_frame(told_of, seen, None, [frozenset()])
        found += judge.step(book, frame / 5)
    assert len(found) == told


def test_of_what_is_taken_for_smoke_the_piece_that_stirs_is_told() -> None:
    """And not the wall beside it, which was seen for longer: its picture would show nothing."""
    plume = rule("presence", ["fire"], min_seconds=2, once_per_view=True, min_stir=0.1)
    setting = Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)
    book, judge, found = ObjectBook(), Judge((plume,), setting), []
    wall, smoke = ((0, 0, 80, 80), 0.2, FIRE), ((300, 0, 380, 80), 0.5, FIRE)
    for frame in range(150):
        rows = [wall] if frame < 50 else [wall, smoke]
        seen = boxes(*rows).with_tracks(np.arange(1, len(rows) + 1))
        told_of = FrameSeen(frame / 5, frame, SIZE, stirs=np.array([0.02, 0.3][: len(rows)]))
        book.add_frame(told_of, seen, None, [frozenset[int]()] * len(rows))
        found += judge.step(book, frame / 5)
    (finding,) = found
    assert finding.subject.track_id == 2
    assert [each.track_id for each in finding.others] == [1]
