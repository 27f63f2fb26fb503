"""Removes what the county's rules no longer keep, and says in the audit what and why.

Of each thing the database is told first that it is gone, in one transaction with the audit; its
file goes after that. A process that ends in between leaves a file that nothing names, and the
next application removes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Generic, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from events_api.audit import Deed
from events_api.catalogue.retention_files import Kept, Retention
from events_api.forwarding.rows import ForwardedRow
from events_api.retention import Thing, event_ids, is_over, why
from events_api.store import audit
from events_api.store import retention as stored
from events_api.store.access_models import ContactRow
from events_api.store.database import Database
from events_api.store.evidence import EvidenceStore
from events_api.store.evidence_models import EvidenceRow
from events_api.store.models import EventRow
from events_api.store.retention_models import RetentionRunRow

LEFT_BEHIND = timedelta(days=30)
"""How far back an application looks for files that an earlier one could not remove."""

Tally = Counter[Kept]


@dataclass(frozen=True, slots=True)
class Order:
    """An application of the rules.

    Attributes:
        by: Who asks.
        now: The present.
        is_rehearsal: Whether it only counts what it would remove.
    """

    by: str
    now: datetime
    is_rehearsal: bool = False


def apply_rules(database: Database, evidence: EvidenceStore, order: Order) -> Tally:
    """Remove everything that is over; return how many things of each kind.

    Nobody is held up for long: what is over is looked for in readings, and removed a part at a
    time, each judged again in the transaction that removes it.

    Raises:
        CatalogueError: The rules in force cannot be read.
        EvidenceStoreError: Files cannot be removed; the next application does.
    """
    number = None if order.is_rehearsal else _begin(database, order)
    with database.read() as session:
        rules = stored.in_force(session).rules
    sweep = _Sweep(database, rules, order)
    removed = sweep.evidence() + sweep.contacts() + sweep.forwards()
    if number is not None:
        _remove_files(database, evidence, order.now)
        with database.write() as session:
            run = session.get_one(RetentionRunRow, number)
            run.removed = {str(kind): count for kind, count in removed.items()}
    return removed


def is_due(session: Session, now: datetime, every: timedelta) -> bool:
    """Whether the rules were last applied so long ago, or never."""
    run = stored.last_run(session)
    return run is None or now - run.begun_at >= every


def _begin(database: Database, order: Order) -> int:
    with database.write() as session:
        run = RetentionRunRow(begun_at=order.now, begun_by=order.by, removed=None)
        session.add(run)
        session.flush()
        return run.number


Row = TypeVar("Row")
Key = TypeVar("Key", str, int)


@dataclass(frozen=True, slots=True)
class _Way(Generic[Row, Key]):
    """How the things of one kind are gone through.

    Attributes:
        after: Reads the next rows after a key.
        things: Says of rows what is judged, by their keys.
        key: Gives the key of a row.
        forget: Removes the things of some keys, each judged again.
    """

    after: Callable[[Session, Key], list[Row]]
    things: Callable[[Session, Sequence[Row]], dict[Key, Thing]]
    key: Callable[[Row], Key]
    forget: Callable[[Session, Sequence[Key]], None]


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One pass over everything that is kept."""

    database: Database
    rules: Retention
    order: Order

    def evidence(self) -> Tally:
        """Remove pictures and clips."""
        last = attrgetter("sha256")
        how = _Way(stored.evidence_after, stored.of_evidence, last, self._forget_evidence)
        return self._sweep(how, "")

    def contacts(self) -> Tally:
        """Remove how citizens can be reached."""
        last = attrgetter("report_id")
        how = _Way(stored.contacts_after, stored.of_contacts, last, self._forget_contacts)
        return self._sweep(how, "")

    def forwards(self) -> Tally:
        """Remove what foreign servers were told of events, and what they answered."""
        last = attrgetter("number")
        how = _Way(stored.forwards_after, stored.of_forwards, last, self._forget_forwards)
        return self._sweep(how, 0)

    def _sweep(self, way: _Way[Row, Key], before_all: Key) -> Tally:
        removed, last = Tally(), before_all
        while True:
            with self.database.read() as session:
                rows = way.after(session, last)
                over = self._over(way.things(session, rows))
            if not rows:
                return removed
            last = way.key(rows[-1])
            removed += self._count(over.values())
            if over and not self.order.is_rehearsal:
                with self.database.write() as session:
                    way.forget(session, list(over))

    def _over(self, things: dict[Key, Thing]) -> dict[Key, Thing]:
        now = self.order.now
        return {key: thing for key, thing in things.items() if is_over(thing, self.rules, now)}

    def _count(self, things: Iterable[Thing]) -> Tally:
        return Tally(thing.kept for thing in things)

    def _forget_evidence(self, session: Session, hashes: Sequence[str]) -> None:
        query = select(EvidenceRow).where(
            EvidenceRow.sha256.in_(hashes), EvidenceRow.removed_at.is_(None)
        )
        rows = {row.sha256: row for row in session.scalars(query.with_for_update())}
        # An event may have been opened again since it was looked at.
        over = self._over(stored.of_evidence(session, list(rows.values())))
        for sha256, thing in over.items():
            rows[sha256].removed_at = self.order.now
            self._note(session, "evidence.removed", f"evidence:{sha256}", thing)
        shown = update(EventRow).where(EventRow.snapshot.in_(list(over)))
        session.execute(shown.values(snapshot=None))

    def _forget_contacts(self, session: Session, report_ids: Sequence[str]) -> None:
        query = select(ContactRow).where(ContactRow.report_id.in_(report_ids))
        rows = {row.report_id: row for row in session.scalars(query.with_for_update())}
        for report_id, thing in self._over(
            stored.of_contacts(session, list(rows.values()))
        ).items():
            session.delete(rows[report_id])
            self._note(session, "contacts.removed", f"event:{thing.uses[0].event_id}", thing)

    def _forget_forwards(self, session: Session, numbers: Sequence[int]) -> None:
        query = select(ForwardedRow).where(ForwardedRow.number.in_(numbers))
        rows = {row.number: row for row in session.scalars(query.with_for_update())}
        over = self._over(stored.of_forwards(session, list(rows.values())))
        for number, thing in over.items():
            row = rows[number]
            session.delete(row)
            # What either side may ask for later: which request it was.
            named = {"forward": row.forward_id, "request": row.foreign_id}
            self._note(session, "forward.removed", f"event:{row.event_id}", thing, **named)

    def _note(
        self, session: Session, action: str, subject: str, thing: Thing, **named: str | None
    ) -> None:
        content = {
            **named,
            "kind": str(thing.kept),
            "events": list(event_ids([thing])),
            "why": why(thing, self.rules),
        }
        audit.append(session, Deed(self.order.by, action, subject, content), self.order.now)


def _remove_files(database: Database, evidence: EvidenceStore, now: datetime) -> None:
    """Remove the files of what the database was told is gone, just now or lately."""
    query = select(EvidenceRow.sha256).where(EvidenceRow.removed_at >= now - LEFT_BEHIND)
    with database.read() as session:
        hashes = session.scalars(query).all()
    for sha256 in hashes:
        if evidence.find(sha256) is None:
            continue
        with database.write() as session:
            # Whoever sends it again waits for this, or is waited for.
            row = session.get_one(EvidenceRow, sha256, with_for_update=True)
            if row.removed_at is not None:
                evidence.remove(sha256)
