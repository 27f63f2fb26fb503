"""How a list of events is found among a million of them, newest first, in a small part of a second.

Each index below holds, beside what it is looked up by, everything that is asked of events: what
does not fit is passed over without its row being read. For every question one of them is chosen,
the one that leaves the fewest to look at, and the others are kept out of it (`Plain`):

- a cell, a source, a matter, a town, a body: their events in the order of their numbers
- a status other than closed: few events are not closed, and an index holds those alone
- a box that is a small part of all: the events between its latitudes
- the last days: the events last observed in them
- a span of a few days: the events that began in it or shortly before, and those that last long
- else the events in the order of their numbers. Most of them fit then, so that a page is full
  soon; what was observed later than asked for is skipped by days
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from events_api.cases import Status
from events_api.store.cells import Box
from events_api.store.models import (
    LASTING,
    LASTS_DAYS,
    TOWN_DIGITS,
    UNCLOSED,
    EventRow,
    day_of,
)
from events_api.store.plain import Plain, Ranged, Unordered, equals

FULL_CODE_DIGITS = 15
SMALL_SHARE = 0.02
"""Of all events in a box, were they spread evenly: of more, a page is soon full by number."""

NARROW_SHARE = 0.2
"""Of all latitudes, which are looked through for a box."""

FEW = 20_000
"""So many events are looked through without anybody's noticing."""

FEW_DAYS = 62
"""A span of more days is gone through by number: a page is soon full then."""

Condition = ColumnElement[bool]
Column = InstrumentedAttribute[Any]
Shown = Callable[[Column], ColumnElement[Any]]


def indexed(column: Column) -> ColumnElement[Any]:
    """Return a column as it may be looked up."""
    return column.expression


def plain(column: Column) -> ColumnElement[Any]:
    """Return a column as it is looked at, row by row."""
    return Plain(column.expression)


@dataclass(frozen=True, slots=True)
class Question:
    """What events are to fulfil; what is none or empty does not matter.

    Attributes:
        equal: What single columns are to be.
        prefixes: What the cell's code begins with.
        status: The status.
        is_unclosed: Whether it is any but closed.
        box: Where the event lies.
        observed_from: It was observed then or later.
        observed_to: It was observed then or earlier.
    """

    equal: tuple[tuple[Column, str], ...] = ()
    prefixes: tuple[str, ...] = ()
    status: Status | None = None
    is_unclosed: bool = False
    box: Box | None = None
    observed_from: datetime | None = None
    observed_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Path:
    """How events are found.

    Attributes:
        column: The column that is looked up; none where events are gone through by number.
        is_ordered: Whether they are found in the order of their numbers, and need no sorting.
        holds: What an index holds that does not hold all events.
    """

    column: Column | None = None
    is_ordered: bool = True
    holds: tuple[TextClause, ...] = ()

    @property
    def is_by_number(self) -> bool:
        """Whether events are gone through by number, all of them if need be."""
        return self.column is None and not self.holds


def numbers(session: Session, question: Question, before: int | None, limit: int) -> Select[int]:
    """Return the query for the numbers of up to `limit` events below `before`, newest first."""
    path = _path(session, question)
    if path.is_by_number and (days := _few_days(question)) is not None:
        found = union_all(*_within(question, days, before)).subquery()
        # Sorted at last: to find them in order would mean to go through all by number.
        return select(found.c.number).order_by(Unordered(found.c.number).desc()).limit(limit)
    found_by = _FoundBy(session, path)
    tests = conditions(question, found_by.shown)
    number: ColumnElement[int] = EventRow.number.expression
    if not path.is_ordered:
        number = Plain(number)
    if before is not None:
        tests.append(number < before)
    if question.observed_to is not None and path.is_by_number:
        tests.append(number <= _last_until(session, day_of(question.observed_to)))
    query = select(EventRow.number).where(*path.holds, *tests)
    return query.order_by(*found_by.order()).limit(limit)


@dataclass(frozen=True, slots=True)
class _FoundBy:
    """How a path is said in the words of a database."""

    session: Session
    path: _Path

    @property
    def _is_ranged(self) -> bool:
        is_counting = self.session.get_bind().dialect.name == "postgresql"
        return is_counting and self.path.is_ordered and self.path.column is not None

    def shown(self, column: Column) -> ColumnElement[Any]:
        """Return a column, the path's as it is looked up."""
        if column is not self.path.column:
            return plain(column)
        return Ranged(column.expression) if self._is_ranged else indexed(column)

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
    begin, end = span
    found_by = _FoundBy(session, _ordered_path(question))
    wanted = [*conditions(question, found_by.shown), *tests]
    # The numbers bound what is looked at; to say the days as well would make PostgreSQL believe
    # that hardly any event is left.
    if begin is not None:
        wanted.append(plain(EventRow.first_observed_at) >= begin)
        wanted.append(EventRow.number >= _first_since(session, day_of(begin)))
    if end is not None:
        wanted.append(plain(EventRow.first_observed_at) <= end)
        wanted.append(EventRow.number <= _last_until(session, day_of(end)))
    return select(EventRow.number).where(*found_by.path.holds, *wanted).order_by(*found_by.order())


def conditions(question: Question, shown: Shown = indexed) -> list[Condition]:
    """Say a question in SQL."""
    tests: list[Condition] = [equals(shown(column), value) for column, value in question.equal]
    for prefix in question.prefixes:
        tests += of_prefix(prefix, shown)
    if question.status is not None:
        tests.append(shown(EventRow.status) == question.status)
    if question.is_unclosed:
        tests.append(shown(EventRow.status) != Status.CLOSED)
    if question.box is not None:
        west_deg, south_deg, east_deg, north_deg = question.box
        tests.append(shown(EventRow.lat_deg).between(south_deg, north_deg))
        tests.append(shown(EventRow.lon_deg).between(west_deg, east_deg))
    # Days are in the indices; what they let pass is looked at closely.
    if (begin := question.observed_from) is not None:
        tests.append(shown(EventRow.last_day) >= day_of(begin))
        tests.append(shown(EventRow.last_observed_at) >= begin)
    if (end := question.observed_to) is not None:
        tests.append(shown(EventRow.first_day) <= day_of(end))
        tests.append(shown(EventRow.first_observed_at) <= end)
    return tests


def of_prefix(prefix: str, shown: Shown = indexed) -> list[Condition]:
    """Say in SQL that the code of an event's cell begins so."""
    if len(prefix) >= FULL_CODE_DIGITS:
        return [equals(shown(EventRow.cell_code), prefix)]
    tests: list[Condition] = []
    town = shown(EventRow.town_code)
    # The indices of others hold the cell and not the town, which its code begins with.
    by_town = len(prefix) >= TOWN_DIGITS and not isinstance(town, Plain)
    if by_town:
        tests.append(equals(town, prefix[:TOWN_DIGITS]))
    if not by_town or len(prefix) != TOWN_DIGITS:
        tests.append(func.substr(shown(EventRow.cell_code), 1, len(prefix)) == prefix)
    return tests


def _path(session: Session, question: Question) -> _Path:
    ordered = _ordered_path(question)
    if ordered.column is EventRow.cell_code or ordered.holds:
        return ordered
    if question.box is not None and _is_small(session, question.box):
        return _Path(EventRow.lat_deg, is_ordered=False)
    if question.observed_from is not None and _are_few(session, question.observed_from):
        return _Path(EventRow.last_day, is_ordered=False)
    return ordered


def _ordered_path(question: Question) -> _Path:
    """Return the path by which events are found in the order of their numbers."""
    equal = {column for column, _ in question.equal}
    if any(len(prefix) >= FULL_CODE_DIGITS for prefix in question.prefixes):
        return _Path(EventRow.cell_code)
    if question.is_unclosed or question.status not in {None, Status.CLOSED}:
        return _Path(holds=(UNCLOSED,))
    wanted: list[Column] = [each for each in (EventRow.source, EventRow.code) if each in equal]
    if any(len(prefix) >= TOWN_DIGITS for prefix in question.prefixes):
        wanted.append(EventRow.town_code)
    wanted += [each for each in (EventRow.body, EventRow.responsible) if each in equal]
    return _Path(wanted[0]) if wanted else _Path()


def _few_days(question: Question) -> tuple[int, int] | None:
    """Return the first and the last day of a span of few days that is asked for."""
    if question.observed_from is None or question.observed_to is None:
        return None
    days = day_of(question.observed_from), day_of(question.observed_to)
    return days if days[1] - days[0] <= FEW_DAYS else None


def _within(question: Question, days: tuple[int, int], before: int | None) -> Iterator[Select[int]]:
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


def _is_small(session: Session, box: Box) -> bool:
    """Whether a box is a small part of a county that is about as wide as it is high."""
    ends = (select(func.min(EventRow.lat_deg)), select(func.max(EventRow.lat_deg)))
    first_deg, last_deg = (session.scalar(each) for each in ends)
    if first_deg is None or last_deg is None or first_deg == last_deg:
        return True
    west_deg, south_deg, east_deg, north_deg = box
    height = (north_deg - south_deg) / (last_deg - first_deg)
    wide_deg = (east_deg - west_deg) * math.cos(math.radians((south_deg + north_deg) / 2))
    width = wide_deg / (last_deg - first_deg)
    return height <= NARROW_SHARE and height * width <= SMALL_SHARE


def _are_few(session: Session, begin: datetime) -> bool:
    since = select(EventRow.last_day).where(EventRow.last_day >= day_of(begin)).limit(FEW + 1)
    return (session.scalar(select(func.count()).select_from(since.subquery())) or 0) <= FEW


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
