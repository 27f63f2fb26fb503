"""Reports a second on SQLite, against a bare FastAPI route that inserts one row of the same size.

Both run as one process of uvicorn, on the same disk, in WAL mode with `synchronous = FULL`; both
are asked by the same client with the same reports, and both answer after the commit that the
report is in. The bare route validates the report, inserts its JSON and commits, one commit each.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.local_api import running_api
from benchmarks.report_load import Sent, closed_loop, reports, written
from benchmarks.result import Benchmark, Figure, Result
from patrol.demo.ports import free_port

REPORTS, CLIENTS, SEED, ROUNDS = 2000, 32, 3, 3
REACH = 0.6
START_PATIENCE_S = 60.0

BARE = """
import sqlite3, sys, threading
import uvicorn
from fastapi import FastAPI
from events_api.schemas import Report

app = FastAPI()
database = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE reports (id TEXT PRIMARY KEY, report TEXT NOT NULL)")
lock = threading.Lock()

@app.post("/reports", status_code=201)
def post(report: Report) -> dict[str, str]:
    row = (str(report.report_id), report.model_dump_json())
    with lock:
        database.execute("INSERT INTO reports VALUES (?, ?)", row)
    return {"report_id": row[0]}

uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


def run() -> Result:
    """Send two thousand reports by thirty-two clients, three times to each, in turns."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running_api(home) as api, _bare(home) as bare_url:
            for turn in range(ROUNDS):
                sent = list(reports(REPORTS, SEED + turn))
                requests = written(api.url, "/reports", api.drone_token, sent)
                bare.append(closed_loop(bare_url, requests, CLIENTS))
                ours.append(closed_loop(api.url, requests, CLIENTS))
    rate, bare_rate = _middle(ours), _middle(bare)
    return Result(
        name=BENCHMARK.name,
        figures={
            "reports": Figure(REPORTS, "reports"),
            "clients": Figure(CLIENTS, "clients"),
            "event API": Figure(rate, "reports/s"),
            "bare route": Figure(bare_rate, "reports/s"),
            "load average": Figure(os.getloadavg()[0], "processes"),
        },
        ratio=rate / bare_rate,
        against="a bare FastAPI route that inserts one row",
        reach=f"at least {REACH}",
        met=rate / bare_rate >= REACH,
    )


def _middle(sent: list[Sent]) -> float:
    return sorted(each.rate for each in sent)[len(sent) // 2]


@contextmanager
def _bare(home: Path) -> Iterator[str]:
    port = free_port(socket.SOCK_STREAM)
    process = subprocess.Popen([sys.executable, "-c", BARE, str(home / "bare.sqlite"), str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        deadline_s = time.monotonic() + START_PATIENCE_S
        while True:
            try:
                httpx.get(f"{url}/openapi.json", trust_env=False)
            except httpx.TransportError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.1)
            else:
                break
        yield url
    finally:
        process.terminate()
        process.wait()


BENCHMARK = Benchmark("reports-per-second", "reports/s on SQLite against a bare route", run)
