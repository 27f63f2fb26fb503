"""An event API on loopback in a process of its own, as `patrol serve` runs it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from events_api.access import issue_token
from events_api.client import EventApiClient
from events_api.errors import ApiDownError
from events_api.roles import Role
from patrol.demo.ports import free_port
from patrol.serving import own_database
from patrol.settings import Settings

START_PATIENCE_S = 60.0


@dataclass(frozen=True)
class LocalApi:
    """Where it is, who may post, and the process it runs in."""

    url: str
    drone_token: str
    process_id: int


class ApiProcess:
    """A server on a home of its own, which can be killed and started again at the same address.

    Args:
        home: Where it keeps its things.
        database_url: Where its database is, if not there.
        log: File for what it says; none to have it said here.
    """

    def __init__(self, home: Path, database_url: str = "", log: Path | None = None) -> None:
        self.settings = Settings(home, database_url=database_url)
        with own_database(self.settings) as database:
            self.drone_token = issue_token(database, "bench", Role.MACHINE, datetime.now(UTC))
        self._port = free_port(socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start it, and do not wait until it answers."""
        with ExitStack() as files:
            said = None if self._log is None else files.enter_context(self._log.open("ab"))
            self._process = self._popen(said)

    def _popen(self, said: IO[bytes] | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "patrol.cli.main", "serve", "--port", str(self._port)],
            env={
                **os.environ,
                "GRIDPATROL_HOME": str(self.settings.home),
                "GRIDPATROL_DATABASE_URL": self.settings.database_url,
            },
            stdout=subprocess.DEVNULL,
            stderr=said,
        )

    def start(self) -> None:
        """Start it, and return once it answers.

        Raises:
            ApiDownError: It does not.
        """
        self.launch()
        deadline_s = time.monotonic() + START_PATIENCE_S
        pause = threading.Event()
        with EventApiClient(self.url, "") as client:
            while True:
                try:
                    client.health()
                except ApiDownError:
                    if time.monotonic() > deadline_s:
                        raise
                    pause.wait(0.1)
                else:
                    return

    @property
    def process_id(self) -> int:
        """The process it runs in; 0 while it does not."""
        return 0 if self._process is None else self._process.pid

    def kill(self) -> None:
        """Kill it on the spot, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Let it end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


@contextmanager
def running_api(home: Path, database_url: str = "") -> Iterator[LocalApi]:
    """Run a fresh event API until the context is left, on SQLite or where an address says."""
    api = ApiProcess(home, database_url)
    try:
        api.start()
        yield LocalApi(api.url, api.drone_token, api.process_id)
    finally:
        api.stop()
