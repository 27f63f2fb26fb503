"""Checks of where and what the outlines are: invalid rings, other units, swapped axes, strays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.cells import Cell
from geofences.findings import MapFinding, Severity
from geofences.geodesy import LonLat, distance_m
from geofences.land import middles

FAR_APART_DEG = 1.0
"""A county is smaller than this; what lies farther from its middle was not surveyed in it."""

_MOST_DEG = 360.0
_WHOLE_FILE_SHARE = 0.9
_CHINA_DEG = (73.0, 3.0, 136.0, 54.0)

Places = NDArray[np.float64]
Flags = NDArray[np.bool_]


def bad_outlines(cells: Sequence[Cell]) -> Iterator[MapFinding]:
    """Outlines that are missing, cross themselves or are otherwise no polygon."""
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
                f"The outline of cell {cell.code} is not a valid polygon: {_told(reason)}; "
                "redraw it.",
                _place_in(reason),
            )


def bad_places(cells: Sequence[Cell]) -> Iterator[MapFinding]:
    """Cells in other units than degrees, or with latitude written first."""
    places = middles(cells)
    if not np.isfinite(places).any():
        return
    metres = np.asarray((np.abs(places) > _MOST_DEG).any(axis=1))
    if metres.any():
        yield _not_degrees(cells, places, metres)
        return
    swapped = _off_globe(places) | (_in_china(places[:, ::-1]) & ~_in_china(places))
    if swapped.mean() >= _WHOLE_FILE_SHARE:
        yield _all_swapped(cells, places, swapped)
        return
    usual = np.nanmedian(places, axis=0)
    near_if_swapped = np.abs(places[:, ::-1] - usual).max(axis=1) <= FAR_APART_DEG
    odd = _off_globe(places) | (_far(places, usual) & near_if_swapped)
    for index in np.flatnonzero(odd).tolist():
        code, (x, y) = cells[index].code, places[index]
        yield _error(
            "cells.swapped_axes",
            code,
            f"Cell {code} lies at longitude {x:.5f}, latitude {y:.5f}, which looks like latitude "
            "written first; exchange the two.",
            _place(places[index, ::-1]),
        )


def strays(cells: Sequence[Cell]) -> Iterator[MapFinding]:
    """Cells so far from the others that they belong to another county, or to none."""
    places = middles(cells)
    if not np.isfinite(places).any():
        return
    usual = np.nanmedian(places, axis=0)
    middle = _place(usual)
    # One whose axes are exchanged is an error of its own.
    far = _far(places, usual) & _far(places[:, ::-1], usual) & ~_off_globe(places)
    for index in np.flatnonzero(far).tolist() if middle else ():
        code, place = cells[index].code, _place(places[index])
        if place and middle:
            yield MapFinding(
                "cells.stray",
                Severity.WARNING,
                code,
                f"Cell {code} lies at longitude {place.lon_deg:.5f}, latitude "
                f"{place.lat_deg:.5f}, {distance_m(place, middle) / 1000.0:.0f} km from the "
                "middle of the others; check its coordinates.",
                place,
                cells[index].polygon,
            )


def _not_degrees(cells: Sequence[Cell], places: Places, metres: Flags) -> MapFinding:
    index = int(np.argmax(metres))
    x, y = places[index]
    return _error(
        "cells.not_degrees",
        cells[index].code,
        f"{np.count_nonzero(metres)} of {len(cells)} cells have coordinates that are no degrees, "
        f"cell {cells[index].code} x {x:.1f}, y {y:.1f}; they look like metres of a projection, "
        "so say which, as in --crs EPSG:4547.",
    )


def _all_swapped(cells: Sequence[Cell], places: Places, swapped: Flags) -> MapFinding:
    index = int(np.argmax(swapped))
    x, y = places[index]
    return _error(
        "cells.swapped_axes",
        cells[index].code,
        f"{np.count_nonzero(swapped)} of {len(cells)} cells look like latitude written first, "
        f"cell {cells[index].code} at longitude {x:.5f}, latitude {y:.5f}; exchange the two in "
        "the file, or import it with --swap-axes.",
        _place(places[index, ::-1]),
    )


def _off_globe(places: Places) -> Flags:
    return np.asarray((np.abs(places) > (180.0, 90.0)).any(axis=1))


def _in_china(places: Places) -> Flags:
    west, south, east, north = _CHINA_DEG
    return np.asarray(((places >= (west, south)) & (places <= (east, north))).all(axis=1))


def _far(places: Places, usual: Places) -> Flags:
    return np.asarray(np.abs(places - usual).max(axis=1) > FAR_APART_DEG)


def _place(lonlat: Places) -> LonLat | None:
    lon, lat = lonlat.tolist()
    return LonLat(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _told(reason: str) -> str:
    return re.sub(r"\[(\S+) (\S+)\]$", r" at longitude \1, latitude \2", reason)


def _place_in(reason: str) -> LonLat | None:
    """The place that shapely puts in brackets at the end of its reason."""
    found = re.search(r"\[(\S+) (\S+)\]$", reason)
    return _place(np.array([float(found[1]), float(found[2])])) if found else None


def _error(code: str, subject: str, message: str, place: LonLat | None = None) -> MapFinding:
    shape = shapely.Point(place.lon_deg, place.lat_deg) if place else None
    return MapFinding(code, Severity.ERROR, subject, message, place, shape)
