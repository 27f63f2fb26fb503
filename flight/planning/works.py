"""Paths to fly for each kind of task."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from flight.planning.block_tour import BlockStyle
from flight.planning.camera_lanes import lane_spacing_m
from flight.planning.corridor import Corridor, LaneView, follow_corridors
from flight.planning.coverage import CoveragePath, cover
from flight.planning.inspection import Target, inspect
from flight.planning.ranges import reach_of
from flight.planning.rounds import plan_rounds
from flight.planning.scene import Scene
from flight.planning.shares import share_area
from flight.planning.stages import Watch, unwatched
from flight.planning.straight import StraightLanes
from flight.planning.street_graph import Street
from flight.planning.streets import StreetView, patrol_streets
from flight.planning.tasks import (
    FollowRoads,
    InspectPlaces,
    PatrolStreets,
    VisitCells,
    roads_of,
    within,
)
from flight.planning.work import Stop, WorkPath
from geofences.checks import Finding, Severity
from geofences.county import Road
from geofences.geodesy import LonLat

_COVERAGE_GOAL = 0.995
# Lanes that fill the area less fully show its edges only for a moment, in a turn: too short to
# tell a fire from a red roof.
_PATH_GOAL = 0.9992
_SPACINGS = (1.0, 0.8)  # shares of the usual one, tried until the camera sees enough
_WORTH_BENDING = 0.95  # of the time; straight lanes film more steadily
_GLANCE_S = 3.0  # over an area smaller than one lane the aircraft stands still for so long


@dataclass(frozen=True)
class Laid:
    """What a task asks to be flown.

    Attributes:
        works: Paths; each may be divided at its cuts, and none leads on to the next.
        wanted: The ground that the camera is meant to see, metres; empty where it is meant to see
            places, not ground.
        share: Of what was asked for, how much can be looked at, where that is not a ground.
        crew: For each path the aircraft that it is meant for, by its place in the request; empty
            where any aircraft may fly any part.
        see_all: Whether ground that stays unseen is a fault.
        findings: What of the task cannot be done.
    """

    works: tuple[WorkPath, ...]
    wanted: shapely.Geometry
    share: float = 1.0
    crew: tuple[int, ...] = ()
    see_all: bool = True
    findings: tuple[Finding, ...] = field(default=())


def lay_works(scene: Scene, watch: Watch = unwatched) -> Laid:
    """Lay the paths of a scene's task; who watches is told how far a long search is.

    Raises:
        PlanningError: If the task cannot be flown.
    """
    task = scene.request.task
    match task:
        case FollowRoads():
            return _corridors(scene, task)
        case PatrolStreets():
            return _streets(scene, task)
        case InspectPlaces():
            return _inspection(scene, task)
        case VisitCells():
            return _visits(scene, task, watch)
        case _:
            return _lanes(scene)


def _lanes(scene: Scene) -> Laid:
    """A strip of the area for each aircraft, in straight lanes unless bends are sooner done."""
    docks = [scene.dock_point(index) for index in range(len(scene.docks))]
    spacing_m = _spacing_m(scene, scene.request.side_overlap)
    reaches = [reach_of(scene, craft) for craft in scene.request.aircraft]
    shares = share_area(scene.airspace.target, docks, spacing_m, reaches)
    areas = [share.area for share in shares]
    craft, speed_mps = scene.request.aircraft[0], scene.request.speed_mps
    straight = StraightLanes(lambda run: float(craft.leg_times_s(run, speed_mps).sum()))
    lanes, pulled = (_loosest(scene, areas, spacing_m, style) for style in (straight, None))
    best = pulled if _time_s(scene, pulled) < _WORTH_BENDING * _time_s(scene, lanes) else lanes
    works = tuple(_as_work(path) for path in best)
    crew = tuple(share.aircraft_index for share in shares)
    return Laid(works, scene.airspace.reachable, crew=crew)


def _loosest(
    scene: Scene,
    areas: Sequence[shapely.MultiPolygon],
    spacing_m: float,
    straight: StraightLanes | None,
) -> list[CoveragePath]:
    """The loosest paths over some areas from which the camera sees enough of them together."""
    reachable = scene.airspace.reachable
    for share in _SPACINGS:
        paths = [
            cover(
                area,
                share * spacing_m,
                turn_cost_m=_turn_cost_m(scene, share * spacing_m),
                coverage_goal=_PATH_GOAL,
                straight=straight,
            )
            for area in areas
        ]
        seen = shapely.union_all([scene.view.seen_from(run) for path in paths for run in path.runs])
        if shapely.intersection(seen, reachable).area >= _COVERAGE_GOAL * reachable.area:
            break
    return paths


def _turn_cost_m(scene: Scene, spacing_m: float) -> float:
    """How many metres of flight each of the two turns from one lane to the next is worth."""
    craft, speed_mps = scene.request.aircraft[0], scene.request.speed_mps
    lane_m = 40.0 * speed_mps + 100.0
    around = np.array([[0.0, 0.0], [lane_m, 0.0], [lane_m, spacing_m], [0.0, spacing_m]])
    straight = np.array([[0.0, 0.0], [2.0 * lane_m + spacing_m, 0.0]])
    times_s = [float(craft.leg_times_s(way, speed_mps).sum()) for way in (around, straight)]
    return 0.5 * (times_s[0] - times_s[1]) * speed_mps


def _time_s(scene: Scene, paths: Sequence[CoveragePath]) -> float:
    """How long the longest of some paths takes."""
    craft, speed_mps = scene.request.aircraft[0], scene.request.speed_mps
    return max(
        sum(float(craft.leg_times_s(run, speed_mps).sum()) for run in path.runs) for path in paths
    )


def _spacing_m(scene: Scene, overlap: float) -> float:
    request = scene.request
    return lane_spacing_m(request.camera, scene.lane_height_m, request.gimbal_pitch_deg, overlap)


def _as_work(path: CoveragePath) -> WorkPath:
    """All runs of a path in one row, to be cut between lanes."""
    firsts = np.cumsum([0, *(len(run) for run in path.runs)])
    glances = {
        int(first): Stop(_GLANCE_S)
        for first, run in zip(firsts, path.runs, strict=False)
        if len(run) == 1
    }
    return WorkPath(np.vstack(path.runs), _cuts(path), glances)


def _cuts(path: CoveragePath) -> tuple[tuple[int, int], ...]:
    """Where one lane ends and the next begins, as indices into all points of the path."""
    lanes = [lane for run in path.lanes for lane in (*run, False)][:-1]
    ends = [i for i, lane in enumerate(lanes) if lane]
    return tuple((a + 1, b) for a, b in itertools.pairwise(ends))


def _corridors(scene: Scene, task: FollowRoads) -> Laid:
    width_m = _spacing_m(scene, 0.0)
    style = BlockStyle(scene.view.blind_m)
    view = LaneView(width_m, _spacing_m(scene, scene.request.side_overlap), style=style)
    corridors = [
        Corridor(scene.frame.geometry_to_local(road.line), (task.width_m or road.width_m,))
        for road in roads_of(task, scene.county)
    ]
    path = follow_corridors(corridors, scene.airspace.passage, view, scene.dock_point(0))
    return Laid((path.work,), shapely.intersection(path.ground, scene.airspace.reachable))


def _streets(scene: Scene, task: PatrolStreets) -> Laid:
    area = within(task, scene.county)
    streets = [
        Street(scene.frame.geometry_to_local(line), road.width_m)
        for road in roads_of(task, scene.county)
        for line in shapely.get_parts(shapely.intersection(road.line, area))
        if line.geom_type == "LineString" and not line.is_empty
    ]
    view = StreetView(_spacing_m(scene, 0.0), scene.view.blind_m)
    home = scene.dock_point(0)
    tour = patrol_streets(streets, scene.airspace.passage, view, home)
    wanted = shapely.intersection(tour.ground, scene.airspace.reachable)
    return Laid((tour.work,), wanted, findings=_closed(scene, tour.closed_m))


def _visits(scene: Scene, task: VisitCells, watch: Watch) -> Laid:
    docks, found = plan_rounds(scene, task, watch)
    at = [dock.dock_id for dock in scene.docks]
    left_out = [task.cell_codes[index] for index in found.unreached]
    findings: tuple[Finding, ...] = ()
    if left_out:
        message = (
            f"{len(left_out)} cells (first: {left_out[0]}) are out of reach of every dock on one "
            "battery, or in the middle of no-fly zones, and are left out. Use larger batteries or "
            "another dock."
        )
        place = scene.county.grid.by_code(left_out[0]).polygon.representative_point()
        findings = (
            Finding(
                "visits.left_out",
                Severity.WARNING,
                left_out[0],
                message,
                LonLat(place.x, place.y),
            ),
        )
    return Laid(
        tuple(flown.work for flown in found.rounds),
        scene.airspace.reachable,
        crew=tuple(at.index(docks[flown.dock]) for flown in found.rounds),
        see_all=False,
        findings=findings,
    )


def _closed(scene: Scene, closed_m: float) -> tuple[Finding, ...]:
    if closed_m < 1.0:
        return ()
    message = (
        f"{closed_m:.0f} m of the streets lie in no-fly zones or their margin and are left out. "
        "Look at them from the ground."
    )
    return (Finding("streets.closed", Severity.WARNING, scene.request.name, message, None),)


def _line(scene: Scene, road: Road) -> shapely.LineString:
    return scene.frame.geometry_to_local(road.line)


def _inspection(scene: Scene, task: InspectPlaces) -> Laid:
    targets = [
        Target(
            f"Place {number}",
            scene.frame.to_local(place.lon_deg, place.lat_deg),
            0.0,
            task.standoff_m,
            0.0 if task.orbit else task.hover_s,
        )
        for number, place in enumerate(task.places, start=1)
    ]
    found = inspect(targets, scene.airspace.passage, scene.dock_point(0))
    left_out = tuple(
        Finding(
            "inspection.left_out",
            Severity.WARNING,
            targets[index].name,
            f"{targets[index].name} cannot be looked at from {task.standoff_m:g} m without "
            "entering a zone. Look at it from another distance.",
            task.places[index],
        )
        for index in found.left_out
    )
    partly = tuple(
        Finding(
            "inspection.partly",
            Severity.WARNING,
            targets[index].name,
            f"{targets[index].name} is looked at from {share:.0%} of the directions only: zones "
            "cut the circle.",
            task.places[index],
        )
        for index, share in enumerate(found.seen_from)
        if 0.0 < share < 0.999
    )
    share = float(np.mean(found.seen_from))
    findings = (*left_out, *partly)
    return Laid((found.work,), shapely.MultiPolygon(), share, findings=findings)
