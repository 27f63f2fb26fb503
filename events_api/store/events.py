"""Events and their observations in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.catalogue.grades import Grade
from events_api.detail_schemas import EventDetail
from events_api.roles import Scope, ScopeKind
from events_api.schemas import (
    CellShare,
    EventSummary,
    MatterKey,
    Observation,
    Position,
    Report,
    State,
)
from events_api.store import event_paths, feed
from events_api.store.cells import Box
from events_api.store.deadlines import Due, clocks, deadline_of, in_state
from events_api.store.event_questions import Question, conditions, plain
from events_api.store.event_records import Record, records, shown
from events_api.store.evidence_models import EvidenceRow, EvidenceUseRow
from events_api.store.models import UNCLOSED, DeadlineRow, EventRow, ObservationRow
from events_api.store.plain import Plain

Place = tuple[str | None, str | None]
"""A cell's code and a body's: what decides in whose scope an event is."""


# Built once: every report asks these.
_OF_REPORT = select(ObservationRow).where(ObservationRow.report_id == bindparam("report_id"))


@dataclass(frozen=True)
class EventFilter:
    """Which events are asked for; what is none does not matter.

    Attributes:
        cell: A cell's code, or the beginning of one: a village's or a town's.
        town: The first nine digits of a town's cells.
        matter: A matter's code.
        status: The present status.
        observed_from: Observed at this time or later.
        observed_to: Observed at this time or earlier.
        box: The event's position lies in it.
        body: The code of the body that it was dispatched to.
        responsible: The code of the body it was dispatched to, else of the catalogue's.
        deadline: How its clock stands.
        source: Who or what made the observation that its place is from.
        is_open: Whether it takes further observations, or does so no more.
        grade: How grave somebody has found it.
    """

    cell: str | None = None
    town: str | None = None
    matter: str | None = None
    status: Status | None = None
    observed_from: datetime | None = None
    observed_to: datetime | None = None
    box: Box | None = None
    body: str | None = None
    responsible: str | None = None
    deadline: Due | None = None
    source: str | None = None
    is_open: bool | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """How much is shown: up to `size` events with a number below `before`."""

    size: int
    before: int | None = None


def observation_of_report(session: Session, report_id: str) -> ObservationRow | None:
    """Return the observation that a report has become."""
    return session.scalars(_OF_REPORT, {"report_id": report_id}).one_or_none()


def evidence_known(session: Session, hashes: Iterable[str]) -> dict[str, EvidenceRow]:
    """Return what is stored here of these hashes."""
    rows = session.scalars(select(EvidenceRow).where(EvidenceRow.sha256.in_(list(hashes))))
    return {row.sha256: row for row in rows}


def evidence_of(session: Session, number: int) -> Sequence[EvidenceRow]:
    """Return the pictures and clips of an event that are kept, in the order of their storing."""
    query = select(EvidenceRow).join(EvidenceUseRow, EvidenceUseRow.sha256 == EvidenceRow.sha256)
    query = query.where(EvidenceUseRow.event_number == number, EvidenceRow.removed_at.is_(None))
    return session.scalars(query.order_by(EvidenceRow.stored_at, EvidenceRow.sha256)).all()


def evidence_shown(session: Session, sha256: str, scope: Scope) -> bool:
    """Whether a picture or clip belongs to an event in the scope."""
    query = select(EventRow.number).join(
        EvidenceUseRow, EvidenceUseRow.event_number == EventRow.number
    )
    query = query.where(EvidenceUseRow.sha256 == sha256, *in_scope(scope))
    return session.scalars(query.limit(1)).one_or_none() is not None


def note_evidence(session: Session, event: EventRow, hashes: Iterable[str]) -> None:
    """Note that pictures and clips belong to an event."""
    for sha256 in dict.fromkeys(hashes):
        if session.get(EvidenceUseRow, (sha256, event.number)) is None:
            session.add(EvidenceUseRow(sha256=sha256, event_number=event.number))


def list_events(
    session: Session, scope: Scope, wanted: EventFilter, page: Page, now: datetime
) -> list[Record]:
    """Return a page of the events of a scope as they stand now, newest first."""
    # By number and not by offset: events that open meanwhile have larger numbers.
    question = question_of(scope, wanted)
    if wanted.deadline is None:
        found = event_paths.numbers(session, question, page.before, page.size)
    else:
        found = _due(question, wanted.deadline, page.before, page.size)
    # The numbers first, since rows are longer to sort.
    query = shown().where(EventRow.number.in_(found.scalar_subquery()))
    return records(session, query.order_by(EventRow.number.desc()), now)


def question_of(scope: Scope, wanted: EventFilter) -> Question:
    """Return what the events of a scope are to fulfil."""
    asked = {
        EventRow.code: wanted.matter,
        EventRow.source: wanted.source,
        EventRow.body: wanted.body,
        EventRow.responsible: wanted.responsible,
        EventRow.grade: wanted.grade,
    }
    equal = [(column, value) for column, value in asked.items() if value is not None]
    if scope.kind is ScopeKind.BODY:
        equal.append((EventRow.body, scope.code))
    areas = (wanted.cell, wanted.town, scope.code if scope.is_area else None)
    return Question(
        equal=tuple(equal),
        prefixes=tuple(each for each in areas if each),
        status=wanted.status,
        is_open=wanted.is_open,
        box=wanted.box,
        observed_from=wanted.observed_from,
        observed_to=wanted.observed_to,
    )


def _due(question: Question, due: Due, before: int | None, limit: int) -> Select[int]:
    """Return the query for the numbers of events whose clocks stand so: few clocks run at all."""
    number, clock = EventRow.number.expression, DeadlineRow.event_number.expression
    # Of those that run most are overdue, and what is asked beside says more; few stand otherwise.
    # What is looked up one by one comes second.
    first, second = (number, clock) if due.state is State.OVERDUE else (clock, number)
    query = select(first).select_from(EventRow).join(DeadlineRow, second == Plain(first))
    # Of what is closed no clock runs.
    query = query.where(UNCLOSED, in_state(due), *conditions(question, plain))
    if before is not None:
        query = query.where(first < before)
    return query.order_by(first.desc()).limit(limit)


def by_id(session: Session, event_id: str, scope: Scope) -> EventRow | None:
    """Return the event of this id, if it is in the scope."""
    query = select(EventRow).where(EventRow.event_id == event_id, *in_scope(scope))
    return session.scalars(query).one_or_none()


def locked_by_id(session: Session, event_id: str) -> EventRow | None:
    """Return the event of this id for a change, whosever it is; nobody else changes it now."""
    query = select(EventRow).where(EventRow.event_id == event_id).with_for_update()
    return session.scalars(query).one_or_none()


def duplicates(session: Session, event_id: str) -> Sequence[str]:
    """Return the ids of the events that repeat this one, in the order they were opened."""
    query = select(EventRow.event_id).where(EventRow.duplicate_of == event_id)
    return session.scalars(query.order_by(EventRow.number)).all()


def place_of(event: EventRow) -> Place:
    """Return what decides whose the event is."""
    return event.cell_code, event.body


def tell_left(session: Session, event: EventRow, before: Place, now: datetime) -> None:
    """Tell those whose event it was before a change, and is no longer, that it has left them."""
    payload = left(event, before)
    if payload is not None:
        feed.append(session, "event.left", payload, now)


def left(event: EventRow, before: Place) -> dict[str, Any] | None:
    """Write what those are told whose event it was and is no longer; none if it is."""
    after = place_of(event)
    if after == before:
        return None
    return {"event_id": event.event_id, "was": list(before), "is": list(after)}


def summary(row: EventRow, now: datetime) -> EventSummary:
    """Write an event as lists and the live stream show it."""
    return EventSummary(**_summary_fields(row, now))


def detail(session: Session, row: EventRow, now: datetime) -> EventDetail:
    """Write an event with all its observations, oldest first, its duplicates and clocks."""
    query = select(ObservationRow).where(ObservationRow.event_number == row.number)
    observations = session.scalars(query.order_by(ObservationRow.number))
    return EventDetail(
        **_summary_fields(row, now),
        cells=tuple(CellShare.model_validate(share) for share in row.cells),
        observations=tuple(
            Observation(
                report=Report.model_validate(seen.report),
                received_at=seen.received_at,
                merged_why=seen.merged_why,
            )
            for seen in observations
        ),
        duplicates=tuple(UUID(each) for each in duplicates(session, row.event_id)),
        clocks=clocks(row.deadline),
    )


_COPIED = tuple(
    name
    for name in EventSummary.model_fields
    if name not in {"matter", "position", "deadline", "snapshot_url"}
)


def _summary_fields(row: EventRow, now: datetime) -> dict[str, Any]:
    position = None
    if row.lon_deg is not None and row.lat_deg is not None:
        position = Position(lon_deg=row.lon_deg, lat_deg=row.lat_deg)
    return {
        **{name: getattr(row, name) for name in _COPIED},
        "matter": MatterKey(standard_ref=row.standard_ref, code=row.code),
        "position": position,
        "deadline": deadline_of(row.deadline, now),
    }


def in_scope(scope: Scope) -> list[ColumnElement[bool]]:
    """Say in SQL what `Scope.holds` says of one event."""
    return conditions(question_of(scope, EventFilter()))
