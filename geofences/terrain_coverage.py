"""How much of an area has known ground, and where it has none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geofences.errors import InvalidGeometryError
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain

_MOST_SAMPLES = 2_000_000
_FINEST_STEP_M = 1.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A connected piece of unknown ground.

    Attributes:
        position: a place in it, as far from its edge as any.
        area_m2: how large it is inside the area that was asked about.
    """

    position: LonLat
    area_m2: float


@dataclass(frozen=True, slots=True)
class TerrainCoverage:
    """How much of an area has known ground.

    Attributes:
        known_share: 0 to 1.
        gaps: where it is unknown, the largest first.
        step_m: gaps narrower than this may be missed; `Terrain.under` misses none under a route.
    """

    known_share: float
    gaps: tuple[Gap, ...]
    step_m: float


def coverage_of(terrain: Terrain, area: shapely.Geometry) -> TerrainCoverage:
    """Look for gaps on an even lattice over an area.

    Args:
        terrain: where the ground is known.
        area: polygons of longitude and latitude.

    Raises:
        InvalidGeometryError: the area is empty.
    """
    if area.is_empty or area.area <= 0.0:
        raise InvalidGeometryError("An empty area has no ground; give polygons with an area.")
    middle = area.envelope.centroid
    frame = LocalFrame(LonLat(middle.x, middle.y))
    area_m = frame.geometry_to_local(area)
    step_m = _step_m(terrain, area_m)
    west, south, east, north = area_m.bounds
    east_m = np.arange(west + step_m / 2.0, east, step_m)
    north_m = np.arange(south + step_m / 2.0, north, step_m)
    x, y = np.meshgrid(east_m, north_m)
    shapely.prepare(area_m)
    inside = shapely.contains_xy(area_m, x, y)
    unknown = inside.copy()
    lon_deg, lat_deg = frame.to_lonlat(x[inside], y[inside])
    unknown[inside] = np.isnan(terrain.alt_amsl_m(lon_deg, lat_deg))
    gaps = _gaps(unknown, frame, (west, south), step_m)
    return TerrainCoverage(1.0 - float(unknown.sum() / inside.sum()), gaps, step_m)


def _step_m(terrain: Terrain, area_m: shapely.Geometry) -> float:
    west, south, east, north = area_m.bounds
    box_m2 = float((east - west) * (north - south))
    # A sliver is narrower than a pixel, but still gets samples across it.
    within = float(min(east - west, north - south, math.sqrt(area_m.area))) / 8.0
    wanted = min(max(terrain.resolution_m / 4.0, _FINEST_STEP_M), within)
    return max(wanted, math.sqrt(box_m2 / _MOST_SAMPLES))


def _gaps(
    unknown: NDArray[np.bool_], frame: LocalFrame, corner: tuple[float, float], step_m: float
) -> tuple[Gap, ...]:
    labels, count = ndimage.label(unknown, structure=np.ones((3, 3)))
    if not count:
        return ()
    sizes = np.bincount(labels.ravel())[1:]
    depth = ndimage.distance_transform_edt(np.pad(unknown, 1))[1:-1, 1:-1]
    deepest = ndimage.maximum_position(depth, labels, range(1, count + 1))
    found = []
    for size, (row, column) in zip(sizes.tolist(), deepest, strict=True):
        place = frame.to_lonlat(
            corner[0] + (column + 0.5) * step_m, corner[1] + (row + 0.5) * step_m
        )
        found.append(Gap(LonLat(*place), size * step_m**2))
    return tuple(sorted(found, key=lambda gap: -gap.area_m2))
