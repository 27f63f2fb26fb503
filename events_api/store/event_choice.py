"""Which index events are looked for in: the one that leaves the fewest to look at.

Where several come into question their entries are counted, as far as `FEW` and no further. Fewer
are all looked at, whatever else is asked of them; of more, a page is soon full, since each of what
is asked lets more than a fiftieth of a million pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.store.cells import Box
from events_api.store.event_questions import FULL_CODE_DIGITS, Column, Condition, Question
from events_api.store.models import (
    LASTS_DAYS,
    TOWN_DIGITS,
    UNCLOSED,
    EventRow,
    day_of,
    lat_row_of,
)

FEW = 20_000
"""So many events are looked through without anybody's noticing."""

FEW_DAYS = 62
"""A span of more days is gone through by number: a page is soon full then."""

MOST_ROWS = 1000
"""Of a box, each of which is looked up by itself."""

LAST_SIGN = "\uffff"
"""Stands behind every sign that a code may hold, where texts are in the order of their signs."""

IN_ORDER_OF_SIGNS = "gridpatrol_in_order_of_signs"
"""What a connection keeps the answer under."""

Days = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Path:
    """How events are found.

    Attributes:
        entered: What their index is entered by; nothing where they are gone through by number.
        column: The column that is looked up, where the question itself says what it is to be;
            else `entered` has to be said beside the question.
        is_ordered: Whether they are found in the order of their numbers, and need no sorting.
        days: The span of days in which they were observed, where they are found by it.
        count: How many are looked at, where it was counted and they are few.
    """

    entered: tuple[Condition | TextClause, ...] = field(default=(), compare=False)
    column: Column | None = None
    is_ordered: bool = True
    days: Days | None = None
    count: int | None = None

    @property
    def is_by_number(self) -> bool:
        """Whether events are gone through by number, all of them if need be."""
        return not self.entered


def best(session: Session, question: Question) -> Path:
    """Return the path that leaves the fewest events to look at."""
    ordered, sorting = list(_ordered(question)), list(_unordered(session, question))
    if len(ordered) == 1 and not sorting:
        return ordered[0]
    found, fewest = None, FEW + 1
    for path in (*ordered, *sorting):
        count = _count(session, path, fewest)
        if count < fewest:
            found, fewest = path, count
    if found is not None:
        return replace(found, count=fewest)
    if ordered:
        return ordered[0]
    days = few_days(question)
    return Path() if days is None else _of_span(days)


def best_ordered(question: Question) -> Path:
    """Return a path by which events are found in the order of their numbers."""
    return next(_ordered(question), Path())


def few_days(question: Question) -> Days | None:
    """Return the first and the last day of a span of few days that is asked for."""
    if question.observed_from is None or question.observed_to is None:
        return None
    days = day_of(question.observed_from), day_of(question.observed_to)
    return days if days[1] - days[0] <= FEW_DAYS else None


def _ordered(question: Question) -> Iterator[Path]:
    """Give the paths in the order of numbers, in general the most selective first."""
    wanted = {column.key: value for column, value in question.equal}
    if (grade := wanted.get(EventRow.grade.key)) is not None:
        # The first where none has few: the others' events would have to be read for their grade.
        yield Path((EventRow.grade == grade,), EventRow.grade)
    town = None
    for prefix in question.prefixes:
        if len(prefix) >= FULL_CODE_DIGITS:
            yield Path((EventRow.cell_code == prefix,), EventRow.cell_code)
        elif len(prefix) >= TOWN_DIGITS:
            town = prefix[:TOWN_DIGITS]
    if question.is_open or question.status not in {None, Status.CLOSED}:
        yield Path((UNCLOSED,))
    if town is not None:
        wanted["town_code"] = town
    for column in (
        *(EventRow.code, EventRow.town_code, EventRow.body),
        *(EventRow.responsible, EventRow.source),
    ):
        if (value := wanted.get(column.key)) is not None:
            yield Path((column == value,), column)


def _unordered(session: Session, question: Question) -> Iterator[Path]:
    """Give the paths whose events are sorted once they are found."""
    for prefix in question.prefixes:
        is_village = TOWN_DIGITS < len(prefix) < FULL_CODE_DIGITS
        if is_village and _is_in_order_of_signs(session):
            ends = EventRow.cell_code.between(prefix, prefix + LAST_SIGN)
            yield Path((ends,), is_ordered=False)
    if question.box is not None:
        yield from _of_box(session, question.box)
    if question.observed_from is not None:
        since = EventRow.last_day >= day_of(question.observed_from)
        yield Path((since,), EventRow.last_day, is_ordered=False)
    if (days := few_days(question)) is not None:
        yield _of_span(days)


def _is_in_order_of_signs(session: Session) -> bool:
    """Whether texts are: in the order of a language, those that begin alike may lie apart.

    A database never changes it: each connection is asked once, and keeps the answer.
    """
    kept = session.connection().info
    if IN_ORDER_OF_SIGNS not in kept:
        kept[IN_ORDER_OF_SIGNS] = bool(session.scalar(text("SELECT 'B' < 'a'")))
    return bool(kept[IN_ORDER_OF_SIGNS])


def _of_box(session: Session, box: Box) -> Iterator[Path]:
    """Give the path by the rows of a box, if there are not too many that hold any events."""
    west_deg, south_deg, east_deg, north_deg = box
    ends = (select(func.min(EventRow.lat_row)), select(func.max(EventRow.lat_row)))
    first, last = (session.scalar(each) for each in ends)
    rows: range = range(0)
    if first is not None and last is not None:
        rows = range(max(lat_row_of(south_deg), first), min(lat_row_of(north_deg), last) + 1)
    if len(rows) <= MOST_ROWS:
        within = EventRow.lon_deg.between(west_deg, east_deg)
        yield Path((EventRow.lat_row.in_(rows), within), is_ordered=False)


def _of_span(days: Days) -> Path:
    began = EventRow.first_day.between(days[0] - LASTS_DAYS, days[1])
    return Path((began,), is_ordered=False, days=days)


def _count(session: Session, path: Path, most: int) -> int:
    """Count what is found by a path, up to `most`."""
    found = select(EventRow.number).where(*path.entered).limit(most)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0
