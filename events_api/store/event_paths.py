"""How a list of events is found among a million of them, newest first, in a small part of a second.

Each index below holds, beside what it is looked up by, everything that is asked of events: what
does not fit is passed over without its row being read. For every question one of them is chosen,
the one that leaves the fewest to look at, and the others are kept out of it (`Plain`):

- a cell, a source, a matter, a town, a body, a grade: their events in the order of their numbers
- a status other than closed: few events are not closed, and an index holds those alone
- a village: the events of its cells
- a box: the events of its rows, a hundredth of a degree high each, between its longitudes
- the last days: the events last observed in them
- a span of a few days: the events that began in it or shortly before, and those that last long
- else the events in the order of their numbers. Most of them fit then, so that a page is full
  soon; what was observed later than asked for is skipped by days
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    and_,
    false,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from events_api.store.event_choice import Days, Path, best, best_ordered
from events_api.store.event_questions import (
    Column,
    Condition,
    Question,
    conditions,
    indexed,
    plain,
)
from events_api.store.models import LASTING, LASTS_DAYS, EventRow, day_of
from events_api.store.plain import Plain, Ranged, Unordered


def numbers(session: Session, question: Question, before: int | None, limit: int) -> Select[int]:
    """Return the query for the numbers of up to `limit` events below `before`, newest first."""
    if question.is_impossible:
        return select(EventRow.number).where(false())
    path = best(session, question)
    if path.days is not None:
        found = union_all(*_within(question, path.days, before)).subquery()
        # Sorted at last: to find them in order would mean to go through all by number.
        return select(found.c.number).order_by(Unordered(found.c.number).desc()).limit(limit)
    last = None if before is None else before - 1
    if question.observed_to is not None and path.is_ordered and path.count is None:
        # What was observed later is skipped, and not looked at one by one.
        until = _last_until(session, day_of(question.observed_to))
        last = until if last is None else min(last, until)
    found_by = _FoundBy(session, path, last=last)
    query = select(EventRow.number).where(*found_by.conditions(question))
    return query.order_by(*found_by.order()).limit(limit)


@dataclass(frozen=True, slots=True)
class _FoundBy:
    """How a path is said in the words of a database.

    Attributes:
        session: Of the database.
        path: The path.
        first: The lowest number that is asked for.
        last: The highest one.
    """

    session: Session
    path: Path
    first: int | None = None
    last: int | None = None

    @property
    def _is_ranged(self) -> bool:
        is_counting = self.session.get_bind().dialect.name == "postgresql"
        # Where the numbers begin somewhere PostgreSQL counts how few are left, and sees by itself
        # which index has them.
        is_endless = self.first is None
        return is_counting and is_endless and self.path.is_ordered and self.path.column is not None

    def shown(self, column: Column) -> ColumnElement[Any]:
        """Return a column, the path's as it is looked up."""
        if column is not self.path.column:
            return plain(column)
        if not self._is_ranged:
            return indexed(column)
        return Ranged(column.expression, EventRow.number.expression, (self.first, self.last))

    def conditions(self, question: Question) -> list[Condition | TextClause]:
        """Say a question, and by what its events are looked up."""
        beside = self.path.entered if self.path.column is None else ()
        return [*beside, *self._numbered(), *conditions(question, self.shown)]

    def _numbered(self) -> Iterator[Condition]:
        if self._is_ranged:
            return  # the range of the column says it
        number = (indexed if self.path.is_ordered else plain)(EventRow.number)
        if self.first is not None:
            yield number >= self.first
        if self.last is not None:
            yield number <= self.last

    def order(self) -> list[ColumnElement[Any]]:
        """Return by what events are sorted: by their numbers, the newest first."""
        number: ColumnElement[int] = EventRow.number.expression
        if not self.path.is_ordered:
            return [Unordered(number).desc()]
        column = self.path.column
        # It has one value, so that this is the order of the numbers; PostgreSQL is not told so.
        first = [column.desc()] if self._is_ranged and column is not None else []
        return [*first, number.desc()]


def begun(
    session: Session,
    question: Question,
    span: tuple[datetime | None, datetime | None],
    tests: Sequence[Condition],
) -> Select[int]:
    """Return the query for the numbers of events that began within a time, newest first.

    Args:
        session: A reading session.
        question: What they are to fulfil, whenever they began.
        span: They began at the first of these times or later, and at the second or earlier.
        tests: What they are to fulfil beside.
    """
    if question.is_impossible:
        return select(EventRow.number).where(false())
    begin, end = span
    # The numbers bound what is looked at; of the days only the first and the last are looked at
    # closely.
    first = None if begin is None else _first_since(session, day_of(begin))
    last = None if end is None else _last_until(session, day_of(end))
    found_by = _FoundBy(session, best_ordered(question), first, last)
    wanted = [*found_by.conditions(question), *tests]
    day, at = plain(EventRow.first_day), plain(EventRow.first_observed_at)
    if begin is not None:
        wanted.append(or_(day > day_of(begin), and_(day == day_of(begin), at >= begin)))
    if end is not None:
        wanted.append(or_(day < day_of(end), and_(day == day_of(end), at <= end)))
    return select(EventRow.number).where(*wanted).order_by(*found_by.order())


def _within(question: Question, days: Days, before: int | None) -> Iterator[Select[int]]:
    """Give the queries for the numbers of what was observed in a span of days.

    Most events begin and end in a few days, so they began in the span or shortly before; those
    that last longer are few, and an index holds them alone.
    """
    tests = conditions(question, plain)
    if before is not None:
        tests.append(Plain(EventRow.number.expression) < before)
    began = indexed(EventRow.first_day).between(days[0] - LASTS_DAYS, days[1])
    yield select(EventRow.number).where(began, *tests)
    longer = indexed(EventRow.last_day) >= days[0]
    earlier = plain(EventRow.first_day) < days[0] - LASTS_DAYS
    yield select(EventRow.number).where(LASTING, longer, earlier, *tests)


def _first_since(session: Session, day: int) -> int:
    """Return the lowest number of an event that was first observed on this day or after."""
    oldest = select(func.min(EventRow.first_day)).where(EventRow.first_day >= day)
    days = select(oldest.scalar_subquery().label("day")).cte("days", recursive=True)
    later = select(func.min(EventRow.first_day)).where(EventRow.first_day > days.c.day)
    days = days.union_all(
        select(later.correlate(days).scalar_subquery()).where(days.c.day.is_not(None))
    )
    first = select(func.min(EventRow.number)).where(EventRow.first_day == days.c.day)
    each = first.correlate(days).scalar_subquery()
    return session.scalar(select(func.min(each)).select_from(days)) or 0


def _last_until(session: Session, day: int) -> int:
    """Return the highest number of an event that was first observed on this day or before.

    Numbers nearly follow the days, and nearly is not enough: the days are asked one by one, each
    by one look into the index.
    """
    newest = select(func.max(EventRow.first_day)).where(EventRow.first_day <= day)
    days = select(newest.scalar_subquery().label("day")).cte("days", recursive=True)
    earlier = select(func.max(EventRow.first_day)).where(EventRow.first_day < days.c.day)
    days = days.union_all(
        select(earlier.correlate(days).scalar_subquery()).where(days.c.day.is_not(None))
    )
    last = select(func.max(EventRow.number)).where(EventRow.first_day == days.c.day)
    each = last.correlate(days).scalar_subquery()
    # From the days by name: else they would be joined, and every event of theirs read.
    return session.scalar(select(func.max(each)).select_from(days)) or 0
