"""The tables, in words every SQL database understands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, validates


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times, also on databases that store no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Read as UTC; a database without time zones gives a naive value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Root of the tables."""

    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class TokenRow(Base):
    """A bearer token: only its hash is kept."""

    __tablename__ = "tokens"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CellRow(Base):
    """One unit grid cell; `feature` is its GeoJSON feature."""

    __tablename__ = "cells"
    __table_args__ = (Index("ix_cells_box", "west_deg", "east_deg", "south_deg", "north_deg"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    west_deg: Mapped[float]
    south_deg: Mapped[float]
    east_deg: Mapped[float]
    north_deg: Mapped[float]
    feature: Mapped[dict[str, Any]]


class CellSetRow(Base):
    """One row for each time the cells were replaced; the newest tells which cells are in force."""

    __tablename__ = "cell_sets"

    revision: Mapped[int] = mapped_column(primary_key=True)
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str] = mapped_column(String(100))
    cell_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


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
UNCLOSED = text("events.status <> 'closed'")
LASTS_DAYS = 7
LASTING = text(f"events.last_day > events.first_day + {LASTS_DAYS}")


def day_of(moment: datetime) -> int:
    """Return the day of a moment in UTC, counted from 1970."""
    return moment.astimezone(UTC).toordinal() - EPOCH_DAY


def _listed(name: str, *first: str, where: str | None = None) -> Index:
    columns = (*first, "number", *(each for each in ASKED_OF_EVENTS if each not in first))
    condition = None if where is None else text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class EventRow(Base):
    """The thing in the world; its place and score are those of its best observation.

    `town_code`, `first_day` and `last_day` follow from what they stand beside, and `responsible`
    is that of its deadline: all are here for the lists.
    """

    __tablename__ = "events"
    __table_args__ = (
        # What merging asks: open events of one matter in a box.
        Index("ix_events_place", "standard_ref", "code", "status", "lat_deg", "lon_deg"),
        Index("ix_events_duplicate_of", "duplicate_of"),
        # What lists ask, see `event_paths`.
        _listed("ix_events_cell", "cell_code"),
        _listed("ix_events_town", "town_code"),
        _listed("ix_events_source", "source"),
        _listed("ix_events_code", "code"),
        _listed("ix_events_body", "body"),
        _listed("ix_events_responsible", "responsible"),
        _listed("ix_events_lat", "lat_deg", "lon_deg"),
        _listed("ix_events_last_day", "last_day"),
        _listed("ix_events_unclosed", where="status <> 'closed'"),
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
    deadline: Mapped[DeadlineRow | None] = relationship()

    @validates("cell_code")
    def _note_town(self, _name: str, code: str | None) -> str | None:
        self.town_code = code and code[:TOWN_DIGITS]
        return code

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


class RuleFileRow(Base):
    """A catalogue or a year's calendar as it was brought into force; the newest of each holds."""

    __tablename__ = "rule_files"

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int | None]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    put_at: Mapped[datetime]
    put_by: Mapped[str] = mapped_column(String(100))


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


class EvidenceRow(Base):
    """A picture or clip; its bytes lie in a file named by the hash.

    One that is sealed, such as an original before blurring, is opened by named roles only. Of one
    that was removed, as the rules of retention say, the row alone is left.
    """

    __tablename__ = "evidence"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    stored_at: Mapped[datetime]
    stored_by: Mapped[str] = mapped_column(String(100))
    sealed: Mapped[bool] = mapped_column(default=False, server_default=false())
    removed_at: Mapped[datetime | None]

    @property
    def is_shown_picture(self) -> bool:
        """Whether it is a picture that every reader may see."""
        is_here = self.removed_at is None and not self.sealed
        return is_here and self.media_type.startswith("image/")


class EvidenceUseRow(Base):
    """Which events a picture or clip belongs to: who may see one of them may open it."""

    __tablename__ = "evidence_uses"

    sha256: Mapped[str] = mapped_column(ForeignKey("evidence.sha256"), primary_key=True)
    event_number: Mapped[int] = mapped_column(
        ForeignKey("events.number"), primary_key=True, autoincrement=False
    )


class AuditHeadRow(Base):
    """The end of the audit's chain: one row, locked by whoever appends."""

    __tablename__ = "audit_head"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class AuditRow(Base):
    """What somebody did, sealed by a hash that covers the row before."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]]
    previous_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))


class FeedHeadRow(Base):
    """The last number given out in the feed: one row, locked by whoever appends."""

    __tablename__ = "feed_head"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger)


class FeedRow(Base):
    """One message of the live stream, kept so that a client can resume."""

    __tablename__ = "feed"

    feed_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]
