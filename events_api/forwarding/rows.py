"""The tables of forwards."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class Standing(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    DEAD = "dead"


class ForwardRow(Base):
    """A foreign server that handles what is dispatched to a body.

    `services` says which of its services each matter of ours is; `feed_id` is the last message of
    the feed looked at. The key is kept as it is: it is sent with each request.
    """

    __tablename__ = "forwards"

    forward_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(4))
    api_key: Mapped[str] = mapped_column(Text)
    jurisdiction_id: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(String(40))
    services: Mapped[dict[str, Any]]
    feed_id: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    last_answered_at: Mapped[datetime | None]


class ForwardedRow(Base):
    """One dispatch of an event, as a request at a foreign server.

    `fields` is what is sent, as it was when the event was dispatched; `foreign_id` and `token` are
    the server's names for it, `foreign_status` and `notes` what it said last.
    """

    __tablename__ = "forwarded_requests"
    __table_args__ = (
        UniqueConstraint("forward_id", "event_id", "version"),
        Index("ix_forwarded_requests_due", "standing", "next_at"),
        Index("ix_forwarded_requests_event", "event_id"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    forward_id: Mapped[str] = mapped_column(ForeignKey("forwards.forward_id"))
    event_id: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    fields: Mapped[dict[str, Any]]
    standing: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    foreign_id: Mapped[str | None] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(Text)
    foreign_status: Mapped[str | None] = mapped_column(String(20))
    notes: Mapped[str | None] = mapped_column(Text)
    last_answer: Mapped[str | None] = mapped_column(Text)
