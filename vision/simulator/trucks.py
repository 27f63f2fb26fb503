"""Meshes of lorries and buses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vision.simulator.cars import GLASS, TRIM, panel, wheel
from vision.simulator.mesh import Colour, Mesh, box, faces, joined, loft

LOADS: tuple[Colour, ...] = ((88, 118, 140), (110, 110, 112), (60, 90, 70))


def truck(kind: str, size_m: tuple[float, float, float], seed: int) -> Mesh:
    """Return a lorry ("box_truck" or "tipper"); size is length, width, height."""
    rng = np.random.default_rng(seed)
    length, width, height = size_m
    paints: tuple[Colour, ...] = ((60, 50, 190), (170, 90, 40), (225, 225, 225), (60, 150, 210))
    paint = paints[int(rng.integers(len(paints)))]
    cab_length = min(2.1, length * 0.3)
    cab_top = min(height * 0.86, 2.7)
    cab = _cab(length, width, cab_length, cab_top, paint)
    bed_length = length - cab_length - 0.25
    bed_x = -length / 2 + bed_length / 2
    parts = [cab, box((0, 0, 0.72), (length * 0.98, width * 0.5, 0.3), TRIM, lift_m=-4.0)]
    if kind == "box_truck":
        boxes: tuple[Colour, ...] = (
            (232, 232, 230),
            (205, 205, 200),
            (170, 110, 60),
            (190, 180, 60),
        )
        tint = boxes[int(rng.integers(len(boxes)))]
        parts.append(box((bed_x, 0, (height + 0.9) / 2), (bed_length, width, height - 0.9), tint))
        parts.append(_ribs(bed_x, bed_length, width, height + 0.01, tint))
    else:
        parts.append(_open_bed(bed_x, bed_length, width, min(height, 2.2), paint, rng))
    front, back = length / 2 - cab_length * 0.55, -length * 0.22
    rears = [back, back - 1.15] if length > 7 else [back]
    parts += [wheel(front, side * (width / 2 - 0.14), 0.46, 0.28) for side in (1, -1)]
    hubs = joined([wheel(x, s * (width / 2 - 0.14), 0.46, 0.28) for x in rears for s in (1, -1)])
    # The rear wheels are under the bed, whose load is drawn before its walls.
    parts.append(replace(hubs, lift_m=hubs.lift_m - 3.0))
    return joined(parts)


def _cab(length: float, width: float, cab_length: float, top: float, paint: Colour) -> Mesh:
    front, back = length / 2, length / 2 - cab_length
    half = width / 2 * 0.96
    ring = np.array(
        [
            [half, 0.5],
            [half, 1.35],
            [half * 0.94, top],
            [-half * 0.94, top],
            [-half, 1.35],
            [-half, 0.5],
        ]
    )
    lean = np.array([0.0, 0.0, -0.22, -0.22, 0.0, 0.0])
    rings = [np.column_stack([np.full(6, back), ring]), np.column_stack([front + lean, ring])]
    glass_y, low, high = half * 0.88, 1.42, top - 0.22
    slope = 0.22 / (top - 1.35)
    x_low, x_high = front - slope * (low - 1.35), front - slope * (high - 1.35)
    screen = [
        [x_low, -glass_y, low],
        [x_low, glass_y, low],
        [x_high, glass_y * 0.96, high],
        [x_high, -glass_y * 0.96, high],
    ]
    sides = []
    for s in (1, -1):
        y = s * (half * 0.97 + 0.01)
        quad = [
            [front - 0.3, y, low],
            [back + 0.5, y, low],
            [back + 0.5, y * 0.98, high],
            [front - 0.35, y * 0.98, high],
        ]
        sides.append(quad if s > 0 else quad[::-1])
    return joined(
        [
            loft(rings, paint, gloss=0.4),
            faces(screen, GLASS, gloss=1.0, lift_m=0.4),
            faces(sides, GLASS, gloss=0.9, lift_m=0.4),
            panel(front + 0.01, 0, 0.9, (width * 0.6, 0.3), TRIM),
            *[
                panel(front + 0.02, s * half * 0.75, 0.75, (0.3, 0.2), (225, 228, 228))
                for s in (1, -1)
            ],
        ]
    )


def _ribs(x_m: float, length_m: float, width_m: float, top_m: float, tint: Colour) -> Mesh:
    dark: Colour = (tint[0] * 0.86, tint[1] * 0.86, tint[2] * 0.86)
    y = width_m / 2 * 0.98
    strips = [
        [[x, y, top_m], [x, -y, top_m], [x + 0.07, -y, top_m], [x + 0.07, y, top_m]]
        for x in np.arange(x_m - length_m / 2 + 0.4, x_m + length_m / 2 - 0.2, 0.6)
    ]
    return faces(strips, dark, lift_m=0.6)


def _open_bed(
    x_m: float,
    length_m: float,
    width_m: float,
    top_m: float,
    paint: Colour,
    rng: np.random.Generator,
) -> Mesh:
    load: Colour = LOADS[int(rng.integers(len(LOADS)))]
    wall, floor = 0.08, 1.0
    half_l, half_w = length_m / 2, width_m / 2
    mid = (top_m + floor) / 2
    height = top_m - floor
    return joined(
        [
            box(
                (x_m, 0, floor + height * 0.3),
                (length_m - 0.1, width_m - 0.1, height * 0.6),
                load,
                lift_m=-2.0,
            ),
            box((x_m, half_w - wall / 2, mid), (length_m, wall, height), paint, lift_m=0.2),
            box((x_m, -half_w + wall / 2, mid), (length_m, wall, height), paint, lift_m=0.2),
            box((x_m - half_l + wall / 2, 0, mid), (wall, width_m, height), paint, lift_m=0.2),
            box((x_m + half_l - wall / 2, 0, mid), (wall, width_m, height), paint, lift_m=0.2),
        ]
    )


def bus(_kind: str, size_m: tuple[float, float, float], seed: int) -> Mesh:
    """Return a bus, of which there is one kind; size is length, width, height."""
    rng = np.random.default_rng(seed)
    length, width, height = size_m
    paints: tuple[Colour, ...] = ((70, 160, 90), (60, 190, 220), (200, 120, 50), (225, 225, 225))
    paint = paints[int(rng.integers(len(paints)))]
    half, front = width / 2, length / 2
    ring = np.array(
        [
            [half, 0.35],
            [half, height * 0.8],
            [half * 0.86, height],
            [-half * 0.86, height],
            [-half, height * 0.8],
            [-half, 0.35],
        ]
    )
    rings = [np.column_stack([np.full(6, x), ring]) for x in (-front, front)]
    parts = [loft(rings, paint, gloss=0.4)]
    low, high = height * 0.42, height * 0.76
    windows = []
    for x in np.arange(-front + 0.5, front - 1.3, 1.35):
        quad = [
            [x + 1.2, half + 0.01, low],
            [x, half + 0.01, low],
            [x, half + 0.01, high],
            [x + 1.2, half + 0.01, high],
        ]
        windows += [quad, [[p[0], -p[1], p[2]] for p in quad[::-1]]]
    parts.append(faces(windows, GLASS, gloss=0.9, lift_m=0.4))
    parts.append(panel(front + 0.01, 0, height * 0.56, (width * 0.9, height * 0.4), GLASS))
    parts.append(panel(-front - 0.01, 0, height * 0.62, (width * 0.8, height * 0.25), GLASS))
    parts += [
        box((x, 0, height + 0.1), (1.8, width * 0.6, 0.2), (215, 215, 215), lift_m=3.0)
        for x in (-length * 0.25, length * 0.2)
    ]
    parts += [
        wheel(x, s * (half - 0.13), 0.48, 0.28)
        for x in (-0.28 * length, 0.3 * length)
        for s in (1, -1)
    ]
    return joined(parts)
