"""A scenario means a plan and a simulation."""

import math
from pathlib import Path

import pytest

from flight.missions import Action
from flight.simulator.settings import Since, VehicleFaultKind
from geofences.geodesy import distance_m
from patrol.scenarios.building import addresses_of, plan_of, simulator_of
from tests.patrol.scenarios.conftest import day_with


def test_waypoints_in_metres_become_places() -> None:
    """Up, over the waypoints at their heights, and home."""
    craft = {"missions": [{"height_m": 25, "waypoints_m": [[40, 0], [40, 30, 33]]}]}
    (mission,) = plan_of(day_with(craft=craft)).missions
    placed = [item for item in mission.items if item.action is Action.WAYPOINT]
    assert [item.height_home_m for item in placed] == [25, 33]
    ways_m = [distance_m(mission.home, item.position) for item in placed if item.position]
    assert ways_m == pytest.approx([40, 50], abs=0.05)
    assert mission.items[-1].action is Action.RETURN_HOME


def test_a_wind_is_named_by_where_it_comes_from(tmp_path: Path) -> None:
    """A north wind blows to the south."""
    weather = {
        "wind": {"from_deg": 0, "speed_mps": 5},
        "changes": [{"at_s": 9, "from_deg": 270, "speed_mps": 4, "gust_mps": 1}],
    }
    world = simulator_of(day_with(weather=weather), tmp_path).world
    assert (world.wind_north_mps, world.wind_east_mps) == pytest.approx((-5, 0))
    (change,) = world.wind_changes
    assert (change.north_mps, change.east_mps) == pytest.approx((0, 4), abs=1e-9)


def test_mishaps_count_from_the_start_of_the_day_or_from_their_moment(tmp_path: Path) -> None:
    """The simulator counts from power-up, which was earlier."""
    mishaps = [
        {"what": "gps_glitch", "at_s": 7, "for_s": 3, "jump_m": 40, "towards_deg": 90},
        {"what": "battery_sag", "since": "waypoint", "waypoint": 2, "at_s": 1, "charge": 0.2},
    ]
    day = day_with(craft={"mishaps": mishaps}, powered_s=60)
    glitch, sag = simulator_of(day, tmp_path).vehicles[0].faults
    assert (glitch.kind, glitch.start_s, glitch.duration_s) == (VehicleFaultKind.GPS_GLITCH, 67, 3)
    assert (glitch.value, glitch.direction_deg) == (40, 90)
    assert (sag.since, sag.waypoint, sag.start_s, sag.value) == (Since.WAYPOINT, 2, 1, 0.2)
    assert sag.duration_s == math.inf


def test_every_aircraft_has_an_address_of_its_own() -> None:
    """By its name, ten ports apart, as the simulator opens them."""
    assert addresses_of(day_with()) == ("uav-1=udpin:127.0.0.1:14550",)
