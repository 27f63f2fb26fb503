"""Meshes of cars and vans.

A body is lofted from cross-sections given along the vehicle; the glass house sits on it the same
way. Numbers are shares of the length (0 rear, 1 front), of half the width, and metres of height.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from vision.simulator.mesh import Colour, Floats, Mesh, box, faces, joined, limb, loft

GLASS: Colour = (52, 46, 40)
RUBBER: Colour = (28, 27, 27)
TRIM: Colour = (38, 37, 36)
RIM: Colour = (150, 150, 150)

CAR_PAINTS: tuple[Colour, ...] = (
    (238, 238, 236),
    (240, 240, 238),
    (200, 200, 198),
    (168, 168, 166),
    (112, 110, 108),
    (70, 68, 66),
    (32, 31, 30),
    (36, 34, 33),
    (45, 42, 150),
    (40, 36, 190),
    (120, 66, 34),
    (96, 52, 30),
    (70, 84, 96),
    (90, 140, 170),
    (60, 90, 60),
)


@dataclass(frozen=True)
class BodyPlan:
    """Proportions of one kind of car.

    Attributes:
        stations: Rows of (share of length, share of half width, height of the shoulder).
        house: Shares of length: rear glass base, roof rear, roof front, windscreen base.
        belt_m: Height of the glass house's base at rear and front.
        roof_m: Height of the roof.
        pillars: Shares between roof rear and front where side windows are parted.
    """

    stations: tuple[tuple[float, float, float], ...]
    house: tuple[float, float, float, float]
    belt_m: tuple[float, float]
    roof_m: float
    pillars: tuple[float, ...]


SEDAN = BodyPlan(
    (
        (0.0, 0.80, 0.74), (0.02, 0.90, 0.92), (0.10, 0.97, 1.00), (0.28, 1.0, 0.96),
        (0.50, 1.0, 0.94), (0.68, 1.0, 0.93), (0.80, 0.98, 0.86), (0.93, 0.92, 0.74),
        (0.98, 0.84, 0.64), (1.0, 0.74, 0.52),
    ),
    (0.10, 0.27, 0.53, 0.71), (0.98, 0.92), 1.46, (0.42,),
)  # fmt: skip
HATCH = BodyPlan(
    (
        (0.0, 0.82, 0.80), (0.02, 0.94, 0.95), (0.12, 0.98, 0.98), (0.30, 1.0, 0.96),
        (0.55, 1.0, 0.95), (0.72, 1.0, 0.94), (0.84, 0.98, 0.88), (0.95, 0.90, 0.74),
        (0.985, 0.84, 0.64), (1.0, 0.76, 0.54),
    ),
    (0.015, 0.12, 0.54, 0.75), (0.98, 0.92), 1.52, (0.33, 0.66),
)  # fmt: skip
SUV = BodyPlan(
    (
        (0.0, 0.84, 0.90), (0.015, 0.94, 1.08), (0.10, 1.0, 1.12), (0.30, 1.0, 1.08),
        (0.55, 1.0, 1.07), (0.70, 1.0, 1.06), (0.82, 0.99, 1.02), (0.95, 0.92, 0.94),
        (0.985, 0.86, 0.80), (1.0, 0.80, 0.60),
    ),
    (0.012, 0.09, 0.54, 0.72), (1.10, 1.05), 1.72, (0.32, 0.66),
)  # fmt: skip
VAN = BodyPlan(
    (
        (0.0, 0.88, 0.95), (0.01, 0.97, 1.10), (0.10, 1.0, 1.10), (0.30, 1.0, 1.10),
        (0.60, 1.0, 1.10), (0.80, 1.0, 1.10), (0.90, 0.98, 1.06), (0.96, 0.93, 0.98),
        (0.99, 0.88, 0.80), (1.0, 0.80, 0.60),
    ),
    (0.008, 0.035, 0.74, 0.92), (1.10, 1.06), 1.92, (0.28, 0.55),
)  # fmt: skip
PLANS = {"sedan": SEDAN, "hatch": HATCH, "suv": SUV, "van": VAN}


def _cross_section(x_m: float, half_m: float, shoulder_m: float) -> Floats:
    """Return one ring of the body, (9, 3), from the left sill over the top to the right."""
    sill = 0.24
    side = [
        (0.90, sill),
        (1.0, sill + 0.30 * (shoulder_m - sill)),
        (0.985, sill + 0.72 * (shoulder_m - sill)),
        (0.90, shoulder_m - 0.035),
    ]
    left = [(x_m, share * half_m, z) for share, z in side]
    right = [(x_m, -share * half_m, z) for share, z in reversed(side)]
    return np.array([*left, (x_m, 0.0, shoulder_m), *right])


def _house_ring(x_m: float, half_m: float, z_m: float, crown_m: float) -> list[tuple[float, ...]]:
    return [(x_m, half_m, z_m), (x_m, 0.0, z_m + crown_m), (x_m, -half_m, z_m)]


def _glass_house(plan: BodyPlan, length: float, half: float, paint: Colour) -> Mesh:
    rear_base, roof_rear, roof_front, front_base = ((s - 0.5) * length for s in plan.house)
    belt_rear, belt_front = plan.belt_m
    belt, top = half * 0.90, half * 0.72
    base_l = np.array([[rear_base, belt * 0.86, belt_rear], [front_base, belt * 0.88, belt_front]])
    roof_l = np.array([[roof_rear, top, plan.roof_m - 0.05], [roof_front, top, plan.roof_m - 0.04]])
    mirror = np.array([1.0, -1.0, 1.0])
    base_r, roof_r = base_l * mirror, roof_l * mirror
    mid_l = np.array([[roof_rear - 0.02, belt, belt_rear], [roof_front + 0.05, belt, belt_front]])
    mid_r = mid_l * mirror
    roof = loft(
        [
            _house_ring(roof_rear, top, plan.roof_m - 0.05, 0.03),
            _house_ring(roof_rear + 0.25, top, plan.roof_m - 0.01, 0.03),
            _house_ring(roof_front - 0.3, top, plan.roof_m, 0.03),
            _house_ring(roof_front, top, plan.roof_m - 0.04, 0.03),
        ],
        paint,
        gloss=0.5,
        caps=False,
        closed=False,
    )
    parts = [
        roof,
        faces([base_l[1], roof_l[1], roof_r[1], base_r[1]], GLASS, gloss=1.0),
        faces([base_l[0], base_r[0], roof_r[0], roof_l[0]], GLASS, gloss=1.0),
    ]
    for base, mid, roof_edge, left in (
        (base_l, mid_l, roof_l, True),
        (base_r, mid_r, roof_r, False),
    ):
        parts.append(_side_windows(plan, base, mid, roof_edge, paint, left=left))
    return joined(parts)


def _side_windows(
    plan: BodyPlan, base: Floats, mid: Floats, roof: Floats, paint: Colour, *, left: bool
) -> Mesh:
    """Return painted pillars with dark panes a little before them."""
    quads = [
        [base[0], mid[0], roof[0], roof[0]],
        [mid[1], base[1], roof[1], roof[1]],
        [mid[0], mid[1], roof[1], roof[0]],
    ]
    panes: list[list[Floats]] = []
    edges = (0.04, *plan.pillars, 0.97)
    for start, end in pairwise(edges):
        low_a = mid[0] + (mid[1] - mid[0]) * (start + 0.025)
        low_b = mid[0] + (mid[1] - mid[0]) * (end - 0.025)
        up_a = roof[0] + (roof[1] - roof[0]) * (start + 0.025)
        up_b = roof[0] + (roof[1] - roof[0]) * (end - 0.025)
        panes.append(
            [
                low_a * 0.92 + up_a * 0.08,
                low_b * 0.92 + up_b * 0.08,
                low_b * 0.1 + up_b * 0.9,
                low_a * 0.1 + up_a * 0.9,
            ]
        )
    panes.append(
        [
            mid[1] * 0.9 + base[1] * 0.1,
            base[1] * 0.85 + roof[1] * 0.15,
            roof[1] * 0.9 + mid[1] * 0.1,
            roof[1] * 0.9 + mid[1] * 0.1,
        ]
    )
    # The left side is seen counter-clockwise when walked from front to rear.
    turn = -1 if left else 1
    frame = faces([quad[::turn] for quad in quads], paint, gloss=0.4)
    glass = faces([pane[::turn] for pane in panes], GLASS, gloss=0.9, lift_m=0.3)
    return joined([frame, glass])


def wheel(x_m: float, y_m: float, radius_m: float, width_m: float) -> Mesh:
    """Return a wheel whose axle lies across the vehicle."""
    out = 1.0 if y_m > 0 else -1.0
    tyre = limb(
        (x_m, y_m - width_m / 2, radius_m),
        (x_m, y_m + width_m / 2, radius_m),
        (radius_m, radius_m),
        RUBBER,
        sides=10,
    )
    side = y_m + out * (width_m / 2 + 0.005)
    hub = limb(
        (x_m, side - out * 0.01, radius_m),
        (x_m, side, radius_m),
        (radius_m * 0.58, radius_m * 0.58),
        RIM,
        sides=8,
    )
    return joined([tyre, replace(hub, lift_m=hub.lift_m + 0.3)])


def panel(x_m: float, y_m: float, z_m: float, size: tuple[float, float], colour: Colour) -> Mesh:
    """Return a small upright panel facing forward or back by the sign of x."""
    w, h = size[0] / 2, size[1] / 2
    quad = [
        [x_m, y_m - w, z_m - h],
        [x_m, y_m + w, z_m - h],
        [x_m, y_m + w, z_m + h],
        [x_m, y_m - w, z_m + h],
    ]
    return faces(quad if x_m > 0 else quad[::-1], colour, gloss=0.3, lift_m=0.4)


def car(kind: str, size_m: tuple[float, float, float], seed: int) -> Mesh:
    """Return a car of a kind in `PLANS`; size is length, width, height."""
    rng = np.random.default_rng(seed)
    plan = PLANS[kind]
    length, width, height = size_m
    half = width / 2
    paint = CAR_PAINTS[int(rng.integers(len(CAR_PAINTS)))]
    rings = [_cross_section((s - 0.5) * length, half * w, z) for s, w, z in plan.stations]
    wheel_r = 0.33 if plan.roof_m < 1.6 else 0.37
    axles = (-0.31 * length, 0.315 * length)
    nose, z_lamp = length / 2 * 0.985, plan.stations[-2][2] - 0.02
    shade: Colour = (paint[0] * 0.62, paint[1] * 0.62, paint[2] * 0.62)
    parts = [
        loft(rings, paint, gloss=0.55),
        _glass_house(plan, length, half, paint),
        *[wheel(x, side * (half - 0.09), wheel_r, 0.2) for x in axles for side in (1, -1)],
        *[panel(nose, s * half * 0.58, z_lamp, (0.36, 0.15), (225, 228, 228)) for s in (1, -1)],
        *[panel(-nose - 0.03, s * half * 0.66, 0.78, (0.3, 0.16), (36, 30, 170)) for s in (1, -1)],
        panel(nose + 0.03, 0, 0.42, (width * 0.5, 0.16), TRIM),
        panel(-nose - 0.03, 0, 0.55, (0.44, 0.14), (160, 90, 40)),
        *[box((0.2 * length, s * (half + 0.06), 1.0), (0.14, 0.16, 0.12), shade) for s in (1, -1)],
    ]
    parts.append(_seams(plan, length, half, paint))
    if rng.random() < 0.25 and plan is not VAN:
        parts.append(_sunroof(plan, length, half))
    return joined(parts).scaled((1.0, 1.0, height / plan.roof_m))


def _seams(plan: BodyPlan, length: float, half: float, paint: Colour) -> Mesh:
    """Return the dark joints of bonnet and boot and the shut lines of the doors."""
    dark: Colour = (paint[0] * 0.55, paint[1] * 0.55, paint[2] * 0.55)
    strips = []
    stations = np.array(plan.stations)
    for share in (plan.house[3] + 0.01, plan.house[0] - 0.005):
        if not 0.03 < share < 0.97:
            continue
        x = (share - 0.5) * length
        z = float(np.interp(share, stations[:, 0], stations[:, 2])) + 0.012
        y = half * 0.8
        strips.append(
            [
                [x - 0.02, y, z - 0.03],
                [x - 0.02, -y, z - 0.03],
                [x + 0.02, -y, z - 0.03],
                [x + 0.02, y, z - 0.03],
            ]
        )
    return faces(strips, dark, lift_m=0.25) if strips else panel(0.1, 0, 0.5, (0.1, 0.1), dark)


def _sunroof(plan: BodyPlan, length: float, half: float) -> Mesh:
    x0 = (plan.house[1] * 0.35 + plan.house[2] * 0.65 - 0.5) * length
    x1 = (plan.house[2] - 0.02 - 0.5) * length
    y, z = half * 0.45, plan.roof_m + 0.012
    quad = [[x0, y, z], [x0, -y, z], [x1, -y, z], [x1, y, z]]
    return faces(quad, GLASS, gloss=1.0, lift_m=0.25)
