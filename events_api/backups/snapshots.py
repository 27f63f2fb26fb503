"""The database as it was at one moment, as one file, while others go on writing."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Table, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from events_api.backups.manifest import Content, Kind
from events_api.errors import BackupError
from events_api.store import audit
from events_api.store.access_models import TokenRow, UserRow
from events_api.store.address import without_password
from events_api.store.base import Base
from events_api.store.evidence_models import EvidenceRow
from events_api.store.models import EventRow, ObservationRow
from events_api.store.revisions import present_revision
from geofences.findings import Tell

PAGES_AT_ONCE = 2000
COUNTED = (EventRow, ObservationRow, EvidenceRow, UserRow, TokenRow)
PG_DUMP, PG_RESTORE = "pg_dump", "pg_restore"
PG_CLIENT_HINT = (
    "install the client programs of PostgreSQL (on Debian the package postgresql-client), of the "
    "server's version or a newer one"
)


def content_of(session: Session) -> Content:
    """Say what a database holds, as this session sees it.

    Raises:
        BackupError: It was never used by the event API.
    """
    kind = Kind(session.get_bind().dialect.name)
    try:
        revision = present_revision(session)
        tables = [cast("Table", row.__table__) for row in COUNTED]
        rows = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }
        end = audit.head(session)
    except SQLAlchemyError as error:
        raise BackupError(
            f"The database cannot be read as the event API's: {getattr(error, 'orig', error)}. "
            "`patrol doctor` says more."
        ) from error
    return Content(
        kind=kind,
        schema_revision=revision or "",
        rows=rows,
        audit_number=end.number,
        audit_sha256=end.sha256,
    )


def write_snapshot(session: Session, target: Path, tell: Tell) -> None:
    """Write the database to a file exactly as this reading session sees it.

    Args:
        session: A reading session; what it sees is what is written, however long that takes.
        target: A file that is not there yet.
        tell: Is told how far it is.

    Raises:
        BackupError: It cannot be written.
    """
    # The first question fixes what the session sees.
    session.execute(select(1).select_from(Base.metadata.tables["audit_head"]))
    if session.get_bind().dialect.name == "sqlite":
        _copy_sqlite(session, target, tell)
    else:
        _dump_postgresql(session, target, tell)


def _copy_sqlite(session: Session, target: Path, tell: Tell) -> None:
    raw = cast("sqlite3.Connection", session.connection().connection.driver_connection)

    def told(_status: int, remaining: int, total: int) -> None:
        tell("Copying the database", total - remaining, total)

    copy = sqlite3.connect(target)
    try:
        # The source is in a transaction of its own: without it, each report that comes in between
        # two steps would make the copy begin anew, and it would never end.
        raw.backup(copy, pages=PAGES_AT_ONCE, progress=told)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, and no log beside it
    except sqlite3.Error as error:
        raise BackupError(
            f"The database cannot be copied: {error}. `patrol doctor` says whether it is damaged."
        ) from error
    finally:
        copy.close()


def _dump_postgresql(session: Session, target: Path, tell: Tell) -> None:
    snapshot = session.scalar(text("SELECT pg_export_snapshot()"))
    url = session.get_bind().engine.url
    tell("Copying the database", 0, 1)
    arguments = ["--format=custom", f"--snapshot={snapshot}", f"--file={target}", "--no-owner"]
    run_pg(PG_DUMP, arguments, url)
    tell("Copying the database", 1, 1)


def run_pg(program: str, arguments: list[str], url: URL) -> None:
    """Run one of PostgreSQL's programs on a database.

    Args:
        program: Its name.
        arguments: What it is told, the database left out.
        url: The database; its password is handed over where no list of processes shows it.

    Raises:
        BackupError: It is not installed, or failed; the sentence says what it said.
    """
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} was not found: {PG_CLIENT_HINT}.")
    without = without_password(url).set(drivername="postgresql")
    address = without.render_as_string(hide_password=False)
    environment = {"PATH": str(Path(found).parent), "LC_ALL": "C"}
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    ran = subprocess.run(
        [found, "--no-password", f"--dbname={address}", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if ran.returncode:
        said = " ".join(ran.stderr.split())[-500:]
        raise BackupError(f"{program} failed: {said} If its version is too old, {PG_CLIENT_HINT}.")
