"""Facts for monthly figures, kept by days: what was counted once is not read event by event again.

Of every event up to a number the days hold what figures need. The database marks those that change
afterwards. Whoever reads takes the days of a month, leaves out of them what is marked, and adds
that and what is newer as it is now: exact at every moment. From time to time (`settle`) what is new
and what is marked is put into its days, so that there is never much to add.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from events_api.store.figure_facts import (
    EPOCH,
    FACT,
    MICROSECOND,
    NO_FACTS,
    SEPARATOR,
    Facts,
    Standing,
    Words,
    as_closed,
    as_reported,
    microseconds,
    standing,
    standing_of,
)
from events_api.store.figure_models import FigureDayRow, FigureHeadRow, FigureMarkRow
from events_api.store.figure_repeats import REPEAT_WITHIN, Spot, followers, repeats, spot_of
from events_api.store.models import DeadlineRow, day_of
from events_api.store.plain import Plain
from geofences.geodesy import LonLat

DAY_US = 86_400_000_000
FEW = 20_000
"""So many new events are gone through by number; of more, those of the month are looked up."""

Span = tuple[datetime, datetime]


class Kind(StrEnum):
    """What happened on a day."""

    REPORTED = "reported"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Counted:
    """What was reported and what was closed in a span of time, and the words that facts name."""

    reported: Facts
    closed: Facts
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Mark:
    number: int
    reported_at: datetime
    closed_at: datetime | None


def load(session: Session, span: Span) -> Counted:
    """Return what was reported and closed from the beginning of a span up to before its end."""
    head = _head(session)
    words = Words(head.words)
    query = select(FigureDayRow.kind, FigureDayRow.facts)
    days = FigureDayRow.day.between(day_of(span[0]), day_of(span[1] - MICROSECOND))
    kept: dict[Kind, list[bytes]] = {kind: [] for kind in Kind}
    for kind, facts in session.execute(query.where(days)):
        kept[Kind(kind)].append(facts)
    changed = _changed(session, _marks(session), words, _closings_before(span))
    now = {each.number: each for each in standing_of(session, changed)}
    now |= {each.number: each for each in _newer(session, head.settled_number, span)}
    reported = [each for each in now.values() if _is_in(each.reported_at, span)]
    closed = [each for each in now.values() if _is_in(each.closed_at, span)]
    fresh = {
        Kind.REPORTED: as_reported(reported, words, repeats(session, reported)),
        Kind.CLOSED: as_closed(closed, words),
    }
    found = {
        kind: np.concatenate([_without(_read(kept[kind]), changed, span), fresh[kind]])
        for kind in Kind
    }
    return Counted(found[Kind.REPORTED], found[Kind.CLOSED], words.texts)


def unsettled(session: Session) -> int:
    """Return how many events are new or marked, and have to be looked at by whoever reads."""
    newest = select(func.max(DeadlineRow.event_number)).scalar_subquery()
    marked = select(func.count()).select_from(FigureMarkRow).scalar_subquery()
    query = select(newest, marked, FigureHeadRow.settled_number)
    last, marks, settled = session.execute(query).one()
    return int(max(0, (last or 0) - settled) + marks)


def settle(session: Session, most: int) -> int:
    """Put new and marked events into their days, about so many, and return how many were put.

    Args:
        session: A writing session.
        most: Of each kind.
    """
    head = _head(session)
    new = select(DeadlineRow.event_number).where(DeadlineRow.event_number > head.settled_number)
    numbers = list(session.scalars(new.order_by(DeadlineRow.event_number).limit(most)))
    last = numbers[-1] if numbers else head.settled_number
    marks = _marks(session, FigureMarkRow.event_number <= head.settled_number, limit=most)
    # Of what is put there now for the first time every mark goes: it says nothing of the days.
    # So does every mark of what was never there and is gone.
    first = [FigureMarkRow.event_number > head.settled_number]
    if len(numbers) == most:
        first.append(FigureMarkRow.event_number <= last)
    marks += _marks(session, *first)
    if not numbers and not marks:
        return 0
    words = Words(head.words)
    known = len(words.texts)
    changed = {each for each in _changed(session, marks, words) if each <= last} | set(numbers)
    now = standing_of(session, changed)
    _put(session, Kind.REPORTED, as_reported(now, words, repeats(session, now)), changed, marks)
    _put(session, Kind.CLOSED, as_closed(now, words), changed, marks)
    values = {"settled_number": last}
    if len(words.texts) > known:
        values |= {"words": words.known}
    session.execute(update(FigureHeadRow).values(values))
    gone = [mark.number for mark in marks]
    session.execute(delete(FigureMarkRow).where(FigureMarkRow.event_number.in_(gone)))
    return len(changed)


def _head(session: Session) -> Row[int, list[Any]]:
    return session.execute(select(FigureHeadRow.settled_number, FigureHeadRow.words)).one()


def _marks(session: Session, *tests: ColumnElement[bool], limit: int | None = None) -> list[_Mark]:
    query = select(
        FigureMarkRow.event_number, FigureMarkRow.reported_at, FigureMarkRow.closed_at
    ).where(*tests)
    query = query.order_by(FigureMarkRow.event_number).limit(limit)
    return [_Mark(*row) for row in session.execute(query)]


def _closings_before(span: Span) -> Span:
    return span[0] - REPEAT_WITHIN, span[1]


def _is_in(moment: datetime | None, span: Span | None) -> bool:
    return moment is not None and (span is None or span[0] <= moment < span[1])


def _changed(
    session: Session, marks: Sequence[_Mark], words: Words, span: Span | None = None
) -> set[int]:
    """Return the numbers of events that are marked, and of those that may be their repeats.

    With a span only closings in it count.
    """
    marked = {mark.number for mark in marks}
    if not marked:
        return marked
    then = [mark for mark in marks if _is_in(mark.closed_at, span)]
    spots = _spots_then(session, then, words)
    for each in standing_of(session, marked):
        spot = spot_of(each, each.closed_at)
        if spot is not None and _is_in(spot.at, span):
            spots.append(spot)
    return marked | followers(session, spots)


def _spots_then(session: Session, marks: Sequence[_Mark], words: Words) -> list[Spot]:
    """Return where marked events were closed, as the days have it."""
    numbers = {mark.number for mark in marks}
    days = {day_of(mark.closed_at) for mark in marks if mark.closed_at is not None}
    spots = []
    for day in sorted(days):
        facts = _day(session, Kind.CLOSED, day)
        for fact in facts[np.isin(facts["number"], list(numbers))]:
            if np.isfinite(fact["lon_deg"]) and np.isfinite(fact["lat_deg"]):
                ref, _, code = words.texts[fact["matter"]].partition(SEPARATOR)
                place = LonLat(float(fact["lon_deg"]), float(fact["lat_deg"]))
                at = EPOCH + int(fact["at_us"]) * MICROSECOND
                spots.append(Spot(int(fact["number"]), ref, code, place, at))
    return spots


def _newer(session: Session, settled: int, span: Span) -> list[Standing]:
    """Return what is not in the days yet and was reported or closed in a span."""
    number: ColumnElement[int] = DeadlineRow.event_number.expression
    newest = session.scalar(select(func.max(number))) or 0
    if newest <= settled:
        return []
    times: list[ColumnElement[Any]] = [
        DeadlineRow.reported_at.expression,
        DeadlineRow.closed_at.expression,
    ]
    if newest - settled <= FEW:
        times = [Plain(each) for each in times]
    else:
        number = Plain(number)
    within = or_(*(and_(each >= span[0], each < span[1]) for each in times))
    return standing(session, number > settled, within)


def _put(
    session: Session, kind: Kind, facts: Facts, changed: set[int], marks: Iterable[_Mark]
) -> None:
    """Write facts into their days, and take what was there of the same events out of theirs."""
    former = (mark.reported_at if kind is Kind.REPORTED else mark.closed_at for mark in marks)
    days = {day_of(moment) for moment in former if moment is not None}
    days_of_facts = facts["at_us"] // DAY_US
    for day in sorted(days | set(days_of_facts.tolist())):
        row = session.get(FigureDayRow, (kind, day))
        if row is None:
            row = FigureDayRow(kind=kind, day=day)
            session.add(row)
        before = _without(_read([row.facts] if row.facts else []), changed)
        row.facts = np.concatenate([before, facts[days_of_facts == day]]).tobytes()
    session.flush()


def _day(session: Session, kind: Kind, day: int) -> Facts:
    query = select(FigureDayRow.facts).where(FigureDayRow.kind == kind, FigureDayRow.day == day)
    return _read(session.scalars(query).all())


def _read(kept: Sequence[bytes]) -> Facts:
    return np.frombuffer(b"".join(kept), FACT) if kept else NO_FACTS


def _without(facts: Facts, numbers: set[int], span: Span | None = None) -> Facts:
    """Leave out the facts of these events, and what is not in a span."""
    wanted: npt.NDArray[np.bool_] = np.ones(len(facts), np.bool_)
    if span is not None:
        at_us = facts["at_us"]
        wanted = (at_us >= microseconds(span[0])) & (at_us < microseconds(span[1]))
    if numbers:
        wanted &= ~np.isin(facts["number"], list(numbers))
    return facts[wanted]
