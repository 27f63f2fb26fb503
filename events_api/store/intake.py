"""What taking reports in asks of the database, for many reports at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.orm import Session

from events_api.cases import OPEN_STATUSES
from events_api.forming import EventDraft
from events_api.intake_reading import Sent
from events_api.merging import ASSUMED_CE90_M, GATE_SIGMAS, Look
from events_api.open_events import METRES_PER_DEGREE, Reach, look_of
from events_api.schemas import MatterKey, Report
from events_api.store.asking import (
    Among,
    Answer,
    Question,
    ask_all,
    by_keys,
    question,
    questions,
)
from events_api.store.intake_writing import Ends, ask_ends
from events_api.store.models import (
    DeadlineRow,
    EventRow,
    ObservationRow,
)
from geofences.normal import SIGMAS_PER_CE90

_EVENTS = cast("Table", EventRow.__table__)
_DEADLINES = cast("Table", DeadlineRow.__table__)
_OBSERVATIONS = cast("Table", ObservationRow.__table__)
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
    .where(Among(_EVENTS.c.number, "numbers"))
    .order_by(_EVENTS.c.number)
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
    *(_OBSERVATIONS.c[name] for name in ("event_number", "source", "pass_id", "track_id"))
).where(Among(_OBSERVATIONS.c.event_number, "numbers"), Among(_OBSERVATIONS.c.pass_id, "passes"))
_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))

_KNOWN = """
WITH looks (report_id) AS ({asked})
SELECT observations.report_id, observations.fingerprint, observations.opened,
  observations.merged_why, events.event_id
FROM looks CROSS JOIN observations CROSS JOIN events
WHERE observations.report_id = looks.report_id AND events.number = observations.event_number
"""
# The looks first and then, for each, what the index has: CROSS JOIN keeps SQLite to this order, and
# PostgreSQL after `by_keys`.
_NEAR = f"""
WITH looks (standard_ref, code, west, south, east, north, lon, lat, metres_east, variance)
AS ({{asked}})
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
WITH looks (standard_ref, code, source, pass_id, track_id) AS ({{asked}})
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


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the database knows where reports arrive.

    Attributes:
        known: Those of the reports that were received before, by their ids.
        numbers: Of the open events in their reaches, and of those that their tracks are in.
        ends: Where what is written goes on.
        beside: The answers to what was asked beside.
    """

    known: dict[str, Known]
    numbers: set[int]
    ends: Ends
    beside: list[Answer]


def look_up(session: Session, sent: Sequence[Sent], beside: Sequence[Question] = ()) -> LookedUp:
    """Look up what is known where reports arrive.

    Args:
        session: A writing session.
        sent: The reports.
        beside: What else is to be asked.
    """
    connection = session.connection()
    known = questions(connection, _KNOWN, {(each.report_id,) for each in sent})
    looks = [(each.report.matter, each.reach) for each in sent if each.reach is not None]
    where = (*_near(connection, looks), *_followed(connection, [each.report for each in sent]))
    first = (*by_keys(connection), ask_ends(connection), *beside)
    answers = ask_all(connection, (*first, *known, *where))
    asked, found = answers[: len(first)], answers[len(first) :]
    rows = chain.from_iterable(found[: len(known)])
    events = chain.from_iterable(found[len(known) :])
    return LookedUp(
        known={row[0]: Known(row[1], bool(row[2]), *row[3:]) for row in rows},
        numbers={number for (number,) in events},
        ends=Ends.of(asked[len(first) - len(beside) - 1]),
        beside=asked[len(first) - len(beside) :],
    )


def near(session: Session, looks: Iterable[tuple[MatterKey, Reach]]) -> set[int]:
    """Return the numbers of the open events of each matter within each reach."""
    connection = session.connection()
    answers = ask_all(connection, _near(connection, looks))
    return {number for (number,) in chain.from_iterable(answers)}


def _near(connection: Connection, looks: Iterable[tuple[MatterKey, Reach]]) -> list[Question]:
    asked = {(*_key(matter), *_written(reach)) for matter, reach in looks}
    return questions(connection, _NEAR, asked)


def _written(reach: Reach) -> tuple[float, ...]:
    place = reach.place
    return (*reach.box, place.lon_deg, place.lat_deg, reach.metres_east, reach.variance_m2)


def _followed(connection: Connection, reports: Iterable[Report]) -> list[Question]:
    tracks = {
        (*_key(report.matter), report.source, report.pass_id, report.track_id)
        for report in reports
        if report.track_id is not None
    }
    return questions(connection, _FOLLOWED, tracks)


def open_events(session: Session, numbers: set[int]) -> list[EventRow]:
    """Return events with their deadlines, each as a draft of its row without its cells."""
    return open_events_seen(session, numbers, set())[0]


def open_events_seen(
    session: Session, numbers: set[int], passes: set[str]
) -> tuple[list[EventRow], list[Sighting]]:
    """Return events as `open_events` does, and what these passes have put into them."""
    if not numbers:
        return [], []
    connection, wanted = session.connection(), sorted(numbers)
    asked = [question(connection, _WITH_DEADLINES, numbers=wanted)]
    if passes:
        asked.append(question(connection, _SIGHTINGS, numbers=wanted, passes=sorted(passes)))
    events, *sightings = ask_all(connection, asked)
    seen = [Sighting(*row) for row in chain.from_iterable(sightings)]
    return [_draft(row) for row in events], seen


def _draft(row: Sequence[Any]) -> EventRow:
    split = len(_OF_EVENTS)
    deadline = SimpleNamespace(**dict(zip(_OF_DEADLINES, row[split:], strict=True)))
    draft = EventDraft(**dict(zip(_OF_EVENTS, row[:split], strict=True)), deadline=deadline)
    return draft.as_row()


def seen_by_pass(session: Session, report: Report, number: int) -> list[Look]:
    """Return what the report's pass has put into an event before this transaction."""
    asked = {"number": number, "source": report.source, "pass_id": report.pass_id}
    rows = session.connection().scalars(_SEEN_BY_PASS, asked)
    return [look_of(Report.model_validate(each)) for each in rows]


def _key(matter: MatterKey) -> tuple[str, str]:
    return matter.standard_ref, matter.code
