"""Hazards in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.roles import Scope
from events_api.schemas import Report
from events_api.store.events import in_scope
from events_api.store.models import EventRow, ObservationRow


def since(
    session: Session,
    scope: Scope,
    matters: Sequence[tuple[str, str]],
    statuses: Sequence[Status],
    moved_at: datetime,
) -> Sequence[EventRow]:
    """Return the events of matters that stand so, or have moved since; the newest first."""
    query = select(EventRow).where(
        tuple_(EventRow.standard_ref, EventRow.code).in_(matters),
        EventRow.version > 1,
        or_(EventRow.status.in_(statuses), EventRow.status_since >= moved_at),
        *in_scope(scope),
    )
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
