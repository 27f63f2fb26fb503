"""The audit in the database: it is added to, and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from events_api.audit import Deed, Entry, Link, seal
from events_api.store.audit_models import AuditHeadRow, AuditRow
from events_api.store.bulk import Write, insert_into, write_all

READ_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of the audit are looked for; what is none lets all pass.

    Attributes:
        actor: Who did it.
        action: What kind of thing, or the beginning of its name up to a dot: `evidence` finds
            `evidence.opened` and `evidence.sealed`.
        subject: What it was done to, as it is written: `event:` or `evidence:` and an id.
        since: From when on.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None


_HEAD = cast("Table", AuditHeadRow.__table__)
# Built once, without objects: every report passes here. The head is locked where rows can be
# locked; SQLite has one writer at a time in any case.
_LOCKED_HEAD = select(_HEAD.c.number, _HEAD.c.sha256).with_for_update()
_NEW_HEAD = _HEAD.update().values(number=bindparam("new_number"), sha256=bindparam("new_sha256"))
_NEW_ROW = insert_into(cast("Table", AuditRow.__table__))


def append(session: Session, deed: Deed, now: datetime) -> None:
    """Add what was done, in the transaction of what was done."""
    append_all(session, [deed], now)


def append_all(session: Session, deeds: Sequence[Deed], now: datetime) -> None:
    """Add what was done, in its order and in the transaction of what was done.

    The head is one row and locked until the commit, so that on every database rows are sealed one
    after the other.
    """
    if deeds:
        row = session.connection().execute(_LOCKED_HEAD).one()
        write_all(session.connection(), sealed(Link(row.number, row.sha256), deeds, now))


def sealed(end: Link, deeds: Sequence[Deed], now: datetime) -> list[Write]:
    """Seal what was done after the end of the chain, and return what is to be written of it."""
    if not deeds:
        return []
    number, sha256 = end.number, end.sha256
    rows = []
    for deed in deeds:
        number, previous = number + 1, sha256
        sha256 = seal(number, now, deed, previous)
        rows.append(
            {
                "number": number,
                "at": now,
                "actor": deed.actor,
                "action": deed.action,
                "subject": deed.subject,
                "content": deed.content,
                "previous_sha256": previous,
                "sha256": sha256,
            }
        )
    return [(_NEW_HEAD, [{"new_number": number, "new_sha256": sha256}]), (_NEW_ROW, rows)]


def head(session: Session) -> Link:
    """Return the end of the chain."""
    row = session.execute(select(AuditHeadRow.number, AuditHeadRow.sha256)).one()
    return Link(row.number, row.sha256)


def newest(session: Session, wanted: Wanted, count: int) -> Sequence[Entry]:
    """Return the newest rows that are looked for, so many at most, newest first."""
    query = select(*AuditRow.__table__.columns).order_by(AuditRow.number.desc()).limit(count)
    if wanted.actor is not None:
        query = query.where(AuditRow.actor == wanted.actor)
    if wanted.action is not None:
        kind = AuditRow.action.startswith(f"{wanted.action}.", autoescape=True)
        query = query.where(or_(AuditRow.action == wanted.action, kind))
    if wanted.subject is not None:
        query = query.where(AuditRow.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(AuditRow.at >= wanted.since)
    return [_entry(row) for row in session.execute(query)]


def entries(session: Session) -> Iterator[Entry]:
    """Give every row in the order of its number, a part at a time."""
    # Plain columns and not objects: a chain of millions is walked, and nothing of it is kept.
    query = select(*AuditRow.__table__.columns).order_by(AuditRow.number)
    # Closed by hand, also where the walk ends early: the database keeps a cursor for it.
    with session.execute(query.execution_options(yield_per=READ_AT_ONCE)) as rows:
        yield from map(_entry, rows)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    deed = Deed(row.actor, row.action, row.subject, row.content)
    return Entry(row.number, row.at, deed, row.previous_sha256, row.sha256)
