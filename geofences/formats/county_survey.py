"""Everything that a check can say of a file of cells, whether or not it makes a county."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shapely

from geofences.cells import Cell, Grid
from geofences.checks import check_cells
from geofences.county import County, Dock, Road
from geofences.datum import Datum
from geofences.datum_evidence import Landmarks, datum_findings, hint_findings, landmarks_of
from geofences.errors import FileFormatError, GroundError, InvalidGeometryError
from geofences.findings import MapFinding, Severity, Tell, inner_place, tell_nobody
from geofences.formats.columns import CELL_COLUMNS, name_columns
from geofences.formats.county_layers import (
    COUNTY_CODE_PATTERN,
    COUNTY_NAME,
    cell_of,
    cells_layer,
    dock_of,
    road_of,
)
from geofences.formats.layers import (
    Layer,
    dataset_metadata,
    layer_names,
    read_layer,
    words_about,
)
from geofences.formats.reading import AS_DECLARED, Reading
from geofences.formats.reference_systems import is_rough, strayed_from
from geofences.formats.rows import Problem, read_records, records_of
from geofences.formats.zone_layer import ZONE_LAYER, read_zones
from geofences.identifiers import CODE_PATTERN
from geofences.zones import Zone, ZoneIndex

_KEYS = {"cell": CELL_COLUMNS["code"], "dock": ("dock_id",), "road": ("road_id",)}


@dataclass(frozen=True, slots=True)
class Known:
    """Land that is known on WGS-84, to compare a file with.

    Attributes:
        landmarks: of it.
        called: what to call it in a sentence.
    """

    landmarks: Landmarks
    called: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file of cells holds, and what is to be said of it.

    Attributes:
        county: made of it; None if there are errors.
        cells: how many could be read.
        findings: errors first.
    """

    county: County | None
    cells: int
    findings: tuple[MapFinding, ...]

    @property
    def errors(self) -> tuple[MapFinding, ...]:
        """The findings that forbid use."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[MapFinding, ...]:
        """The findings for a person to judge."""
        return tuple(each for each in self.findings if each.severity is Severity.WARNING)


@dataclass(slots=True)
class _Beside:
    """What a file has beside its cells, and what is wrong with that."""

    zones: list[Zone] = field(default_factory=list)
    docks: list[Dock] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    findings: list[MapFinding] = field(default_factory=list)


def survey_county(
    path: Path,
    reading: Reading = AS_DECLARED,
    known: Known | None = None,
    tell: Tell = tell_nobody,
) -> Survey:
    """Read a file as a county and check all of it.

    Args:
        path: of the file.
        reading: what is said about it beside it.
        known: land to compare its places with, to tell a datum by.
        tell: is told how far the longer checks are.

    Raises:
        FileFormatError: the file cannot be read, has no cells, or does not say its system.
    """
    tell("reading", 0, 1)
    names = layer_names(path)
    layer = cells_layer(path, names, reading.layer)
    place = f"Layer {layer!r} of {path}"
    rows = name_columns(read_layer(path, layer, reading), reading.columns, place)
    if not len(rows.geometries):
        raise FileFormatError(f"{place} has no cells; give a file that has some.")
    cells, problems = records_of(rows, cell_of)
    tell("reading", 1, 1)
    said = dataset_metadata(path, layer)
    pattern = reading.code_pattern or said.get(COUNTY_CODE_PATTERN, CODE_PATTERN)
    beside = _beside(path, names, reading)
    findings = [
        *(_unreadable(layer, problem) for problem in problems),
        *check_cells(cells, pattern, tell),
        *beside.findings,
        *_rough(rows, place),
        *_strayed(rows, place),
        *_datum_findings(path, cells, beside, reading, known),
    ]
    findings.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    name = said.get(COUNTY_NAME, path.name.partition(".")[0])
    county = _county(name, cells, pattern, beside, findings)
    return Survey(county, len(cells), tuple(findings))


def landmarks_of_county(county: County) -> Landmarks:
    """The cells, docks and roads of a county, to compare other maps with."""
    return _landmarks(county.grid.cells, county.docks, county.roads)


def landmarks_of_file(path: Path) -> Landmarks:
    """All that a map file holds, to compare other maps with.

    Raises:
        FileFormatError: it cannot be read or does not say its system.
    """
    identified: dict[str, shapely.Geometry] = {}
    others: list[shapely.Geometry] = []
    for name in layer_names(path):
        layer = read_layer(path, name)
        kind, column = next(
            ((kind, column) for kind, columns in _KEYS.items() for column in columns
             if column in layer.columns),
            ("", ""),
        )  # fmt: skip
        if column:
            keys = (f"{kind} {key}" for key in layer.columns[column])
            identified |= dict(zip(keys, layer.geometries.tolist(), strict=True))
        else:
            others += layer.geometries.tolist()
    return landmarks_of(identified, others)


def _beside(path: Path, names: Sequence[str], reading: Reading) -> _Beside:
    found = _Beside()
    readers: dict[str, Callable[[], None]] = {
        ZONE_LAYER: lambda: found.zones.extend(read_zones(path, ZONE_LAYER, reading)),
        "docks": lambda: found.docks.extend(read_records(path, "docks", dock_of, reading)),
        "roads": lambda: found.roads.extend(read_records(path, "roads", road_of, reading)),
    }
    for name, read in readers.items():
        if name in names:
            try:
                read()
            except GroundError as error:
                found.findings.append(_error(f"{name}.unreadable", name, str(error)))
    return found


def _county(
    name: str,
    cells: Sequence[Cell],
    pattern: str,
    beside: _Beside,
    findings: list[MapFinding],
) -> County | None:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return None
    try:
        return County(
            name,
            Grid(cells, pattern),
            ZoneIndex(beside.zones),
            tuple(beside.docks),
            tuple(beside.roads),
        )
    except InvalidGeometryError as error:
        findings.insert(0, _error("county.impossible", name, str(error)))
        return None


def _strayed(layer: Layer, place: str) -> tuple[MapFinding, ...]:
    where = strayed_from(layer.crs, layer.geometries, place)
    if not where:
        return ()
    return (
        MapFinding(
            "grid.outside_system",
            Severity.WARNING,
            layer.crs,
            f"{place} is read in {layer.crs}, but its cells lie where that is not used: {where}. "
            "Check which zone or meridian its numbers are counted from.",
            None,
        ),
    )


def _rough(layer: Layer, place: str) -> tuple[MapFinding, ...]:
    if not is_rough(layer.crs, place):
        return ()
    return (
        MapFinding(
            "grid.rough_system",
            Severity.WARNING,
            layer.crs,
            f"{place} is in {layer.crs}, an older system whose places are known on WGS-84 only to "
            "tens of metres or worse; ask the surveying office for the file in CGCS2000.",
            None,
        ),
    )


def _datum_findings(
    path: Path, cells: Sequence[Cell], beside: _Beside, reading: Reading, known: Known | None
) -> tuple[MapFinding, ...]:
    landmarks = _landmarks(cells, beside.docks, beside.roads)
    if not landmarks.places:
        return ()
    if known is not None:
        found = datum_findings(
            landmarks, reading.datum or Datum.WGS84, known.landmarks, known.called
        )
        if found:
            return found
    if reading.datum is not None:
        return ()
    layer = cells_layer(path, layer_names(path), reading.layer)
    return hint_findings(words_about(path, layer), landmarks)


def _landmarks(cells: Sequence[Cell], docks: Sequence[Dock], roads: Sequence[Road]) -> Landmarks:
    on_earth = [cell for cell in cells if inner_place(cell.polygon) is not None]
    return landmarks_of(
        {
            **{f"cell {cell.code}": cell.polygon for cell in on_earth},
            **{f"dock {d.dock_id}": shapely.Point(d.position.lon_deg, d.position.lat_deg)
               for d in docks},
            **{f"road {road.road_id}": road.line for road in roads},
        }
    )  # fmt: skip


def _unreadable(layer: str, problem: Problem) -> MapFinding:
    shape = problem.geometry
    place = inner_place(shape) if shape is not None else None
    kept = shape if place is not None else None
    return MapFinding(
        f"{layer}.unreadable", Severity.ERROR, problem.name, f"In layer {layer!r}, "
        f"{problem.sentence}.", place, kept
    )  # fmt: skip


def _error(code: str, subject: str, message: str) -> MapFinding:
    return MapFinding(code, Severity.ERROR, subject, message, None)
