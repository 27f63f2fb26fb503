"""Monthly figures, counted by the database.

reported      events that first reached the API in the month
closed        events that are closed, and were last closed in the month
in_time       of the closed: their handling was limited and never overran
overtime      of the closed: some handling of theirs overran
without_limit of the closed: nothing limited their handling
repeat        of the reported: another event of the same matter had been closed within 30 days
before, at most 30 m away; events without a position are in none
median        of the closed that were handled: the hours of the wall clock from dispatch until
handling was reported done, pauses left out, all turns together
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from events_api.store.models import DeadlineRow, EventRow
from geofences.geodesy import LonLat, distance_m

REPEAT_WITHIN = timedelta(days=30)
REPEAT_WITHIN_M = 30.0
METRES_PER_DEGREE = 110_000
"""Rounded down: the box in which the database looks must not be too small."""

TOWN_DIGITS = 9

Span = tuple[datetime, datetime]
Conditions = Sequence[ColumnElement[bool]]
Key = ColumnElement[Any]
Rows = Select[*tuple[Any, ...]]


class GroupBy(StrEnum):
    """What figures are told apart by."""

    BODY = "body"
    MATTER = "matter"
    CELL = "cell"
    TOWN = "town"


@dataclass(slots=True)
class Figures:
    """The figures of one group; a key of none is for events that have none."""

    key: str | None
    reported: int = 0
    closed: int = 0
    in_time: int = 0
    overtime: int = 0
    without_limit: int = 0
    repeat: int = 0
    median_handling_hours: float | None = None


def monthly(
    session: Session, span: Span, by: GroupBy | None, within: Conditions = ()
) -> list[Figures]:
    """Return the figures of each group that has any, by key; of all events where `by` is none.

    Args:
        session: A reading session.
        span: Beginning and end of the month, the end not included.
        by: What to tell apart.
        within: What the events must fulfil beside.
    """
    key: Key = literal("all") if by is None else _KEYS[by]
    groups: dict[str | None, Figures] = {}

    def group(name: str | None) -> Figures:
        return groups.setdefault(name, Figures(name))

    for name, count in session.execute(_reported(key, span, within)):
        group(name).reported = count
    for name, closed, in_time, overtime in session.execute(_closed(key, span, within)):
        figures = group(name)
        figures.closed, figures.in_time, figures.overtime = closed, in_time, overtime
        figures.without_limit = closed - in_time - overtime
    for name, median_s in session.execute(_medians(key, span, within)):
        group(name).median_handling_hours = float(median_s) / 3600
    for name, count in _repeats(session, key, span, within).items():
        group(name).repeat = count
    return [groups[name] for name in sorted(groups, key=lambda name: (name is None, name or ""))]


_KEYS: Mapping[GroupBy, Key] = {
    GroupBy.BODY: DeadlineRow.responsible.expression,
    GroupBy.MATTER: EventRow.standard_ref + " " + EventRow.code,
    GroupBy.CELL: EventRow.cell_code.expression,
    GroupBy.TOWN: func.substr(EventRow.cell_code, 1, TOWN_DIGITS),
}


def _joined(*columns: Any, within: Conditions) -> Rows:  # noqa: ANN401 - whatever SQL takes
    joined = select(*columns).select_from(DeadlineRow)
    return joined.join(EventRow, EventRow.number == DeadlineRow.event_number).where(*within)


def _in(column: InstrumentedAttribute[Any], span: Span) -> ColumnElement[bool]:
    return (column >= span[0]) & (column < span[1])


def _reported(key: Key, span: Span, within: Conditions) -> Rows:
    query = _joined(key.label("key"), func.count(), within=within)
    return query.where(_in(DeadlineRow.reported_at, span)).group_by("key")


def _closed(key: Key, span: Span, within: Conditions) -> Rows:
    def count(late: bool) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((DeadlineRow.is_late.is_(late), 1), else_=0)), 0)

    query = _joined(
        key.label("key"), func.count(), count(late=False), count(late=True), within=within
    )
    return query.where(_in(DeadlineRow.closed_at, span)).group_by("key")


def _medians(key: Key, span: Span, within: Conditions) -> Rows:
    """Average the one or two in the middle of each group: every database can do that."""
    handled = DeadlineRow.handled_s
    place = func.row_number().over(partition_by=key, order_by=(handled, DeadlineRow.event_number))
    size = func.count().over(partition_by=key)
    ranked = (
        _joined(
            key.label("key"),
            handled.label("handled_s"),
            place.label("place"),
            size.label("size"),
            within=within,
        )
        .where(_in(DeadlineRow.closed_at, span), handled.is_not(None))
        .subquery()
    )
    columns = ranked.c
    is_middle = (2 * columns.place >= columns.size) & (2 * columns.place <= columns.size + 2)
    return select(columns.key, func.avg(columns.handled_s)).where(is_middle).group_by(columns.key)


def _repeats(session: Session, key: Key, span: Span, within: Conditions) -> Counter[str | None]:
    earlier, closed = aliased(EventRow), aliased(DeadlineRow)
    north_deg = REPEAT_WITHIN_M / METRES_PER_DEGREE
    farthest = _joined(func.max(func.abs(EventRow.lat_deg)), within=within)
    lat_deg = session.scalar(farthest.where(_in(DeadlineRow.reported_at, span)))
    east_deg = north_deg / max(0.01, math.cos(math.radians(lat_deg or 0.0)))
    query = (
        _joined(
            key.label("key"),
            DeadlineRow.event_number,
            DeadlineRow.reported_at,
            EventRow.lon_deg,
            EventRow.lat_deg,
            closed.closed_at,
            earlier.lon_deg,
            earlier.lat_deg,
            within=within,
        )
        .join(
            earlier,
            (earlier.standard_ref == EventRow.standard_ref)
            & (earlier.code == EventRow.code)
            & (earlier.status == "closed")
            & (earlier.number != EventRow.number)
            & earlier.lat_deg.between(EventRow.lat_deg - north_deg, EventRow.lat_deg + north_deg)
            & earlier.lon_deg.between(EventRow.lon_deg - east_deg, EventRow.lon_deg + east_deg),
        )
        .join(closed, closed.event_number == earlier.number)
        .where(
            _in(DeadlineRow.reported_at, span),
            closed.closed_at <= DeadlineRow.reported_at,
            closed.closed_at >= span[0] - REPEAT_WITHIN,
        )
    )
    # Distances and thirty days are exact here; the database only finds who comes into question.
    found = {
        (number, name)
        for name, number, at, lon, lat, closed_at, other_lon, other_lat in session.execute(query)
        if at - closed_at <= REPEAT_WITHIN
        and distance_m(LonLat(lon, lat), LonLat(other_lon, other_lat)) <= REPEAT_WITHIN_M
    }
    return Counter(name for _, name in found)
