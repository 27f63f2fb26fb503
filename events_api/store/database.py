"""One database: its engine, its migrations, and sessions to read and to write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from pydantic_core import to_json
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session

from events_api.store.address import parse_address
from events_api.store.bulk import without_waiting

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_WAIT_S = 10
WRITES = "gridpatrol_writes"

KEPT_CONNECTIONS = 10
MOST_CONNECTIONS = 44
"""A connection for each of the server's forty threads, and a few that ask while they write."""

CONNECT_WAIT_S = 10
"""A machine that is away does not even refuse; an address may say `connect_timeout` itself."""

CACHE_KIB = 16 * 1024
"""Of an SQLite file, for each connection; what is not used is not taken."""

PAGES_BEFORE_CHECKPOINT = 8000
"""After so many pages of 4 KiB what SQLite's journal holds goes into the file."""

SILENT_WRITER_S = 60
"""After this long without a word a writer's connection is closed: its machine may be gone."""

WRITE_LOCK = 0x67726964
"""Names the lock that PostgreSQL's writers take; it means something in one database only."""

PREPARE_POSTGRESQL = f"""
SELECT
    -- Compiling takes longer than any of our queries does.
    set_config('jit', 'off', false),
    -- Disks without arms, which databases lie on now, read anywhere as fast as in a row.
    set_config('random_page_cost', '1.1', false),
    set_config('timezone', 'UTC', false),
    set_config('lock_timeout', '{LOCK_WAIT_S}s', false),
    -- A drone forgets a report on the answer: it is on disk by then, whatever the server is set to.
    set_config(
        'synchronous_commit',
        replace(current_setting('synchronous_commit'), 'off', 'on'),
        false
    )
"""


class Database:
    """The event API's database, SQLite or PostgreSQL.

    On both there is one writer at a time. Writers of this process queue on a lock of ours, and the
    first of them on the database's: SQLite's own waiting polls, and a poll that loses often waits
    long; in PostgreSQL each that waits would keep a connection.

    Args:
        url: SQLAlchemy address; parent folders of an SQLite file are made.

    Raises:
        AddressError: It is none of such a database.
    """

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(parse_address(url))
        self._writing = self.engine.execution_options(**{WRITES: True})
        # One unchanging state for a whole session: SQLite gives it, PostgreSQL has to be asked.
        self._reading = self.engine.execution_options(
            **{}
            if self.engine.dialect.name == "sqlite"
            else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        self._lock = threading.Lock()

    @property
    def is_shared(self) -> bool:
        """Whether other servers may be on it, which hear and tell what happens."""
        return self.engine.dialect.name == "postgresql"

    def migrate(self) -> None:
        """Bring the tables to the newest form; existing rows stay."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        # In one writing transaction: of two processes that start together, one waits.
        with self._writing.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one unchanging state and is never committed."""
        with Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that is committed at the end, or rolled back if an error leaves it."""
        with self._lock, Session(self._writing) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _make_sqlite(url)
    return _make_postgresql(url)


def _written(value: object) -> str:
    # Faster than the standard library: every report has five values of JSON.
    return to_json(value).decode()


def _make_sqlite(url: URL) -> Engine:
    # What citizens leave must not be repeated in errors, which are logged.
    engine = create_engine(url, hide_parameters=True, json_serializer=_written)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.update_query_dict({"connect_timeout": str(CONNECT_WAIT_S), **url.query}),
        json_serializer=_written,
        # A writer has to see what was written while it waited for its turn.
        isolation_level="READ COMMITTED",
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS - KEPT_CONNECTIONS,
        # The database may have been started anew since a connection was used last.
        pool_pre_ping=True,
        # Each connection makes statements ready for itself: a busy one has them all.
        pool_use_lifo=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver would otherwise begin transactions on its own, and late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # An answered report is on disk even if the power fails: the drone forgets it on the answer.
    cursor.execute("PRAGMA synchronous = FULL")
    # A report touches a page of each index: the pages of a busy hour fit into memory, and they are
    # taken over into the file after some thousands, and not each time that a few reports came.
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_S * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turned writer half-way could be refused; a writer says so from the start.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(PREPARE_POSTGRESQL)
    cursor.close()
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITES):
        return
    # Held to the commit. Each statement of a writer sees what was committed before it began, and
    # so everything that earlier holders of the lock have written. Sent together with its BEGIN.
    with without_waiting(connection):
        connection.exec_driver_sql(
            "SELECT set_config('idle_in_transaction_session_timeout', "
            f"'{SILENT_WRITER_S}s', true), pg_advisory_xact_lock({WRITE_LOCK})"
        )
