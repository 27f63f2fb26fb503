"""The ground of a scene as one picture from straight above, with shadows baked in.

East is to the right and north is up; a texel is a square of `texel_m`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from vision.simulator.marks import paint_clutter, paint_pothole, paint_scorch
from vision.simulator.materials import TILE_PX, Image, cloud, tile
from vision.simulator.scene import Material, RoadStrip, Scene, Surface
from vision.simulator.solids import Foliage, Solid, Stage

Points = npt.NDArray[np.float64]
_BLOCK_ROWS = 512
_VARIANTS = 3


@dataclass(frozen=True)
class Orthophoto:
    """The painted ground and its halvings.

    Attributes:
        levels: Pictures, each half as large as the one before, BGR.
        half_extent_m: The pictures reach so far from the origin.
        texel_m: Size of a texel of the first level.
    """

    levels: tuple[Image, ...]
    half_extent_m: float
    texel_m: float


@dataclass
class Canvas:
    """A picture of the ground being painted.

    Attributes:
        image: uint8 (N, N, 3).
        half_extent_m: It reaches so far from the origin.
        texel_m: Size of a texel.
        seed: Decides the textures.
        textures: Those made so far; each material has `_VARIANTS` of them.
    """

    image: Image
    half_extent_m: float
    texel_m: float
    seed: int
    textures: dict[tuple[Material, int], Image] = field(default_factory=dict)

    def texture(self, material: Material, variant: int) -> Image:
        """Return a texture of a material, made when first asked for."""
        key = (material, variant % _VARIANTS)
        if key not in self.textures:
            number = list(Material).index(material)
            rng = np.random.default_rng([self.seed, number, key[1]])
            self.textures[key] = tile(material, self.texel_m, rng)
        return self.textures[key]

    def texels(self, points_m: npt.ArrayLike) -> Points:
        """Return columns and rows, float64 (N, 2), of (east, north) points."""
        points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
        return (
            np.column_stack([points[:, 0] + self.half_extent_m, self.half_extent_m - points[:, 1]])
            / self.texel_m
        )

    def window(self, texels: Points, margin_px: int = 2) -> tuple[slice, slice] | None:
        """Return the rows and columns that hold the points, None if outside the picture."""
        low = np.floor(texels.min(axis=0)).astype(int) - margin_px
        high = np.ceil(texels.max(axis=0)).astype(int) + margin_px
        height, width = self.image.shape[:2]
        x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
        x1, y1 = min(int(high[0]), width), min(int(high[1]), height)
        if x0 >= x1 or y0 >= y1:
            return None
        return slice(y0, y1), slice(x0, x1)

    def fill(self, outline_m: npt.ArrayLike, texture: Image, heading_deg: float) -> None:
        """Paint a polygon with a texture turned to a heading."""
        corners = self.texels(outline_m)
        window = self.window(corners)
        if window is None:
            return
        rows, columns = window
        part = self.image[rows, columns]
        mask = np.zeros(part.shape[:2], np.uint8)
        shifted = corners - [columns.start, rows.start]
        cv2.fillPoly(mask, [np.round(shifted).astype(np.int32)], 255)
        cv2.copyTo(_spread(texture, part.shape[:2], heading_deg), mask, part)


def _spread(texture: Image, shape: tuple[int, int], heading_deg: float) -> Image:
    """Return a texture repeated over a window, its rows along the heading."""
    if heading_deg == 0.0:
        repeats = (shape[0] // TILE_PX + 1, shape[1] // TILE_PX + 1, 1)
        return np.ascontiguousarray(np.tile(texture, repeats)[: shape[0], : shape[1]])
    turn = cv2.getRotationMatrix2D((0.0, 0.0), 90.0 - heading_deg, 1.0)
    size = (shape[1], shape[0])
    spread = cv2.warpAffine(texture, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(spread, dtype=np.uint8)


def paint_ground(stage: Stage, texel_m: float) -> Orthophoto:
    """Return the ground of a scene with everything that lies flat on it, and all shadows."""
    scene = stage.scene
    rng = np.random.default_rng([scene.seed, 11])
    size = 2 * math.ceil(scene.half_extent_m / texel_m)
    image = np.empty((size, size, 3), np.uint8)
    canvas = Canvas(image, size * texel_m / 2, texel_m, scene.seed)
    image[:] = _spread(canvas.texture(Material.GRASS, 0), (size, size), 0.0)
    for surface in scene.surfaces:
        _paint_surface(canvas, surface)
    for variant, road in enumerate(scene.roads):
        _paint_road(canvas, road, variant)
    paint_clutter(canvas, scene, rng)
    for item in scene.objects:
        if item.class_name == "pothole":
            paint_pothole(canvas, item, stage.place_m(item))
        elif item.class_name == "fire":
            paint_scorch(canvas, item, stage.place_m(item))
    _vary(canvas, rng)
    _cast_shadows(canvas, scene, (*stage.houses, *stage.solids), stage.trees)
    _expose(canvas, scene)
    return Orthophoto(_halvings(image), canvas.half_extent_m, texel_m)


def _paint_surface(canvas: Canvas, surface: Surface) -> None:
    texture = canvas.texture(surface.material, surface.seed)
    canvas.fill(surface.outline_m, texture, surface.heading_deg)


def _paint_road(canvas: Canvas, road: RoadStrip, variant: int) -> None:
    line = canvas.texels(road.line_m)
    _stroke(canvas, line, road.width_m + 1.2, canvas.texture(Material.GRAVEL, variant))
    _stroke(canvas, line, road.width_m, canvas.texture(road.material, variant))
    if road.marked:
        _mark_road(canvas, np.asarray(road.line_m, dtype=np.float64), road.width_m)


def _stroke(canvas: Canvas, line_px: Points, width_m: float, texture: Image) -> None:
    width_px = max(1, round(width_m / canvas.texel_m))
    window = canvas.window(line_px, width_px)
    if window is None:
        return
    rows, columns = window
    part = canvas.image[rows, columns]
    mask = np.zeros(part.shape[:2], np.uint8)
    points = np.round(line_px - [columns.start, rows.start]).astype(np.int32)
    cv2.polylines(mask, [points], False, 255, width_px)
    cv2.copyTo(_spread(texture, part.shape[:2], _heading_deg(line_px)), mask, part)


def _heading_deg(line_px: Points) -> float:
    """Return the heading from the first to the last point of a line of texels."""
    across, down = line_px[-1] - line_px[0]
    return math.degrees(math.atan2(across, -down)) or 1.0


def _mark_road(canvas: Canvas, line_m: Points, width_m: float) -> None:
    """Paint white edge lines and a dashed yellow or white line in the middle."""
    white, yellow = (222, 226, 226), (60, 185, 215)
    for start, end in pairwise(line_m):
        length = float(np.hypot(*(end - start)))
        along = (end - start) / max(length, 1e-9)
        across = np.array([-along[1], along[0]])
        for side in (1, -1):
            edge = across * side * (width_m / 2 - 0.25)
            _bar(canvas, start + edge, end + edge, 0.13, white)
        if width_m < 5:
            continue
        for at in np.arange(1.0, length - 2.0, 6.0):
            _bar(canvas, start + along * at, start + along * (at + 2.5), 0.15, yellow)


def _bar(
    canvas: Canvas, start_m: Points, end_m: Points, width_m: float, colour: tuple[int, int, int]
) -> None:
    ends = np.round(canvas.texels([start_m, end_m])).astype(np.int32)
    width_px = max(1, round(width_m / canvas.texel_m))
    cv2.line(canvas.image, ends[0].tolist(), ends[1].tolist(), colour, width_px, cv2.LINE_AA)


def _vary(canvas: Canvas, rng: np.random.Generator) -> None:
    """Lighten and darken the ground in broad blots, so that repeated texture does not show."""
    size = canvas.image.shape[0]
    blots = cloud(rng, (256, 256), (3, 8, 40)) * 16 + 128
    for top in range(0, size, _BLOCK_ROWS):
        part = canvas.image[top : top + _BLOCK_ROWS]
        rows = blots[int(top / size * 256) : math.ceil((top + len(part)) / size * 256) + 1]
        wide = cv2.resize(rows, (size, len(part)), interpolation=cv2.INTER_LINEAR)
        layer = cv2.merge([np.clip(wide, 0, 255).astype(np.uint8)] * 3)
        cv2.addWeighted(part, 1.0, layer, 1.0, -128.0, dst=part)


def _cast_shadows(
    canvas: Canvas, scene: Scene, solids: Sequence[Solid], trees: Sequence[Foliage]
) -> None:
    mask = np.zeros(canvas.image.shape[:2], np.uint8)
    sun = scene.light.towards_sun
    slope = sun[:2] / sun[2]
    for thing in solids:
        corners = thing.corners_m
        fallen = corners[..., :2] - corners[..., 2:] * slope
        polygons = np.round(canvas.texels(fallen.reshape(-1, 2))).astype(np.int32).reshape(-1, 4, 2)
        for polygon in polygons:
            cv2.fillConvexPoly(mask, polygon, 255)
    for tree in trees:
        fallen = tree.centres_m[:, :2] - tree.centres_m[:, 2:] * slope
        middles = np.round(canvas.texels(fallen)).astype(int)
        for middle, radius in zip(middles.tolist(), tree.radii_m, strict=True):
            cv2.circle(mask, middle, max(1, int(radius / canvas.texel_m)), 255, -1)
    _darken(canvas, mask, 0.62 * scene.light.sun_share, max(3, round(0.2 / canvas.texel_m) | 1))
    _darken(canvas, _contact_mask(canvas, solids), 0.5, max(3, round(0.6 / canvas.texel_m) | 1))


def _contact_mask(canvas: Canvas, solids: Sequence[Solid]) -> Image:
    """Return where low things stand: the ground there sees little sky."""
    mask = np.zeros(canvas.image.shape[:2], np.uint8)
    for thing in solids:
        low = thing.corners_m[..., 2].min(axis=1) < 0.6
        flat = canvas.texels(thing.corners_m[low][..., :2].reshape(-1, 2))
        if len(flat):
            hull = cv2.convexHull(np.round(flat).astype(np.int32))
            cv2.fillConvexPoly(mask, hull, 255 if thing.radius_m > 1.2 else 120)
    return mask


def _darken(canvas: Canvas, mask: Image, strength: float, blur_px: int) -> None:
    """Darken the ground under a mask; shade is a little bluer than sun."""
    factors = np.array([0.92, 1.0, 1.04]) * strength
    for top in range(0, len(mask), _BLOCK_ROWS):
        rows = slice(max(0, top - blur_px), min(len(mask), top + _BLOCK_ROWS + blur_px))
        if not mask[rows].any():
            continue
        soft = cv2.GaussianBlur(mask[rows], (blur_px, blur_px), 0)
        soft = soft[top - rows.start :][:_BLOCK_ROWS]
        part = canvas.image[top : top + _BLOCK_ROWS]
        light = cv2.merge([cv2.LUT(soft, _fade(factor)) for factor in factors])
        cv2.multiply(part, light, dst=part, scale=1 / 255)


def _fade(strength: float) -> Image:
    """Return the table from shade (0 to 255) to the light left (0 to 255)."""
    return np.asarray(np.clip(255 - np.arange(256) * strength, 0, 255), dtype=np.uint8)


def _expose(canvas: Canvas, scene: Scene) -> None:
    light = scene.light
    factors = np.asarray(light.tint_bgr) * light.exposure * (0.86 + 0.14 * light.sun_share)
    levels = np.arange(256)[:, None] * factors
    table = np.clip(levels, 0, 255).astype(np.uint8).reshape(256, 1, 3)
    for top in range(0, len(canvas.image), _BLOCK_ROWS):
        part = canvas.image[top : top + _BLOCK_ROWS]
        part[:] = cv2.LUT(part, table)


def _halvings(image: Image) -> tuple[Image, ...]:
    levels = [image]
    while min(levels[-1].shape[:2]) > 400 and len(levels) < 5:
        size = (levels[-1].shape[1] // 2, levels[-1].shape[0] // 2)
        levels.append(
            np.asarray(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA), np.uint8)
        )
    return tuple(levels)
