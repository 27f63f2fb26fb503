"""An event API on loopback in a process of its own, as `patrol serve` runs it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from events_api.access import issue_token
from events_api.client import EventApiClient
from events_api.errors import ApiDownError
from events_api.roles import Role
from patrol.demo.ports import free_port
from patrol.serving import own_database
from patrol.settings import Settings

START_PATIENCE_S = 30.0


@dataclass(frozen=True)
class LocalApi:
    """Where it is and who may post."""

    url: str
    drone_token: str


@contextmanager
def running_api(home: Path, database_url: str = "") -> Iterator[LocalApi]:
    """Run a fresh event API until the context is left, on SQLite or where an address says."""
    with own_database(Settings(home, database_url=database_url)) as database:
        token = issue_token(database, "bench", Role.MACHINE, datetime.now(UTC))
    port = free_port(socket.SOCK_STREAM)
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol.cli.main", "serve", "--port", str(port)],
        env={
            **os.environ,
            "GRIDPATROL_HOME": str(home),
            "GRIDPATROL_DATABASE_URL": database_url,
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url)
        yield LocalApi(url, token)
    finally:
        process.terminate()
        process.wait()


def _wait(url: str) -> None:
    deadline_s = time.monotonic() + START_PATIENCE_S
    pause = threading.Event()
    with EventApiClient(url, "") as client:
        while True:
            try:
                client.health()
            except ApiDownError:
                if time.monotonic() > deadline_s:
                    raise
                pause.wait(0.1)
            else:
                return
