"""A real server on loopback for each test that asks for one, and what to send it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from events_api.access import Role, issue_token
from events_api.server import ApiServer
from events_api.settings import ApiSettings
from events_api.store.database import Database

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class RunningApi:
    """A served API, its settings and a token for each role."""

    url: str
    settings: ApiSettings
    tokens: dict[Role, str]

    def client(self, role: Role | None = Role.ADMIN) -> httpx.Client:
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


@pytest.fixture
def settings(tmp_path: Path) -> ApiSettings:
    """Settings for a fresh API under the test's own folder."""
    return ApiSettings(
        database_url=f"sqlite:///{tmp_path / 'db' / 'events.sqlite'}",
        evidence_folder=tmp_path / "evidence",
        clock=lambda: NOW,
        keep_alive_s=0.2,
    )


@pytest.fixture
def make_tokens() -> Callable[[ApiSettings], dict[Role, str]]:
    """Issue one token of each role in the database of the settings."""

    def make(settings: ApiSettings) -> dict[Role, str]:
        database = Database(settings.database_url)
        database.migrate()
        tokens = {role: issue_token(database, f"{role}-1", role, NOW) for role in Role}
        database.close()
        return tokens

    return make


@pytest.fixture
def api(
    settings: ApiSettings, make_tokens: Callable[[ApiSettings], dict[Role, str]]
) -> Iterator[RunningApi]:
    """A served API."""
    tokens = make_tokens(settings)
    server, thread, url = serve_in_thread(settings)
    yield RunningApi(url, settings, tokens)
    server.stop()
    thread.join(20)
    assert not thread.is_alive(), "the server did not stop"
