"""A day of many sources in minutes: they appear, die and lie about time, and processes are killed.

What must hold: memory does not grow, every film is told exactly as it is without trouble, and what
a camera shows is told once; of every sighting there are pictures, and a clip or the word that there
is none.
"""

import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.live_cameras import Camera, Manners
from benchmarks.result import Benchmark, Figure, Result
from benchmarks.shared_data import shared
from patrol.settings import Settings
from patrol.sources.file import read_sources
from patrol.sources.status import SourceState, ToldSighting
from patrol.sources.supervisor import ManySources
from patrol.sources.tasks import tasks_of
from patrol.sources.watched import SourceRow
from patrol.watching import prepare
from vision.chain_check import verify
from vision.chain_files import MANIFEST
from vision.pipeline import watch

FILM = "footage/carpark_topview_intel.mp4"
ZONE = "zones: [{kind: watch, box: [0, 0, 1, 1]}]"
EVIDENCE = "kept"
ROUNDS = 6
ROUND_S = 25.0
MOST_GROWTH = 1.10
PATIENCE_S = 300.0


class _Heard:
    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.of: dict[str, set[str]] = {}
        self.newest: dict[str, SourceRow] = {}

    def sighting(self, told: ToldSighting) -> None:
        """Count it."""
        self.ids[told.sighting.sighting_id] += 1
        self.of.setdefault(told.source, set()).add(told.sighting.sighting_id)

    def notice(self, text: str) -> None:
        """Say it."""
        print(text)

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Take the newest."""
        self.newest = {row.status.name: row for row in rows}


def run() -> Result:
    """Watch two bad cameras, and films that come one by one, while processes are killed."""
    film, heard = shared(FILM), _Heard()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        cameras = [
            stack.enter_context(Camera(film, manners))
            for manners in (Manners(hangs_up_s=20.0, lies_s=-7.0), Manners(lies_s=3600.0))
        ]
        path = folder / "sources.yaml"
        _write(path, film, cameras, films=0)
        many = ManySources(path, Settings(folder / "home"), heard, reports=False)
        thread = threading.Thread(target=many.run)
        thread.start()
        memories_mb = list(_trouble(path, film, cameras, many, heard))
        _until(lambda: all(_is_over(heard, f"film-{n}") for n in range(ROUNDS)))
        restarts = sum(row.restarts for row in heard.newest.values())
        dropped = sum(row.status.dropped for row in heard.newest.values())
        many.stop()
        thread.join()
        lost, extra = _compared(path, folder, heard)
        kept = [verify(each.parent) for each in (folder / EVIDENCE).rglob(MANIFEST)]
    twice = sum(count - 1 for count in heard.ids.values())
    half = len(memories_mb) // 2
    growth = max(memories_mb[half:]) / max(memories_mb[: half + 1])
    unsaid = sum(len(each.faults) + len(each.awaited) for each in kept)
    sound = not (lost or extra or twice or unsaid) and growth <= MOST_GROWTH
    return Result(
        name=BENCHMARK.name,
        figures={
            "films": Figure(ROUNDS, "films"),
            "deaths survived": Figure(restarts, "sources"),
            "live frames dropped": Figure(dropped, "frames"),
            "sightings told": Figure(len(heard.ids), "sightings"),
            "of films lost": Figure(lost, "sightings"),
            "of films too many": Figure(extra, "sightings"),
            "told twice": Figure(twice, "sightings"),
            "clips named as missing": Figure(sum(len(e.missing) for e in kept), "clips"),
            "evidence lost without a word": Figure(unsaid, "pieces"),
            "memory, first half": Figure(max(memories_mb[: half + 1]), "MB"),
            "memory, second half": Figure(max(memories_mb[half:]), "MB"),
        },
        ratio=growth,
        against="the most memory of all processes in the first half",
        reach=f"at most {MOST_GROWTH}, nothing lost and nothing twice",
        met=sound,
    )


def _trouble(
    path: Path, film: Path, cameras: list[Camera], many: ManySources, heard: _Heard
) -> Iterator[float]:
    """Each round a film comes, and somebody is killed; gives the memory after each."""
    pause = threading.Event()
    for number in range(ROUNDS):
        _write(path, film, cameras, films=number + 1)
        many.reload()
        _until(lambda n=number: _frames(heard, f"film-{n}") > 10)  # type: ignore[misc]
        victim = "detector CPU" if number % 3 == 2 else many.workers_of()[f"film-{number}"]
        os.kill(many.process_ids[victim], signal.SIGKILL)
        pause.wait(ROUND_S)
        yield _memory_mb(many)


def _write(path: Path, film: Path, cameras: list[Camera], films: int) -> None:
    lines = [
        f'{{name: camera-{n}, url: "{camera.address}", fps: 2, {ZONE}}}'
        for n, camera in enumerate(cameras)
    ]
    lines += [f"{{name: film-{n}, file: {film}, fps: 2, {ZONE}}}" for n in range(films)]
    listed = "".join(f"  - {each}\n" for each in lines)
    half = path.with_suffix(".half")
    half.write_text(f"version: 1\nevidence: {EVIDENCE}\ninput_width_px: 416\nsources:\n{listed}")
    half.replace(path)


def _frames(heard: _Heard, name: str) -> int:
    row = heard.newest.get(name)
    return row.status.frames if row else 0


def _is_over(heard: _Heard, name: str) -> bool:
    row = heard.newest.get(name)
    return row is not None and row.status.state is SourceState.FINISHED


def _until(condition: Callable[[], bool]) -> None:
    deadline_s, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError("a film was not watched to its end")
        pause.wait(0.1)


def _memory_mb(many: ManySources) -> float:
    """Proportional set size of all processes: what is shared is counted once."""
    total_kb = 0
    for process_id in many.process_ids.values():
        text = Path(f"/proc/{process_id}/smaps_rollup").read_text(encoding="utf-8")
        total_kb += sum(int(x.split()[1]) for x in text.splitlines() if x.startswith("Pss:"))
    return total_kb / 1024


def _compared(path: Path, folder: Path, heard: _Heard) -> tuple[int, int]:
    """Sightings of films that are missing, and that are too many, against undisturbed passes."""
    lost = extra = 0
    for name, task in tasks_of(read_sources(path), folder).items():
        if task.request.is_live:
            continue
        alone = prepare(task.request, Settings(folder / "home"), datetime.now(UTC))
        told = {
            each.sighting_id
            for each in watch(
                alone.source, alone.detector, alone.rules, alone.ground, alone.settings
            )
        }
        alone.source.close()
        lost += len(told - heard.of.get(name, set()))
        extra += len(heard.of.get(name, set()) - told)
    return lost, extra


BENCHMARK = Benchmark(
    "source-soak", "memory and sightings while sources and processes come, die and lie", run
)
