"""How long lists, maps and figures take over a million events of 4,747 cells, over HTTP.

On SQLite and on PostgreSQL. Waits on the wall depend on what else the machine does; the processor
time that the server (with PostgreSQL, its server too) needs for an answer does hardly, and is told
beside them.
"""

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import text

from benchmarks.county_questions import Question, World
from benchmarks.event_store import fill
from benchmarks.local_api import running_api
from benchmarks.local_postgres import kept_postgres, running_postgres
from benchmarks.processor_time import used_ms, used_with_children_ms
from benchmarks.result import Benchmark, Figure, Result
from events_api.access import issue_token, revoke_token
from events_api.figure_keeping import LEFT
from events_api.roles import Role, Scope
from events_api.store.database import Database
from events_api.store.figure_days import settle, unsettled
from patrol.serving import own_database
from patrol.settings import Settings

EVENTS, SEED, ROUNDS = 1_000_000, 1, 20
BOUND_MS = 100.0
KEPT = "GRIDPATROL_MILLION_EVENTS"
"""Names a folder in which the database is kept, to be used again; else it is built anew."""

KEPT_POSTGRESQL = "GRIDPATROL_MILLION_POSTGRESQL"
"""A folder of a PostgreSQL server of one's own, or a database's address: filled if empty, kept."""

PAIRS = True
SETTLED_AT_ONCE = 5000
API_NAME = "bench"
SCOPES = ("everywhere", "town:341299001", "village:341299001001", "body:body-02")
LISTS = ("events", "features", "groups")
MARKS = ("\r\n", "<event ")
"""Stand in every row of a table, and of Cursor-on-Target; rows of workbooks are not counted."""


@dataclass(frozen=True)
class Store:
    """A filled database: its folder, how long it took to fill, and where it is if not there.

    Attributes:
        server: The process of its server, if that is another than the API's.
    """

    folder: Path
    built_s: float
    url: str = ""
    server: int | None = None


@dataclass
class Waits:
    """What the answers to one question took, and the most rows that any had."""

    wall_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    rows: int = 0


def run() -> Result:
    """Ask each question twenty times of SQLite, with another value each time, one by one."""
    with million_events() as store:
        return _result(store, BENCHMARK.name)


def run_postgresql() -> Result:
    """Ask the same of PostgreSQL."""
    with _million_in_postgresql() as store:
        return _result(store, BENCHMARK_POSTGRESQL.name)


def _result(store: Store, name: str) -> Result:
    waits = dict(_measured(store))
    p95s_ms = {question: _p95(each.wall_ms) for question, each in waits.items()}
    processor_ms = {question: _p95(each.processor_ms) for question, each in waits.items()}
    slowest = max(p95s_ms, key=lambda question: p95s_ms[question])
    figures = {
        "events": Figure(EVENTS, "events"),
        "built in": Figure(store.built_s, "s"),
        "load average": Figure(os.getloadavg()[0], "processes"),
        "questions": Figure(len(waits), "questions"),
        "within the bound": Figure(_within(p95s_ms), "questions"),
        "within it by processor time": Figure(_within(processor_ms), "questions"),
        "most processor time, p95": Figure(max(processor_ms.values()), "ms"),
    }
    for question, each in waits.items():
        figures |= {
            f"{question}, p95": Figure(p95s_ms[question], "ms"),
            f"{question}, worst": Figure(max(each.wall_ms), "ms"),
            f"{question}, p95 of processor": Figure(processor_ms[question], "ms"),
            f"{question}, worst of processor": Figure(max(each.processor_ms), "ms"),
            f"{question}, rows": Figure(each.rows, "rows"),
        }
    return Result(
        name=name,
        figures=figures,
        ratio=p95s_ms[slowest] / BOUND_MS,
        against=f"100 ms (p95 of the slowest question: {slowest})",
        reach="at most 1",
        met=p95s_ms[slowest] <= BOUND_MS,
        each={question: p95_ms / BOUND_MS for question, p95_ms in p95s_ms.items()},
    )


def _p95(waits_ms: list[float]) -> float:
    return float(np.percentile(waits_ms, 95))


def _within(p95s_ms: dict[str, float]) -> int:
    return sum(p95_ms <= BOUND_MS for p95_ms in p95s_ms.values())


@contextmanager
def million_events() -> Iterator[Store]:
    """Give a folder with the database of a million events."""
    kept = os.environ.get(KEPT)
    with tempfile.TemporaryDirectory() as folder:
        home, built_s = Path(kept or folder), 0.0
        if not Settings(home).database_file.exists():
            try:
                built_s = _build(Settings(home))
            except BaseException:
                shutil.rmtree(home)  # half a store is of no use to the next run
                raise
        _forget_tokens(Settings(home))
        yield Store(home, built_s)


@contextmanager
def _million_in_postgresql() -> Iterator[Store]:
    kept = os.environ.get(KEPT_POSTGRESQL, "")
    with tempfile.TemporaryDirectory() as folder, _postgresql(kept) as url:
        settings = Settings(Path(folder), database_url=url)
        with own_database(settings) as database, database.read() as session:
            is_filled = unsettled(session) or session.scalar(text("SELECT 1 FROM cells"))
        built_s = 0.0 if is_filled else _build(settings)
        _forget_tokens(settings)
        yield Store(settings.home, built_s, url, _postmaster(url))


@contextmanager
def _postgresql(kept: str) -> Iterator[str]:
    """Give the address of a database: the one named, or of a server that runs meanwhile."""
    if "://" in kept:
        yield kept
        return
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
    with kept_postgres(Path(kept)) if kept else running_postgres() as server:
        yield server.url()


def _build(settings: Settings) -> float:
    began_s = time.perf_counter()
    with own_database(settings) as database:
        fill(database, EVENTS, SEED, datetime.now(UTC))
        _settle(database)
        if database.is_shared:
            # The server does it by itself, some time after so much was written.
            with database.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            ) as connection:
                connection.execute(text("VACUUM ANALYZE"))
    return time.perf_counter() - began_s


def _settle(database: Database) -> None:
    """Leave as few events out of the days of figures as a server does that runs all the while."""
    while True:
        with database.write() as session:
            more = unsettled(session) - LEFT
            if more <= 0:
                return
            settle(session, min(more, SETTLED_AT_ONCE))


def _forget_tokens(settings: Settings) -> None:
    with own_database(settings) as database:
        revoke_token(database, API_NAME, datetime.now(UTC))  # of the run before


def _postmaster(url: str) -> int:
    """Return the process from which all others of a PostgreSQL server on this machine come."""
    database = Database(url)
    with database.read() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        status = Path(f"/proc/{backend}/status").read_text()
    database.close()
    return int(status.partition("PPid:")[2].split()[0])


def _measured(store: Store) -> Iterator[tuple[str, Waits]]:
    now = datetime.now(UTC)
    world = World(now)
    with own_database(Settings(store.folder, database_url=store.url)) as database:
        tokens = {scope: _token(database, scope, now) for scope in SCOPES}
    with running_api(store.folder, store.url) as api:

        def used() -> float:
            others_ms = 0.0 if store.server is None else used_with_children_ms(store.server)
            return used_ms(api.process_id) + others_ms

        for scope, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(
                base_url=api.url, headers=headers, trust_env=False, timeout=60
            ) as http:
                behind = "" if scope == SCOPES[0] else f" ({scope.partition(':')[0]})"
                for question in world.questions(EVENTS):
                    yield f"{question.name}{behind}", _asked(http, question, used)
                more = (*world.pairs(), *world.combined(EVENTS)) if PAIRS and not behind else ()
                for question in more:
                    yield question.name, _asked(http, question, used)
                stream = Question("/stream", "/stream", lambda _: {}, is_first_piece=True)
                yield f"/stream{behind}", _asked(http, stream, used)


def _token(database: Database, scope: str, now: datetime) -> str:
    name = f"{scope}-{now.timestamp()}".replace(":", "-")
    return issue_token(database, name, Role.SUPERVISOR, now, scope=Scope.parse(scope))


def _asked(http: httpx.Client, question: Question, used_now_ms: Callable[[], float]) -> Waits:
    chance, waits = random.Random(SEED), Waits()
    for _ in range(ROUNDS):
        query = question.draw(chance)
        used_ms_before, began_s = used_now_ms(), time.perf_counter()
        rows = _ask(http, question, query)
        waits.wall_ms.append((time.perf_counter() - began_s) * 1000.0)
        waits.processor_ms.append(used_now_ms() - used_ms_before)
        waits.rows = max(waits.rows, rows())
    return waits


def _ask(http: httpx.Client, question: Question, query: dict[str, str]) -> Callable[[], int]:
    """Wait for an answer, and return what counts its rows afterwards."""
    if question.is_first_piece:
        with http.stream("GET", question.path, params=query) as answer:
            answer.raise_for_status()
            next(answer.iter_bytes())
        return lambda: 0
    whole = http.get(question.path, params=query).raise_for_status()
    return lambda: _rows(whole)


def _rows(answer: httpx.Response) -> int:
    kind = answer.headers["content-type"].partition(";")[0]
    if not kind.endswith("json"):
        return 0 if kind.endswith("sheet") else max(answer.text.count(mark) for mark in MARKS)
    content = answer.json()
    if isinstance(content, list):
        return len(content)
    return max(len(content.get(name, ())) for name in LISTS)


BENCHMARK = Benchmark("million-events", "lists, maps and figures over a million events", run)
BENCHMARK_POSTGRESQL = Benchmark(
    "million-events-postgresql",
    "lists, maps and figures over a million events in PostgreSQL",
    run_postgresql,
)
