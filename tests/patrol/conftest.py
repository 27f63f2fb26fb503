"""A real event API on loopback for the tests of the roof."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn

from events_api.access import Role, issue_token
from events_api.app import create_app
from patrol.serving import api_settings, own_database
from patrol.settings import Settings


@dataclass(frozen=True)
class LiveApi:
    """A running event API and one token for each role."""

    url: str
    tokens: dict[Role, str]


@pytest.fixture
def live_api(tmp_path: Path) -> Iterator[LiveApi]:
    """Run an event API until the test ends."""
    settings = Settings(tmp_path / "api")
    with own_database(settings) as database:
        tokens = {r: issue_token(database, r.value, r, datetime.now(UTC)) for r in Role}
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(create_app(api_settings(settings)), log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield LiveApi(f"http://127.0.0.1:{port}", tokens)
    server.should_exit = True
    thread.join()
    listener.close()
