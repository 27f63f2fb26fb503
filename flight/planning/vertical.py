"""Take-off and landing as ArduPilot flies them: speeds that build up and settle.

Near a height the climb rate is what still stops there: proportional to what is left within the
last stretch, and with constant deceleration before it (the square-root controller; gain of the
position loop 1 per second, PSC_POSZ_P). A take-off counts as done below a tenth of the climb speed.
A landing slows in the same way towards the height at which the final descent begins (LAND_ALT_LOW).
"""

import math

_TAKEN_OFF_SHARE = 0.1
_FINAL_BELOW_M = 10.0


def settling(distance_speed: float, deceleration: float) -> tuple[float, float]:
    """Time and distance in which a controlled speed falls to zero, to where it is proportional.

    Args:
        distance_speed: The speed to begin with, m/s.
        deceleration: m/s2; with a gain of 1 per second also the speed below which the end is an
            exponential approach.

    Returns:
        Seconds until that speed, and metres that are left when the settling begins.
    """
    if distance_speed <= deceleration:
        return 0.0, distance_speed
    time_s = (distance_speed - deceleration) / deceleration
    distance_m = (distance_speed**2 + deceleration**2) / (2.0 * deceleration)
    return time_s, distance_m


def climb_time_s(height_m: float, speed_mps: float, acceleration_mps2: float) -> float:
    """Time from leaving the ground until the take-off counts as done.

    Args:
        height_m: To climb.
        speed_mps: Climb speed.
        acceleration_mps2: Vertical.

    Returns:
        Seconds; the last tenth of the climb speed is left to the leg that follows.
    """
    end_mps = _TAKEN_OFF_SHARE * speed_mps
    peak = _reachable(height_m, speed_mps, acceleration_mps2)
    slowing_s, left_m = settling(peak, acceleration_mps2)
    approach_s = math.log(max(1.0, min(peak, acceleration_mps2) / end_mps))
    speeding_s = peak / acceleration_mps2
    flat_m = height_m - peak * speeding_s / 2.0 - left_m
    return speeding_s + max(0.0, flat_m) / peak + slowing_s + approach_s


def descent_times_s(
    height_m: float, speed_mps: float, final_mps: float, acceleration_mps2: float
) -> tuple[float, float]:
    """Time of the fast and of the final part of a landing.

    Args:
        height_m: Above the ground.
        speed_mps: Descent speed.
        final_mps: Speed of the final part.
        acceleration_mps2: Vertical.

    Returns:
        Seconds above and below the height where the final descent is reached; that height lies as
        far above ten metres as the controller needs.
    """
    final_mps = min(final_mps, speed_mps)
    final_below_m = _FINAL_BELOW_M + min(
        final_mps, (final_mps**2 + acceleration_mps2**2) / (2.0 * acceleration_mps2)
    )
    fast_m = height_m - final_below_m
    if fast_m <= 0.0:
        return 0.0, height_m / final_mps + final_mps / (2.0 * acceleration_mps2)
    peak = _fast_peak(fast_m, speed_mps, final_mps, acceleration_mps2)
    slowing_s, slowing_m = _slowing(peak, final_mps, acceleration_mps2)
    speeding_s = peak / acceleration_mps2
    flat_m = fast_m - peak * speeding_s / 2.0 - slowing_m
    fast_s = speeding_s + max(0.0, flat_m) / peak + slowing_s
    return fast_s, final_below_m / final_mps


def _slowing(peak: float, final: float, acceleration: float) -> tuple[float, float]:
    """Time and distance from a descent speed to the final one."""
    slowing_s, left_m = settling(peak, acceleration)
    low = min(peak, acceleration)
    if final >= low:
        time_s = max(0.0, peak - final) / acceleration
        return time_s, time_s * (peak + final) / 2.0
    return slowing_s + math.log(low / final), left_m - final


def _reachable(height_m: float, speed: float, acceleration: float) -> float:
    """The speed at which speeding up and settling fill the whole height."""
    low, high = 1e-3, speed
    for _ in range(40):
        middle = 0.5 * (low + high)
        used = middle**2 / (2.0 * acceleration) + settling(middle, acceleration)[1]
        low, high = (middle, high) if used <= height_m else (low, middle)
    return low


def _fast_peak(fast_m: float, speed: float, final: float, acceleration: float) -> float:
    low, high = min(final, speed), speed
    for _ in range(40):
        middle = 0.5 * (low + high)
        used = middle**2 / (2.0 * acceleration) + _slowing(middle, final, acceleration)[1]
        low, high = (middle, high) if used <= fast_m else (low, middle)
    return low
