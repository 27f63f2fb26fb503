"""A PostgreSQL server of one's own: a fresh cluster in a folder, reached by a socket in it.

For benchmarks and tests. PostgreSQL refuses to run as root, who starts it as another user.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.result import BenchmarkUnavailableError

OWNER = "gridpatrol"
HOME = "postgres"
"""The database that is there from the beginning."""

START_PATIENCE_S = 60.0
STAND_INS = ("postgres", "nobody")
"""Whom root runs the server as, the first of them that this machine knows."""

DURABLE: Mapping[str, str] = {}
"""Settings of a server that keeps what it has answered through any crash: its own defaults."""

FLEETING: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    # A template cannot be copied while anybody looks into it.
    "autovacuum": "off",
}
"""Settings of a server whose data nobody misses after a crash of the machine."""

FOLLOW = 'exec 3<&0; (cat <&3 >/dev/null; kill -INT $$) & exec "$@" 3<&- </dev/null'
"""Runs a program until its standard input ends, as it does when whoever started it is gone."""


class LocalPostgres:
    """A cluster in a folder and its server, which can be killed and started again.

    Args:
        folder: Where everything goes, or lies already since another time; short, since a socket's
            path may have 107 characters.
        settings: Parameters of the server beside those that are always given.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] = DURABLE) -> None:
        self._folder = folder
        self._settings = {"listen_addresses": "", "unix_socket_directories": str(folder)}
        self._settings |= settings
        self._account = _account()
        self._server: subprocess.Popen[bytes] | None = None
        if self._data.exists():
            return
        if self._account is not None:
            os.chown(folder, self._account, -1)
        self._call(
            "initdb",
            *(f"--pgdata={self._data}", f"--username={OWNER}", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
        )

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, database: str = HOME) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self._folder}"

    def start(self) -> None:
        """Start the server, after a crash too, and return once it answers.

        Raises:
            RuntimeError: It does not come up; the text is the end of its log.
        """
        deadline_s, pause = time.monotonic() + START_PATIENCE_S, threading.Event()
        self._server = self._launch()
        while not self._answers():
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"PostgreSQL did not start: {self._log_end()}")
            if self._server.poll() is not None:
                # After a kill the last of the former processes may still be going.
                self._end(self._server)
                self._server = self._launch()
            pause.wait(0.05)

    def kill(self) -> None:
        """Kill the server on the spot, as a crash would; its other processes follow by themselves.

        A start waits for them.
        """
        if self._server is not None:
            self._server.kill()
            self._end(self._server)

    def stop(self) -> None:
        """Stop the server, whoever is connected."""
        if self._server is not None:
            # A fast shutdown, without waiting for clients.
            self._server.send_signal(signal.SIGINT)
            self._end(self._server)

    def _end(self, server: subprocess.Popen[bytes]) -> None:
        server.wait(START_PATIENCE_S)
        if server.stdin is not None:
            server.stdin.close()

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database like another one, which nobody may be using, and return its address."""
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        self._order(statement, name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is using it."""
        self._order("DROP DATABASE {} WITH (FORCE)", name)

    def _order(self, statement: str, *names: str) -> None:
        with psycopg.connect(host=str(self._folder), user=OWNER, dbname=HOME) as connection:
            connection.autocommit = True
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self._folder), user=OWNER, dbname=HOME).close()
        except psycopg.OperationalError:
            return False
        return True

    def _launch(self) -> subprocess.Popen[bytes]:
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        with (self._folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                ["sh", "-c", FOLLOW, "sh", _program("postgres"), "-D", str(self._data), *options],
                stdin=subprocess.PIPE,
                stderr=log,
                user=self._account,
                cwd=self._folder,
                # Ctrl-C is for whoever runs this; the server is stopped afterwards.
                start_new_session=True,
            )

    def _call(self, program: str, *arguments: str) -> None:
        command = [_program(program), *arguments]
        done = subprocess.run(
            command, user=self._account, cwd=self._folder, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode()}")

    def _log_end(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")[-2000:]


@contextmanager
def running_postgres(settings: Mapping[str, str] = DURABLE) -> Iterator[LocalPostgres]:
    """Run a fresh server until the context is left.

    Raises:
        BenchmarkUnavailableError: There is no PostgreSQL on this machine, or nobody to run it as.
    """
    # Not below the caller's folder: whom root runs the server as could not get there.
    folder = Path(tempfile.mkdtemp(prefix="gp-pg-"))
    try:
        with kept_postgres(folder, settings) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept_postgres(folder: Path, settings: Mapping[str, str] = DURABLE) -> Iterator[LocalPostgres]:
    """Run a server until the context is left, with what lies in a folder since another time.

    Raises:
        BenchmarkUnavailableError: There is no PostgreSQL on this machine, or nobody to run it as.
    """
    server = LocalPostgres(folder, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _program(name: str) -> str:
    # Debian keeps the programs of each version apart; the newest comes last.
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise BenchmarkUnavailableError(
            f"PostgreSQL's program {name} was not found: install the package postgresql."
        )
    return program


def _version(path: Path) -> float:
    number = re.search(r"/postgresql/([\d.]+)/", str(path))
    return float(number[1]) if number else 0.0


def _account() -> int | None:
    """Return the user id to run the server as; none for one's own."""
    if os.geteuid() != 0:
        return None
    for name in STAND_INS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise BenchmarkUnavailableError("PostgreSQL does not run as root, and no other user is known.")
