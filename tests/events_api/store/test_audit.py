"""The audit in the database: written with what it tells of, and guarded."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen
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


DEEDS = [
    Deed(
        f"user-{number % 4}",
        ("event.moved", "evidence.opened", "evidence.sealed", "evidences.lost", "report.received")[
            number % 5
        ],
        f"event:{number % 7}",
        {},
    )
    for number in range(140)
]
ASKED = {
    "all": audit.Wanted(),
    "who": audit.Wanted(actor="user-1"),
    "nobody": audit.Wanted(actor="nobody"),
    "what": audit.Wanted(action="evidence.opened"),
    "kind": audit.Wanted(action="evidence"),
    "nothing": audit.Wanted(action="evid"),
    "to what": audit.Wanted(subject="event:3"),
    "when": audit.Wanted(since=NOW + timedelta(minutes=100)),
    "who and when": audit.Wanted(actor="user-2", since=NOW + timedelta(minutes=30)),
    "all four": audit.Wanted("user-2", "event", "event:5", NOW + timedelta(minutes=10)),
}


def is_asked(entry: Entry, wanted: audit.Wanted) -> bool:
    """Say of one entry what is looked for in all."""
    deed, kind = entry.deed, wanted.action
    return (
        wanted.actor in {None, deed.actor}
        and (kind is None or deed.action == kind or deed.action.startswith(f"{kind}."))
        and wanted.subject in {None, deed.subject}
        and (wanted.since is None or entry.at >= wanted.since)
    )


@pytest.mark.parametrize("few", [audit.FEW, 30, 1])
def test_each_filter_finds_what_a_look_at_every_row_does(
    database: Database, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, by whichever index; though a clock was put back in the midst."""
    monkeypatch.setattr(audit, "FEW", few)
    with database.write() as session:
        for number, deed in enumerate(DEEDS):
            late = number if number < 120 else number - 60
            audit.append(session, deed, NOW + timedelta(minutes=late))
    every = entries(database)[::-1]
    with database.read() as session:
        for name, wanted in ASKED.items():
            expected = [each for each in every if is_asked(each, wanted)]
            assert audit.newest(session, wanted, 1000) == expected, name
            assert audit.newest(session, wanted, 5) == expected[:5], name


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("who", "actor"),
        ("what", "action"),
        ("kind", "action"),
        ("to what", "subject"),
        ("when", "at"),
        ("who and when", "at"),
    ],
)
def test_each_filter_has_its_index(tmp_path: Path, name: str, index: str) -> None:
    """Whether it leaves few rows or many; only an action or a time with many is gone through."""
    database = Database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    database.migrate()
    asked: list[tuple[str, Any]] = []
    listen(database.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with database.write() as session:
        audit.append_all(session, DEEDS, NOW)
        audit.newest(session, ASKED[name], 5)
        rows = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]
        )
        plan = "\n".join(str(row[3]) for row in rows)
    database.close()
    assert f"ix_audit_{index} ({index}" in plan, plan
    assert "SCAN audit" not in plan, plan
