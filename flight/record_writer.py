"""A thread that writes records to disk, so that a slow disk never holds up a flight."""

import queue
import threading
from collections.abc import Callable
from typing import Protocol

_ROOM = 20_000  # some minutes of one aircraft's telemetry
_FLUSH_WITHIN_S = 2.0

Work = Callable[[], object]


class Writer(Protocol):
    """Does work in order."""

    def put(self, work: Work) -> bool:
        """Have work done; tell whether it will be."""
        ...

    def flush(self) -> bool:
        """Wait until all is done that was put before; tell whether it is."""
        ...

    def close(self) -> bool:
        """Do what waits and end; tell whether all was done. Later work is refused."""
        ...


class PromptWriter:
    """Does work on the spot: for simulated days, whose time outruns every thread."""

    def __init__(self) -> None:
        self._closed = False

    def put(self, work: Work) -> bool:
        """Do work now, unless all has ended."""
        if not self._closed:
            work()
        return not self._closed

    def flush(self) -> bool:
        """Nothing waits."""
        return True

    def close(self) -> bool:
        """End; later work is refused."""
        self._closed = True
        return True


class RecordWriter:
    """Does work in order, in a thread of its own; what finds no room any more is refused."""

    def __init__(self, name: str, room: int = _ROOM) -> None:
        """Begin.

        Args:
            name: Of the thread.
            room: How much work may wait.
        """
        self._waiting: queue.Queue[Work | None] = queue.Queue(room)
        self._closed = False
        # Not waited for at the end of the process: a disk that hangs must not hang us.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, work: Work) -> bool:
        """Have work done later; tell whether there was room for it. Returns at once."""
        if self._closed:
            return False
        try:
            self._waiting.put_nowait(work)
        except queue.Full:
            return False
        return True

    def flush(self) -> bool:
        """Wait until all is done that was put before, but not for long; tell whether it is."""
        if self._closed:
            return True
        done = threading.Event()
        return self.put(done.set) and done.wait(_FLUSH_WITHIN_S)

    def close(self) -> bool:
        """Do what waits and end; tell whether all was done. Later work is refused."""
        done = self.flush()
        if not self._closed:
            self._closed = True
            try:
                self._waiting.put_nowait(None)
            except queue.Full:
                return False
        return done

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()
