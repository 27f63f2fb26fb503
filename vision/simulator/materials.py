"""Textures of the ground: small tiles of grass, crops, asphalt and the like."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.simulator.scene import Material

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
TILE_PX = 1024

BASE_BGR: dict[Material, tuple[tuple[float, float, float], ...]] = {
    Material.GRASS: ((76, 122, 110), (70, 108, 106), (92, 134, 136)),
    Material.SOIL: ((98, 128, 152), (86, 112, 134), (110, 140, 160)),
    Material.CROP: ((66, 124, 102), (78, 140, 124), (92, 150, 160), (66, 104, 84)),
    Material.ASPHALT: ((92, 92, 92), (82, 80, 80), (106, 106, 108)),
    Material.CONCRETE: ((168, 174, 178), (152, 158, 162), (180, 184, 186)),
    Material.PAVING: ((140, 150, 160), (128, 134, 150), (150, 152, 154)),
    Material.WATER: ((112, 112, 88), (120, 122, 104), (96, 106, 92)),
    Material.GRAVEL: ((140, 150, 156), (126, 136, 146)),
    Material.HATCHED: ((92, 92, 92),),
}
GRAIN: dict[Material, tuple[float, float]] = {
    Material.GRASS: (0.13, 0.16),
    Material.SOIL: (0.09, 0.10),
    Material.CROP: (0.12, 0.12),
    Material.ASPHALT: (0.06, 0.07),
    Material.CONCRETE: (0.025, 0.06),
    Material.PAVING: (0.04, 0.05),
    Material.WATER: (0.01, 0.05),
    Material.GRAVEL: (0.14, 0.07),
    Material.HATCHED: (0.06, 0.05),
}
"""Share of brightness that varies: from pixel to pixel, and in blots."""


def cloud(rng: np.random.Generator, shape: tuple[int, int], scales_px: tuple[float, ...]) -> Floats:
    """Return smooth noise, float32 of `shape`, about -1 to 1, mixed from blots of given sizes.

    Its edges fit together, so that it can be repeated without a seam.
    """
    total = np.zeros(shape, np.float32)
    for scale in scales_px:
        cells = (max(2, round(shape[0] / scale)), max(2, round(shape[1] / scale)))
        noise = np.pad(rng.standard_normal(cells).astype(np.float32), 2, mode="wrap")
        steps = (shape[0] / cells[0], shape[1] / cells[1])
        full = (round((cells[1] + 4) * steps[1]), round((cells[0] + 4) * steps[0]))
        wide = cv2.resize(noise, full, interpolation=cv2.INTER_CUBIC)
        top, left = round(2 * steps[0]), round(2 * steps[1])
        total += wide[top : top + shape[0], left : left + shape[1]]
    return total / np.float32(1.5 * len(scales_px) ** 0.5)


def tile(material: Material, texel_m: float, rng: np.random.Generator) -> Image:
    """Return a square texture of a material, uint8 (1024, 1024, 3); rows run along its x axis."""
    tints = BASE_BGR[material]
    tint = np.asarray(tints[int(rng.integers(len(tints)))], np.float32) * rng.uniform(0.9, 1.1)
    fine, broad = GRAIN[material]
    shape = (TILE_PX, TILE_PX)
    light = 1 + fine * rng.standard_normal(shape).astype(np.float32)
    light += broad * cloud(rng, shape, (0.4 / texel_m, 1.5 / texel_m, 6 / texel_m))
    hue = cloud(rng, shape, (2.5 / texel_m, 9 / texel_m)) * _hue_spread(material)
    light *= _structure(material, texel_m, rng)
    picture = tint * light[..., None]
    picture += hue[..., None] * np.array([-6, -2, 10], np.float32)
    if material is Material.HATCHED:
        picture = _hatched(picture, texel_m)
    return np.clip(picture, 0, 255).astype(np.uint8)


def fitting_m(pitch_m: float, texel_m: float) -> float:
    """Return the nearest pitch of which a whole number fits a tile, so that tiles join."""
    side_m = TILE_PX * texel_m
    return side_m / max(1, round(side_m / pitch_m))


def _hue_spread(material: Material) -> float:
    return {Material.GRASS: 0.9, Material.SOIL: 0.5, Material.CROP: 0.5}.get(material, 0.25)


def _structure(material: Material, texel_m: float, rng: np.random.Generator) -> Floats:
    """Return brightness factors of rows, joints or ripples, float32 (1024, 1024)."""
    metres = np.arange(TILE_PX, dtype=np.float32) * np.float32(texel_m)
    if material is Material.CROP:
        spacing = float(rng.choice([0.55, 0.8, 1.2]))
        wander = cloud(rng, (TILE_PX, TILE_PX), (4 / texel_m,)) * 0.12
        phase = (metres[:, None] + wander) * (2 * np.pi / fitting_m(spacing, texel_m))
        depth = float(rng.uniform(0.05, 0.17))
        return (1 + depth * np.sin(phase)).astype(np.float32)
    if material in (Material.PAVING, Material.CONCRETE):
        pitch = fitting_m(0.8 if material is Material.PAVING else 5.0, texel_m)
        joint = 0.88 if material is Material.PAVING else 0.80
        line = np.where(metres % pitch < max(texel_m, 0.05), joint, 1.0).astype(np.float32)
        return np.asarray(line[:, None] * line[None, :], dtype=np.float32)
    return np.ones((1, 1), np.float32)


def _hatched(picture: Floats, texel_m: float) -> Floats:
    """Return asphalt under the yellow cross-hatching of a fire lane, worn in places."""
    metres = np.arange(TILE_PX, dtype=np.float32) * np.float32(texel_m)
    diagonal = metres[:, None] + metres[None, :]
    other = metres[:, None] - metres[None, :]
    pitch = fitting_m(2.4, texel_m)
    paint = ((diagonal % pitch) < 0.17) | ((other % pitch) < 0.17)
    mixed = picture * 0.35 + np.array([60, 175, 205], np.float32) * 0.65
    return np.where(paint[..., None], mixed, picture)
