"""Heights between the pixels of rasters that lie on one lattice, read block by block.

Tiles cut from one raster continue each other's rows and columns; together they form one lattice, on
which their seams vanish. Between the four pixel centres around a place the height is bilinear. A
place is known only where all of them that count are known, so a gap never bleeds into its
neighbours: along a line the unknown begins at the last centre that is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from geofences.elevation_files import ElevationFile, Heights
from geofences.errors import ElevationFileError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_BLOCK_PX = 256
_LARGEST_BLOCK_PX = 2**22
_ALIGNED_PX = 0.05
_NO_WEIGHT = 1e-4  # of a pixel: nearer than this a place lies on the line of centres


class Lattice:
    """Rasters whose pixels continue each other.

    Attributes:
        reference: what the heights are measured from, the same for all files.
        files: by whom a pixel is told: the first that knows it.

    Raises:
        ElevationFileError: no places can be converted into its coordinate system.
    """

    def __init__(self, files: list[ElevationFile], cache_bytes: int) -> None:
        first = files[0]
        self.files = tuple(files)
        self.reference = first.reference
        self._transformer = _transformer(first)
        self._inverse = ~first.transform
        self._origins = [_offset_px(first, file) for file in files]
        self._seam_px = _seam_px(first, self._origins)
        self._block = _block_shape(first)
        # Bounded by bytes, because a block may be a whole strip of the file.
        block_bytes = 4 * (self._block[0] + 1) * (self._block[1] + 1)
        self._cached = lru_cache(maxsize=max(4, cache_bytes // block_bytes))(self._read)

    def pixels(self, lon_deg: FloatArray, lat_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Columns and rows of places; whole numbers are the centres of pixels.

        Args:
            lon_deg: float64, (N,).
            lat_deg: as `lon_deg`.

        Returns:
            Twice float64, (N,); not finite where the coordinate system does not reach.
        """
        x, y = self._transformer.transform(lon_deg, lat_deg)
        with np.errstate(invalid="ignore"):
            column = self._inverse.a * x + self._inverse.b * y + self._inverse.c - 0.5
            row = self._inverse.d * x + self._inverse.e * y + self._inverse.f - 0.5
            if self._seam_px is not None:
                column = self._seam_px + (column - self._seam_px) % (360.0 * self._inverse.a)
        return column, row

    def heights_m(self, column: FloatArray, row: FloatArray) -> FloatArray:
        """Heights above `reference` between pixel centres, bilinear; NaN where unknown.

        Args:
            column: float64, (N,), as `pixels` gives them.
            row: as `column`.

        Returns:
            float64, (N,).
        """
        left, right_share = _split(column)
        top, lower_share = _split(row)
        found = np.full(len(column), np.nan)
        for block, members in _by_block(left // self._block[1], top // self._block[0]):
            values = self._cached(*block)
            if values is not None:
                across = left[members] - block[0] * self._block[1]
                down = top[members] - block[1] * self._block[0]
                found[members] = _bilinear(
                    values, (across, down), (right_share[members], lower_share[members])
                )
        return found

    def range_m(self, column: FloatArray, row: FloatArray) -> tuple[float, float, bool]:
        """Lowest and highest pixel of the window round some places, and whether all are known.

        Returns:
            NaN twice and False where nothing is known.
        """
        if not (np.isfinite(column).all() and np.isfinite(row).all()):
            return np.nan, np.nan, False
        left, right = int(np.floor(column.min())), int(np.ceil(column.max()))
        top, bottom = int(np.floor(row.min())), int(np.ceil(row.max()))
        lowest, highest, whole = np.inf, -np.inf, True
        for down in range(top // self._block[0], bottom // self._block[0] + 1):
            for across in range(left // self._block[1], right // self._block[1] + 1):
                values = self._cached(across, down)
                inside = None if values is None else values[
                    max(0, top - down * self._block[0]) : bottom - down * self._block[0] + 1,
                    max(0, left - across * self._block[1]) : right - across * self._block[1] + 1,
                ]  # fmt: skip
                if inside is None or np.isnan(inside).all():
                    whole = False
                    continue
                whole = whole and not np.isnan(inside).any()
                lowest = min(lowest, float(np.nanmin(inside)))
                highest = max(highest, float(np.nanmax(inside)))
        return (lowest, highest, whole) if lowest <= highest else (np.nan, np.nan, False)

    def neighbours_lonlat(self) -> tuple[FloatArray, FloatArray]:
        """The middle of the first file, and the places one pixel to the right and below."""
        first = self.files[0]
        column = first.width / 2.0 + np.array([0.0, 1.0, 0.0])
        row = first.height / 2.0 + np.array([0.0, 0.0, 1.0])
        x, y = first.transform @ (column, row)
        lon_deg, lat_deg = self._transformer.transform(x, y, direction="INVERSE")
        return (lon_deg + 180.0) % 360.0 - 180.0, lat_deg

    def _read(self, across: int, down: int) -> Heights | None:
        """One block and the first row and column of the next; None if no file lies there."""
        rows, columns = self._block[0] + 1, self._block[1] + 1
        left, top = across * self._block[1], down * self._block[0]
        block: Heights | None = None
        for file, (column, row) in zip(self.files, self._origins, strict=True):
            first_column, last_column = max(left, column), min(left + columns, column + file.width)
            first_row, last_row = max(top, row), min(top + rows, row + file.height)
            if first_column >= last_column or first_row >= last_row:
                continue
            if block is None:
                block = np.full((rows, columns), np.nan, dtype=np.float32)
            part = block[first_row - top : last_row - top, first_column - left : last_column - left]
            read = file.read(
                first_column - column, first_row - row,
                last_column - first_column, last_row - first_row,
            )  # fmt: skip
            np.copyto(part, read, where=np.isnan(part))
        return block


def lattices(files: Iterable[ElevationFile], cache_bytes: int) -> tuple[Lattice, ...]:
    """Files put together where their pixels continue each other, in their order.

    Args:
        files: what was inspected.
        cache_bytes: the most that all of them together keep in memory.
    """
    groups: list[list[ElevationFile]] = []
    for file in files:
        home = next((group for group in groups if _continues(group[0], file)), None)
        if home is None:
            groups.append([file])
        else:
            home.append(file)
    return tuple(Lattice(group, cache_bytes // len(groups)) for group in groups)


def _continues(first: ElevationFile, other: ElevationFile) -> bool:
    if first.reference is not other.reference or first.crs != other.crs:
        return False
    pairs = zip(first.transform[:6], other.transform[:6], strict=True)
    scale = [abs(a - b) * max(other.width, other.height) for a, b in pairs]
    size = max(abs(first.transform.a), abs(first.transform.b))
    if max(scale[0], scale[1], scale[3], scale[4]) > _ALIGNED_PX * size:
        return False
    corner = ~first.transform @ (other.transform.c, other.transform.f)
    return all(abs(each - round(each)) <= _ALIGNED_PX for each in corner)


def _offset_px(first: ElevationFile, other: ElevationFile) -> tuple[int, int]:
    column, row = ~first.transform @ (other.transform.c, other.transform.f)
    return round(column), round(row)


def _seam_px(first: ElevationFile, origins: list[tuple[int, int]]) -> float | None:
    """The column opposite the middle on Earth, where longitudes begin anew; None in metres."""
    if not first.crs.is_geographic or first.transform.b != 0.0 or first.transform.a <= 0.0:
        return None
    columns = [column for column, _ in origins]
    turn_px = 360.0 / float(first.transform.a)
    return (min(columns) + max(columns) + first.width - turn_px) / 2.0


def _block_shape(file: ElevationFile) -> tuple[int, int]:
    """Rows and columns read at once: squares, or whole strips where the file is cut so."""
    rows, columns = file.block_shape
    if columns < file.width or file.width <= _BLOCK_PX:
        return _BLOCK_PX, _BLOCK_PX
    # Reading a piece of a strip unpacks the strip, so it is read once and whole.
    wanted = max(rows, _BLOCK_PX * _BLOCK_PX // columns)
    return max(1, min(wanted, file.height, _LARGEST_BLOCK_PX // columns)), columns


def _transformer(file: ElevationFile) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs("EPSG:4326", file.crs, always_xy=True)
    except ProjError as error:
        raise ElevationFileError(
            f"No way leads from longitude and latitude into the coordinate system of {file.path} "
            f"({file.crs.name}); convert the file to a geographic or projected one."
        ) from error


def _split(position: FloatArray) -> tuple[IntArray, FloatArray]:
    """Whole pixels and the share of the next one."""
    finite = np.where(np.isfinite(position) & (np.abs(position) < 2**40), position, -(2.0**40))
    whole = np.floor(finite)
    share = finite - whole
    whole += share > 1.0 - _NO_WEIGHT
    share[(share < _NO_WEIGHT) | (share > 1.0 - _NO_WEIGHT)] = 0.0
    return whole.astype(np.int64), share


def _by_block(across: IntArray, down: IntArray) -> Iterable[tuple[tuple[int, int], IntArray]]:
    """Block by block, which points lie in it."""
    if not len(across):
        return
    left, top = across.min(), down.min()
    key = (down - top) * (across.max() - left + 1) + (across - left)
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=key[order[0]] - 1))
    for members in np.split(order, starts[1:]):
        yield (int(across[members[0]]), int(down[members[0]])), members


def _bilinear(
    values: Heights, corner: tuple[IntArray, IntArray], share: tuple[FloatArray, FloatArray]
) -> FloatArray:
    width = values.shape[1]
    flat = values.ravel()
    (across, down), (right, lower) = corner, share
    at = down * width + across
    upper_m = flat[at] * (1.0 - right) + flat[at + 1] * right
    lower_m = flat[at + width] * (1.0 - right) + flat[at + width + 1] * right
    found: FloatArray = upper_m * (1.0 - lower) + lower_m * lower
    # A corner of no weight does not count even if it is unknown, but 0 x NaN is NaN.
    again = np.flatnonzero(np.isnan(found) & ((right == 0.0) | (lower == 0.0)))
    if len(again):
        found[again] = _along_a_line(flat, width, at[again], (right[again], lower[again]))
    return found


def _along_a_line(
    flat: Heights, width: int, at: IntArray, share: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Heights on a line of centres, to which only the two centres beside them on it count."""
    right, lower = share
    step = np.where(right > 0.0, 1, np.where(lower > 0.0, width, 0))
    weight = np.maximum(right, lower)
    found: FloatArray = flat[at] * (1.0 - weight) + flat[at + step] * weight
    return found
