"""What each aircraft of a scene would take for each piece of a path."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flight.planning.aircraft import Aircraft
from flight.planning.division import Costs, Timetable
from flight.planning.dock_ways import dock_ways_m
from flight.planning.energy import foretell, foretell_flight, transits
from flight.planning.links import Point
from flight.planning.scene import Scene
from flight.planning.work import WorkPath

FloatArray = NDArray[np.float64]


def timetable(scene: Scene, work: WorkPath, crew: Sequence[int]) -> Timetable:
    """Foretell a path for some aircraft of a scene.

    Each piece is taken from rest to rest, which a flight that passes its first point at speed
    undercuts by a few seconds.

    Args:
        scene: Aircraft, docks, wind and airspace.
        work: What is to be divided.
        crew: The aircraft, by their places in the request.

    Returns:
        Times and energies of all its pieces; infinite where no way leads.

    Raises:
        WindTooStrongError: If an aircraft cannot fly in the wind.
    """
    request = scene.request
    heights_m = np.full((len(work.points), 1), request.flown_height_m)
    points = np.hstack([work.points, heights_m])
    hovers_s = np.zeros(len(points))
    hovers_s[list(work.stops)] = [stop.hover_s for stop in work.stops.values()]
    times: list[Costs] = []
    energies: list[Costs] = []
    ways: dict[Point, FloatArray] = {}
    for index in crew:
        aircraft = request.aircraft[index]
        dock = scene.dock_point(index)
        if dock not in ways:
            passage = scene.airspace.passage
            ways[dock] = dock_ways_m(passage, np.array([dock]), work.points)[0]
        time, energy = _costs(scene, aircraft, points, hovers_s, (dock, ways[dock]))
        times.append(time)
        energies.append(energy)
    flyers = tuple(request.aircraft[index] for index in crew)
    return Timetable(flyers, tuple(times), tuple(energies))


def _costs(
    scene: Scene,
    aircraft: Aircraft,
    points: FloatArray,
    hovers_s: FloatArray,
    reach: tuple[Point, FloatArray],
) -> tuple[Costs, Costs]:
    """Seconds and watt-hours of one aircraft."""
    (east_m, north_m), ways_m = reach
    speed_mps, wind = scene.request.speed_mps, scene.request.wind
    work = foretell(points, speed_mps, wind, aircraft, hovers_s)
    dock = np.column_stack([np.full((len(points), 2), (east_m, north_m)), points[:, 2]])
    straight_m = np.hypot(*(points - dock)[:, :2].T)
    # A way round a zone is taken as the straight one, stretched.
    longer = ways_m / np.maximum(straight_m, 1e-9)
    longer[straight_m < 1e-6] = 1.0
    out_s, out_wh = transits(dock, points, speed_mps, wind, aircraft)
    home_s, home_wh = transits(points, dock, speed_mps, wind, aircraft)
    vertical = foretell_flight(dock[:1], speed_mps, wind, aircraft)
    until_s = np.concatenate([[0.0], np.cumsum(work.leg_times_s)])
    until_wh = np.concatenate([[0.0], np.cumsum(work.leg_energies_wh)])
    return (
        Costs(until_s, vertical.time_s + longer * out_s, longer * home_s),
        Costs(until_wh, vertical.energy_wh + longer * out_wh, longer * home_wh),
    )
