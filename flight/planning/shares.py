"""An area divided among aircraft into strips side by side, each near its dock.

Aircraft that work in strips of their own neither meet nor fly across each other's ground. All
geometry here is in metres of a local frame.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity

from flight.planning.cleaning import polygons_of
from flight.planning.links import Point

FloatArray = NDArray[np.float64]

_ROUNDS = 4  # of strips, then the ways to them
_HALVINGS = 50
_LANES_LONGER = 1.25  # than area over spacing, with turns and their slowing down
_NEVER = 1e4  # times what one flight would take
_LEAST_LANES = 4.0  # squares of one spacing that make a strip worth flying for


@dataclass(frozen=True, slots=True)
class Share:
    """What one aircraft covers.

    Attributes:
        aircraft_index: Its place in the request.
        area: Its strip.
    """

    aircraft_index: int
    area: shapely.MultiPolygon


@dataclass(frozen=True, slots=True)
class Reach:
    """How long the flights of one aircraft may be, and what lies between two of them.

    Attributes:
        flight_m: Range of a battery at cruise, ways there and back included.
        between_m: What landing, another battery and take-off take, in metres flown meanwhile.
    """

    flight_m: float = math.inf
    between_m: float = 0.0

    def lanes_m(self, until_m: float, way_m: float) -> float:
        """How much work is done at some time.

        Args:
            until_m: The time, in metres flown meanwhile.
            way_m: Way there and back of each flight.

        Returns:
            Metres of lanes; below 0 if even the way takes longer.
        """
        most_m = self.flight_m - way_m
        if until_m < way_m or most_m <= 0.0:
            return min(until_m - way_m, most_m, 0.0)
        if math.isinf(most_m):
            return until_m - way_m
        flights = math.floor(until_m / (self.flight_m + self.between_m))
        left_m = until_m - flights * (self.flight_m + self.between_m)
        return flights * most_m + min(max(0.0, left_m - way_m), most_m)


ENDLESS = Reach()


def share_area(
    area: shapely.MultiPolygon,
    docks: Sequence[Point],
    spacing_m: float,
    reaches: Sequence[Reach] | None = None,
) -> tuple[Share, ...]:
    """Divide an area so that all aircraft are done at about the same time.

    The strips lie across the longer side of the area, in the order of the docks along it. An
    aircraft whose way there takes longer than its strip would save stays at home.

    Args:
        area: What is to be covered.
        docks: Where each aircraft starts.
        spacing_m: Between lanes.
        reaches: Of each aircraft; if left out, one flight is enough for any share.

    Returns:
        At least one share; together they are the area.
    """
    turn_rad = _long_side_rad(area)
    level = affinity.rotate(area, -turn_rad, origin=(0.0, 0.0), use_radians=True)
    turned = np.array(docks) @ np.array(
        [[math.cos(turn_rad), -math.sin(turn_rad)], [math.sin(turn_rad), math.cos(turn_rad)]]
    )
    crew = np.argsort(turned[:, 0], kind="stable")
    most = max(1, int(area.area / (_LEAST_LANES * spacing_m**2)))
    crew = crew[np.sort(np.argsort(_away_m(turned[crew], level), kind="stable")[:most])]
    able = [ENDLESS] * len(docks) if reaches is None else list(reaches)
    while True:
        areas_m2 = _fair_m2(level, turned[crew], spacing_m, [able[index] for index in crew])
        if (areas_m2 > 0.0).all():
            break
        crew = np.delete(crew, int(np.argmin(areas_m2)))
    strips = _strips(level, areas_m2)
    return tuple(
        Share(
            int(index),
            shapely.MultiPolygon(
                polygons_of(affinity.rotate(strip, turn_rad, origin=(0.0, 0.0), use_radians=True))
            ),
        )
        for index, strip in zip(crew.tolist(), strips, strict=True)
    )


def _long_side_rad(area: shapely.Geometry) -> float:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
    if len(corners) < 4:
        return 0.0
    sides = np.diff(corners[:3], axis=0)
    longer = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return math.atan2(longer[1], longer[0])


def _away_m(docks: FloatArray, area: shapely.Geometry) -> FloatArray:
    away: FloatArray = shapely.distance(shapely.points(docks), area)
    return away


def _fair_m2(
    area: shapely.Geometry, docks: FloatArray, spacing_m: float, reaches: Sequence[Reach]
) -> FloatArray:
    """Areas with which all are done at the same time, all their ways there and back included.

    Some may be below 0.
    """
    fair = np.full(len(docks), area.area / len(docks))
    lanes_m = area.area * _LANES_LONGER / spacing_m
    for _ in range(_ROUNDS):
        ways_m = _ways_m(docks, _strips(area, np.maximum(fair, 0.0)))
        done_m = _shared_m(lanes_m, reaches, ways_m)
        fair = done_m * (area.area / lanes_m)
        if not (done_m > 0.0).any():
            return np.full(len(docks), area.area / len(docks))
    return fair


def _shared_m(lanes_m: float, reaches: Sequence[Reach], ways_m: FloatArray) -> FloatArray:
    """The lanes of each at the time when all are done."""

    def done_m(until_m: float) -> FloatArray:
        pairs = zip(reaches, ways_m.tolist(), strict=True)
        return np.array([reach.lanes_m(until_m, way_m) for reach, way_m in pairs])

    low, high = 0.0, lanes_m + float(ways_m.max())
    while np.maximum(done_m(high), 0.0).sum() < lanes_m and high < _NEVER * lanes_m:
        high *= 2.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if np.maximum(done_m(middle), 0.0).sum() < lanes_m:
            low = middle
        else:
            high = middle
    return done_m(high)


def _ways_m(docks: FloatArray, strips: Sequence[shapely.Geometry]) -> FloatArray:
    """Ways of each flight: to where its strip begins, and home from anywhere in it."""
    return np.array(
        [
            0.0
            if strip.is_empty
            else shapely.distance(shapely.Point(dock), strip)
            + shapely.distance(shapely.Point(dock), strip.centroid)
            for dock, strip in zip(docks, strips, strict=True)
        ]
    )


def _strips(area: shapely.Geometry, areas_m2: FloatArray) -> list[shapely.Geometry]:
    """The area cut across its x axis into pieces of such sizes, from left to right."""
    left, bottom, right, top = area.bounds
    shares = np.cumsum(areas_m2) / areas_m2.sum() * area.area
    cuts = [left, *(_cut_at(area, m2) for m2 in shares[:-1].tolist()), right]
    return [
        shapely.intersection(area, shapely.box(a, bottom, max(a, b), top))
        for a, b in itertools.pairwise(cuts)
    ]


def _cut_at(area: shapely.Geometry, left_m2: float) -> float:
    """Where so much of an area lies to the left."""
    low, bottom, high, top = area.bounds
    start = low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if shapely.intersection(area, shapely.box(start, bottom, middle, top)).area < left_m2:
            low = middle
        else:
            high = middle
    return float(low + high) / 2.0
