"""From a request and its county to a checked patrol plan."""

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import shapely

from flight.errors import PlanningError
from flight.missions import Mission, PatrolPlan
from flight.planning.assembly import Piece, assemble
from flight.planning.camera_lanes import seen_ground
from flight.planning.checks import check_endurance, check_plan
from flight.planning.closed_docks import with_open_docks
from flight.planning.daylight_checks import check_daylight
from flight.planning.limits import LEGAL_CEILING_M
from flight.planning.link_checks import check_link
from flight.planning.pieces import LEFT_OUT, cut_pieces
from flight.planning.relevance import Window, zones_in_force
from flight.planning.request import PatrolRequest
from flight.planning.scene import Scene, dock_of, resolve
from flight.planning.scheduling import Separation, schedule, separated
from flight.planning.stages import Doing, Stage, Watch, unwatched
from flight.planning.tasks import ground_of
from flight.planning.works import Laid, lay_works
from geofences.checks import Finding, Severity
from geofences.county import County
from geofences.errors import ClosedAirspaceError
from geofences.terrain import Terrain

_WINDOWS_H = (2.0, 6.0, 12.0, 24.0)  # zones are looked at for as long as the patrol lasts

_SLACKS = (0.0, 0.03, 0.1)  # of what is left of batteries beside the reserve
_TOO_LONG = frozenset({"endurance.exceeded", "energy.exceeded"})

_COVERAGE_WARNING = 0.99  # cutting the path between aircraft may cost a little of the goal


def plan_patrol(
    county: County,
    request: PatrolRequest,
    terrain: Terrain | None = None,
    watch: Watch = unwatched,
) -> PatrolPlan:
    """Make the missions of a patrol and check them.

    Args:
        county: Cells, zones, docks and roads.
        request: What is asked for.
        terrain: How high the ground is, if that is known; a flight at a height above ground needs
            it, and any other is checked against it.
        watch: Is told how far planning is.

    Returns:
        A plan without errors; warnings are among its findings. The same request over the same
        county gives the same plan.

    Raises:
        PlanningError: If the request cannot be met, or the checks found an error; then with the
            findings.
        NothingToCoverError: If no-fly zones leave nothing of the cells.
    """
    for hours in _WINDOWS_H:
        window = None if request.departs_at is None else _window(request.departs_at, hours)
        open_county = _in_force(county, request, terrain, window)
        able, closed = with_open_docks(open_county, request)
        plan = _planned(_Asked(open_county, able, terrain, watch, closed))
        if window is None or max(m.start_s + m.duration_s for m in plan.missions) <= hours * 3600.0:
            break
    return plan


def _window(departs_at: datetime, hours: float) -> Window:
    return Window(departs_at, departs_at + timedelta(hours=hours))


def _in_force(
    county: County, request: PatrolRequest, terrain: Terrain | None, window: Window | None
) -> County:
    """The county with the zones that the flight must respect."""
    docks = [dock_of(county, aircraft) for aircraft in request.aircraft]
    lowest_m = min(dock.alt_amsl_m for dock in docks)
    # A failsafe may climb as far as the fence lets it.
    highest_m = max(dock.alt_amsl_m for dock in docks) + LEGAL_CEILING_M
    if terrain is not None:
        ground = terrain.range_in(ground_of(request.task, county))
        if ground.whole:
            lowest_m = min(lowest_m, ground.lowest_alt_amsl_m)
            highest_m = max(highest_m, ground.highest_alt_amsl_m + LEGAL_CEILING_M)
    try:
        zones = zones_in_force(
            county.zones,
            window=window,
            lowest_alt_amsl_m=lowest_m,
            highest_alt_amsl_m=highest_m,
            terrain=terrain,
        )
    except ClosedAirspaceError as error:
        raise PlanningError(str(error)) from error
    return dataclasses.replace(county, zones=zones)


class _Asked(NamedTuple):
    """What is planned again and again."""

    county: County
    request: PatrolRequest
    terrain: Terrain | None
    watch: Watch
    findings: tuple[Finding, ...]


def _planned(asked: _Asked) -> PatrolPlan:
    """A plan whose flights keep their reserves, as they are foretold in the end.

    Flights are divided before their climbs over hills are known; where that makes one of them too
    long, all are divided again for smaller batteries.
    """
    for slack in _SLACKS[:-1]:
        try:
            return _divided_for(asked, slack)
        except PlanningError as error:
            wrong = {f.code for f in error.findings if f.severity is Severity.ERROR}
            if not wrong or not wrong <= _TOO_LONG:
                raise
    return _divided_for(asked, _SLACKS[-1])


def _divided_for(asked: _Asked, slack: float) -> PatrolPlan:
    request, watch = asked.request, asked.watch
    crew = tuple(
        dataclasses.replace(craft, reserve_fraction=1.0 - (1.0 - slack) * (1.0 - kept))
        for craft in request.aircraft
        for kept in (craft.reserve_fraction,)
    )
    scene = resolve(asked.county, dataclasses.replace(request, aircraft=crew), asked.terrain)
    laid = lay_works(scene, watch)
    cut = cut_pieces(scene, laid)
    if not cut.pieces:
        why = " ".join(finding.message for finding in laid.findings)
        raise PlanningError(
            f"Patrol {request.name!r} leaves nothing to fly. {why}".rstrip(), laid.findings
        )
    # Of what is flown, not of what it is called: the name tells the day.
    told = repr(dataclasses.replace(request, name=""))
    plan_id = hashlib.sha256(told.encode()).hexdigest()[:12]
    missions = _scheduled(_assembled(scene, cut.pieces, plan_id, watch), request, watch)
    watch(Stage(Doing.CHECKING, 0, 1))
    plan = PatrolPlan(
        plan_id,
        request.name,
        missions,
        scene.cell_codes,
        _coverage(scene, laid, missions) * (cut.share if laid.wanted.is_empty else 1.0),
        camera=request.camera,
        gimbal_pitch_deg=request.gimbal_pitch_deg,
        aircraft=request.aircraft,
        wind=request.wind,
    )
    laid = dataclasses.replace(laid, findings=(*asked.findings, *laid.findings, *cut.findings))
    return _checked(plan, dataclasses.replace(scene, request=request), laid)


def _assembled(scene: Scene, pieces: Sequence[Piece], plan_id: str, watch: Watch) -> list[Mission]:
    missions = []
    for number, piece in enumerate(pieces, start=1):
        watch(Stage(Doing.LAYING, number - 1, len(pieces)))
        missions.append(assemble(scene, piece, f"{plan_id}-{number}"))
    return missions


def _scheduled(
    missions: Sequence[Mission], request: PatrolRequest, watch: Watch
) -> tuple[Mission, ...]:
    crew, upkeep, wind = request.aircraft, request.upkeep, request.wind
    placed = schedule(missions, crew, upkeep, wind)
    watch(Stage(Doing.PARTING, 0, 1))
    return separated(placed, Separation(crew, upkeep, wind, request.spacing))


def _coverage(scene: Scene, laid: Laid, missions: tuple[Mission, ...]) -> float:
    if laid.wanted.is_empty:
        return laid.share
    seen = shapely.union_all(
        [seen_ground(mission, scene.view, scene.frame) for mission in missions]
    )
    return float(min(1.0, shapely.intersection(seen, laid.wanted).area / laid.wanted.area))


def _checked(plan: PatrolPlan, scene: Scene, laid: Laid) -> PatrolPlan:
    by_name = {aircraft.name: aircraft for aircraft in scene.request.aircraft}
    found = [*laid.findings, *check_plan(plan, scene.county.zones, scene.terrain)]
    for mission in plan.missions:
        craft = by_name[mission.vehicle_name]
        found += check_endurance(mission, craft, scene.request.wind)
        found += check_link(mission, craft, scene.terrain)
    if scene.request.departs_at is not None:
        found += check_daylight(plan, scene.request.departs_at)
    # What is out of reach is told by itself, and no other height or overlap would show it.
    if laid.see_all and not any(finding.code == LEFT_OUT for finding in found):
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
