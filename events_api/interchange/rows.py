"""Events as flat rows: what tables, spreadsheets and map programs read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events_api.catalogue.matters import Catalogue, Matter
from events_api.schemas import EventSummary

Value = str | int | float | datetime | None

Matters = Mapping[tuple[str, str], Matter]
"""Matters by standard and code."""

COLUMNS = (
    "number",
    "event_id",
    "standard_ref",
    "matter",
    "matter_zh",
    "matter_en",
    "class_name",
    "status",
    "status_since",
    "level",
    "body",
    "step",
    "deadline",
    "due_at",
    "responsible",
    "score",
    "lon_deg",
    "lat_deg",
    "ce50_m",
    "ce90_m",
    "cell_code",
    "zone_id",
    "place",
    "why",
    "source",
    "snapshot",
    "observation_count",
    "first_observed_at",
    "last_observed_at",
    "extended_until",
    "suspended_until",
    "duplicate_of",
    "version",
)
"""The columns, in order."""


def matters_by_key(catalogue: Catalogue) -> Matters:
    """Return the matters of a catalogue so that each is found at once."""
    return {(matter.standard_ref, matter.code): matter for matter in catalogue.matters}


def row_of(event: EventSummary, matters: Matters) -> dict[str, Value]:
    """Write an event as one flat row with the names of its matter.

    `matter` is the code; `deadline` says how the clock of `step` stands; a matter that is not in
    the catalogue any more has no names.
    """
    matter = matters.get((event.matter.standard_ref, event.matter.code))
    position, clock = event.position, event.deadline
    row: dict[str, Value] = {name: _plain(getattr(event, name, None)) for name in COLUMNS}
    row |= {
        "standard_ref": event.matter.standard_ref,
        "matter": event.matter.code,
        "matter_zh": matter.zh if matter else None,
        "matter_en": matter.en if matter else None,
        "lon_deg": position.lon_deg if position else None,
        "lat_deg": position.lat_deg if position else None,
        "step": str(clock.step) if clock else None,
        "deadline": str(clock.state) if clock else None,
        "due_at": clock.due_at if clock else None,
        "responsible": clock.responsible if clock else None,
    }
    return row


def _plain(value: object) -> Value:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str):
        return str(value)  # also what is an enumeration
    return value if isinstance(value, int | float | datetime) else None
