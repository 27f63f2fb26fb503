"""What a broken-off flight left is planned for the next battery."""

import dataclasses

import pytest

from flight.errors import PlanningError
from flight.missions import Action
from flight.planning.aircraft import Aircraft
from flight.planning.resuming import Breakpoint
from patrol.remaining import aircraft_of, plan_rest
from tests.flight.fake_vehicle import small_mission
from tests.patrol.builders import small_county, small_plan

MISSION = dataclasses.replace(small_mission(waypoints=6, reach_m=60.0), dock_id="dock-1")
PLAN = small_plan(MISSION)


def test_the_rest_begins_before_the_breakpoint_and_ends_at_home() -> None:
    """The first cells are not flown again; speed and camera are set anew."""
    (rest,) = plan_rest(PLAN, MISSION, Breakpoint(5), small_county(), None).missions
    assert {"C4", "C5"} <= set(rest.cell_codes)
    assert "C0" not in rest.cell_codes
    assert {Action.SPEED, Action.GIMBAL} <= {item.action for item in rest.items}
    assert rest.items[-1].action is Action.RETURN_HOME


def test_nothing_left_is_no_plan() -> None:
    """All work had been done."""
    with pytest.raises(PlanningError, match="nothing is left"):
        plan_rest(PLAN, MISSION, Breakpoint(len(MISSION.items) - 1), small_county(), None)


def test_the_aircraft_is_the_one_that_was_planned_with() -> None:
    """Or the usual one, if the plan does not say."""
    known = Aircraft("heron", "dock-1", battery_wh=99.0)
    assert aircraft_of(dataclasses.replace(PLAN, aircraft=(known,)), MISSION) is known
    assert aircraft_of(PLAN, MISSION).dock_id == "dock-1"
