"""The durable side of the live stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from events_api.store.models import FeedHeadRow, FeedRow


def append(session: Session, kind: str, payload: dict[str, Any], now: datetime) -> int:
    """Add a message and return its number.

    Numbers come from one locked row and not from a sequence, so that on every database they are
    committed in order: a reader who has seen number n has seen all before it.
    """
    head = update(FeedHeadRow).values(last_id=FeedHeadRow.last_id + 1)
    feed_id = session.scalars(head.returning(FeedHeadRow.last_id)).one()
    session.add(FeedRow(feed_id=feed_id, kind=kind, at=now, payload=payload))
    return feed_id


def last_id(session: Session) -> int:
    """Return the number of the newest message, 0 when there is none."""
    return session.scalars(select(FeedHeadRow.last_id)).one()


def after(session: Session, feed_id: int, limit: int) -> Sequence[FeedRow]:
    """Return the messages after `feed_id`, oldest first, at most `limit`."""
    query = select(FeedRow).where(FeedRow.feed_id > feed_id).order_by(FeedRow.feed_id).limit(limit)
    return session.scalars(query).all()
