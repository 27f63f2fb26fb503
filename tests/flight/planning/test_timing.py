"""What a piece of a path would take is close to what the finished mission takes."""

import dataclasses

import pytest
import shapely

from flight.errors import WindTooStrongError
from flight.planning.aircraft import Aircraft
from flight.planning.division import Flight
from flight.planning.planner import plan_patrol
from flight.planning.scene import resolve
from flight.planning.timing import timetable
from flight.planning.wind import Wind
from flight.planning.works import lay_works
from tests.flight.planning.scenes import county, request, zone

PLAIN = county()


@pytest.mark.parametrize("wind", [Wind(), Wind(5.0, 3.0)])
def test_a_whole_path_costs_about_what_its_mission_does(wind: Wind) -> None:
    """Never less, and at most two halts more: the mission passes its first and last lane end."""
    scene = resolve(PLAIN, request(PLAIN, 1, wind=wind))
    (work,) = lay_works(scene).works
    table = timetable(scene, work, (0,))
    whole = Flight(0, 0, len(work.points) - 1)
    (mission,) = plan_patrol(PLAIN, request(PLAIN, 1, wind=wind)).missions
    assert mission.duration_s <= table.time_s(whole) <= mission.duration_s + 20.0
    energy_wh = table.energies_wh[0].of(whole.first, whole.last)
    assert mission.energy_wh is not None
    assert energy_wh == pytest.approx(mission.energy_wh, rel=0.05)


def test_ways_round_a_zone_count_in_full() -> None:
    """The dock behind a wall is further away."""
    walled = county([zone(shapely.box(-80.0, -60.0, -40.0, 120.0))])
    tables = []
    for ground in (PLAIN, walled):
        scene = resolve(ground, request(ground, 1))
        tables.append(timetable(scene, lay_works(scene).works[0], (0,)))
    assert tables[1].times_s[0].home[0] > tables[0].times_s[0].home[0]


def test_a_wind_against_the_way_home_costs_energy() -> None:
    """More than it gives on the way out, the faster against the air the dearer."""
    calm, windy = (
        timetable(scene, lay_works(scene).works[0], (0,)).energies_wh[0]
        for scene in (resolve(PLAIN, request(PLAIN, 1, wind=Wind(8.0 * k, 0.0))) for k in (0, 1))
    )
    assert windy.home[-1] > calm.home[-1]


def test_a_wind_that_no_aircraft_can_hold_stops_the_plan() -> None:
    """The message names aircraft and wind."""
    with pytest.raises(WindTooStrongError, match="'drone-1'"):
        plan_patrol(PLAIN, request(PLAIN, 1, wind=Wind(30.0, 0.0)))


def test_every_aircraft_has_its_own_figures() -> None:
    """A nimbler one is quicker over the same lanes."""
    slow = Aircraft("slow", "dock-1", acceleration_mps2=1.0)
    quick = Aircraft("quick", "dock-1", acceleration_mps2=4.0)
    both = resolve(PLAIN, dataclasses.replace(request(PLAIN), aircraft=(slow, quick)))
    table = timetable(both, lay_works(both).works[0], (0, 1))
    assert table.times_s[1].until[-1] < table.times_s[0].until[-1]
