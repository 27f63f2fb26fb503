"""Houses, trees, fields and paving of a county's village, laid around what must be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geofences.county import County
from geofences.geodesy import LocalFrame
from geofences.zones import ZoneKind
from vision.simulator.scene import Building, Material, RoadStrip, RoofKind, Surface, Tree

LATTICE_DEG = 98.0
"""Heading of the village's rows of houses."""
ROOM_M = {
    "person": 7.0,
    "two_wheeler": 6.0,
    "car": 8.5,
    "truck_bus": 11.0,
    "garbage": 8.5,
    "smoke": 14.0,
    "fire": 10.0,
    "pothole": 6.0,
    "stall": 8.5,
}
"""Houses and crowns keep so far from an object, so that a camera sees it from every side."""
PAVED = {
    ZoneKind.NO_VENDING: Material.PAVING,
    ZoneKind.FIRE_LANE: Material.HATCHED,
    ZoneKind.NO_PARKING: Material.CONCRETE,
    ZoneKind.RESTRICTED: Material.GRAVEL,
    ZoneKind.NO_FLY: Material.GRAVEL,
    ZoneKind.WATER: Material.WATER,
}
CAR_PARK_M = ((76.0, 0.5), (116.0, -6.0), (118.0, 15.0), (79.0, 21.0))
Clear = tuple[float, float, str]


@dataclass(frozen=True)
class Scenery:
    """What decorates a scene."""

    surfaces: tuple[Surface, ...]
    roads: tuple[RoadStrip, ...]
    buildings: tuple[Building, ...]
    trees: tuple[Tree, ...]


def scenery_of(
    county: County, frame: LocalFrame, half_extent_m: float, kept_clear: Sequence[Clear], seed: int
) -> Scenery:
    """Return scenery that follows the county's zones and roads.

    Args:
        county: The county.
        frame: The scene's frame.
        half_extent_m: Reach of the scene.
        kept_clear: (east, north, class) of the objects nothing may hide.
        seed: Decides houses, trees and fields.
    """
    rng = np.random.default_rng([seed, 31])
    window = shapely.box(-half_extent_m, -half_extent_m, half_extent_m, half_extent_m)
    zones = [
        (zone.kind, shape)
        for zone in county.zones.zones
        if zone.kind in PAVED
        and (shape := frame.geometry_to_local(zone.polygon)).intersects(window)
    ]
    roads = _roads(county, frame, window)
    lines = [shapely.LineString(r.line_m).buffer(r.width_m / 2 + 1.5) for r in roads]
    reserved = shapely.union_all(
        [*(shape for _, shape in zones), *lines, shapely.Polygon(CAR_PARK_M)]
    )
    discs = shapely.union_all([shapely.Point(e, n).buffer(ROOM_M[c]) for e, n, c in kept_clear])
    buildings = _buildings(rng, reserved.buffer(1.5).union(discs), half_extent_m)
    taken = shapely.union_all([_footprint(b).buffer(0.5) for b in buildings])
    trees = _trees(rng, reserved.union(discs).union(taken), half_extent_m)
    fields = _fields(rng, half_extent_m)
    yards = [_yard(b) for b in buildings]
    park = Surface(CAR_PARK_M, Material.CONCRETE, LATTICE_DEG, 9)
    pavings = [_paving(kind, shape) for kind, shape in zones]
    return Scenery((*fields, *yards, park, *pavings), roads, buildings, trees)


def _roads(county: County, frame: LocalFrame, window: shapely.Polygon) -> tuple[RoadStrip, ...]:
    found = []
    for road in county.roads:
        clipped = frame.geometry_to_local(road.line).intersection(window.buffer(40))
        for part in getattr(clipped, "geoms", [clipped]):
            if part.is_empty:
                continue
            points = tuple((float(x), float(y)) for x, y in part.coords)
            main = road.width_m > 8
            paved = Material.ASPHALT if main else Material.CONCRETE
            found.append(RoadStrip(points, road.width_m, paved, marked=main))
    # Wide roads are painted last: they run through where lanes end.
    return tuple(sorted(found, key=lambda strip: strip.width_m))


def _paving(kind: ZoneKind, shape: shapely.Polygon) -> Surface:
    outline = tuple((float(x), float(y)) for x, y in shape.exterior.coords[:-1])
    return Surface(outline, PAVED[kind], LATTICE_DEG, len(outline))


def _turned(along_m: float, across_m: float) -> tuple[float, float]:
    """Return (east, north) of a place along and left of the rows of houses."""
    angle = math.radians(LATTICE_DEG)
    sine, cosine = math.sin(angle), math.cos(angle)
    return along_m * sine - across_m * cosine, along_m * cosine + across_m * sine


def _buildings(
    rng: np.random.Generator, reserved: shapely.Geometry, half_extent_m: float
) -> tuple[Building, ...]:
    """Return rows of houses wherever nothing is reserved, with gaps."""
    found = []
    reach = half_extent_m * 0.86
    for across in np.arange(-reach, reach, 21.0):
        for along in np.arange(-reach, reach, 17.5):
            house = _house(rng, float(along), float(across))
            if rng.random() < 0.42 or _footprint(house).intersects(reserved):
                continue
            if max(abs(house.centre_m[0]), abs(house.centre_m[1])) < half_extent_m - 12:
                found.append(house)
    return tuple(found)


def _house(rng: np.random.Generator, along_m: float, across_m: float) -> Building:
    centre = _turned(along_m + float(rng.normal(0, 1.0)), across_m + float(rng.normal(0, 0.8)))
    wall = float(rng.choice([3.2, 3.5, 6.2], p=[0.5, 0.3, 0.2]))
    return Building(
        centre,
        LATTICE_DEG + float(rng.normal(0, 1.2)),
        float(rng.uniform(9, 13.5)),
        float(rng.uniform(6.0, 8.5)),
        wall,
        RoofKind.GABLE if rng.random() < 0.62 else RoofKind.FLAT,
        int(rng.integers(1 << 31)),
    )


def _footprint(building: Building) -> shapely.Polygon:
    half_l, half_w = building.length_m / 2, building.width_m / 2
    angle = math.radians(building.heading_deg)
    along = np.array([math.sin(angle), math.cos(angle)])
    across = np.array([-along[1], along[0]])
    signs = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    centre = np.asarray(building.centre_m)
    return shapely.Polygon([centre + along * half_l * a + across * half_w * b for a, b in signs])


def _yard(building: Building) -> Surface:
    """Return the concreted yard on the south side of a house."""
    angle = math.radians(building.heading_deg)
    along = np.array([math.sin(angle), math.cos(angle)])
    south = np.array([along[1], -along[0]])
    half, depth = building.length_m / 2, building.width_m / 2 + 5.5
    centre = np.asarray(building.centre_m)
    corners = [
        centre + along * s * half + south * d for s, d in ((1, 0), (1, depth), (-1, depth), (-1, 0))
    ]
    outline = tuple((float(c[0]), float(c[1])) for c in corners)
    return Surface(outline, Material.CONCRETE, building.heading_deg, building.seed)


def _trees(
    rng: np.random.Generator, reserved: shapely.Geometry, half_extent_m: float
) -> tuple[Tree, ...]:
    found: list[Tree] = []
    reach = half_extent_m - 8
    for _ in range(620):
        east, north = (float(v) for v in rng.uniform(-reach, reach, 2))
        radius = float(rng.uniform(1.1, 2.7))
        if shapely.Point(east, north).buffer(radius * 1.15).intersects(reserved):
            continue
        near = any(math.hypot(t.centre_m[0] - east, t.centre_m[1] - north) < 2.2 for t in found)
        if not near:
            tall = 1.2 + radius * float(rng.uniform(1.6, 2.4))
            found.append(Tree((east, north), tall, radius, int(rng.integers(1 << 31))))
    return tuple(found)


def _fields(rng: np.random.Generator, half_extent_m: float) -> tuple[Surface, ...]:
    """Return a patchwork under everything: crops at the edge, soil and grass between the houses."""
    found = []
    for across in np.arange(-280.0, 280.0, 46.0):
        for along in np.arange(-280.0, 280.0, 62.0):
            corners = [
                _turned(along + a, across + b) for a, b in ((0, 0), (59, 0), (59, 43), (0, 43))
            ]
            middle = np.mean(corners, axis=0)
            if np.abs(middle).max() > half_extent_m + 40:
                continue
            outer = float(np.abs(middle).max()) > half_extent_m * 0.62
            stuff = (Material.CROP, Material.SOIL, Material.GRASS)
            material = stuff[
                int(rng.choice(3, p=[0.75, 0.2, 0.05] if outer else [0.12, 0.33, 0.55]))
            ]
            if material is not Material.GRASS:
                outline = tuple((float(x), float(y)) for x, y in corners)
                heading = LATTICE_DEG + float(rng.choice([0, 90]))
                found.append(Surface(outline, material, heading, int(rng.integers(1 << 31))))
    return tuple(found)
