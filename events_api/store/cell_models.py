"""The tables of the unit grid."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class CellRow(Base):
    """One unit grid cell; `feature` is its GeoJSON feature."""

    __tablename__ = "cells"
    __table_args__ = (Index("ix_cells_box", "west_deg", "east_deg", "south_deg", "north_deg"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    west_deg: Mapped[float]
    south_deg: Mapped[float]
    east_deg: Mapped[float]
    north_deg: Mapped[float]
    feature: Mapped[dict[str, Any]]


class CellSetRow(Base):
    """One row for each time the cells were replaced; the newest tells which cells are in force."""

    __tablename__ = "cell_sets"

    revision: Mapped[int] = mapped_column(primary_key=True)
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str] = mapped_column(String(100))
    cell_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
