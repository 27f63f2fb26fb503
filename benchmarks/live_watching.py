"""Cameras watched live: from the frame in which a rule comes true to its event in a real API.

The time begins when that frame was due to be sent, so that a camera that sends late counts against
us, and ends when the API has answered that the event is in its database. A rule that wants several
looks at a thing cannot come true before it had them: those looks are the rule's, and not counted.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.local_api import running_api
from benchmarks.processor_time import used_by_all_s
from benchmarks.watched_sources import Heard, Watched, watched
from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.report_schemas import BatchOutcome
from events_api.schemas import Receipt, Report
from patrol.courier import Courier
from patrol.settings import Settings
from patrol.sources.watched import SourceRow

LIVE_S = 40.0
# What was buffered while the streams were opened is late by that.
SETTLED_S = 8.0
ZONE = "zones: [{kind: watch, box: [0.4, 0.4, 0.6, 0.6]}]"


@dataclass(frozen=True)
class Delay:
    """Of one sighting, seconds from when its frame was due to be sent.

    Attributes:
        told_s: until it was in the outbox, and its supervisor had heard so.
        event_s: until the API had answered.
    """

    told_s: float
    event_s: float


@dataclass(frozen=True)
class LiveWatching:
    """What came of watching cameras.

    Attributes:
        delays: of every sighting that was delivered.
        rows: of every source, with what was counted while it was measured.
        lag_s: from a frame's coming to having judged it, mean of all sources at the end.
        late_s: by how much the cameras sent late, 95 % of their frames less.
        cores: what each part used, by its name.
    """

    delays: Sequence[Delay]
    rows: Sequence[SourceRow]
    lag_s: float
    late_s: float
    cores: dict[str, float]


class _Stamping(EventApiClient):
    """Notes when the API answered for each report."""

    answered_at_s: dict[str, float]

    def submit_report(self, report: Report) -> Receipt:
        """Send a report."""
        receipt = super().submit_report(report)
        self._note([receipt])
        return receipt

    def submit_written(self, reports: Sequence[str]) -> tuple[BatchOutcome, ...]:
        """Send many."""
        outcomes = super().submit_written(reports)
        self._note([each.receipt for each in outcomes if each.receipt is not None])
        return outcomes

    def _note(self, receipts: Sequence[Receipt]) -> None:
        self.answered_at_s.update((str(each.report_id), time.time()) for each in receipts)


@dataclass
class _Cameras:
    """Where the cameras are, when each sent its first frame, and how late they sent the others."""

    process: subprocess.Popen[str]
    addresses: list[str] = field(default_factory=list)
    sent_at_s: dict[int, float] = field(default_factory=dict)
    late_s: list[float] = field(default_factory=list)


def watch_live(film: Path, folder: Path, count: int, fps: float) -> LiveWatching:
    """Watch cameras for a while.

    Args:
        film: that they send.
        folder: for everything.
        count: of cameras.
        fps: frames a second to look at.
    """
    folder.mkdir()
    heard = Heard()
    with ExitStack() as stack:
        api = stack.enter_context(running_api(folder / "api"))
        settings = Settings(folder / "home", api.url, api.drone_token)
        outbox = stack.enter_context(Outbox(settings.outbox_folder))
        client = stack.enter_context(_Stamping(api.url, api.drone_token))
        client.answered_at_s = {}
        heard.courier = stack.enter_context(Courier(outbox, client))
        with _cameras(film, count) as cameras:
            text = _sources(cameras.addresses, fps)
            path = folder / "sources.yaml"
            with watched(path, text, heard, settings, reports=True) as watching:
                watching.until(
                    lambda: len(cameras.sent_at_s) == count and heard.frames > 10 * count
                )
                first = heard.newest
                cores = _cores(watching, api.process_id, cameras.process.pid)
                last = heard.newest
            heard.courier.finish(30.0)
    delays = tuple(_delays(heard, cameras, client.answered_at_s, last))
    lag_s = sum(row.status.lag_s for row in last) / count
    return LiveWatching(delays, _between(first, last), lag_s, max(cameras.late_s), cores)


def _sources(addresses: Sequence[str], fps: float) -> str:
    listed = "".join(
        f'  - {{name: s{number}, url: "{address}", {ZONE}}}\n'
        for number, address in enumerate(addresses)
    )
    return f"version: 1\nfps: {fps:g}\nsources:\n{listed}"


def _cores(watching: Watched, api: int, cameras: int) -> dict[str, float]:
    """Watch for a while; what each part used meanwhile."""

    def used() -> dict[str, float]:
        # This process supervises the watching ones, and delivers the reports.
        ours = [*watching.many.process_ids.values(), os.getpid()]
        parts = {"watching": ours, "API": [api], "cameras": [cameras]}
        return {name: used_by_all_s(ids) for name, ids in parts.items()}

    before_s = used()
    threading.Event().wait(LIVE_S)
    return {name: (used_s - before_s[name]) / LIVE_S for name, used_s in used().items()}


def _delays(
    heard: Heard, cameras: _Cameras, answered_at_s: dict[str, float], rows: Sequence[SourceRow]
) -> Iterator[Delay]:
    starts = {row.status.name: row.status.start_utc for row in rows}
    for told_at_s, told in heard.told:
        start_utc, sighting = starts[told.source], told.sighting
        event_at_s = answered_at_s.get(sighting.sighting_id)
        if start_utc is None or event_at_s is None:
            continue
        into_s = (sighting.observed_at - start_utc).total_seconds()
        if into_s > SETTLED_S:
            due_s = cameras.sent_at_s[int(told.source.removeprefix("s"))] + into_s
            yield Delay(told_at_s - due_s, event_at_s - due_s)


def _between(first: Sequence[SourceRow], last: Sequence[SourceRow]) -> tuple[SourceRow, ...]:
    before = {row.status.name: row.status for row in first}
    return tuple(
        replace(
            row,
            status=replace(
                row.status,
                frames=row.status.frames - before[row.status.name].frames,
                dropped=row.status.dropped - before[row.status.name].dropped,
            ),
        )
        for row in last
    )


@contextmanager
def _cameras(film: Path, count: int) -> Iterator[_Cameras]:
    """Run cameras in a process of their own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.live_cameras", str(film), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = _Cameras(process)
    begun = threading.Event()
    reader = threading.Thread(target=_read, args=(found, count, begun))
    reader.start()
    try:
        begun.wait(60.0)
        yield found
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait()
        reader.join()


def _read(found: _Cameras, count: int, begun: threading.Event) -> None:
    """Take in what the cameras tell."""
    for line in found.process.stdout or ():
        row = json.loads(line)
        if "address" in row:
            found.addresses.append(row["address"])
        elif "late_s" in row:
            found.late_s.append(row["late_s"])
        else:
            found.sent_at_s[row["camera"]] = row["sent_at_s"]
        if len(found.addresses) == count:
            begun.set()
