"""Says whether a backup is whole, before anything is done with it."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from events_api.audit import walk
from events_api.backups.manifest import Kind, Manifest, Part, read_manifest
from events_api.backups.snapshots import content_of
from events_api.errors import BackupError
from events_api.store import audit
from events_api.store.database import Database
from events_api.store.evidence import PIECE_BYTES
from events_api.store.revisions import known_revisions
from geofences.findings import Tell

DAMAGED = (BadZipFile, zlib.error, EOFError, NotImplementedError)


@contextmanager
def opened(file: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """Open a backup and read what it says of itself.

    Raises:
        BackupError: It is none, or damaged, or of a newer version.
    """
    try:
        with ZipFile(file) as archive:
            manifest = read_manifest(archive, file.name)
            _check_revision(manifest, file.name)
            yield archive, manifest
    except BadZipFile as error:
        raise BackupError(
            f"{file} is no backup, or was cut off: {error}. Copy it again from where it was made."
        ) from error


def check_parts(archive: ZipFile, manifest: Manifest, tell: Tell) -> None:
    """Read every part and compare it with its hash.

    Raises:
        BackupError: One is missing or damaged; it is named.
    """
    done_bytes = 0
    for part in manifest.parts:
        for piece in pieces(archive, part):
            done_bytes += len(piece)
            tell("Checking the backup", done_bytes, manifest.size_bytes)


def extract(archive: ZipFile, part: Part, target: IO[bytes]) -> None:
    """Write one part to a file.

    Raises:
        BackupError: It is missing or damaged.
    """
    for piece in pieces(archive, part):
        target.write(piece)


def pieces(archive: ZipFile, part: Part) -> Iterator[bytes]:
    """Give the bytes of a part; after the last of them it is certain that they are right.

    Raises:
        BackupError: It is missing or damaged.
    """
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with archive.open(part.name) as file:
            while piece := file.read(PIECE_BYTES):
                size_bytes += len(piece)
                if size_bytes > part.size_bytes:
                    raise _damaged(part, "it is longer than the manifest says")
                digest.update(piece)
                yield piece
    except KeyError:
        raise _damaged(part, "it is missing") from None
    except DAMAGED as error:
        raise _damaged(part, str(error)) from error
    if digest.hexdigest() != part.sha256:
        raise _damaged(part, "its bytes have another SHA-256 than the manifest says")


def check_sqlite_file(file: Path) -> None:
    """Make sure that an SQLite file is sound in itself.

    Raises:
        BackupError: It is not.
    """
    connection = sqlite3.connect(file)
    try:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    finally:
        connection.close()
    if said != "ok":
        raise BackupError(f"The database in the backup is damaged: {said}. Use an older backup.")


def check_database(database: Database, manifest: Manifest) -> None:
    """Make sure that a restored database is the one that was backed up, audit and all.

    Raises:
        BackupError: It holds something else, or its audit is not as it was written.
    """
    try:
        with database.read() as session:
            _check_content(session, manifest)
    except SQLAlchemyError as error:
        raise BackupError(
            f"The database in the backup cannot be read: {getattr(error, 'orig', error)}."
        ) from error


def _check_content(session: Session, manifest: Manifest) -> None:
    found, expected = content_of(session), manifest.database
    if found != expected:
        raise BackupError(
            f"The database in the backup holds {found.rows} at revision {found.schema_revision}, "
            f"and its manifest says {expected.rows} at {expected.schema_revision}. Use another "
            "backup."
        )
    verdict = walk(audit.entries(session), audit.head(session))
    if verdict.broken is not None:
        raise BackupError(
            f"The audit in the backup was tampered with: {verdict.broken}. Keep the file as "
            "evidence, and restore an older one."
        )


def _check_revision(manifest: Manifest, name: str) -> None:
    revision = manifest.database.schema_revision
    if revision not in known_revisions():
        raise BackupError(
            f"{name} was made by a newer version of the program (its database has the revision "
            f"{revision}); install that version, and restore with it."
        )


def _damaged(part: Part, why: str) -> BackupError:
    return BackupError(
        f"The backup is damaged at {part.name}: {why}. Nothing was restored; copy the file again "
        "from where it was made, or use another."
    )


def fits(manifest: Manifest, kind: Kind) -> None:
    """Make sure that a backup can become a database of this kind.

    Raises:
        BackupError: It is of the other kind.
    """
    if manifest.database.kind is not kind:
        raise BackupError(
            f"The backup is of a {manifest.database.kind} database, and this installation uses "
            f"{kind}; set GRIDPATROL_DATABASE_URL to one of the backup's kind."
        )
