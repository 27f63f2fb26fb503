"""A bare FastAPI route that inserts one row: what a report would cost if it were only kept.

It validates the report, inserts its JSON under its id and answers after the commit, one commit for
each, in the way that FastAPI recommends for drivers that block: an ordinary function, which runs in
a thread. On SQLite all threads share one connection (its file has one writer in any case), in WAL
mode with `synchronous = FULL` and the other settings that the event API has; on PostgreSQL each
thread has a connection of its own.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import make_url

from patrol.demo.ports import free_port

START_PATIENCE_S = 60.0

ROUTE = """
app = FastAPI()

@app.post("/reports", status_code=201)
def post(report: Report) -> dict[str, str]:
    insert(str(report.report_id), report.model_dump_json())
    return {"report_id": str(report.report_id)}

uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
"""

SQLITE = """
import sqlite3, sys, threading
import uvicorn
from fastapi import FastAPI
from events_api.schemas import Report
from events_api.store.database import CACHE_KIB, PAGES_BEFORE_CHECKPOINT

database = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
database.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")
database.execute("CREATE TABLE reports (id TEXT PRIMARY KEY, report TEXT NOT NULL)")
lock = threading.Lock()

def insert(*row):
    with lock:
        database.execute("INSERT INTO reports VALUES (?, ?)", row)
"""

POSTGRESQL = """
import sys, threading
import psycopg
import uvicorn
from fastapi import FastAPI
from events_api.schemas import Report

with psycopg.connect(sys.argv[1]) as database:
    database.execute("CREATE TABLE reports (id TEXT PRIMARY KEY, report TEXT NOT NULL)")
own = threading.local()

def insert(*row):
    if not hasattr(own, "database"):
        own.database = psycopg.connect(sys.argv[1], autocommit=True)
    own.database.execute("INSERT INTO reports VALUES (%s, %s)", row)
"""


@dataclass(frozen=True)
class BareRoute:
    """Where it is, and the process it runs in."""

    url: str
    process_id: int


@contextmanager
def running_bare_route(home: Path, database_url: str = "") -> Iterator[BareRoute]:
    """Run it until the context is left, on SQLite or on the PostgreSQL of an address."""
    port = free_port(socket.SOCK_STREAM)
    if database_url:
        address = make_url(database_url).set(drivername="postgresql")
        program, where = POSTGRESQL, address.render_as_string(hide_password=False)
    else:
        program, where = SQLITE, str(home / "bare.sqlite")
    process = subprocess.Popen([sys.executable, "-c", program + ROUTE, where, str(port)])
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        yield BareRoute(url, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    deadline_s = time.monotonic() + START_PATIENCE_S
    while True:
        try:
            httpx.get(f"{url}/openapi.json", trust_env=False)
        except httpx.TransportError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
        else:
            return
