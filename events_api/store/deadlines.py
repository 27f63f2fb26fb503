"""Deadlines in the database: how they stand at a moment, and which are due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from events_api.catalogue.grades import Grade
from events_api.catalogue.steps import Step
from events_api.deadlines import state_at
from events_api.roles import Scope, ScopeKind
from events_api.schemas import ClockRecord, Deadline, State
from events_api.store.event_records import Record, records, shown
from events_api.store.models import DeadlineRow, EventRow
from events_api.store.plain import Awaited, Plain


@dataclass(frozen=True, slots=True)
class Due:
    """Clocks that stand so at a moment."""

    state: State
    now: datetime


@dataclass(frozen=True, slots=True)
class DueFilter:
    """Which deadlines are asked for; what is none does not matter.

    Attributes:
        state: How they stand.
        step: What the events wait for.
        body: The body dispatched to.
        responsible: The body dispatched to, else the one that the catalogue names.
        town: The first nine digits of a town's cells.
        grade: How grave somebody has found the events.
    """

    state: State | None = None
    step: Step | None = None
    body: str | None = None
    responsible: str | None = None
    town: str | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class DuePlace:
    """Where a page of the list of what is due ended."""

    due_at: datetime
    number: int


def in_state(due: Due) -> ColumnElement[bool]:
    """Say in SQL what `state_at` says of one clock that runs."""
    row, now = DeadlineRow, due.now
    late = Awaited(row.due_at.expression) < now
    in_time = or_(row.due_at.is_(None), row.due_at >= now)
    paused = and_(
        row.paused_at.is_not(None), or_(row.paused_until.is_(None), row.paused_until > now)
    )
    goes = or_(
        row.paused_at.is_(None), and_(row.paused_until.is_not(None), row.paused_until <= now)
    )
    of_state = {
        State.OVERDUE: late,
        State.PAUSED: and_(in_time, paused),
        State.UNLIMITED: and_(row.due_at.is_(None), goes),
        State.WARNING: and_(row.due_at >= now, row.warn_at <= now, goes),
        State.IN_TIME: and_(row.due_at >= now, row.warn_at > now, goes),
    }
    return and_(is_open(), of_state[due.state])


def deadline_of(row: DeadlineRow | None, now: datetime) -> Deadline | None:
    """Write the running clock as the wire shows it; none when no clock runs."""
    if row is None or row.step is None or row.started_at is None:
        return None
    return Deadline(
        step=Step(row.step),
        state=state_at(row, now),
        started_at=row.started_at,
        due_at=row.due_at,
        warn_at=row.warn_at,
        paused_at=row.paused_at,
        paused_until=row.paused_until,
        responsible=row.responsible,
    )


def clocks(row: DeadlineRow | None) -> tuple[ClockRecord, ...]:
    """Write all clocks of an event, in the order in which they started."""
    return () if row is None else tuple(map(ClockRecord.model_validate, row.clocks))


def is_open() -> ColumnElement[bool]:
    """Say in SQL that a clock runs; whoever asks for more says this too, and is found by index."""
    return DeadlineRow.step.is_not(None)


def due_next(
    session: Session,
    scope: Scope,
    wanted: DueFilter,
    after: DuePlace | None,
    limit: int,
    now: datetime,
) -> list[Record]:
    """Return up to `limit` of the events that are due at some time, soonest first.

    Args:
        session: A reading session.
        scope: Whose events.
        wanted: What is asked for.
        after: Where the page before ended.
        limit: How many at most.
        now: The moment of the states.
    """
    # The numbers first, from the index alone.
    query = select(DeadlineRow.event_number).where(is_open(), DeadlineRow.due_at.is_not(None))
    of_event = (wanted.body, wanted.grade)
    if any(each is not None for each in of_event) or scope.kind is ScopeKind.BODY:
        query = query.join(EventRow, EventRow.number == DeadlineRow.event_number)
    query = query.where(*_in_scope(scope))
    if wanted.state is not None:
        query = query.where(in_state(Due(wanted.state, now)))
    if wanted.step is not None:
        query = query.where(DeadlineRow.step == wanted.step)
    if wanted.body is not None:
        query = query.where(*_of_body(wanted.body))
    if wanted.responsible is not None:
        query = query.where(_is_responsible(wanted.responsible))
    if wanted.grade is not None:
        query = query.where(Plain(EventRow.grade.expression) == wanted.grade)
    if wanted.town is not None:
        query = query.where(DeadlineRow.cell_code.startswith(wanted.town, autoescape=True))
    order = (DeadlineRow.due_at, DeadlineRow.event_number)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(after.due_at, after.number))
    found = query.order_by(*order).limit(limit).scalar_subquery()
    return records(session, shown().where(EventRow.number.in_(found)).order_by(*order), now)


def _in_scope(scope: Scope) -> list[ColumnElement[bool]]:
    """Say what `Scope.holds` says of an event, as far as it can be by the deadline alone."""
    if scope.kind is ScopeKind.EVERYWHERE:
        return []
    if scope.kind is ScopeKind.BODY:
        return _of_body(scope.code)
    return [DeadlineRow.cell_code.startswith(scope.code, autoescape=True)]


def _of_body(body: str) -> list[ColumnElement[bool]]:
    # Whom it was dispatched to is responsible; who is responsible need not have it yet.
    return [_is_responsible(body), Plain(EventRow.body.expression) == body]


def _is_responsible(body: str) -> ColumnElement[bool]:
    # Who goes through the events of a body finds all that are closed, too; few are open.
    return Plain(DeadlineRow.responsible.expression) == body
