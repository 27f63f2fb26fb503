"""Which way something points: three angles, and the axes that they turn.

Heading is clockwise from true north, pitch positive upwards, roll positive with the right side
lower; they turn in this order, each about the axis that the one before has turned (the aerospace
sequence, as in MISB ST 0601). Axes are columns: right, down and forward, in east, north, up.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_STRAIGHT = math.cos(math.radians(0.05))


def axes_enu(heading_deg: float, pitch_deg: float, roll_deg: float) -> FloatArray:
    """Right, down and forward axes as columns of a rotation, (3, 3), in east, north, up."""
    ch, sh = math.cos(math.radians(heading_deg)), math.sin(math.radians(heading_deg))
    cp, sp = math.cos(math.radians(pitch_deg)), math.sin(math.radians(pitch_deg))
    cr, sr = math.cos(math.radians(roll_deg)), math.sin(math.radians(roll_deg))
    forward = np.array([sh * cp, ch * cp, sp])
    level_right = np.array([ch, -sh, 0.0])
    level_down = np.array([sh * sp, ch * sp, -cp])
    right = cr * level_right + sr * level_down
    down = cr * level_down - sr * level_right
    return np.column_stack([right, down, forward])


def angles_deg(axes: FloatArray) -> tuple[float, float, float]:
    """Heading (0 to 360), pitch and roll of axes as `axes_enu` gives them.

    Straight up or down, heading and roll turn about one axis: all of it is told as heading.
    """
    right, down, forward = axes.T
    pitch = math.asin(max(-1.0, min(1.0, float(forward[2]))))
    if abs(forward[2]) > _STRAIGHT:
        top = -down if forward[2] < 0.0 else down
        return math.degrees(math.atan2(top[0], top[1])) % 360.0, math.degrees(pitch), 0.0
    heading = math.atan2(forward[0], forward[1])
    _, level_down, _ = axes_enu(math.degrees(heading), math.degrees(pitch), 0.0).T
    level_right = np.array([math.cos(heading), -math.sin(heading), 0.0])
    roll = math.atan2(float(right @ level_down), float(right @ level_right))
    return math.degrees(heading) % 360.0, math.degrees(pitch), math.degrees(roll)


def mounted(carrier: FloatArray, mount: FloatArray) -> FloatArray:
    """Axes of a camera whose angles are told against the aircraft that carries it.

    Args:
        carrier: axes of the aircraft, (3, 3).
        mount: axes of the camera as if the aircraft flew level and north, (3, 3).
    """
    right, down, forward = carrier.T
    return np.asarray(np.column_stack([right, forward, -down]) @ mount, np.float64)
