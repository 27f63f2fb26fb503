"""How well foretold time and energy agree with flights of the simulated aircraft, in wind too."""

import numpy as np

from benchmarks.patrol_routes import PatrolRoute, judged_routes
from benchmarks.result import Benchmark, Figure, Result
from benchmarks.simulated_flight import Flown, fly
from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight
from flight.planning.wind import CALM, Wind

TIME_REACH = 0.03
ENERGY_REACH = 0.05
AIRCRAFT = Aircraft("judged", "dock")
#: Where it comes from and how strong; other directions than those of the calibration.
WINDS = (
    CALM,
    *(
        Wind.coming_from(from_deg, speed_mps)
        for from_deg, speed_mps in (
            (40.0, 3.0),
            (200.0, 3.0),
            (310.0, 6.0),
            (80.0, 6.0),
            (0.0, 9.0),
            (225.0, 9.0),
        )
    ),
)


def run() -> Result:
    """Foretell and fly every route in every wind, and compare; do as QGroundControl does too."""
    routes = judged_routes()
    time_errors, energy_errors, plain_times, plain_energies = [], [], [], []
    for route in routes:
        for wind in WINDS:
            flown = fly(route, wind)
            told = foretell_flight(route.points, route.speed_mps, wind, AIRCRAFT, route.hovers_s)
            plain = by_distance(route)
            time_errors.append(abs(told.time_s / flown.time_s - 1.0))
            energy_errors.append(abs(told.energy_wh / flown.energy_wh - 1.0))
            plain_times.append(abs(plain.time_s / flown.time_s - 1.0))
            plain_energies.append(abs(plain.energy_wh / flown.energy_wh - 1.0))
    shares = (max(time_errors) / TIME_REACH, max(energy_errors) / ENERGY_REACH)
    return Result(
        name=BENCHMARK.name,
        figures={
            "routes": Figure(len(routes), f"each in {len(WINDS)} winds up to 9 m/s"),
            "worst time error": Figure(100.0 * max(time_errors), "%"),
            "mean time error": Figure(100.0 * float(np.mean(time_errors)), "%"),
            "worst energy error": Figure(100.0 * max(energy_errors), "%"),
            "mean energy error": Figure(100.0 * float(np.mean(energy_errors)), "%"),
            "worst time by distance": Figure(100.0 * max(plain_times), "%"),
            "mean time by distance": Figure(100.0 * float(np.mean(plain_times)), "%"),
            "worst energy by hover power": Figure(100.0 * max(plain_energies), "%"),
            "mean energy by hover power": Figure(100.0 * float(np.mean(plain_energies)), "%"),
        },
        ratio=max(shares),
        against="the bounds of 3 % for time and 5 % for energy (worst error over bound)",
        reach="at most 1; distance over speed, as QGroundControl foretells, in the same run",
        met=max(shares) <= 1.0,
    )


def by_distance(route: PatrolRoute) -> Flown:
    """Distance over speed, height over vertical speed, hovers, and hover power throughout.

    Args:
        route: What is flown.

    Returns:
        Time and energy as the peer would state them.
    """
    length_m = float(np.linalg.norm(np.diff(route.points, axis=0), axis=1).sum())
    up_s = float(route.points[0][2]) / AIRCRAFT.climb_mps
    down_s = float(route.points[-1][2]) / AIRCRAFT.descent_mps
    time_s = length_m / route.speed_mps + up_s + down_s + float(route.hovers_s.sum())
    return Flown(time_s, time_s * AIRCRAFT.power.hover_w / 3600.0)


BENCHMARK = Benchmark(
    "foretold-flight", "foretold time and energy against simulated flights in wind", run
)
