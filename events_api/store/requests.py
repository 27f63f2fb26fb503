"""Events as another system asks for service requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, tuple_
from sqlalchemy.orm import Session

from events_api.roles import Scope
from events_api.store import event_paths
from events_api.store.event_questions import Question
from events_api.store.event_records import Record, records, shown
from events_api.store.events import EventFilter, in_scope, question_of
from events_api.store.models import EventRow
from events_api.store.plain import Plain


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are asked for; what is none does not matter.

    Attributes:
        ids: The events themselves; all else is passed over then.
        matters: Standards and codes of matters.
        is_open: Whether they take further observations.
        begin: First observed at this time or later.
        end: First observed at this time or earlier.
    """

    ids: tuple[str, ...] | None = None
    matters: tuple[tuple[str, str], ...] | None = None
    is_open: bool | None = None
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of what fits is shown: at most `size`, after the first `skipped`."""

    size: int
    skipped: int = 0


def find(
    session: Session, scope: Scope, wanted: RequestFilter, page: Page, now: datetime
) -> list[Record]:
    """Return a page of the events of a scope as they stand now, newest first."""
    query = shown().order_by(EventRow.number.desc())
    if wanted.ids is not None:
        query = query.where(EventRow.event_id.in_(wanted.ids), *in_scope(scope))
        return records(session, query.limit(page.size).offset(page.skipped), now)
    question = _question(scope, wanted)
    numbers = event_paths.begun(session, question, (wanted.begin, wanted.end), _tests(wanted))
    numbers = numbers.limit(page.size).offset(page.skipped)
    return records(session, query.where(EventRow.number.in_(numbers.scalar_subquery())), now)


def _question(scope: Scope, wanted: RequestFilter) -> Question:
    codes = {code for _, code in wanted.matters or ()}
    return question_of(
        scope,
        EventFilter(
            matter=codes.pop() if len(codes) == 1 else None,
            is_open=wanted.is_open,
        ),
    )


def _tests(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    """Say what a question cannot."""
    tests: list[ColumnElement[bool]] = []
    if wanted.matters is not None:
        matter = tuple_(Plain(EventRow.standard_ref.expression), Plain(EventRow.code.expression))
        tests.append(matter.in_(wanted.matters))
    return tests
