"""Hazards in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, tuple_, union
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.roles import Scope
from events_api.schemas import Report
from events_api.store.event_questions import conditions, plain
from events_api.store.events import EventFilter, question_of
from events_api.store.models import DeadlineRow, EventRow, ObservationRow

SEPARATOR = " "
"""Between a matter's standard and its code where both are compared at once."""


def since(
    session: Session,
    scope: Scope,
    matters: Sequence[tuple[str, str]],
    statuses: Sequence[Status],
    moved_at: datetime,
) -> Sequence[EventRow]:
    """Return the events of matters that stand so, or have moved since; the newest first."""
    theirs = [
        plain(EventRow.version) > 1,
        *conditions(question_of(scope, EventFilter()), plain),
    ]
    matter = EventRow.standard_ref + SEPARATOR + EventRow.code
    theirs.append(matter.in_([f"{ref}{SEPARATOR}{code}" for ref, code in matters]))
    stands = plain(EventRow.status).in_(statuses)
    # Few of a matter are not closed, and few of all were closed lately: each has its own index.
    unclosed = select(EventRow.number).where(
        EventRow.standard_ref.in_({ref for ref, _ in matters}),
        EventRow.code.in_({code for _, code in matters}),
        EventRow.status.in_(set(Status) - {Status.CLOSED}),
        or_(stands, plain(EventRow.status_since) >= moved_at),
        *theirs,
    )
    closed = select(EventRow.number).join(DeadlineRow, DeadlineRow.event_number == EventRow.number)
    closed = closed.where(DeadlineRow.closed_at >= moved_at, *theirs)
    numbers = union(unclosed, closed).subquery()
    query = select(EventRow).where(EventRow.number.in_(select(numbers.c.number)))
    return session.scalars(query.order_by(EventRow.number.desc()).limit(1000)).all()


def standing(
    session: Session, matters: Sequence[tuple[str, str]], statuses: Sequence[Status]
) -> Sequence[EventRow]:
    """Return the newest thousand events of matters that stand so."""
    query = select(EventRow).where(
        tuple_(EventRow.standard_ref, EventRow.code).in_(matters),
        EventRow.status.in_(statuses),
    )
    return session.scalars(query.order_by(EventRow.number.desc()).limit(1000)).all()


def reports_until(session: Session, event_number: int, moment: datetime) -> list[Report]:
    """Return the reports of an event that had come by a moment, in the order they came."""
    query = select(ObservationRow.report).where(
        ObservationRow.event_number == event_number, ObservationRow.received_at <= moment
    )
    rows = session.scalars(query.order_by(ObservationRow.number))
    return [Report.model_validate(report) for report in rows]
