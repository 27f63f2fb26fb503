"""Meshes of houses, and the leaf clumps of trees."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from vision.simulator.mesh import Colour, Floats, Mesh, box, faces, joined
from vision.simulator.scene import Building, RoofKind, Tree

ROOFS: tuple[Colour, ...] = (
    (70, 84, 150),
    (60, 70, 130),
    (88, 92, 96),
    (110, 112, 112),
    (170, 110, 60),
    (74, 80, 92),
)
FLAT_ROOFS: tuple[Colour, ...] = (
    (168, 172, 174),
    (150, 152, 154),
    (186, 188, 188),
    (140, 146, 152),
)
WALLS: tuple[Colour, ...] = (
    (205, 212, 216),
    (220, 222, 222),
    (150, 176, 196),
    (120, 140, 176),
    (190, 200, 205),
)
LEAVES: tuple[Colour, ...] = (
    (46, 92, 66),
    (40, 84, 54),
    (52, 104, 84),
    (36, 72, 50),
    (60, 110, 96),
)


@dataclass(frozen=True)
class Crown:
    """The leaf clumps of a tree, in metres from its foot.

    Attributes:
        centres_m: float64 (N, 3).
        radii_m: float64 (N,).
        colours: float64 (N, 3), BGR.
    """

    centres_m: Floats
    radii_m: Floats
    colours: Floats


def house(building: Building) -> Mesh:
    """Return a house at its own origin, x along its length.

    Lifts of tens of metres put walls, openings, roof and what stands on it in that order.
    """
    rng = np.random.default_rng(building.seed)
    wall = WALLS[int(rng.integers(len(WALLS)))]
    length, width, eaves = building.length_m, building.width_m, building.wall_height_m
    walls = box((0, 0, eaves / 2), (length, width, eaves), wall)
    parts = [_plastered(walls, rng), _openings(length, width, eaves, rng)]
    if building.roof is RoofKind.GABLE:
        parts.append(_gable_roof(length, width, eaves, rng))
    else:
        parts.append(_flat_roof(length, width, eaves, rng))
    return joined(parts)


def _plastered(walls: Mesh, rng: np.random.Generator) -> Mesh:
    """Return walls each with its own slight tint, as plaster weathers unevenly."""
    factor = np.repeat(rng.normal(1.0, 0.04, (walls.count, 1)), 3, axis=1)
    return replace(walls, colours=np.clip(walls.colours * factor, 0, 255))


def _openings(length: float, width: float, eaves: float, rng: np.random.Generator) -> Mesh:
    """Return doors and windows on the long walls, one row a storey."""
    glass: Colour = (70, 62, 54)
    door: Colour = (60, 70, 120) if rng.random() < 0.5 else (90, 96, 100)
    parts = []
    for storey in range(max(1, int(eaves // 2.9))):
        low = storey * 2.9 + 1.0
        for x in np.arange(-length / 2 + 1.2, length / 2 - 1.0, 2.6):
            is_door = storey == 0 and rng.random() < 0.3
            z0, z1 = (0.02, 2.1) if is_door else (low, low + 1.3)
            for s in (1, -1):
                y = s * (width / 2 + 0.02)
                quad = [[x + 1.3, y, z0], [x, y, z0], [x, y, z1], [x + 1.3, y, z1]]
                colour = door if is_door else glass
                parts.append(faces(quad if s > 0 else quad[::-1], colour, gloss=0.6, lift_m=10))
    return joined(parts)


def _gable_roof(length: float, width: float, eaves: float, rng: np.random.Generator) -> Mesh:
    tint = ROOFS[int(rng.integers(len(ROOFS)))]
    rise = width * float(rng.uniform(0.22, 0.34))
    over, rows = 0.4, 9
    half_l, half_w, ridge = length / 2 + over, width / 2 + over, eaves + rise
    low = eaves - over * rise / (width / 2)
    parts = []
    for s in (1, -1):
        for row in range(rows):
            t0, t1 = row / rows, (row + 1) / rows
            y0, y1 = s * half_w * (1 - t0), s * half_w * (1 - t1)
            z0, z1 = low + (ridge - low) * t0, low + (ridge - low) * t1
            quad = [[half_l, y0, z0], [-half_l, y0, z0], [-half_l, y1, z1], [half_l, y1, z1]]
            shade = float(rng.normal(1.0, 0.07)) * (0.94 if row % 2 else 1.04)
            colour: Colour = (tint[0] * shade, tint[1] * shade, tint[2] * shade)
            parts.append(faces(quad if s > 0 else quad[::-1], colour, lift_m=20))
    y = width / 2
    ends = [
        [
            [length / 2, -y, eaves],
            [length / 2, y, eaves],
            [length / 2, 0, ridge - 0.1],
            [length / 2, 0, ridge - 0.1],
        ],
        [
            [-length / 2, y, eaves],
            [-length / 2, -y, eaves],
            [-length / 2, 0, ridge - 0.1],
            [-length / 2, 0, ridge - 0.1],
        ],
    ]
    parts.append(faces(ends, (190, 198, 204)))
    parts.append(box((0, 0, ridge), (length + 2 * over, 0.3, 0.14), (80, 86, 96), lift_m=30))
    return joined(parts)


def _flat_roof(length: float, width: float, eaves: float, rng: np.random.Generator) -> Mesh:
    tint = FLAT_ROOFS[int(rng.integers(len(FLAT_ROOFS)))]
    dark: Colour = (tint[0] * 0.86, tint[1] * 0.86, tint[2] * 0.86)
    parts = [box((0, 0, eaves + 0.1), (length + 0.3, width + 0.3, 0.2), tint, lift_m=20)]
    for s in (1, -1):
        parts.append(
            box((0, s * width / 2, eaves + 0.4), (length + 0.3, 0.25, 0.5), dark, lift_m=30)
        )
        parts.append(
            box((s * length / 2, 0, eaves + 0.4), (0.25, width + 0.3, 0.5), dark, lift_m=30)
        )
    x = float(rng.uniform(-0.3, 0.3)) * length
    if rng.random() < 0.6:
        parts.append(box((x, 0, eaves + 1.2), (2.6, 2.2, 2.2), tint, lift_m=40))
    if rng.random() < 0.7:
        heater = [[0.9, 0.5, 0.7], [-0.9, 0.5, 0.7], [-0.9, -0.5, 0.25], [0.9, -0.5, 0.25]]
        panel = faces(np.asarray(heater)[::-1], (90, 50, 30), gloss=0.8, lift_m=50, two_sided=True)
        parts.append(panel.shifted((-x, width * 0.2, eaves + 0.1)))
    return joined(parts)


def crown(tree: Tree) -> Crown:
    """Return the clumps that make a tree's crown and trunk, lowest first."""
    rng = np.random.default_rng(tree.seed)
    count = int(np.clip(110 * tree.crown_radius_m, 120, 330))
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    reach = rng.uniform(0.25, 1.0, (count, 1)) ** 0.4
    tall = min(tree.height_m * 0.42, tree.crown_radius_m * 1.25)
    lobes = 1 + 0.18 * np.sin(3 * np.arctan2(direction[:, 1:2], direction[:, 0:1]) + tree.seed % 7)
    centres = direction * reach * lobes * [tree.crown_radius_m, tree.crown_radius_m, tall]
    centres[:, 2] += tree.height_m - tall
    tint = np.asarray(LEAVES[int(rng.integers(len(LEAVES)))], dtype=np.float64)
    inner = 0.45 + 0.65 * reach
    colours = tint * inner * rng.normal(1.0, 0.13, (count, 1))
    radii = tree.crown_radius_m * rng.uniform(0.06, 0.17, count)
    trunk_z = np.linspace(0.1, tree.height_m - tall, 9)
    trunk = np.column_stack([np.zeros(9), np.zeros(9), trunk_z])
    thick = np.full(9, 0.06 + 0.05 * tree.crown_radius_m)
    bark = np.tile([60.0, 74.0, 84.0], (9, 1))
    order = np.argsort(centres[:, 2])
    return Crown(
        np.concatenate([trunk, centres[order]]),
        np.concatenate([thick, radii[order]]),
        np.concatenate([bark, np.clip(colours[order], 0, 255)]),
    )


def crown_span_m(tree: Tree) -> float:
    """Return a radius that holds the whole tree, from half its height."""
    return math.hypot(tree.crown_radius_m * 1.3, tree.height_m / 2)
