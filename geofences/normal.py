"""The two-dimensional normal distribution: circular errors, and how much of it lies in a polygon.

Both are exact integrals, so results do not depend on samples or seeds (docs/decisions/0013).
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import owens_t

FloatArray = NDArray[np.float64]

SIGMAS_PER_CE90 = math.sqrt(-2.0 * math.log(1.0 - 0.9))
"""Radius holding 90 % of a circular normal, in standard deviations (2.1460)."""

_ANGLES = np.linspace(0.0, math.pi, 128, endpoint=False)
_COS2, _SIN2 = np.cos(_ANGLES) ** 2, np.sin(_ANGLES) ** 2


def circular_error_m(covariance_m2: FloatArray, probability: float) -> float:
    """Radius of the circle about the mean that holds `probability` of the distribution.

    Seen in the plane where the distribution is the unit normal, the circle of radius R is an
    ellipse whose boundary lies at rho(phi)^2 = R^2 / (s1^2 cos^2 phi + s2^2 sin^2 phi); the share
    inside is the mean over phi of 1 - exp(-rho^2 / 2). The integrand is smooth and periodic, so
    the rule of equal steps converges fast, also for s2 = 0. R follows by Newton's method.

    Args:
        covariance_m2: float64, (2, 2), symmetric and not negative.
        probability: between 0 and 1, both excluded.
    """
    small, large = np.linalg.eigvalsh(covariance_m2)
    if large <= 0.0:
        return 0.0
    variance = _COS2 + max(small / large, 0.0) * _SIN2
    return math.sqrt(large) * _unit_radius(np.maximum(variance, 1e-12), probability)


def _unit_radius(variance: FloatArray, probability: float) -> float:
    # The radius of the circular case is the largest possible; from the first step on Newton's
    # method comes from below, where the share is concave in the radius, and cannot overshoot.
    radius = math.sqrt(-2.0 * math.log(1.0 - probability))
    for _ in range(30):
        tail = np.exp(-0.5 * radius * radius / variance)
        slope = float(np.mean(radius / variance * tail))
        step = (1.0 - float(np.mean(tail)) - probability) / slope
        radius = radius - step if step < radius else 0.5 * radius
        if abs(step) < 1e-9:
            break
    return radius


def share_in_polygon(polygon_m: shapely.Polygon, sigma_m: float) -> float:
    """Share of a circular normal about (0, 0) that lies inside a polygon, exact.

    In polar coordinates the share is the sum over the edges of
    (1 / 2 pi) * integral of (1 - exp(-r^2 / 2)) d phi, which Owen's T function gives exactly.

    Args:
        polygon_m: shapely polygon, holes allowed, in metres from the mean.
        sigma_m: standard deviation of each axis, above zero.
    """
    oriented = shapely.orient_polygons(polygon_m)
    rings = [oriented.exterior, *oriented.interiors]
    share = sum(_share_in_ring(shapely.get_coordinates(ring) / sigma_m) for ring in rings)
    return min(max(share, 0.0), 1.0)


def _share_in_ring(ring: FloatArray) -> float:
    start, end = ring[:-1], ring[1:]
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    start, end, along = start[length > 0], end[length > 0], along[length > 0]
    along = along / length[length > 0, None]
    height = start[:, 0] * along[:, 1] - start[:, 1] * along[:, 0]
    # An edge in line with the mean spans no angle that holds anything.
    seen = np.abs(height) > 1e-12
    height = height[seen]
    from_t = np.sum(start * along, axis=1)[seen] / np.abs(height)
    to_t = np.sum(end * along, axis=1)[seen] / np.abs(height)
    angle = (np.arctan(to_t) - np.arctan(from_t)) / (2.0 * math.pi)
    outside = owens_t(np.abs(height), to_t) - owens_t(np.abs(height), from_t)
    return float(np.sum(np.sign(height) * (angle - outside)))
