"""A PostgreSQL server that does not answer is started or reached, and no backup is restored."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from benchmarks.local_postgres import LocalPostgres
from patrol.checkup.findings import Found, State, Visit
from patrol.checkup.postgresql import DAMAGED, OTHERWISE, remedy
from patrol.checkup.stored import look_at_evidence, look_at_store
from patrol.settings import Settings

ASKS_FOR_PASSWORD = b"R\0\0\0\x08\0\0\0\x03"
REFUSAL = b"SFATAL\0C28P01\0M\xe5\xaf\x86\xe7\xa0\x81\xe9\x94\x99\xe8\xaf\xaf\0\0"
WITHOUT_TLS = "?sslmode=disable"


def looked(home: Path, url: str) -> Found:
    """Look at the database of an address; at its evidence nothing can be found."""
    visit = Visit(Settings(home, database_url=url), datetime.now(UTC), lambda *_: None)
    assert not list(look_at_evidence(visit))
    (found,) = look_at_store(visit)
    assert found.state is State.BROKEN
    return found


@contextmanager
def refusing() -> Iterator[int]:
    """Give the port of a server that asks for a password, and refuses it in Chinese."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):  # who looks at the database, and who looks at the evidence
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(ASKS_FOR_PASSWORD)
                    connection.recv(4096)
                    connection.sendall(b"E" + (4 + len(REFUSAL)).to_bytes(4, "big") + REFUSAL)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(20)


def test_a_server_that_refuses_connections_is_to_be_started(tmp_path: Path) -> None:
    """On a port, and on a socket; nothing is lost."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (
        f"postgresql://gp:s3cret@127.0.0.1:{port}/gp",
        f"postgresql://gp@/gp?host={tmp_path}",
    ):
        found = looked(tmp_path, url)
        assert found.remedy.startswith("Start PostgreSQL")
        assert "patrol restore" not in found.remedy
        assert "s3cret" not in found.said


def test_a_wrong_password_is_told_whatever_language_the_server_speaks(tmp_path: Path) -> None:
    """And no backup mends it."""
    with refusing() as port:
        found = looked(tmp_path, f"postgresql://gp:wrong@127.0.0.1:{port}/gp{WITHOUT_TLS}")
    assert found.remedy.startswith("Check the user and the password in GRIDPATROL_DATABASE_URL")


def test_a_database_without_tables_may_be_the_wrong_one(
    tmp_path: Path, postgres: LocalPostgres
) -> None:
    """Or a new one, or one that was lost."""
    found = looked(tmp_path, postgres.create("checkup"))
    assert "Check the database's name" in found.remedy
    assert "patrol serve" in found.remedy
    postgres.drop("checkup")


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (psycopg.errors.DataCorrupted(), DAMAGED),
        (psycopg.errors.IndexCorrupted(), DAMAGED),
        (psycopg.errors.InsufficientPrivilege(), OTHERWISE),
    ],
)
def test_only_what_is_damaged_is_restored(cause: psycopg.Error, said: str) -> None:
    """A server that answers says by a code what it lacks."""
    assert remedy(DBAPIError("SELECT 1", None, cause)) == said
