"""How many 1080p cameras a machine carries, against what decoding and detecting alone would allow.

Processor time is what sources share, so that is what is counted: of decoding alone, of the bare
engine alone, and of everything that `patrol watch sources.yaml` runs. Then so many cameras as were
found are watched live, and the time from sending a frame to its event in a real API is taken.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
import openvino

from benchmarks.local_api import LocalApi, running_api
from benchmarks.processor_time import used_by_all_s
from benchmarks.result import Benchmark, Figure, Result
from benchmarks.shared_data import shared
from events_api.access import issue_token
from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.roles import Role
from patrol.courier import Courier
from patrol.defaults import DEFAULT_MODEL
from patrol.serving import own_database
from patrol.settings import Settings
from patrol.sources.status import ToldSighting
from patrol.sources.supervisor import ManySources
from patrol.sources.watched import SourceRow
from vision.decoding import Decoder, open_container
from vision.engine.openvino import OpenVinoDetector
from vision.models.registry import load_model

VIDEO = "footage/street_traffic_opendatacam.mp4"
SIZE_WH_PX = (1920, 1080)
FPS = 30
ANALYSED_FPS = 5.0
FILM_S = 16
FILES = 3
LIVE_S = 40.0
REACH = 0.85
MOST_DELAY_S = 1.0
PATIENCE_S = 240.0


def run() -> Result:
    """Measure the two bounds, the processor time of files, and the delay of live cameras."""
    with tempfile.TemporaryDirectory() as folder:
        film = _film(Path(folder) / "street.mp4")
        # Before and after, because caches and clocks of a machine are not the same all the time.
        decode_s, detect_s = _decoding_s(film), _detecting_s()
        ours_s = _our_seconds(film, Path(folder) / "files")
        decode_s = (decode_s + _decoding_s(film)) / 2
        detect_s = (detect_s + _detecting_s()) / 2
        paper_s = FPS * decode_s + ANALYSED_FPS * detect_s
        cores = os.cpu_count() or 1
        carried = cores / ours_s
        count = max(1, int(carried))
        delays_s, rows = _live(film, Path(folder) / "live", count)
    p95_s = float(np.percentile(delays_s, 95)) if delays_s else float("inf")
    ratio = paper_s / ours_s
    figures = {
        "decoding 1080p": Figure(1000 * decode_s, "ms of processor a frame"),
        "detecting": Figure(1000 * detect_s, "ms of processor a frame"),
        "a source on paper": Figure(paper_s, "cores"),
        "a source as watched": Figure(ours_s, "cores"),
        "sources on paper": Figure(cores / paper_s, "sources"),
        "sources carried": Figure(carried, "sources"),
        "live sources": Figure(float(count), "sources"),
        "live frames analysed": Figure(_analysed_fps(rows), "frames/s a source"),
        "frame to event, median": Figure(float(np.median(delays_s or [np.inf])), "s"),
        "frame to event, p95": Figure(p95_s, "s"),
        "events": Figure(float(len(delays_s)), "events"),
        "load average": Figure(os.getloadavg()[0], "processes"),
    }
    return Result(
        name=BENCHMARK.name,
        figures=figures,
        ratio=ratio,
        against=f"cores / ({FPS} x decoding + {ANALYSED_FPS:g} x detecting), both alone",
        reach=f"at least {REACH}, and p95 below {MOST_DELAY_S:g} s",
        met=ratio >= REACH and p95_s < MOST_DELAY_S,
    )


def _film(path: Path) -> Path:
    """Traffic in 1080p with the grain of a camera's sensor, about 5 Mbit a second."""
    grain = np.random.default_rng(1).normal(0.0, 4.0, (SIZE_WH_PX[1], SIZE_WH_PX[0], 1))
    with av.open(str(shared(VIDEO))) as read, av.open(str(path), "w") as written:
        stream = written.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH_PX, "yuv420p"
        stream.options = {"preset": "veryfast", "g": "60", "bf": "0", "b": "5M"}
        for number, video in enumerate(read.decode(video=0)):
            if number >= FILM_S * FPS:
                break
            large = cv2.resize(video.to_ndarray(format="bgr24"), SIZE_WH_PX)
            rolled = np.roll(grain, 137 * number, axis=1)
            noisy = np.clip(large + rolled, 0, 255).astype(np.uint8)
            written.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, "bgr24")))
        written.mux(stream.encode(None))
    return path


def _decoding_s(film: Path) -> float:
    """Processor seconds a frame of decoding alone, every sixth made small as for the detector."""
    width_px, _ = _input_wh_px()
    small_wh_px = (width_px, round(width_px * SIZE_WH_PX[1] / SIZE_WH_PX[0]))
    container = open_container(str(film))
    began_s, frames = time.process_time(), 0
    for _, picture in Decoder(container).pictures():
        if frames % round(FPS / ANALYSED_FPS) == 0:
            picture.to_bgr(small_wh_px)
        frames += 1
    container.close()
    return (time.process_time() - began_s) / frames


def _input_wh_px() -> tuple[int, int]:
    detector = OpenVinoDetector(load_model(DEFAULT_MODEL))
    return detector.letterboxes_for(SIZE_WH_PX)[0].input_wh_px


def _detecting_s(pictures: int = 80) -> float:
    """Processor seconds a picture of the bare engine, inputs ready in memory."""
    files = load_model(DEFAULT_MODEL)
    width_px, height_px = _input_wh_px()
    core = openvino.Core()
    model = core.read_model(files.path)
    model.reshape([1, 3, height_px, width_px])
    options = {"PERFORMANCE_HINT": "THROUGHPUT"}
    if files.precision:
        options["INFERENCE_PRECISION_HINT"] = files.precision
    queue = openvino.AsyncInferQueue(core.compile_model(model, "CPU", options))
    picture = np.random.default_rng(1).random((1, 3, height_px, width_px), np.float32)
    took_s = 0.0
    for count in (pictures // 10, pictures):
        began_s = time.process_time()
        for _ in range(count):
            queue.start_async({0: picture})
        queue.wait_all()
        took_s = (time.process_time() - began_s) / count
    return took_s


@dataclass
class _Heard:
    """Takes what is told and does nothing with it but wake the courier."""

    courier: Courier | None = None
    newest: tuple[SourceRow, ...] = ()
    told: list[ToldSighting] = field(default_factory=list)

    def sighting(self, told: ToldSighting) -> None:
        """A sighting is in the outbox."""
        self.told.append(told)
        if self.courier is not None:
            self.courier.wake()

    def notice(self, text: str) -> None:
        """Say what a person should know."""
        print(text, file=sys.stderr)

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Take the newest."""
        self.newest = rows


def _our_seconds(film: Path, folder: Path) -> float:
    """Processor seconds that a second of one source takes, files as fast as they go."""
    entries = [f"{{name: s{n}, file: {film}}}" for n in range(FILES)]
    heard = _Heard()
    with _watched(folder, entries, heard) as (many, thread):
        _until(lambda: _frames(heard) >= 5 * FILES, thread)
        before_s, before = used_by_all_s(many.process_ids.values()), _frames(heard)
        last_s, last = before_s, before
        while thread.is_alive() and _frames(heard) < FILES * (FILM_S * ANALYSED_FPS - 2):
            last_s, last = used_by_all_s(many.process_ids.values()), _frames(heard)
            threading.Event().wait(0.05)
    return (last_s - before_s) / (last - before) * ANALYSED_FPS


def _frames(heard: _Heard) -> int:
    return sum(row.status.frames for row in heard.newest)


@contextmanager
def _watched(
    folder: Path, entries: list[str], heard: _Heard, settings: Settings | None = None
) -> Iterator[tuple[ManySources, threading.Thread]]:
    """Watch sources in a thread until the context is left."""
    folder.mkdir(exist_ok=True)
    path = folder / "sources.yaml"
    listed = "".join(f"  - {each}\n" for each in entries)
    path.write_text(f"version: 1\nfps: {ANALYSED_FPS:g}\nsources:\n{listed}")
    chosen = settings or Settings(folder / "home")
    many = ManySources(path, chosen, heard, reports=settings is not None)
    thread = threading.Thread(target=many.run)
    thread.start()
    try:
        yield many, thread
    finally:
        many.stop()
        thread.join()


def _until(condition: Callable[[], bool], thread: threading.Thread) -> None:
    deadline_s, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition() and thread.is_alive() and time.monotonic() < deadline_s:
        pause.wait(0.05)


def _live(film: Path, folder: Path, count: int) -> tuple[list[float], tuple[SourceRow, ...]]:
    """Watch cameras live: from sending each frame with a finding to its event, seconds."""
    folder.mkdir()
    heard = _Heard()
    with ExitStack() as stack:
        api = stack.enter_context(running_api(folder / "api"))
        settings = Settings(folder / "home", api.url, api.drone_token)
        outbox = stack.enter_context(Outbox(settings.outbox_folder))
        client = stack.enter_context(EventApiClient(api.url, api.drone_token))
        heard.courier = stack.enter_context(Courier(outbox, client))
        cameras = stack.enter_context(_cameras(film, count))
        zone = "zones: [{kind: watch, box: [0.4, 0.4, 0.6, 0.6]}]"
        entries = [
            f'{{name: s{n}, url: "{each}", {zone}}}' for n, each in enumerate(cameras.addresses)
        ]
        with _watched(folder, entries, heard, settings) as (_, thread):
            _until(lambda: len(cameras.sent_at_s) == count and _frames(heard) > 10 * count, thread)
            first = heard.newest
            threading.Event().wait(LIVE_S)
            last = heard.newest
        heard.courier.finish(30.0)
        rows = _between(first, last)
        return list(_delays_s(api, folder / "api", cameras, last)), rows


def _between(first: tuple[SourceRow, ...], last: tuple[SourceRow, ...]) -> tuple[SourceRow, ...]:
    before = {row.status.name: row.status.frames for row in first}
    return tuple(
        replace(
            row,
            status=replace(row.status, frames=row.status.frames - before.get(row.status.name, 0)),
        )
        for row in last
    )


def _analysed_fps(rows: tuple[SourceRow, ...]) -> float:
    return sum(row.status.frames for row in rows) / max(1, len(rows)) / LIVE_S


@dataclass
class _Cameras:
    """Where the cameras are, and when each sent its first frame."""

    addresses: list[str] = field(default_factory=list)
    sent_at_s: dict[int, float] = field(default_factory=dict)


@contextmanager
def _cameras(film: Path, count: int) -> Iterator[_Cameras]:
    """Run cameras in a process of their own."""
    found = _Cameras()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.live_cameras", str(film), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = process.stdout

    def read() -> None:
        for line in lines:
            row = json.loads(line)
            if "address" in row:
                found.addresses.append(row["address"])
            else:
                found.sent_at_s[row["camera"]] = row["sent_at_s"]

    reader = threading.Thread(target=read)
    reader.start()
    try:
        _until(lambda: len(found.addresses) == count, reader)
        yield found
    finally:
        process.communicate("")
        reader.join()


def _delays_s(
    api: LocalApi, home: Path, cameras: _Cameras, rows: tuple[SourceRow, ...]
) -> Iterator[float]:
    """From sending the frame that a report is of to the API's having it."""
    with own_database(Settings(home)) as database:
        token = issue_token(database, "reader", Role.ACCEPTOR, datetime.now(UTC))
    starts = {row.status.name: row.status.start_utc for row in rows}
    with EventApiClient(api.url, token) as client:
        for event in client.events():
            for observation in client.event(str(event.event_id)).observations:
                report = observation.report
                start_utc = starts[report.source]
                sent_s = cameras.sent_at_s[int(report.source.removeprefix("s"))]
                if start_utc is None:
                    continue
                into_s = (report.observed_at - start_utc).total_seconds()
                if into_s > FILM_S / 2:  # what was buffered while the stream was opened is late
                    yield observation.received_at.timestamp() - (sent_s + into_s)


BENCHMARK = Benchmark(
    "many-sources", "1080p cameras at 5 frames/s that the cores carry, and frame to event", run
)
