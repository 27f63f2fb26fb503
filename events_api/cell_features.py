"""GeoJSON features into cells, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from events_api.errors import UnprocessableError
from geofences.cells import Cell, Grid
from geofences.checks import Severity, check_cells
from geofences.errors import GroundError

PROPERTIES = ("code", "name", "town", "village")
SHOWN_FINDINGS = 5


def read_cells(collection: object) -> tuple[Cell, ...]:
    """Return the cells of a GeoJSON FeatureCollection, all checked.

    Raises:
        UnprocessableError: It is not a collection of polygons with the properties `code`, `name`,
            `town` and `village`, or the cells do not make a grid.
    """
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise UnprocessableError("The cells must come as one GeoJSON FeatureCollection.")
    features = collection.get("features")
    if not isinstance(features, list):
        raise UnprocessableError("The FeatureCollection has no list `features`.")
    cells = tuple(_checked_cell(index, feature) for index, feature in enumerate(features))
    try:
        Grid(cells)
    except GroundError as error:
        raise UnprocessableError(f"The cells make no grid; nothing was changed. {error}") from error
    wrong = [finding for finding in check_cells(cells) if finding.severity is Severity.ERROR]
    if wrong:
        sentences = " ".join(finding.message for finding in wrong[:SHOWN_FINDINGS])
        raise UnprocessableError(
            f"The cells have {len(wrong)} errors; nothing was changed. {sentences}"
        )
    return cells


def cell_of(feature: dict[str, Any]) -> Cell:
    """Return the cell of a feature that was written by `feature_of`."""
    properties = feature["properties"]
    return Cell(polygon=shape(feature["geometry"]), **{key: properties[key] for key in PROPERTIES})


def feature_of(cell: Cell) -> dict[str, Any]:
    """Write a cell as a GeoJSON feature."""
    return {
        "type": "Feature",
        "geometry": _rounded(mapping(cell.polygon)),
        "properties": {key: getattr(cell, key) for key in PROPERTIES},
    }


def collection_of(cells: Sequence[Cell]) -> dict[str, Any]:
    """Write cells as a GeoJSON FeatureCollection, as PUT /cells takes it."""
    return {"type": "FeatureCollection", "features": [feature_of(cell) for cell in cells]}


def _checked_cell(index: int, feature: object) -> Cell:
    where = f"Feature {index}"
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise UnprocessableError(f"{where} is not a GeoJSON feature with properties.")
    properties = feature["properties"]
    missing = [key for key in PROPERTIES if not isinstance(properties.get(key), str)]
    if missing:
        raise UnprocessableError(f"{where} lacks the text property {missing[0]!r}.")
    polygon = _polygon(f"{where} (cell {properties['code']})", feature.get("geometry"))
    return Cell(polygon=polygon, **{key: properties[key] for key in PROPERTIES})


def _polygon(where: str, geometry: object) -> shapely.Polygon:
    try:
        polygon = shape(geometry)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        raise UnprocessableError(f"{where} has no readable geometry: {error}.") from error
    except shapely.errors.ShapelyError as error:
        raise UnprocessableError(f"{where} has no readable geometry: {error}.") from error
    # Map programs write single polygons as collections of one.
    if polygon.geom_type == "MultiPolygon" and len(polygon.geoms) == 1:
        polygon = polygon.geoms[0]
    if polygon.geom_type != "Polygon":
        raise UnprocessableError(f"{where} is a {polygon.geom_type}; a cell is one Polygon.")
    # Metres of some projection are the usual mistake, and their numbers are far too large.
    west_deg, south_deg, east_deg, north_deg = polygon.bounds
    if not (-180 <= west_deg <= east_deg <= 180 and -90 <= south_deg <= north_deg <= 90):
        raise UnprocessableError(f"{where} does not lie in degrees of longitude and latitude.")
    return polygon


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    # Seven decimals are a centimetre, and half the bytes.
    rings = [[[round(x, 7), round(y, 7)] for x, y, *_ in ring] for ring in geometry["coordinates"]]
    return {"type": "Polygon", "coordinates": rings}
