"""The fewest points of a flight that stays inside a band of altitudes.

Along a route the altitude must stay between a lowest and a highest one, given at knots and straight
between them, and may rise and fall only so steeply. The route's own corners are points anyway;
between them as few as possible are put in. All straight flights from an interval of altitudes at
one knot that stay in the band form a convex polygon of (altitude, gradient); each further knot cuts
it, and where nothing is left another point is needed. Searched breadth first over the knots, which
is the minimum-link path in a monotone corridor (Imai and Iri, 1986) with its bends at knots; one
interval, the widest, is kept for each knot, so that a leg's count is the least for that choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

_ROUNDING_M = 1e-6
_ROUNDING_GRADIENT = 1e-9

_Flights = list[tuple[float, float]]
"""Corners of a convex polygon of altitudes at a knot, and gradients from there on."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """The steepest flight, metres of height per metre over ground.

    Attributes:
        climb: Upwards, above zero.
        descent: Downwards, above zero.
    """

    climb: float
    descent: float

    def raised(self, distance_m: FloatArray, alt_m: FloatArray) -> FloatArray:
        """The lowest flight that is nowhere below some altitudes and nowhere too steep."""
        must_climb = np.maximum.accumulate((alt_m - self.climb * distance_m)[::-1])[::-1]
        may_descend = np.maximum.accumulate(alt_m + self.descent * distance_m)
        return np.maximum(
            must_climb + self.climb * distance_m, may_descend - self.descent * distance_m
        )

    def lowered(self, distance_m: FloatArray, alt_m: FloatArray) -> FloatArray:
        """The highest flight that is nowhere above some altitudes and nowhere too steep."""
        return -Gradients(self.descent, self.climb).raised(distance_m, -alt_m)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Where a flight may be, knot by knot.

    Attributes:
        distance_m: float64, (K,), along the route, strictly ascending.
        lowest_m: float64, (K,), itself nowhere too steep.
        highest_m: float64, (K,), likewise, and nowhere below `lowest_m`.
        wanted_m: float64, (K,), what is best inside.
        corner: bool, (K,), the route's own points; the first and the last knot among them.
    """

    distance_m: FloatArray
    lowest_m: FloatArray
    highest_m: FloatArray
    wanted_m: FloatArray
    corner: BoolArray


@dataclass(frozen=True, slots=True)
class _Reached:
    """Altitudes at a knot that a straight flight from another reaches."""

    knot: int
    low_m: float
    high_m: float
    before: "_Reached | None"


def fewest_points(band: Band, gradients: Gradients) -> tuple[IntArray, FloatArray]:
    """Choose knots and their altitudes, so that straight flight between them stays in the band.

    Args:
        band: Where the flight may be.
        gradients: How steep it may be.

    Returns:
        The chosen knots, ascending, all corners among them; and float64 altitudes at them.
    """
    corners = np.flatnonzero(band.corner).tolist()
    reached = _Reached(0, float(band.lowest_m[0]), float(band.highest_m[0]), None)
    for end in corners[1:]:
        reached = _leg(band, gradients, reached, end)
    return _chosen(band, gradients, reached)


def _leg(band: Band, gradients: Gradients, start: _Reached, end: int) -> _Reached:
    """The end of a leg, reached from its start over the fewest knots between."""
    last = [start]
    furthest = start.knot
    while True:
        # Knots that were reached before are reached over fewer points; only new ones count.
        found: dict[int, _Reached] = {}
        for each in last:
            for next_ in _straight(band, gradients, each, end):
                known = found.get(next_.knot)
                wider = known is None or next_.high_m - next_.low_m > known.high_m - known.low_m
                if next_.knot > furthest and wider:
                    found[next_.knot] = next_
        if end in found:
            return found[end]
        last = list(found.values())
        furthest = max(found)


def _straight(band: Band, gradients: Gradients, start: _Reached, end: int) -> Iterator[_Reached]:
    """Every knot up to the end of the leg that one straight flight can reach."""
    steepest = gradients.climb + _ROUNDING_GRADIENT
    flattest = -gradients.descent - _ROUNDING_GRADIENT
    flights: _Flights = [
        (start.low_m, flattest), (start.high_m, flattest),
        (start.high_m, steepest), (start.low_m, steepest),
    ]  # fmt: skip
    for knot in range(start.knot + 1, end + 1):
        ahead_m = float(band.distance_m[knot] - band.distance_m[start.knot])
        flights = _cut(flights, ahead_m, float(band.lowest_m[knot]) - _ROUNDING_M, 1.0)
        flights = _cut(flights, ahead_m, float(band.highest_m[knot]) + _ROUNDING_M, -1.0)
        if not flights:
            return
        altitudes = [alt_m + gradient * ahead_m for alt_m, gradient in flights]
        yield _Reached(knot, min(altitudes), max(altitudes), start)


def _cut(flights: _Flights, ahead_m: float, limit_m: float, sign: float) -> _Flights:
    """Flights that are not below (sign 1) or above (sign -1) a limit so far ahead."""
    over = [sign * (alt_m + gradient * ahead_m - limit_m) for alt_m, gradient in flights]
    if all(each >= 0.0 for each in over):
        return flights
    kept: _Flights = []
    for index, (alt_m, gradient) in enumerate(flights):
        before, here = over[index - 1], over[index]
        if (before < 0.0) != (here < 0.0):
            share = before / (before - here)
            last_alt_m, last_gradient = flights[index - 1]
            kept.append(
                (
                    last_alt_m + share * (alt_m - last_alt_m),
                    last_gradient + share * (gradient - last_gradient),
                )
            )
        if here >= 0.0:
            kept.append((alt_m, gradient))
    return kept


def _chosen(band: Band, gradients: Gradients, end: _Reached) -> tuple[IntArray, FloatArray]:
    """Back from the end: at each knot the altitude nearest to what is wanted that leads on."""
    knots = [end.knot]
    altitudes = [_nearest(float(band.wanted_m[end.knot]), end.low_m, end.high_m)]
    here = end
    while here.before is not None:
        before = here.before
        low_m, high_m = _leading_to(band, gradients, before, (here.knot, altitudes[-1]))
        knots.append(before.knot)
        altitudes.append(_nearest(float(band.wanted_m[before.knot]), low_m, high_m))
        here = before
    return np.array(knots[::-1], dtype=np.int64), np.array(altitudes[::-1])


def _leading_to(
    band: Band, gradients: Gradients, start: _Reached, end: tuple[int, float]
) -> tuple[float, float]:
    """The altitudes at a knot from which straight flight leads to one altitude at another."""
    knot, alt_m = end
    length_m = band.distance_m[knot] - band.distance_m[start.knot]
    between = slice(start.knot + 1, knot)
    share = (band.distance_m[between] - band.distance_m[start.knot]) / length_m
    lows = (band.lowest_m[between] - share * alt_m) / (1.0 - share)
    highs = (band.highest_m[between] - share * alt_m) / (1.0 - share)
    low_m = lows.max(initial=max(start.low_m, alt_m - gradients.climb * length_m))
    high_m = highs.min(initial=min(start.high_m, alt_m + gradients.descent * length_m))
    return float(low_m), float(high_m)


def _nearest(wanted_m: float, low_m: float, high_m: float) -> float:
    if low_m > high_m:  # by rounding only: the search found a way through
        return (low_m + high_m) / 2.0
    return min(max(wanted_m, low_m), high_m)
