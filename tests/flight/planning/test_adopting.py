"""Missions of other programs become a plan of this county."""

from dataclasses import replace

import shapely

from flight.planning.adopting import adopt
from flight.planning.aircraft import Aircraft
from flight.planning.checks import check_plan
from flight.planning.planner import plan_patrol
from tests.flight.planning.scenes import CAMERA, county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 330.0, 230.0))])
PLAN = plan_patrol(GROUND, request(GROUND))
CREW = (Aircraft("heron", "dock-1"), Aircraft("kite", "dock-2"))


def test_cells_and_coverage_are_what_the_camera_sees() -> None:
    """The same as when the plan was made for them."""
    made = adopt(PLAN.missions, GROUND, CREW, CAMERA, -60.0)
    assert set(made.cell_codes) == set(PLAN.cell_codes)
    assert made.coverage_fraction > 0.85  # of whole cells, the zone's ground included
    assert check_plan(made, GROUND.zones) == check_plan(PLAN, GROUND.zones)


def test_missions_keep_their_aircraft_and_others_get_one() -> None:
    """In turn, with its dock."""
    nobody = [replace(mission, vehicle_name="", dock_id="") for mission in PLAN.missions]
    made = adopt([*PLAN.missions[:1], *nobody[1:]], GROUND, CREW, CAMERA, -60.0)
    assert [(m.vehicle_name, m.dock_id) for m in made.missions] == [
        ("drone-1", "dock-1"),
        ("kite", "dock-2"),
    ]


def test_a_mission_that_sees_no_cell_is_a_plan_all_the_same() -> None:
    """It covers nothing, and says so."""
    blind = [replace(mission, height_home_m=0.0, cell_codes=()) for mission in PLAN.missions]
    made = adopt(blind, GROUND, CREW, CAMERA, -60.0)
    assert (made.cell_codes, made.coverage_fraction) == ((), 0.0)
    assert made.plan_id != adopt(PLAN.missions, GROUND, CREW, CAMERA, -60.0).plan_id
