"""Where each known object stands in a picture, and how much of it is to be seen."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from vision.simulator.eye import Eye
from vision.simulator.marks import pothole_outline_m
from vision.simulator.mesh import Floats
from vision.simulator.plumes import puffs_at
from vision.simulator.raster import hull_px
from vision.simulator.scene import SceneObject
from vision.simulator.solids import Foliage, Stage

_MASK_PX = 96
_FAINT = 0.12
"""A puff weaker than this is not seen as smoke."""
_CORE = 0.8
"""Share of a puff's radius within which it is seen."""


class TrueBox(NamedTuple):
    """An object in the picture.

    Attributes:
        object_id: The object.
        class_name: Its class.
        xyxy_px: Left, top, right, bottom, clipped to the picture.
        visible_fraction: Share of its outline inside the picture and not hidden, 0 to 1.
    """

    object_id: str
    class_name: str
    xyxy_px: tuple[float, float, float, float]
    visible_fraction: float


class Outline(NamedTuple):
    """A thing as the picture shows it.

    Attributes:
        hull: int32 (N, 1, 2), convex, pixels.
        extent_px: Left, top, right, bottom, unclipped.
        distance_m: From the camera to its middle.
        hides: Whether it hides what is behind it.
    """

    hull: npt.NDArray[np.int32]
    extent_px: tuple[float, float, float, float]
    distance_m: float
    hides: bool


def true_boxes(stage: Stage, eye: Eye) -> list[TrueBox]:
    """Return the boxes of all objects of which anything lies in the picture."""
    names, outlines, hiders = _outlines(stage, eye)
    size = (eye.camera.width_px, eye.camera.height_px)
    found = []
    for (object_id, class_name), outline in zip(names, outlines, strict=True):
        box = clipped(outline.extent_px, size)
        if box is None:
            continue
        nearer = [h for h in hiders if h.distance_m < outline.distance_m - 0.3 and h is not outline]
        fraction = seen_fraction(outline, nearer, size)
        if fraction > 0:
            found.append(TrueBox(object_id, class_name, box, fraction))
    return found


def _outlines(stage: Stage, eye: Eye) -> tuple[list[tuple[str, str]], list[Outline], list[Outline]]:
    """Return ids with classes, their outlines, and the outlines of all that hides."""
    names: list[tuple[str, str]] = []
    outlines: list[Outline] = []
    hiders: list[Outline] = []
    by_name = {o.object_id: o for o in stage.scene.objects}
    solids, houses, trees = stage.in_view(eye)
    for thing in solids:
        outline = outline_of(eye.pixels(thing.corners_m).reshape(-1, 2), thing.centre_m, eye)
        if outline is not None:
            names.append((thing.name, by_name[thing.name].class_name))
            outlines.append(outline)
            hiders.append(outline)
    for item in stage.scene.objects:
        outline = _soft_outline(stage, item, eye)
        if outline is not None:
            names.append((item.object_id, item.class_name))
            outlines.append(outline)
    shapes = [
        outline_of(eye.pixels(house.corners_m).reshape(-1, 2), house.centre_m, eye)
        for house in houses
    ]
    shapes += [_tree_outline(tree, eye) for tree in trees]
    hiders += [shape for shape in shapes if shape is not None]
    return names, outlines, hiders


def _tree_outline(tree: Foliage, eye: Eye) -> Outline | None:
    radii = eye.radii_px(tree.centres_m, tree.radii_m)
    reach = np.column_stack([radii, radii])
    return outline_of(eye.pixels(tree.centres_m), tree.centre_m, eye, reach)


def _soft_outline(stage: Stage, item: SceneObject, eye: Eye) -> Outline | None:
    """Return the outline of what is no solid: potholes, smoke, fire."""
    place = stage.place_m(item)
    if item.class_name == "pothole":
        rim = pothole_outline_m(item, place)
        flat = np.column_stack([rim, np.zeros(len(rim))])
        return _no_hider(outline_of(eye.pixels(flat), flat.mean(axis=0), eye))
    if item.class_name not in ("smoke", "fire"):
        return None
    puffs = puffs_at(item, place, stage.scene.wind_mps, eye.pose.time_s)
    seen = puffs.strength > _FAINT
    radii = eye.radii_px(puffs.centres_m[seen], puffs.radii_m[seen]) * _CORE
    reach = np.column_stack([radii, radii * puffs.stretch])
    middle = puffs.centres_m[seen].mean(axis=0)
    return _no_hider(outline_of(eye.pixels(puffs.centres_m[seen]), middle, eye, reach))


def _no_hider(outline: Outline | None) -> Outline | None:
    return None if outline is None else outline._replace(hides=False)


def outline_of(
    pixels: Floats, centre_m: Floats, eye: Eye, reach_px: Floats | None = None
) -> Outline | None:
    """Return the outline of points in the picture, None when some lie behind the camera.

    Args:
        pixels: float64 (N, 2).
        centre_m: float64 (3,), the middle of the thing in the scene.
        eye: The look.
        reach_px: float64 (N, 2), how far each point reaches across and down, if it is a ball.
    """
    if np.isnan(pixels).any():
        return None
    reach = np.zeros_like(pixels) if reach_px is None else reach_px
    low = (pixels - reach).min(axis=0)
    high = (pixels + reach).max(axis=0)
    extent = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    if not _near_picture(extent, eye):
        return None
    hull = hull_px(pixels, reach_px)
    return Outline(hull, extent, float(np.linalg.norm(centre_m - eye.place_m)), hides=True)


def _near_picture(extent: tuple[float, float, float, float], eye: Eye) -> bool:
    width, height = eye.camera.width_px, eye.camera.height_px
    return extent[0] < width and extent[1] < height and extent[2] > 0 and extent[3] > 0


def clipped(
    extent: tuple[float, float, float, float], size_wh_px: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Return a box clipped to the picture, None if nothing is left."""
    x0, y0 = max(extent[0], 0.0), max(extent[1], 0.0)
    x1, y1 = min(extent[2], float(size_wh_px[0])), min(extent[3], float(size_wh_px[1]))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def seen_fraction(outline: Outline, nearer: list[Outline], size_wh_px: tuple[int, int]) -> float:
    """Return the share of an outline inside the picture and not behind nearer outlines."""
    x0, y0, x1, y1 = outline.extent_px
    scale = _MASK_PX / max(x1 - x0, y1 - y0, 1.0)
    size = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    mask = np.zeros((size[1], size[0]), np.uint8)
    _fill(mask, outline.hull, (x0, y0), scale, 1)
    whole = int(mask.sum())
    for other in nearer:
        if other.hides:
            _fill(mask, other.hull, (x0, y0), scale, 0)
    left, right = round(-x0 * scale), round((size_wh_px[0] - x0) * scale)
    top, bottom = round(-y0 * scale), round((size_wh_px[1] - y0) * scale)
    inside = mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    return float(inside.sum()) / max(whole, 1)


def _fill(
    mask: npt.NDArray[np.uint8],
    hull: npt.NDArray[np.int32],
    corner: tuple[float, float],
    scale: float,
    value: int,
) -> None:
    local = np.round((hull - np.asarray(corner)) * scale).astype(np.int32)
    cv2.fillConvexPoly(mask, local, value)
