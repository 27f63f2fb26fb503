"""The durable side of the live stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from events_api.store.bulk import Write, insert_into, write_all
from events_api.store.feed_models import FeedHeadRow, FeedRow

_HEAD = cast("Table", FeedHeadRow.__table__)
# Built once, without objects: every report passes here.
_LOCKED_HEAD = select(_HEAD.c.last_id).with_for_update()
_NEW_HEAD = _HEAD.update().values(last_id=bindparam("new_last_id"))
_NEW_ROW = insert_into(cast("Table", FeedRow.__table__))

Message = tuple[str, dict[str, Any] | str]
"""A kind and a payload, which may be its JSON."""


def append(session: Session, kind: str, payload: dict[str, Any], now: datetime) -> int:
    """Add a message and return its number."""
    return append_all(session, [(kind, payload)], now)


def append_all(session: Session, messages: Sequence[Message], now: datetime) -> int:
    """Add messages in their order and return the number of the last one; 0 for none.

    Numbers come from one row, which one writer at a time changes, and not from a sequence, so that
    on every database they are committed in order: a reader who has seen number n has seen all
    before it.
    """
    if not messages:
        return 0
    before: int = session.connection().scalars(_LOCKED_HEAD).one()
    write_all(session.connection(), numbered(before, messages, now))
    return before + len(messages)


def numbered(before: int, messages: Sequence[Message], now: datetime) -> list[Write]:
    """Give messages the numbers after the last one, and return what is to be written of them."""
    rows = [
        {"feed_id": number, "kind": kind, "at": now, "payload": payload}
        for number, (kind, payload) in enumerate(messages, start=before + 1)
    ]
    head = [{"new_last_id": before + len(messages)}] if messages else []
    return [(_NEW_HEAD, head), (_NEW_ROW, rows)]


def last_id(session: Session) -> int:
    """Return the number of the newest message, 0 when there is none."""
    return session.scalars(select(FeedHeadRow.last_id)).one()


def after(session: Session, feed_id: int, limit: int) -> Sequence[FeedRow]:
    """Return the messages after `feed_id`, oldest first, at most `limit`."""
    query = select(FeedRow).where(FeedRow.feed_id > feed_id).order_by(FeedRow.feed_id).limit(limit)
    return session.scalars(query).all()
