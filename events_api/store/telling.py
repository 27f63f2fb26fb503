"""An event as the feed keeps it, written without the checks that strangers' values need.

It is what `events.summary` gives, which judges each value of what lies in our own database; for
each report that would take longer than its merging.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic_core import to_json

from events_api.deadlines import state_at
from events_api.store.models import DeadlineRow, EventRow


def told(event: EventRow, now: datetime) -> str:
    """Return the JSON of an event's summary at a moment."""
    return to_json(_summary(event, now)).decode()


def _summary(event: EventRow, now: datetime) -> dict[str, Any]:
    position = None
    if event.lon_deg is not None and event.lat_deg is not None:
        position = {"lon_deg": event.lon_deg, "lat_deg": event.lat_deg}
    return {
        "event_id": event.event_id,
        "number": event.number,
        "version": event.version,
        "matter": {"standard_ref": event.standard_ref, "code": event.code},
        "class_name": event.class_name,
        "status": event.status,
        "status_since": event.status_since,
        "level": event.level,
        "grade": event.grade,
        "body": event.body,
        "duplicate_of": event.duplicate_of,
        "extended_until": event.extended_until,
        "suspended_until": event.suspended_until,
        "score": event.score,
        "position": position,
        "ce50_m": event.ce50_m,
        "ce90_m": event.ce90_m,
        "cell_code": event.cell_code,
        "zone_id": event.zone_id,
        "place": event.place,
        "why": event.why,
        "source": event.source,
        "snapshot": event.snapshot,
        "snapshot_url": None,
        "observation_count": event.observation_count,
        "first_observed_at": event.first_observed_at,
        "last_observed_at": event.last_observed_at,
        "deadline": _deadline(event.deadline, now),
    }


def _deadline(row: DeadlineRow | None, now: datetime) -> dict[str, Any] | None:
    if row is None or row.step is None or row.started_at is None:
        return None
    return {
        "step": row.step,
        "state": state_at(row, now),
        "started_at": row.started_at,
        "due_at": row.due_at,
        "warn_at": row.warn_at,
        "paused_at": row.paused_at,
        "paused_until": row.paused_until,
        "responsible": row.responsible,
    }
