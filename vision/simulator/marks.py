"""What lies flat on the ground: potholes, stains, patches, tufts of grass, bays."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from vision.simulator.materials import Image, cloud
from vision.simulator.scene import Scene, SceneObject

Points = npt.NDArray[np.float64]
_OUTLINE_POINTS = 40


class Ground(Protocol):
    """What marks are painted on."""

    image: Image
    texel_m: float

    def texels(self, points_m: npt.ArrayLike) -> Points:
        """Return columns and rows of (east, north) points."""

    def window(self, texels: Points, margin_px: int = 2) -> tuple[slice, slice] | None:
        """Return the rows and columns that hold the points."""


def pothole_outline_m(item: SceneObject, place_m: tuple[float, float]) -> Points:
    """Return the rim of a pothole, float64 (40, 2), east and north from the scene's origin.

    The rim touches its stated length and width.
    """
    rng = np.random.default_rng(item.seed)
    angles = np.linspace(0, 2 * math.pi, _OUTLINE_POINTS, endpoint=False)
    reach = np.ones(_OUTLINE_POINTS)
    for wave in range(2, 8):
        reach += rng.normal(0, 0.26 / wave) * np.cos(wave * angles + rng.uniform(0, 2 * math.pi))
    rim = np.column_stack([np.cos(angles), np.sin(angles)]) * np.clip(reach, 0.45, None)[:, None]
    rim -= (rim.min(axis=0) + rim.max(axis=0)) / 2
    rim = rim / np.ptp(rim, axis=0) * [item.length_m, item.width_m]
    heading = math.radians(item.heading_deg)
    forward = np.array([math.sin(heading), math.cos(heading)])
    left = np.array([-math.cos(heading), math.sin(heading)])
    return np.asarray(rim[:, :1] * forward + rim[:, 1:] * left + np.asarray(place_m))


def paint_pothole(ground: Ground, item: SceneObject, place_m: tuple[float, float]) -> None:
    """Paint a pothole: broken rim, dark wall on the sunny side, gravel or water inside."""
    rng = np.random.default_rng([item.seed, 3])
    rim = pothole_outline_m(item, place_m)
    corners = ground.texels(rim)
    margin = round(0.5 / ground.texel_m)
    window = ground.window(corners, margin)
    if window is None:
        return
    rows, columns = window
    part = ground.image[rows, columns]
    local = corners - [columns.start, rows.start]
    inside = _mask(part.shape[:2], local)
    _crackle(part, local, rng, ground.texel_m)
    texture = _pit(part.shape[:2], item.kind == "puddle", rng, ground.texel_m)
    soft = cv2.GaussianBlur(inside, (3, 3), 0)[..., None].astype(np.float32) / 255
    mixed = part * (1 - soft) + texture * soft
    inner = _mask(part.shape[:2], local + np.array([1.5, 1.5]))
    wall = cv2.GaussianBlur(cv2.subtract(inside, inner), (3, 3), 0).astype(np.float32)[..., None]
    mixed *= 1 - 0.55 * wall / 255
    lit = cv2.subtract(_mask(part.shape[:2], local - np.array([1.2, 1.2])), inside).astype(
        np.float32
    )
    mixed += lit[..., None] * (22 / 255)
    part[:] = np.clip(mixed, 0, 255).astype(np.uint8)


def paint_scorch(ground: Ground, item: SceneObject, place_m: tuple[float, float]) -> None:
    """Blacken the ground about a fire."""
    rng = np.random.default_rng([item.seed, 4])
    angles = np.linspace(0, 2 * math.pi, 18, endpoint=False)
    for factor, share in ((0.62, 1.25), (0.42, 0.95), (0.45, 0.7)):
        ragged = np.convolve(np.tile(rng.normal(0, 0.22, 18), 3), np.ones(3) / 3, "same")[18:36]
        reach = share * (1 + ragged) / 2
        rim = np.column_stack([np.cos(angles), np.sin(angles)]) * reach[:, None]
        _tint(ground, ground.texels(rim * [item.length_m, item.width_m] + place_m), factor)


def _mask(shape: tuple[int, int], points: Points) -> Image:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask


def _pit(
    shape: tuple[int, int], wet: bool, rng: np.random.Generator, texel_m: float
) -> npt.NDArray[np.float32]:
    """Return what fills the hole, float32 (H, W, 3)."""
    blots = cloud(rng, shape, (0.08 / texel_m + 1, 0.3 / texel_m + 1, 1 / texel_m))
    grain = rng.standard_normal(shape).astype(np.float32)
    if wet:
        tint = np.array([110, 128, 140], np.float32) * rng.uniform(0.7, 1.15)
        return np.asarray(tint * (1 + 0.04 * blots[..., None]))
    tint = np.array([62, 70, 78], np.float32) * rng.uniform(0.75, 1.35)
    return np.asarray(tint * (1 + 0.16 * grain + 0.30 * blots)[..., None])


def _crackle(part: Image, rim: Points, rng: np.random.Generator, texel_m: float) -> None:
    """Draw cracks that run out from the rim."""
    middle = rim.mean(axis=0)
    for start in rim[rng.integers(0, len(rim), 4)]:
        direction = (start - middle) / max(float(np.hypot(*(start - middle))), 1.0)
        point = start
        for _ in range(int(rng.integers(2, 5))):
            step = direction * 0.5 + rng.normal(0, 0.7, 2)
            after = point + step * (0.14 / texel_m)
            ends = np.round(np.stack([point, after])).astype(int).tolist()
            cv2.line(part, ends[0], ends[1], (74, 75, 77), 1, cv2.LINE_AA)
            point = after


def paint_clutter(ground: Ground, scene: Scene, rng: np.random.Generator) -> None:
    """Paint tufts and stones everywhere, and patches, stains and cracks along the roads."""
    extent = scene.half_extent_m * 0.98
    tufts = int((2 * extent) ** 2 / 60)
    places = ground.texels(rng.uniform(-extent, extent, (tufts, 2))).astype(int)
    sizes = np.minimum(rng.gamma(2.0, 0.08, tufts), 0.32)
    for (x, y), size, kind in zip(places.tolist(), sizes, rng.random(tufts), strict=True):
        if _is_green(ground.image, x, y):
            _tuft(ground, (x, y), float(size), float(kind))
    for road in scene.roads:
        _road_wear(ground, np.asarray(road.line_m), road.width_m, rng)


def _is_green(image: Image, x: int, y: int) -> bool:
    height, width = image.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        return False
    blue, green, red = (int(v) for v in image[y, x])
    return green > blue + 12 and green >= red


def _tuft(ground: Ground, place: tuple[int, int], size_m: float, kind: float) -> None:
    radius = max(1, int(size_m / ground.texel_m))
    shade = (36, 74, 58) if kind < 0.6 else (66, 128, 120)
    cv2.circle(ground.image, place, radius, shade, -1, cv2.LINE_AA)
    lit = (place[0] - radius // 3, place[1] - radius // 3)
    lighter = (shade[0] + 14, shade[1] + 24, shade[2] + 22)
    cv2.circle(ground.image, lit, max(1, radius // 2), lighter, -1, cv2.LINE_AA)


def _road_wear(ground: Ground, line_m: Points, width_m: float, rng: np.random.Generator) -> None:
    """Paint repaired patches, oil stains, manholes and long cracks: marks that are no potholes."""
    for start, end in pairwise(line_m):
        length = float(np.hypot(*(end - start)))
        along = (end - start) / max(length, 1e-9)
        across = np.array([-along[1], along[0]])
        for _ in range(int(length / 14)):
            at = (
                start + along * rng.uniform(0, length) + across * rng.uniform(-0.36, 0.36) * width_m
            )
            kind = rng.random()
            if kind < 0.35:
                _patch(ground, at, along, across, rng)
            elif kind < 0.55:
                _stain(ground, at, rng)
            elif kind < 0.7:
                _manhole(ground, at)
            else:
                _crack(ground, at, along, rng)


def _patch(
    ground: Ground, at: Points, along: Points, across: Points, rng: np.random.Generator
) -> None:
    half = rng.uniform(0.5, 2.2), rng.uniform(0.4, 1.0)
    signs = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    corners = [at + along * half[0] * a + across * half[1] * b for a, b in signs]
    _tint(ground, ground.texels(corners), float(rng.choice([0.80, 0.88, 1.08])))


def _stain(ground: Ground, at: Points, rng: np.random.Generator) -> None:
    angles = np.linspace(0, 2 * math.pi, 14, endpoint=False)
    reach = rng.uniform(0.2, 0.5) * (1 + rng.normal(0, 0.18, 14))
    rim = np.column_stack([np.cos(angles), np.sin(angles)]) * reach[:, None] + at
    _tint(ground, ground.texels(rim), 0.86)


def _tint(ground: Ground, corners: Points, factor: float) -> None:
    window = ground.window(corners)
    if window is None:
        return
    rows, columns = window
    part = ground.image[rows, columns]
    mask = _mask(part.shape[:2], corners - [columns.start, rows.start]).astype(np.float32) / 255
    part[:] = np.clip(part * (1 + (factor - 1) * mask[..., None]), 0, 255).astype(np.uint8)


def _manhole(ground: Ground, at: Points) -> None:
    place = np.round(ground.texels(at)[0]).astype(int).tolist()
    radius = max(2, round(0.35 / ground.texel_m))
    cv2.circle(ground.image, place, radius, (74, 76, 78), -1, cv2.LINE_AA)
    cv2.circle(ground.image, place, radius, (50, 52, 54), 1, cv2.LINE_AA)


def _crack(ground: Ground, at: Points, along: Points, rng: np.random.Generator) -> None:
    steps = along * 0.6 + rng.normal(0, 0.22, (12, 2))
    points = ground.texels(at + np.cumsum(steps, axis=0))
    cv2.polylines(
        ground.image, [np.round(points).astype(np.int32)], False, (66, 66, 68), 1, cv2.LINE_AA
    )
