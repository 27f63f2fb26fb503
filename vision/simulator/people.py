"""Meshes of people and of two-wheelers with their riders."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from vision.simulator.mesh import Colour, Mesh, box, ellipsoid, joined, limb

CLOTHES: tuple[Colour, ...] = (
    (40, 38, 38),
    (60, 56, 52),
    (200, 200, 200),
    (160, 60, 40),
    (50, 50, 180),
    (70, 130, 60),
    (40, 170, 215),
    (130, 110, 90),
    (90, 40, 90),
    (150, 140, 60),
    (225, 225, 230),
    (110, 70, 45),
)
TROUSERS: tuple[Colour, ...] = (
    (60, 45, 35),
    (38, 36, 36),
    (80, 80, 82),
    (90, 60, 40),
    (70, 90, 110),
    (110, 120, 130),
)
SKIN: Colour = (120, 155, 200)
HAIR: Colour = (26, 26, 28)


@dataclass(frozen=True)
class Outfit:
    """The colours of one person."""

    top: Colour
    trousers: Colour
    head: Colour


def outfit(rng: np.random.Generator, *, helmet: bool = False) -> Outfit:
    """Return random clothes; riders may wear helmets."""
    head = HAIR
    if (helmet and rng.random() < 0.7) or rng.random() < 0.2:
        head = CLOTHES[int(rng.integers(len(CLOTHES)))]
    top = CLOTHES[int(rng.integers(len(CLOTHES)))]
    return Outfit(top, TROUSERS[int(rng.integers(len(TROUSERS)))], head)


def person(height_m: float, seed: int) -> Mesh:
    """Return a standing or walking person of that height, looking along x."""
    rng = np.random.default_rng(seed)
    clothes = outfit(rng)
    stride = float(rng.uniform(0.0, 0.30))
    swing = stride * float(rng.uniform(0.5, 1.0))
    hip, shoulder = 0.90, 1.42
    parts = [
        *_leg(0.09, stride / 2, hip, clothes.trousers),
        *_leg(-0.09, -stride / 2, hip, clothes.trousers),
        _torso((0, 0, hip - 0.06), (0.02, 0, shoulder), clothes.top),
        *_arm((0.02, 0.21, shoulder), (-swing, 0.27, 0.86), clothes.top),
        *_arm((0.02, -0.21, shoulder), (swing, -0.27, 0.86), clothes.top),
        *_head((0.03, 0, 1.60), clothes.head),
    ]
    scale = height_m / 1.74
    return joined(parts).scaled((scale, scale, scale))


def _leg(y_m: float, reach_m: float, hip_m: float, colour: Colour) -> list[Mesh]:
    knee = (reach_m * 0.45 + 0.02, y_m, 0.48)
    return [
        limb(knee, (0, y_m, hip_m), (0.075, 0.10), colour),
        limb((reach_m, y_m, 0.06), knee, (0.055, 0.075), colour),
        box((reach_m + 0.06, y_m, 0.04), (0.26, 0.10, 0.08), (40, 40, 42)),
    ]


def _torso(
    low: tuple[float, float, float], high: tuple[float, float, float], colour: Colour
) -> Mesh:
    trunk = limb(low, high, (0.15, 0.165), colour, sides=8)
    middle = np.asarray([low[0], 0.0, 0.0])
    body = trunk.shifted(-middle).scaled((0.78, 1.30, 1.0)).shifted(middle)
    collar = ellipsoid((high[0], 0, high[2]), (0.12, 0.22, 0.08), colour, facets=(8, 3))
    return joined([body, collar])


def _arm(
    shoulder: tuple[float, float, float], hand: tuple[float, float, float], colour: Colour
) -> list[Mesh]:
    elbow = tuple(
        (s + h) / 2 + o for s, h, o in zip(shoulder, hand, (-0.05, 0.0, 0.0), strict=True)
    )
    return [
        limb(shoulder, elbow, (0.062, 0.052), colour),
        limb(elbow, hand, (0.052, 0.04), colour),
        ellipsoid(hand, (0.05, 0.04, 0.06), SKIN, facets=(5, 3)),
    ]


def _head(centre: tuple[float, float, float], hair: Colour) -> list[Mesh]:
    x, y, z = centre
    return [
        limb((x - 0.01, y, z - 0.2), (x, y, z - 0.06), (0.06, 0.06), SKIN),
        ellipsoid((x + 0.015, y, z), (0.095, 0.078, 0.12), SKIN, facets=(8, 4)),
        ellipsoid((x - 0.02, y, z + 0.035), (0.10, 0.09, 0.105), hair, facets=(8, 4), lift_m=0.04),
    ]


def two_wheeler(kind: str, size_m: tuple[float, float, float], seed: int) -> Mesh:
    """Return a "bicycle", "scooter" or "motorbike" with its rider.

    Size is length, width, height.
    """
    rng = np.random.default_rng(seed)
    paint = CLOTHES[int(rng.integers(len(CLOTHES)))]
    clothes = outfit(rng, helmet=kind != "bicycle")
    radius = 0.33 if kind == "bicycle" else 0.26
    half = size_m[0] / 2 - radius
    parts = [_ring(-half, radius, kind), _ring(half, radius, kind)]
    parts.append(_frame(kind, half, radius, paint))
    seat_z = 0.86 if kind == "bicycle" else 0.78
    parts += _rider(seat_z, half, clothes)
    return joined(parts).scaled((1.0, 1.0, size_m[2] / 1.62))


def _ring(x_m: float, radius_m: float, kind: str) -> Mesh:
    width = 0.05 if kind == "bicycle" else 0.11
    tyre = limb(
        (x_m, -width / 2, radius_m),
        (x_m, width / 2, radius_m),
        (radius_m, radius_m),
        (30, 30, 30),
        sides=12,
    )
    hub = limb(
        (x_m, -width / 2 - 0.01, radius_m),
        (x_m, width / 2 + 0.01, radius_m),
        (radius_m * 0.6, radius_m * 0.6),
        (130, 130, 132),
        sides=8,
    )
    return joined([tyre, replace(hub, lift_m=hub.lift_m + 0.05)])


def _frame(kind: str, half_m: float, radius_m: float, paint: Colour) -> Mesh:
    head = (half_m - 0.16, 0.0, 1.0)
    bars = [
        limb((half_m, 0, radius_m), head, (0.035, 0.04), (60, 60, 60)),
        limb(
            (head[0] - 0.03, -0.33, 1.05),
            (head[0] - 0.03, 0.33, 1.05),
            (0.025, 0.025),
            (40, 40, 40),
        ),
    ]
    if kind == "bicycle":
        bars += [
            limb((-half_m, 0, radius_m), (head[0], 0, 0.9), (0.03, 0.03), paint),
            limb((-0.1, 0, 0.3), (-0.18, 0, 0.85), (0.03, 0.03), paint),
            box((-0.2, 0, 0.88), (0.26, 0.16, 0.07), (36, 36, 36)),
        ]
        return joined(bars)
    bars += [
        box((0.02, 0, 0.34), (0.6, 0.28, 0.14), paint, gloss=0.4),
        box((-0.32, 0, 0.6), (0.75, 0.26, 0.26), paint, gloss=0.4),
        box((-0.26, 0, 0.76), (0.72, 0.25, 0.09), (36, 36, 38)),
        limb((half_m - 0.06, 0, 0.42), head, (0.16, 0.13), paint, gloss=0.4),
        box((head[0] + 0.1, 0, 0.98), (0.12, 0.22, 0.16), paint, gloss=0.4),
    ]
    if kind == "scooter":
        bars.append(box((-half_m - 0.08, 0, 0.98), (0.34, 0.36, 0.3), (50, 50, 52), gloss=0.2))
    return joined(bars)


def _rider(seat_m: float, half_m: float, clothes: Outfit) -> list[Mesh]:
    hip = (-0.2, 0.0, seat_m)
    shoulder = (0.02, 0.0, seat_m + 0.5)
    grip = half_m - 0.22
    parts = [_torso((hip[0], 0, hip[2]), shoulder, clothes.top)]
    for side in (1, -1):
        knee = (0.22, side * 0.17, seat_m - 0.08)
        parts += [
            limb((hip[0], side * 0.1, seat_m), knee, (0.10, 0.075), clothes.trousers),
            limb(knee, (0.16, side * 0.16, 0.36), (0.07, 0.055), clothes.trousers),
            box((0.22, side * 0.16, 0.32), (0.26, 0.1, 0.09), (40, 40, 42)),
            *_arm((shoulder[0], side * 0.2, shoulder[2]), (grip, side * 0.28, 1.06), clothes.top),
        ]
    reach = math.hypot(0.06, 0.18)
    return parts + _head((0.08, 0, shoulder[2] + reach), clothes.head)
