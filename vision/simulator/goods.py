"""Meshes of vendors' stalls and of garbage piles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from vision.simulator.cars import wheel
from vision.simulator.mesh import (
    Colour,
    Floats,
    Mesh,
    box,
    ellipsoid,
    faces,
    joined,
    limb,
    recoloured,
    tilted,
)

CANVAS: tuple[tuple[Colour, Colour], ...] = (
    ((50, 50, 205), (235, 235, 235)),
    ((180, 90, 30), (235, 235, 235)),
    ((40, 150, 230), (60, 60, 200)),
    ((70, 150, 60), (235, 235, 235)),
    ((60, 60, 190), (60, 60, 190)),
    ((190, 110, 50), (190, 110, 50)),
    ((40, 180, 235), (230, 120, 40)),
    ((120, 60, 140), (230, 230, 230)),
)
PRODUCE: tuple[Colour, ...] = (
    (40, 150, 60),
    (40, 60, 200),
    (50, 180, 235),
    (60, 120, 220),
    (90, 200, 160),
    (120, 60, 110),
    (200, 210, 220),
    (60, 110, 150),
)
WOOD: Colour = (92, 130, 165)
STEEL: Colour = (150, 150, 150)
BAGS: tuple[Colour, ...] = (
    (34, 32, 32),
    (40, 38, 38),
    (225, 225, 225),
    (205, 210, 212),
    (150, 85, 45),
    (60, 50, 175),
    (70, 140, 70),
    (70, 170, 210),
    (120, 110, 170),
    (190, 190, 120),
)
_BAG_SHARES = (0.2, 0.16, 0.2, 0.16, 0.08, 0.05, 0.05, 0.03, 0.04, 0.03)
CARDBOARD: tuple[Colour, ...] = ((96, 140, 178), (110, 155, 190), (80, 118, 150))
PAPER: tuple[Colour, ...] = (
    (225, 228, 228),
    (200, 205, 205),
    (170, 180, 190),
    (160, 90, 50),
    (60, 60, 190),
    (70, 160, 200),
    (90, 120, 140),
    (60, 70, 80),
)


def stall(kind: str, size_m: tuple[float, float, float], seed: int) -> Mesh:
    """Return a vendor's stall: "umbrella", "awning" or "tricycle"; size is length, width, height.

    The vendor is not part of it.
    """
    rng = np.random.default_rng(seed)
    length, width, height = size_m
    first, second = CANVAS[int(rng.integers(len(CANVAS)))]
    if kind == "awning":
        parts = [_table((0, 0), (length * 0.9, width * 0.55), rng), *_poles(length, width, height)]
        parts.append(_awning(length, width, height, first, second))
    elif kind == "umbrella":
        table = (length * 0.95, width * 0.45)
        parts = [
            _table((0, -width * 0.22), table, rng),
            _umbrella(width * 0.5, height, first, second),
        ]
        parts.append(limb((0, 0, 0), (0, 0, height), (0.03, 0.03), STEEL))
        parts += _crates(length, width, rng)
    else:
        parts = [_tricycle(length, width, rng), _umbrella(width * 0.52, height, first, second)]
        parts.append(limb((-0.3, 0, 0.7), (-0.1, 0, height), (0.03, 0.03), STEEL))
    return joined(parts)


def _table(
    centre: tuple[float, float], size: tuple[float, float], rng: np.random.Generator
) -> Mesh:
    x0, y0 = centre
    length, width = size
    parts = [box((x0, y0, 0.74), (length, width, 0.06), WOOD)]
    parts += [
        box((x0 + sx * length * 0.45, y0 + sy * width * 0.42, 0.36), (0.06, 0.06, 0.72), STEEL)
        for sx in (1, -1)
        for sy in (1, -1)
    ]
    return joined([*parts, _produce((x0, y0, 0.77), (length, width), rng)])


def _produce(
    corner: tuple[float, float, float], size: tuple[float, float], rng: np.random.Generator
) -> Mesh:
    """Return open trays of heaped goods in rows."""
    columns, rows = max(2, round(size[0] / 0.42)), max(1, round(size[1] / 0.42))
    parts = []
    for i in range(columns):
        for j in range(rows):
            x = corner[0] + ((i + 0.5) / columns - 0.5) * size[0]
            y = corner[1] + ((j + 0.5) / rows - 0.5) * size[1]
            colour = PRODUCE[int(rng.integers(len(PRODUCE)))]
            cell = (size[0] / columns * 0.46, size[1] / rows * 0.46)
            heap = ellipsoid((x, y, corner[2] + 0.05), (*cell, 0.12), colour, facets=(6, 3))
            parts.append(recoloured(heap, rng, 0.18))
    return joined(parts)


def _poles(length: float, width: float, height: float) -> list[Mesh]:
    return [
        limb(
            (sx * length * 0.46, sy * width * 0.46, 0),
            (sx * length * 0.46, sy * width * 0.46, height - 0.25),
            (0.03, 0.03),
            STEEL,
        )
        for sx in (1, -1)
        for sy in (1, -1)
    ]


def _awning(length: float, width: float, height: float, first: Colour, second: Colour) -> Mesh:
    stripes, eaves, hem = 8, height - 0.3, height - 0.5
    parts = []
    for i in range(stripes):
        x0, x1 = ((i / stripes) - 0.5) * length, ((i + 1) / stripes - 0.5) * length
        colour = first if i % 2 == 0 else second
        for s in (1, -1):
            y = s * width / 2
            slope = [[x0, 0, height], [x0, y, eaves], [x1, y, eaves], [x1, 0, height]]
            flap = [[x0, y, eaves], [x0, y, hem], [x1, y, hem], [x1, y, eaves]]
            quads = [slope, flap] if s > 0 else [slope[::-1], flap[::-1]]
            parts.append(faces(quads, colour, two_sided=True))
    return joined(parts)


def _umbrella(radius: float, height: float, first: Colour, second: Colour) -> Mesh:
    parts = []
    for i in range(8):
        a0, a1 = i * math.pi / 4, (i + 1) * math.pi / 4
        colour = first if i % 2 == 0 else second
        inner, outer, drop = radius * 0.5, radius, height * 0.2
        mid = height - drop * 0.32
        points = {
            (r, a): [r * math.cos(a), r * math.sin(a), z]
            for r, z in ((inner, mid), (outer, height - drop))
            for a in (a0, a1)
        }
        top = [0.0, 0.0, height]
        parts.append(
            faces(
                [
                    [top, points[inner, a0], points[inner, a1], points[inner, a1]],
                    [points[inner, a0], points[outer, a0], points[outer, a1], points[inner, a1]],
                ],
                colour,
                two_sided=True,
            )
        )
    return joined(parts)


def _crates(length: float, width: float, rng: np.random.Generator) -> list[Mesh]:
    parts = []
    for _ in range(int(rng.integers(3, 7))):
        x, y = float(rng.uniform(-0.45, 0.45)) * length, float(rng.uniform(0.1, 0.42)) * width
        tint = (CARDBOARD + BAGS[4:8])[int(rng.integers(7))]
        parts.append(box((x, y, 0.17), (0.5, 0.36, 0.34), tint))
        parts.append(_produce((x, y, 0.32), (0.46, 0.32), rng))
    return parts


def _tricycle(length: float, width: float, rng: np.random.Generator) -> Mesh:
    paint = ((160, 90, 40), (50, 50, 180), (80, 140, 60))[int(rng.integers(3))]
    tray_l, tray_w = length * 0.62, min(width * 0.7, 1.2)
    x, grip = -length / 2 + tray_l / 2, length / 2 - 0.5
    return joined(
        [
            box((x, 0, 0.62), (tray_l, tray_w, 0.3), paint),
            _produce((x, 0, 0.78), (tray_l * 0.95, tray_w * 0.95), rng),
            wheel(x - 0.1, tray_w / 2 + 0.05, 0.3, 0.1),
            wheel(x - 0.1, -tray_w / 2 - 0.05, 0.3, 0.1),
            wheel(length / 2 - 0.3, 0.04, 0.3, 0.1),
            limb((length / 2 - 0.3, 0, 0.3), (length / 2 - 0.5, 0, 1.0), (0.05, 0.05), STEEL),
            limb((grip, -0.3, 1.0), (grip, 0.3, 1.0), (0.025, 0.025), (40, 40, 40)),
            box((length / 2 - 0.85, 0, 0.72), (0.4, 0.3, 0.1), (36, 36, 38)),
            limb((-length * 0.1, 0, 0.5), (length / 2 - 0.4, 0, 0.6), (0.05, 0.05), paint),
        ]
    )


def garbage(kind: str, size_m: tuple[float, float, float], seed: int) -> Mesh:
    """Return a pile of garbage: "bags", "mixed" or "scattered"; size is length, width, height."""
    rng = np.random.default_rng(seed)
    length, width, height = size_m
    area = length * width
    bags, boxes, litter = {
        "bags": (int(5.0 * area), int(0.6 * area), int(4 * area)),
        "mixed": (int(2.6 * area), int(1.8 * area), int(7 * area)),
        "scattered": (int(0.5 * area), int(0.5 * area), int(8 * area)),
    }[kind]
    palette = [BAGS[int(i)] for i in rng.choice(len(BAGS), 3, p=_BAG_SHARES)]
    lobes = _lobes(length, width, rng)
    parts = [_rubble(lobes, height, rng)] if kind == "mixed" else []
    parts += [_bag(_spot(lobes, height, rng), palette, rng) for _ in range(max(bags, 2))]
    parts += [_carton(_spot(lobes, height, rng), rng) for _ in range(boxes)]
    parts += [_scrap(_spot(lobes, 0.0, rng, loose=1.25), rng) for _ in range(litter)]
    heap = joined(parts)
    flat = heap.corners_m[..., :2].reshape(-1, 2)
    # The heap is stretched and centred to fill its stated length and width exactly.
    middle = (flat.min(axis=0) + flat.max(axis=0)) / 2
    stretch = np.array([length, width]) / np.ptp(flat, axis=0)
    return heap.shifted((-middle[0], -middle[1], 0.0)).scaled((stretch[0], stretch[1], 1.0))


def _lobes(length: float, width: float, rng: np.random.Generator) -> Floats:
    """Return the small heaps that make a pile, float64 (N, 3): middle and radius."""
    count = int(rng.integers(2, 5))
    middles = rng.uniform(-0.5, 0.5, (count, 2)) * [length * 0.62, width * 0.5]
    return np.column_stack([middles, rng.uniform(0.16, 0.34, count) * (length + width) / 2])


def _spot(
    lobes: Floats, height: float, rng: np.random.Generator, loose: float = 1.0
) -> tuple[float, float, float]:
    """Return a place on one of the heaps: high in the middle, low at its edge."""
    east, north, radius = lobes[int(rng.integers(len(lobes)))]
    angle, reach = rng.uniform(0, 2 * math.pi), abs(float(rng.normal(0, 0.5))) * loose
    rise = max(height - 0.35, 0.0) * max(0.0, 1 - reach) * float(rng.uniform(0.5, 1.0))
    return (
        float(east) + math.cos(angle) * reach * float(radius),
        float(north) + math.sin(angle) * reach * float(radius),
        rise,
    )


def _bag(spot: tuple[float, float, float], palette: list[Colour], rng: np.random.Generator) -> Mesh:
    radius = float(rng.uniform(0.18, 0.38))
    colour = palette[int(rng.integers(len(palette)))]
    x, y, z = spot
    flat = float(rng.uniform(0.6, 0.85))
    shape = (radius, radius * float(rng.uniform(0.7, 1.0)), radius * flat)
    body = ellipsoid((x, y, z + radius * flat * 0.85), shape, colour, facets=(7, 4), gloss=0.35)
    wobble = rng.normal(0.0, radius * 0.07, body.corners_m.shape)
    dented = replace(body, corners_m=body.corners_m + wobble)
    knot = limb(
        (x, y, z + radius * flat * 1.6),
        (x, y, z + radius * flat * 1.6 + 0.1),
        (0.03, 0.06),
        colour,
        sides=5,
    )
    return recoloured(joined([dented, knot]), rng, 0.22)


def _carton(spot: tuple[float, float, float], rng: np.random.Generator) -> Mesh:
    size = (
        float(rng.uniform(0.3, 0.7)),
        float(rng.uniform(0.25, 0.5)),
        float(rng.uniform(0.15, 0.4)),
    )
    colour = CARDBOARD[int(rng.integers(len(CARDBOARD)))]
    body = tilted(
        box((0, 0, 0), size, colour), float(rng.uniform(-25, 25)), float(rng.uniform(-25, 25))
    )
    lifted = (spot[0], spot[1], spot[2] + size[2] / 2 + 0.03)
    return recoloured(body.placed(lifted, float(rng.uniform(0, 360))), rng, 0.1)


def _scrap(spot: tuple[float, float, float], rng: np.random.Generator) -> Mesh:
    """Return a flat piece of paper or plastic on the ground."""
    size = rng.uniform(0.05, 0.17, 2)
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size + rng.normal(0, 0.02, (4, 2))
    turn = float(rng.uniform(0, math.pi))
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    corners = np.column_stack([quad @ spin.T + spot[:2], rng.uniform(0.01, 0.06, 4)])
    return faces(corners, PAPER[int(rng.integers(len(PAPER)))], two_sided=True)


def _rubble(lobes: Floats, height: float, rng: np.random.Generator) -> Mesh:
    """Return the dirty mounds under a mixed pile."""
    parts = []
    for east, north, radius in lobes:
        size = (radius * 0.8, radius * 0.8, height * 0.45)
        mound = ellipsoid((east, north, 0), size, (84, 102, 114), facets=(10, 6))
        keep = mound.corners_m[:, :, 2].mean(axis=1) > -0.02
        rough = mound.corners_m[keep] + rng.normal(0, 0.04, (int(keep.sum()), 4, 3))
        parts.append(faces(rough, (84, 102, 114)))
    return recoloured(joined(parts), rng, 0.3)
