"""A desk at which backups are made and brought back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from events_api.access import issue_token
from events_api.backups.making import Source, make_backup
from events_api.backups.manifest import Manifest
from events_api.backups.places import SqlitePlace
from events_api.backups.restoring import Restored, Target, restore
from events_api.client import EventApiClient
from events_api.roles import Role
from events_api.store.base import Base
from events_api.store.database import Database
from events_api.store.evidence import EvidenceFolder
from events_api.store.evidence_models import EvidenceRow
from geofences.findings import tell_nobody
from tests.events_api.conftest import NOW
from tests.events_api.factories import JPEG, away, make_report

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Home:
    """A folder with a database and its evidence."""

    folder: Path

    @property
    def database_file(self) -> Path:
        """The database."""
        return self.folder / "events.sqlite"

    @property
    def evidence(self) -> EvidenceFolder:
        """Pictures and clips."""
        return EvidenceFolder(self.folder / "evidence")

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open the database."""
        database = Database(f"sqlite:///{self.database_file}")
        try:
            yield database
        finally:
            database.close()

    def rows(self, table: str) -> Rows:
        """Return everything in a table, in order."""
        found = Base.metadata.tables[table]
        with self.database() as database, database.read() as session:
            query = select(found).order_by(*found.primary_key.columns)
            return [tuple(row) for row in session.execute(query)]

    def back_up(self, file: Path) -> Manifest:
        """Make a backup."""
        with self.database() as database:
            return make_backup(Source(database, self.evidence, "tester"), file, NOW, tell_nobody)

    def restore(self, file: Path, *, replace: bool = False) -> Restored:
        """Bring a backup back."""
        target = Target(SqlitePlace(self.database_file), self.evidence, self.folder, "tester")
        return restore(file, target, NOW, tell_nobody, replace=replace)


def picture(number: int) -> bytes:
    """Return the test's n-th picture."""
    return JPEG + str(number).encode()


def send(client: EventApiClient, number: int) -> None:
    """Send the test's n-th report with its picture."""
    sha256 = client.put_evidence(picture(number), "image/jpeg")
    client.submit_report(make_report(number, position=away(50.0 * number), evidence=[sha256]))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a token and no events."""
    home = Home(tmp_path / "home")
    with home.database() as database:
        database.migrate()
        issue_token(database, "desk", Role.ACCEPTOR, NOW)
    return home


def keep_picture(home: Home, number: int) -> str:
    """Store a picture and the row that names it, and return its hash."""
    data = picture(number)
    sha256 = hashlib.sha256(data).hexdigest()
    with home.evidence.receive(sha256, "image/jpeg", len(data)) as arrival:
        arrival.write(data)
        arrival.keep()
    with home.database() as database, database.write() as session:
        session.add(
            EvidenceRow(
                sha256=sha256,
                media_type="image/jpeg",
                size_bytes=len(data),
                stored_at=NOW,
                stored_by="tester",
            )
        )
    return sha256
