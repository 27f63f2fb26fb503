"""Many sources watched by `patrol watch sources.yaml`, as benchmarks need it: here, in a thread."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from patrol.courier import Courier
from patrol.settings import Settings
from patrol.sources.status import ToldSighting
from patrol.sources.supervisor import ManySources
from patrol.sources.watched import SourceRow

PATIENCE_S = 240.0


@dataclass
class Heard:
    """Takes what is told, with the time, and wakes the courier.

    Attributes:
        courier: to be woken.
        newest: rows of all sources.
        told: sightings, each with the time of day at which it was told.
    """

    courier: Courier | None = None
    newest: tuple[SourceRow, ...] = ()
    told: list[tuple[float, ToldSighting]] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """Frames of all sources that were looked at."""
        return sum(row.status.frames for row in self.newest)

    def sighting(self, told: ToldSighting) -> None:
        """A sighting is in the outbox."""
        self.told.append((time.time(), told))
        if self.courier is not None:
            self.courier.wake()

    def notice(self, text: str) -> None:
        """Say what a person should know."""
        print(text, file=sys.stderr)

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Take the newest."""
        self.newest = rows


@dataclass(frozen=True)
class Watched:
    """Sources that are being watched.

    Attributes:
        many: their supervisor.
        thread: in which it runs.
    """

    many: ManySources
    thread: threading.Thread

    def supervisor_s(self) -> float:
        """Processor seconds that the supervisor's thread has used."""
        if self.thread.ident is None:
            return 0.0
        return time.clock_gettime(time.pthread_getcpuclockid(self.thread.ident))

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds, the watching has ended, or patience has."""
        deadline_s, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while not condition() and self.thread.is_alive() and time.monotonic() < deadline_s:
            pause.wait(0.05)


@contextmanager
def watched(
    path: Path, text: str, heard: Heard, settings: Settings, *, reports: bool
) -> Iterator[Watched]:
    """Watch the sources of a file in a thread until the context is left.

    Args:
        path: of the file.
        text: of it.
        heard: is told everything.
        settings: where everything is.
        reports: whether sightings go into the outbox.
    """
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    many = ManySources(path, settings, heard, reports=reports)
    thread = threading.Thread(target=many.run)
    thread.start()
    try:
        yield Watched(many, thread)
    finally:
        many.stop()
        thread.join()
