"""The database: migrations, and writers that wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from events_api.store import feed
from events_api.store.database import Database
from events_api.store.models import Base, FeedRow, TokenRow

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated database in a folder that was not there."""
    database = Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'events.sqlite'}")
    database.migrate()
    yield database
    database.close()


def token(name: str) -> TokenRow:
    """Return some row."""
    return TokenRow(
        name=name, role="machine", scope="everywhere", sha256=name, issued_at=NOW, revoked_at=None
    )


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    """A change of a model without a migration fails here."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_keeps_what_is_there(database: Database) -> None:
    """Every start migrates."""
    with database.write() as session:
        session.add(token("falcon"))
    database.migrate()
    with database.read() as session:
        assert session.get(TokenRow, "falcon") is not None


def test_the_tables_can_be_made_in_postgresql() -> None:
    """Nothing in the models is SQLite's alone."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in Base.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_an_answered_report_is_on_disk(database: Database) -> None:
    """The journal is a write-ahead log that is synced at every commit."""
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_an_error_rolls_everything_back(database: Database) -> None:
    """Half of a change is never kept."""

    def fail() -> None:
        with database.write() as session:
            session.add(token("falcon"))
            session.flush()
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fail()
    with database.read() as session:
        assert session.get(TokenRow, "falcon") is None


def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    """It sees the state before."""
    with database.write() as writing:
        writing.add(token("falcon"))
        writing.flush()
        with database.read() as reading:
            assert reading.get(TokenRow, "falcon") is None


def test_writers_of_one_feed_number_without_gaps(database: Database) -> None:
    """Eight threads, and every number once, in the order of commits."""

    def write(name: int) -> None:
        for turn in range(10):
            with database.write() as session:
                feed.append(session, "event.opened", {"by": name, "turn": turn}, NOW)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        rows = feed.after(session, 0, 1000)
        assert [row.feed_id for row in rows] == list(range(1, 81))
        assert feed.last_id(session) == 80
    for name in range(8):
        assert [r.payload["turn"] for r in rows if r.payload["by"] == name] == list(range(10))


def test_a_message_that_was_rolled_back_takes_no_number(database: Database) -> None:
    """A reader never waits for a number that does not come."""

    def fail() -> None:
        with database.write() as session:
            feed.append(session, "event.opened", {}, NOW)
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="middle"):
        fail()
    with database.write() as session:
        assert feed.append(session, "event.opened", {}, NOW) == 1


@pytest.mark.parametrize("hours", [0, 8, -5])
def test_times_come_back_in_utc(database: Database, hours: int) -> None:
    """In whatever zone they were given."""
    local = NOW.astimezone(timezone(timedelta(hours=hours)))
    with database.write() as session:
        session.add(FeedRow(feed_id=1, kind="event.opened", at=local, payload={}))
    with database.read() as session:
        at = session.get_one(FeedRow, 1).at
    assert (at, at.tzinfo) == (NOW, UTC)
