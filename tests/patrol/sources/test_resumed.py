"""A source that goes on where it ended."""

from collections.abc import Iterator
from itertools import islice

import pytest

from geofences.view import CameraPose
from patrol.moved_source import MovedSource
from patrol.sources.resumed import Onward, ResumedSource
from tests.vision.builders import BlankSource, pose
from vision.frames import Frame


def test_frames_that_were_judged_are_passed_over() -> None:
    """A film gives them again."""
    source = ResumedSource(BlankSource(6), Onward(after_index=2))
    assert [frame.index for frame in source] == [3, 4, 5]


def test_times_and_numbers_of_a_stream_go_on() -> None:
    """A stream begins anew at 0."""
    plain = [frame.time_s for frame in BlankSource(3)]
    frames = list(ResumedSource(BlankSource(3), Onward(ahead_s=60.0, ahead=300)))
    assert [frame.index for frame in frames] == [300, 301, 302]
    assert [frame.time_s for frame in frames] == [60.0 + time_s for time_s in plain]


def test_a_stream_may_go_on_at_once() -> None:
    """What came while it was opened was not looked at, and takes no time of the pass."""

    class Late(BlankSource):
        def __iter__(self) -> Iterator[Frame]:
            return islice(super().__iter__(), 2, None)

    frames = list(ResumedSource(Late(5), Onward(ahead_s=60.0, at_once=True)))
    steps_s = [frame.time_s for frame in BlankSource(3)]
    assert [frame.time_s for frame in frames] == pytest.approx([60.0 + each for each in steps_s])


def test_a_stream_that_goes_on_is_located_by_the_times_that_go_on() -> None:
    """Where frames are chosen by the way, poses are asked for at the pass's own times."""
    asked_s: list[float] = []

    def pose_at(time_s: float) -> CameraPose:
        asked_s.append(time_s)
        return pose(time_s=time_s)

    chosen = MovedSource(BlankSource(3), pose_at, 4.0)
    source = chosen.around(lambda inner: ResumedSource(inner, Onward(ahead_s=60.0)))
    assert [frame.time_s for frame in source] == [60.0]
    assert asked_s == pytest.approx([60.0, 60.1, 60.2])


def test_all_else_is_the_sources_own() -> None:
    """Name, pace, size and counts."""
    own = BlankSource(3)
    source = ResumedSource(own, Onward())
    assert (source.name, source.fps) == (own.name, own.fps)
    assert (source.size_wh_px, source.report) == (own.size_wh_px, own.report)
    source.close()
