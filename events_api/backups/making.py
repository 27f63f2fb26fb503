"""Makes a backup while the event API runs.

The database comes first, as it was at one moment, and then every picture and clip that it names.
Evidence is stored before its row is written and never changes, so all that a moment's database
names is there when it is copied.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.audit import Deed
from events_api.backups.manifest import (
    DATABASE_PARTS,
    EVIDENCE,
    MANIFEST,
    Content,
    Lack,
    Manifest,
    Part,
)
from events_api.backups.snapshots import content_of, write_snapshot
from events_api.errors import BackupError, EvidenceLostError
from events_api.store import audit
from events_api.store.database import Database
from events_api.store.evidence import PIECE_BYTES, EvidenceStore
from events_api.store.evidence_models import EvidenceRow
from geofences.findings import Tell

COMPRESSION = 3
"""Pictures and clips are small already; a database shrinks to a fifth, and more costs time."""

MOST_SPARE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Named:
    """Evidence that the database names."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Source:
    """What a backup is made of, and by whom."""

    database: Database
    evidence: EvidenceStore
    by: str


def make_backup(source: Source, target: Path, now: datetime, tell: Tell) -> Manifest:
    """Write a backup to a new file, whole or not at all, and note in the audit that it was made.

    Args:
        source: What to copy, and who asks.
        target: The file; it must not be there yet.
        now: The present.
        tell: Is told how far it is.

    Raises:
        BackupError: The file is there, there is no room, or the database cannot be read.
        EvidenceStoreError: The place where evidence lies cannot be reached.
    """
    if target.exists():
        raise BackupError(f"{target} is there already, and no backup is overwritten; name another.")
    half = target.with_name(f".{target.name}.half")
    copy = target.with_name(f".{target.name}.database")
    with _removed_after(half, copy):
        with source.database.read() as session:
            content = content_of(session)
            named = _named(session)
            _check_room(target, session, named)
            write_snapshot(session, copy, tell)
        manifest = _write(half, copy, _Writing(content, named, now), source.evidence, tell)
        half.rename(target)
    _sync(target.parent)
    _note(source, target, manifest, now)
    return manifest


def _named(session: Session) -> list[Named]:
    query = select(EvidenceRow.sha256, EvidenceRow.size_bytes).order_by(EvidenceRow.sha256)
    found = session.execute(query.where(EvidenceRow.removed_at.is_(None)))
    return [Named(sha256, size) for sha256, size in found]


@contextmanager
def _removed_after(*paths: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _check_room(target: Path, session: Session, named: Sequence[Named]) -> None:
    url = session.get_bind().engine.url
    database_bytes = 0
    if url.get_backend_name() == "sqlite" and url.database:
        database_bytes = Path(url.database).stat().st_size
    # The copy beside the file, and the same again in it.
    needed = 2 * database_bytes + sum(each.size_bytes for each in named)
    free = shutil.disk_usage(target.parent).free
    if free < needed + min(needed // 10, MOST_SPARE_BYTES):
        raise BackupError(
            f"{target.parent} has {free / 1e9:.2f} GB free, and the backup needs up to "
            f"{needed / 1e9:.2f} GB; write it to another disk."
        )


@dataclass(frozen=True)
class _Writing:
    content: Content
    named: Sequence[Named]
    now: datetime


def _write(
    half: Path, copy: Path, writing: _Writing, evidence: EvidenceStore, tell: Tell
) -> Manifest:
    content, named = writing.content, writing.named
    # For its owner only: hashes of passwords, secrets and citizens' contacts are in it.
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
            parts = [_add_database(archive, copy, content)]
            lacking: list[Lack] = []
            for done, each in enumerate(named, start=1):
                found = _add_evidence(archive, each.sha256, evidence)
                if isinstance(found, Lack):
                    lacking.append(found)
                else:
                    parts.append(found)
                tell("Copying evidence", done, len(named))
            manifest = Manifest(
                made_at=writing.now, database=content, parts=tuple(parts), lacking=tuple(lacking)
            )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _add_database(archive: ZipFile, copy: Path, content: Content) -> Part:
    def pieces() -> Iterator[bytes]:
        with copy.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    return _add(archive, DATABASE_PARTS[content.kind], pieces())


def _add_evidence(archive: ZipFile, sha256: str, evidence: EvidenceStore) -> Part | Lack:
    if evidence.find(sha256) is None:
        return Lack(sha256=sha256, why="it is missing where evidence is stored")
    info = ZipInfo(f"{EVIDENCE}{sha256}")
    info.compress_type = ZIP_STORED
    try:
        part = _add(archive, info, evidence.read(sha256))
    except EvidenceLostError as error:
        return Lack(sha256=sha256, why=str(error))
    # A damaged one is in the file by now; the manifest does not list it, so that it is no part.
    if part.sha256 != sha256:
        return Lack(sha256=sha256, why="its bytes are no longer those of its hash")
    return part


def _add(archive: ZipFile, entry: str | ZipInfo, pieces: Iterator[bytes]) -> Part:
    digest, size_bytes = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as file:
        for piece in pieces:
            digest.update(piece)
            size_bytes += len(piece)
            file.write(piece)
    name = entry.filename if isinstance(entry, ZipInfo) else entry
    # Built unchecked: of damaged evidence the name and the hash differ, and the caller sees to it.
    return Part.model_construct(name=name, size_bytes=size_bytes, sha256=digest.hexdigest())


def _note(source: Source, target: Path, manifest: Manifest, now: datetime) -> None:
    content = {
        "made_at": manifest.made_at.isoformat(),
        "audit_number": manifest.database.audit_number,
        "evidence": len(manifest.evidence),
        "lacking": len(manifest.lacking),
    }
    with source.database.write() as session:
        deed = Deed(source.by, "backup.made", f"file:{target.name}"[:200], content)
        audit.append(session, deed, now)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
