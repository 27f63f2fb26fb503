"""Routes of many kinds, on which foretold flights are calibrated and judged."""

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Row = tuple[float, float, float]


@dataclass(frozen=True)
class PatrolRoute:
    """One mission: from above the dock and back there.

    Attributes:
        name: Kind and size.
        points: float64, (N, 3): metres east, north, above home.
        speed_mps: Ground speed asked for.
        hovers: Seconds of hover by index of the point.
    """

    name: str
    points: FloatArray
    speed_mps: float
    hovers: tuple[tuple[int, float], ...] = ()

    @property
    def hovers_s(self) -> FloatArray:
        """Seconds at each point, (N,)."""
        seconds = np.zeros(len(self.points))
        for index, hover_s in self.hovers:
            seconds[index] = hover_s
        return seconds


def lanes(
    count: int, length_m: float, spacing_m: float, turned_deg: float, height_m: float
) -> FloatArray:
    """Back and forth, with the ways there and back."""
    angle = math.radians(turned_deg)
    rows: list[Row] = [(0.0, 0.0, height_m)]
    for lane in range(count):
        for end in ((0, 1), (1, 0))[lane % 2]:
            x, y = 60.0 + end * length_m, 40.0 + lane * spacing_m
            rows.append(_turned(x, y, angle, height_m))
    return np.array([*rows, rows[0]])


def wander(
    corners: int, leg_m: float, seed: int, height_m: float, climb_m: float = 0.0
) -> FloatArray:
    """Legs of changing length in changing directions, up and down by at most some metres."""
    rng = random.Random(seed)
    rows: list[Row] = [(0.0, 0.0, height_m)]
    heading = rng.uniform(0.0, 2.0 * math.pi)
    for _ in range(corners):
        heading += rng.uniform(-2.6, 2.6)
        step_m = leg_m * rng.uniform(0.3, 1.7)
        x, y, _ = rows[-1]
        height = height_m + rng.uniform(-climb_m, climb_m)
        rows.append((x + step_m * math.cos(heading), y + step_m * math.sin(heading), height))
    return np.array([*rows, rows[0]])


def orbit(sides: int, radius_m: float, rounds: int, height_m: float) -> FloatArray:
    """A polygon flown round and round."""
    rows: list[Row] = [(0.0, 0.0, height_m)]
    for side in range(sides * rounds + 1):
        angle = 2.0 * math.pi * side / sides
        rows.append((90.0 + radius_m * math.cos(angle), radius_m * math.sin(angle), height_m))
    return np.array([*rows, rows[0]])


def stairs(steps: int, run_m: float, rise_m: float, height_m: float) -> FloatArray:
    """Up in steps and back down, as over a slope."""
    there: list[Row] = [
        (i * run_m, i * run_m / 3.0, height_m + i * rise_m) for i in range(steps + 1)
    ]
    back: list[Row] = [(x + 30.0, y - 40.0, height) for x, y, height in reversed(there[1:])]
    return np.array([*there, *back, there[0]])


def _turned(x: float, y: float, angle: float, height_m: float) -> Row:
    cosine, sine = math.cos(angle), math.sin(angle)
    return x * cosine - y * sine, x * sine + y * cosine, height_m


def calibration_routes() -> tuple[PatrolRoute, ...]:
    """The routes on which the planner's constants were fitted; none of them is judged."""
    return (
        PatrolRoute("six lanes of 250 m", lanes(6, 250.0, 35.0, 20.0, 45.0), 9.0),
        PatrolRoute("wandering", wander(18, 55.0, 1, 40.0), 7.0),
        PatrolRoute("slope", stairs(4, 80.0, 9.0, 30.0), 8.0),
        PatrolRoute("three looks", wander(3, 150.0, 2, 35.0), 10.0, ((1, 30.0), (2, 30.0))),
    )


def judged_routes() -> tuple[PatrolRoute, ...]:
    """Long lanes, dense lanes, many corners, climbs and hovers."""
    return (
        PatrolRoute("long lanes, 8 m/s", lanes(4, 480.0, 60.0, 0.0, 50.0), 8.0),
        PatrolRoute("long lanes, 12 m/s", lanes(5, 420.0, 45.0, 65.0, 60.0), 12.0),
        PatrolRoute("long lanes, 5 m/s", lanes(3, 350.0, 50.0, 110.0, 40.0), 5.0),
        PatrolRoute("dense lanes, 40 m", lanes(16, 40.0, 12.0, 30.0, 30.0), 6.0),
        PatrolRoute("dense lanes, 70 m", lanes(14, 70.0, 15.0, 75.0, 40.0), 8.0),
        PatrolRoute("dense lanes, 25 m", lanes(22, 25.0, 8.0, 0.0, 25.0), 4.0),
        PatrolRoute("many corners", wander(40, 28.0, 11, 40.0), 6.0),
        PatrolRoute("streets", wander(25, 80.0, 12, 45.0), 10.0),
        PatrolRoute("orbits", orbit(12, 35.0, 3, 35.0), 5.0),
        PatrolRoute("hills", wander(20, 70.0, 13, 60.0, climb_m=22.0), 8.0),
        PatrolRoute("mountainside", stairs(8, 45.0, 8.0, 30.0), 7.0),
        PatrolRoute("looks", wander(8, 90.0, 14, 40.0), 9.0, ((2, 25.0), (4, 40.0), (6, 15.0))),
    )
