"""A real server on loopback for each test that asks for one, and what to send it.

Tests marked `both_databases` run on SQLite and on a PostgreSQL server of the run's own.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from benchmarks.local_postgres import LocalPostgres
from events_api.access import issue_token
from events_api.cell_features import collection_of
from events_api.roles import Role
from events_api.server import ApiServer
from events_api.settings import ApiSettings
from events_api.store.database import Database
from tests.events_api.browser import Browser
from tests.events_api.databases import KINDS, MIGRATED, STAFFED, PostgresStock, SqliteStock, Stock
from tests.events_api.factories import make_cells, report_json

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class RunningApi:
    """A served API, its settings and a token for each role."""

    url: str
    settings: ApiSettings
    tokens: dict[Role, str]

    def client(self, role: Role | None = Role.ADMINISTRATOR) -> httpx.Client:
        """Return an HTTP client that speaks as a role, or as nobody."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.tokens[role]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=10)


def serve_in_thread(
    settings: ApiSettings, port: int = 0
) -> tuple[ApiServer, threading.Thread, str]:
    """Start a server and return it, its thread and its address once it answers."""
    ready = threading.Event()
    urls: list[str] = []

    def note(url: str) -> None:
        urls.append(url)
        ready.set()

    server = ApiServer(settings, port=port, on_ready=note)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(20), "the server did not start"
    return server, thread, urls[0]


def settings_in(folder: Path, database_url: str = "") -> ApiSettings:
    """Settings for an API that keeps everything in a folder, or its database elsewhere."""
    return ApiSettings(
        database_url=database_url or f"sqlite:///{folder / 'events.sqlite'}",
        evidence_folder=folder / "evidence",
        clock=lambda: NOW,
        keep_alive_s=0.2,
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked so on every kind of database."""
    marked = metafunc.definition.get_closest_marker("both_databases") is not None
    if marked and "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", KINDS, scope="module")


@pytest.fixture(scope="module")
def database_kind(pytestconfig: pytest.Config) -> str:
    """The kind of database that a test runs on, where it is not marked for both."""
    return "postgresql" if pytestconfig.getoption("all_on_postgresql") else "sqlite"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[Role, str]]:
    """A migrated database file, and the tokens that were issued in it."""
    folder = tmp_path_factory.mktemp("template")
    database = Database(settings_in(folder).database_url)
    database.migrate()
    tokens = {role: issue_token(database, f"{role}-1", role, NOW) for role in Role}
    database.close()
    return folder / "events.sqlite", tokens


@pytest.fixture(scope="session")
def sqlite_stock(template: tuple[Path, dict[Role, str]]) -> Stock:
    """Gives SQLite files."""
    return SqliteStock(template[0].parent, template[0])


@pytest.fixture(scope="session")
def postgres_stock(
    postgres: LocalPostgres, template: tuple[Path, dict[Role, str]]
) -> PostgresStock:
    """Gives databases of the PostgreSQL server."""
    return PostgresStock(postgres, template[0])


@pytest.fixture(scope="module")
def stock(database_kind: str, request: pytest.FixtureRequest) -> Stock:
    """Gives databases of the kind that the test runs on."""
    name = "postgres_stock" if database_kind == "postgresql" else "sqlite_stock"
    found: Stock = request.getfixturevalue(name)
    return found


@pytest.fixture
def database(stock: Stock, tmp_path: Path) -> Iterator[Database]:
    """A fresh database with all tables, and nothing in them."""
    with stock.take(tmp_path, MIGRATED) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def settings(stock: Stock, tmp_path: Path) -> Iterator[ApiSettings]:
    """Settings for a fresh API under the test's own folder."""
    with stock.take(tmp_path, STAFFED) as url:
        yield settings_in(tmp_path, url)


@contextmanager
def running(settings: ApiSettings, tokens: dict[Role, str]) -> Iterator[RunningApi]:
    """Serve an API, and stop it at the end."""
    server, thread, url = serve_in_thread(settings)
    try:
        yield RunningApi(url, settings, tokens)
    finally:
        server.stop()
        thread.join(20)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def tokens(template: tuple[Path, dict[Role, str]]) -> dict[Role, str]:
    """The token of each role."""
    return template[1]


@pytest.fixture
def api(settings: ApiSettings, tokens: dict[Role, str]) -> Iterator[RunningApi]:
    """A served API of the test's own."""
    with running(settings, tokens) as api:
        yield api


@pytest.fixture(scope="module")
def shared_api(
    tmp_path_factory: pytest.TempPathFactory, template: tuple[Path, dict[Role, str]]
) -> Iterator[RunningApi]:
    """A served API for tests that leave no trace in it."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copy(template[0], folder)
    with running(settings_in(folder), template[1]) as api:
        yield api


@pytest.fixture
def county(api: RunningApi) -> RunningApi:
    """An API that has cells and one event."""
    with api.client() as client:
        client.put("/cells", json=collection_of(make_cells()))
        client.post("/reports", json=report_json(1))
    return api


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running browser."""
    with Browser.started() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The same for a new visitor, who speaks English."""
    with chromium.visitor() as browser:
        yield browser
