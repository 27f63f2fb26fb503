"""The audit in the database: it is added to, and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, bindparam, func, select
from sqlalchemy.orm import Session

from events_api.audit import Deed, Entry, Link, seal
from events_api.store.audit_models import AuditHeadRow, AuditRow
from events_api.store.bulk import Write, insert_into, write_all
from events_api.store.event_questions import Column, Shown, indexed, plain
from events_api.store.plain import Ranged, Unordered, equals

READ_AT_ONCE = 1000

FEW = 20_000
"""So many rows are looked through without anybody's noticing."""

BY_NUMBER = (AuditRow.subject, AuditRow.actor)
"""Columns whose rows are found in the order of their numbers."""

Test = Callable[[ColumnElement[Any]], ColumnElement[bool]]


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
    """Return the newest rows that are looked for, so many at most, newest first.

    They are looked for by the index that leaves the fewest. Where all leave many, those of an actor
    or a subject are gone through from the newest on, or else all rows.
    """
    tests = _tests(session, wanted)
    number: ColumnElement[int] = AuditRow.number.expression
    shown: dict[Column, Shown] = dict.fromkeys(tests, plain)
    order: list[ColumnElement[Any]] = [number.desc()]
    found = _fewest(session, tests)
    if found is not None:
        shown[found], order = indexed, [Unordered(number).desc()]
    elif (column := next((each for each in BY_NUMBER if each in tests), None)) is not None:
        shown[column], order = _ranged, [column.desc(), number.desc()]
    asked = [test(shown[column](column)) for column, test in tests.items()]
    # The numbers first, since rows are longer to sort.
    numbers = select(AuditRow.number).where(*asked).order_by(*order).limit(count)
    query = select(*AuditRow.__table__.columns).where(number.in_(numbers.scalar_subquery()))
    return [_entry(row) for row in session.execute(query.order_by(number.desc()))]


def _tests(session: Session, wanted: Wanted) -> dict[Column, Test]:
    """Return what is asked of each column."""
    tests: dict[Column, Test] = {}
    if wanted.subject is not None:
        tests[AuditRow.subject] = lambda column: equals(column, wanted.subject)
    if wanted.actor is not None:
        tests[AuditRow.actor] = lambda column: equals(column, wanted.actor)
    if wanted.action is not None:
        kinds = [each for each in _actions(session) if _is_of_kind(each, wanted.action)]
        tests[AuditRow.action] = lambda column: column.in_(kinds)
    if wanted.since is not None:
        tests[AuditRow.at] = lambda column: column >= wanted.since
    return tests


def _fewest(session: Session, tests: Mapping[Column, Test]) -> Column | None:
    """Return the column by whose index the fewest rows are found; none where none finds few."""
    best, fewest = None, FEW
    for column, test in tests.items():
        found = select(AuditRow.number).where(test(indexed(column))).limit(fewest).subquery()
        entries = session.scalar(select(func.count()).select_from(found)) or 0
        if entries < fewest:
            best, fewest = column, entries
    return best


def _ranged(column: Column) -> ColumnElement[Any]:
    return Ranged(column.expression, AuditRow.number.expression, (None, None))


def _actions(session: Session) -> Iterator[str]:
    """Give every kind of thing that was ever done: some dozens, each by one look into the index."""
    kinds = select(func.min(AuditRow.action).label("action")).cte("kinds", recursive=True)
    later = select(func.min(AuditRow.action)).where(AuditRow.action > kinds.c.action)
    each = select(later.correlate(kinds).scalar_subquery()).where(kinds.c.action.is_not(None))
    rows = session.scalars(select(kinds.union_all(each).c.action))
    return (row for row in rows if row is not None)


def _is_of_kind(action: str, asked: str) -> bool:
    return action == asked or action.startswith(f"{asked}.")


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
