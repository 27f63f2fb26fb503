"""A source that goes on where it ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from geofences.geodesy import LonLat
from geofences.view import CameraPose
from patrol.moved_source import MovedSource
from patrol.sources.resumed import Onward, ResumedSource, goes_on, of_its_own, resumed
from patrol.watching import Watching
from tests.vision.builders import BlankSource, ScriptedDetector, pose
from vision.engine.remembering import Remembered
from vision.frames import Frame, FrameSource
from vision.ground_context import GroundContext, PoseAt
from vision.ground_tracking import GroundTracker
from vision.objects import ObjectBook
from vision.pass_state import PassState
from vision.pending import Pending
from vision.pipeline import WatchSettings
from vision.tracking import PictureTracker

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
THRESHOLDS = (0.3,)


def remembered(origin: LonLat | None = None) -> Remembered:
    """A pass that died half a minute ago, a minute after it began."""
    state = PassState(
        ("car",), ObjectBook(), Pending(3.0), PictureTracker(THRESHOLDS), GroundTracker(THRESHOLDS)
    )
    state.origin, state.frame_index, state.time_s = origin, 299, 60.0
    return Remembered("uav", "p", NOW, NOW + timedelta(seconds=60), state, frozenset())


def watching_again(source: FrameSource, pose_at: PoseAt | None, *, of_stream: bool) -> Watching:
    """It is opened again half a minute after its death."""
    settings = WatchSettings(start_utc=NOW + timedelta(seconds=90))
    return Watching(
        source,
        ScriptedDetector({}, ("car",)),
        (),
        GroundContext(pose_at=pose_at),
        settings,
        "",
        has_streams_poses=of_stream,
    )


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


@pytest.mark.parametrize("every_m", [0.0, 4.0])
def test_a_stream_that_tells_its_poses_is_asked_at_its_own_times(every_m: float) -> None:
    """They begin anew with it, and the pass's go on by the time that passed."""
    asked_s: list[float] = []

    def pose_at(time_s: float) -> CameraPose:
        asked_s.append(time_s)
        return pose(time_s=time_s)

    source: FrameSource = BlankSource(3)
    if every_m:
        source = MovedSource(source, pose_at, every_m)
    again, _ = resumed(watching_again(source, pose_at, of_stream=True), remembered(), is_live=True)
    frames = list(again.source)
    assert frames[0].time_s == pytest.approx(90.0)
    assert again.settings.start_utc == NOW
    assert again.ground.pose_at is not None
    poses = [again.ground.pose_at(frame.time_s) for frame in frames]
    assert [each.time_s for each in poses] == [frame.time_s for frame in frames]
    assert max(asked_s) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("origin", "pose_at", "of_stream", "expected"),
    [
        (LonLat(115.6, 33.1), pose, True, True),
        (LonLat(115.6, 33.1), None, False, False),
        (None, pose, True, False),
        (None, pose, False, True),
        (None, None, False, True),
    ],
)
def test_a_pass_goes_on_with_what_it_knows_of_its_camera(
    origin: LonLat | None, pose_at: PoseAt | None, *, of_stream: bool, expected: bool
) -> None:
    """Tracks over the ground are nothing to who has no poses now, and the other way round."""
    watching = watching_again(BlankSource(3), pose_at, of_stream=of_stream)
    assert goes_on(watching, remembered(origin)) is expected


def test_a_pass_that_begins_anew_has_a_name_of_its_own() -> None:
    """Under the old one it would write over what was looked at before."""
    watching = watching_again(BlankSource(3), None, of_stream=False)
    assert of_its_own(watching, NOW).settings.pass_id == "20261123T080000Z"
    assert of_its_own(watching, NOW).settings.start_utc == watching.settings.start_utc


def test_other_classes_begin_anew() -> None:
    """Their ids mean something else."""
    before = remembered()
    other = replace(before, state=replace(before.state, class_names=("person",)))
    watching = watching_again(BlankSource(3), None, of_stream=False)
    assert not goes_on(watching, other)


def test_all_else_is_the_sources_own() -> None:
    """Name, pace, size and counts."""
    own = BlankSource(3)
    source = ResumedSource(own, Onward())
    assert (source.name, source.fps) == (own.name, own.fps)
    assert (source.size_wh_px, source.report) == (own.size_wh_px, own.report)
    source.close()
