"""Reports a second on SQLite and PostgreSQL, against a bare route that inserts one row.

On each database both run as one process of uvicorn with its own choice of event loop and parser,
on the same disk and the same server of PostgreSQL (its default settings: every commit is on disk
when it is answered). Both are asked by the same clients for the same reports, in turns, and both
answer after the commit that the report is in.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bare_route import BareRoute, running_bare_route
from benchmarks.local_api import LocalApi, running_api
from benchmarks.local_postgres import running_postgres
from benchmarks.processor_time import used_ms
from benchmarks.report_load import closed_loop, reports, written
from benchmarks.result import Benchmark, Figure, Result

REPORTS, CLIENTS, SEED, ROUNDS = 2000, 32, 3, 3
WARM_UP = 200
REACH = 0.6


@dataclass
class _Turns:
    """What one server took, turn by turn."""

    rates: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)

    def take(self, server: LocalApi | BareRoute, requests: list[bytes]) -> None:
        """Send requests, and note how many a second were answered."""
        before_ms = used_ms(server.process_id)
        self.rates.append(closed_loop(server.url, requests, CLIENTS).rate)
        self.processor_ms.append((used_ms(server.process_id) - before_ms) / len(requests))

    def figures(self, name: str) -> dict[str, Figure]:
        """Return the turns in the middle."""
        return {
            name: Figure(_middle(self.rates), "reports/s"),
            f"{name}, processor": Figure(_middle(self.processor_ms), "ms/report"),
        }


def run() -> Result:
    """Send two thousand reports by thirty-two clients, three times to each, in turns."""
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres:
        home = Path(folder)
        urls = {"SQLite": ("", ""), "PostgreSQL": (postgres.create("api"), postgres.create("bare"))}
        figures: dict[str, Figure] = {}
        for name, (ours, bare) in urls.items():
            figures |= _measured(name, home / name, ours, bare)
    ratios = {
        name: figures[f"event API, {name}"].value / figures[f"bare route, {name}"].value
        for name in urls
    }
    return _result(figures, ratios)


def _measured(name: str, home: Path, ours_url: str, bare_url: str) -> dict[str, Figure]:
    home.mkdir()
    ours, bare = _Turns(), _Turns()
    with running_api(home, ours_url) as api, running_bare_route(home, bare_url) as route:
        for turn in range(-1, ROUNDS):
            # What is made ready once and for all is no part of a rate.
            count = WARM_UP if turn < 0 else REPORTS
            sent = list(reports(count, SEED + turn))
            requests = written(api.url, "/reports", api.drone_token, sent)
            for server, turns in ((route, bare), (api, ours)):
                if turn < 0:
                    closed_loop(server.url, requests, CLIENTS)
                else:
                    turns.take(server, requests)
    return ours.figures(f"event API, {name}") | bare.figures(f"bare route, {name}")


def _result(figures: Mapping[str, Figure], ratios: Mapping[str, float]) -> Result:
    return Result(
        name=BENCHMARK.name,
        figures={
            "reports": Figure(REPORTS, "reports"),
            "clients": Figure(CLIENTS, "clients"),
            **figures,
            "load average": Figure(os.getloadavg()[0], "processes"),
        },
        ratio=min(ratios.values()),
        against="a bare FastAPI route that inserts one row, on the same database",
        reach=f"at least {REACH}",
        met=min(ratios.values()) >= REACH,
        each=ratios,
    )


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


BENCHMARK = Benchmark(
    "reports-per-second", "reports/s on SQLite and PostgreSQL against a bare route", run
)
