"""The table of the rules in force: catalogues, calendars, retention."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class RuleFileRow(Base):
    """A catalogue or a year's calendar as it was brought into force; the newest of each holds."""

    __tablename__ = "rule_files"

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int | None]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    put_at: Mapped[datetime]
    put_by: Mapped[str] = mapped_column(String(100))
