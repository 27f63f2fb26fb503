"""A source that goes on where an earlier watching of it ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from vision.frames import Frame, FrameSource, SourceReport


@dataclass(frozen=True)
class Onward:
    """Where to go on.

    Attributes:
        after_index: frames up to this one were judged; a file gives them again, and they are
            passed over. -1 passes over none.
        ahead_s: added to the times of a live stream, which begins anew at 0.
        ahead: added to the numbers of its frames.
    """

    after_index: int = -1
    ahead_s: float = 0.0
    ahead: int = 0


class ResumedSource:
    """The frames of a source after those that were judged, with times that go on."""

    def __init__(self, source: FrameSource, onward: Onward) -> None:
        self._source = source
        self._onward = onward

    @property
    def name(self) -> str:
        """As the source's own."""
        return self._source.name

    @property
    def fps(self) -> float:
        """As the source's own."""
        return self._source.fps

    @property
    def size_wh_px(self) -> tuple[int, int]:
        """As the source's own."""
        return self._source.size_wh_px

    @property
    def report(self) -> SourceReport:
        """As the source's own."""
        return self._source.report

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames that come after."""
        for frame in self._source:
            frame.index += self._onward.ahead
            frame.time_s += self._onward.ahead_s
            if frame.index > self._onward.after_index:
                yield frame

    def close(self) -> None:
        """Close the source."""
        self._source.close()
