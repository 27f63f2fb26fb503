"""The records of a county as rows of layers, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import shapely

from geofences.cells import Cell
from geofences.county import County, Dock, Road
from geofences.errors import FileFormatError
from geofences.formats.layers import Layer
from geofences.formats.rows import Row, layer_of
from geofences.formats.zone_layer import ZONE_LAYER, layer_of_zones
from geofences.geodesy import LonLat

COUNTY_NAME = "county_name"
"""Under which a GeoPackage keeps what its county is called."""

COUNTY_CODE_PATTERN = "code_pattern"
"""Under which it keeps what the codes of its cells match, where that is not the usual pattern."""

CELL_LAYER = "cells"
LAYER_NAMES = (CELL_LAYER, ZONE_LAYER, "docks", "roads")


def layers_of(county: County) -> dict[str, tuple[Layer, str]]:
    """The layers of a county by name, each with the type of its geometries."""
    cells, docks, roads = county.grid.cells, county.docks, county.roads
    fields = ("code", "name", "town", "village")
    return {
        CELL_LAYER: (layer_of(CELL_LAYER, cells, _shape_of, fields), "Polygon"),
        ZONE_LAYER: (layer_of_zones(county.zones.zones), "Polygon"),
        "docks": (layer_of("docks", docks, _shape_of, ("dock_id", "name", "alt_amsl_m")), "Point"),
        "roads": (
            layer_of("roads", roads, _shape_of, ("road_id", "name", "width_m")),
            "LineString",
        ),
    }


def cell_of(row: Row) -> Cell:
    """A cell from its row.

    Raises:
        InvalidGeometryError: it has no code or no outline.
    """
    code = row.text("code", "name")
    return Cell(
        code=code,
        polygon=row.shape("Polygon"),
        name=row.text("name", default=code),
        town=row.text("town", default=""),
        village=row.text("village", default=""),
    )


def dock_of(row: Row) -> Dock:
    """A dock from its row.

    Raises:
        InvalidGeometryError: it has no id, no place or no altitude.
    """
    point = row.shape("Point")
    alt_amsl_m = row.number("alt_amsl_m")
    return Dock(
        dock_id=row.text("dock_id"),
        name=row.text("name", default=""),
        position=LonLat(point.x, point.y),
        alt_amsl_m=math.nan if alt_amsl_m is None else alt_amsl_m,
    )


def road_of(row: Row) -> Road:
    """A road from its row.

    Raises:
        InvalidGeometryError: it has no id, no line or no width.
    """
    return Road(
        road_id=row.text("road_id"),
        name=row.text("name", default=""),
        line=row.shape("LineString"),
        width_m=row.number("width_m") or 0.0,
    )


def cells_layer(path: Path, names: Sequence[str], said: str = "") -> str:
    """Which of the layers of a file has the cells.

    Args:
        path: of the file.
        names: of its layers.
        said: the one that a person named, if any.

    Raises:
        FileFormatError: it cannot be told, or the one named is not there.
    """
    found = [name for name in (said or CELL_LAYER,) if name in names]
    if found or (len(names) == 1 and not said):
        return found[0] if found else names[0]
    raise FileFormatError(
        f"{path} has no layer {said or CELL_LAYER!r} (it has: {', '.join(names) or 'none'}); "
        "say which one has the cells, as in --layer NAME."
    )


def _shape_of(thing: Cell | Dock | Road) -> shapely.Geometry:
    if isinstance(thing, Dock):
        return shapely.Point(thing.position.lon_deg, thing.position.lat_deg)
    return thing.line if isinstance(thing, Road) else thing.polygon
