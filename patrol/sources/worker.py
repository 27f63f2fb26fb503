"""A process that decodes and judges a few sources."""

import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from types import FrameType

from events_api.outbox import Outbox
from geofences.county import County
from patrol.counties import load_county
from patrol.settings import Settings
from patrol.sources.status import Notice, SourceStatus
from patrol.sources.tasks import SourceTask
from patrol.sources.watcher import Place, SourceWatcher
from patrol.watching import Tools
from vision.engine.remote import Desk
from vision.errors import VisionError

BEAT_S = 0.5
STOP_PATIENCE_S = 8.0
STATES = "sources"


@dataclass(frozen=True)
class WorkerSetting:
    """What a worker must know.

    Attributes:
        settings: where everything is.
        desks: where the detectors are, by device.
        reports: whether sightings go into the outbox.
    """

    settings: Settings
    desks: dict[str, Desk]
    reports: bool


@dataclass(frozen=True)
class WatchThis:
    """Watch a source from now on; statuses will carry the number of this run."""

    task: SourceTask
    run: int


@dataclass(frozen=True)
class TakeModel:
    """Go on with another model; the task says which."""

    task: SourceTask


@dataclass(frozen=True)
class StopThis:
    """Watch a source no more."""

    name: str


@dataclass(frozen=True)
class StopAll:
    """Watch nothing more, and end."""


@dataclass(frozen=True)
class Beat:
    """A sign of life with how all sources go."""

    statuses: tuple[SourceStatus, ...]


def run_worker(control: Connection, setting: WorkerSetting) -> None:
    """Watch what the supervisor says, until it says stop or is gone.

    Args:
        control: from the supervisor.
        setting: what a worker must know.
    """
    worker = _Worker(control, setting)
    signal.signal(signal.SIGTERM, worker.terminated)
    worker.run()


class _Worker:
    def __init__(self, control: Connection, setting: WorkerSetting) -> None:
        self._control = control
        self._setting = setting
        self._sending = threading.Lock()
        self._watchers: dict[str, SourceWatcher] = {}
        self._ending = False

    def terminated(self, _number: int, _frame: FrameType | None) -> None:
        """Somebody wants this process to end."""
        self._ending = True

    def run(self) -> None:
        with ExitStack() as stack:
            settings = self._setting.settings
            outbox = None
            if self._setting.reports:
                outbox = stack.enter_context(Outbox(settings.outbox_folder))
            place = Place(
                settings,
                self._setting.desks,
                settings.home / STATES,
                outbox,
                self._say,
                Tools(county=_shared_county()),
            )
            # The supervisor's end is this process's.
            with suppress(EOFError, OSError):
                while not self._ending:
                    if self._control.poll(BEAT_S):
                        self._hear(self._control.recv(), place)
                    else:
                        self._beat()
            self._stop_all()
            with suppress(OSError):
                self._beat()

    def _hear(self, message: object, place: Place) -> None:
        if isinstance(message, WatchThis):
            watcher = SourceWatcher(message.task, place, message.run)
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
