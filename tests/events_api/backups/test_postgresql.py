"""Backups of PostgreSQL: taken while reports come in, and swapped in by name."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from benchmarks.local_postgres import LocalPostgres
from events_api.backups.making import Source, make_backup
from events_api.backups.manifest import Manifest
from events_api.backups.places import PostgresqlPlace
from events_api.backups.restoring import Restored, Target, restore
from events_api.backups.snapshots import PG_DUMP, run_pg
from events_api.client import EventApiClient
from events_api.errors import BackupError
from events_api.roles import Role
from events_api.store.address import parse_address
from events_api.store.base import Base
from events_api.store.database import Database
from events_api.store.evidence import EvidenceFolder
from geofences.findings import tell_nobody
from tests.events_api.backups.conftest import send
from tests.events_api.conftest import NOW, running, settings_in
from tests.events_api.databases import STAFFED, PostgresStock

pytestmark = pytest.mark.skipif(
    shutil.which(PG_DUMP) is None, reason="pg_dump is not installed (package postgresql-client)"
)


@pytest.fixture
def url(postgres_stock: PostgresStock, tmp_path: Path) -> Iterator[str]:
    """A database with tokens."""
    with postgres_stock.take(tmp_path, STAFFED) as url:
        yield url


def rows(url: str, table: str) -> list[str]:
    """Return everything in a table, in order, as text."""
    database = Database(url)
    found = Base.metadata.tables[table]
    with database.read() as session:
        query = select(found).order_by(*found.primary_key.columns)
        told = [repr(tuple(row)) for row in session.execute(query)]
    database.close()
    return told


def back_up(url: str, folder: Path) -> Manifest:
    """Make a backup of a database and its evidence."""
    database = Database(url)
    source = Source(database, EvidenceFolder(folder / "evidence"), "tester")
    try:
        return make_backup(source, folder / "backup.zip", NOW, tell_nobody)
    finally:
        database.close()


def bring_back(url: str, folder: Path, *, replace: bool = False) -> Restored:
    """Bring the backup back to a database."""
    place = PostgresqlPlace(parse_address(url))
    target = Target(place, EvidenceFolder(folder / "other"), folder / "work", "tester")
    return restore(folder / "backup.zip", target, NOW, tell_nobody, replace=replace)


def test_what_was_backed_up_while_reports_came_in_comes_back(
    url: str, postgres: LocalPostgres, tokens: dict[Role, str], tmp_path: Path
) -> None:
    """Into a database that is not there yet; a part of what the server went on with."""
    ending = threading.Event()
    with running(settings_in(tmp_path, url), tokens) as api:

        def post() -> None:
            with EventApiClient(api.url, tokens[Role.MACHINE]) as client:
                for number in range(1000):
                    if ending.is_set():
                        return
                    send(client, number)

        thread = threading.Thread(target=post)
        thread.start()
        while not rows(url, "events"):
            pass
        manifest = back_up(url, tmp_path)
        ending.set()
        thread.join()
    new = str(make_url(url).set(database="restored").render_as_string(hide_password=False))
    assert bring_back(new, tmp_path).kept is None
    audit = rows(new, "audit")
    assert audit[:-1] == rows(url, "audit")[: manifest.database.audit_number]
    for table in ("events", "observations", "tokens", "evidence", "deadlines"):
        assert set(rows(new, table)) <= set(rows(url, table))
    assert len(rows(new, "observations")) == manifest.database.rows["observations"] > 0
    assert set(EvidenceFolder(tmp_path / "other").hashes()) == {
        part.sha256 for part in manifest.evidence
    }
    postgres.drop("restored")


def test_a_database_with_events_is_replaced_only_on_request_and_kept(
    url: str, postgres: LocalPostgres, tokens: dict[Role, str], tmp_path: Path
) -> None:
    """Under another name; nothing that was made on the way is left."""
    with (
        running(settings_in(tmp_path, url), tokens) as api,
        EventApiClient(api.url, tokens[Role.MACHINE]) as client,
    ):
        send(client, 1)
    back_up(url, tmp_path)
    before = rows(url, "audit")
    with pytest.raises(BackupError, match=r"1 event\(s\) here already"):
        bring_back(url, tmp_path)
    kept = bring_back(url, tmp_path, replace=True).kept
    assert kept is not None
    assert rows(url, "audit")[:-1] == before[:-1]  # but that it was backed up
    aside = make_url(url).set(database=kept).render_as_string(hide_password=False)
    assert rows(aside, "audit") == before
    database = Database(url)
    with database.read() as session:
        query = "SELECT count(*) FROM pg_database WHERE datname LIKE '%%restoring%%'"
        assert session.connection().exec_driver_sql(query).scalar_one() == 0
    database.close()
    postgres.drop(kept)


def test_a_database_in_use_is_left_alone(url: str, tokens: dict[Role, str], tmp_path: Path) -> None:
    """By a server on whatever machine."""
    back_up(url, tmp_path)
    with running(settings_in(tmp_path, url), tokens), pytest.raises(BackupError, match="stop"):
        bring_back(url, tmp_path, replace=True)


def test_without_the_programs_it_is_said_what_to_install(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left of the attempt."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match=r"pg_dump was not found: install .*postgresql-client"):
        back_up(url, tmp_path)
    assert list(tmp_path.glob("*backup*")) == []


def test_what_a_program_says_is_told_without_the_password(url: str) -> None:
    """It is handed over by the environment."""
    wrong = parse_address(url).set(database="nowhere", password="hidden-password")
    with pytest.raises(BackupError, match="nowhere") as refused:
        run_pg(PG_DUMP, ["--schema-only"], wrong)
    assert "hidden-password" not in str(refused.value)
