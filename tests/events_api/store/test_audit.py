"""The audit in the database: written with what it tells of, and guarded."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import DatabaseError

from events_api.audit import Deed, Entry, Verdict, walk
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import NOW

pytestmark = pytest.mark.both_databases

DEED = Deed("desk-1", "event.moved", "event:1", {"to": "已立案", "ce90_m": 3.6, "n": None})


def write(database: Database, count: int) -> None:
    """Write some deeds, each in a transaction of its own."""
    for _ in range(count):
        with database.write() as session:
            audit.append(session, DEED, NOW)


def checked(database: Database) -> Verdict:
    """Walk the chain."""
    with database.read() as session:
        return walk(audit.entries(session), audit.head(session))


def entries(database: Database) -> list[Entry]:
    """Return the whole chain."""
    with database.read() as session:
        return list(audit.entries(session))


def tamper(database: Database, statement: str) -> None:
    """Change the database as somebody who has its file would."""
    with database.write() as session:
        connection = session.connection()
        for verb in ("update", "delete"):
            of_table = " ON audit" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER audit_keeps_{verb}{of_table}")
        connection.exec_driver_sql(statement)


def test_a_fresh_audit_is_empty_and_sound(database: Database) -> None:
    """Nothing was done yet."""
    assert (entries(database), checked(database).broken) == ([], None)


def test_what_was_written_is_read_back_and_sound(database: Database) -> None:
    """In order, with everything that was said, more than is read at once."""
    write(database, 3)
    read = entries(database)
    assert [entry.number for entry in read] == [1, 2, 3]
    assert all((entry.deed, entry.at) == (DEED, NOW) for entry in read)
    verdict = checked(database)
    assert (verdict.broken, verdict.end.number) == (None, 3)
    with database.read() as session:
        assert audit.head(session) == verdict.end


def test_several_in_one_transaction_follow_each_other(database: Database) -> None:
    """A report can move an event too."""
    with database.write() as session:
        for _ in range(3):
            audit.append(session, DEED, NOW)
    assert (checked(database).broken, checked(database).end.number) == (None, 3)


def test_what_did_not_happen_is_not_told(database: Database) -> None:
    """A change that is rolled back takes its row along, and leaves no gap."""

    def fail() -> None:
        with database.write() as session:
            audit.append(session, DEED, NOW)
            session.flush()
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="middle"):
        fail()
    write(database, 1)
    assert (checked(database).broken, checked(database).end.number) == (None, 1)


def test_writers_at_once_make_one_chain(database: Database) -> None:
    """Eight threads of ten deeds."""
    threads = [threading.Thread(target=write, args=(database, 10)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (checked(database).broken, checked(database).end.number) == (None, 80)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'x' WHERE number = 2", "DELETE FROM audit"]
)
def test_the_database_refuses_to_rewrite(database: Database, statement: str) -> None:
    """Against mistakes: a statement that was not meant so changes nothing."""
    write(database, 3)

    def rewrite() -> None:
        with database.write() as session:
            session.connection().exec_driver_sql(statement)

    with pytest.raises(DatabaseError, match="only ever added to"):
        rewrite()
    assert checked(database).end.number == 3


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET actor = 'x' WHERE number = 2", "row 2 was changed"),
        ("UPDATE audit SET content = '{}' WHERE number = 3", "row 3 was changed"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000'", "row 1 was changed"),
        ("DELETE FROM audit WHERE number = 2", "row 2 is missing"),
        ("DELETE FROM audit WHERE number = 3", "row 3 is missing"),
        (
            """
            INSERT INTO audit SELECT 4, at, actor, action, subject, content, sha256, sha256
            FROM audit WHERE number = 2
            """,
            "row 4 was not written after the row 3",
        ),
    ],
)
def test_whoever_has_the_file_is_found_out(database: Database, statement: str, says: str) -> None:
    """The guard can be taken away; the chain still tells."""
    write(database, 3)
    tamper(database, statement)
    broken = checked(database).broken
    assert broken is not None
    assert says in broken
