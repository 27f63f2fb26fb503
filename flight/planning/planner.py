"""From a request and its county to a checked patrol plan."""

import dataclasses
import hashlib

import shapely

from flight.errors import PlanningError
from flight.missions import Mission, PatrolPlan
from flight.planning.assembly import Piece, assemble
from flight.planning.camera_lanes import seen_ground
from flight.planning.checks import check_endurance, check_plan
from flight.planning.division import divide
from flight.planning.request import PatrolRequest
from flight.planning.scene import Scene, resolve
from flight.planning.timing import timetable
from flight.planning.work import WorkPath
from flight.planning.works import Laid, lay_works
from geofences.checks import Finding, Severity
from geofences.county import County

_COVERAGE_WARNING = 0.99  # cutting the path between aircraft may cost a little of the goal


def plan_patrol(county: County, request: PatrolRequest) -> PatrolPlan:
    """Make the missions of a patrol and check them.

    Args:
        county: Cells, zones, docks and roads.
        request: What is asked for.

    Returns:
        A plan without errors; warnings are among its findings. The same request over the same
        county gives the same plan.

    Raises:
        PlanningError: If the request cannot be met, or the checks found an error; then with the
            findings.
        NothingToCoverError: If no-fly zones leave nothing of the cells.
    """
    scene = resolve(county, request)
    laid = lay_works(scene)
    pieces = [piece for work in laid.works for piece in _divided(scene, work)]
    plan_id = hashlib.sha256(repr(request).encode()).hexdigest()[:12]
    missions = tuple(
        assemble(scene, piece, f"{plan_id}-{number}") for number, piece in enumerate(pieces, 1)
    )
    plan = PatrolPlan(
        plan_id,
        request.name,
        missions,
        scene.cell_codes,
        _coverage(scene, laid, missions),
        camera=request.camera,
        gimbal_pitch_deg=request.gimbal_pitch_deg,
    )
    return _checked(plan, scene)


def _divided(scene: Scene, work: WorkPath) -> list[Piece]:
    flights = divide(timetable(scene, work), work.cuts, len(work.points))
    ordered = sorted(flights, key=lambda flight: (flight.aircraft_index, flight.first))
    return [Piece(f.aircraft_index, work, f.first, f.last) for f in ordered]


def _coverage(scene: Scene, laid: Laid, missions: tuple[Mission, ...]) -> float:
    if laid.wanted.is_empty:
        return 1.0
    seen = shapely.union_all(
        [seen_ground(mission, scene.view, scene.frame) for mission in missions]
    )
    return float(min(1.0, shapely.intersection(seen, laid.wanted).area / laid.wanted.area))


def _checked(plan: PatrolPlan, scene: Scene) -> PatrolPlan:
    by_name = {aircraft.name: aircraft for aircraft in scene.request.aircraft}
    found = list(check_plan(plan, scene.county.zones))
    for mission in plan.missions:
        found += check_endurance(mission, by_name[mission.vehicle_name], scene.request.wind)
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
