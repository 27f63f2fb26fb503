"""Brings a backup back: all of it is checked first, made beside, and swapped in at once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from events_api.audit import Deed
from events_api.backups.checking import check_database, check_parts, extract, fits, opened, pieces
from events_api.backups.manifest import Manifest, Part
from events_api.backups.places import Place, working_folder
from events_api.errors import ApiError, BackupError, EvidenceAlteredError, EvidenceLostError
from events_api.store import audit, feed
from events_api.store.database import Database
from events_api.store.evidence import EvidenceStore
from events_api.store.evidence_models import EvidenceRow
from events_api.store.evidence_proof import check_bytes
from events_api.store.feed_models import FeedHeadRow
from events_api.store.rule_models import RuleFileRow
from geofences.findings import Tell

FEED_LEAP = 1_000_000_000
"""How far the feed's numbers leap. Between the backup and its return others were given out; who
resumes from one of those must not take new messages for ones already seen."""


@dataclass(frozen=True)
class Target:
    """Where a backup is brought back to.

    Attributes:
        place: Of the database.
        evidence: Where pictures and clips lie.
        folder: On the disk of the database, to work in.
        by: Who asks.
    """

    place: Place
    evidence: EvidenceStore
    folder: Path
    by: str


@dataclass(frozen=True)
class Restored:
    """What was brought back.

    Attributes:
        manifest: Of the backup.
        kept: Where the former database is; none if there was none.
    """

    manifest: Manifest
    kept: str | None


def check_backup(file: Path, tell: Tell) -> Manifest:
    """Read a whole backup, and say what it holds.

    Raises:
        BackupError: It is none, is damaged, or of a newer version of the program.
    """
    with opened(file) as (archive, manifest):
        check_parts(archive, manifest, tell)
        return manifest


def restore(file: Path, target: Target, now: datetime, tell: Tell, *, replace: bool) -> Restored:
    """Bring a backup back. Until the last step, nothing of what is in force is touched.

    Args:
        file: The backup.
        target: Where to.
        now: The present.
        tell: Is told how far it is.
        replace: Whether a database that holds events may be put aside.

    Raises:
        BackupError: The backup or the place cannot be used; what was in force still is.
        EvidenceStoreError: The place of evidence cannot be reached; likewise.
    """
    with opened(file) as (archive, manifest):
        fits(manifest, target.place.kind)
        _refuse_loss(target.place.held(), replace=replace)
        target.place.check_free()
        with working_folder(target.folder) as name:
            _check_room(Path(name), manifest)
            check_parts(archive, manifest, tell)
            part = Path(name) / "database"
            with part.open("wb") as copy:
                extract(archive, manifest.database_part, copy)
            with target.place.beside(part) as beside:
                kinds = _prepare(beside, target, manifest, now)
                _bring_evidence(archive, manifest, kinds, target.evidence, tell)
                kept = target.place.swap(beside, f"before-restore-{now:%Y%m%dT%H%M%SZ}")
    return Restored(manifest, kept)


def _refuse_loss(held: str | None, *, replace: bool) -> None:
    if held is not None and not replace:
        raise BackupError(
            f"There is {held} here already. With --replace it is put aside, and the backup takes "
            "its place; nothing was changed."
        )


def _check_room(folder: Path, manifest: Manifest) -> None:
    free = shutil.disk_usage(folder).free
    needed = manifest.size_bytes + manifest.database_part.size_bytes
    if free < needed:
        raise BackupError(
            f"{folder.parent} has {free / 1e9:.2f} GB free, and restoring needs "
            f"{needed / 1e9:.2f} GB; make room, or set GRIDPATROL_HOME to another disk."
        )


def _prepare(url: str, target: Target, manifest: Manifest, now: datetime) -> Mapping[str, str]:
    """Check the new database, bring it to the newest form, and return its media types."""
    database = Database(url)
    try:
        check_database(database, manifest)
        database.migrate()
        with database.write() as session:
            _mark(session, target, manifest, now)
            rows = session.execute(select(EvidenceRow.sha256, EvidenceRow.media_type))
            return {sha256: media_type for sha256, media_type in rows}  # noqa: C416
    finally:
        database.close()


def _mark(session: Session, target: Target, manifest: Manifest, now: datetime) -> None:
    """Note in the audit that this was brought back, and let everybody who listens begin anew."""
    content = {
        "made_at": manifest.made_at.isoformat(),
        "audit_number": manifest.database.audit_number,
        "audit_sha256": manifest.database.audit_sha256,
    }
    audit.append(session, Deed(target.by, "backup.restored", "database", content), now)
    session.execute(update(FeedHeadRow).values(last_id=FeedHeadRow.last_id + FEED_LEAP))
    revision = session.scalar(select(func.max(RuleFileRow.revision))) or 0
    feed.append(session, "rules", {"revision": revision}, now)


def _bring_evidence(
    archive: ZipFile, manifest: Manifest, kinds: Mapping[str, str], store: EvidenceStore, tell: Tell
) -> None:
    # Named by what they hold, they can be added to those that are there without harm.
    for done, part in enumerate(manifest.evidence, start=1):
        if part.sha256 not in kinds:
            raise BackupError(
                f"The backup holds {part.name}, which its database does not name; use another."
            )
        if not _is_stored(store, part):
            _store(archive, part, kinds[part.sha256], store)
        tell("Restoring evidence", done, len(manifest.evidence))


def _is_stored(store: EvidenceStore, part: Part) -> bool:
    try:
        check_bytes(store, part.sha256)
    except (EvidenceLostError, EvidenceAlteredError):
        return False
    return True


def _store(archive: ZipFile, part: Part, media_type: str, store: EvidenceStore) -> None:
    try:
        with store.receive(part.sha256, media_type, part.size_bytes) as arrival:
            for piece in pieces(archive, part):
                arrival.write(piece)
            arrival.keep()
    except BackupError:
        raise
    except ApiError as error:
        raise BackupError(f"{part.name} of the backup cannot be stored: {error}") from error
