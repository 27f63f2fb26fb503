"""Many sources on a Ray of this machine against the same on the local engine, in the same run.

The same film is watched as several sources by both, as fast as they go: frames analysed a second,
by the clock and by processor time. Then a process that watches is killed on both: how long until
its source is analysed again. What the cluster sends between processes is counted: no picture is
among it.
"""

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.processor_time import used_by_all_s
from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Result
from benchmarks.shared_data import shared
from patrol.settings import Settings
from patrol.sources.staff import HiredStaff, Staff, staff_of
from patrol.sources.status import ToldSighting
from patrol.sources.supervisor import ManySources
from patrol.sources.watched import SourceRow

VIDEO = "footage/street_traffic_opendatacam.mp4"
SOURCES = 4
ANALYSED_FPS = 5.0
ROUNDS = 2
REACH = 0.9
PATIENCE_S = 300.0
PICTURE_BYTES = 960 * 544 * 3


@dataclass
class _Heard:
    newest: tuple[SourceRow, ...] = ()

    def sighting(self, told: ToldSighting) -> None:
        """What is seen is not the point."""

    def notice(self, text: str) -> None:
        """Say what a person should know."""
        print(text, file=sys.stderr)

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Take the newest."""
        self.newest = rows

    @property
    def frames(self) -> int:
        """Frames analysed by all."""
        return sum(row.status.frames for row in self.newest)

    @property
    def is_watching(self) -> bool:
        """Whether every source is at work."""
        return len(self.newest) == SOURCES and all(e.status.frames > 2 for e in self.newest)


@dataclass
class _Measured:
    """What one engine did.

    Attributes:
        fps: frames analysed a second by all sources together.
        cpu_s: processor seconds a frame, of processes that watch and detect.
        own_cpu_s: processor seconds of the supervisor a frame.
        restart_s: from killing a process that watches to its next analysed frame.
        sent_bytes: bytes a frame that came to the supervisor; 0 where it is not counted.
    """

    fps: float = 0.0
    cpu_s: float = 0.0
    own_cpu_s: float = 0.0
    restart_s: float = 0.0
    sent_bytes: float = 0.0

    @property
    def whole_s(self) -> float:
        """Processor seconds a frame of all that take part."""
        return self.cpu_s + self.own_cpu_s


@dataclass
class _Spy:
    """Hires as another does, and keeps in sight who was hired."""

    hired: HiredStaff
    staff: list[Staff] = field(default_factory=list)

    def __call__(self, settings: Settings, *, reports: bool) -> AbstractContextManager[Staff]:
        return self._seen(settings, reports)

    @contextmanager
    def _seen(self, settings: Settings, reports: bool) -> Iterator[Staff]:
        with self.hired(settings, reports=reports) as staff:
            self.staff.append(staff)
            yield staff

    @property
    def heard_bytes(self) -> int:
        """What came to the supervisor, where it is counted."""
        return getattr(self.staff[-1].engine, "heard_bytes", 0)


def run() -> Result:
    """Measure both engines in turns, and take the mean of each."""
    if not find_spec("ray"):
        raise BenchmarkUnavailableError(
            "Ray is not installed: `pip install 'gridpatrol[cluster]'`."
        )
    found: dict[str, list[_Measured]] = {"local": [], "ray": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            for engine, measured in found.items():
                measured.append(_measure(engine, Path(folder) / f"{engine}-{number}"))
    local, cluster = (_mean(each) for each in found.values())
    # By processor time: the pace by the clock is that of whatever else the machine does.
    ratio = local.whole_s / cluster.whole_s
    figures = {
        "sources": Figure(SOURCES, "sources"),
        "local": Figure(local.fps, "frames/s"),
        "ray": Figure(cluster.fps, "frames/s"),
        "local, processor": Figure(1000 * local.cpu_s, "ms a frame"),
        "ray, processor": Figure(1000 * cluster.cpu_s, "ms a frame"),
        "local, supervisor": Figure(1000 * local.own_cpu_s, "ms a frame"),
        "ray, supervisor": Figure(1000 * cluster.own_cpu_s, "ms a frame"),
        "local, restart": Figure(local.restart_s, "s"),
        "ray, restart": Figure(cluster.restart_s, "s"),
        "ray, sent to the supervisor": Figure(cluster.sent_bytes, "bytes a frame"),
        "a picture, never sent": Figure(PICTURE_BYTES, "bytes a frame"),
        "load average": Figure(os.getloadavg()[0], "processes"),
    }
    return Result(
        name=BENCHMARK.name,
        figures=figures,
        ratio=ratio,
        against="frames a second of processor of the local engine",
        reach=f"at least {REACH}, and under a tenth of a picture sent a frame",
        met=ratio >= REACH and cluster.sent_bytes < PICTURE_BYTES / 10,
    )


def _measure(engine: str, folder: Path) -> _Measured:
    folder.mkdir()
    heard, spy = _Heard(), _Spy(staff_of(engine))
    film = shared(VIDEO)
    lines = "".join(f"  - {{name: s{n}, file: {film}, cpus: 0.3}}\n" for n in range(SOURCES))
    path = folder / "sources.yaml"
    path.write_text(f"version: 1\nfps: {ANALYSED_FPS:g}\nsources_a_process: 2\nsources:\n{lines}")
    many = ManySources(path, Settings(folder / "home"), heard, reports=False, hired=spy)
    thread = threading.Thread(target=many.run)
    thread.start()
    try:
        _until(lambda: heard.is_watching, thread)
        found = _paced(many, heard, spy, thread)
        found.restart_s = _restart_s(many, heard, thread)
    finally:
        many.stop()
        thread.join()
    return found


def _paced(
    many: ManySources, heard: _Heard, spy: _Spy, thread: threading.Thread, frames: int = 160
) -> _Measured:
    """The pace and the cost of some frames."""
    first, began_s, cpu_s = heard.frames, time.monotonic(), used_by_all_s(many.process_ids.values())
    own_s, sent = time.process_time(), spy.heard_bytes
    _until(lambda: heard.frames >= first + frames, thread)
    took_s, seen = time.monotonic() - began_s, heard.frames - first
    return _Measured(
        seen / took_s,
        (used_by_all_s(many.process_ids.values()) - cpu_s) / seen,
        (time.process_time() - own_s) / seen,
        sent_bytes=(spy.heard_bytes - sent) / seen,
    )


def _restart_s(many: ManySources, heard: _Heard, thread: threading.Thread) -> float:
    """From a kill to the next analysed frame of a source that it befell."""
    name = next(row.status.name for row in heard.newest if not row.status.state.is_over)

    def row() -> SourceRow:
        return next(each for each in heard.newest if each.status.name == name)

    os.kill(many.process_ids[many.workers_of()[name]], signal.SIGKILL)
    began_s = time.monotonic()
    _until(lambda: row().restarts > 0, thread)
    before = row().status.frames
    _until(lambda: row().status.frames > before or row().status.state.is_over, thread)
    return time.monotonic() - began_s


def _until(condition: Callable[[], bool], thread: threading.Thread) -> None:
    deadline_s, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition():
        if not thread.is_alive() or time.monotonic() > deadline_s:
            raise TimeoutError("the sources were not watched as they should be")
        pause.wait(0.02)


def _mean(measured: list[_Measured]) -> _Measured:
    count = len(measured)
    return _Measured(
        sum(each.fps for each in measured) / count,
        sum(each.cpu_s for each in measured) / count,
        sum(each.own_cpu_s for each in measured) / count,
        sum(each.restart_s for each in measured) / count,
        sum(each.sent_bytes for each in measured) / count,
    )


BENCHMARK = Benchmark(
    "ray-sources", "what sources cost on a Ray cluster against the local engine, and restarts", run
)
