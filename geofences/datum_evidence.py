"""What speaks for coordinates being GCJ-02 or BD-09, which the numbers alone cannot tell.

They are compared with land that is known on WGS-84: cells, docks and roads of the same code or id
where there are any; otherwise outlines and roads, which at least a quarter of the corners of a
right map meet within half a road's width. If the numbers come far nearer to that land read in
another datum, they look like that datum.
A file that names a datum in its name, its fields or its own description is taken at its word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.datum import Datum, from_wgs84, to_wgs84
from geofences.findings import MapFinding, Severity
from geofences.geodesy import LocalFrame, LonLat, bearing_deg, distance_m

FAR_BETTER_SHARE = 1.0 / 3.0
LEAST_GAIN_M = 10.0

_SAME_WITHIN_M = 3000.0
_NEAR_M = 1000.0
_ON_THE_LINE_M = 8.0
_LEAST_CORNERS = 60
_MOST_CORNERS = 2000
_QUARTER = 0.25
_NAMES = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
_HINTS = {
    Datum.BD09: r"bd[-_ ]?09|bd[-_]?(ll|mc)(?![a-z])|百度|baidu",
    Datum.GCJ02: r"gcj|火星|高德|腾讯|(?<![a-z])a-?map(?![a-z])|gaode|autonavi|tencent",
}
_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Places and lines that can be found again in another map.

    Attributes:
        places: longitude and latitude by what identifies a place, such as `cell 341299001001001`.
        lines: outlines and roads, shapely geometries of longitude and latitude, (N,).
    """

    places: Mapping[str, tuple[float, float]]
    lines: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Match:
    """How near a map comes to known land.

    Attributes:
        away_m: the distance that is typical of it, for each datum that it may be in.
        by: what was compared, in words.
    """

    away_m: Mapping[Datum, float]
    by: str


def landmarks_of(
    identified: Mapping[str, shapely.Geometry], others: Sequence[shapely.Geometry] = ()
) -> Landmarks:
    """Landmarks of shapes with names and of shapes without; empty and missing ones are left out."""
    sound = {key: shape for key, shape in identified.items() if shape and not shape.is_empty}
    middles = shapely.get_coordinates(shapely.centroid(list(sound.values()))).tolist()
    shapes = np.array([*sound.values(), *(shape for shape in others if shape)], dtype=object)
    return Landmarks(
        {key: (x, y) for key, (x, y) in zip(sound, middles, strict=True)},
        shapes[shapely.get_dimensions(shapes) > 0],
    )


def match(numbers: Landmarks, known: Landmarks) -> Match | None:
    """How near numbers come to known land, read in each datum; None where nothing compares.

    Args:
        numbers: as a file has them, whatever they are in.
        known: on WGS-84.
    """
    return _match_places(numbers, known) or _match_lines(numbers, known)


def datum_findings(
    read: Landmarks, assumed: Datum, known: Landmarks, known_as: str
) -> tuple[MapFinding, ...]:
    """A warning if a map comes far nearer to known land when read in another datum.

    Args:
        read: the map as it was read, on WGS-84 if `assumed` was right.
        assumed: the datum that its numbers were taken for.
        known: land on WGS-84.
        known_as: what to call that land.
    """
    numbers = _as_written(read, assumed)
    found = match(numbers, known)
    if found is None:
        return ()
    best = min(Datum, key=lambda datum: found.away_m[datum])
    best_m, assumed_m = found.away_m[best], found.away_m[assumed]
    if best_m > FAR_BETTER_SHARE * assumed_m or assumed_m - best_m < LEAST_GAIN_M:
        return ()
    middle = _middle(numbers)
    right, wrong = (_lonlat(to_wgs84(datum, *middle)) for datum in (best, assumed))
    done = "Nothing was converted" if assumed is Datum.WGS84 else "They were converted as asked"
    return (
        MapFinding(
            "grid.datum",
            Severity.WARNING,
            best.value,
            f"The coordinates look like {_NAMES[best]}: read so, they lie {best_m:.1f} m from "
            f"{known_as}, but {assumed_m:.1f} m read as {_NAMES[assumed]} ({found.by}), which "
            f"puts them {distance_m(right, wrong):.0f} m too far {_wind(right, wrong)}. "
            f"{done}; read them with --datum {best.value} if that is right.",
            wrong,
            shapely.LineString([(p.lon_deg, p.lat_deg) for p in (wrong, right)]),
        ),
    )


def hint_findings(words: Iterable[str], read: Landmarks) -> tuple[MapFinding, ...]:
    """A warning if a file names a shifted datum in its own words.

    Args:
        words: names and descriptions that it gives itself.
        read: its land, read as WGS-84.
    """
    for word in words:
        for datum, pattern in _HINTS.items():
            if re.search(pattern, word, re.IGNORECASE):
                return (_hint(word, datum, read),)
    return ()


def _hint(word: str, datum: Datum, read: Landmarks) -> MapFinding:
    wrong = _lonlat(_middle(read))
    right = _lonlat(to_wgs84(datum, wrong.lon_deg, wrong.lat_deg))
    return MapFinding(
        "grid.datum_hint",
        Severity.WARNING,
        datum.value,
        f"The file says {word!r}, which means {_NAMES[datum]}: its places would lie "
        f"{distance_m(right, wrong):.0f} m too far {_wind(right, wrong)}. Nothing was converted; "
        f"read them with --datum {datum.value}, or with --datum wgs84 if they are WGS-84.",
        wrong,
        shapely.LineString([(p.lon_deg, p.lat_deg) for p in (wrong, right)]),
    )


def _match_places(numbers: Landmarks, known: Landmarks) -> Match | None:
    common = sorted(numbers.places.keys() & known.places.keys())
    if not common:
        return None
    there = np.array([known.places[key] for key in common])
    frame = LocalFrame(_lonlat(np.median(there, axis=0)))
    there_m = np.column_stack(frame.to_local(*there.T))
    written = np.array([numbers.places[key] for key in common])
    away_m = {}
    for datum in Datum:
        here_m = np.column_stack(frame.to_local(*to_wgs84(datum, *written.T)))
        away_m[datum] = float(np.median(np.hypot(*(here_m - there_m).T)))
    # Ids such as dock-1 are used everywhere; those of another county say nothing.
    if min(away_m.values()) > _SAME_WITHIN_M:
        return None
    kinds = ", ".join(sorted({key.partition(" ")[0] for key in common}))
    return Match(away_m, f"median over {len(common)} of the same code: {kinds}")


def _match_lines(numbers: Landmarks, known: Landmarks) -> Match | None:
    corners = shapely.get_coordinates(numbers.lines)
    if not len(corners) or not len(known.lines):
        return None
    corners = corners[:: max(1, len(corners) // _MOST_CORNERS)]
    west, south, east, north = shapely.total_bounds(known.lines).tolist()
    frame = LocalFrame(LonLat((west + east) / 2.0, (south + north) / 2.0))
    lines = frame.geometry_to_local(known.lines)
    areal = shapely.get_dimensions(lines) == 2
    lines[areal] = shapely.boundary(lines[areal])
    tree = shapely.STRtree(lines)
    away_m, counts = {}, []
    for datum in Datum:
        points = shapely.points(*frame.to_local(*to_wgs84(datum, *corners.T)))
        _, distances_m = tree.query_nearest(
            points, max_distance=_NEAR_M, return_distance=True, all_matches=False
        )
        counts.append(len(distances_m))
        away_m[datum] = float(np.quantile(distances_m, _QUARTER)) if counts[-1] else np.inf
    # Some reading is always the nearest; only one that meets the lines says something.
    if min(counts) < _LEAST_CORNERS or min(away_m.values()) > _ON_THE_LINE_M:
        return None
    return Match(away_m, f"the nearest quarter of {max(counts)} corners, to outlines and roads")


def _as_written(read: Landmarks, assumed: Datum) -> Landmarks:
    """The numbers of a file from its land as it was read."""
    keys = list(read.places)
    places = np.array([read.places[key] for key in keys]).reshape(-1, 2)
    written = np.column_stack(from_wgs84(assumed, *places.T)).tolist()
    lines = shapely.transform(
        read.lines, lambda rows: np.column_stack(from_wgs84(assumed, *rows.T))
    )
    return Landmarks({key: (x, y) for key, (x, y) in zip(keys, written, strict=True)}, lines)


def _middle(landmarks: Landmarks) -> FloatArray:
    places = list(landmarks.places.values()) or shapely.get_coordinates(landmarks.lines).tolist()
    return np.asarray(np.median(np.array(places), axis=0))


def _lonlat(lonlat: Sequence[float] | FloatArray | tuple[FloatArray, FloatArray]) -> LonLat:
    lon_deg, lat_deg = lonlat
    return LonLat(float(lon_deg), float(lat_deg))


def _wind(right: LonLat, wrong: LonLat) -> str:
    return _WINDS[round(bearing_deg(right, wrong) / 45.0) % len(_WINDS)]
