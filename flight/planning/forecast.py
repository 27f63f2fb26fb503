"""What a mission will take, read off its items: time, energy, and enough of it to turn back."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.missions import Action, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight, needed_wh
from flight.planning.wind import CALM, Wind
from geofences.geodesy import LocalFrame, LonLat

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a mission will take.

    Attributes:
        time_s: From the start of the motors to their stop.
        energy_wh: Likewise.
        turning_back_wh: The most that the flight takes if it is broken off at one of its points
            and flies straight home.
        dearest_place: That point.
        distance_m: Length of the flight over ground.
    """

    time_s: float
    energy_wh: float
    turning_back_wh: float
    dearest_place: LonLat
    distance_m: float


def forecast(mission: Mission, aircraft: Aircraft, wind: Wind = CALM) -> Forecast:
    """Foretell a mission as an aircraft would fly it.

    Args:
        mission: What is flown; its own foretold figures are not looked at.
        aircraft: Who flies.
        wind: Steady wind.

    Returns:
        Time and energy.

    Raises:
        WindTooStrongError: If the aircraft cannot fly it in that wind.
        PlanningError: If its speed is no usable number.
    """
    frame = LocalFrame(mission.home)
    points, hovers_s = flown_points(mission.items, frame, mission.height_home_m)
    foretold = foretell_flight(points, mission.speed_mps, wind, aircraft, hovers_s)
    home = (0.0, 0.0, float(points[0, 2]))
    needed = needed_wh(points, foretold, home, mission.speed_mps, wind, aircraft)
    dearest = int(np.argmax(needed))
    lon_deg, lat_deg = frame.to_lonlat(float(points[dearest, 0]), float(points[dearest, 1]))
    steps = np.diff(points[:, :2], axis=0)
    return Forecast(
        foretold.time_s,
        foretold.energy_wh,
        max(foretold.energy_wh, float(needed[dearest])),
        LonLat(lon_deg, lat_deg),
        float(np.hypot(steps[:, 0], steps[:, 1]).sum()),
    )


def foretold(mission: Mission, aircraft: Aircraft, wind: Wind) -> Mission:
    """A mission with its foretold figures: distance, time and energy.

    Raises:
        WindTooStrongError: If the aircraft cannot fly it in that wind.
    """
    figures = forecast(mission, aircraft, wind)
    return dataclasses.replace(
        mission,
        distance_m=figures.distance_m,
        duration_s=figures.time_s,
        energy_wh=figures.energy_wh,
    )


def flown_points(
    items: Sequence[MissionItem], frame: LocalFrame, height_home_m: float
) -> tuple[FloatArray, FloatArray]:
    """Where items lead, and how long the aircraft stands still at each point.

    Args:
        items: Of one mission.
        frame: Metres from home.
        height_home_m: For a take-off that does not say how high.

    Returns:
        float64, (N, 3): metres east, north and above home, from above home to above home; and
        seconds, (N,).
    """
    rows: list[tuple[float, float, float]] = []
    hovers: list[float] = []
    for item in items:
        height_m = item.height_home_m
        height_m = (rows[-1][2] if rows else height_home_m) if height_m is None else height_m
        if item.action is Action.TAKEOFF:
            rows.append((0.0, 0.0, height_m))
        elif item.flown_to is not None:
            east_m, north_m = frame.to_local(item.flown_to.lon_deg, item.flown_to.lat_deg)
            rows.append((east_m, north_m, height_m))
        elif item.action is Action.RETURN_HOME and rows:
            rows.append((0.0, 0.0, rows[-1][2]))
        elif not (item.action is Action.HOVER and rows):
            continue
        else:
            rows.append(rows[-1])
        hovers.append(item.value or 0.0 if item.action is Action.HOVER else 0.0)
    return np.array(rows).reshape(-1, 3), np.array(hovers)
