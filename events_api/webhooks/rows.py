"""The tables of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class WebhookRow(Base):
    """Somebody who is told of events; `feed_id` is the last message of the feed looked at.

    The secret is kept as it is: a signature cannot be made with the hash of one.
    """

    __tablename__ = "webhooks"

    webhook_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(60))
    wanted: Mapped[dict[str, Any]]
    feed_id: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    stopped_why: Mapped[str | None] = mapped_column(Text)
    last_delivered_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """A message that was not heard yet, or never will be; one that was heard is deleted."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_due", "is_dead", "next_at"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(String(60), unique=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.webhook_id"))
    kind: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    is_dead: Mapped[bool]
    last_answer: Mapped[str | None] = mapped_column(Text)
