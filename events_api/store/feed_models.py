"""The tables of the live stream."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


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
