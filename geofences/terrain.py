"""The ground's height above mean sea level, wherever it is known.

    from geofences.terrain import FlatTerrain, Terrain
    terrain = Terrain.from_files(Path("elevation/"))   # tiles, one file, or a VRT
    terrain = FlatTerrain(alt_amsl_m=32.0)             # said aloud, never assumed

What comes out is always above mean sea level. What goes in says what it is above: a file's
coordinate system, or `reference` where the file is silent. Heights above the ellipsoid are lowered
by EGM96 (`geofences.geoid`). EGM2008 and national datums count as mean sea level: they are within
decimetres to a few metres of EGM96, which matters only if home's altitude comes from another
source than the terrain (docs/decisions/0101).

Unknown ground is NaN: outside the files, in their gaps, and within a mesh one of whose corners is
a gap. It is never zero, and nothing is guessed into it.

A surface model (Copernicus GLO-30, SRTM, most photogrammetry) contains trees and roofs: it is what
keeps an aircraft clear of them, as far as it is fine and new enough. A terrain model is the bare
ground from which the law counts. Over a wood, 120 m above a surface model are 120 m and the trees
above the ground: plan lower by the height of what stands there, or check against bare ground too.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geofences.elevation_files import inspect, listed
from geofences.elevation_lattice import Lattice, lattices
from geofences.errors import InvalidGeometryError
from geofences.geodesy import LocalFrame, LonLat, distance_m
from geofences.geoid import separation_m
from geofences.ground_profile import GroundProfile, mesh_crossings, profile_of_legs
from geofences.heights import HeightReference

FloatArray = NDArray[np.float64]

CACHE_BYTES = 64 * 2**20
"""What a terrain keeps of its files: 4,096 x 4,096 pixels, a county of 40 km at 10 m."""


@dataclass(frozen=True, slots=True)
class GroundRange:
    """The lowest and the highest ground of an area.

    Attributes:
        lowest_alt_amsl_m: no ground there that is known lies lower; NaN if none is known.
        highest_alt_amsl_m: nor higher.
        whole: whether all of it is known.
    """

    lowest_alt_amsl_m: float
    highest_alt_amsl_m: float
    whole: bool


class Terrain(ABC):
    """Ground whose height above mean sea level can be asked.

    Attributes:
        resolution_m: size of what it can tell apart; 0 if it is the same everywhere.
    """

    resolution_m: float

    @staticmethod
    def from_files(
        paths: Path | Sequence[Path],
        *,
        crs: str | None = None,
        reference: HeightReference | None = None,
    ) -> RasterTerrain:
        """The ground as told by rasters of heights.

        Args:
            paths: files, VRTs, or folders of tiles. Where several know a place, the first decides.
            crs: coordinate system of files that name none.
            reference: what heights are measured from in files that do not say; mean sea level
                unless given.

        Raises:
            ElevationFileError: a file cannot be used; the message says which, why and what to do.
        """
        files = listed(paths if isinstance(paths, Path) else tuple(paths))
        return RasterTerrain(
            lattices([inspect(file, crs, reference) for file in files], CACHE_BYTES)
        )

    @abstractmethod
    def alt_amsl_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> FloatArray:
        """Height of the ground above mean sea level.

        Args:
            lon_deg: float64, (N,).
            lat_deg: as `lon_deg`.

        Returns:
            float64, (N,), metres; NaN where unknown.

        Raises:
            ElevationFileError: a file has gone or is damaged.
        """

    @abstractmethod
    def range_in(self, area: shapely.Geometry) -> GroundRange:
        """The lowest and the highest ground in the box round an area of longitude and latitude."""

    @abstractmethod
    def _crossings(self, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
        """Where lines from place to place meet the raster's meshes; see `profile_of_legs`."""

    def profile(self, a: LonLat, b: LonLat, step_m: float) -> tuple[FloatArray, FloatArray]:
        """The ground along the geodesic between two places, sampled evenly.

        Args:
            a: where it begins.
            b: where it ends.
            step_m: at most so far apart.

        Returns:
            Twice float64, (N,): metres from `a`, both ends included, and metres above mean sea
            level, NaN where unknown. Between samples anything may stand: `under` misses nothing.

        Raises:
            InvalidGeometryError: the step is not above zero.
        """
        if not 0.0 < step_m < math.inf:
            raise InvalidGeometryError(f"A step of {step_m} m leads nowhere; give one above zero.")
        count = math.ceil(distance_m(a, b) / step_m) + 1
        frame = LocalFrame(a)
        share = np.linspace(0.0, 1.0, count)
        east_m, north_m = frame.to_local(b.lon_deg, b.lat_deg)
        lon_deg, lat_deg = frame.to_lonlat(share * east_m, share * north_m)
        return share * distance_m(a, b), self.alt_amsl_m(lon_deg, lat_deg)

    def under(self, legs_m: FloatArray, frame: LocalFrame) -> GroundProfile:
        """The ground under straight legs, with every pixel that they cross.

        Args:
            legs_m: float64, (M, 2, 2): of each leg the start and the end, metres in `frame`.
            frame: between metres and degrees.
        """
        return profile_of_legs(legs_m, frame, self.alt_amsl_m, self._crossings)


class FlatTerrain(Terrain):
    """Ground that is declared to have one height everywhere: somebody's explicit word.

    Raises:
        InvalidGeometryError: the height is not a number.
    """

    resolution_m = 0.0

    def __init__(self, alt_amsl_m: float) -> None:
        if not math.isfinite(alt_amsl_m):
            raise InvalidGeometryError(
                f"Flat ground cannot lie at {alt_amsl_m} m; give its height above sea level."
            )
        self._alt_amsl_m = alt_amsl_m

    def alt_amsl_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> FloatArray:
        """The declared height; NaN where a coordinate is not a number."""
        lon, lat = _places(lon_deg, lat_deg)
        return np.where(np.isfinite(lon + lat), self._alt_amsl_m, np.nan)

    def range_in(self, area: shapely.Geometry) -> GroundRange:  # noqa: ARG002 - the same everywhere
        """The declared height, twice."""
        return GroundRange(self._alt_amsl_m, self._alt_amsl_m, whole=True)

    def _crossings(self, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:  # noqa: ARG002
        return np.zeros(0)


class RasterTerrain(Terrain):
    """Ground as told by rasters; made by `Terrain.from_files`."""

    def __init__(self, layers: tuple[Lattice, ...]) -> None:
        self._layers = layers
        self.resolution_m = max(_resolution_m(layer) for layer in layers)

    @property
    def vertical_names(self) -> tuple[str, ...]:
        """What the files call the surface that their heights are above; empty if they do not."""
        names = {file.vertical_name for layer in self._layers for file in layer.files}
        return tuple(sorted(names - {""}))

    def alt_amsl_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> FloatArray:
        """Height of the ground above mean sea level; see `Terrain.alt_amsl_m`."""
        lon, lat = _places(lon_deg, lat_deg)
        found = np.full(len(lon), np.nan)
        for layer in self._layers:
            wanted = np.isnan(found)
            if not wanted.any():
                break
            found[wanted] = _asked(layer, lon[wanted], lat[wanted])
        return found

    def range_in(self, area: shapely.Geometry) -> GroundRange:
        """The lowest and the highest pixel in the box round an area; see `Terrain.range_in`."""
        lon_deg, lat_deg = _box_outline(area)
        lowest, highest, whole = np.inf, -np.inf, False
        for layer in self._layers:
            low, high, complete = layer.range_m(*layer.pixels(lon_deg, lat_deg))
            if layer.reference is HeightReference.ELLIPSOID:
                apart = separation_m(lon_deg, lat_deg)
                # Over a county the geoid is all but a plane, so its extremes are on the outline.
                low, high = low - apart.max(), high - apart.min()
            lowest, highest = np.fmin(lowest, low), np.fmax(highest, high)
            whole = whole or complete
        if lowest > highest:
            return GroundRange(math.nan, math.nan, whole=False)
        return GroundRange(float(lowest), float(highest), whole)

    def _crossings(self, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
        pixels = [layer.pixels(lon_deg, lat_deg) for layer in self._layers]
        return np.concatenate([mesh_crossings(column, row) for column, row in pixels])


def _asked(layer: Lattice, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
    heights_m = layer.heights_m(*layer.pixels(lon_deg, lat_deg))
    if layer.reference is HeightReference.ELLIPSOID:
        heights_m -= separation_m(lon_deg, lat_deg)
    return heights_m


def _places(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
    lon, lat = np.broadcast_arrays(
        np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
    )
    return lon.ravel(), lat.ravel()


def _box_outline(area: shapely.Geometry) -> tuple[FloatArray, FloatArray]:
    west, south, east, north = area.bounds
    share = np.linspace(0.0, 1.0, 9)
    across, up = west + share * (east - west), south + share * (north - south)
    ends = np.ones(9)
    lon_deg = np.concatenate([across, across, west * ends, east * ends])
    return lon_deg, np.concatenate([south * ends, north * ends, up, up])


def _resolution_m(layer: Lattice) -> float:
    """The longer side of a pixel in the middle of the first file."""
    lon_deg, lat_deg = layer.neighbours_lonlat()
    middle = LonLat(float(lon_deg[0]), float(lat_deg[0]))
    sides = [
        distance_m(middle, LonLat(float(lon), float(lat)))
        for lon, lat in zip(lon_deg[1:], lat_deg[1:], strict=True)
    ]
    return max(sides)
