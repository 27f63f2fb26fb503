"""A process that decodes and judges a few sources."""

import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any, Protocol

from events_api.outbox import Outbox
from geofences.county import County
from patrol.counties import load_county
from patrol.settings import Settings
from patrol.sources.memory import FarMemory, HomeMemory, SourceMemory
from patrol.sources.status import Notice, SourceStatus
from patrol.sources.tasks import SourceTask
from patrol.sources.watcher import Place, SourceWatcher
from patrol.watching import Tools
from vision.engine.keeping import Control
from vision.engine.remote import Desk
from vision.errors import VisionError

BEAT_S = 0.5
STOP_PATIENCE_S = 8.0


class AskingControl(Control, Protocol):
    """A connection through which the supervisor's side can be asked."""

    def ask(self, question: object) -> Any:  # noqa: ANN401 - whatever it answers
        """Ask, and wait for the answer."""


@dataclass(frozen=True)
class WorkerSetting:
    """What a worker must know.

    Attributes:
        settings: where everything is.
        reports: whether sightings go into the outbox.
        beat_s: how often it gives a sign of life.
    """

    settings: Settings
    reports: bool
    beat_s: float = BEAT_S


@dataclass(frozen=True)
class WatchThis:
    """Watch a source from now on.

    Attributes:
        task: what to watch.
        run: number of this watching, which its statuses will carry.
        desk: where its detector is.
    """

    task: SourceTask
    run: int
    desk: Desk


@dataclass(frozen=True)
class TakeModel:
    """Go on with another model; the task says which."""

    task: SourceTask


@dataclass(frozen=True)
class StopThis:
    """Watch a source no more."""

    name: str


@dataclass(frozen=True)
class LetGo:
    """A source that was to be watched no more is not; what it remembers is kept."""

    status: SourceStatus


@dataclass(frozen=True)
class StopAll:
    """Watch nothing more, and end."""


@dataclass(frozen=True)
class Beat:
    """A sign of life with how all sources go."""

    statuses: tuple[SourceStatus, ...]


def run_worker(control: Control, setting: WorkerSetting) -> None:
    """Watch what the supervisor says on its own machine, until it says stop or is gone.

    Args:
        control: from the supervisor.
        setting: what a worker must know.
    """
    with ExitStack() as stack:
        outbox = None
        if setting.reports:
            outbox = stack.enter_context(Outbox(setting.settings.outbox_folder))
        memory = HomeMemory(setting.settings, outbox)
        worker = _Worker(control, setting, lambda _source, _run: memory)
        signal.signal(signal.SIGTERM, worker.terminated)
        worker.run()


def run_far_worker(control: AskingControl, setting: WorkerSetting) -> None:
    """Watch what the supervisor says on another machine; it keeps what is to outlive this one.

    Args:
        control: from the supervisor.
        setting: what a worker must know.
    """

    def memory(source: str, run: int) -> FarMemory:
        return FarMemory(control.ask, source, run, reports=setting.reports)

    _Worker(control, setting, memory).run()


class _Worker:
    def __init__(
        self,
        control: Control,
        setting: WorkerSetting,
        memory: Callable[[str, int], SourceMemory],
    ) -> None:
        self._control = control
        self._beat_s = setting.beat_s
        self._sending = threading.Lock()
        self._place = Place(setting.settings, memory, self._say, Tools(county=_shared_county()))
        self._watchers: dict[str, SourceWatcher] = {}
        self._ending = False

    def terminated(self, _number: int, _frame: FrameType | None) -> None:
        """Somebody wants this process to end."""
        self._ending = True

    def run(self) -> None:
        # The supervisor's end is this process's.
        with suppress(EOFError, OSError):
            while not self._ending:
                if self._control.poll(self._beat_s):
                    self._hear(self._control.recv())
                else:
                    self._beat()
        self._stop_all()
        with suppress(OSError):
            self._beat()

    def _hear(self, message: object) -> None:
        if isinstance(message, WatchThis):
            watcher = SourceWatcher(message.task, self._place, message.desk, message.run)
            self._watchers[message.task.name] = watcher
            watcher.start()
        elif isinstance(message, TakeModel):
            try:
                self._watchers[message.task.name].take_model(message.task)
            except VisionError as error:
                self._say(Notice(message.task.name, str(error)))
        elif isinstance(message, StopThis):
            watcher = self._watchers.pop(message.name)
            watcher.stop()
            watcher.join(STOP_PATIENCE_S)
            self._say(LetGo(watcher.status()))
        elif isinstance(message, StopAll):
            self._ending = True

    def _stop_all(self) -> None:
        for watcher in self._watchers.values():
            watcher.stop()
        for watcher in self._watchers.values():
            watcher.join(STOP_PATIENCE_S)

    def _beat(self) -> None:
        self._say(Beat(tuple(each.status() for each in self._watchers.values())))

    def _say(self, message: object) -> None:
        with self._sending, suppress(OSError):
            self._control.send(message)


def _shared_county() -> Callable[[Settings], County]:
    """Read the county once for all sources of this process."""
    lock = threading.Lock()
    read = cache(load_county)

    def county(settings: Settings) -> County:
        with lock:
            return read(settings)

    return county
