"""Ends the watching of one source when it is asked to, so that what was found is still told."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from patrol.wrapped_source import WrappedSource
from vision.frames import Frame, FrameSource


class StoppableSource(WrappedSource):
    """A source whose frames end when it is asked to, as if it had come to its end.

    Args:
        source: the source.
        closes: whether it is closed to stop, as one must be that waits for its next frame. A file
            never waits, and must not be closed while it is decoded.
    """

    def __init__(self, source: FrameSource, *, closes: bool) -> None:
        super().__init__(source)
        self._closes = closes
        self._stopping = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames until it is stopped."""
        for frame in self._source:
            if self._stopping.is_set():
                return
            yield frame

    def stop(self) -> None:
        """End after the frame under way; may be called from a signal's handler."""
        self._stopping.set()
        if self._closes:
            threading.Thread(target=self._source.close, daemon=True).start()


@contextmanager
def ended_by_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Let the first Ctrl-C or SIGTERM end the work in its own time, and the second one at once.

    Args:
        stop: asks the work to end.

    Yields:
        The signals that were heard. Only a main thread hears any.
    """
    heard: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def end(number: int, _frame: object) -> None:
        heard.append(number)
        back()
        stop()

    for number in before:
        signal.signal(number, end)
    try:
        yield heard
    finally:
        back()
