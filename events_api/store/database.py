"""One database: its engine, its migrations, and sessions to read and to write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_WAIT_S = 10
WRITES = "gridpatrol_writes"


class Database:
    """The event API's database, SQLite or any other that SQLAlchemy speaks.

    SQLite takes one writer at a time. Writers of this process queue on a lock of ours, since
    SQLite's own waiting polls, and a poll that loses often waits long. Other databases do without.

    Args:
        url: SQLAlchemy address; parent folders of an SQLite file are made.
    """

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(url)
        self._writing = self.engine.execution_options(**{WRITES: True})
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        # One unchanging state for a whole session: SQLite gives it, others have to be asked.
        level = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(**level)
        self._lock = threading.Lock()

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
        if not self._is_sqlite:
            with Session(self._writing) as session, session.begin():
                yield session
            return
        with self._lock, Session(self._writing) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _make_engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name != "sqlite":
        return engine
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver would otherwise begin transactions on its own, and late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # An answered report is on disk even if the power fails: the drone forgets it on the answer.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_S * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turned writer half-way could be refused; a writer says so from the start.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
