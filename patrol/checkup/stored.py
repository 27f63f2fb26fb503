"""What the event API keeps: its database, the audit, and the evidence that it names."""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from sqlite3 import Error as SqliteError
from sqlite3 import connect

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from events_api.audit import walk
from events_api.errors import EvidenceAlteredError, EvidenceLostError
from events_api.store import audit
from events_api.store.audit_models import AuditRow
from events_api.store.database import Database
from events_api.store.evidence import EvidenceStore
from events_api.store.evidence_models import EvidenceRow
from events_api.store.evidence_proof import check_bytes
from events_api.store.revisions import known_revisions, newest_revision, present_revision
from events_api.webhooks.rows import DeliveryRow
from patrol.checkup import postgresql
from patrol.checkup.findings import Found, State, Visit
from patrol.installation import database_file, evidence_store, present_database

CLOCK_SLACK = timedelta(minutes=1)
BACKUP_EVERY = timedelta(days=8)
SHOWN = 5
KEPT_DEEDS = ("backup.made", "backup.restored")
FROM_BACKUP = "Restore from a backup: `patrol restore FILE --replace`."


def look_at_store(visit: Visit) -> Iterator[Found]:
    """Say how the database and the audit of this machine's event API stand."""
    file = database_file(visit.settings)
    if file is not None and not file.exists():
        yield Found("database", State.OK, "No event API is kept on this machine.")
        return
    try:
        if file is not None:
            with closing(connect(file)) as connection:
                (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                yield Found("database", State.BROKEN, f"{file} is damaged: {said}.", FROM_BACKUP)
                return
        with present_database(visit.settings) as database:
            yield from _database(database, visit)
    except (SQLAlchemyError, SqliteError) as error:
        said = f"The database cannot be read: {getattr(error, 'orig', None) or error}"
        remedy = FROM_BACKUP
        if file is None and isinstance(error, SQLAlchemyError):
            remedy = postgresql.remedy(error)
        yield Found("database", State.BROKEN, " ".join(said.split()), remedy)


def _database(database: Database, visit: Visit) -> Iterator[Found]:
    with database.read() as session:
        found = _revision(present_revision(session))
        yield found
        if found.state is not State.OK:
            return  # what its tables mean cannot be known
        yield _audit(session)
        yield from _clock(session, visit.now)
        yield from _webhooks(session)
        yield _backup(session, visit.now)


def look_at_evidence(visit: Visit) -> Iterator[Found]:
    """Say whether every picture and clip that the database names is there and whole."""
    file = database_file(visit.settings)
    if file is not None and not file.exists():
        return
    # A database that cannot be read is told above, and what it names cannot be known.
    with suppress(SQLAlchemyError), present_database(visit.settings) as database:
        yield from _evidence(database, evidence_store(visit.settings), visit)


def _revision(revision: str | None) -> Found:
    newest = newest_revision()
    if revision == newest:
        said = f"The database can be read, and has the newest form ({revision})."
        return Found("database", State.OK, said)
    said = f"The database has the form {revision}, and this program's is {newest}."
    if revision in known_revisions():
        return Found("database", State.WARNING, said, "Start `patrol serve`: it brings it up.")
    remedy = "Install the version of the program that wrote it, or a newer one."
    return Found("database", State.BROKEN, said, remedy)


def _audit(session: Session) -> Found:
    verdict = walk(audit.entries(session), audit.head(session))
    if verdict.broken is not None:
        remedy = "Keep this database as evidence, and compare it with the newest sound backup."
        return Found("audit", State.BROKEN, f"It was tampered with: {verdict.broken}.", remedy)
    return Found("audit", State.OK, f"Its {verdict.end.number} rows are as they were written.")


def _clock(session: Session, now: datetime) -> Iterator[Found]:
    newest = session.scalar(select(func.max(AuditRow.at)))
    if newest is not None and newest > now + CLOCK_SLACK:
        said = f"It is {now.isoformat()} here, and the audit has a row of {newest.isoformat()}."
        yield Found("clock", State.BROKEN, said, "Set this machine's clock by a time server (NTP).")
    else:
        yield Found(
            "clock", State.OK, f"It is {now:%Y-%m-%d %H:%M:%S} UTC, after all in the audit."
        )


def _webhooks(session: Session) -> Iterator[Found]:
    dead = session.scalar(select(func.count()).where(DeliveryRow.is_dead)) or 0
    if dead:
        said = f"{dead} message(s) to webhooks were given up."
        remedy = "GET /webhooks/{id}/deliveries says why; POST .../redelivery sends one again."
        yield Found("webhooks", State.WARNING, said, remedy)


def _backup(session: Session, now: datetime) -> Found:
    made = session.scalar(select(func.max(AuditRow.at)).where(AuditRow.action.in_(KEPT_DEEDS)))
    remedy = "`patrol backup FOLDER` makes one while the API runs; let it run every night."
    if made is None:
        return Found("backup", State.WARNING, "No backup was ever made.", remedy)
    said = f"A backup was last made or brought back {made:%Y-%m-%d %H:%M} UTC."
    if now - made > BACKUP_EVERY:
        return Found("backup", State.WARNING, said, remedy)
    return Found("backup", State.OK, said)


def _evidence(database: Database, store: EvidenceStore, visit: Visit) -> Iterator[Found]:
    store.check_writable()
    # The files first: what arrives meanwhile is then in the rows, and not taken for left over.
    there = set(store.hashes())
    with database.read() as session:
        query = select(EvidenceRow.sha256, EvidenceRow.size_bytes)
        query = query.where(EvidenceRow.removed_at.is_(None))
        sizes: dict[str, int] = {sha256: size for sha256, size in session.execute(query)}  # noqa: C416
    missing = sorted(set(sizes) - there)
    missing = [sha256 for sha256 in missing if store.find(sha256) is None]
    damaged = _damaged(store, {each: sizes[each] for each in sorted(sizes) if each in there}, visit)
    left = sorted(there - set(sizes))
    if missing:
        yield Found("evidence", State.BROKEN, _list(missing, "are missing"), FROM_BACKUP)
    if damaged:
        yield Found("evidence", State.BROKEN, _list(damaged, "are damaged"), FROM_BACKUP)
    if left:
        remedy = (
            "A restore or an upload that was cut off leaves such files; they harm nothing and take "
            "room."
        )
        said = _list(left, "are named by no row of the database")
        yield Found("evidence", State.WARNING, said, remedy)
    if not missing and not damaged:
        how = "are there" if visit.is_quick else "are there and have their hash"
        yield Found("evidence", State.OK, f"All {len(sizes)} pictures and clips {how}.")


def _damaged(store: EvidenceStore, sizes: dict[str, int], visit: Visit) -> list[str]:
    found = []
    for done, (sha256, size_bytes) in enumerate(sizes.items(), start=1):
        stored = store.find(sha256)
        is_whole = stored is not None and stored.size_bytes == size_bytes
        if is_whole and not visit.is_quick:
            is_whole = _has_its_bytes(store, sha256)
        if not is_whole:
            found.append(sha256)
        visit.tell("Reading evidence", done, len(sizes))
    return found


def _has_its_bytes(store: EvidenceStore, sha256: str) -> bool:
    try:
        check_bytes(store, sha256)
    except (EvidenceLostError, EvidenceAlteredError):
        return False
    return True


def _list(hashes: list[str], how: str) -> str:
    named = ", ".join(hashes[:SHOWN])
    more = f" and {len(hashes) - SHOWN} more" if len(hashes) > SHOWN else ""
    return f"{len(hashes)} pictures or clips {how}: {named}{more}."
