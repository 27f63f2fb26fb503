"""Foretold time and energy of flights, with the wind as a vector.

The autopilot keeps the ground speed that the mission asks for, turning its lean into the wind; the
wind therefore costs energy, and time only where the aircraft cannot lean far enough. The motion is
that of `flight.planning.trajectory`, the power that of `flight.planning.power`, integrated along
it with speed against the air and acceleration at every instant.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError, WindTooStrongError
from flight.planning.aircraft import Aircraft
from flight.planning.ramps import Ramps
from flight.planning.trajectory import Trajectory
from flight.planning.vertical import climb_time_s, descent_times_s
from flight.planning.wind import Wind

FloatArray = NDArray[np.float64]

_SLOWEST_MPS = 0.5
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_J_PER_WH = 3600.0


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a flight will take.

    Attributes:
        leg_times_s: float64, (N - 1,): each leg of the route, with the hover at its end.
        leg_energies_wh: float64, (N - 1,): drawn from the cells on each.
        time_s: All of it, with take-off and landing where they were asked for.
        energy_wh: Likewise.
    """

    leg_times_s: FloatArray
    leg_energies_wh: FloatArray
    time_s: float
    energy_wh: float


def foretell(
    points: FloatArray,
    speed_mps: float,
    wind: Wind,
    aircraft: Aircraft,
    hovers_s: Sequence[float] | FloatArray | None = None,
) -> Foretold:
    """Foretell a route from rest at its first point to rest at its last.

    Args:
        points: float64, (N, 3): metres east, north, and height above home.
        speed_mps: Ground speed that the mission asks for.
        wind: Steady wind.
        aircraft: Who flies.
        hovers_s: Seconds of hover at each point, (N,); above zero the aircraft stops there. None
            hovers nowhere.

    Returns:
        Times and energies of the legs and of the route.

    Raises:
        WindTooStrongError: If the aircraft cannot make way on a leg, or cannot hold its place.
        PlanningError: If the speed or a hover is no usable number.
    """
    route = np.asarray(points, dtype=np.float64)
    hovers = np.zeros(len(route)) if hovers_s is None else np.asarray(hovers_s, dtype=np.float64)
    _refuse(route, speed_mps, hovers)
    _refuse_wind(wind, aircraft)
    if len(route) < 2:
        return _hovering(float(hovers.sum()), wind, aircraft)
    speeds = _ground_speeds(np.diff(route, axis=0), speed_mps, wind, aircraft)
    motion = Trajectory(route, speeds, hovers, aircraft.agility)
    times = motion.instants_s()
    velocity, acceleration = motion.at(times)
    power = aircraft.power.power_w(velocity - wind.vector, acceleration)
    joules = np.concatenate([[0.0], np.cumsum(np.diff(times) * (power[1:] + power[:-1]) / 2.0)])
    ends = np.concatenate([[0.0], np.cumsum(motion.leg_times_s)])
    legs_wh = np.diff(np.interp(ends, times, joules)) / _J_PER_WH
    return Foretold(motion.leg_times_s, legs_wh, motion.time_s, float(legs_wh.sum()))


def foretell_flight(
    points: FloatArray,
    speed_mps: float,
    wind: Wind,
    aircraft: Aircraft,
    hovers_s: Sequence[float] | FloatArray | None = None,
) -> Foretold:
    """Foretell a whole flight: take-off to the first point, the route, return and landing.

    Args:
        points: float64, (N, 3): the first and the last are above the dock, at flying height.
        speed_mps: Ground speed that the mission asks for.
        wind: Steady wind.
        aircraft: Who flies.
        hovers_s: Seconds of hover at each point, (N,).

    Returns:
        The legs of the route, and time and energy from the start of the motors to their stop.

    Raises:
        WindTooStrongError: As `foretell`.
        PlanningError: As `foretell`.
    """
    route = foretell(points, speed_mps, wind, aircraft, hovers_s)
    up_s, up_wh = _take_off(float(points[0][2]), wind, aircraft)
    down_s, down_wh = _landing(float(points[-1][2]), _landing_powers_w(wind, aircraft), aircraft)
    ground_wh = aircraft.seconds_on_ground * aircraft.power.avionics_w / _J_PER_WH
    return Foretold(
        route.leg_times_s,
        route.leg_energies_wh,
        aircraft.seconds_on_ground + up_s + route.time_s + down_s,
        ground_wh + up_wh + route.energy_wh + down_wh,
    )


def transits(
    starts: FloatArray, ends: FloatArray, speed_mps: float, wind: Wind, aircraft: Aircraft
) -> tuple[FloatArray, FloatArray]:
    """Times and energies of many straight ways, each from rest to rest.

    Args:
        starts: float64, (M, 3), metres east, north, above home.
        ends: float64, (M, 3).
        speed_mps: Ground speed.
        wind: Steady wind.
        aircraft: Who flies.

    Returns:
        Seconds and watt-hours, (M,) each.

    Raises:
        WindTooStrongError: As `foretell`.
    """
    _refuse_wind(wind, aircraft)
    steps = np.asarray(ends, dtype=np.float64) - np.asarray(starts, dtype=np.float64)
    lengths = np.linalg.norm(steps, axis=1)
    directions = steps / np.maximum(lengths, 1e-12)[:, None]
    agility = aircraft.agility
    speeds, gains = agility.along(directions, _ground_speeds(steps, speed_mps, wind, aircraft))
    ramps = Ramps(
        lengths, speeds, gains, jerk_mps3=agility.jerk_mps3, jerk_time_s=agility.jerk_time_s
    )
    joules = np.zeros(len(steps))
    flat_s = ramps.duration_s - 2.0 * ramps.ramp_s
    for begin_s, lasting_s in (
        (np.zeros(len(steps)), ramps.ramp_s),
        (ramps.ramp_s, flat_s),
        (ramps.ramp_s + flat_s, ramps.ramp_s),
    ):
        joules += _part_j(ramps, directions, (begin_s, lasting_s), wind, aircraft)
    return ramps.duration_s, joules / _J_PER_WH


def energy_home_wh(
    points: FloatArray,
    home: tuple[float, float, float],
    speed_mps: float,
    wind: Wind,
    aircraft: Aircraft,
    ways_m: FloatArray | None = None,
) -> FloatArray:
    """Energy to break off at points, return and land, the reserve not included.

    Args:
        points: float64, (M, 3), metres east, north, above home.
        home: East, north, and the least height above home of the return; a higher aircraft comes
            back at its own height.
        speed_mps: Ground speed of the return.
        wind: Steady wind, the same on the way back.
        aircraft: Who flies.
        ways_m: Length of each way home around zones, (M,); metres beyond the straight line count
            as flown against the wind. None means straight.

    Returns:
        float64, (M,), watt-hours.

    Raises:
        WindTooStrongError: If the aircraft cannot come back against the wind.
    """
    here = np.asarray(points, dtype=np.float64)
    level = here.copy()
    level[:, 2] = np.maximum(here[:, 2], home[2])
    over = np.column_stack([np.full(len(here), home[0]), np.full(len(here), home[1]), level[:, 2]])
    climbing = transits(here, level, speed_mps, wind, aircraft)[1]
    flying = transits(level, over, speed_mps, wind, aircraft)[1]
    heights, which = np.unique(level[:, 2], return_inverse=True)
    powers_w = _landing_powers_w(wind, aircraft)
    landing = np.array([_landing(float(height), powers_w, aircraft)[1] for height in heights])
    total: FloatArray = climbing + flying + landing[which]
    if ways_m is not None:
        straight_m = np.hypot(*(over - level)[:, :2].T)
        extra_m = np.maximum(np.asarray(ways_m) - straight_m, 0.0)
        total = total + extra_m * _headwind_wh_per_m(speed_mps, wind, aircraft)
    return total


def needed_wh(
    points: FloatArray,
    foretold: Foretold,
    home: tuple[float, float, float],
    speed_mps: float,
    wind: Wind,
    aircraft: Aircraft,
) -> FloatArray:
    """Energy that a flight needs if it is broken off at each of its points.

    A flight keeps its reserve wherever it has to turn back if the greatest of these is at most
    `aircraft.usable_wh`.

    Args:
        points: float64, (N, 3): the route that was foretold.
        foretold: By `foretell_flight` for these points.
        home: As `energy_home_wh`.
        speed_mps: Ground speed of the return.
        wind: Steady wind.
        aircraft: Who flies.

    Returns:
        float64, (N,), watt-hours from take-off to having landed.

    Raises:
        WindTooStrongError: If the aircraft cannot come back against the wind.
    """
    up_wh = _take_off(float(points[0][2]), wind, aircraft)[1]
    used = up_wh + np.concatenate([[0.0], np.cumsum(foretold.leg_energies_wh)])
    ground_wh = aircraft.seconds_on_ground * aircraft.power.avionics_w / _J_PER_WH
    return used + ground_wh + energy_home_wh(points, home, speed_mps, wind, aircraft)


def _refuse(route: FloatArray, speed_mps: float, hovers: FloatArray) -> None:
    if route.ndim != 2 or route.shape[1] != 3 or not np.isfinite(route).all():
        raise PlanningError("A route to be foretold needs points of three finite numbers each.")
    if not 0.0 < speed_mps < math.inf:
        raise PlanningError(f"speed_mps must be more than 0, not {speed_mps}.")
    if len(hovers) != len(route) or not (np.isfinite(hovers) & (hovers >= 0.0)).all():
        raise PlanningError("Each point of a route needs one hover of 0 seconds or more.")


def _refuse_wind(wind: Wind, aircraft: Aircraft) -> None:
    most = aircraft.power.airspeed_max_mps
    if not wind.speed_mps < most - _SLOWEST_MPS:
        raise WindTooStrongError(
            f"A wind of {wind.speed_mps:.1f} m/s carries {aircraft.name!r} away: it flies at most "
            f"{most:.1f} m/s through the air. Wait for less wind."
        )


def _ground_speeds(
    steps: FloatArray, speed_mps: float, wind: Wind, aircraft: Aircraft
) -> FloatArray:
    """The speed asked for, or what is left of the highest airspeed beside the crosswind."""
    most = aircraft.power.airspeed_max_mps
    level = np.hypot(steps[:, 0], steps[:, 1])
    along = (steps[:, 0] * wind.east_mps + steps[:, 1] * wind.north_mps) / np.maximum(level, 1e-12)
    across = np.maximum(wind.speed_mps**2 - along**2, 0.0)
    possible = along + np.sqrt(np.maximum(most**2 - across, 0.0))
    possible = np.where(level > 1e-9, possible, most)
    if possible.size and possible.min() < _SLOWEST_MPS:
        raise WindTooStrongError(
            f"{aircraft.name!r} makes no way against a wind of {wind.speed_mps:.1f} m/s: it flies "
            f"at most {most:.1f} m/s through the air. Wait for less wind."
        )
    return np.minimum(possible, speed_mps)


def _part_j(
    ramps: Ramps,
    directions: FloatArray,
    part: tuple[FloatArray, FloatArray],
    wind: Wind,
    aircraft: Aircraft,
) -> FloatArray:
    """Energy of one part of each leg by Gauss's quadrature."""
    begin_s, lasting_s = part
    legs = np.arange(len(directions))
    total = np.zeros(len(directions))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        _, speed, gain = ramps.moved(legs, begin_s + 0.5 * (node + 1.0) * lasting_s)
        air = speed[:, None] * directions - wind.vector
        total += weight * aircraft.power.power_w(air, gain[:, None] * directions)
    return total * lasting_s / 2.0


def _steady_w(up_mps: float, wind: Wind, aircraft: Aircraft) -> float:
    """Power over one place while climbing, hovering or sinking."""
    air = np.array([[-wind.east_mps, -wind.north_mps, up_mps]])
    return float(aircraft.power.power_w(air, np.zeros((1, 3)))[0])


def _hovering(seconds: float, wind: Wind, aircraft: Aircraft) -> Foretold:
    energy_wh = seconds * _steady_w(0.0, wind, aircraft) / _J_PER_WH
    return Foretold(np.zeros(0), np.zeros(0), seconds, energy_wh)


def _take_off(height_m: float, wind: Wind, aircraft: Aircraft) -> tuple[float, float]:
    time_s = climb_time_s(height_m, aircraft.climb_mps, aircraft.vertical_acceleration_mps2)
    climbing_s = min(time_s, height_m / aircraft.climb_mps)
    joules = climbing_s * _steady_w(aircraft.climb_mps, wind, aircraft)
    joules += (time_s - climbing_s) * _steady_w(0.0, wind, aircraft)
    return time_s, joules / _J_PER_WH


def _landing_powers_w(wind: Wind, aircraft: Aircraft) -> tuple[float, float, float]:
    """Power of waiting over home, of the way down, and of its last metres."""
    speeds_mps = (0.0, -aircraft.descent_mps, -aircraft.landing_mps)
    waiting_w, fast_w, final_w = (_steady_w(speed, wind, aircraft) for speed in speeds_mps)
    return waiting_w, fast_w, final_w


def _landing(
    height_m: float, powers_w: tuple[float, float, float], aircraft: Aircraft
) -> tuple[float, float]:
    """The leg to where home was seen, the wait there and the way down."""
    fast_s, final_s = descent_times_s(
        height_m, aircraft.descent_mps, aircraft.landing_mps, aircraft.vertical_acceleration_mps2
    )
    times_s = (aircraft.homing_time_s + aircraft.hold_home_s, fast_s, final_s)
    joules = sum(time_s * power_w for time_s, power_w in zip(times_s, powers_w, strict=True))
    return sum(times_s), joules / _J_PER_WH


def _headwind_wh_per_m(speed_mps: float, wind: Wind, aircraft: Aircraft) -> float:
    against = np.array([[-wind.east_mps, -wind.north_mps, 0.0]])
    if wind.speed_mps == 0.0:
        against = np.array([[1.0, 0.0, 0.0]])
    speed = float(_ground_speeds(against, speed_mps, wind, aircraft)[0])
    velocity = speed * against / np.linalg.norm(against)
    power_w = float(aircraft.power.power_w(velocity - wind.vector, np.zeros((1, 3)))[0])
    return power_w / speed / _J_PER_WH
