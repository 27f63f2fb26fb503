"""What taking reports in asks of the database, for many reports at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from events_api.cases import OPEN_STATUSES
from events_api.forming import EventDraft
from events_api.merging import ASSUMED_CE90_M, GATE_SIGMAS, Look
from events_api.open_events import METRES_PER_DEGREE, Reach, look_of
from events_api.schemas import MatterKey, Report
from events_api.store.models import (
    DeadlineRow,
    EventRow,
    ObservationRow,
)
from geofences.normal import SIGMAS_PER_CE90

AT_ONCE = 64
"""So many reports are looked up by one statement."""

_EVENTS = cast("Table", EventRow.__table__)
_DEADLINES = cast("Table", DeadlineRow.__table__)
_OF_EVENTS = tuple(column.name for column in _EVENTS.columns if column.name != "cells")
_OF_DEADLINES = (
    *("step", "started_at", "due_at", "warn_at", "paused_at", "paused_until"),
    "responsible",
)

# Built once, and asked without objects: every report passes here.
_WITH_DEADLINES = (
    select(
        *(_EVENTS.c[name] for name in _OF_EVENTS),
        *(_DEADLINES.c[name].label(f"deadline_{name}") for name in _OF_DEADLINES),
    )
    .outerjoin(_DEADLINES, _DEADLINES.c.event_number == _EVENTS.c.number)
    .where(_EVENTS.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(_EVENTS.c.number)
)
_KNOWN = (
    select(
        ObservationRow.report_id,
        ObservationRow.fingerprint,
        ObservationRow.opened,
        ObservationRow.merged_why,
        EventRow.event_id,
    )
    .join(EventRow, EventRow.number == ObservationRow.event_number)
    .where(ObservationRow.report_id.in_(bindparam("ids", expanding=True)))
)
_SEEN_BY_PASS = (
    select(ObservationRow.report)
    .where(
        ObservationRow.event_number == bindparam("number"),
        ObservationRow.source == bindparam("source"),
        ObservationRow.pass_id == bindparam("pass_id"),
    )
    .order_by(ObservationRow.number)
)
_SIGHTINGS = select(
    ObservationRow.event_number,
    ObservationRow.source,
    ObservationRow.pass_id,
    ObservationRow.track_id,
).where(
    ObservationRow.event_number.in_(bindparam("numbers", expanding=True)),
    ObservationRow.pass_id.in_(bindparam("passes", expanding=True)),
)
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
    rows = session.connection().execute(_KNOWN, {"ids": ids})
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


def open_events(session: Session, numbers: set[int]) -> list[EventRow]:
    """Return events with their deadlines, each as a draft of its row without its cells."""
    if not numbers:
        return []
    rows = session.connection().execute(_WITH_DEADLINES, {"numbers": sorted(numbers)})
    return [_draft(row) for row in rows]


def _draft(row: Sequence[Any]) -> EventRow:
    split = len(_OF_EVENTS)
    deadline = SimpleNamespace(**dict(zip(_OF_DEADLINES, row[split:], strict=True)))
    draft = EventDraft(**dict(zip(_OF_EVENTS, row[:split], strict=True)), deadline=deadline)
    return draft.as_row()


def sightings(session: Session, numbers: set[int], passes: set[str]) -> list[Sighting]:
    """Return what these passes have put into events."""
    if not numbers:
        return []
    asked = {"numbers": sorted(numbers), "passes": sorted(passes)}
    return [Sighting(*row) for row in session.connection().execute(_SIGHTINGS, asked)]


def seen_by_pass(session: Session, report: Report, number: int) -> list[Look]:
    """Return what the report's pass has put into an event before this transaction."""
    asked = {"number": number, "source": report.source, "pass_id": report.pass_id}
    rows = session.connection().scalars(_SEEN_BY_PASS, asked)
    return [look_of(Report.model_validate(each)) for each in rows]


def _key(matter: MatterKey) -> tuple[str, str]:
    return matter.standard_ref, matter.code


def _numbers(session: Session, statement: str, looks: set[tuple[Any, ...]]) -> set[int]:
    numbers: set[int] = set()
    connection, ordered = session.connection(), list(looks)
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for first in range(0, len(ordered), AT_ONCE):
        some = ordered[first : first + AT_ONCE]
        # Few lengths, so that few statements are ever made ready.
        length = 1 << (len(some) - 1).bit_length()
        some += some[-1:] * (length - len(some))
        # As the driver takes them: six hundred values take longer to look at than to ask for.
        query = _statement(statement, length, len(some[0]), mark)
        rows = connection.exec_driver_sql(query, tuple(each for look in some for each in look))
        numbers.update(row[0] for row in rows)
    return numbers


@lru_cache
def _statement(statement: str, rows: int, width: int, mark: str) -> str:
    row = f"({', '.join([mark] * width)})"
    return statement.format(values=", ".join([row] * rows))
