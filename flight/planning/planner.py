"""From cells and aircraft to a checked patrol plan."""

import dataclasses
import hashlib
import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.missions import Mission, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.airspace import Airspace, open_airspace
from flight.planning.camera_lanes import View, lane_spacing_m, seen_ground
from flight.planning.checks import LEGAL_CEILING_M, check_endurance, check_plan
from flight.planning.coverage import CoveragePath, cover
from flight.planning.division import Flight, Timetable, divide
from flight.planning.fences import build_fence
from flight.planning.items import Route, Settings, patrol_items, place_at
from flight.planning.links import Point
from geofences.checks import Finding, Severity
from geofences.county import County, Dock
from geofences.errors import UnknownCellError
from geofences.geodesy import LocalFrame, LonLat
from geofences.view import Camera
from geofences.zones import ZoneKind

FloatArray = NDArray[np.float64]

_COVERAGE_GOAL = 0.995
_COVERAGE_WARNING = 0.99  # cutting the path between aircraft may cost a little of the goal
_PATH_GOALS = (0.97, 0.99, 0.9992)  # how fully the lanes must fill the area, loosest first
_SEEN_SHARE = 0.05  # a mission looks at a cell if it sees at least this much of it


@dataclass(frozen=True, slots=True)
class PatrolRequest:
    """What an operator asks for.

    Attributes:
        name: For people.
        cell_codes: The cells to look at.
        aircraft: Who flies.
        camera: What looks down, the same on all aircraft.
        height_home_m: Height of the flight above home.
        speed_mps: Ground speed.
        side_overlap: Share of the picture width that neighbouring lanes have in common.
        gimbal_pitch_deg: Camera pitch, -90 straight down.
        no_fly_margin_m: How far to keep from no-fly zones.
        fence_margin_m: Distance of the fence from the route.
    """

    name: str
    cell_codes: tuple[str, ...]
    aircraft: tuple[Aircraft, ...]
    camera: Camera
    height_home_m: float = 40.0
    speed_mps: float = 8.0
    side_overlap: float = 0.3
    gimbal_pitch_deg: float = -60.0
    no_fly_margin_m: float = 20.0
    fence_margin_m: float = 40.0


@dataclass(frozen=True)
class _Scene:
    """A request resolved against its county."""

    county: County
    request: PatrolRequest
    frame: LocalFrame
    area: shapely.Geometry
    docks: tuple[Dock, ...]
    airspace: Airspace
    view: View

    def dock_point(self, index: int) -> Point:
        position = self.docks[index].position
        return self.frame.to_local(position.lon_deg, position.lat_deg)


def plan_patrol(county: County, request: PatrolRequest) -> PatrolPlan:
    """Make the missions of a patrol and check them.

    Args:
        county: Cells, zones and docks.
        request: What is asked for.

    Returns:
        A plan without errors; warnings are among its findings. The same request over the same
        county gives the same plan.

    Raises:
        PlanningError: If the request cannot be met, or the checks found an error; then with the
            findings.
        NothingToCoverError: If no-fly zones leave nothing of the cells.
    """
    _refuse_impossible(request)
    scene = _resolve(county, request)
    path, lanes = _lanes(scene)
    missions = tuple(
        _mission(scene, flight, lanes[flight.first : flight.last + 1], number)
        for number, flight in enumerate(_divided(scene, path, lanes), start=1)
    )
    plan = PatrolPlan(
        _plan_id(request),
        request.name,
        missions,
        request.cell_codes,
        _coverage(scene, missions),
        camera=request.camera,
        gimbal_pitch_deg=request.gimbal_pitch_deg,
    )
    return _checked(plan, scene)


def _refuse_impossible(request: PatrolRequest) -> None:
    """Raise PlanningError for what no county could make possible."""
    if not request.aircraft:
        raise PlanningError(f"Patrol {request.name!r} names no aircraft. Name at least one.")
    names = [aircraft.name for aircraft in request.aircraft]
    if len(set(names)) < len(names):
        raise PlanningError(f"Patrol {request.name!r} names an aircraft twice. Name each once.")
    if not request.cell_codes:
        raise PlanningError(f"Patrol {request.name!r} names no cells. Name at least one.")
    for what, value in (
        ("height_home_m", request.height_home_m),
        ("speed_mps", request.speed_mps),
        ("no_fly_margin_m", request.no_fly_margin_m),
        ("fence_margin_m", request.fence_margin_m),
    ):
        if not 0.0 < value < math.inf:
            raise PlanningError(f"{what} must be more than 0, not {value}.")
    if request.height_home_m > LEGAL_CEILING_M:
        raise PlanningError(
            f"A height of {request.height_home_m:g} m is above the ceiling of "
            f"{LEGAL_CEILING_M:g} m. Plan lower."
        )


def _resolve(county: County, request: PatrolRequest) -> _Scene:
    try:
        cells = [county.grid.by_code(code) for code in request.cell_codes]
    except UnknownCellError as error:
        raise PlanningError(str(error)) from error
    docks = tuple(_dock(county, aircraft) for aircraft in request.aircraft)
    ground = shapely.union_all([cell.polygon for cell in cells])
    frame = LocalFrame(LonLat(ground.centroid.x, ground.centroid.y))
    area = frame.geometry_to_local(ground)
    airspace = open_airspace(area, docks, county.zones, frame, request.no_fly_margin_m)
    view = View(request.camera, request.height_home_m, request.gimbal_pitch_deg)
    return _Scene(county, request, frame, area, docks, airspace, view)


def _dock(county: County, aircraft: Aircraft) -> Dock:
    for dock in county.docks:
        if dock.dock_id == aircraft.dock_id:
            return dock
    known = ", ".join(dock.dock_id for dock in county.docks) or "none"
    raise PlanningError(
        f"Aircraft {aircraft.name!r} starts from dock {aircraft.dock_id!r}, which {county.name} "
        f"does not have. Its docks: {known}."
    )


def _lanes(scene: _Scene) -> tuple[CoveragePath, FloatArray]:
    """The loosest lanes from which the camera sees enough, and all their points in one row."""
    request = scene.request
    spacing_m = lane_spacing_m(
        request.camera, request.height_home_m, request.gimbal_pitch_deg, request.side_overlap
    )
    # A right-angled turn costs about one slowing down and speeding up.
    turn_cost_m = request.speed_mps**2 / (2.0 * request.aircraft[0].acceleration_mps2)
    goals = [(spacing_m, goal) for goal in _PATH_GOALS] + [(0.8 * spacing_m, _PATH_GOALS[-1])]
    for tried_m, goal in goals:
        path = cover(scene.airspace.target, tried_m, turn_cost_m=turn_cost_m, coverage_goal=goal)
        points = np.vstack(path.runs)
        seen = shapely.union_all([scene.view.seen_from(run) for run in path.runs])
        reachable = scene.airspace.reachable
        if shapely.intersection(seen, reachable).area >= _COVERAGE_GOAL * reachable.area:
            break
    return path, points


def _divided(scene: _Scene, path: CoveragePath, points: FloatArray) -> tuple[Flight, ...]:
    transit_m = np.array(
        [
            [
                _length_m(scene.airspace.way(dock, (float(x), float(y)), "to the cells"))
                for x, y in points
            ]
            for dock in map(scene.dock_point, range(len(scene.docks)))
        ]
    )
    request = scene.request
    table = Timetable(
        points,
        request.aircraft,
        transit_m,
        speed_mps=request.speed_mps,
        height_m=request.height_home_m,
    )
    flights = divide(table, _cuts(path))
    return tuple(sorted(flights, key=lambda flight: (flight.aircraft_index, flight.first)))


def _cuts(path: CoveragePath) -> list[tuple[int, int]]:
    """Where one lane ends and the next begins, as indices into all points of the path."""
    lanes = [lane for run in path.lanes for lane in (*run, False)][:-1]
    ends = [i for i, lane in enumerate(lanes) if lane]
    return [(a + 1, b) for a, b in itertools.pairwise(ends)]


def _mission(scene: _Scene, flight: Flight, lanes: FloatArray, number: int) -> Mission:
    request = scene.request
    aircraft = request.aircraft[flight.aircraft_index]
    dock = scene.docks[flight.aircraft_index]
    route = _route(scene, flight, lanes)
    settings = Settings(request.height_home_m, request.speed_mps, request.gimbal_pitch_deg)
    codes = frozenset(request.cell_codes)
    points = np.array(route.points)
    fence = build_fence(
        shapely.linestrings(points),
        [polygon for _, polygon in scene.airspace.no_fly],
        scene.frame,
        margin_m=request.fence_margin_m,
        ceiling_height_home_m=_ceiling_m(scene, points),
    )
    times_s = aircraft.leg_times_s(points, request.speed_mps)
    return Mission(
        mission_id=f"{_plan_id(request)}-{number}",
        vehicle_name=aircraft.name,
        dock_id=dock.dock_id,
        home=place_at(scene.dock_point(flight.aircraft_index), scene.frame),
        items=patrol_items(route, scene.frame, scene.county.grid, codes, settings),
        fence=fence,
        speed_mps=request.speed_mps,
        height_home_m=request.height_home_m,
        cell_codes=_seen_cells(scene, lanes),
        distance_m=_length_m(route.points),
        duration_s=float(times_s.sum()) + aircraft.vertical_time_s(request.height_home_m),
    )


def _route(scene: _Scene, flight: Flight, lanes: FloatArray) -> Route:
    dock = scene.dock_point(flight.aircraft_index)
    points = [(float(x), float(y)) for x, y in lanes]
    flown = points[:1]
    for before, after in itertools.pairwise(points):
        flown += scene.airspace.way(before, after, "between two lanes")[1:]
    name = scene.docks[flight.aircraft_index].dock_id
    out = scene.airspace.way(dock, points[0], f"from {name} to the cells")
    back = scene.airspace.way(points[-1], dock, f"from the cells to {name}")
    return Route(tuple(out), tuple(flown), tuple(back))


def _ceiling_m(scene: _Scene, points: FloatArray) -> float:
    """The lowest ceiling over a route, never above the legal one."""
    route = scene.frame.geometry_to_lonlat(shapely.linestrings(points))
    over = [
        zone.ceiling_m
        for zone in scene.county.zones.of_kind(ZoneKind.CEILING)
        if zone.ceiling_m is not None and shapely.intersects(zone.polygon, route)
    ]
    return min([LEGAL_CEILING_M, *over])


def _seen_cells(scene: _Scene, lanes: FloatArray) -> tuple[str, ...]:
    seen = scene.view.seen_from(lanes)
    found = []
    for code in scene.request.cell_codes:
        polygon = scene.frame.geometry_to_local(scene.county.grid.by_code(code).polygon)
        if shapely.intersection(seen, polygon).area >= _SEEN_SHARE * polygon.area:
            found.append(code)
    return tuple(found)


def _coverage(scene: _Scene, missions: tuple[Mission, ...]) -> float:
    seen = shapely.union_all(
        [seen_ground(mission, scene.view, scene.frame) for mission in missions]
    )
    reachable = scene.airspace.reachable
    return float(min(1.0, shapely.intersection(seen, reachable).area / reachable.area))


def _checked(plan: PatrolPlan, scene: _Scene) -> PatrolPlan:
    by_name = {aircraft.name: aircraft for aircraft in scene.request.aircraft}
    found = list(check_plan(plan, scene.county.zones))
    for mission in plan.missions:
        found += check_endurance(mission, by_name[mission.vehicle_name])
    found += _low_coverage(plan)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        raise PlanningError(
            f"Patrol {plan.name!r} cannot be flown: {errors[0].message}", tuple(found)
        )
    return dataclasses.replace(plan, findings=tuple(found))


def _low_coverage(plan: PatrolPlan) -> tuple[Finding, ...]:
    if plan.coverage_fraction >= _COVERAGE_WARNING:
        return ()
    message = (
        f"The cameras will see {plan.coverage_fraction:.1%} of the cells outside no-fly zones. "
        "Use more side overlap, or fly higher, to see the rest."
    )
    return (Finding("coverage.low", Severity.WARNING, plan.plan_id, message, None),)


def _length_m(points: "list[Point] | tuple[Point, ...]") -> float:
    return sum(math.dist(a, b) for a, b in itertools.pairwise(points))


def _plan_id(request: PatrolRequest) -> str:
    return hashlib.sha256(repr(request).encode()).hexdigest()[:12]
