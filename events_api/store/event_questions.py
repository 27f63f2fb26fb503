"""What is asked of events, and how a database is asked it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from events_api.cases import IS_OPEN, OPEN_STATUSES, Status
from events_api.store.cells import Box
from events_api.store.models import TOWN_DIGITS, EventRow, day_of
from events_api.store.plain import Plain, equals

FULL_CODE_DIGITS = 15

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
        is_open: Whether its status is one that takes further observations, or is none of them.
        box: Where the event lies.
        observed_from: It was observed then or later.
        observed_to: It was observed then or earlier.
    """

    equal: tuple[tuple[Column, str], ...] = ()
    prefixes: tuple[str, ...] = ()
    status: Status | None = None
    is_open: bool | None = None
    box: Box | None = None
    observed_from: datetime | None = None
    observed_to: datetime | None = None

    @property
    def is_impossible(self) -> bool:
        """Whether no event can fulfil it, whatever there is."""
        pairs = itertools.combinations(self.prefixes, 2)
        if any(not one.startswith(other) and not other.startswith(one) for one, other in pairs):
            return True
        if self.status is not None and self.is_open not in {None, IS_OPEN[self.status]}:
            return True
        # Whom an event was dispatched to is responsible for it.
        wanted = {(column.key, value) for column, value in self.equal}
        owners = {value for name, value in wanted if name in {"body", "responsible"}}
        if len(owners) > 1 and any(name == "body" for name, _ in wanted):
            return True
        return len(wanted) > len({name for name, _ in wanted})


def conditions(question: Question, shown: Shown = indexed) -> list[Condition]:
    """Say a question in SQL."""
    tests: list[Condition] = [equals(shown(column), value) for column, value in question.equal]
    for prefix in question.prefixes:
        tests += of_prefix(prefix, shown)
    if question.status is not None:
        tests.append(shown(EventRow.status) == question.status)
    if question.is_open is not None:
        stands = shown(EventRow.status).in_(OPEN_STATUSES)
        tests.append(stands if question.is_open else ~stands)
    if question.box is not None:
        west_deg, south_deg, east_deg, north_deg = question.box
        tests.append(shown(EventRow.lat_deg).between(south_deg, north_deg))
        tests.append(shown(EventRow.lon_deg).between(west_deg, east_deg))
    # Days are in the indices; what is of the first or the last is looked at closely.
    if (begin := question.observed_from) is not None:
        tests.append(shown(EventRow.last_day) >= day_of(begin))
        tests.append(
            or_(
                plain(EventRow.last_day) > day_of(begin),
                plain(EventRow.last_observed_at) >= begin,
            )
        )
    if (end := question.observed_to) is not None:
        tests.append(shown(EventRow.first_day) <= day_of(end))
        tests.append(
            or_(
                plain(EventRow.first_day) < day_of(end),
                plain(EventRow.first_observed_at) <= end,
            )
        )
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
