"""From a piece of work and the aircraft that flies it to a mission."""

import dataclasses
import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.missions import Mission
from flight.planning.fences import build_fence, with_ways_home
from flight.planning.forecast import foretold
from flight.planning.items import ItemWriter, RoutePoint, Settings, place_at
from flight.planning.limits import LEGAL_CEILING_M
from flight.planning.route_ground import CLEARANCE_M, GroundBelow
from flight.planning.scene import Scene
from flight.planning.tasks import VisitCells
from flight.planning.terrain_following import FollowedRoute, HeightRule, follow_terrain
from flight.planning.terrain_returns import lowest_return_height_m
from flight.planning.work import WorkPath
from geofences.zones import ZoneKind

FloatArray = NDArray[np.float64]

_FENCE_ABOVE_M = 5.0
_SAME_M = 0.5
_SEEN_SHARE = 0.05  # a mission looks at a cell if it sees at least this much of it


@dataclass(frozen=True, slots=True)
class Piece:
    """What one aircraft flies on one battery.

    Attributes:
        aircraft_index: Its place in the request.
        work: The path it is a piece of.
        first: Index of the first point of the piece.
        last: Index of the last one.
        start_s: When it takes off, after the patrol's start.
    """

    aircraft_index: int
    work: WorkPath
    first: int
    last: int
    start_s: float = 0.0


def assemble(scene: Scene, piece: Piece, mission_id: str) -> Mission:
    """Make a mission: the way out, the work, the way back, the fence and the foretold figures.

    Raises:
        PlanningError: If there is no way to the work or back that keeps clear of every zone.
    """
    request, dock = scene.request, scene.docks[piece.aircraft_index]
    aircraft = request.aircraft[piece.aircraft_index]
    route = at_heights(scene, piece, route_of(scene, piece))
    points = np.array([point.point for point in route])
    writer = ItemWriter(scene.frame, scene.county.grid, frozenset(scene.cell_codes))
    settings = Settings(request.speed_mps, request.gimbal_pitch_deg, piece.work.films)
    barred = [polygon for _, polygon in scene.airspace.no_fly]
    ways = with_ways_home(points, barred)
    mission = Mission(
        mission_id=mission_id,
        vehicle_name=aircraft.name,
        dock_id=dock.dock_id,
        home=place_at(scene.dock_point(piece.aircraft_index), scene.frame),
        items=writer.items(route, settings),
        fence=build_fence(
            ways,
            barred,
            scene.frame,
            margin_m=request.fence_margin_m,
            ceiling_height_home_m=_ceiling_m(scene, ways, route),
        ),
        speed_mps=request.speed_mps,
        height_home_m=_lane_height_m(route),
        cell_codes=_seen_cells(scene, route),
        distance_m=0.0,
        duration_s=0.0,
        home_alt_amsl_m=dock.alt_amsl_m,
        start_s=piece.start_s,
        height_ground_m=request.height_ground_m,
    )
    return foretold(mission, aircraft, request.wind)


def route_of(scene: Scene, piece: Piece) -> tuple[RoutePoint, ...]:
    """Where a piece leads, from above the dock to above the dock.

    Raises:
        PlanningError: If there is no way that keeps clear of every zone.
    """
    dock = scene.dock_point(piece.aircraft_index)
    name = scene.docks[piece.aircraft_index].dock_id
    points = [(float(x), float(y)) for x, y in piece.work.points[piece.first : piece.last + 1]]
    stops = {i - piece.first: stop for i, stop in piece.work.stops.items()}
    height_m = scene.request.height_home_m
    flown = [RoutePoint(points[0], height_m, working=True, stop=stops.get(0))]
    for index, (before, after) in enumerate(itertools.pairwise(points), start=1):
        if math.dist(flown[-1].point, after) < _SAME_M and index not in stops:
            continue  # an autopilot may stumble over a leg without length
        way = scene.airspace.way(before, after, "between two lanes")
        flown += [RoutePoint(point, height_m, working=True) for point in way[1:-1]]
        flown.append(RoutePoint(after, height_m, working=True, stop=stops.get(index)))
    out = scene.airspace.way(dock, points[0], f"from {name} to the cells")
    back = scene.airspace.way(points[-1], dock, f"from the cells to {name}")
    return (
        *(RoutePoint(point, height_m) for point in out[:-1]),
        *flown,
        *(RoutePoint(point, height_m) for point in back[1:]),
    )


def at_heights(scene: Scene, piece: Piece, route: tuple[RoutePoint, ...]) -> tuple[RoutePoint, ...]:
    """A route at the heights above home that keep it at its height above ground, if it has one.

    Raises:
        TerrainError: If the ground is not known, too steep, or leaves no room below a ceiling.
    """
    request = scene.request
    if request.height_ground_m is None or scene.terrain is None:
        return route
    aircraft = request.aircraft[piece.aircraft_index]
    below = GroundBelow(
        scene.terrain,
        scene.frame,
        scene.docks[piece.aircraft_index].alt_amsl_m,
        [
            (scene.frame.geometry_to_local(zone.polygon), zone.ceiling_m)
            for zone in scene.county.zones.of_kind(ZoneKind.CEILING)
            if zone.ceiling_m is not None
        ],
    )
    rule = HeightRule(
        request.height_ground_m,
        request.height_tolerance_m,
        clearance_m=request.clearance_m,
        climb_gradient=aircraft.climb_mps / request.speed_mps,
        descent_gradient=aircraft.descent_mps / request.speed_mps,
    )
    points = np.array([point.point for point in route])
    followed = follow_terrain(points, below, rule, bridge_gaps=request.bridge_gaps)
    placed = tuple(_placed(route, followed))
    # The highest item is the height of a failsafe's return, which must clear the hills as well.
    home_m = np.array(route[0].point)
    least_m = lowest_return_height_m(points, home_m, below, CLEARANCE_M)
    if least_m <= placed[0].height_home_m:
        return placed
    # Straight down again before it leaves, or the first leg would slope through what the route
    # keeps below, such as a ceiling.
    # Whole metres, since places and heights of items are rounded.
    return (dataclasses.replace(placed[0], height_home_m=float(math.ceil(least_m))), *placed)


def _lane_height_m(route: Sequence[RoutePoint]) -> float:
    """The height above home of the lanes, or the middle one where they follow the ground."""
    return statistics.median_low([point.height_home_m for point in route if point.working])


def _placed(route: Sequence[RoutePoint], followed: FollowedRoute) -> Iterator[RoutePoint]:
    """The points of a followed route; one put in is at work if the point before it is."""
    working = False
    for at, height_m, index in zip(
        followed.points_m.tolist(),
        followed.height_home_m.tolist(),
        followed.route_index.tolist(),
        strict=True,
    ):
        if index >= 0:
            yield dataclasses.replace(route[index], height_home_m=height_m)
            # The leg on from the last point of the work is the way home.
            following = route[index + 1 : index + 2]
            working = route[index].working and any(point.working for point in following)
        else:
            yield RoutePoint((at[0], at[1]), height_m, working=working)


def _ceiling_m(scene: Scene, ways: shapely.Geometry, route: Sequence[RoutePoint]) -> float:
    """The fence's ceiling above home.

    Over ground that nobody knows it is the lowest true height that is allowed on the ways, as if
    the ground were level. A flight that follows the ground keeps to true heights by itself, and
    the fence only has to hold it.
    """
    if scene.request.height_ground_m is not None:
        return max(point.height_home_m for point in route) + _FENCE_ABOVE_M
    flown = scene.frame.geometry_to_lonlat(ways)
    over = [
        zone.ceiling_m
        for zone in scene.county.zones.of_kind(ZoneKind.CEILING)
        if zone.ceiling_m is not None and shapely.intersects(zone.polygon, flown)
    ]
    return min([LEGAL_CEILING_M, *over])


def _seen_cells(scene: Scene, route: Sequence[RoutePoint]) -> tuple[str, ...]:
    targets = [p.stop.look_at for p in route if p.stop is not None and p.stop.look_at is not None]
    if targets:
        below = [scene.county.grid.cell_at(place_at(target, scene.frame)) for target in targets]
        return tuple(dict.fromkeys(cell.code for cell in below if cell is not None))
    seen = scene.view.seen_from(np.array([p.point for p in route if p.working]))
    polygons = scene.cell_polygons
    shapely.prepare(seen)
    met = np.flatnonzero(shapely.intersects(seen, polygons))
    shares = shapely.area(shapely.intersection(polygons[met], seen)) / shapely.area(polygons[met])
    looked_at = {scene.cell_codes[index] for index in met[shares >= _SEEN_SHARE].tolist()}
    if isinstance(scene.request.task, VisitCells):
        # A glance at a large cell is a visit all the same.
        below = [scene.county.grid.cell_at(place_at(p.point, scene.frame)) for p in route]
        looked_at |= {c.code for c, p in zip(below, route, strict=True) if c and p.working}
    return tuple(code for code in scene.cell_codes if code in looked_at)
