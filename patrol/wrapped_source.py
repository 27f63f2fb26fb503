"""What a source around another one takes over from it as it is."""

from vision.frames import FrameSource, SourceReport


class WrappedSource:
    """A source with another one's name, pace, size and counts; its frames are told by who extends.

    Args:
        source: the source within.
    """

    def __init__(self, source: FrameSource) -> None:
        self._source = source

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

    def close(self) -> None:
        """Close the source."""
        self._source.close()
