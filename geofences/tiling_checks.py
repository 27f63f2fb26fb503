"""Checks of how outlines fit together: overlaps, gaps and slivers, with their areas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geofences.findings import MapFinding, Severity, Tell
from geofences.geodesy import LonLat
from geofences.land import Land, Polygons

OVERLAP_TOLERANCE_M2 = 1.0
"""Overlaps up to this are rounding of coordinates, not a dispute about land."""

GAP_TOLERANCE_M2 = 1.0
LARGEST_GAP_M2 = 10_000.0
"""A hole larger than a cell is a lake or another village's land, not a gap."""

_SLIT_HALF_WIDTH_M = 1.0
_SLIVER_COMPACTNESS = 0.05
_CHUNK = 5_000


def overlaps(land: Land, tell: Tell) -> Iterator[MapFinding]:
    """Pairs of cells that dispute land."""
    tree = shapely.STRtree(land.polygons)
    count = len(land.polygons)
    for start in range(0, count, _CHUNK):
        tell("overlaps", start, count)
        asked, second = tree.query(land.polygons[start : start + _CHUNK], predicate="intersects")
        first = asked + start
        first, second = first[first < second], second[first < second]
        shared = shapely.intersection(land.polygons[first], land.polygons[second])
        areas_m2 = shapely.area(shared)
        for index in np.flatnonzero(areas_m2 > OVERLAP_TOLERANCE_M2).tolist():
            pair = (land.cells[first[index]].code, land.cells[second[index]].code)
            yield _overlap(land, min(pair), max(pair), shared[index])
    tell("overlaps", count, count)


def slivers(land: Land) -> Iterator[MapFinding]:
    """Cells far longer than wide, as editing leaves them."""
    areas_m2, around_m = shapely.area(land.polygons), shapely.length(land.polygons)
    compactness = 4.0 * np.pi * areas_m2 / around_m**2
    for index in np.flatnonzero(compactness < _SLIVER_COMPACTNESS).tolist():
        cell = land.cells[index]
        point = cell.polygon.representative_point()
        yield MapFinding(
            "cells.sliver",
            Severity.WARNING,
            cell.code,
            f"Cell {cell.code} is a sliver of {areas_m2[index]:.1f} m2 along "
            f"{around_m[index] / 2.0:.0f} m; join it to a neighbour if it is left from editing.",
            LonLat(point.x, point.y),
            cell.polygon,
            float(areas_m2[index]),
        )


def gaps(land: Land, tell: Tell) -> Iterator[MapFinding]:
    """Holes between cells, and slits between them that are open at one end."""
    covered = _union(land.polygons, tell)
    closed = covered.buffer(_SLIT_HALF_WIDTH_M, join_style="mitre").buffer(
        -_SLIT_HALF_WIDTH_M, join_style="mitre"
    )
    filled = shapely.union_all(
        [shapely.Polygon(part.exterior) for part in shapely.get_parts(closed)]
    )
    for gap in shapely.get_parts(shapely.difference(filled, covered)):
        if GAP_TOLERANCE_M2 < gap.area <= LARGEST_GAP_M2:
            yield _gap(land, gap)


def _union(polygons: Polygons, tell: Tell) -> shapely.Geometry:
    unions = []
    for start in range(0, len(polygons), _CHUNK):
        tell("gaps", start, len(polygons))
        unions.append(shapely.union_all(polygons[start : start + _CHUNK]))
    whole = shapely.union_all(unions)
    tell("gaps", len(polygons), len(polygons))
    return whole


def _overlap(land: Land, one: str, other: str, shared_m: shapely.Geometry) -> MapFinding:
    point = shared_m.representative_point()
    return MapFinding(
        "cells.overlap",
        Severity.ERROR,
        one,
        f"Cells {one} and {other} overlap by {shared_m.area:.1f} m2; "
        "draw their shared edge so that each place belongs to one of them.",
        LonLat(*land.frame.to_lonlat(point.x, point.y)),
        land.lonlat(_areal(shared_m)),
        shared_m.area,
    )


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape, without the lines and points where outlines merely touch."""
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])


def _gap(land: Land, gap_m: shapely.Polygon) -> MapFinding:
    middle, *_ = shapely.maximum_inscribed_circle(gap_m).coords
    place = LonLat(*land.frame.to_lonlat(*middle))
    return MapFinding(
        "cells.gap",
        Severity.WARNING,
        f"{place.lon_deg:.6f},{place.lat_deg:.6f}",
        f"A gap of {gap_m.area:.1f} m2 between cells at longitude {place.lon_deg:.6f}, "
        f"latitude {place.lat_deg:.6f} belongs to none; extend a neighbour over it.",
        place,
        land.lonlat(gap_m),
        gap_m.area,
    )
