"""How near two straight legs, each flown at constant speed, come when both may be early or late.

The times s on one leg and t on the other make a plane. What can happen is a convex polygon in it:
each time within its leg, both no farther apart than the lateness of both, the heights too near.
Over it the squared distance over the ground is a convex quadratic, least where its gradient is
zero or on an edge.
"""

import math
from dataclasses import dataclass

Corner = tuple[float, float]
Point3 = tuple[float, float, float]
HalfPlane = tuple[float, float, float]  # a s + b t <= c

_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight way flown at constant speed.

    Attributes:
        times_s: When it begins and ends.
        begin_m: East, north, height.
        end_m: Likewise.
    """

    times_s: tuple[float, float]
    begin_m: Point3
    end_m: Point3

    def speeds_mps(self) -> Point3:
        """Towards east, north and up; 0 for a leg of no duration."""
        lasts_s = self.times_s[1] - self.times_s[0]
        if not lasts_s > 0.0:
            return (0.0, 0.0, 0.0)
        (x, y, z), (u, v, w) = self.begin_m, self.end_m
        return ((u - x) / lasts_s, (v - y) / lasts_s, (w - z) / lasts_s)

    def at(self, time_s: float) -> Point3:
        """Where it is at a time within the leg."""
        (x, y, z), (u, v, w) = self.begin_m, self.speeds_mps()
        since_s = time_s - self.times_s[0]
        return (x + u * since_s, y + v * since_s, z + w * since_s)


@dataclass(frozen=True, slots=True)
class LegPair:
    """Two legs, and how near in height is too near.

    Attributes:
        first: With times s.
        second: With times t.
        vertical_m: Less than this is too near in height.
    """

    first: Leg
    second: Leg
    vertical_m: float


def nearest(pair: LegPair, lateness: tuple[float, float]) -> tuple[float, float, float] | None:
    """The closest approach over the ground while too near in height.

    Args:
        pair: The legs.
        lateness: c and g of how far apart s and t may be: |s - t| <= c + g (s + t), seconds.

    Returns:
        s, t, and the distance over the ground in metres; None if it cannot happen.
    """
    corners = _possible(pair, lateness)
    if not corners:
        return None
    best = _still(pair, corners)
    if best is None:
        edges = zip(corners, [*corners[1:], corners[0]], strict=True)
        best = min((_on_edge(pair, a, b) for a, b in edges), key=lambda at: _apart_m(pair, at))
    return (*best, _apart_m(pair, best))


def _apart_m(pair: LegPair, at: Corner) -> float:
    (x, y, _), (u, v, _) = pair.first.at(at[0]), pair.second.at(at[1])
    return math.hypot(u - x, v - y)


def _possible(pair: LegPair, lateness: tuple[float, float]) -> list[Corner]:
    """The polygon of times at which both may be there and too near in height."""
    (s0, s1), (t0, t1) = pair.first.times_s, pair.second.times_s
    # Without any lateness the polygon would be a line, which cuts could miss by rounding.
    constant_s, drift = lateness[0] + _ROUNDING_S, lateness[1]
    up_a, up_b = pair.first.speeds_mps()[2], pair.second.speeds_mps()[2]
    # Height of the first over the second is rise + up_a s - up_b t.
    rise_m = pair.first.begin_m[2] - up_a * s0 - pair.second.begin_m[2] + up_b * t0
    polygon = [(s0, t0), (s1, t0), (s1, t1), (s0, t1)]
    half_planes: tuple[HalfPlane, ...] = (
        (1.0 - drift, -1.0 - drift, constant_s),
        (-1.0 - drift, 1.0 - drift, constant_s),
        (up_a, -up_b, pair.vertical_m - rise_m),
        (-up_a, up_b, pair.vertical_m + rise_m),
    )
    for half_plane in half_planes:
        polygon = _cut(polygon, half_plane)
    return polygon


def _cut(polygon: list[Corner], half_plane: HalfPlane) -> list[Corner]:
    """What of a convex polygon is in a half-plane (Sutherland and Hodgman, CACM 17, 1974)."""
    a, b, c = half_plane
    kept: list[Corner] = []
    over = [a * s + b * t - c for s, t in polygon]
    for k, (s, t) in enumerate(polygon):
        before, (s0, t0) = over[k - 1], polygon[k - 1]
        if (before > 0.0) != (over[k] > 0.0):
            share = before / (before - over[k])
            kept.append((s0 + share * (s - s0), t0 + share * (t - t0)))
        if over[k] <= 0.0:
            kept.append((s, t))
    return kept


def _still(pair: LegPair, corners: list[Corner]) -> Corner | None:
    """Where the distance is least if nothing bars it, if that is in the polygon."""
    (p, q, _), (u, v, _) = pair.first.speeds_mps(), pair.second.speeds_mps()
    # Over the ground the lines cross where first(s) = second(t); parallel ones have no such place.
    across = u * q - v * p
    if abs(across) < 1e-12:
        return None
    s0, t0 = pair.first.times_s[0], pair.second.times_s[0]
    dx = pair.second.begin_m[0] - pair.first.begin_m[0]
    dy = pair.second.begin_m[1] - pair.first.begin_m[1]
    crossing = (s0 + (u * dy - v * dx) / across, t0 + (p * dy - q * dx) / across)
    return crossing if _inside(corners, crossing) else None


def _inside(corners: list[Corner], at: Corner) -> bool:
    """Whether a point is within a convex polygon whose corners go round one way."""
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    turns = [(b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0]) for a, b in edges]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in edges)
    return area != 0.0 and (min(turns) >= 0.0 or max(turns) <= 0.0)


def _on_edge(pair: LegPair, a: Corner, b: Corner) -> Corner:
    """Where on an edge of the polygon the distance over the ground is least."""
    (x, y, _), (u, v, _) = pair.first.at(a[0]), pair.second.at(a[1])
    (x1, y1, _), (u1, v1, _) = pair.first.at(b[0]), pair.second.at(b[1])
    dx, dy = u - x, v - y
    ex, ey = (u1 - x1) - dx, (v1 - y1) - dy
    length2 = ex * ex + ey * ey
    share = 0.0 if length2 == 0.0 else min(1.0, max(0.0, -(dx * ex + dy * ey) / length2))
    return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
