"""Writes what reports have made: new events and changed ones, observations, audit and feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Table,
    Update,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import Session

from events_api.audit import Deed, Link
from events_api.store import audit, feed
from events_api.store.asking import Answer, Question, ask_all, question
from events_api.store.audit_models import AuditHeadRow
from events_api.store.bulk import Row, Write, insert_into, update_by, write_all
from events_api.store.evidence_models import EvidenceUseRow
from events_api.store.feed_models import FeedHeadRow
from events_api.store.models import (
    TOWN_DIGITS,
    DeadlineRow,
    EventRow,
    ObservationRow,
    day_of,
    lat_row_of,
)

_EVENTS = cast("Table", EventRow.__table__)
_NEW_EVENT = insert_into(_EVENTS)
_NEW_OBSERVATION = insert_into(cast("Table", ObservationRow.__table__), "number")
_NEW_DEADLINE = insert_into(cast("Table", DeadlineRow.__table__))
_NEW_USE = insert_into(cast("Table", EvidenceUseRow.__table__))
_COLUMNS = frozenset(column.name for column in _EVENTS.columns)
_SEQUENCE = literal_column("pg_get_serial_sequence('events', 'number')", String)
_GO_ON_AFTER = select(func.setval(_SEQUENCE, bindparam("number", type_=Integer)))
# Nobody else changes these: there is one writer at a time (`Database.write`).
_ENDS = select(
    select(func.max(_EVENTS.c.number)).scalar_subquery(),
    AuditHeadRow.number,
    AuditHeadRow.sha256,
    FeedHeadRow.last_id,
).join(FeedHeadRow, true())


@dataclass(frozen=True, slots=True)
class Ends:
    """Where what is written goes on.

    Only writers may go on from it: there is one at a time.

    Attributes:
        event_number: Of the newest event, 0 when there is none.
        audit: The end of its chain.
        feed_id: Of the newest message.
    """

    event_number: int
    audit: Link
    feed_id: int

    @classmethod
    def of(cls, answer: Answer) -> Ends:
        """Read the answer to `ask_ends`."""
        ((event_number, number, sha256, feed_id),) = answer
        return cls(event_number or 0, Link(number, sha256), feed_id)


def ask_ends(connection: Connection) -> Question:
    """Return what asks for the ends."""
    return question(connection, _ENDS)


@dataclass(slots=True)
class Unwritten:
    """What reports have made and the database does not have yet, in their order.

    Attributes:
        opened: New events by their numbers.
        changed: What each changed event was before, and what it is now, by its number.
        deadlines: Of new events, by their numbers.
        observations: Rows of reports.
        uses: Which pictures and clips belong to which events.
        deeds: For the audit.
        messages: For the feed.
    """

    opened: dict[int, EventRow] = field(default_factory=dict)
    changed: dict[int, tuple[Mapping[str, Any], EventRow]] = field(default_factory=dict)
    deadlines: dict[int, DeadlineRow] = field(default_factory=dict)
    observations: list[Row] = field(default_factory=list)
    uses: set[tuple[str, int]] = field(default_factory=set)
    deeds: list[Deed] = field(default_factory=list)
    messages: list[feed.Message] = field(default_factory=list)

    def write(self, session: Session, now: datetime, ends: Ends | None = None) -> None:
        """Write it; nothing is committed here.

        Args:
            session: A writing session.
            now: When it was made.
            ends: As they are now; asked for where they are not given.
        """
        connection = session.connection()
        uses = _new_uses(session, self.uses)
        if ends is None:
            ends = Ends.of(*ask_all(connection, [ask_ends(connection)]))
        # Whoever leaves the numbering to PostgreSQL goes on after ours.
        has_sequence = connection.dialect.name == "postgresql"
        newest = [{"number": max(self.opened)}] if self.opened and has_sequence else []
        opened = [_row_of(each) for each in self.opened.values()]
        deadlines = [vars(each) for each in self.deadlines.values()]
        write_all(
            connection,
            (
                *((_GO_ON_AFTER, newest), (_NEW_EVENT, opened), (_NEW_DEADLINE, deadlines)),
                *_changes(self.changed),
                *((_NEW_OBSERVATION, self.observations), (_NEW_USE, uses)),
                # The audit before the feed, here and everywhere: both heads are locked from here
                # to the commit, and two that took them crosswise would wait for each other.
                *audit.sealed(ends.audit, self.deeds, now),
                *feed.numbered(ends.feed_id, self.messages, now),
            ),
        )
        # Whoever reads objects afterwards reads what was written here.
        session.expire_all()


def _row_of(event: EventRow) -> Row:
    return {
        **vars(event),
        "lat_row": None if event.lat_deg is None else lat_row_of(event.lat_deg),
        "town_code": event.cell_code and event.cell_code[:TOWN_DIGITS],
        "first_day": day_of(event.first_observed_at),
        "last_day": day_of(event.last_observed_at),
    }


def _changes(changed: Mapping[int, tuple[Mapping[str, Any], EventRow]]) -> list[Write]:
    # By what has changed: a column that is written is written into each of its indices.
    rows: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for number, (before, event) in changed.items():
        row = _row_of(event)
        names = sorted(
            name
            for name in _COLUMNS & row.keys()
            if name not in before or row[name] != before[name]
        )
        if names:
            rows[tuple(names)].append({**row, "of_number": number})
    return [(_update(written), some) for written, some in rows.items()]


@lru_cache(maxsize=64)
def _update(names: tuple[str, ...]) -> Update:
    return update_by(_EVENTS, "number", names)


def _new_uses(session: Session, uses: set[tuple[str, int]]) -> list[Row]:
    if not uses:
        return []
    query = select(EvidenceUseRow.sha256, EvidenceUseRow.event_number)
    there = query.where(EvidenceUseRow.sha256.in_({sha256 for sha256, _ in uses}))
    known = {(sha256, number) for sha256, number in session.execute(there)}
    return [{"sha256": each, "event_number": number} for each, number in sorted(uses - known)]
