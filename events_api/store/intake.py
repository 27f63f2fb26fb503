"""What taking reports in asks of the database and writes to it, for many reports at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, TextClause, insert, select, text
from sqlalchemy.orm import Session, defer, joinedload

from events_api.cases import OPEN_STATUSES
from events_api.merging import ASSUMED_CE90_M, GATE_SIGMAS, Look
from events_api.open_events import METRES_PER_DEGREE, Reach, look_of
from events_api.schemas import MatterKey, Report
from events_api.store.models import (
    TOWN_DIGITS,
    DeadlineRow,
    EventRow,
    EvidenceUseRow,
    ObservationRow,
    day_of,
)
from geofences.normal import SIGMAS_PER_CE90

AT_ONCE = 64
"""So many reports are looked up by one statement."""

Row = Mapping[str, Any]

_EVENTS = cast("Table", EventRow.__table__)
_OBSERVATIONS = cast("Table", ObservationRow.__table__)
_DEADLINES = cast("Table", DeadlineRow.__table__)
_USES = cast("Table", EvidenceUseRow.__table__)
_MADE = {"number", "town_code", "first_day", "last_day"}
_OF_EVENTS = tuple(column.name for column in _EVENTS.columns if column.name not in _MADE)
_OF_DEADLINES = tuple(column.name for column in _DEADLINES.columns)
_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))

# The looks first and then, for each, what the index has: CROSS JOIN keeps SQLite to this order.
_NEAR = f"""
WITH looks (standard_ref, code, west, south, east, north, lon, lat, metres_east, variance)
AS (VALUES {{values}})
SELECT events.number FROM looks CROSS JOIN events
WHERE events.standard_ref = looks.standard_ref AND events.code = looks.code
AND events.status IN ({_OPEN})
AND events.lat_deg BETWEEN looks.south AND looks.north
AND events.lon_deg BETWEEN looks.west AND looks.east
AND ((events.lon_deg - looks.lon) * looks.metres_east)
  * ((events.lon_deg - looks.lon) * looks.metres_east)
  + (events.lat_deg - looks.lat) * (events.lat_deg - looks.lat) * {METRES_PER_DEGREE**2}.0
  <= {GATE_SIGMAS**2} * (looks.variance
  + coalesce(events.ce90_m, {ASSUMED_CE90_M}) * coalesce(events.ce90_m, {ASSUMED_CE90_M})
  / {SIGMAS_PER_CE90**2})
"""  # noqa: S608 - our own words only
_FOLLOWED = f"""
WITH looks (standard_ref, code, source, pass_id, track_id) AS (VALUES {{values}})
SELECT events.number FROM looks CROSS JOIN observations CROSS JOIN events
WHERE observations.source = looks.source AND observations.pass_id = looks.pass_id
AND observations.track_id = looks.track_id AND events.number = observations.event_number
AND events.status IN ({_OPEN})
AND events.standard_ref = looks.standard_ref AND events.code = looks.code
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Known:
    """A report that was received before, and what became of it."""

    fingerprint: str
    opened: bool
    merged_why: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Which pass put which track into an event."""

    event_number: int
    source: str
    pass_id: str
    track_id: int | None


def known_reports(session: Session, ids: Sequence[str]) -> dict[str, Known]:
    """Return those of these reports that were received before."""
    query = select(
        ObservationRow.report_id,
        ObservationRow.fingerprint,
        ObservationRow.opened,
        ObservationRow.merged_why,
        EventRow.event_id,
    ).join(EventRow, EventRow.number == ObservationRow.event_number)
    rows = session.execute(query.where(ObservationRow.report_id.in_(ids)))
    return {row[0]: Known(*row[1:]) for row in rows}


def near(session: Session, looks: Iterable[tuple[MatterKey, Reach]]) -> set[int]:
    """Return the numbers of the open events of each matter within each reach."""
    return _numbers(session, _NEAR, {(*_key(matter), *_written(reach)) for matter, reach in looks})


def _written(reach: Reach) -> tuple[float, ...]:
    place = reach.place
    return (*reach.box, place.lon_deg, place.lat_deg, reach.metres_east, reach.variance_m2)


def followed(session: Session, reports: Iterable[Report]) -> set[int]:
    """Return the numbers of the open events that the reports' tracks are in already."""
    tracks = {
        (*_key(report.matter), report.source, report.pass_id, report.track_id)
        for report in reports
        if report.track_id is not None
    }
    return _numbers(session, _FOLLOWED, tracks)


def open_events(session: Session, numbers: set[int]) -> Sequence[EventRow]:
    """Return events with their deadlines."""
    if not numbers:
        return ()
    query = select(EventRow).where(EventRow.number.in_(numbers)).order_by(EventRow.number)
    query = query.options(
        defer(EventRow.cells), joinedload(EventRow.deadline).defer(DeadlineRow.clocks)
    )
    return session.scalars(query).all()


def sightings(session: Session, numbers: set[int], passes: set[str]) -> list[Sighting]:
    """Return what these passes have put into events."""
    if not numbers:
        return []
    seen = ObservationRow
    query = select(seen.event_number, seen.source, seen.pass_id, seen.track_id)
    query = query.where(seen.event_number.in_(numbers), seen.pass_id.in_(passes))
    return [Sighting(*row) for row in session.execute(query)]


def seen_by_pass(session: Session, report: Report, numbers: set[int]) -> list[tuple[int, Look]]:
    """Return what the report's pass has put into events before this transaction."""
    if not numbers:
        return []
    seen = ObservationRow
    query = select(seen.event_number, seen.report).where(seen.event_number.in_(numbers))
    query = query.where(seen.source == report.source, seen.pass_id == report.pass_id)
    rows = session.execute(query.order_by(seen.number))
    return [(number, look_of(Report.model_validate(each))) for number, each in rows]


def add_events(session: Session, events: Sequence[EventRow]) -> None:
    """Write new events, and give each its number."""
    if not events:
        return
    query = insert(_EVENTS).returning(_EVENTS.c.number, sort_by_parameter_order=True)
    rows = [
        {name: getattr(event, name) for name in _OF_EVENTS}
        | {
            "town_code": event.cell_code and event.cell_code[:TOWN_DIGITS],
            "first_day": day_of(event.first_observed_at),
            "last_day": day_of(event.last_observed_at),
        }
        for event in events
    ]
    numbers = session.connection().scalars(query, rows)
    for event, number in zip(events, numbers, strict=True):
        event.number = number


def add_observations(session: Session, rows: Sequence[Row]) -> None:
    """Write observations."""
    if rows:
        session.connection().execute(_OBSERVATIONS.insert(), rows)


def add_deadlines(session: Session, deadlines: Sequence[DeadlineRow]) -> None:
    """Write the deadlines of new events."""
    rows = [{name: getattr(row, name) for name in _OF_DEADLINES} for row in deadlines]
    if rows:
        session.connection().execute(_DEADLINES.insert(), rows)


def add_uses(session: Session, uses: set[tuple[str, int]]) -> None:
    """Note that pictures and clips belong to events."""
    if not uses:
        return
    query = select(EvidenceUseRow.sha256, EvidenceUseRow.event_number)
    there = query.where(EvidenceUseRow.sha256.in_({sha256 for sha256, _ in uses}))
    known = {(sha256, number) for sha256, number in session.execute(there)}
    rows = [{"sha256": each, "event_number": number} for each, number in sorted(uses - known)]
    if rows:
        session.connection().execute(_USES.insert(), rows)


def _key(matter: MatterKey) -> tuple[str, str]:
    return matter.standard_ref, matter.code


def _numbers(session: Session, statement: str, looks: set[tuple[Any, ...]]) -> set[int]:
    numbers: set[int] = set()
    ordered = list(looks)
    for first in range(0, len(ordered), AT_ONCE):
        some = ordered[first : first + AT_ONCE]
        # Few lengths, so that few statements are ever made ready.
        length = 1 << (len(some) - 1).bit_length()
        some += some[-1:] * (length - len(some))
        values = {
            f"v{row}_{i}": each for row, look in enumerate(some) for i, each in enumerate(look)
        }
        numbers.update(session.scalars(_statement(statement, length, len(some[0])), values))
    return numbers


@lru_cache
def _statement(statement: str, rows: int, width: int) -> TextClause:
    written = (", ".join(f":v{row}_{i}" for i in range(width)) for row in range(rows))
    return text(statement.format(values=", ".join(f"({row})" for row in written)))
