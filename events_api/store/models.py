"""The tables of events and of all that hangs on them, in words every SQL database understands."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from events_api.store.base import Base

TOWN_DIGITS = 9
EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
ASKED_OF_EVENTS = (
    "status",
    "code",
    "body",
    "responsible",
    "source",
    "cell_code",
    "lat_deg",
    "lon_deg",
    "first_day",
    "last_day",
)
LAT_ROWS_PER_DEG = 100
UNCLOSED = text("events.status <> 'closed'")
LASTS_DAYS = 7
LASTING = text(f"events.last_day > events.first_day + {LASTS_DAYS}")


def day_of(moment: datetime) -> int:
    """Return the day of a moment in UTC, counted from 1970."""
    return moment.astimezone(UTC).toordinal() - EPOCH_DAY


def lat_row_of(lat_deg: float) -> int:
    """Return which row of a hundredth of a degree, about a kilometre, a latitude is in."""
    return math.floor(lat_deg * LAT_ROWS_PER_DEG)


def _listed(name: str, *first: str, where: str | None = None, last: tuple[str, ...] = ()) -> Index:
    columns = (*first, "number", *(each for each in ASKED_OF_EVENTS if each not in first), *last)
    condition = None if where is None else text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class EventRow(Base):
    """The thing in the world; its place and score are those of its best observation.

    `lat_row`, `town_code`, `first_day` and `last_day` follow from what they stand beside, and
    `responsible` is that of its deadline: all are here for the lists.
    """

    __tablename__ = "events"
    __table_args__ = (
        # What merging asks: open events of one matter in a box.
        Index("ix_events_place", "standard_ref", "code", "status", "lat_deg", "lon_deg"),
        Index("ix_events_duplicate_of", "duplicate_of"),
        # What lists ask, see `event_choice`.
        _listed("ix_events_cell", "cell_code"),
        _listed("ix_events_town", "town_code"),
        _listed("ix_events_source", "source"),
        _listed("ix_events_code", "code"),
        _listed("ix_events_body", "body"),
        _listed("ix_events_responsible", "responsible"),
        _listed("ix_events_row", "lat_row", "lon_deg"),
        _listed("ix_events_last_day", "last_day"),
        _listed("ix_events_unclosed", where="status <> 'closed'", last=("grade",)),
        # Few have one, and the other indices do not hold it.
        _listed("ix_events_grade", "grade", where="grade IS NOT NULL"),
        _listed("ix_events_first_day", "first_day"),
        _listed("ix_events_lasting", "last_day", where=f"last_day > first_day + {LASTS_DAYS}"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    standard_ref: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    class_name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(30))
    score: Mapped[float]
    lon_deg: Mapped[float | None]
    lat_deg: Mapped[float | None]
    lat_row: Mapped[int | None]
    ce50_m: Mapped[float | None]
    ce90_m: Mapped[float | None]
    cell_code: Mapped[str | None] = mapped_column(String(40))
    town_code: Mapped[str | None] = mapped_column(String(TOWN_DIGITS))
    cells: Mapped[list[Any]]
    zone_id: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(200))
    why: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    snapshot: Mapped[str | None] = mapped_column(String(64))
    observation_count: Mapped[int]
    first_observed_at: Mapped[datetime]
    last_observed_at: Mapped[datetime]
    first_day: Mapped[int]
    last_day: Mapped[int]
    # The case. The version counts its transitions: nobody moves what has moved unseen.
    version: Mapped[int]
    status_since: Mapped[datetime]
    level: Mapped[str] = mapped_column(String(20))
    body: Mapped[str | None] = mapped_column(String(40))
    responsible: Mapped[str | None] = mapped_column(String(40))
    duplicate_of: Mapped[str | None] = mapped_column(String(36))
    extended_until: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    grade: Mapped[str | None] = mapped_column(String(1))
    deadline: Mapped[DeadlineRow | None] = relationship()

    @validates("cell_code")
    def _note_town(self, _name: str, code: str | None) -> str | None:
        self.town_code = code and code[:TOWN_DIGITS]
        return code

    @validates("lat_deg")
    def _note_row(self, _name: str, lat_deg: float | None) -> float | None:
        self.lat_row = None if lat_deg is None else lat_row_of(lat_deg)
        return lat_deg

    @validates("first_observed_at", "last_observed_at")
    def _note_day(self, name: str, at: datetime) -> datetime:
        setattr(self, f"{name.partition('_')[0]}_day", day_of(at))
        return at


class TransitionRow(Base):
    """One step in the life of an event, never changed.

    `version` is the event's after the step; `details` holds what the step was given beside its
    reason, as the wire writes it; `key` lets a step that is sent again be known.
    """

    __tablename__ = "transitions"
    __table_args__ = (UniqueConstraint("event_number", "key"),)

    event_number: Mapped[int] = mapped_column(ForeignKey("events.number"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(30))
    from_status: Mapped[str] = mapped_column(String(30))
    to_status: Mapped[str] = mapped_column(String(30))
    actor: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    details: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(String(120))
    fingerprint: Mapped[str] = mapped_column(String(64))


DEADLINE_COLUMNS = ("step", "warn_at", "paused_at", "paused_until", "responsible", "cell_code")


def _of_open(name: str, *columns: str) -> Index:
    is_open = text("step IS NOT NULL")
    return Index(name, *columns, sqlite_where=is_open, postgresql_where=is_open)


class DeadlineRow(Base):
    """How an event stands against its limits, reckoned from its history.

    The step and the moments are those of the clock that runs now, and empty once none does;
    `cell_code` is the event's, kept here too for the lists.
    `responsible` is the body it was dispatched to, else the one that the catalogue names.
    `handled_s` and `is_late` sum up the handling; `is_late` is none where nothing limited it.
    `clocks` lists every clock for whoever looks closely.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        # Of a million events few are open: these indices hold those alone, and with everything
        # that is asked of them, so that no row is read that is not wanted.
        _of_open("ix_deadlines_due", "due_at", "event_number", *DEADLINE_COLUMNS),
        _of_open("ix_deadlines_open", "event_number", "due_at", *DEADLINE_COLUMNS),
        Index("ix_deadlines_reported", "reported_at"),
        Index("ix_deadlines_closed", "closed_at"),
        Index("ix_deadlines_responsible", "responsible", "event_number"),
    )

    event_number: Mapped[int] = mapped_column(
        ForeignKey("events.number"), primary_key=True, autoincrement=False
    )
    reported_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    step: Mapped[str | None] = mapped_column(String(20))
    started_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    responsible: Mapped[str | None] = mapped_column(String(40))
    cell_code: Mapped[str | None] = mapped_column(String(40))
    handled_s: Mapped[float | None]
    is_late: Mapped[bool | None]
    clocks: Mapped[list[Any]]


class ObservationRow(Base):
    """A report as attached to its event."""

    __tablename__ = "observations"
    __table_args__ = (
        # What merging asks: who else did this pass see.
        Index("ix_observations_pass", "source", "pass_id", "track_id"),
        Index("ix_observations_event", "event_number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    report_id: Mapped[str] = mapped_column(String(36), unique=True)
    event_number: Mapped[int] = mapped_column(ForeignKey("events.number"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(200))
    pass_id: Mapped[str] = mapped_column(String(200))
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    opened: Mapped[bool]
    merged_why: Mapped[str] = mapped_column(Text)
    report: Mapped[dict[str, Any]]
