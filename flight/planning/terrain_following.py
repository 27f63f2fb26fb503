"""Heights over a route that follow the ground, with as few added points as possible.

The ground under every leg is taken from the terrain exactly (`Terrain.under`), thinned to what the
tolerance can spare, and turned into a band of altitudes: between the clearance and the ceiling
always, and within the tolerance of the wanted height wherever the climb limits allow. Where they do
not, as over a ditch narrower than a descent, the flight stays high rather than low, and the place
is reported. The band is then flown with the fewest points (`flight.planning.height_band`).
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError, TerrainError
from flight.planning.height_band import Band, Gradients, fewest_points
from flight.planning.limits import LEGAL_CEILING_M
from flight.planning.route_ground import CLEARANCE_M, GroundBelow, RouteGround, Run, ground_under
from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat
from geofences.ground_profile import PROFILE_ERROR_M

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

LEAST_TOLERANCE_M = 1.0
"""Less than this is below what any elevation model knows."""

# Rounding of positions to 1e-7 degrees and of heights to centimetres, on a steep slope.
_ROUNDING_M = 0.05
_THINNED_SHARE = 0.1  # of the tolerance; more saves few knots and costs points
_THINNED_MOST_M = 0.5
_SHORTEST_LEG_M = 1e-6


@dataclass(frozen=True, slots=True)
class HeightRule:
    """How high to fly above the ground, and how steeply.

    Attributes:
        height_ground_m: What is wanted above the ground right below.
        tolerance_m: By how much the height may differ from that.
        clearance_m: The least height above ground, whatever the tolerance says.
        ceiling_m: The greatest height above ground, whatever the tolerance says.
        climb_gradient: Metres up per metre over ground: climb rate over ground speed.
        descent_gradient: Metres down per metre over ground.
    """

    height_ground_m: float
    tolerance_m: float = 10.0
    clearance_m: float = CLEARANCE_M
    ceiling_m: float = LEGAL_CEILING_M
    climb_gradient: float = 0.25
    descent_gradient: float = 0.15

    def __post_init__(self) -> None:
        if not LEAST_TOLERANCE_M <= self.tolerance_m < math.inf:
            raise PlanningError(
                f"A tolerance of {self.tolerance_m:g} m is finer than any knowledge of the ground; "
                f"give {LEAST_TOLERANCE_M:g} m or more."
            )
        if not 0.0 < self.clearance_m < self.ceiling_m < math.inf:
            raise PlanningError(
                f"Between a clearance of {self.clearance_m:g} m and a ceiling of "
                f"{self.ceiling_m:g} m there is no height to fly at; give a clearance above zero "
                "and a ceiling above it."
            )
        if not self.clearance_m <= self.height_ground_m <= self.ceiling_m:
            raise PlanningError(
                f"{self.height_ground_m:g} m above ground is not between the clearance of "
                f"{self.clearance_m:g} m and the ceiling of {self.ceiling_m:g} m; wish for another."
            )
        if not (0.0 < self.climb_gradient < math.inf and 0.0 < self.descent_gradient < math.inf):
            raise PlanningError("An aircraft must climb and descend; give gradients above zero.")

    @property
    def gradients(self) -> Gradients:
        """The climb limits."""
        return Gradients(self.climb_gradient, self.descent_gradient)


@dataclass(frozen=True, slots=True)
class Departure:
    """A stretch whose height above ground is outside the tolerance, as climb or ceiling demand.

    Attributes:
        position: Where it begins.
        length_m: How far it goes.
        lowest_height_ground_m: The least height above ground on it.
        highest_height_ground_m: The greatest.
    """

    position: LonLat
    length_m: float
    lowest_height_ground_m: float
    highest_height_ground_m: float


@dataclass(frozen=True, slots=True)
class UnknownStretch:
    """A stretch over ground that the terrain does not know; its heights are a guess between ends.

    Attributes:
        position: Where it begins.
        length_m: How far it goes.
    """

    position: LonLat
    length_m: float


@dataclass(frozen=True, slots=True, eq=False)
class FollowedRoute:
    """A route with a height for each point.

    Attributes:
        points_m: float64, (M, 2), metres; the route's own points in order, and those put in.
        height_home_m: float64, (M,), above the take-off point.
        route_index: int64, (M,): which point of the route each is; -1 for those put in.
        departures: Where the tolerance cannot be kept.
        unknown: Where the ground is not known; empty unless gaps were to be bridged.
    """

    points_m: FloatArray
    height_home_m: FloatArray
    route_index: IntArray
    departures: tuple[Departure, ...]
    unknown: tuple[UnknownStretch, ...]


def follow_terrain(
    route_m: FloatArray, below: GroundBelow, rule: HeightRule, *, bridge_gaps: bool = False
) -> FollowedRoute:
    """Give every point of a route a height, and put in points where the ground asks for them.

    Args:
        route_m: float64, (N, 2), metres of `below.frame`, flown in straight lines.
        below: The ground.
        rule: How high, and how steeply.
        bridge_gaps: Go on over unknown ground as if it ran straight from edge to edge, and report
            each such stretch; otherwise unknown ground is an error.

    Returns:
        The route with heights. At every metre of it, not only at its points, the height above
        known ground is between clearance and ceiling, and outside `departures` within the
        tolerance.

    Raises:
        TerrainError: ground is unknown, leaves no room between clearance and ceiling, or is too
            steep for the climb limits; its findings say where.
        ElevationFileError: a file of the terrain cannot be read.
    """
    route_m = np.asarray(route_m, dtype=np.float64).reshape(-1, 2)
    group = _groups(route_m)
    first = np.searchsorted(group, np.arange(group[-1] + 1))
    ground = ground_under(route_m[first], below, rule.ceiling_m)
    if np.isnan(ground.alt_amsl_m).any():
        ground = _bridged(ground, bridge_gaps=bridge_gaps)
    thinned_m = min(_THINNED_SHARE * rule.tolerance_m, _THINNED_MOST_M)
    thin = ground.thinned(thinned_m)
    band = _band(thin, rule, thinned_m + PROFILE_ERROR_M + _ROUNDING_M)
    chosen, alt_amsl_m = fewest_points(band, rule.gradients)
    at, route_index = _listed(thin.corner[chosen], group)
    points_m = thin.points_m[chosen][at]
    points_m[route_index >= 0] = route_m
    flown_alt_m = np.interp(ground.distance_m, thin.distance_m[chosen], alt_amsl_m)
    return FollowedRoute(
        points_m=points_m,
        height_home_m=alt_amsl_m[at] - below.home_alt_amsl_m,
        route_index=route_index,
        departures=_departures(ground, flown_alt_m, rule),
        unknown=tuple(
            UnknownStretch(run.position, run.length_m) for run in ground.runs(ground.unknown)
        ),
    )


def _groups(route_m: FloatArray) -> IntArray:
    """The same number for points in one place, one after the other."""
    if not len(route_m):
        raise PlanningError("A route without points has no heights; give at least one.")
    moved = np.hypot(*np.diff(route_m, axis=0).T) > _SHORTEST_LEG_M
    return np.concatenate([[0], np.cumsum(moved)]).astype(np.int64)


def _bridged(ground: RouteGround, *, bridge_gaps: bool) -> RouteGround:
    """Unknown ground as straight lines from edge to edge, if that is wanted."""
    if bridge_gaps and not np.isnan(ground.alt_amsl_m).all():
        return ground.bridged()
    # A route that is one unknown point has no stretch.
    runs = ground.runs(ground.unknown) or (Run(0, 0, ground.place(0), 0.0),)
    findings = tuple(
        _error(
            "terrain.unknown",
            f"From {in_words(run.position)} the terrain has no heights for {run.length_m:.0f} m. "
            "Add the missing tiles, or let gaps be bridged where some ground is known.",
            run.position,
        )
        for run in runs
    )
    raise TerrainError(
        f"The ground under {sum(run.length_m for run in runs):.0f} m of the route is not known. "
        f"{findings[0].message}",
        findings,
    )


def _band(ground: RouteGround, rule: HeightRule, margin_m: float) -> Band:
    """Where to fly: what must be kept, and within that what is wanted as far as climbing allows."""
    along, ground_m, gradients = ground.distance_m, ground.alt_amsl_m, rule.gradients
    ceiling_m = np.full(len(along), rule.ceiling_m)
    ceiling_m[1:] = np.minimum(ceiling_m[1:], ground.ceiling_m)
    ceiling_m[:-1] = np.minimum(ceiling_m[:-1], ground.ceiling_m)
    floor, roof = ground_m + rule.clearance_m + margin_m, ground_m + ceiling_m - margin_m
    _refuse_no_room(ground, roof - floor, rule)
    highest = gradients.lowered(along, roof)
    _refuse_too_steep(ground, highest - gradients.raised(along, floor), gradients)
    low_wish = np.maximum(floor, ground_m + rule.height_ground_m - rule.tolerance_m + margin_m)
    high_wish = np.minimum(roof, ground_m + rule.height_ground_m + rule.tolerance_m - margin_m)
    low = np.minimum(gradients.raised(along, low_wish), highest)
    high = np.maximum(gradients.lowered(along, high_wish), low)
    wanted = np.clip(ground_m + rule.height_ground_m, low, high)
    return Band(along, low, high, wanted, ground.corner)


def _refuse_no_room(ground: RouteGround, room_m: FloatArray, rule: HeightRule) -> None:
    worst = int(room_m.argmin())
    if room_m[worst] < 0.0:
        place = ground.place(worst)
        message = (
            f"At {in_words(place)} a ceiling leaves no room above the clearance of "
            f"{rule.clearance_m:g} m. Go round it, or plan with less clearance."
        )
        raise TerrainError(message, (_error("terrain.no_room", message, place),))


def _refuse_too_steep(ground: RouteGround, room_m: FloatArray, gradients: Gradients) -> None:
    worst = int(room_m.argmin())
    if room_m[worst] < 0.0:
        place = ground.place(worst)
        message = (
            f"At {in_words(place)} the ground is too steep: climbing {gradients.climb:.0%} and "
            f"descending {gradients.descent:.0%}, between clearance and ceiling "
            f"{-room_m[worst]:.0f} m are missing. Plan slower, with less clearance, or along the "
            "slope."
        )
        raise TerrainError(message, (_error("terrain.too_steep", message, place),))


def _listed(corner: BoolArray, group: IntArray) -> tuple[IntArray, IntArray]:
    """For each point of the result the chosen knot, and the route's own point or -1."""
    at: list[int] = []
    route_index: list[int] = []
    own = iter(itertools.groupby(range(len(group)), key=group.tolist().__getitem__))
    for knot, is_corner in enumerate(corner.tolist()):
        here = list(next(own)[1]) if is_corner else [-1]
        at += [knot] * len(here)
        route_index += here
    return np.array(at, dtype=np.int64), np.array(route_index, dtype=np.int64)


def _departures(
    ground: RouteGround, flown_alt_m: FloatArray, rule: HeightRule
) -> tuple[Departure, ...]:
    height_m = flown_alt_m - ground.alt_amsl_m
    beyond = np.abs(height_m - rule.height_ground_m) > rule.tolerance_m
    outside = (beyond[1:] | beyond[:-1]) & ~ground.unknown
    return tuple(
        Departure(
            run.position,
            run.length_m,
            float(height_m[run.first : run.last + 1].min()),
            float(height_m[run.first : run.last + 1].max()),
        )
        for run in ground.runs(outside)
    )


def _error(code: str, message: str, place: LonLat) -> Finding:
    return Finding(code, Severity.ERROR, "route", message, place)


def in_words(place: LonLat) -> str:
    """A place as operators read it."""
    return f"{place.lat_deg:.6f} N, {place.lon_deg:.6f} E"
