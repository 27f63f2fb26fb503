"""Events as lists show them, straight from rows: of a thousand at once no objects are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, null, select
from sqlalchemy.orm import Session

from events_api.deadlines import state_at
from events_api.schemas import EventSummary
from events_api.store.models import DeadlineRow, EventRow

Record = dict[str, Any]
"""An event in the form of `EventSummary`, whose links to pictures are still to be made."""

FIELDS = tuple(EventSummary.model_fields)

# What is a message of its own has the first of its columns in its place; the others come behind.
_IN_PLACE = {
    "matter": EventRow.standard_ref,
    "position": EventRow.lon_deg,
    "deadline": DeadlineRow.step,
    "snapshot_url": null(),
}
_SHOWN = (
    *(_IN_PLACE[name] if name in _IN_PLACE else getattr(EventRow, name) for name in FIELDS),
    EventRow.code,
    EventRow.lat_deg,
    EventRow.responsible,
    DeadlineRow.started_at,
    DeadlineRow.due_at,
    DeadlineRow.warn_at,
    DeadlineRow.paused_at,
    DeadlineRow.paused_until,
)


def shown() -> Select[*tuple[Any, ...]]:
    """Return the query for all that lists show of events; conditions are added to it."""
    joined = select(*_SHOWN).select_from(EventRow)
    return joined.outerjoin(DeadlineRow, DeadlineRow.event_number == EventRow.number)


def records(session: Session, query: Select[*tuple[Any, ...]], now: datetime) -> list[Record]:
    """Return what `shown`, with conditions and an order, finds, as it stands now."""
    return [_record(row, now) for row in session.execute(query)]


def linked(found: Sequence[Record], link: Callable[[str], str]) -> Sequence[Record]:
    """Let each event that has a snapshot have its link, too."""
    for record in found:
        if record["snapshot"] is not None:
            record["snapshot_url"] = link(record["snapshot"])
    return found


def _record(row: Row[*tuple[Any, ...]], now: datetime) -> Record:
    record = dict(zip(FIELDS, row, strict=False))
    code, lat_deg, responsible, started_at, *moments = row[len(FIELDS) :]
    record["matter"] = {"standard_ref": record["matter"], "code": code}
    lon_deg, step = record["position"], record["deadline"]
    is_placed = lon_deg is not None and lat_deg is not None
    record["position"] = {"lon_deg": lon_deg, "lat_deg": lat_deg} if is_placed else None
    record["deadline"] = None
    if step is not None and started_at is not None:
        due_at, warn_at, paused_at, paused_until = moments
        record["deadline"] = {
            "step": step,
            "state": state_at(row, now),
            "started_at": started_at,
            "due_at": due_at,
            "warn_at": warn_at,
            "paused_at": paused_at,
            "paused_until": paused_until,
            "responsible": responsible,
        }
    return record
