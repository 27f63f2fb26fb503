"""Unit grid cells in the database, and the newest set of them at hand."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from events_api.cell_features import cell_of
from events_api.store.cell_models import CellRow, CellSetRow
from events_api.store.database import Database
from geofences.cells import Cell, Grid

Box = tuple[float, float, float, float]
"""West, south, east and north in degrees."""

NO_CELLS = hashlib.sha256(b"no cells").hexdigest()


@dataclass(frozen=True)
class CellSet:
    """All cells of one revision.

    Attributes:
        sha256: Hash of the features; changes whenever they do.
        features: GeoJSON features, by code.
    """

    sha256: str
    features: tuple[dict[str, Any], ...]

    @cached_property
    def collection_gz(self) -> bytes:
        """The GeoJSON FeatureCollection, compressed."""
        return gzip.compress(encode_collection(self.features), compresslevel=6, mtime=0)

    @cached_property
    def grid(self) -> Grid:
        """The cells as a grid that finds them by place."""
        return Grid(cell_of(feature) for feature in self.features)


class CellBook:
    """The cells in force, read again only after they were replaced."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known = CellSet(NO_CELLS, ())

    def now(self) -> CellSet:
        """Return the cells in force."""
        with self._lock, self._database.read() as session:
            # One small row tells whether the thousands in memory are still those in force, even
            # if another process replaced them.
            newest = select(CellSetRow).order_by(CellSetRow.revision.desc()).limit(1)
            row = session.scalars(newest).one_or_none()
            if row is not None and row.sha256 != self._known.sha256:
                query = select(CellRow.feature).order_by(CellRow.code)
                self._known = CellSet(row.sha256, tuple(session.scalars(query)))
            return self._known


def replace_all(
    session: Session, cells: Sequence[tuple[Cell, dict[str, Any]]], by: str, now: datetime
) -> str:
    """Put these cells in the place of all others and return the hash of the set."""
    # Readers see the old set until the commit, and then the whole new one.
    session.execute(delete(CellRow))
    rows = [_row(cell, feature) for cell, feature in cells]
    if rows:
        session.execute(insert(CellRow), rows)
    features = sorted((feature for _, feature in cells), key=lambda f: str(f["properties"]["code"]))
    sha256 = hashlib.sha256(encode_collection(features)).hexdigest() if features else NO_CELLS
    session.add(CellSetRow(replaced_at=now, replaced_by=by, cell_count=len(cells), sha256=sha256))
    return sha256


def in_box(session: Session, box: Box) -> Sequence[dict[str, Any]]:
    """Return the features whose own box meets `box`."""
    west_deg, south_deg, east_deg, north_deg = box
    query = select(CellRow.feature).where(
        CellRow.west_deg <= east_deg,
        CellRow.east_deg >= west_deg,
        CellRow.south_deg <= north_deg,
        CellRow.north_deg >= south_deg,
    )
    return session.scalars(query.order_by(CellRow.code)).all()


def extent(session: Session) -> Box | None:
    """Return the box around all cells; none where there are no cells."""
    sides = (
        func.min(CellRow.west_deg),
        func.min(CellRow.south_deg),
        func.max(CellRow.east_deg),
        func.max(CellRow.north_deg),
    )
    west_deg, south_deg, east_deg, north_deg = session.execute(select(*sides)).one()
    return None if west_deg is None else (west_deg, south_deg, east_deg, north_deg)


def encode_collection(features: Sequence[dict[str, Any]]) -> bytes:
    """Write a GeoJSON FeatureCollection."""
    collection = {"type": "FeatureCollection", "features": list(features)}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _row(cell: Cell, feature: dict[str, Any]) -> dict[str, Any]:
    west_deg, south_deg, east_deg, north_deg = cell.polygon.bounds
    return {
        "code": cell.code,
        "west_deg": west_deg,
        "south_deg": south_deg,
        "east_deg": east_deg,
        "north_deg": north_deg,
        "feature": feature,
    }
