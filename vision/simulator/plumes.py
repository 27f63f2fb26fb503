"""Smoke that billows and flames that flicker, as clouds of soft puffs.

A puff's place, size and strength follow from the object's seed and the time alone, so a plume
looks the same whenever the same moment is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.simulator.materials import cloud
from vision.simulator.mesh import Floats
from vision.simulator.scene import SceneObject

SOOT: dict[str, tuple[float, float, float]] = {
    "white": (214, 212, 210),
    "grey": (150, 148, 146),
    "black": (52, 50, 50),
}
_PUFFS = 46
_FLAMES = 44
_SPRITE_PX = 96


@dataclass(frozen=True)
class Puffs:
    """A cloud at one moment.

    Attributes:
        centres_m: float64 (N, 3), east, north, up from the scene's origin, far to near order free.
        radii_m: float64 (N,).
        strength: float64 (N,), opacity of a puff's middle, 0 to 1.
        colours: float64 (N, 3), BGR.
        shape: int (N,), which sprite each takes.
        stretch: How much taller than wide a puff looks.
    """

    centres_m: Floats
    radii_m: Floats
    strength: Floats
    colours: Floats
    shape: npt.NDArray[np.int64]
    stretch: float = 1.0


def puffs_at(
    item: SceneObject, place_m: tuple[float, float], wind_mps: tuple[float, float], time_s: float
) -> Puffs:
    """Return the cloud of a smoke or fire object at a time."""
    if item.class_name == "fire":
        return _flames(item, place_m, time_s)
    return _smoke(item, place_m, wind_mps, time_s)


def _smoke(
    item: SceneObject, place_m: tuple[float, float], wind_mps: tuple[float, float], time_s: float
) -> Puffs:
    """Puffs leave the ground one after another, rise, widen, drift and thin out."""
    rng = np.random.default_rng(item.seed)
    offset, side, size, tone = (rng.random(_PUFFS) for _ in range(4))
    life_s = 7.0
    age = (np.arange(_PUFFS) / _PUFFS + time_s / life_s + offset * 0.4 / _PUFFS) % 1.0
    rise = age**0.75
    base = min(item.length_m, item.width_m) / 2
    radius = base * (0.30 + 0.70 * rise) * (0.6 + 0.8 * size)
    drift = np.asarray(wind_mps)[None, :] * (age[:, None] * item.height_m * 0.28)
    swirl_at = side * 2 * math.pi + time_s * 0.5
    swirl = np.column_stack([np.cos(swirl_at), np.sin(swirl_at)]) * (base * 0.6 * rise)[:, None]
    flat = np.asarray(place_m) + drift + swirl
    centres = np.column_stack([flat, 0.2 + rise * item.height_m * 0.9])
    strength = 0.62 * np.minimum(1.0, (1.0 - age) * 1.5) * np.minimum(1.0, age * 9 + 0.25)
    soot = np.asarray(SOOT[item.kind], dtype=np.float64)
    colours = np.clip(soot * (0.72 + 0.42 * tone + 0.14 * rise)[:, None], 0, 250)
    return Puffs(centres, radius, strength, colours, rng.integers(0, 4, _PUFFS))


def _flames(item: SceneObject, place_m: tuple[float, float], time_s: float) -> Puffs:
    """Tongues shoot up from the burning area, red outside and yellow within.

    The first half of the puffs are the red outer tongues, the rest the bright core over them.
    """
    rng = np.random.default_rng(item.seed)
    offset, east, north, size = (rng.random(_FLAMES) for _ in range(4))
    core = np.arange(_FLAMES) >= _FLAMES // 2
    age = (offset + time_s * (0.9 + 0.5 * size)) % 1.0
    flat = np.column_stack([east - 0.5, north - 0.5]) * [item.length_m, item.width_m]
    flat *= np.where(core, 0.42, 0.72)[:, None] * (1 - 0.5 * age)[:, None]
    flat[:, 0] += np.sin(time_s * 9 + offset * 20) * 0.10 * item.length_m * age
    tall = item.height_m * np.where(core, 0.5, 0.85)
    centres = np.column_stack([flat + np.asarray(place_m), 0.15 + age * tall])
    reach = min(item.length_m, item.width_m) * np.where(core, 0.20, 0.25)
    radius = reach * (1.0 - 0.72 * age) * (0.55 + 0.75 * size)
    hot, orange, red = np.array([[150.0, 240, 255], [30, 150, 255], [20, 60, 215]])
    inner = hot * (1 - age)[:, None] + orange * age[:, None]
    outer = orange * (1 - age)[:, None] + red * age[:, None]
    colours = np.where(core[:, None], inner, outer)
    strength = np.where(core, 0.9, 0.8) * (1 - age**3)
    shapes = rng.integers(0, 4, _FLAMES)
    return Puffs(centres, radius, strength, colours, shapes, stretch=1.7)


def sprites(seed: int) -> npt.NDArray[np.float32]:
    """Return four soft, ragged discs, float32 (4, 96, 96), 0 to 1."""
    rng = np.random.default_rng(seed)
    axis = np.linspace(-1, 1, _SPRITE_PX, dtype=np.float32)
    radius = np.hypot(axis[:, None], axis[None, :])
    shapes = []
    for _ in range(4):
        ragged = np.clip(radius + 0.24 * cloud(rng, (_SPRITE_PX, _SPRITE_PX), (9, 20)), 0, None)
        shapes.append(np.clip(1.15 - ragged**1.5 * 1.35, 0, 1) * (radius < 0.98))
    return np.asarray(np.stack(shapes), dtype=np.float32)


def layered(
    cloud_px: Floats,
    radii_px: Floats,
    puffs: Puffs,
    stamps: npt.NDArray[np.float32],
    window: tuple[int, int, int, int],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return colour (h, w, 3) and opacity (h, w) of a cloud over a window of the picture.

    Args:
        cloud_px: float64 (N, 2), middles of the puffs in the picture, in the order to lay them.
        radii_px: float64 (N,).
        puffs: The cloud, in the same order.
        stamps: The sprites of `sprites`.
        window: Left, top, right, bottom of the window in pixels.
    """
    x0, y0, x1, y1 = window
    shrink = 2.0 if max(x1 - x0, y1 - y0) > 160 else 1.0
    size = (max(1, int((x1 - x0) / shrink)), max(1, int((y1 - y0) / shrink)))
    colour = np.zeros((size[1], size[0], 3), np.float32)
    clear = np.ones((size[1], size[0]), np.float32)
    for index in range(len(cloud_px)):
        middle = (cloud_px[index] - (x0, y0)) / shrink
        radius = max(float(radii_px[index]) / shrink, 1.0)
        stamp = stamps[puffs.shape[index]] * np.float32(puffs.strength[index])
        _lay(colour, clear, stamp, middle, (radius, radius * puffs.stretch), puffs.colours[index])
    alpha = 1 - clear
    colour /= np.maximum(alpha, 1e-3)[..., None]
    full = (x1 - x0, y1 - y0)
    return (
        np.asarray(cv2.resize(colour, full), dtype=np.float32),
        np.asarray(cv2.resize(alpha, full), dtype=np.float32),
    )


def _lay(
    colour: npt.NDArray[np.float32],
    clear: npt.NDArray[np.float32],
    stamp: npt.NDArray[np.float32],
    middle: Floats,
    reach: tuple[float, float],
    tint: Floats,
) -> None:
    """Lay one puff over what is there (premultiplied colour, remaining clearness)."""
    left, top = math.floor(middle[0] - reach[0]), math.floor(middle[1] - reach[1])
    wide, tall = math.ceil(2 * reach[0]) + 1, math.ceil(2 * reach[1]) + 1
    height, width = clear.shape
    ax, ay = max(left, 0), max(top, 0)
    bx, by = min(left + wide, width), min(top + tall, height)
    if ax >= bx or ay >= by:
        return
    mask = cv2.resize(stamp, (wide, tall))[ay - top : by - top, ax - left : bx - left]
    colour[ay:by, ax:bx] *= (1 - mask)[..., None]
    colour[ay:by, ax:bx] += mask[..., None] * tint.astype(np.float32)
    clear[ay:by, ax:bx] *= 1 - mask
