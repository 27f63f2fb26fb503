"""Where a restored database goes: beside the present one first, and then into its place at once."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from events_api.backups.checking import check_sqlite_file
from events_api.backups.manifest import Kind
from events_api.backups.snapshots import PG_RESTORE, run_pg
from events_api.errors import BackupError
from events_api.store.address import shown_address

MAINTENANCE = "postgres"
"""The database from which others are made and named; every server of PostgreSQL has it."""

LONGEST_NAME = 63


class Place(Protocol):
    """The database of an installation, to be put in the place of."""

    kind: Kind

    def held(self) -> str | None:
        """Say what would be lost if the present database were overwritten; none if nothing."""

    def check_free(self) -> None:
        """Make sure that nobody uses the present database."""

    def beside(self, part: Path) -> AbstractContextManager[str]:
        """Give the address of a new database made from the part of a backup; in the end it goes."""

    def swap(self, beside: str, aside: str) -> str | None:
        """Put the new database in the place of the present one, which is kept; say as what."""


class SqlitePlace:
    """A database in a file.

    Args:
        file: The present one; need not be there. It is kept in a folder beside it afterwards.
    """

    kind = Kind.SQLITE

    def __init__(self, file: Path) -> None:
        self._file = file

    def held(self) -> str | None:
        """Say what would be lost if the present database were overwritten; none if nothing."""
        if not self._file.exists():
            return None
        connection = sqlite3.connect(self._file)
        try:
            (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
        except sqlite3.Error as error:
            return f"a database that cannot be read ({error})"
        finally:
            connection.close()
        return f"{count} event(s)" if count else None

    def check_free(self) -> None:
        """Make sure that nobody uses the present database; the lock of the home says so."""

    @contextmanager
    def beside(self, part: Path) -> Iterator[str]:
        """Give the address of a new database made from the part of a backup; in the end it goes."""
        check_sqlite_file(part)
        yield URL.create("sqlite", database=str(part)).render_as_string()

    def swap(self, beside: str, aside: str) -> str | None:
        """Put the new database in the place of the present one, which is kept; say as what."""
        new = Path(str(make_url(beside).database))
        _settle(new)
        kept = None
        if self._file.exists():
            folder = self._file.with_name(aside)
            folder.mkdir()
            kept = folder / self._file.name
            self._set_aside(kept)
        # The one moment of change: before it the old database is in its place, after it the new.
        new.replace(self._file)
        _sync(self._file.parent)
        return None if kept is None else str(kept)

    def _set_aside(self, kept: Path) -> None:
        # Nothing of its log may stay beside the new file.
        with suppress(sqlite3.Error):
            _settle(self._file)
        os.link(self._file, kept)
        for suffix in ("-wal", "-shm"):  # of a damaged one they are still there
            with suppress(FileNotFoundError):
                self._file.with_name(f"{self._file.name}{suffix}").replace(f"{kept}{suffix}")
        _sync(kept.parent)


class PostgresqlPlace:
    """A database of a PostgreSQL server.

    Args:
        url: The present one; need not be there.
    """

    kind = Kind.POSTGRESQL

    def __init__(self, url: URL) -> None:
        self._url = url
        self._name = url.database or ""

    def held(self) -> str | None:
        """Say what would be lost if the present database were overwritten; none if nothing."""
        if not self._is_there():
            return None
        with self._asking(self._url) as ask:
            if ask("SELECT to_regclass('events') IS NOT NULL") != 1:
                return None
            count = ask("SELECT count(*) FROM events")
        return f"{count} event(s)" if count else None

    def check_free(self) -> None:
        """Make sure that nobody uses the present database, on whatever machine.

        Raises:
            BackupError: Somebody does.
        """
        with self._asking(self._url.set(database=MAINTENANCE)) as ask:
            users = ask(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = :name", name=self._name
            )
        if users:
            raise BackupError(
                f"{users} connection(s) use the database {shown_address(self._url)}; stop every "
                "server on it first."
            )

    @contextmanager
    def beside(self, part: Path) -> Iterator[str]:
        """Give the address of a new database made from the part of a backup; in the end it goes."""
        name = f"{self._name[: LONGEST_NAME - 24]}_restoring_{os.getpid()}"
        with self._asking(self._url.set(database=MAINTENANCE)) as ask:
            ask(f"CREATE DATABASE {_quoted(name)} TEMPLATE template0 ENCODING 'UTF8'")
        url = self._url.set(database=name)
        try:
            run_pg(PG_RESTORE, ["--no-owner", "--exit-on-error", str(part)], url)
            yield url.render_as_string(hide_password=False)
        finally:
            with self._asking(self._url.set(database=MAINTENANCE)) as ask:
                ask(f"DROP DATABASE IF EXISTS {_quoted(name)}")

    def swap(self, beside: str, aside: str) -> str | None:
        """Put the new database in the place of the present one, which is kept; say as what."""
        new = str(make_url(beside).database)
        kept = f"{self._name[: LONGEST_NAME - 40]}_{aside}".replace("-", "_")
        is_there = self._is_there()
        renames = [f"ALTER DATABASE {_quoted(self._name)} RENAME TO {_quoted(kept)}"]
        renames = renames if is_there else []
        renames.append(f"ALTER DATABASE {_quoted(new)} RENAME TO {_quoted(self._name)}")
        engine = create_engine(self._url.set(database=MAINTENANCE))
        try:
            # Both names in one transaction: nobody ever finds neither.
            with engine.begin() as connection:
                for rename in renames:
                    connection.execute(text(rename))
        except SQLAlchemyError as error:
            raise _refused(error, self._url) from error
        finally:
            engine.dispose()
        return kept if is_there else None

    def _is_there(self) -> bool:
        with self._asking(self._url.set(database=MAINTENANCE)) as ask:
            query = "SELECT count(*) FROM pg_database WHERE datname = :name"
            return ask(query, name=self._name) == 1

    @contextmanager
    def _asking(self, url: URL) -> Iterator[_Ask]:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:

                def ask(statement: str, **values: str) -> int:
                    result = connection.execute(text(statement), values)
                    return int(result.scalar_one()) if result.returns_rows else 0

                yield ask
        except SQLAlchemyError as error:
            raise _refused(error, self._url) from error
        finally:
            engine.dispose()


class _Ask(Protocol):
    def __call__(self, statement: str, **values: str) -> int:
        """Send a statement, and return the one number that it gives."""


def working_folder(near: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder on the same disk, so that what is made in it can be moved at once."""
    near.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=near, prefix=".restoring-")


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _refused(error: SQLAlchemyError, url: URL) -> BackupError:
    said = " ".join(str(getattr(error, "orig", error)).split())
    return BackupError(
        f"PostgreSQL refused at {shown_address(url)}: {said}. To restore, the user needs the right "
        f"CREATEDB, and the way to the database {MAINTENANCE}."
    )


def _settle(file: Path) -> None:
    """Bring everything that was written into the one file."""
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
