"""The straight way home from every waypoint, which a failsafe flies at one height.

A return first climbs to the highest item of its mission (docs/decisions/0035) and then flies
straight home, or to the rally point that is nearer, whatever ground lies between. A rally point
higher than the mission raises every return (docs/decisions/0128).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.missions import Mission
from flight.planning.flown import Flown
from flight.planning.height_above_ground import Extreme, HeightsAboveGround
from flight.planning.route_ground import GroundBelow
from flight.planning.terrain_following import in_words
from geofences.checks import Finding, Severity
from geofences.ground_profile import PROFILE_ERROR_M

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Returns:
    """Straight ways from some items to one place, all at one height above home."""

    items: tuple[int, ...]
    legs_m: FloatArray
    height_home_m: float
    to: str


def lowest_return_height_m(
    points_m: FloatArray, home_m: FloatArray, below: GroundBelow, clearance_m: float
) -> float:
    """The lowest height above home at which every straight way home clears the ground.

    A mission whose take-off climbs to it returns at it (docs/decisions/0035).

    Args:
        points_m: float64, (N, 2), from where a failsafe may return, metres of `below.frame`.
        home_m: float64, (2,).
        below: The ground; where it is unknown nothing is asked for.
        clearance_m: The least height above ground on the way.

    Returns:
        Metres above home; minus infinity if no ground is known.
    """
    points_m = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
    legs_m = np.stack([points_m, np.broadcast_to(home_m, points_m.shape)], axis=1)
    ground_m = below.terrain.under(legs_m, below.frame).alt_amsl_m
    highest_m = np.fmax.reduce(ground_m, initial=-np.inf)
    return float(highest_m + PROFILE_ERROR_M + clearance_m - below.home_alt_amsl_m)


def return_height_m(mission: Mission) -> float:
    """The height above home at which an aircraft returns: its highest item's or rally point's."""
    heights_m = [item.height_home_m for item in mission.items if item.flown_to is not None]
    heights_m += [rally.height_home_m for rally in mission.rally]
    return max((height_m for height_m in heights_m if height_m is not None), default=0.0)


def check_returns(
    flown: Flown,
    below: GroundBelow,
    clearance_m: float,
    ceiling_m: float,
    if_unknown: Severity = Severity.WARNING,
) -> Iterator[Finding]:
    """Whether failsafe returns clear the ground, and stay below the ceiling.

    Args:
        flown: The mission.
        below: The ground.
        clearance_m: The least height above ground; less is an error.
        ceiling_m: The greatest height above ground; more is a warning, because a failsafe is an
            emergency.
        if_unknown: How bad a way over unknown ground is.
    """
    for returns in _all_returns(flown):
        if _surely_fine(returns, below, clearance_m, ceiling_m):
            continue
        heights_m = np.full((len(returns.items), 2), returns.height_home_m)
        measured = HeightsAboveGround.along(returns.legs_m, heights_m, below)
        low = sorted(measured.lowest(clearance_m), key=lambda worst: worst.height_ground_m)
        if low:
            yield _too_low(flown, returns, low, clearance_m)
        high = sorted(measured.highest(ceiling_m), key=lambda worst: -worst.height_ground_m)
        if high:
            yield _too_high(flown, returns, high, ceiling_m)
        gaps = np.flatnonzero(measured.profile.unknown)
        if len(gaps):
            yield _unknown(flown, returns, measured, gaps, if_unknown)


def _all_returns(flown: Flown) -> Iterator[_Returns]:
    height_m = return_height_m(flown.mission)
    ends_m = np.array([place for _, place in flown.refuges])
    points_m = np.array([flown.frame.to_local(p.lon_deg, p.lat_deg) for _, p in flown.stops[1:]])
    items = np.array([index for index, _ in flown.stops[1:]])
    nearest = np.hypot(*(points_m[:, None] - ends_m[None]).T).argmin(axis=0)
    for number, (words, _) in enumerate(flown.refuges):
        chosen = nearest == number
        if chosen.any():
            starts = points_m[chosen]
            legs_m = np.stack([starts, np.broadcast_to(ends_m[number], starts.shape)], axis=1)
            yield _Returns(tuple(items[chosen].tolist()), legs_m, height_m, words)


def _surely_fine(
    returns: _Returns, below: GroundBelow, clearance_m: float, ceiling_m: float
) -> bool:
    """Whether even the highest and the lowest ground all around leave nothing to find."""
    places_m = returns.legs_m.reshape(-1, 2)
    around = shapely.box(*(places_m.min(axis=0) - 1.0), *(places_m.max(axis=0) + 1.0))
    ground = below.terrain.range_in(below.frame.geometry_to_lonlat(around.segmentize(1000.0)))
    alt_m = below.home_alt_amsl_m + returns.height_home_m
    return (
        ground.whole
        and alt_m - ground.highest_alt_amsl_m > clearance_m + PROFILE_ERROR_M
        and alt_m - ground.lowest_alt_amsl_m < ceiling_m - PROFILE_ERROR_M
    )


def _too_low(flown: Flown, returns: _Returns, low: list[Extreme], clearance_m: float) -> Finding:
    worst = low[0]
    needed_m = math.ceil(returns.height_home_m + clearance_m - worst.height_ground_m)
    how = "above" if worst.height_ground_m > 0.0 else "BELOW"
    return Finding(
        "return.low_clearance",
        Severity.ERROR,
        flown.mission.mission_id,
        f"From {len(low)} waypoints (worst: item {returns.items[worst.leg]}) the straight way "
        f"{returns.to} at {returns.height_home_m:.1f} m above home is "
        f"{abs(worst.height_ground_m):.1f} m {how} the ground at {in_words(worst.position)}; a "
        f"failsafe would fly it. Take off to {needed_m} m or higher, so that the aircraft "
        "returns there, or use another dock.",
        worst.position,
        excess=clearance_m - worst.height_ground_m,
    )


def _too_high(flown: Flown, returns: _Returns, high: list[Extreme], ceiling_m: float) -> Finding:
    worst = high[0]
    return Finding(
        "return.above_ceiling",
        Severity.WARNING,
        flown.mission.mission_id,
        f"From {len(high)} waypoints (worst: item {returns.items[worst.leg]}) a failsafe's "
        f"straight way {returns.to} at {returns.height_home_m:.1f} m above home is "
        f"{worst.height_ground_m:.1f} m above the ground at {in_words(worst.position)}, above the "
        f"ceiling of {ceiling_m:g} m. Be ready to bring it down, or use a dock nearer the work.",
        worst.position,
        excess=worst.height_ground_m - ceiling_m,
    )


def _unknown(
    flown: Flown,
    returns: _Returns,
    measured: HeightsAboveGround,
    gaps: NDArray[np.int64],
    if_unknown: Severity,
) -> Finding:
    crossing = np.unique(measured.profile.leg[gaps])
    place = measured.position(int(gaps[0]))
    return Finding(
        "return.unknown",
        if_unknown,
        flown.mission.mission_id,
        f"From {len(crossing)} waypoints (first: item {returns.items[crossing[0]]}) a failsafe's "
        f"straight way {returns.to} leads over ground that is not known, as at {in_words(place)}, "
        "so its clearance is not checked there. Add the missing elevation tiles.",
        place,
    )
