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


def share_area(
    area: shapely.MultiPolygon, docks: Sequence[Point], spacing_m: float
) -> tuple[Share, ...]:
    """Divide an area so that all aircraft are done at about the same time.

    The strips lie across the longer side of the area, in the order of the docks along it. An
    aircraft whose way there takes longer than its strip would save stays at home.

    Args:
        area: What is to be covered.
        docks: Where each aircraft starts.
        spacing_m: Between lanes.

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
    while True:
        areas_m2 = _fair_m2(level, turned[crew], spacing_m)
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


def _fair_m2(area: shapely.Geometry, docks: FloatArray, spacing_m: float) -> FloatArray:
    """Areas with which all fly equally far, ways there and back included; some may be below 0."""
    count = len(docks)
    fair = np.full(count, area.area / count)
    for _ in range(_ROUNDS):
        strips = _strips(area, np.maximum(fair, 0.0))
        ways_m = 2.0 * np.array(
            [
                shapely.distance(shapely.Point(dock), strip) if not strip.is_empty else 0.0
                for dock, strip in zip(docks, strips, strict=True)
            ]
        )
        per_m2 = _LANES_LONGER / spacing_m
        together_m = (area.area * per_m2 + ways_m.sum()) / count
        fair = (together_m - ways_m) / per_m2
    return fair


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
