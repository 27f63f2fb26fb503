"""The rules in force: the catalogue and the working calendars, kept as the files they were."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from events_api.calendars import WorkingCalendar
from events_api.catalogue.calendar_files import (
    SHIPPED_CALENDAR,
    CalendarFile,
    join_calendars,
    parse_calendar,
)
from events_api.catalogue.catalogue_files import SHIPPED_CATALOGUE, parse_catalogue, read_text
from events_api.catalogue.matters import Catalogue
from events_api.store.asking import Question, question
from events_api.store.rule_models import RuleFileRow

CATALOGUE, CALENDAR = "catalogue", "calendar"

_REVISION = select(func.max(RuleFileRow.revision))


@dataclass(frozen=True)
class RuleFile:
    """A file in force.

    Attributes:
        text: What it says.
        sha256: Hash of it.
        put_at: When it was brought into force; none for a shipped one.
        put_by: By whom.
    """

    text: str
    sha256: str
    put_at: datetime | None = None
    put_by: str | None = None


@dataclass(frozen=True)
class RulesInForce:
    """Everything that deadlines follow, at one revision.

    Attributes:
        revision: Grows with every file that is brought into force; 0 while all are shipped.
        catalogue: The matters and their limits.
        catalogue_file: What it was read from.
        calendars: The years, in order.
        calendar_files: What they were read from, by year.
        calendar: The years joined.
    """

    revision: int
    catalogue: Catalogue
    catalogue_file: RuleFile
    calendars: tuple[CalendarFile, ...]
    calendar_files: dict[int, RuleFile]
    calendar: WorkingCalendar


class RuleBook:
    """The rules in force, read again only after one of them was replaced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: RulesInForce | None = None

    @property
    def known(self) -> RulesInForce | None:
        """What is in memory: no longer in force where `ask_revision` finds another number."""
        with self._lock:
            return self._known

    def now(self, session: Session) -> RulesInForce:
        """Return the rules in force, as this session sees them.

        Raises:
            CatalogueError: A stored file is none any more; a newer version of the program may
                want another form.
        """
        # One number tells whether what is in memory still holds, even if another process or the
        # command line brought something else into force.
        revision = session.connection().scalar(_REVISION) or 0
        with self._lock:
            if self._known is None or self._known.revision != revision:
                self._known = read_rules(session)
            return self._known


def ask_revision(connection: Connection) -> Question:
    """Return what asks for the revision in force; none while all are shipped."""
    return question(connection, _REVISION)


def read_rules(session: Session) -> RulesInForce:
    """Read the newest catalogue and the newest calendar of each year; the shipped where none is.

    Raises:
        CatalogueError: A stored file breaks the form, or the calendars do not fit together.
    """
    rows = _newest(session)
    catalogue_file, calendar_files = _shipped(SHIPPED_CATALOGUE), {}
    for row in rows:
        file = RuleFile(row.content, row.sha256, row.put_at, row.put_by)
        if row.kind == CATALOGUE:
            catalogue_file = file
        elif row.year is not None:
            calendar_files[row.year] = file
    if not calendar_files:
        example = _shipped(SHIPPED_CALENDAR)
        calendar_files[parse_calendar(example.text, SHIPPED_CALENDAR.name).year] = example
    calendars = tuple(
        parse_calendar(file.text, f"calendar {year} in force")
        for year, file in sorted(calendar_files.items())
    )
    return RulesInForce(
        revision=max((row.revision for row in rows), default=0),
        catalogue=parse_catalogue(catalogue_file.text, "catalogue in force"),
        catalogue_file=catalogue_file,
        calendars=calendars,
        calendar_files=calendar_files,
        calendar=join_calendars(calendars),
    )


def put_catalogue(session: Session, text: str, name: str, by: str, now: datetime) -> Catalogue:
    """Bring a catalogue into force, after it was read whole.

    Raises:
        CatalogueError: The text breaks the form; nothing was changed.
    """
    catalogue = parse_catalogue(text, name)
    session.add(_row(CATALOGUE, None, text, by, now))
    session.flush()
    return catalogue


def put_calendar(session: Session, text: str, name: str, by: str, now: datetime) -> CalendarFile:
    """Bring the calendar of a year into force in the place of the one before.

    Raises:
        CatalogueError: The text breaks the form, or does not fit to the calendars of other years;
            nothing was changed.
    """
    calendar = parse_calendar(text, name)
    others = {row.year: row for row in _newest(session) if row.kind == CALENDAR}
    others.pop(calendar.year, None)
    kept = [parse_calendar(row.content, f"calendar {year}") for year, row in others.items()]
    join_calendars([*kept, calendar])
    session.add(_row(CALENDAR, calendar.year, text, by, now))
    session.flush()
    return calendar


def _newest(session: Session) -> Sequence[RuleFileRow]:
    newest = select(func.max(RuleFileRow.revision)).group_by(RuleFileRow.kind, RuleFileRow.year)
    query = select(RuleFileRow).where(RuleFileRow.revision.in_(newest))
    return session.scalars(query.order_by(RuleFileRow.revision)).all()


def _shipped(path: Path) -> RuleFile:
    text = read_text(path)
    return RuleFile(text, _hash(text))


def _row(kind: str, year: int | None, text: str, by: str, now: datetime) -> RuleFileRow:
    return RuleFileRow(
        kind=kind, year=year, content=text, sha256=_hash(text), put_at=now, put_by=by
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
