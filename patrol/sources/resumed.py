"""A source that goes on where an earlier watching of it ended."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from patrol.moved_source import MovedSource
from patrol.watching import Watching
from patrol.wrapped_source import WrappedSource
from vision.engine.remembering import Remembered
from vision.frames import Frame, FrameSource


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


def resumed(watching: Watching, before: Remembered, is_live: bool) -> tuple[Watching, Remembered]:
    """A pass that goes on where it ended.

    A file gives the frames that were judged again, and they are passed over. A live stream begins
    anew: for a camera that stands, the time in which nobody looked is left out, so that what
    stood there still stands there; for one with poses it is real time, as its flight went on.
    """
    state, settings = before.state, watching.settings
    if not is_live:
        onward = Onward(after_index=state.frame_index)
        start_utc = before.start_utc
    elif watching.has_poses:
        away_s = (datetime.now(UTC) - before.at_utc).total_seconds()
        onward = Onward(ahead_s=state.time_s + max(0.0, away_s), ahead=state.frame_index + 1)
        start_utc = before.start_utc
    else:
        step_s = 1.0 / (watching.source.fps or 25.0)
        onward = Onward(-1, state.time_s + step_s, state.frame_index + 1, at_once=True)
        start_utc = settings.start_utc - timedelta(seconds=onward.ahead_s)
        state.picture_tracker.keep_standing()
    source: FrameSource = ResumedSource(watching.source, onward)
    if is_live and isinstance(watching.source, MovedSource):
        # Poses are told by the times as they go on.
        source = watching.source.around(lambda inner: ResumedSource(inner, onward))
    settings = replace(settings, start_utc=start_utc)
    return replace(watching, source=source, settings=settings), before
