"""Watches many sources: what runs where, what is started again, and what is told of it."""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from patrol.errors import PatrolError, UsageError
from patrol.settings import Settings
from patrol.sources.file import read_sources
from patrol.sources.status import Notice, SourceState, SourceStatus, ToldSighting
from patrol.sources.tasks import SourceTask, tasks_of
from patrol.sources.worker import (
    STATES,
    Beat,
    StopAll,
    StopThis,
    TakeModel,
    WatchThis,
    WorkerSetting,
    run_worker,
)
from vision.engine.local import Died, Heard, Job, Processes, Started
from vision.engine.remote import Desk
from vision.engine.server import DetectorBeat, serve_detector

PRELOAD = ("patrol.sources.worker", "vision.engine.server")
LOOK_EVERY_S = 1.0
POLL_S = 0.25
STOP_PATIENCE_S = 12.0
_MOST_DEATHS = 5


@dataclass(frozen=True)
class SourceRow:
    """A source as it is shown: how it goes over all lives of its process.

    Attributes:
        status: of the present life, with counts over all lives.
        restarts: times that its process died.
    """

    status: SourceStatus
    restarts: int


class Shown(Protocol):
    """Somewhere the watching is shown."""

    def sighting(self, told: ToldSighting) -> None:
        """A sighting is safe."""

    def notice(self, text: str) -> None:
        """Something that a person should know."""

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """How all sources go just now."""


@dataclass(eq=False)
class _Source:
    """A source and where it is watched."""

    task: SourceTask
    worker: str
    status: SourceStatus
    before: SourceStatus
    run: int
    restarts: int = 0

    @property
    def row(self) -> SourceRow:
        now, before = self.status, self.before
        whole = replace(
            now,
            frames=now.frames + before.frames,
            dropped=now.dropped + before.dropped,
            damaged=now.damaged + before.damaged,
            reconnects=now.reconnects + before.reconnects,
            sightings=now.sightings + before.sightings,
        )
        return SourceRow(whole, self.restarts)


class ManySources:
    """Watches all sources of a file until they end or `stop` is called.

    Args:
        path: of the file.
        settings: where everything is.
        shown: is told everything.
        reports: whether sightings go into the outbox.
    """

    def __init__(self, path: Path, settings: Settings, shown: Shown, *, reports: bool) -> None:
        self._path = path
        self._settings = settings
        self._shown = shown
        self._reports = reports
        self._stopping = self._reloading = False
        self._file = read_sources(path)
        self._stamp = _stamp_of(path)
        self._sources: dict[str, _Source] = {}
        self._desks: dict[str, Desk] = {}
        self._workers = self._runs = 0
        self._folder = Path()
        self._processes = Processes(PRELOAD)
        self._told: set[str] = set()

    def stop(self) -> None:
        """End soon; may be called from a signal's handler."""
        self._stopping = True

    def reload(self) -> None:
        """Read the file of sources again; may be called from a signal's handler."""
        self._reloading = True

    @property
    def process_ids(self) -> dict[str, int]:
        """Ids of the living processes by their names."""
        return dict(self._processes.ids)

    def workers_of(self) -> dict[str, str]:
        """Names of the processes in which sources are watched, by the sources' names."""
        return {name: source.worker for name, source in self._sources.items()}

    def rows(self) -> tuple[SourceRow, ...]:
        """How all sources go."""
        return tuple(source.row for source in self._sources.values())

    def run(self) -> tuple[SourceRow, ...]:
        """Watch; return how all sources ended.

        Raises:
            UsageError: another process watches sources with the same home folder.
            PatrolError: there is nothing to watch.
        """
        with _alone(self._settings.home / STATES), _own_folder() as folder:
            self._folder = folder
            try:
                self._apply(tasks_of(self._file, self._path.parent))
                if not self._sources and not self._goes_on():
                    raise PatrolError(f"{self._path}: names no source; add one.")
                self._watch()
            finally:
                self._end()
        return self.rows()

    def _watch(self) -> None:
        looked_s = time.monotonic()
        while not self._stopping:
            for event in self._processes.events(POLL_S):
                self._take(event)
            self._shown.rows(self.rows())
            if self._reloading or time.monotonic() - looked_s >= LOOK_EVERY_S:
                looked_s = time.monotonic()
                self._look_again()
            all_over = all(each.status.state.is_over for each in self._sources.values())
            if all_over and not self._goes_on():
                return

    def _goes_on(self) -> bool:
        """Whether more sources may come by themselves."""
        return any(entry.follow for entry in self._file.sources)

    def _take(self, event: Heard | Died | Started) -> None:
        if isinstance(event, Heard):
            self._hear(event.message)
        elif isinstance(event, Started):
            for source in self._of(event.name):
                if not source.status.state.is_over:
                    self._processes.send(event.name, WatchThis(source.task, source.run))
        else:
            self._mourn(event)

    def _hear(self, message: object) -> None:
        if isinstance(message, Beat):
            for status in message.statuses:
                source = self._sources.get(status.name)
                # What was said of an earlier watching of the source may come late.
                if source is not None and source.run == status.run:
                    source.status = status
        elif isinstance(message, ToldSighting):
            # A worker that died between telling and noting it tells it again.
            if message.sighting.sighting_id not in self._told:
                self._told.add(message.sighting.sighting_id)
                self._shown.sighting(message)
        elif isinstance(message, Notice):
            self._shown.notice(f"{message.source}: {message.text}")
        elif not isinstance(message, DetectorBeat):
            raise TypeError(f"{type(message).__name__} is nothing that processes say")

    def _mourn(self, died: Died) -> None:
        """Tell of a death; sources that share a process that keeps dying get one each."""
        why = "gave no sign of life and was killed" if died.silent else f"died ({died.exit_code})"
        self._shown.notice(f"{died.name} {why}; it is started again.")
        mine = [each for each in self._of(died.name) if not each.status.state.is_over]
        for source in mine:
            source.before = source.row.status
            source.restarts += 1
            source.status = SourceStatus(source.task.name, SourceState.RESTARTING)
            if died.in_a_row >= _MOST_DEATHS and len(mine) == 1 and not source.task.request.is_live:
                said = f"its process died {died.in_a_row} times in a row; the file may be to blame."
                source.status = SourceStatus(source.task.name, SourceState.FAILED, told=said)
        if died.in_a_row >= 2:
            for source in mine[1:]:
                source.worker = self._new_worker()

    def _of(self, worker: str) -> list[_Source]:
        return [each for each in self._sources.values() if each.worker == worker]

    def _look_again(self) -> None:
        """Take up what changed in the file, and in the folders that it names."""
        stamp, asked = _stamp_of(self._path), self._reloading
        if asked or stamp != self._stamp:
            self._reloading, self._stamp = False, stamp
            try:
                self._file = read_sources(self._path)
            except UsageError as error:
                self._shown.notice(f"{error}\nThe sources stay as they were.")
        elif not self._goes_on():
            return
        self._apply(tasks_of(self._file, self._path.parent))
        for source in self._sources.values() if asked else ():
            if source.task.request.is_live:
                # The model of the same name may have been written anew.
                self._processes.send(source.worker, TakeModel(source.task))

    def _apply(self, tasks: dict[str, SourceTask]) -> None:
        """Start what is new, stop what is gone, and begin anew what is asked for otherwise."""
        for name in [each for each in self._sources if each not in tasks]:
            self._drop(name)
        for name, task in tasks.items():
            known = self._sources.get(name)
            if known is None:
                self._add(task)
            elif self._only_model_changes(known.task, task):
                known.task = task
                self._processes.send(known.worker, TakeModel(task))
            elif known.task != task:
                self._drop(name)
                self._add(task)

    @staticmethod
    def _only_model_changes(before: SourceTask, after: SourceTask) -> bool:
        """Whether a live source can go on with another model.

        A film is judged by one model from its first frame to its last, and begins anew.
        """
        request = replace(after.request, model=before.request.model)
        same = replace(after, request=request) == before
        return same and after.request.is_live and after != before

    def _add(self, task: SourceTask) -> None:
        self._desk(task.device)
        room = self._file.sources_a_process
        living = {each.worker for each in self._sources.values()}
        free = [each for each in sorted(living) if len(self._of(each)) < room]
        worker = free[0] if free else self._new_worker()
        status = SourceStatus(task.name, SourceState.WAITING)
        self._runs += 1
        self._sources[task.name] = _Source(task, worker, status, status, self._runs)
        self._processes.send(worker, WatchThis(task, self._runs))

    def _drop(self, name: str) -> None:
        source = self._sources.pop(name)
        self._processes.send(source.worker, StopThis(name))
        if not self._of(source.worker):
            self._processes.send(source.worker, StopAll())
            self._processes.forget(source.worker)

    def _new_worker(self) -> str:
        self._workers += 1
        name = f"worker-{self._workers}"
        setting = WorkerSetting(self._settings, self._desks, self._reports)
        self._processes.keep(name, Job(run_worker, (setting,)))
        return name

    def _desk(self, device: str) -> None:
        """Have a detector for a device."""
        if device in self._desks:
            return
        number = len(self._desks) + 1
        desk = Desk(str(self._folder / f"detector-{number}"), secrets.token_bytes(32))
        self._desks[device] = desk
        self._processes.keep(f"detector {device}", Job(serve_detector, (desk.address, desk.key)))

    def _end(self) -> None:
        """Let every source tell what it saw, and end all processes."""
        workers = {each.worker for each in self._sources.values()}
        for name in workers:
            self._processes.send(name, StopAll())
            self._processes.forget(name)
        deadline_s = time.monotonic() + STOP_PATIENCE_S
        while workers & self.process_ids.keys() and time.monotonic() < deadline_s:
            for event in self._processes.events(POLL_S):
                if isinstance(event, Heard):
                    self._hear(event.message)
        self._processes.end_all(STOP_PATIENCE_S)
        self._shown.rows(self.rows())


def _stamp_of(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else watch sources with the same memory."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                f"Another `patrol watch` watches sources with {folder.parent}: end it, add your "
                "sources to its file, or set GRIDPATROL_HOME to another folder."
            ) from error
        yield


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder that nobody else can read, for the detectors' sockets."""
    folder = Path(tempfile.mkdtemp(prefix=f"gridpatrol-{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
