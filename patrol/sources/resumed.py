"""A source that goes on where an earlier watching of it ended."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from patrol.moved_source import MovedSource
from patrol.watching import Watching
from patrol.wrapped_source import WrappedSource
from vision.engine.remembering import Remembered
from vision.frames import Frame, FrameSource
from vision.ground_context import PoseAt


@dataclass(frozen=True)
class Onward:
    """Where to go on.

    Attributes:
        after_index: frames up to this one were judged; a file gives them again, and they are
            passed over. -1 passes over none.
        ahead_s: added to the times of a live stream, which begins anew at 0.
        ahead: added to the numbers of its frames.
        at_once: whether the first frame that comes counts as the stream's beginning.
    """

    after_index: int = -1
    ahead_s: float = 0.0
    ahead: int = 0
    at_once: bool = False


class ResumedSource(WrappedSource):
    """The frames of a source after those that were judged, with times that go on."""

    def __init__(self, source: FrameSource, onward: Onward) -> None:
        super().__init__(source)
        self._onward = onward

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames that come after."""
        ahead_s: float | None = None
        for frame in self._source:
            if ahead_s is None:
                ahead_s = self._onward.ahead_s - (frame.time_s if self._onward.at_once else 0.0)
            frame.index += self._onward.ahead
            frame.time_s += ahead_s
            if frame.index > self._onward.after_index:
                yield frame


def goes_on(watching: Watching, before: Remembered) -> bool:
    """Whether what is remembered is of use to a watching.

    Class ids mean nothing to other classes, nor tracks over the ground to who has no poses, as of a
    stream that comes without its telemetry this time; nor those in pictures where it brings it now.
    """
    if before.state.class_names != watching.detector.class_names:
        return False
    was_located = before.state.origin is not None
    return watching.has_poses if was_located else not watching.has_streams_poses


def of_its_own(watching: Watching, now: datetime) -> Watching:
    """A pass that begins anew, so that what the one before looked at is not written over."""
    settings = replace(watching.settings, pass_id=f"{now:%Y%m%dT%H%M%SZ}")
    return replace(watching, settings=settings)


def resumed(watching: Watching, before: Remembered, is_live: bool) -> tuple[Watching, Remembered]:
    """A pass that goes on where it ended.

    A file gives the frames that were judged again, and they are passed over. A live stream begins
    anew: for a camera that stands, the time in which nobody looked is left out, so that what
    stood there still stands there; for one with poses it is real time, as its flight went on.
    """
    state, settings, ground = before.state, watching.settings, watching.ground
    if not is_live:
        onward = Onward(after_index=state.frame_index)
        start_utc = before.start_utc
    elif watching.has_poses:
        # A stream that tells its poses is read from when it was opened, and was listened to since.
        began_utc = settings.start_utc if watching.has_streams_poses else datetime.now(UTC)
        away_s = (began_utc - before.at_utc).total_seconds()
        onward = Onward(ahead_s=state.time_s + max(0.0, away_s), ahead=state.frame_index + 1)
        start_utc = before.start_utc
    else:
        step_s = 1.0 / (watching.source.fps or 25.0)
        onward = Onward(-1, state.time_s + step_s, state.frame_index + 1, at_once=True)
        start_utc = settings.start_utc - timedelta(seconds=onward.ahead_s)
        state.picture_tracker.keep_standing()
    source: FrameSource = ResumedSource(watching.source, onward)
    if watching.has_streams_poses and ground.pose_at is not None:
        ground = replace(ground, pose_at=_later(ground.pose_at, onward.ahead_s))
    elif is_live and isinstance(watching.source, MovedSource):
        # Poses are told by the times as they go on.
        source = watching.source.around(lambda inner: ResumedSource(inner, onward))
    settings = replace(settings, start_utc=start_utc)
    return replace(watching, source=source, settings=settings, ground=ground), before


def _later(pose_at: PoseAt, ahead_s: float) -> PoseAt:
    """Poses by times that go on, of who knows them by times that began anew."""
    return lambda time_s: replace(pose_at(time_s - ahead_s), time_s=time_s)
