"""How far a battery reaches is what a flight of that length is foretold to take."""

import dataclasses

import numpy as np
import pytest

from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight
from flight.planning.ranges import between_m, range_m, reach_of
from flight.planning.scene import resolve
from flight.planning.timetable import Upkeep
from flight.planning.wind import Wind
from tests.flight.planning.scenes import county, request

PLAIN = county()
CRAFT = Aircraft("drone-1", "dock-1")


@pytest.mark.parametrize("wind", [Wind(0.0, 0.0), Wind(6.0, 0.0)])
def test_a_trip_of_that_range_empties_the_battery_to_its_reserve(wind: Wind) -> None:
    """Out and back over the longest range, start and landing included."""
    asked = request(PLAIN, 1, wind=wind)
    scene = resolve(PLAIN, asked)
    half_m, height_m = range_m(scene, CRAFT) / 2.0, asked.flown_height_m
    route = np.array([[0.0, 0.0, height_m], [half_m, 0.0, height_m], [0.0, 0.0, height_m]])
    told = foretell_flight(route, asked.speed_mps, wind, CRAFT)
    share = max(told.time_s / CRAFT.usable_s, told.energy_wh / CRAFT.usable_wh)
    assert 0.95 <= share <= 1.0


def test_slow_charging_keeps_flights_apart() -> None:
    """With a single battery every flight waits until it is full again."""
    asked = request(PLAIN, 1)
    slow = Upkeep(swap_s=60.0, batteries=1, charge_s=7200.0)
    swift = dataclasses.replace(slow, charge_s=0.0)
    reaches = [
        reach_of(resolve(PLAIN, dataclasses.replace(asked, upkeep=upkeep)), CRAFT)
        for upkeep in (slow, swift)
    ]
    assert reaches[0].flight_m == reaches[1].flight_m
    assert reaches[0].between_m >= 7200.0 * asked.speed_mps
    scene = resolve(PLAIN, dataclasses.replace(asked, upkeep=swift))
    assert reaches[1].between_m == pytest.approx(between_m(scene, CRAFT))
