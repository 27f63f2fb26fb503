"""What observations make of an event: its place, its score, its times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from events_api import merging
from events_api.cases import Status
from events_api.open_events import place_of
from events_api.roles import Level
from events_api.schemas import Report
from events_api.store.models import EventRow
from geofences.cells import Grid

MOST_CELLS = 16
"""How many of the cells that an event may lie in are kept."""


class EventDraft(SimpleNamespace):
    """An event that is not in the database yet.

    It has the names that an `EventRow` has and may stand for one, without what a row does to keep
    the database informed: that would take longer than all else that a new event asks for.
    """

    def as_row(self) -> EventRow:
        """Let it stand for a row."""
        return cast("EventRow", self)


def open_event(report: Report, snapshot: str | None, now: datetime) -> EventRow:
    """Return a new event as its first report tells it, without its place."""
    return EventRow(**opening(report, snapshot, now))


def opening(report: Report, snapshot: str | None, now: datetime) -> dict[str, Any]:
    """Return what a new event is as its first report tells it, without its place."""
    return {
        # From the report that opened it, so that a replay into an empty database gives it again.
        "event_id": str(uuid5(NAMESPACE_URL, f"gridpatrol:event:{report.report_id}")),
        "standard_ref": report.matter.standard_ref,
        "code": report.matter.code,
        "class_name": report.class_name,
        "status": Status.REPORTED,
        "status_since": now,
        "version": 1,
        "level": Level.VILLAGE,
        "score": report.score,
        "source": report.source,
        "snapshot": snapshot,
        "why": report.why,
        "observation_count": 1,
        "first_observed_at": report.observed_at,
        "last_observed_at": report.observed_at,
    }


def observe_again(
    event: EventRow, report: Report, snapshot: str | None, grid: Callable[[], Grid]
) -> None:
    """Take one more report into an event."""
    event.observation_count += 1
    event.score = max(event.score, report.score)
    event.first_observed_at = min(event.first_observed_at, report.observed_at)
    event.last_observed_at = max(event.last_observed_at, report.observed_at)
    event.snapshot = event.snapshot or snapshot
    if _is_surer(report, event):
        event.why = report.why
        event.snapshot = snapshot or event.snapshot
        place_event(event, report, grid)


def _is_surer(report: Report, event: EventRow) -> bool:
    """Whether the report places the event better than all before it."""
    if report.position is None:
        return False
    if event.lon_deg is None:  # any place is better than none
        return True
    reported_m = merging.ASSUMED_CE90_M if report.ce90_m is None else report.ce90_m
    known_m = merging.ASSUMED_CE90_M if event.ce90_m is None else event.ce90_m
    return reported_m < known_m


def place_event(event: EventRow, report: Report, grid: Callable[[], Grid]) -> None:
    """Let an event lie where a report saw it."""
    place = place_of(report)
    event.lon_deg = place.lon_deg if place else None
    event.lat_deg = place.lat_deg if place else None
    event.ce50_m, event.ce90_m = report.ce50_m, report.ce90_m
    event.zone_id, event.place = report.zone_id, report.place
    event.cell_code = report.cell_code
    event.cells = [share.model_dump() for share in report.cells]
    if place is None:
        return
    # The edge knows its cells; only officers and citizens send a bare point.
    if event.cell_code is None:
        cell = grid().cell_at(place)
        event.cell_code = cell.code if cell else None
    if not event.cells and report.ce90_m is not None and report.ce90_m <= merging.VAGUE_CE90_M:
        shares = grid().probabilities(place, report.ce90_m)[:MOST_CELLS]
        event.cells = [{"code": each.code, "probability": each.probability} for each in shares]
