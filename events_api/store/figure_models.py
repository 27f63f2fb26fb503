"""The tables of what monthly figures are counted from, kept by days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class FigureHeadRow(Base):
    """How far the days are kept: one row.

    Every event up to `settled_number` is in them, as it stood when it was put there; `words` are
    the codes that facts name by their place in this list, counted from one.
    """

    __tablename__ = "figure_head"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    settled_number: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[list[Any]]


class FigureDayRow(Base):
    """The facts of what was reported, or closed, on one day in UTC, counted from 1970."""

    __tablename__ = "figure_days"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    facts: Mapped[bytes] = mapped_column(LargeBinary)


class FigureMarkRow(Base):
    """An event that has changed, as far as figures go, since it was put into the days.

    The database itself marks it, whoever changes it; the times are those under which it was put.
    """

    __tablename__ = "figure_marks"

    event_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reported_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
