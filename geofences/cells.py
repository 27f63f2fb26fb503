"""Unit grid cells, and which of them a place lies in.

Neighbouring cells share edges. A place on a shared edge or corner belongs to the cell with the
smallest code, and to no other, so that every place has at most one cell (docs/decisions/0010).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geofences.bucket_table import OUTSIDE
from geofences.cell_index import CellIndex
from geofences.errors import InvalidGeometryError, UnknownCellError
from geofences.geodesy import LocalFrame, LonLat
from geofences.identifiers import CODE_PATTERN, is_code, refuse_repeats
from geofences.normal import SIGMAS_PER_CE90, share_in_polygon

_VILLAGE_CODE_LENGTH = 12
_NEGLIGIBLE_PROBABILITY = 1e-6
_REACH_SIGMAS = 6.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit grid cell.

    Attributes:
        code: its identifier, 15 digits in the default pattern.
        polygon: its outline, longitude and latitude in degrees.
        name: what people call it.
        town: the town above it, in both languages.
        village: the village above it, in both languages.
    """

    code: str
    polygon: shapely.Polygon
    name: str
    town: str
    village: str

    @property
    def village_code(self) -> str:
        """The 12 digits of district, town and village."""
        return self.code[:_VILLAGE_CODE_LENGTH]


@dataclass(frozen=True, slots=True)
class CellProbability:
    """How probable it is that a place lies in the cell with this code."""

    code: str
    probability: float


class Grid:
    """All cells of a district, found by code or by place; `cells` are in the order of their codes.

    Args:
        cells: the cells, in any order.
        code_pattern: what a code must match.

    Raises:
        InvalidGeometryError: a code is malformed or used twice, or a polygon is invalid.
    """

    def __init__(self, cells: Iterable[Cell], code_pattern: str = CODE_PATTERN) -> None:
        self.code_pattern = code_pattern
        self.cells: tuple[Cell, ...] = tuple(sorted(cells, key=lambda cell: cell.code))
        _refuse_bad_codes(self.cells, code_pattern)
        _refuse_bad_polygons(self.cells)
        self._index_of_code = {cell.code: index for index, cell in enumerate(self.cells)}
        self._polygons = np.array([cell.polygon for cell in self.cells], dtype=object)
        self._index = CellIndex(self._polygons) if self.cells else None

    def __len__(self) -> int:
        return len(self.cells)

    def by_code(self, code: str) -> Cell:
        """The cell with this code.

        Raises:
            UnknownCellError: no cell has it.
        """
        try:
            return self.cells[self._index_of_code[code]]
        except KeyError:
            raise UnknownCellError(code) from None

    def in_village(self, village_code: str) -> tuple[Cell, ...]:
        """The cells of a village, none if there is no such village."""
        return self._cells_of_village.get(village_code, ())

    def cell_at(self, place: LonLat) -> Cell | None:
        """The cell that a place lies in."""
        if self._index is None:
            return None
        index = self._index.index_at(place.lon_deg, place.lat_deg)
        return self.cells[index] if index != OUTSIDE else None

    def indices_at(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.int64]:
        """For each place the index of its cell in `cells`.

        Args:
            lon_deg: float64, (N,).
            lat_deg: float64, (N,).

        Returns:
            int64, (N,), -1 where there is no cell or a coordinate is not a number.
        """
        lon, lat = np.broadcast_arrays(
            np.atleast_1d(np.asarray(lon_deg, dtype=np.float64)),
            np.atleast_1d(np.asarray(lat_deg, dtype=np.float64)),
        )
        if self._index is None:
            return np.full(len(lon), OUTSIDE, dtype=np.int64)
        # Cells are sorted by code, so the smallest index is the smallest code.
        return self._index.indices_at(lon, lat)

    def probabilities(self, place: LonLat, ce90_m: float) -> tuple[CellProbability, ...]:
        """In which cells a place with a circular error may truly lie.

        The true place is taken as normal about `place`, alike in all directions, with 90 % inside
        `ce90_m`. Cells below one in a million are left out.

        Args:
            place: the measured place.
            ce90_m: radius holding the true place with 90 % probability; 0 for a known place.

        Returns:
            The most probable first; the sum is below 1 where the error reaches out of the grid.

        Raises:
            InvalidGeometryError: `ce90_m` is negative or not a number.
        """
        if not 0.0 <= ce90_m < np.inf:
            raise InvalidGeometryError(
                f"A circular error of {ce90_m} m is impossible; give zero or more metres."
            )
        if ce90_m == 0.0:
            cell = self.cell_at(place)
            return (CellProbability(cell.code, 1.0),) if cell else ()
        found = [
            CellProbability(self.cells[index].code, probability)
            for index, probability in self._shares(place, ce90_m / SIGMAS_PER_CE90)
            if probability >= _NEGLIGIBLE_PROBABILITY
        ]
        return tuple(sorted(found, key=lambda item: (-item.probability, item.code)))

    def _shares(self, place: LonLat, sigma_m: float) -> list[tuple[int, float]]:
        frame = LocalFrame(place)
        reach_m = _REACH_SIGMAS * sigma_m
        near = self._tree.query(
            frame.geometry_to_lonlat(shapely.box(*[-reach_m] * 2, *[reach_m] * 2))
        )
        return [
            (index, share_in_polygon(frame.geometry_to_local(self.cells[index].polygon), sigma_m))
            for index in near.tolist()
        ]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._polygons)

    @cached_property
    def _cells_of_village(self) -> dict[str, tuple[Cell, ...]]:
        villages: dict[str, list[Cell]] = {}
        for cell in self.cells:
            villages.setdefault(cell.village_code, []).append(cell)
        return {code: tuple(cells) for code, cells in villages.items()}


def _refuse_bad_codes(cells: tuple[Cell, ...], code_pattern: str) -> None:
    malformed = [cell.code for cell in cells if not is_code(cell.code, code_pattern)]
    if malformed:
        raise InvalidGeometryError(
            f"The cell code {malformed[0]!r} does not match {code_pattern}"
            f" ({len(malformed)} such codes); correct it or set another code pattern."
        )
    refuse_repeats("cell code", (cell.code for cell in cells))


def _refuse_bad_polygons(cells: tuple[Cell, ...]) -> None:
    polygons = np.array([cell.polygon for cell in cells], dtype=object)
    sound = shapely.is_valid(polygons) & ~shapely.is_empty(polygons)
    if not sound.all():
        cell = cells[int(np.argmin(sound))]
        reason = shapely.is_valid_reason(cell.polygon) if not cell.polygon.is_empty else "Empty"
        raise InvalidGeometryError(
            f"The outline of cell {cell.code} is not a valid polygon ({reason}); redraw it."
        )
