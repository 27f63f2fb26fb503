"""Where the processes of many sources are: on this machine, or on a cluster; and what they run."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from patrol.errors import UsageError
from patrol.settings import Settings
from patrol.sources.worker import WorkerSetting, run_worker
from vision.engine.keeping import Engine
from vision.engine.local import Processes

PRELOAD = ("patrol.sources.worker", "vision.engine.server")
LOCAL = "local"
RAY = "ray"


@dataclass(frozen=True)
class Staff:
    """What one kind of engine gives the supervisor.

    Attributes:
        engine: keeps processes alive.
        worker: what a watching process runs.
        setting: what it must know.
        desk_address: of the detector of a number, on its machine.
        grant: says to who keeps what sources remember that a run of a source holds it now.
    """

    engine: Engine
    worker: Callable[..., None]
    setting: WorkerSetting
    desk_address: Callable[[int], str]
    grant: Callable[[str, int], None]


class HiredStaff(Protocol):
    """Makes it for as long as a context lasts."""

    def __call__(self, settings: Settings, *, reports: bool) -> AbstractContextManager[Staff]:
        """The staff.

        Args:
            settings: where everything is.
            reports: whether sightings go into the outbox.
        """


@contextmanager
def local_staff(settings: Settings, *, reports: bool) -> Iterator[Staff]:
    """Processes of this machine, which keep what they remember in its home folder themselves."""
    folder = Path(tempfile.mkdtemp(prefix=f"gridpatrol-{os.getpid()}-"))
    try:
        yield Staff(
            Processes(PRELOAD),
            run_worker,
            WorkerSetting(settings, reports),
            # Nobody else can read the folder of the detectors' sockets.
            lambda number: str(folder / f"detector-{number}"),
            lambda _source, _run: None,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def staff_of(engine: str) -> HiredStaff:
    """The staff of an engine as a person names it.

    Args:
        engine: `local`, `ray` or `ray://local` for a Ray on this machine, `ray://HOST:PORT`.

    Raises:
        UsageError: it is none of them, or the extra `cluster` is not installed.
    """
    if engine == LOCAL:
        return local_staff
    host, port = _head(engine)
    if not find_spec("ray"):
        raise UsageError(
            f"--engine {engine} needs the extra `cluster`: install it with "
            "`pip install 'gridpatrol[cluster]'`, here and on every machine of the cluster."
        )
    hired: HiredStaff = import_module("patrol.sources.ray_staff").ray_staff(host, port)
    return hired


def _head(engine: str) -> tuple[str, int]:
    """Host and port of a cluster's head; an empty host is this machine alone."""
    if engine in {RAY, f"{RAY}://{LOCAL}"}:
        return "", 0
    try:
        parts = urlsplit(engine)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or engine != f"{RAY}://{host}:{port}":
        raise UsageError(
            f"{engine!r} is no engine: give local, ray (a cluster of this machine alone), or "
            "ray://HOST:PORT with the address of a cluster's head, for instance "
            "ray://10.1.4.2:6379."
        )
    return host, port
