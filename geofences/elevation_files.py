"""Files of heights of the ground: what they must say before a height of theirs is used.

A raster of heights needs a coordinate system, one band, a unit and a vertical reference. Heights
are above mean sea level unless the file's own coordinate system, or the person who names the file,
says that they are above the ellipsoid. Gaps (no-data, masks, NaN, and values that no ground on
Earth has, such as an undeclared -32768) are NaN and stay NaN.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader

from geofences.errors import ElevationFileError
from geofences.heights import HeightReference

Heights = NDArray[np.float32]
"""Metres above the file's vertical reference, NaN where unknown."""

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Ground on Earth lies between; what does not is a gap whose marker was not declared."""

_SUFFIXES = (".tif", ".tiff", ".hgt", ".dt1", ".dt2")
_METRES_PER_UNIT = {
    "": 1.0, "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0,
    "cm": 0.01, "centimetre": 0.01, "centimeter": 0.01, "dm": 0.1, "decimetre": 0.1,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048,
    "us survey foot": 1200.0 / 3937.0, "us-ft": 1200.0 / 3937.0, "ftus": 1200.0 / 3937.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ElevationFile:
    """One raster of heights, checked.

    Attributes:
        path: the file.
        crs: of its columns and rows, without heights.
        transform: from column and row (corners of pixels) to `crs`.
        width: columns.
        height: rows.
        factor_m: metres in one unit of what is stored.
        offset_m: metres added to that.
        reference: what its heights are measured from.
        vertical_name: what the file calls that reference; empty if it does not say.
        block_shape: rows and columns that are stored together.
    """

    path: Path
    crs: pyproj.CRS
    transform: rasterio.Affine
    width: int
    height: int
    factor_m: float
    offset_m: float
    reference: HeightReference
    vertical_name: str
    block_shape: tuple[int, int]

    def read(self, column: int, row: int, columns: int, rows: int) -> Heights:
        """The heights of a window that lies inside the file.

        Returns:
            float32, (rows, columns), metres above `reference`; NaN where unknown.

        Raises:
            ElevationFileError: the file has gone or is damaged.
        """
        window = ((row, row + rows), (column, column + columns))
        with _opened(self.path) as file:
            stored = file.read(_height_band(file), window=window, masked=True)
        heights = stored.astype(np.float32) * self.factor_m + self.offset_m
        # A comparison with NaN is false, so NaN is a gap here too.
        sane = (heights.data >= LOWEST_M) & (heights.data <= HIGHEST_M)
        gaps = np.ma.getmaskarray(heights) | ~sane
        return np.where(gaps, np.float32(np.nan), heights.data).astype(np.float32)


def listed(paths: Path | list[Path] | tuple[Path, ...]) -> tuple[Path, ...]:
    """The files meant by files and folders; in a folder every GeoTIFF, HGT and DTED, by name.

    Raises:
        ElevationFileError: a path does not exist, or there is no file of heights.
    """
    found: list[Path] = []
    for path in [paths] if isinstance(paths, Path) else paths:
        if path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES)
            if not inside:
                raise ElevationFileError(
                    f"The folder {path} has no heights of the ground ({', '.join(_SUFFIXES)}); "
                    "name the folder of the tiles, or a file."
                )
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise ElevationFileError(
                f"There is no file {path} with heights of the ground; check the name."
            )
    if not found:
        raise ElevationFileError("No file of heights was named; name one, or a folder of them.")
    return tuple(dict.fromkeys(found))


def inspect(
    path: Path, crs: str | None = None, reference: HeightReference | None = None
) -> ElevationFile:
    """Check that a file can be used as heights of the ground.

    Args:
        path: a raster that GDAL reads.
        crs: its coordinate system, used where the file itself has none.
        reference: what its heights are measured from, where the file itself does not say.

    Raises:
        ElevationFileError: it cannot; the message names the file and what to do.
    """
    with _opened(path) as file:
        band = _height_band(file)
        full = _coordinate_system(file, path, crs)
        said, vertical_name = _vertical(full, path)
        return ElevationFile(
            path=path,
            crs=full.sub_crs_list[0] if full.is_compound else full.to_2d(),
            transform=_placed(file, path),
            width=file.width,
            height=file.height,
            factor_m=file.scales[band - 1] * (unit_m := _unit_m(file.units[band - 1], full, path)),
            offset_m=file.offsets[band - 1] * unit_m,
            reference=_agreed(said, reference, path),
            vertical_name=vertical_name,
            block_shape=file.block_shapes[band - 1],
        )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    try:
        with warnings.catch_warnings():
            # A file without a place is refused below, in our own words.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as file:
                yield file
    except (RasterioError, OSError) as error:
        raise ElevationFileError(
            f"The heights of the ground in {path} cannot be read ({error}); "
            "give a GeoTIFF or another raster that GDAL reads."
        ) from error


def _height_band(file: DatasetReader) -> int:
    bands = [
        band
        for band, meaning in zip(file.indexes, file.colorinterp, strict=True)
        if meaning is not ColorInterp.alpha
    ]
    if len(bands) != 1 or np.dtype(file.dtypes[bands[0] - 1]).kind not in "iuf":
        raise ElevationFileError(
            f"{file.name} has {len(bands)} bands of type {file.dtypes[0]}; heights of the ground "
            "are one band of real numbers. Is it a picture? Name the elevation file."
        )
    return int(bands[0])


def _coordinate_system(file: DatasetReader, path: Path, crs: str | None) -> pyproj.CRS:
    if file.crs is None and crs is None:
        raise ElevationFileError(
            f"{path} does not say in which coordinate system its pixels lie; name it, such as "
            "EPSG:4326 for longitude and latitude."
        )
    try:
        return pyproj.CRS.from_user_input(file.crs.to_wkt() if file.crs else crs)
    except (ProjError, RasterioError) as error:
        raise ElevationFileError(
            f"The coordinate system of {path} is not understood ({error}); "
            "name a known one, such as EPSG:4490."
        ) from error


def _placed(file: DatasetReader, path: Path) -> rasterio.Affine:
    if file.transform.is_identity or file.transform.is_degenerate:
        raise ElevationFileError(
            f"{path} does not say where on Earth its pixels lie; georeference it first, "
            "for instance with gdalwarp."
        )
    return file.transform


def _vertical(crs: pyproj.CRS, path: Path) -> tuple[HeightReference | None, str]:
    """What the coordinate system says heights are measured from, and its name for that."""
    if crs.is_compound:
        vertical = crs.sub_crs_list[-1]
        if vertical.axis_info[0].direction == "down":
            raise ElevationFileError(
                f"{path} holds depths ({vertical.name}), which grow downwards; "
                "convert them to heights of the ground first."
            )
        ellipsoidal = "ellipsoid" in vertical.name.lower()
        reference = HeightReference.ELLIPSOID if ellipsoidal else HeightReference.SEA_LEVEL
        return reference, vertical.name
    if len(crs.axis_info) == 3:
        return HeightReference.ELLIPSOID, crs.name
    return None, ""


def _agreed(
    said: HeightReference | None, wanted: HeightReference | None, path: Path
) -> HeightReference:
    if HeightReference.GROUND in {said, wanted}:
        raise ElevationFileError(
            f"The ground in {path} cannot be measured from the ground itself; its heights are "
            "above sea level or above the ellipsoid."
        )
    if said and wanted and said is not wanted:
        raise ElevationFileError(
            f"{path} says that its heights are above the {said.value.replace('_', ' ')}, not above "
            f"the {wanted.value.replace('_', ' ')}; leave the option out, or correct the file."
        )
    return said or wanted or HeightReference.SEA_LEVEL


def _unit_m(unit: str | None, crs: pyproj.CRS, path: Path) -> float:
    if not unit and (crs.is_compound or len(crs.axis_info) == 3):
        return float(crs.axis_info[-1].unit_conversion_factor)
    factor = _METRES_PER_UNIT.get((unit or "").strip().lower())
    if factor is None:
        raise ElevationFileError(
            f"The heights in {path} are in {unit!r}, which is no unit we know; "
            "convert them to metres."
        )
    return factor
