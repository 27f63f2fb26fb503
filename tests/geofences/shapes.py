"""Small pieces of land for the tests of the ground."""

from __future__ import annotations

import shapely

from geofences.cells import Cell
from geofences.geodesy import LocalFrame, LonLat

HOME = LonLat(115.62, 33.16)
FRAME = LocalFrame(HOME)


def place(east_m: float, north_m: float) -> LonLat:
    """The place that many metres from home."""
    return LonLat(*FRAME.to_lonlat(east_m, north_m))


def box(left_m: float, bottom_m: float, right_m: float, top_m: float) -> shapely.Polygon:
    """A rectangle in metres from home, as longitude and latitude."""
    return FRAME.geometry_to_lonlat(shapely.box(left_m, bottom_m, right_m, top_m))


def polygon(*corners_m: tuple[float, float]) -> shapely.Polygon:
    """A polygon of corners in metres from home, as longitude and latitude."""
    return FRAME.geometry_to_lonlat(shapely.Polygon(corners_m))


def cell(number: int, outline: shapely.Polygon) -> Cell:
    """A cell of the village 341299001001."""
    return Cell(
        f"341299001001{number:03d}", outline, f"Cell {number}", "示例镇 Shili", "柳桥 Liuqiao"
    )


def block(rows: int, columns: int, size_m: float = 100.0) -> list[Cell]:
    """Square cells that share their corners exactly, numbered by rows from the south-west."""
    corners = {
        (row, column): FRAME.to_lonlat(column * size_m, row * size_m)
        for row in range(rows + 1)
        for column in range(columns + 1)
    }
    return [
        cell(
            1 + row * columns + column,
            shapely.Polygon(
                corners[row + up, column + right] for up, right in ((0, 0), (0, 1), (1, 1), (1, 0))
            ),
        )
        for row in range(rows)
        for column in range(columns)
    ]
