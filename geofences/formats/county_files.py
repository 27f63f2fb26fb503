"""Counties in files: a GeoPackage with everything, or any vector file with cells alone.

A GeoPackage has the layers `cells`, `zones`, `docks` and `roads`, of which only the first must be
there. Its fields are those of the records of the same names. Other files (GeoJSON, Shapefile, KML)
hold cells in their first layer. All is read and checked before anything is returned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely

from geofences.cells import Cell, Grid
from geofences.checks import find_errors
from geofences.county import County, Dock, Road
from geofences.errors import FileFormatError, GroundError, InvalidGeometryError
from geofences.formats.layers import (
    Layer,
    dataset_metadata,
    layer_names,
    read_layer,
    write_layers,
)
from geofences.geodesy import LonLat
from geofences.identifiers import CODE_PATTERN
from geofences.zones import Zone, ZoneIndex, ZoneKind

_Thing = TypeVar("_Thing")

_SHOWN_PROBLEMS = 5
_COUNTY_NAME = "county_name"
_GEOMETRY_TYPES = {
    "Polygon": "one outline (Polygon)",
    "Point": "one place (Point)",
    "LineString": "one line (LineString)",
}


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
    cells = _read(path, cells_layer, _cell)
    _refuse_bad_cells(path, cells_layer, cells, code_pattern)
    zones = _read(path, "zones", _zone) if "zones" in names else []
    docks = _read(path, "docks", _dock) if "docks" in names else []
    roads = _read(path, "roads", _road) if "roads" in names else []
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
    zones, docks, roads = county.zones.zones, county.docks, county.roads
    layers = (
        (_columns("cells", county.grid.cells, ("code", "name", "town", "village")), "Polygon"),
        (_columns("zones", zones, ("zone_id", "kind", "name", "name_zh", "ceiling_m")), "Polygon"),
        (_columns("docks", docks, ("dock_id", "name", "alt_amsl_m")), "Point"),
        (_columns("roads", roads, ("road_id", "name", "width_m")), "LineString"),
    )
    write_layers(path, layers, {_COUNTY_NAME: county.name})


@dataclass(frozen=True, slots=True)
class _Row:
    """One feature of a layer; its values are asked for by the parsers below."""

    geometry: shapely.Geometry | None
    values: Mapping[str, Any]

    def text(self, *fields: str, default: str | None = None) -> str:
        """The first of these fields that has words, or the default.

        Raises:
            InvalidGeometryError: none has and there is no default.
        """
        for field in fields:
            value = self.values.get(field)
            if value is not None and str(value).strip():
                return str(value).strip()
        if default is None:
            raise InvalidGeometryError(f"the field {fields[0]!r} is missing or empty; fill it in")
        return default

    def number(self, field: str) -> float | None:
        """The field as a number, if it is one.

        Raises:
            InvalidGeometryError: it holds something else.
        """
        value = self.values.get(field)
        try:
            number = math.nan if value is None or value == "" else float(value)
        except ValueError:
            raise InvalidGeometryError(
                f"the field {field!r} is {value!r}, not a number; correct it"
            ) from None
        return number if math.isfinite(number) else None

    def shape(self, kind: str) -> shapely.Geometry:
        """Its shape, which must be of this kind; a multi-shape of one part is that part.

        Raises:
            InvalidGeometryError: it has no shape, another one, or several.
        """
        shape = self.geometry
        if shape is not None and shape.geom_type == f"Multi{kind}" and len(shape.geoms) == 1:
            shape = shape.geoms[0]
        if shape is None or shape.geom_type != kind:
            found = "nothing" if shape is None else _described(shape)
            raise InvalidGeometryError(
                f"has {found} where {_GEOMETRY_TYPES[kind]} is needed; draw it anew or split it"
            )
        return shape


def _described(shape: shapely.Geometry) -> str:
    parts = shapely.get_num_geometries(shape)
    return shape.geom_type if parts == 1 else f"{shape.geom_type} of {parts} parts"


def _cell(row: _Row) -> Cell:
    code = row.text("code", "name")
    return Cell(
        code=code,
        polygon=row.shape("Polygon"),
        name=row.text("name", default=code),
        town=row.text("town", default=""),
        village=row.text("village", default=""),
    )


def _zone(row: _Row) -> Zone:
    kind = row.text("kind")
    if kind not in list(ZoneKind):
        raise InvalidGeometryError(
            f"the kind {kind!r} is unknown; use one of {', '.join(ZoneKind)}"
        )
    return Zone(
        zone_id=row.text("zone_id"),
        kind=ZoneKind(kind),
        polygon=row.shape("Polygon"),
        name=row.text("name", default=""),
        name_zh=row.text("name_zh", default=""),
        ceiling_m=row.number("ceiling_m"),
    )


def _dock(row: _Row) -> Dock:
    point = row.shape("Point")
    alt_amsl_m = row.number("alt_amsl_m")
    return Dock(
        dock_id=row.text("dock_id"),
        name=row.text("name", default=""),
        position=LonLat(point.x, point.y),
        alt_amsl_m=math.nan if alt_amsl_m is None else alt_amsl_m,
    )


def _road(row: _Row) -> Road:
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


def _read(path: Path, layer: str, parse: Callable[[_Row], _Thing]) -> list[_Thing]:
    things, problems = [], []
    for number, row in enumerate(_rows(read_layer(path, layer)), start=1):
        try:
            things.append(parse(row))
        except GroundError as error:
            name = next((str(value) for value in row.values.values() if value), "without a name")
            problems.append(f"feature {number} ({name}): {error}")
    _refuse(path, layer, problems)
    return things


def _rows(layer: Layer) -> Iterator[_Row]:
    fields = list(layer.columns)
    columns = [column.tolist() for column in layer.columns.values()]
    for geometry, *values in zip(layer.geometries, *columns, strict=True):
        yield _Row(geometry, dict(zip(fields, values, strict=True)))


def _refuse_bad_cells(path: Path, layer: str, cells: Sequence[Cell], code_pattern: str) -> None:
    if not cells:
        raise FileFormatError(f"Layer {layer!r} of {path} has no cells; give a file that has some.")
    _refuse(path, layer, [finding.message for finding in find_errors(cells, code_pattern)])


def _refuse(path: Path, layer: str, problems: Sequence[str]) -> None:
    if problems:
        shown = "\n".join(f"  - {problem}" for problem in problems[:_SHOWN_PROBLEMS])
        more = len(problems) - _SHOWN_PROBLEMS
        rest = f"\n  and {more} more" if more > 0 else ""
        raise InvalidGeometryError(
            f"{path}, layer {layer!r}, has {len(problems)} problem(s), nothing was imported:\n"
            f"{shown}{rest}"
        )


def _columns(name: str, things: Sequence[Any], fields: Sequence[str]) -> Layer:
    """A layer of records: their shape, and the fields that are stored beside it."""
    geometries = np.empty(len(things), dtype=object)
    geometries[:] = [_shape_of(thing) for thing in things]
    columns = {
        field: _column([getattr(thing, field) for thing in things], field) for field in fields
    }
    return Layer(name, geometries, columns)


def _shape_of(thing: Cell | Zone | Dock | Road) -> shapely.Geometry:
    if isinstance(thing, Dock):
        return shapely.Point(thing.position.lon_deg, thing.position.lat_deg)
    return thing.line if isinstance(thing, Road) else thing.polygon


def _column(values: Sequence[Any], field: str) -> np.ndarray[Any, np.dtype[Any]]:
    if field.endswith("_m"):
        return np.array([math.nan if value is None else value for value in values], dtype=float)
    return np.array([str(value) for value in values], dtype=object)
