"""The database: migrations, and writers that wait for each other."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from events_api.store import feed
from events_api.store.access_models import TokenRow
from events_api.store.base import Base
from events_api.store.database import Database
from events_api.store.feed_models import FeedRow
from tests.events_api.databases import EMPTY, Stock

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def token(name: str) -> TokenRow:
    """Return some row."""
    return TokenRow(
        name=name, role="machine", scope="everywhere", sha256=name, issued_at=NOW, revoked_at=None
    )


def another(database: Database) -> Database:
    """Open the same database once more, as another process does."""
    return Database(database.engine.url.render_as_string(hide_password=False))


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


def test_an_answered_report_is_on_disk(database: Database) -> None:
    """A commit returns when the journal is synced, whatever the server's own setting is."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
            return
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


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


def test_the_folder_of_a_file_is_made(tmp_path: Path) -> None:
    """A first start needs no preparation."""
    database = Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'events.sqlite'}")
    database.migrate()
    database.close()
    assert (tmp_path / "new" / "folder" / "events.sqlite").exists()


def test_what_is_written_waits_for_other_processes(database: Database) -> None:
    """A writer reads what another process wrote before it, and no two count the same."""

    def count_up(own: Database) -> None:
        for _ in range(5):
            with own.write() as session:
                row = session.get_one(TokenRow, "falcon")
                row.role = str(int(row.role) + 1)

    with database.write() as session:
        session.add(token("falcon"))
        session.flush()
        session.get_one(TokenRow, "falcon").role = "0"
    processes = [another(database) for _ in range(4)]
    threads = [threading.Thread(target=count_up, args=(own,)) for own in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in processes:
        own.close()
    with database.read() as session:
        assert session.get_one(TokenRow, "falcon").role == "20"


def test_two_that_start_together_migrate_once(stock: Stock, tmp_path: Path) -> None:
    """The second finds what the first has made."""
    with stock.take(tmp_path, EMPTY) as url:
        processes = [Database(url) for _ in range(2)]
        threads = [threading.Thread(target=own.migrate) for own in processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for own in processes:
            with own.read() as session:
                assert feed.last_id(session) == 0
            own.close()


def test_a_server_that_was_started_anew_is_asked_again(database: Database) -> None:
    """Connections of before are thrown away unseen."""
    if database.engine.dialect.name != "postgresql":
        return
    with database.read() as session:
        feed.last_id(session)
    own = another(database)
    with own.engine.connect() as connection:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608
        )
    own.close()
    with database.read() as session:
        assert feed.last_id(session) == 0


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
