"""Whether an aircraft is inside its bounds, how far their edges are, and how soon it is over one.

Bounds are prepared once for a mission; each check then takes a fraction of a millisecond. All plane
geometry is in metres of a local frame, heights are above home.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.missions import Fence
from geofences.geodesy import LocalFrame

FloatArray = NDArray[np.float64]
Velocity = tuple[float, float, float]

_STANDING = 1e-9  # slower than this, nothing is ever reached
_CLOSE_M = 1e-6  # nearer to an edge than this, shapely decides on which side a point is


@dataclass(frozen=True, slots=True)
class Bound:
    """A polygon that an aircraft must stay in, or must stay out of between two heights.

    Attributes:
        name: For people.
        polygon: Metres; its edge belongs to it.
        stay_in: Whether the aircraft must be inside it, at every height.
        lower_home_m: From where on up a polygon to stay out of is closed.
        upper_home_m: Up to where.

    Raises:
        ValueError: The polygon is empty or invalid, or the heights are the wrong way round.
    """

    name: str
    polygon: shapely.Polygon
    stay_in: bool
    lower_home_m: float = -math.inf
    upper_home_m: float = math.inf

    def __post_init__(self) -> None:
        if self.polygon.is_empty or not self.polygon.is_valid:
            raise ValueError(f"The bound {self.name!r} needs a valid polygon; redraw it.")
        if not self.lower_home_m <= self.upper_home_m:
            raise ValueError(f"The bound {self.name!r} begins above its end.")
        if self.stay_in and (self.lower_home_m > -math.inf or self.upper_home_m < math.inf):
            raise ValueError(f"The bound {self.name!r} is to be stayed in, at every height.")


@dataclass(frozen=True, slots=True)
class Reactions:
    """What decides how much room a stop takes.

    Attributes:
        braking_mps2: Deceleration.
        latency_s: From what telemetry shows to the beginning of the braking.
        position_error_m: Of the navigation, horizontally.
        wind_mps: Carries the aircraft on while it reacts.
    """

    braking_mps2: float = 2.5
    latency_s: float = 1.0
    position_error_m: float = 2.0
    wind_mps: float = 0.0

    def __post_init__(self) -> None:
        others = (self.latency_s, self.position_error_m, self.wind_mps)
        if not (0.0 < self.braking_mps2 < math.inf and all(0.0 <= x < math.inf for x in others)):
            raise ValueError(f"Reactions are numbers from 0, braking above 0, not {self}.")

    def stopping_m(self, speed_mps: float) -> float:
        """Room that a stop from a speed takes: v^2/2a + latency (v + wind) + position error."""
        reacting_m = self.latency_s * (speed_mps + self.wind_mps)
        return speed_mps**2 / (2.0 * self.braking_mps2) + reacting_m + self.position_error_m


@dataclass(frozen=True, slots=True)
class BreachStatus:
    """How an aircraft stands to its bounds.

    Attributes:
        breached: Names of the bounds it is on the wrong side of.
        distance_m: To the nearest edge of a bound that matters at its height; infinite if none.
        breach_in_s: At its present velocity; 0 if breached, infinite if never.
        planned_breach_in_s: Along the way it is about to fly, at its present speed; None if no
            way was given.
        stopping_m: Room that a stop would take.
        margin_m: What is left of the way to the breach after a stop; below 0 it is too late to
            stop in time, infinite if no breach lies ahead horizontally.
    """

    breached: tuple[str, ...]
    distance_m: float
    breach_in_s: float
    planned_breach_in_s: float | None
    stopping_m: float
    margin_m: float

    @property
    def inside(self) -> bool:
        """Whether no bound is breached."""
        return not self.breached


class BreachWatch:
    """The bounds of one mission, prepared for checking often."""

    def __init__(
        self,
        bounds: Sequence[Bound],
        ceiling_home_m: float = math.inf,
        reactions: Reactions | None = None,
    ) -> None:
        """Prepare.

        Args:
            bounds: What to stay in, all of it, and what to stay out of.
            ceiling_home_m: The greatest height above home.
            reactions: How the aircraft stops.
        """
        self._bounds = tuple(bounds)
        self._ceiling_home_m = ceiling_home_m
        self._reactions = reactions or Reactions()
        for bound in self._bounds:
            shapely.prepare(bound.polygon)
        rings = [_edges(bound.polygon) for bound in self._bounds]
        starts = [0, *np.cumsum([len(ring) for ring in rings])]
        self._firsts = np.array(starts[:-1], dtype=np.intp)
        edges = np.vstack([np.zeros((0, 4)), *rings])
        self._x, self._y = edges[:, 0].copy(), edges[:, 1].copy()
        self._dx, self._dy = edges[:, 2] - self._x, edges[:, 3] - self._y
        self._ends_y = edges[:, 3].copy()
        self._squared = np.maximum(self._dx**2 + self._dy**2, 1e-300)
        self._slope = self._dx / np.where(self._dy == 0.0, 1.0, self._dy)
        counts = [len(ring) for ring in rings]
        self._of_edge = np.repeat(np.arange(len(rings)), counts)
        self._lower = np.array([bound.lower_home_m for bound in self._bounds])
        self._upper = np.array([bound.upper_home_m for bound in self._bounds])
        self._edge_lower = self._lower[self._of_edge] if rings else np.zeros(0)
        self._edge_upper = self._upper[self._of_edge] if rings else np.zeros(0)
        self._stay_in = np.array([bound.stay_in for bound in self._bounds], dtype=np.bool_)
        self._layered = tuple(
            bound
            for bound in self._bounds
            if bound.lower_home_m > -math.inf or bound.upper_home_m < math.inf
        )

    def check(
        self,
        position: tuple[float, float],
        velocity_mps: Velocity,
        height_home_m: float,
        planned: FloatArray | None = None,
    ) -> BreachStatus:
        """Judge one snapshot.

        Args:
            position: Metres east and north in the frame of the bounds.
            velocity_mps: East, north, up, over ground.
            height_home_m: Above home.
            planned: float64, (K, 2): the next points of the way, the position not among them; it
                is judged at the present height.

        Returns:
            The status. A position, velocity or height that is no finite number counts as a breach.
        """
        speed = math.hypot(velocity_mps[0], velocity_mps[1])
        if not all(map(math.isfinite, (*position, *velocity_mps, height_home_m))):
            return BreachStatus(("unknown position",), 0.0, 0.0, None, math.inf, -math.inf)
        stopping_m = self._reactions.stopping_m(speed)
        x, y = position[0] - self._x, position[1] - self._y
        squared_m2 = self._squared_distances(x, y)
        near_m2 = float(self._at_height(squared_m2, height_home_m).min(initial=math.inf))
        breached = self._breached(position, (y, squared_m2), height_home_m)
        hit_s = self._hit_s((x, y), velocity_mps, height_home_m)
        breach_s = min(hit_s, self._vertical_s(position, velocity_mps, height_home_m))
        planned_s = (
            None if planned is None else self._planned_s(position, planned, height_home_m, speed)
        )
        return BreachStatus(
            breached,
            math.sqrt(near_m2),
            0.0 if breached else breach_s,
            0.0 if breached and planned is not None else planned_s,
            stopping_m,
            -stopping_m
            if breached
            else hit_s * speed - stopping_m
            if speed > _STANDING
            else math.inf,
        )

    def breached_at(self, position: tuple[float, float], height_home_m: float) -> tuple[str, ...]:
        """Return the names of the bounds that a place is on the wrong side of.

        Args:
            position: Metres east and north in the frame of the bounds.
            height_home_m: Above home.
        """
        x, y = position[0] - self._x, position[1] - self._y
        return self._breached(position, (y, self._squared_distances(x, y)), height_home_m)

    def _at_height(self, squared_m2: FloatArray, height: float) -> FloatArray:
        """The distances to edges of bounds that matter at a height."""
        if not self._layered:
            return squared_m2
        return squared_m2[(self._edge_lower <= height) & (height <= self._edge_upper)]

    def _squared_distances(self, x: FloatArray, y: FloatArray) -> FloatArray:
        share = (x * self._dx + y * self._dy) / self._squared
        np.clip(share, 0.0, 1.0, out=share)
        across_x, across_y = x - share * self._dx, y - share * self._dy
        squared: FloatArray = across_x * across_x + across_y * across_y
        return squared

    def _breached(
        self, position: tuple[float, float], seen: tuple[FloatArray, FloatArray], height: float
    ) -> tuple[str, ...]:
        if not self._bounds:
            return ("ceiling",) if height > self._ceiling_home_m else ()
        below, squared_m2 = seen
        # Even-odd rule: edges that a ray to the east crosses.
        spans = (below < 0.0) != (position[1] < self._ends_y)
        east = self._x + below * self._slope > position[0]
        crossings = np.add.reduceat((spans & east).astype(np.int64), self._firsts)
        inside = crossings % 2 == 1
        close = np.minimum.reduceat(squared_m2, self._firsts) < _CLOSE_M**2
        for index in np.flatnonzero(close).tolist():
            inside[index] = shapely.intersects_xy(self._bounds[index].polygon, *position)
        closed = (self._lower <= height) & (height <= self._upper)
        wrong = np.where(self._stay_in, ~inside, inside & closed)
        names = tuple(self._bounds[index].name for index in np.flatnonzero(wrong).tolist())
        return (*names, "ceiling") if height > self._ceiling_home_m else names

    def _hit_s(
        self, offset: tuple[FloatArray, FloatArray], velocity: Velocity, height: float
    ) -> float:
        """Time until the line of flight meets an edge of a bound at a height where that matters."""
        (x, y), (east, north, up) = offset, velocity
        if math.hypot(east, north) < _STANDING or not len(x):
            return math.inf
        across = east * self._dy - north * self._dx
        parallel = np.abs(across) < _STANDING
        across[parallel] = 1.0
        # Where along the edge first: few edges lie across the line of flight.
        share = (y * east - x * north) / across
        crossed = np.flatnonzero((share >= 0.0) & (share <= 1.0) & ~parallel)
        offset_m2 = y[crossed] * self._dx[crossed] - x[crossed] * self._dy[crossed]
        times_s = offset_m2 / across[crossed]
        heights = height + up * times_s
        closed = (self._edge_lower[crossed] <= heights) & (heights <= self._edge_upper[crossed])
        return float(times_s[(times_s >= 0.0) & closed].min(initial=math.inf))

    def _vertical_s(
        self, position: tuple[float, float], velocity: Velocity, height: float
    ) -> float:
        """Time until the ceiling, or until a closed layer is entered from above or below."""
        east, north, up = velocity
        if abs(up) < _STANDING:
            return math.inf
        times = []
        if up > 0.0 and self._ceiling_home_m < math.inf:
            times.append(max(0.0, (self._ceiling_home_m - height) / up))
        for bound in self._layered:
            edge_m = bound.lower_home_m if up > 0.0 else bound.upper_home_m
            time_s = (edge_m - height) / up
            place = (position[0] + east * time_s, position[1] + north * time_s)
            if 0.0 <= time_s < math.inf and shapely.intersects_xy(bound.polygon, *place):
                times.append(time_s)
        return min(times, default=math.inf)

    def _planned_s(
        self, position: tuple[float, float], planned: FloatArray, height: float, speed: float
    ) -> float:
        """Time until the first edge on a way of straight legs."""
        gone_m, (x, y) = 0.0, position
        for east, north in planned.tolist():
            step = (east - x, north - y)
            share = self._hit_s((x - self._x, y - self._y), (*step, 0.0), height)
            length_m = math.hypot(*step)
            if share <= 1.0:
                return (gone_m + share * length_m) / speed if speed > _STANDING else math.inf
            gone_m += length_m
            x, y = east, north
        return math.inf


def fence_bounds(fence: Fence, frame: LocalFrame) -> tuple[Bound, ...]:
    """The bounds that a fence sets; its ceiling is given to the watch by itself.

    Args:
        fence: Of a mission.
        frame: Between metres and degrees.

    Returns:
        The inclusion first, then the exclusions.
    """
    inclusion = Bound("fence", frame.geometry_to_local(fence.inclusion), stay_in=True)
    exclusions = tuple(
        Bound(f"exclusion {number}", frame.geometry_to_local(polygon), stay_in=False)
        for number, polygon in enumerate(fence.exclusions, start=1)
    )
    return (inclusion, *exclusions)


def _edges(polygon: shapely.Polygon) -> FloatArray:
    """All edges of all rings, float64 (N, 4): from x, y to x, y."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(polygon)]
    return np.vstack([np.hstack([ring[:-1], ring[1:]]) for ring in rings])
