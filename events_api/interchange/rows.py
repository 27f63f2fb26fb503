"""Events as flat rows: what tables, spreadsheets and map programs read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events_api.catalogue.matters import Catalogue, Matter

Value = str | int | float | datetime | None

PLAIN = {str, int, float, datetime, type(None)}
"""What stays as it is; most values do."""

Record = Mapping[str, Any]
"""An event in the form of `EventSummary`: its fields by name, and theirs."""

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
    "grade",
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


def row_of(record: Record, matters: Matters) -> dict[str, Value]:
    """Write the record of an event as one flat row with the names of its matter.

    `matter` is the code; `deadline` says how the clock of `step` stands; a matter that is not in
    the catalogue any more has no names.
    """
    key, position, clock = record["matter"], record["position"], record["deadline"]
    matter = matters.get((key["standard_ref"], key["code"]))
    of_matter = (matter.zh, matter.en) if matter else (None, None)
    of_position = (position["lon_deg"], position["lat_deg"]) if position else (None, None)
    of_clock = _clock(clock) if clock else (None, None, None, None)
    found = {
        **record,
        "standard_ref": key["standard_ref"],
        "matter": key["code"],
        **dict(zip(("matter_zh", "matter_en"), of_matter, strict=True)),
        **dict(zip(("lon_deg", "lat_deg"), of_position, strict=True)),
        **dict(zip(("step", "deadline", "due_at", "responsible"), of_clock, strict=True)),
    }
    values = ((name, found[name]) for name in COLUMNS)
    return {name: value if type(value) in PLAIN else _plain(value) for name, value in values}


def _clock(clock: Record) -> tuple[Value, ...]:
    return str(clock["step"]), str(clock["state"]), clock["due_at"], clock["responsible"]


def _plain(value: object) -> Value:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str):
        return str(value)  # also what is an enumeration
    return value if isinstance(value, int | float | datetime) else None
