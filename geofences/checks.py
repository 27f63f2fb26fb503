"""Checks of cells: what a surveyor should correct before anything flies by them.

Errors make a grid unusable and are refused on import; warnings are for a person to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.cells import Cell
from geofences.geodesy import LocalFrame, LonLat
from geofences.identifiers import CODE_PATTERN, is_code, repeated

Polygons = NDArray[np.object_]

OVERLAP_TOLERANCE_M2 = 1.0
"""Overlaps up to this are rounding of coordinates, not a dispute about land."""

GAP_TOLERANCE_M2 = 1.0
LARGEST_GAP_M2 = 10_000.0
"""A hole larger than a cell is a lake or another village's land, not a gap."""

_SLIT_HALF_WIDTH_M = 1.0
_SLIVER_COMPACTNESS = 0.05
_FAR_APART_DEG = 1.0


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes:
        code: of the kind of finding, such as `cells.overlap`.
        severity: whether it forbids use.
        subject: the thing it is about, such as a cell's code.
        message: a sentence that says what is wrong and what to do.
        position: where it is, if it is somewhere.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    position: LonLat | None


def check_cells(cells: Iterable[Cell], code_pattern: str = CODE_PATTERN) -> tuple[Finding, ...]:
    """Everything that is wrong or odd with cells, errors first."""
    all_cells = tuple(cells)
    errors = find_errors(all_cells, code_pattern)
    sound = [cell for cell in all_cells if _is_sound(cell)]
    if not sound:
        return errors
    frame, polygons = _in_metres(sound)
    return (*errors, *_slivers(sound, polygons), *_gaps(frame, polygons))


def find_errors(cells: Sequence[Cell], code_pattern: str = CODE_PATTERN) -> tuple[Finding, ...]:
    """What makes cells unusable: codes, invalid outlines, swapped axes, overlaps."""
    findings = [*_bad_codes(cells, code_pattern), *_swapped_axes(cells), *_bad_outlines(cells)]
    sound = [cell for cell in cells if _is_sound(cell)]
    if sound:
        findings += _overlaps(sound, *_in_metres(sound))
    return tuple(findings)


def _bad_codes(cells: Sequence[Cell], code_pattern: str) -> Iterator[Finding]:
    codes = [cell.code for cell in cells]
    for code in sorted(set(codes)):
        if not is_code(code, code_pattern):
            yield _error(
                "cells.malformed_code",
                code,
                f"The cell code {code!r} does not match {code_pattern}; "
                "correct it or set another code pattern.",
            )
    for code, count in repeated(codes).items():
        yield _error(
            "cells.duplicate_code",
            code,
            f"The cell code {code} is used {count} times; give each cell its own code.",
        )


def _bad_outlines(cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        if cell.polygon.is_empty:
            yield _error(
                "cells.invalid_outline", cell.code, f"Cell {cell.code} has no outline; draw one."
            )
        elif not cell.polygon.is_valid:
            reason = shapely.is_valid_reason(cell.polygon)
            yield _error(
                "cells.invalid_outline",
                cell.code,
                f"The outline of cell {cell.code} is not a valid polygon: {reason}; redraw it.",
                _place_in(reason),
            )


def _swapped_axes(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Cells off the globe, or far from the rest and near it with their axes exchanged."""
    middles = np.array([_middle(cell.polygon) for cell in cells]).reshape(-1, 2)
    if not np.isfinite(middles).any():
        return
    usual = np.nanmedian(middles, axis=0)
    far = np.abs(middles - usual).max(axis=1) > _FAR_APART_DEG
    near_if_swapped = np.abs(middles[:, ::-1] - usual).max(axis=1) <= _FAR_APART_DEG
    off_globe = (np.abs(middles) > (180.0, 90.0)).any(axis=1)
    for index in np.flatnonzero(off_globe | (far & near_if_swapped)).tolist():
        code, (x, y) = cells[index].code, middles[index]
        yield _error(
            "cells.swapped_axes",
            code,
            f"Cell {code} lies at longitude {x:.5f}, latitude {y:.5f}, which looks like latitude "
            "written first; exchange the two.",
        )


def _overlaps(cells: Sequence[Cell], frame: LocalFrame, polygons: Polygons) -> Iterator[Finding]:
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.intersection(polygons[first], polygons[second])
    areas_m2 = shapely.area(shared)
    for index in np.flatnonzero(areas_m2 > OVERLAP_TOLERANCE_M2).tolist():
        a, b = sorted((cells[first[index]].code, cells[second[index]].code))
        yield _error(
            "cells.overlap",
            a,
            f"Cells {a} and {b} overlap by {areas_m2[index]:.1f} m2; "
            "draw their shared edge so that each place belongs to one of them.",
            _representative(frame, shared[index]),
        )


def _slivers(cells: Sequence[Cell], polygons: Polygons) -> Iterator[Finding]:
    areas_m2, around_m = shapely.area(polygons), shapely.length(polygons)
    compactness = 4.0 * np.pi * areas_m2 / around_m**2
    for index in np.flatnonzero(compactness < _SLIVER_COMPACTNESS).tolist():
        cell = cells[index]
        yield _warning(
            "cells.sliver",
            cell.code,
            f"Cell {cell.code} is a sliver of {areas_m2[index]:.1f} m2 along "
            f"{around_m[index] / 2.0:.0f} m; join it to a neighbour if it is left from editing.",
            _representative_lonlat(cell.polygon),
        )


def _gaps(frame: LocalFrame, polygons: Polygons) -> Iterator[Finding]:
    """Holes between cells, and slits between them that are open at one end."""
    covered = shapely.union_all(polygons)
    closed = covered.buffer(_SLIT_HALF_WIDTH_M, join_style="mitre").buffer(
        -_SLIT_HALF_WIDTH_M, join_style="mitre"
    )
    filled = shapely.union_all(
        [shapely.Polygon(part.exterior) for part in shapely.get_parts(closed)]
    )
    for gap in shapely.get_parts(shapely.difference(filled, covered)):
        if GAP_TOLERANCE_M2 < gap.area <= LARGEST_GAP_M2:
            middle, *_ = shapely.maximum_inscribed_circle(gap).coords
            place = LonLat(*frame.to_lonlat(*middle))
            yield _warning(
                "cells.gap",
                f"{place.lon_deg:.6f},{place.lat_deg:.6f}",
                f"A gap of {gap.area:.1f} m2 between cells at longitude {place.lon_deg:.6f}, "
                f"latitude {place.lat_deg:.6f} belongs to none; extend a neighbour over it.",
                place,
            )


def _is_sound(cell: Cell) -> bool:
    if cell.polygon.is_empty or not cell.polygon.is_valid:
        return False
    left, bottom, right, top = cell.polygon.bounds
    return bool(left >= -180.0 and right <= 180.0 and bottom >= -90.0 and top <= 90.0)


def _in_metres(cells: Sequence[Cell]) -> tuple[LocalFrame, Polygons]:
    polygons = np.array([cell.polygon for cell in cells], dtype=object)
    middles = np.array([_middle(polygon) for polygon in polygons])
    frame = LocalFrame(LonLat(*np.median(middles, axis=0).tolist()))
    return frame, frame.geometry_to_local(polygons)


def _middle(polygon: shapely.Polygon) -> tuple[float, float]:
    left, bottom, right, top = polygon.bounds
    return (left + right) / 2.0, (bottom + top) / 2.0


def _representative(frame: LocalFrame, geometry_m: shapely.Geometry) -> LonLat:
    point = geometry_m.representative_point()
    return LonLat(*frame.to_lonlat(point.x, point.y))


def _representative_lonlat(polygon: shapely.Polygon) -> LonLat:
    point = polygon.representative_point()
    return LonLat(point.x, point.y)


def _place_in(reason: str) -> LonLat | None:
    """The place that shapely puts in brackets at the end of its reason."""
    found = re.search(r"\[(\S+) (\S+)\]$", reason)
    if not found:
        return None
    x, y = float(found[1]), float(found[2])
    return LonLat(x, y) if abs(x) <= 180 and abs(y) <= 90 else None


def _error(code: str, subject: str, message: str, position: LonLat | None = None) -> Finding:
    return Finding(code, Severity.ERROR, subject, message, position)


def _warning(code: str, subject: str, message: str, position: LonLat) -> Finding:
    return Finding(code, Severity.WARNING, subject, message, position)
