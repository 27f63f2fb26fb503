"""What is left of a mission that was broken off in flight, as a plan for the next battery."""

import dataclasses

from flight.errors import PlanningError
from flight.missions import Mission, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.resuming import Breakpoint, ResumeSettings, resume_mission
from geofences.checks import Severity
from geofences.county import County
from geofences.terrain import Terrain
from patrol.plan_checks import Day, check_on


def aircraft_of(plan: PatrolPlan, mission: Mission) -> Aircraft:
    """The aircraft that a mission was planned with, or the usual one in its place."""
    planned = (craft for craft in plan.aircraft if craft.name == mission.vehicle_name)
    return next(planned, Aircraft(mission.vehicle_name, mission.dock_id))


def plan_rest(
    plan: PatrolPlan, mission: Mission, at: Breakpoint, county: County, terrain: Terrain | None
) -> PatrolPlan:
    """Plan what a flight left undone, for the same aircraft on a fresh battery.

    Args:
        plan: What was flown.
        mission: Which of its missions.
        at: Where that was left.
        county: Zones and docks as they are now.
        terrain: How high the ground is, if that is known.

    Returns:
        One mission that begins some metres before the breakpoint, checked like any plan.

    Raises:
        PlanningError: Nothing is left, or what is left cannot be flown.
    """
    craft = aircraft_of(plan, mission)
    rest = resume_mission(county, mission, at, craft, ResumeSettings(wind=plan.wind))
    made = dataclasses.replace(
        plan, missions=(rest,), cell_codes=rest.cell_codes, aircraft=(craft,)
    )
    findings = check_on(made, county, Day(terrain=terrain))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise PlanningError(
            f"What is left of {mission.mission_id} must not be flown: {findings[0].message}",
            findings,
        )
    return dataclasses.replace(made, findings=findings)
