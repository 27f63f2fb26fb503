"""Many sources being watched while a test does things to them."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from patrol.settings import Settings
from patrol.sources.staff import HiredStaff, local_staff
from patrol.sources.status import SourceState, ToldSighting
from patrol.sources.supervisor import ManySources
from patrol.sources.watched import SourceRow

PATIENCE_S = 120.0


class Heard:
    """Hears everything that is told."""

    def __init__(self) -> None:
        self.sightings: list[ToldSighting] = []
        self.notices: list[str] = []
        self.newest: dict[str, SourceRow] = {}

    def sighting(self, told: ToldSighting) -> None:
        """Note it."""
        self.sightings.append(told)

    def notice(self, text: str) -> None:
        """Note it."""
        self.notices.append(text)

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Note the newest."""
        self.newest = {row.status.name: row for row in rows}

    @property
    def ids(self) -> list[str]:
        """Ids of all sightings, as often as they were told."""
        return [each.sighting.sighting_id for each in self.sightings]

    def frames(self, name: str) -> int:
        """Frames of a source analysed so far."""
        row = self.newest.get(name)
        return row.status.frames if row else 0

    def state(self, name: str) -> SourceState | None:
        """What a source is doing."""
        row = self.newest.get(name)
        return row.status.state if row else None


class Watched:
    """Sources that are being watched in a thread."""

    def __init__(
        self, path: Path, home: Path, *, reports: bool = False, hired: HiredStaff = local_staff
    ) -> None:
        self.heard = Heard()
        self.many = ManySources(path, Settings(home), self.heard, reports=reports, hired=hired)
        self.ended: tuple[SourceRow, ...] = ()
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.ended = self.many.run()
        except BaseException as failure:  # noqa: BLE001 - the test looks at it
            self.failure = failure

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds."""
        deadline_s = time.monotonic() + PATIENCE_S
        pause = threading.Event()
        while not condition():
            assert self.thread.is_alive() or condition(), (self.failure, self.heard.notices)
            assert time.monotonic() < deadline_s, (self.heard.newest, self.heard.notices)
            pause.wait(0.02)

    def kill(self, name: str) -> None:
        """Kill a process by its name, as nothing can prevent."""
        os.kill(self.many.process_ids[name], signal.SIGKILL)

    def finish(self) -> tuple[SourceRow, ...]:
        """Wait for the end."""
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive(), self.heard.newest
        assert self.failure is None, self.failure
        return self.ended


@contextmanager
def watched(
    path: Path, home: Path, *, reports: bool = False, hired: HiredStaff = local_staff
) -> Iterator[Watched]:
    """Watch the sources of a file until the context is left."""
    found = Watched(path, home, reports=reports, hired=hired)
    found.thread.start()
    try:
        yield found
    finally:
        found.many.stop()
        found.thread.join(PATIENCE_S)
        assert not found.thread.is_alive()
