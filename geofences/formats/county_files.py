"""Counties in files: a GeoPackage with everything, or any vector file with cells alone.

A GeoPackage, KML or zip of Shapefiles has the layers `cells`, `zones`, `docks` and `roads`, of
which only the first must be there. Their fields are those of the records of the same names. Other
files (GeoJSON, Shapefile) hold cells in their one layer. All is read and checked before anything
is returned.
"""

from __future__ import annotations

from pathlib import Path

from geofences.cells import Grid
from geofences.checks import find_errors
from geofences.county import County
from geofences.errors import FileFormatError, InvalidGeometryError
from geofences.formats.columns import name_columns
from geofences.formats.county_layers import (
    COUNTY_CODE_PATTERN,
    COUNTY_NAME,
    LAYER_NAMES,
    cell_of,
    cells_layer,
    dock_of,
    layers_of,
    road_of,
)
from geofences.formats.layers import dataset_metadata, layer_names, read_layer, write_layers
from geofences.formats.rows import read_records, records_of, refuse_problems
from geofences.formats.zone_layer import ZONE_LAYER, read_zones
from geofences.identifiers import CODE_PATTERN
from geofences.zones import ZoneIndex


def read_county(path: Path, code_pattern: str | None = None) -> County:
    """A county from a file, checked.

    Args:
        path: a GeoPackage with the layer `cells` and perhaps `zones`, `docks` and `roads`; or a
            GeoJSON, Shapefile or KML of cells.
        code_pattern: what a cell code must match; None for the one that the file names, if any.

    Raises:
        FileFormatError: the file, a layer or a field is missing or unreadable.
        InvalidGeometryError: cells overlap, or outlines, codes or values are invalid; the message
            lists the first few by file, layer and feature.
    """
    names = layer_names(path)
    layer = cells_layer(path, names)
    said = dataset_metadata(path, layer)
    pattern = code_pattern or said.get(COUNTY_CODE_PATTERN, CODE_PATTERN)
    place = f"Layer {layer!r} of {path}"
    cells, problems = records_of(name_columns(read_layer(path, layer), {}, place), cell_of)
    refuse_problems(path, layer, [problem.sentence for problem in problems])
    if not cells:
        raise FileFormatError(f"{place} has no cells; give a file that has some.")
    errors = find_errors(cells, pattern)
    refuse_problems(path, layer, [finding.message for finding in errors])
    try:
        return County(
            name=said.get(COUNTY_NAME, path.stem),
            grid=Grid(cells, pattern),
            zones=ZoneIndex(read_zones(path) if ZONE_LAYER in names else []),
            docks=tuple(read_records(path, "docks", dock_of) if "docks" in names else []),
            roads=tuple(read_records(path, "roads", road_of) if "roads" in names else []),
        )
    except InvalidGeometryError as error:
        raise InvalidGeometryError(f"{path}: {error}") from error


def write_county(county: County, path: Path) -> None:
    """Write a county as a GeoPackage, whole or not at all.

    Raises:
        FileFormatError: the file cannot be written.
    """
    layers = layers_of(county)
    said = {COUNTY_NAME: county.name}
    if county.grid.code_pattern != CODE_PATTERN:
        said[COUNTY_CODE_PATTERN] = county.grid.code_pattern
    write_layers(path, [layers[name] for name in LAYER_NAMES], said)
