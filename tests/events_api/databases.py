"""Databases for tests: a file in the test's folder, or one of a PostgreSQL server of the run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from benchmarks.local_postgres import LocalPostgres
from events_api.store.database import Database
from events_api.webhooks.rows import WebhookRow

KINDS = ("sqlite", "postgresql")

EMPTY, MIGRATED, STAFFED = "empty", "migrated", "staffed"
"""A database without tables; one with them; and one with a token for each role, too."""


class Stock(Protocol):
    """Gives databases of one kind."""

    @contextmanager
    def take(self, folder: Path, content: str) -> Iterator[str]:
        """Give the address of a database that is there until the context is left."""


class SqliteStock:
    """Copies files.

    Args:
        folder: Where the originals lie.
        staffed: An original that has tokens in it.
    """

    def __init__(self, folder: Path, staffed: Path) -> None:
        migrated = folder / "migrated.sqlite"
        migrate(f"sqlite:///{migrated}")
        self._originals = {MIGRATED: migrated, STAFFED: staffed}

    @contextmanager
    def take(self, folder: Path, content: str) -> Iterator[str]:
        """Put a copy into a folder, as `events.sqlite`."""
        target = folder / "events.sqlite"
        if content in self._originals:
            shutil.copy(self._originals[content], target)
        yield f"sqlite:///{target}"


class PostgresStock:
    """Copies databases within a server, which is quick.

    Args:
        server: It, running.
        staffed: The SQLite file with tokens, so that the same ones work on both.
    """

    def __init__(self, server: LocalPostgres, staffed: Path) -> None:
        self._server = server
        self._originals = {EMPTY: "template1", MIGRATED: MIGRATED, STAFFED: STAFFED}
        self._numbers = count()
        migrate(server.create(MIGRATED))
        copy_rows(f"sqlite:///{staffed}", server.create(STAFFED, MIGRATED))

    @contextmanager
    def take(self, _folder: Path, content: str) -> Iterator[str]:
        """Make a copy in the server, and drop it at the end."""
        name = f"test_{next(self._numbers)}"
        url = self._server.create(name, self._originals[content])
        try:
            yield url
        finally:
            self._server.drop(name)


def migrate(url: str) -> None:
    """Make the tables."""
    database = Database(url)
    database.migrate()
    database.close()


def copy_rows(source_url: str, target_url: str) -> None:
    """Copy everything from one database into another, which has not begun its audit."""
    source, target = Database(source_url), Database(target_url)
    with source.read() as reading, target.write() as writing:
        for table in WebhookRow.metadata.sorted_tables:
            if table.name.endswith("_head"):
                writing.execute(table.delete())
            if rows := [row._asdict() for row in reading.execute(select(table))]:
                writing.execute(table.insert(), rows)
    source.close()
    target.close()
