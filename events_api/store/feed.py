"""The durable side of the live stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from events_api.store.models import FeedHeadRow, FeedRow

_HEAD = cast("Table", FeedHeadRow.__table__)
# Built once, without objects: every report passes here.
_NEXT_ID = _HEAD.update().values(last_id=_HEAD.c.last_id + 1).returning(_HEAD.c.last_id)
_NEW_ROW = cast("Table", FeedRow.__table__).insert()


def append(session: Session, kind: str, payload: dict[str, Any], now: datetime) -> int:
    """Add a message and return its number.

    Numbers come from one locked row and not from a sequence, so that on every database they are
    committed in order: a reader who has seen number n has seen all before it.
    """
    connection = session.connection()
    feed_id: int = connection.scalars(_NEXT_ID).one()
    row = {"feed_id": feed_id, "kind": kind, "at": now, "payload": payload}
    connection.execute(_NEW_ROW, row)
    return feed_id


def last_id(session: Session) -> int:
    """Return the number of the newest message, 0 when there is none."""
    return session.scalars(select(FeedHeadRow.last_id)).one()


def after(session: Session, feed_id: int, limit: int) -> Sequence[FeedRow]:
    """Return the messages after `feed_id`, oldest first, at most `limit`."""
    query = select(FeedRow).where(FeedRow.feed_id > feed_id).order_by(FeedRow.feed_id).limit(limit)
    return session.scalars(query).all()
