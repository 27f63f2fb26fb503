"""How long a report waits for its answer at a hundred a second, whatever was sent before it."""

import os
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.local_api import running_api
from benchmarks.million_events import million_events
from benchmarks.processor_time import used_ms
from benchmarks.report_load import Sent, open_loop, reports, written
from benchmarks.result import Benchmark, Figure, Result

REPORTS, RATE = 3000, 100.0
WARM_UP = 200
BOUND_MS = 50.0


def run() -> Result:
    """Offer reports for half a minute to a fresh API, and to one that holds a million events."""
    with tempfile.TemporaryDirectory() as folder:
        fresh, fresh_ms = _sent(Path(folder))
    with million_events() as store:
        filled, filled_ms = _sent(store.folder)
    p99s_ms = {name: _p99_ms(sent) for name, sent in (("empty", fresh), ("filled", filled))}
    return Result(
        name=BENCHMARK.name,
        figures={
            "reports": Figure(REPORTS, "reports"),
            "offered": Figure(RATE, "reports/s"),
            "p50, empty": Figure(float(np.median(fresh.waits_ms)), "ms"),
            "p99, empty": Figure(p99s_ms["empty"], "ms"),
            "processor, empty": Figure(fresh_ms, "ms/report"),
            "p50, a million events": Figure(float(np.median(filled.waits_ms)), "ms"),
            "p99, a million events": Figure(p99s_ms["filled"], "ms"),
            "processor, a million events": Figure(filled_ms, "ms/report"),
            "load average": Figure(os.getloadavg()[0], "processes"),
        },
        ratio=max(p99s_ms.values()) / BOUND_MS,
        against="50 ms from when a report was due to its answer (p99)",
        reach="at most 1",
        met=max(p99s_ms.values()) <= BOUND_MS,
        each={name: p99_ms / BOUND_MS for name, p99_ms in p99s_ms.items()},
    )


def _sent(home: Path) -> tuple[Sent, float]:
    """Return what sending took, and the processor time that the server took for each report."""
    with running_api(home) as api:
        # What is made ready once and for all is not what a report waits for.
        warm = written(api.url, "/reports", api.drone_token, list(reports(WARM_UP, os.getpid())))
        open_loop(api.url, warm, RATE)
        sent = list(reports(REPORTS, os.getpid() + 1))
        requests = written(api.url, "/reports", api.drone_token, sent)
        before_ms = used_ms(api.process_id)
        took = open_loop(api.url, requests, RATE)
        return took, (used_ms(api.process_id) - before_ms) / REPORTS


def _p99_ms(sent: Sent) -> float:
    return float(np.percentile(sent.waits_ms, 99))


BENCHMARK = Benchmark("report-posts", "a report's wait at 100/s, also with a million events", run)
