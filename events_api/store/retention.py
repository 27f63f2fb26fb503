"""Retention in the database: the rules in force, what is held, and the things that are judged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.cases import OPEN_STATUSES, Status
from events_api.catalogue.catalogue_files import read_text
from events_api.catalogue.retention_files import (
    SHIPPED_RETENTION,
    Kept,
    Retention,
    parse_retention,
)
from events_api.forwarding.rows import ForwardedRow
from events_api.retention import Thing, Use
from events_api.store.access_models import ContactRow
from events_api.store.evidence_models import EvidenceRow, EvidenceUseRow
from events_api.store.models import EventRow, ObservationRow
from events_api.store.retention_models import LegalHoldRow, RetentionRunRow
from events_api.store.rule_models import RuleFileRow
from events_api.store.rulebook import RuleFile

RETENTION = "retention"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RetentionInForce:
    """The rules in force, and the file that they stand in."""

    rules: Retention
    file: RuleFile


def in_force(session: Session) -> RetentionInForce:
    """Return the rules that were brought into force last; the shipped where none were.

    Raises:
        CatalogueError: The stored file is of another form; a newer program may have written it.
    """
    query = select(RuleFileRow).where(RuleFileRow.kind == RETENTION)
    row = session.scalars(query.order_by(RuleFileRow.revision.desc()).limit(1)).one_or_none()
    if row is None:
        text = read_text(SHIPPED_RETENTION)
        file = RuleFile(text, _hash(text))
    else:
        file = RuleFile(row.content, row.sha256, row.put_at, row.put_by)
    return RetentionInForce(parse_retention(file.text, "retention in force"), file)


def put_rules(session: Session, text: str, by: str, now: datetime) -> None:
    """Bring rules into force, after they were read whole."""
    row = RuleFileRow(
        kind=RETENTION, year=None, content=text, sha256=_hash(text), put_at=now, put_by=by
    )
    session.add(row)


def last_run(session: Session) -> RetentionRunRow | None:
    """Return when the rules were applied last."""
    query = select(RetentionRunRow).order_by(RetentionRunRow.number.desc()).limit(1)
    return session.scalars(query).one_or_none()


def holds(session: Session) -> Sequence[tuple[LegalHoldRow, str]]:
    """Return what is held, each with the id of its event."""
    query = select(LegalHoldRow, EventRow.event_id).join(
        EventRow, EventRow.number == LegalHoldRow.event_number
    )
    rows = session.execute(query.order_by(LegalHoldRow.event_number))
    return [(hold, event_id) for hold, event_id in rows]


def evidence_after(session: Session, sha256: str) -> list[EvidenceRow]:
    """Return the next of the evidence that is here, by its hash."""
    query = select(EvidenceRow).where(EvidenceRow.removed_at.is_(None), EvidenceRow.sha256 > sha256)
    return list(session.scalars(query.order_by(EvidenceRow.sha256).limit(AT_ONCE)))


def contacts_after(session: Session, report_id: str) -> list[ContactRow]:
    """Return the next of the contacts whose event came to its end, by the report's id."""
    query = (
        select(ContactRow)
        .join(ObservationRow, ObservationRow.report_id == ContactRow.report_id)
        .join(EventRow, EventRow.number == ObservationRow.event_number)
        .where(ContactRow.report_id > report_id, EventRow.status.not_in(OPEN_STATUSES))
    )
    return list(session.scalars(query.order_by(ContactRow.report_id).limit(AT_ONCE)))


def forwards_after(session: Session, number: int) -> list[ForwardedRow]:
    """Return the next of the forwarded requests whose event came to its end, by their number."""
    query = (
        select(ForwardedRow)
        .join(EventRow, EventRow.event_id == ForwardedRow.event_id)
        .where(ForwardedRow.number > number, EventRow.status.not_in(OPEN_STATUSES))
    )
    return list(session.scalars(query.order_by(ForwardedRow.number).limit(AT_ONCE)))


def of_evidence(session: Session, rows: Sequence[EvidenceRow]) -> dict[str, Thing]:
    """Return pictures and clips with the events that they belong to, by hash."""
    query = select(EvidenceUseRow.sha256, EvidenceUseRow.event_number)
    found = session.execute(query.where(EvidenceUseRow.sha256.in_([row.sha256 for row in rows])))
    numbers: dict[str, list[int]] = {}
    for sha256, number in found:
        numbers.setdefault(sha256, []).append(number)
    uses = _uses(session, sorted({each for found in numbers.values() for each in found}))
    return {
        row.sha256: Thing(
            _kind(row),
            row.stored_at,
            tuple(use for number in numbers.get(row.sha256, ()) for use in uses[number]),
        )
        for row in rows
    }


def of_contacts(session: Session, rows: Sequence[ContactRow]) -> dict[str, Thing]:
    """Return contacts with the event that each belongs to, by the report's id."""
    query = select(ObservationRow.report_id, ObservationRow.event_number)
    wanted = ObservationRow.report_id.in_([row.report_id for row in rows])
    numbers = {report_id: number for report_id, number in session.execute(query.where(wanted))}  # noqa: C416
    uses = _uses(session, sorted(set(numbers.values())))
    return {
        row.report_id: Thing(Kept.CONTACTS, row.received_at, uses[numbers[row.report_id]])
        for row in rows
        if row.report_id in numbers
    }


def of_forwards(session: Session, rows: Sequence[ForwardedRow]) -> dict[int, Thing]:
    """Return forwarded requests with the event that each belongs to, by their number."""
    query = select(EventRow.event_id, EventRow.number)
    wanted = EventRow.event_id.in_(sorted({row.event_id for row in rows}))
    numbers = {event_id: number for event_id, number in session.execute(query.where(wanted))}  # noqa: C416
    uses = _uses(session, sorted(numbers.values()))
    return {
        row.number: Thing(Kept.FORWARDS, row.created_at, uses[numbers[row.event_id]])
        for row in rows
        if row.event_id in numbers
    }


def _uses(session: Session, numbers: Sequence[int]) -> Mapping[int, tuple[Use, ...]]:
    """Return for each event its use, and that of the event whose duplicate it is.

    What shows a duplicate shows its original: it is kept as long as that is open or held.
    """
    rows = session.scalars(select(EventRow).where(EventRow.number.in_(numbers))).all()
    named = {row.duplicate_of for row in rows if row.duplicate_of is not None}
    query = select(EventRow).where(EventRow.event_id.in_(sorted(named)))
    originals = {row.event_id: row for row in session.scalars(query)}
    every = {row.number for row in (*rows, *originals.values())}
    held = set(
        session.scalars(
            select(LegalHoldRow.event_number).where(LegalHoldRow.event_number.in_(sorted(every)))
        )
    )

    def use(row: EventRow) -> Use:
        is_held = row.number in held
        return Use(row.event_id, row.code, Status(row.status), row.status_since, is_held)

    return {
        row.number: tuple(
            use(each) for each in (row, originals.get(row.duplicate_of or "")) if each is not None
        )
        for row in rows
    }


def _kind(row: EvidenceRow) -> Kept:
    if row.sealed:
        return Kept.ORIGINALS
    return Kept.CLIPS if row.media_type.startswith("video/") else Kept.PICTURES


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
