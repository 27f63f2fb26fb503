"""Counties in files: a GeoPackage with everything, or any vector file with cells alone.

A GeoPackage has the layers `cells`, `zones`, `docks` and `roads`, of which only the first must be
there. Its fields are those of the records of the same names. Other files (GeoJSON, Shapefile, KML)
hold cells in their first layer. All is read and checked before anything is returned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import shapely

from geofences.cells import Cell, Grid
from geofences.checks import find_errors
from geofences.county import County, Dock, Road
from geofences.errors import FileFormatError, InvalidGeometryError
from geofences.formats.layers import dataset_metadata, layer_names, write_layers
from geofences.formats.rows import Row, layer_of, read_records, refuse_problems
from geofences.formats.zone_layer import ZONE_LAYER, layer_of_zones, read_zones
from geofences.geodesy import LonLat
from geofences.identifiers import CODE_PATTERN
from geofences.zones import ZoneIndex

_COUNTY_NAME = "county_name"


def read_county(path: Path, code_pattern: str = CODE_PATTERN) -> County:
    """A county from a file, checked.

    Args:
        path: a GeoPackage with the layer `cells` and perhaps `zones`, `docks` and `roads`; or a
            GeoJSON, Shapefile or KML of cells.
        code_pattern: what a cell code must match.

    Raises:
        FileFormatError: the file, a layer or a field is missing or unreadable.
        InvalidGeometryError: cells overlap, or outlines, codes or values are invalid; the message
            lists the first few by file, layer and feature.
    """
    names = layer_names(path)
    cells_layer = _cells_layer(path, names)
    cells = read_records(path, cells_layer, _cell)
    _refuse_bad_cells(path, cells_layer, cells, code_pattern)
    zones = read_zones(path) if ZONE_LAYER in names else []
    docks = read_records(path, "docks", _dock) if "docks" in names else []
    roads = read_records(path, "roads", _road) if "roads" in names else []
    try:
        return County(
            name=dataset_metadata(path, cells_layer).get(_COUNTY_NAME, path.stem),
            grid=Grid(cells, code_pattern),
            zones=ZoneIndex(zones),
            docks=tuple(docks),
            roads=tuple(roads),
        )
    except InvalidGeometryError as error:
        raise InvalidGeometryError(f"{path}: {error}") from error


def write_county(county: County, path: Path) -> None:
    """Write a county as a GeoPackage, whole or not at all.

    Raises:
        FileFormatError: the file cannot be written.
    """
    cells, docks, roads = county.grid.cells, county.docks, county.roads
    layers = (
        (layer_of("cells", cells, _shape_of, ("code", "name", "town", "village")), "Polygon"),
        (layer_of_zones(county.zones.zones), "Polygon"),
        (layer_of("docks", docks, _shape_of, ("dock_id", "name", "alt_amsl_m")), "Point"),
        (layer_of("roads", roads, _shape_of, ("road_id", "name", "width_m")), "LineString"),
    )
    write_layers(path, layers, {_COUNTY_NAME: county.name})


def _cell(row: Row) -> Cell:
    code = row.text("code", "name")
    return Cell(
        code=code,
        polygon=row.shape("Polygon"),
        name=row.text("name", default=code),
        town=row.text("town", default=""),
        village=row.text("village", default=""),
    )


def _dock(row: Row) -> Dock:
    point = row.shape("Point")
    alt_amsl_m = row.number("alt_amsl_m")
    return Dock(
        dock_id=row.text("dock_id"),
        name=row.text("name", default=""),
        position=LonLat(point.x, point.y),
        alt_amsl_m=math.nan if alt_amsl_m is None else alt_amsl_m,
    )


def _road(row: Row) -> Road:
    return Road(
        road_id=row.text("road_id"),
        name=row.text("name", default=""),
        line=row.shape("LineString"),
        width_m=row.number("width_m") or 0.0,
    )


def _cells_layer(path: Path, names: Sequence[str]) -> str:
    if "cells" in names:
        return "cells"
    if not names or path.suffix.lower() == ".gpkg":
        raise FileFormatError(
            f"{path} has no layer 'cells' (it has: {', '.join(names) or 'none'}); "
            "name the layer of cells so."
        )
    return names[0]


def _refuse_bad_cells(path: Path, layer: str, cells: Sequence[Cell], code_pattern: str) -> None:
    if not cells:
        raise FileFormatError(f"Layer {layer!r} of {path} has no cells; give a file that has some.")
    refuse_problems(path, layer, [finding.message for finding in find_errors(cells, code_pattern)])


def _shape_of(thing: Cell | Dock | Road) -> shapely.Geometry:
    if isinstance(thing, Dock):
        return shapely.Point(thing.position.lon_deg, thing.position.lat_deg)
    return thing.line if isinstance(thing, Road) else thing.polygon
