"""Telling a position that leaps, or is lost, from an aircraft that flies there.

Receivers jump when they are jammed, spoofed or reset; the aircraft does not. What telemetry shows
after a leap is where the autopilot believes it is, and every judgement that follows is about that.
"""

import math
from dataclasses import dataclass

from flight.states import VehicleState
from geofences.geodesy import LonLat, bearing_deg, distance_m

_FASTEST_MPS = 35.0  # a patrol multirotor at full speed before a storm
_WANDERS_M = 5.0  # what an estimate is corrected by now and then
_FIX = 3  # GPS_FIX_TYPE: three dimensions
_DOUBT_LASTS_S = 30.0
_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True, slots=True)
class _Seen:
    time_boot_s: float
    position: LonLat


class PositionWatch:
    """Compares each snapshot of one flight with the one before."""

    def __init__(self) -> None:
        self._last: _Seen | None = None
        self._had_fix: bool | None = None
        self._leapt_at_s = -math.inf

    def in_doubt(self, time_boot_s: float) -> bool:
        """Tell whether a leap was so lately that the position should not be relied on."""
        return 0.0 <= time_boot_s - self._leapt_at_s <= _DOUBT_LASTS_S

    def look(self, state: VehicleState) -> str:
        """Return what is wrong with a position in flight, in words; empty if nothing new is."""
        told = [self._leap(state), self._fix(state)]
        return "; ".join(text for text in told if text)

    def _leap(self, state: VehicleState) -> str:
        before = self._last
        if state.position is None:
            return ""
        if before is not None and state.time_boot_s == before.time_boot_s:
            return ""
        self._last = _Seen(state.time_boot_s, state.position)
        if before is None or state.on_ground:
            return ""
        took_s = state.time_boot_s - before.time_boot_s
        away_m = distance_m(before.position, state.position)
        # Late packets and reboots turn the clock back; either way nothing has leapt.
        if took_s < 0.0 or away_m <= _WANDERS_M + _FASTEST_MPS * took_s:
            return ""
        self._leapt_at_s = state.time_boot_s
        towards = _WINDS[round(bearing_deg(before.position, state.position) / 45.0) % 8]
        return (
            f"WARNING: the position leapt {away_m:.0f} m to the {towards} in {took_s:.1f} s, which "
            "no aircraft flies: its receivers are disturbed, deceived or were reset. It may still "
            "be where it was; look for it with your eyes"
        )

    def _fix(self, state: VehicleState) -> str:
        has_fix = state.gps_fix >= _FIX
        had_fix, self._had_fix = self._had_fix, has_fix
        if state.on_ground or had_fix is None or had_fix == has_fix:
            return ""
        if has_fix:
            return "its receivers have a position again"
        return "WARNING: its receivers have lost their position in flight"
