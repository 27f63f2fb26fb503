"""How far aircraft of a scene get on a battery, and what lies between two of their flights."""

import numpy as np

from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight, transits
from flight.planning.scene import Scene
from flight.planning.shares import Reach

_REACH_M = 1000.0


def range_m(scene: Scene, aircraft: Aircraft) -> float:
    """How far a battery reaches, out and back in the wind, take-off and landing taken off."""
    vertical_s, vertical_wh = _vertical(scene, aircraft)
    time_s, energy_wh = _trip(scene, aircraft)
    trips = min(
        (aircraft.usable_s - vertical_s) / time_s,
        (aircraft.usable_wh - vertical_wh) / energy_wh,
    )
    return 2.0 * _REACH_M * trips


def between_m(scene: Scene, aircraft: Aircraft) -> float:
    """What starting, landing and another battery take, in metres flown meanwhile."""
    request = scene.request
    return (_vertical(scene, aircraft)[0] + request.upkeep.swap_s) * request.speed_mps


def reach_of(scene: Scene, aircraft: Aircraft) -> Reach:
    """What an aircraft gets done in many flights, each as long as a battery lasts.

    Where charging is slower than flying and swapping, flights wait for it.
    """
    request, upkeep = scene.request, scene.request.upkeep
    flight_m = max(0.0, range_m(scene, aircraft))
    vertical_s, vertical_wh = _vertical(scene, aircraft)
    time_s, energy_wh = _trip(scene, aircraft)
    trips = flight_m / (2.0 * _REACH_M)
    flown_s = vertical_s + trips * time_s
    charging_s = upkeep.charge_s + upkeep.charge_s_per_wh * (vertical_wh + trips * energy_wh)
    cycle_s = max(flown_s + upkeep.swap_s, (flown_s + charging_s) / upkeep.batteries)
    return Reach(flight_m, (cycle_s - trips * time_s) * request.speed_mps)


def _vertical(scene: Scene, aircraft: Aircraft) -> tuple[float, float]:
    """Seconds and watt-hours of take-off and landing."""
    request = scene.request
    over_dock = np.array([[0.0, 0.0, request.flown_height_m]])
    told = foretell_flight(over_dock, request.speed_mps, request.wind, aircraft)
    return told.time_s, told.energy_wh


def _trip(scene: Scene, aircraft: Aircraft) -> tuple[float, float]:
    """Seconds and watt-hours of a kilometre out and back."""
    request = scene.request
    ends = np.array([[0.0, 0.0, request.flown_height_m], [_REACH_M, 0.0, request.flown_height_m]])
    there_s, there_wh = transits(ends, ends[::-1], request.speed_mps, request.wind, aircraft)
    return float(there_s.sum()), float(there_wh.sum())
