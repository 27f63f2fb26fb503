"""Telling the wind by how a multirotor leans, where its autopilot does not tell it.

In steady flight the lean holds the drag of the air: m g tan(lean) less the force that accelerates
the mass equals half rho times drag area times the square of the airspeed (the drag of
`flight.planning.power`). Speed over ground less airspeed is the wind. A degree of trim error is
some metres per second in a hover and little in fast flight: an estimate, to be shown as one.
"""

import math
from dataclasses import dataclass

from flight.planning.power import GRAVITY_MPS2, PowerModel
from flight.planning.wind import Wind
from flight.states import VehicleState

_SMOOTH_S = 1.0  # of lean and velocity: shorter than a turn, longer than the noise
_WIND_SMOOTH_S = 15.0
_KNOWN_AFTER_S = 10.0
_GAP_S = 1.5
_CLEAR_OF_GROUND_M = 2.0
_MOST_LEAN_DEG = 60.0  # beyond it something else is going on


@dataclass(slots=True)
class _Smooth:
    """Lean and velocity of the last second, north and east."""

    time_boot_s: float
    push_mps2: tuple[float, float]
    velocity_mps: tuple[float, float]


class WindEstimator:
    """Follows one flight's snapshots.

    Args:
        power: The airframe: its mass and drag.
    """

    def __init__(self, power: PowerModel) -> None:
        self._drag_per_m = (
            0.5 * power.air_density_kg_m3 * power.drag_area_m2 / power.mass_kg
        )  # deceleration over the square of the airspeed
        self._smooth: _Smooth | None = None
        self._wind_mps = (0.0, 0.0)
        self._seen_s = 0.0

    @property
    def wind(self) -> Wind | None:
        """The wind of the last seconds; None before enough was flown."""
        if self._seen_s < _KNOWN_AFTER_S:
            return None
        return Wind(self._wind_mps[1], self._wind_mps[0])

    def look(self, state: VehicleState) -> None:
        """Take a snapshot."""
        push = _push_mps2(state)
        if push is None:
            self._smooth = None
            return
        before, velocity = self._smooth, (state.velocity_north_mps, state.velocity_east_mps)
        took_s = math.inf if before is None else state.time_boot_s - before.time_boot_s
        if before is None or not 0.0 <= took_s <= _GAP_S:
            self._smooth = _Smooth(state.time_boot_s, push, velocity)
            return
        if took_s == 0.0:
            return
        share = took_s / (_SMOOTH_S + took_s)
        before.time_boot_s = state.time_boot_s
        before.push_mps2 = _nearer(before.push_mps2, push, share)
        before.velocity_mps = _nearer(before.velocity_mps, velocity, share)
        self._settle(before, velocity, took_s)

    def _settle(self, now: _Smooth, velocity: tuple[float, float], took_s: float) -> None:
        # How far a smoothed velocity lags behind is its smoothed slope.
        drag = tuple(
            push - (new - old) / _SMOOTH_S
            for push, new, old in zip(now.push_mps2, velocity, now.velocity_mps, strict=True)
        )
        pull = math.hypot(*drag)
        air = math.sqrt(pull / self._drag_per_m) / pull if pull > 0.0 else 0.0
        wind = tuple(v - air * d for v, d in zip(now.velocity_mps, drag, strict=True))
        share = max(took_s / (_WIND_SMOOTH_S + took_s), took_s / (self._seen_s + took_s))
        self._wind_mps = _nearer(self._wind_mps, (wind[0], wind[1]), share)
        self._seen_s = min(self._seen_s + took_s, _WIND_SMOOTH_S)


def _nearer(
    old: tuple[float, float], new: tuple[float, float], share: float
) -> tuple[float, float]:
    return old[0] + share * (new[0] - old[0]), old[1] + share * (new[1] - old[1])


def _push_mps2(state: VehicleState) -> tuple[float, float] | None:
    """What the lean pushes with, over the mass, north and east; None if that tells nothing."""
    if state.position is None:  # nor is its speed known then
        return None
    if state.on_ground or not state.armed or state.height_home_m < _CLEAR_OF_GROUND_M:
        return None
    if max(abs(state.roll_deg), abs(state.pitch_deg)) > _MOST_LEAN_DEG:
        return None
    roll, pitch, yaw = map(math.radians, (state.roll_deg, state.pitch_deg, state.heading_deg))
    upright = math.cos(roll) * math.cos(pitch)
    lift_mps2 = GRAVITY_MPS2 / upright
    ahead = -math.cos(roll) * math.sin(pitch) * lift_mps2
    right = math.sin(roll) * lift_mps2
    north = ahead * math.cos(yaw) - right * math.sin(yaw)
    return north, ahead * math.sin(yaw) + right * math.cos(yaw)
