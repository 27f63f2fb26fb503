"""Watches many sources: what runs where, what is started again, and what is told of it."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from patrol.errors import PatrolError, UsageError
from patrol.settings import Settings
from patrol.sources.arriving import Arriving
from patrol.sources.crew import Crew
from patrol.sources.file import read_sources
from patrol.sources.memory import STATES
from patrol.sources.staff import HiredStaff, local_staff
from patrol.sources.status import Notice, SourceState, SourceStatus, ToldSighting
from patrol.sources.tasks import SourceTask, tasks_of
from patrol.sources.watched import SourceRow, WatchedSource
from patrol.sources.worker import Beat, LetGo
from vision.engine.keeping import Died, Engine, Heard, News, Quiet, Remark, Started
from vision.engine.server import DetectorBeat
from vision.errors import ModelError
from vision.models.registry import load_model

LOOK_EVERY_S = 1.0
POLL_S = 0.25
STOP_PATIENCE_S = 12.0
_MOST_DEATHS = 5
_UNHEARD = "nothing is heard of its process; it may be watched on, out of reach"


class Shown(Protocol):
    """Somewhere the watching is shown."""

    def sighting(self, told: ToldSighting) -> None:
        """A sighting is safe."""

    def notice(self, text: str) -> None:
        """Something that a person should know."""

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """How all sources go just now."""


class ManySources:
    """Watches all sources of a file until they end or `stop` is called.

    Args:
        path: of the file.
        settings: where everything is.
        shown: is told everything.
        reports: whether sightings go into the outbox.
        hired: where the processes are.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        shown: Shown,
        *,
        reports: bool,
        hired: HiredStaff = local_staff,
    ) -> None:
        self._path = path
        self._settings = settings
        self._shown = shown
        self._reports = reports
        self._hired = hired
        self._stopping = self._reloading = False
        self._file = read_sources(path)
        self._stamp = _stamp_of(path)
        self._sources: dict[str, WatchedSource] = {}
        self._engine: Engine | None = None
        self._crew: Crew | None = None
        self._told: set[str] = set()
        self._refused: dict[str, SourceTask] = {}
        self._arriving = Arriving()

    def stop(self) -> None:
        """End soon; may be called from a signal's handler."""
        self._stopping = True

    def reload(self) -> None:
        """Read the file of sources again; may be called from a signal's handler."""
        self._reloading = True

    @property
    def process_ids(self) -> dict[str, int]:
        """Ids of the living processes by their names."""
        return dict(self._engine.ids) if self._engine is not None else {}

    def workers_of(self) -> dict[str, str]:
        """Names of the processes in which sources are watched, by the sources' names."""
        return {name: source.worker for name, source in self._sources.items()}

    def machines_of(self) -> dict[str, str]:
        """Names of the machines on which sources are watched, by the sources' names."""
        crew = self._crew
        return {name: crew.machine_of(each) if crew else "" for name, each in self._sources.items()}

    def rows(self) -> tuple[SourceRow, ...]:
        """How all sources go."""
        return tuple(source.row for source in self._sources.values())

    def run(self) -> tuple[SourceRow, ...]:
        """Watch; return how all sources ended.

        Raises:
            UsageError: another process watches sources with the same home folder.
            PatrolError: there is nothing to watch.
        """
        with (
            _alone(self._settings.home / STATES),
            self._hired(self._settings, reports=self._reports) as staff,
        ):
            self._engine, self._crew = staff.engine, Crew(staff)
            try:
                self._apply(self._tasks(), self._crew)
                if not self._sources and not self._goes_on():
                    raise PatrolError(f"{self._path}: names no source; add one.")
                self._tell_of_missing()
                self._watch(staff.engine, self._crew)
            finally:
                self._end(staff.engine, self._crew)
        return self.rows()

    def _watch(self, engine: Engine, crew: Crew) -> None:
        looked_s, settled_s = time.monotonic(), -POLL_S
        while not self._stopping:
            # News of thousands of sources come all the time: what goes through all of them waits.
            if time.monotonic() - settled_s >= POLL_S:
                settled_s = time.monotonic()
                crew.settle(list(self._sources.values()), self._file.sources_a_process)
                self._shown.rows(self.rows())
                all_over = all(each.is_over for each in self._sources.values())
                if all_over and not self._goes_on():
                    return
            for event in engine.events(POLL_S):
                self._take(event, crew)
            if self._reloading or time.monotonic() - looked_s >= LOOK_EVERY_S:
                looked_s = time.monotonic()
                self._look_again(crew)

    def _tell_of_missing(self) -> None:
        """Folders that are followed may come later; a slip of the pen never does."""
        for entry in self._file.sources:
            where = self._path.parent / (entry.directory or "")
            if entry.follow and entry.directory and not where.is_dir():
                self._shown.notice(f"{entry.name}: {where}: no such folder yet; it is waited for.")

    def _tasks(self) -> dict[str, SourceTask]:
        self._arriving.look_again()
        return tasks_of(self._file, self._path.parent, self._arriving.is_whole)

    def _goes_on(self) -> bool:
        """Whether more sources may come by themselves."""
        return any(entry.follow for entry in self._file.sources)

    def _take(self, event: News, crew: Crew) -> None:
        if isinstance(event, Heard):
            self._hear(event.message, crew)
        elif isinstance(event, Started):
            crew.begin(event.name)
        elif isinstance(event, Quiet):
            self._miss(event.name)
        elif isinstance(event, Remark):
            self._shown.notice(event.text)
        else:
            self._mourn(event, crew)

    def _hear(self, message: object, crew: Crew) -> None:
        if isinstance(message, Beat):
            for status in message.statuses:
                self._update(status)
        elif isinstance(message, LetGo):
            source = self._update(message.status)
            if source is not None and source.bound_for:
                crew.let_go(source)
        elif isinstance(message, ToldSighting):
            # A worker that died between telling and noting it tells it again.
            if message.sighting.sighting_id not in self._told:
                self._told.add(message.sighting.sighting_id)
                if message.source in self._sources:
                    self._sources[message.source].told += 1
                self._shown.sighting(message)
        elif isinstance(message, Notice):
            self._shown.notice(f"{message.source}: {message.text}")
        elif not isinstance(message, DetectorBeat):
            raise TypeError(f"{type(message).__name__} is nothing that processes say")

    def _update(self, status: SourceStatus) -> WatchedSource | None:
        """Take in how a source goes; what was said of an earlier watching of it comes late."""
        source = self._sources.get(status.name)
        if source is None or source.run != status.run:
            return None
        source.status = status
        return source

    def _miss(self, worker: str) -> None:
        """Show that what is known of the sources of a process is old; its next word ends that."""
        for source in self._sources.values():
            if source.worker == worker and not source.is_over:
                source.status = replace(
                    source.status, state=SourceState.RETRYING, fps=0.0, told=_UNHEARD
                )

    def _mourn(self, died: Died, crew: Crew) -> None:
        """Tell of a death; sources that share a process that keeps dying get one each."""
        onward = "its sources go to others" if died.machine_lost else "it is started again"
        self._shown.notice(f"{died.name} {died.why}; {onward}.")
        mine = [e for e in self._sources.values() if e.worker == died.name and not e.is_over]
        for source in mine:
            source.restarts += 1
            source.bound_for = ""
            source.end_life(SourceStatus(source.task.name, SourceState.RESTARTING))
            if died.in_a_row >= _MOST_DEATHS and len(mine) == 1 and not source.task.request.is_live:
                said = f"its process died {died.in_a_row} times in a row; the file may be to blame."
                source.status = SourceStatus(source.task.name, SourceState.FAILED, told=said)
            elif died.machine_lost:
                source.worker = ""
        if died.machine_lost:
            crew.lose(died.name)
        elif died.in_a_row >= 2 and mine:
            crew.part(died.name)

    def _look_again(self, crew: Crew) -> None:
        """Take up what changed in the file, and in the folders that it names."""
        stamp, asked = _stamp_of(self._path), self._reloading
        if asked or stamp != self._stamp:
            self._reloading, self._stamp = False, stamp
            self._refused = {}
            try:
                self._file = read_sources(self._path)
            except UsageError as error:
                self._shown.notice(f"{error}\nThe sources stay as they were.")
        elif not self._goes_on():
            return
        self._apply(self._tasks(), crew)
        for source in self._sources.values() if asked else ():
            if source.task.request.is_live:
                # The model of the same name may have been written anew.
                crew.take_model(source)

    def _apply(self, tasks: dict[str, SourceTask], crew: Crew) -> None:
        """Start what is new, stop what is gone, and begin anew what is asked for otherwise."""
        for name in [each for each in self._sources if each not in tasks]:
            crew.drop(self._sources.pop(name))
        for name, task in tasks.items():
            known = self._sources.get(name)
            if known is None:
                self._sources[name] = WatchedSource.of(task)
            elif self._only_model_changes(known.task, task):
                known.task = task
                crew.take_model(known)
            elif known.task != task and self._can_begin(known, task):
                crew.drop(known)
                self._sources[name] = WatchedSource.of(task)

    def _can_begin(self, known: WatchedSource, task: SourceTask) -> bool:
        """Whether what is watched may begin anew: a slip in a model's name ends nothing."""
        if known.is_over:
            return True
        if self._refused.get(task.name) == task:
            return False
        folder = self._settings.models_folder
        try:
            # Where it watches without its present model being here, others have the models.
            load_model(known.task.request.model, folder)
        except ModelError:
            return True
        try:
            load_model(task.request.model, folder)
        except ModelError as error:
            self._refused[task.name] = task
            self._shown.notice(f"{task.name}: {error}\nIt is watched on as it was.")
            return False
        return True

    @staticmethod
    def _only_model_changes(before: SourceTask, after: SourceTask) -> bool:
        """Whether a live source can go on with another model.

        A film is judged by one model from its first frame to its last, and begins anew.
        """
        request = replace(after.request, model=before.request.model)
        same = replace(after, request=request) == before
        return same and after.request.is_live and after != before

    def _end(self, engine: Engine, crew: Crew) -> None:
        """Let every source tell what it saw, and end all processes."""
        workers = crew.dismiss_all()
        deadline_s = time.monotonic() + STOP_PATIENCE_S
        while workers & self.process_ids.keys() and time.monotonic() < deadline_s:
            for event in engine.events(POLL_S):
                if isinstance(event, Heard):
                    self._hear(event.message, crew)
        engine.end_all(STOP_PATIENCE_S)
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
