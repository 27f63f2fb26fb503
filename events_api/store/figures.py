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

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from events_api.store.models import DeadlineRow, EventRow
from geofences.geodesy import LonLat, distance_m

REPEAT_WITHIN = timedelta(days=30)
REPEAT_WITHIN_M = 30.0
SURELY_WITHIN_M = 1.01 * REPEAT_WITHIN_M
"""On a sphere in place of the Earth: all that are near enough are within it, and few others."""

EARTH_RADIUS_M = 6_371_000.0
TOWN_DIGITS = 9

Span = tuple[datetime, datetime]
Conditions = Sequence[ColumnElement[bool]]
Key = ColumnElement[Any]
Points = npt.NDArray[np.float64]
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


def monthly(session: Session, span: Span, by: GroupBy, within: Conditions = ()) -> list[Figures]:
    """Return the figures of each group that has any, by key.

    Args:
        session: A reading session.
        span: Beginning and end of the month, the end not included.
        by: What to tell apart.
        within: What the events must fulfil beside.
    """
    key = _KEYS[by]
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


def in_all(
    session: Session, span: Span, groups: Sequence[Figures], within: Conditions = ()
) -> Figures:
    """Return the figures of all events, given those of groups that are all of them."""
    total = Figures(None)
    for name in ("reported", "closed", "in_time", "overtime", "without_limit", "repeat"):
        setattr(total, name, sum(getattr(group, name) for group in groups))
    # A median is no sum of medians.
    for _, median_s in session.execute(_medians(literal("all"), span, within)):
        total.median_handling_hours = float(median_s) / 3600
    return total


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
    """Count the repeats of each group.

    The database gives the events of both times; who lies near whom is found by a tree in memory,
    since an index over two coordinates would read every event of the same latitude.
    """
    seen = (DeadlineRow.event_number, *_SPOT)
    located = EventRow.lat_deg.is_not(None) & EventRow.lon_deg.is_not(None)
    query = _joined(key.label("key"), DeadlineRow.reported_at, *seen, within=within)
    reported = session.execute(query.where(_in(DeadlineRow.reported_at, span), located)).all()
    recent = (span[0] - REPEAT_WITHIN, span[1])
    query = _joined(DeadlineRow.closed_at, *seen, within=())
    closed = session.execute(query.where(_in(DeadlineRow.closed_at, recent), located)).all()
    if not reported or not closed:
        return Counter()
    matters: dict[tuple[str, str], int] = {}
    tree = cKDTree(_points([row[2:] for row in closed], matters))
    around = tree.query_ball_point(_points([row[3:] for row in reported], matters), SURELY_WITHIN_M)
    return Counter(
        row[0]
        for row, near in zip(reported, around, strict=True)
        if any(_is_repeat(row[1:], closed[index]) for index in near)
    )


_SPOT = (EventRow.standard_ref, EventRow.code, EventRow.lon_deg, EventRow.lat_deg)


def _is_repeat(event: Sequence[Any], earlier: Sequence[Any]) -> bool:
    at, number, _, _, lon_deg, lat_deg = event
    closed_at, other, _, _, other_lon_deg, other_lat_deg = earlier
    return (
        number != other
        and timedelta() <= at - closed_at <= REPEAT_WITHIN
        and distance_m(LonLat(lon_deg, lat_deg), LonLat(other_lon_deg, other_lat_deg))
        <= REPEAT_WITHIN_M
    )


def _points(spots: Sequence[Sequence[Any]], matters: dict[tuple[str, str], int]) -> Points:
    """Return places on a sphere in metres, those of different matters far apart (N, 4)."""
    kinds = [matters.setdefault((ref, code), len(matters)) for ref, code, _, _ in spots]
    lon, lat = np.radians(np.array([spot[2:] for spot in spots], dtype=np.float64)).T
    ground = (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    return np.stack((*ground, np.array(kinds, dtype=np.float64)), axis=1) * EARTH_RADIUS_M
