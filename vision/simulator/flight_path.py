"""Smooth flights for footage: along a line at one height, the camera looking ahead and down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geofences.geodesy import LocalFrame, LonLat
from geofences.view import CameraPose, PoseErrors

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Flight:
    """A flight to film.

    Attributes:
        waypoints_m: (east, north) from the frame's origin.
        height_m: Height above ground.
        speed_mps: Speed along the line.
        pitch_deg: Pitch of the camera.
        corner_s: Time over which turns are smoothed.
    """

    waypoints_m: tuple[tuple[float, float], ...]
    height_m: float = 40.0
    speed_mps: float = 8.0
    pitch_deg: float = -60.0
    corner_s: float = 2.5


def poses_along(flight: Flight, frame: LocalFrame, fps: float, seed: int) -> list[CameraPose]:
    """Return the true poses of a flight, one a frame; the aircraft sways a little.

    Args:
        flight: The flight.
        frame: Frame of its waypoints.
        fps: Poses a second.
        seed: Decides the swaying.
    """
    rng = np.random.default_rng(seed)
    places = _smoothed(_dense(flight, fps), max(1, round(flight.corner_s * fps)))
    times = np.arange(len(places)) / fps
    steps = np.gradient(places, axis=0)
    headings = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    sway = [_sway(times, rng) for _ in range(4)]
    exact = PoseErrors(0.0, 0.0, 0.0, 0.0)
    return [
        CameraPose(
            float(times[i]),
            LonLat(*frame.to_lonlat(float(places[i, 0]), float(places[i, 1]))),
            flight.height_m + 0.4 * float(sway[0][i]),
            math.degrees(float(headings[i])) % 360.0 + 0.5 * float(sway[1][i]),
            flight.pitch_deg + 0.4 * float(sway[2][i]),
            0.3 * float(sway[3][i]),
            exact,
        )
        for i in range(len(places))
    ]


def _dense(flight: Flight, fps: float) -> Floats:
    """Return a point a frame along the straight legs, float64 (N, 2)."""
    corners = np.asarray(flight.waypoints_m, dtype=np.float64)
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    way = np.arange(0.0, reached[-1], flight.speed_mps / fps)
    return np.column_stack([np.interp(way, reached, corners[:, axis]) for axis in (0, 1)])


def _smoothed(points: Floats, window: int) -> Floats:
    """Return running means, with the ends carried on straight."""
    lead = points[0] - (points[1] - points[0]) * np.arange(window, 0, -1)[:, None]
    tail = points[-1] + (points[-1] - points[-2]) * np.arange(1, window + 1)[:, None]
    padded = np.concatenate([lead, points, tail])
    kernel = np.hanning(2 * window + 1)
    kernel /= kernel.sum()
    return np.column_stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)])


def _sway(times_s: Floats, rng: np.random.Generator) -> Floats:
    """Return a slow wandering about zero, mostly within 1."""
    total = np.zeros_like(times_s)
    for period_s in (1.7, 4.3, 9.1):
        total += np.sin(2 * math.pi * (times_s / period_s + rng.random()))
    return total / 2.0


def measured(
    poses: Sequence[CameraPose], errors: PoseErrors, frame: LocalFrame, seed: int
) -> list[CameraPose]:
    """Return the poses as telemetry would tell them: with errors that wander slowly.

    Args:
        poses: True poses in order.
        errors: One-sigma errors of the telemetry, also stated in each pose.
        frame: A frame near the flight.
        seed: Decides the errors.
    """
    rng = np.random.default_rng(seed)
    sigmas = (errors.horizontal_m, errors.horizontal_m, errors.vertical_m, errors.heading_deg,
              errors.pitch_deg)  # fmt: skip
    noise = np.stack([sigma * _wandering(len(poses), rng) for sigma in sigmas], axis=1)
    return [_shifted(pose, row, errors, frame) for pose, row in zip(poses, noise, strict=True)]


def _wandering(count: int, rng: np.random.Generator, memory: float = 0.99) -> Floats:
    """Return a stationary first-order process of unit variance, float64 (count,)."""
    values = np.empty(count)
    values[0] = rng.normal()
    for index in range(1, count):
        values[index] = memory * values[index - 1] + math.sqrt(1 - memory**2) * rng.normal()
    return values


def _shifted(pose: CameraPose, row: Floats, errors: PoseErrors, frame: LocalFrame) -> CameraPose:
    east, north = frame.to_local(pose.position.lon_deg, pose.position.lat_deg)
    place = LonLat(*frame.to_lonlat(east + float(row[0]), north + float(row[1])))
    return replace(
        pose,
        position=place,
        height_ground_m=pose.height_ground_m + float(row[2]),
        heading_deg=(pose.heading_deg + float(row[3])) % 360.0,
        pitch_deg=pose.pitch_deg + float(row[4]),
        errors=errors,
    )
