"""The tables of what is kept in spite of the rules, and of when the rules were applied."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class LegalHoldRow(Base):
    """An event of which nothing is removed, whatever the rules say."""

    __tablename__ = "legal_holds"

    event_number: Mapped[int] = mapped_column(
        ForeignKey("events.number"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(String(100))
    placed_at: Mapped[datetime]


class RetentionRunRow(Base):
    """One application of the rules: what it has removed, by kind; none while it goes on."""

    __tablename__ = "retention_runs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(String(100))
    removed: Mapped[dict[str, Any] | None]
