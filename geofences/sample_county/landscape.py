"""What lies between the sample county's towns: roads, a river, and places drones keep away from."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator

import shapely

from geofences.sample_county.demo_village import (
    LANE,
    LANE_WIDTH_M,
    STREET,
    STREET_WIDTH_M,
    Drawing,
    Point,
    placed_line,
)
from geofences.sample_county.names import TOWNS
from geofences.sample_county.settlements import CITY, TOWN_SITES_KM
from geofences.zones import ZoneKind

RoadDrawing = tuple[str, str, shapely.LineString, float]
"""Road id, name, line in the county's frame, width."""

_DEMO_ROADS = ("road-liuqiao-street", "road-market-lane")

_CITY_STREETS: tuple[tuple[str, str, tuple[Point, ...]], ...] = (
    (
        "road-renmin",
        "人民路 Renmin Road",
        ((-700.0, 2300.0), (-640.0, 1300.0), (-560.0, 300.0), (-640.0, -300.0), (-600.0, -900.0)),
    ),
    (
        "road-jianshe",
        "建设路 Jianshe Road",
        ((-2700.0, 850.0), (-1900.0, 760.0), (-640.0, 880.0), (400.0, 830.0), (1250.0, 950.0)),
    ),
)
"""Id, name and course of the county town's other streets, in the directions of its lattice."""

_ROADS_FROM_CITY = (
    (STREET[-1], 11), (STREET[0], 10), (_CITY_STREETS[0][2][0], 3), (_CITY_STREETS[0][2][-1], 14),
    (_CITY_STREETS[1][2][0], 6), (_CITY_STREETS[1][2][-1], 7),
)  # fmt: skip
"""Where a road leaves the county town, and the town it goes to, by its place in the list."""

_ROADS_BETWEEN = (
    (6, 5), (6, 2), (6, 1), (7, 8), (8, 4), (10, 9), (10, 13), (11, 12), (11, 15), (14, 13), (2, 3),
)  # fmt: skip
"""Pairs of towns, by their place in `TOWN_SITES_KM`."""

_RIVER_KM: tuple[Point, ...] = (
    (-26.0, 11.5), (-19.5, 11.0), (-14.0, 12.5), (-8.0, 12.0), (-3.5, 8.0), (-3.2, 3.0),
    (-4.0, -2.0), (0.0, -6.5), (5.0, -9.5), (9.0, -12.0), (16.0, -12.5), (26.0, -14.5),
)  # fmt: skip


def road_drawings(seed: int) -> Iterator[RoadDrawing]:
    """The streets of the demo village and the roads between the towns."""
    street, lane = _DEMO_ROADS
    yield street, "柳桥街 Liuqiao Street", placed_line(STREET), STREET_WIDTH_M
    yield lane, "集市巷 Market Lane", placed_line(LANE), LANE_WIDTH_M
    for road_id, name, course in _CITY_STREETS:
        yield road_id, name, _smooth([CITY.to_county(*point) for point in course]), 16.0
    rng = random.Random(seed + 1)
    leaving = [(0, CITY.to_county(*gate), end) for gate, end in _ROADS_FROM_CITY]
    between = [(start, _metres(TOWN_SITES_KM[start]), end) for start, end in _ROADS_BETWEEN]
    for number, (start, place, end) in enumerate([*leaving, *between], start=1):
        name = f"{TOWNS[start].chinese[:2]}—{TOWNS[end].chinese[:2]}公路 County Road X{number:03d}"
        line = _winding(rng, place, _metres(TOWN_SITES_KM[end]))
        yield f"road-x{number:03d}", name, line, 9.0 if start else 12.0


def roadway_drawings(seed: int) -> Iterator[Drawing]:
    """A roadway zone along each road but those of the demo village, which has its own."""
    for road_id, name, line, width_m in road_drawings(seed):
        if road_id not in _DEMO_ROADS:
            chinese, english = name.split(" ", maxsplit=1)
            band = line.buffer(width_m / 2.0, cap_style="flat", join_style="bevel")
            yield road_id.replace("road-", "roadway-"), ZoneKind.ROADWAY, band, english, chinese


def county_drawings() -> Iterator[tuple[Drawing, float | None]]:
    """The river, and the no-fly and ceiling zones outside the demo village, with their ceilings."""
    river = _smooth([_metres(point) for point in _RIVER_KM]).buffer(45.0, cap_style="flat")
    yield ("river", ZoneKind.WATER, river, "Shili River", "示例河"), None
    prison = shapely.box(-6600, -3900, -6050, -3450)
    yield ("prison", ZoneKind.NO_FLY, prison, "Prison", "监狱禁飞区"), None
    heliport = shapely.Point(-1450, 1400)
    pad = heliport.buffer(150, quad_segs=6)
    yield ("heliport", ZoneKind.NO_FLY, pad, "School heliport", "学校直升机坪禁飞区"), None
    approach = heliport.buffer(420, quad_segs=8)
    yield (
        ("heliport-approach", ZoneKind.CEILING, approach, "Heliport approach", "直升机坪限高区"),
        60.0,
    )
    depot = shapely.box(10200, -4700, 10520, -4430)
    yield ("grain-depot", ZoneKind.RESTRICTED, depot, "Grain depot", "粮库"), None


def _metres(place_km: Point) -> Point:
    return place_km[0] * 1000.0, place_km[1] * 1000.0


def _winding(rng: random.Random, start: Point, end: Point) -> shapely.LineString:
    """A road that leaves the straight line by up to a tenth of its length."""
    length_m = math.dist(start, end)
    across = ((start[1] - end[1]) / length_m, (end[0] - start[0]) / length_m)
    points = [start]
    for step in range(1, 4):
        share, off_m = step / 4, rng.uniform(-0.07, 0.07) * length_m
        along = [start[axis] + share * (end[axis] - start[axis]) for axis in (0, 1)]
        points.append((along[0] + off_m * across[0], along[1] + off_m * across[1]))
    return _smooth([*points, end])


def _smooth(points: list[Point]) -> shapely.LineString:
    """Corners cut twice after Chaikin; the ends stay."""
    for _ in range(2):
        cut = [points[0]]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            cut += [
                (0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1),
                (0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1),
            ]
        points = [*cut, points[-1]]
    return shapely.LineString(points)
