"""Cells in metres: what the checks of their outlines measure on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.cells import Cell
from geofences.geodesy import LocalFrame, LonLat

Polygons = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Land:
    """Sound cells with their outlines in metres about their middle.

    Attributes:
        cells: whose outlines are valid and on Earth, (N,).
        frame: of the metres.
        polygons: their outlines in metres, (N,).
    """

    cells: tuple[Cell, ...]
    frame: LocalFrame
    polygons: Polygons

    def lonlat(self, shape_m: shapely.Geometry) -> shapely.Geometry:
        """A shape of this land in longitude and latitude."""
        return self.frame.geometry_to_lonlat(shape_m)


def land_of(cells: Sequence[Cell]) -> Land | None:
    """The land of those cells that are sound; None if there are none."""
    sound = tuple(cell for cell in cells if is_sound(cell.polygon))
    if not sound:
        return None
    polygons = np.array([cell.polygon for cell in sound], dtype=object)
    frame = LocalFrame(LonLat(*np.median(middles(sound), axis=0).tolist()))
    return Land(sound, frame, frame.geometry_to_local(polygons))


def is_sound(polygon: shapely.Polygon) -> bool:
    """Whether an outline is valid, not empty and on Earth."""
    if polygon.is_empty or not polygon.is_valid:
        return False
    west, south, east, north = polygon.bounds
    return bool(west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0)


def middles(cells: Sequence[Cell]) -> NDArray[np.float64]:
    """The middles of the cells' boxes, float64, (N, 2), not a number where there is none."""
    if not cells:
        return np.empty((0, 2))
    bounds: NDArray[np.float64] = shapely.bounds([cell.polygon for cell in cells])
    return (bounds[:, :2] + bounds[:, 2:]) / 2.0
