"""Drawing of solids and trees into a picture, far ones first.

Each thing is drawn on its own part of the picture, enlarged without smoothing and shrunk by area
afterwards: that smooths its edges and leaves everything beside it exactly as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.simulator.mesh import Floats
from vision.simulator.solids import Foliage, Solid

Image = npt.NDArray[np.uint8]
_SHIFT = 4
_SMALL_PX = 90


@dataclass(frozen=True)
class Patch:
    """A part of the picture under work.

    Attributes:
        x0: Left column.
        y0: Top row.
        x1: Column after the last.
        y1: Row after the last.
        enlarged: How many sub-pixels a pixel has along each axis.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    enlarged: int

    def opened(self, image: Image) -> Image:
        """Return the part, enlarged."""
        part = image[self.y0 : self.y1, self.x0 : self.x1]
        size = (part.shape[1] * self.enlarged, part.shape[0] * self.enlarged)
        return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)

    def close(self, image: Image, work: Image) -> None:
        """Put the finished part back, shrunk by area."""
        part = image[self.y0 : self.y1, self.x0 : self.x1]
        size = (part.shape[1], part.shape[0])
        cv2.resize(work, size, dst=part, interpolation=cv2.INTER_AREA)

    def fixed_point(self, pixels: Floats) -> npt.NDArray[np.int32]:
        """Return sub-pixel coordinates in OpenCV's fixed point; pixels count from corners."""
        local = (pixels - (self.x0, self.y0)) * self.enlarged - 0.5
        return np.round(local * (1 << _SHIFT)).astype(np.int32)


def patch_for(pixels: Floats, size_wh_px: tuple[int, int], margin_px: float = 2.0) -> Patch | None:
    """Return the part of the picture that holds the points, None if they are all outside.

    Args:
        pixels: float64 (N, 2); rows that are NaN do not count.
        size_wh_px: Size of the picture.
        margin_px: Room left about the points.
    """
    if np.isnan(pixels).all():
        return None
    low = np.floor(np.nanmin(pixels, axis=0) - margin_px)
    high = np.ceil(np.nanmax(pixels, axis=0) + margin_px)
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(size_wh_px[0], int(high[0])), min(size_wh_px[1], int(high[1]))
    if x0 >= x1 or y0 >= y1:
        return None
    enlarged = 3 if max(high - low) < _SMALL_PX else 2
    return Patch(x0, y0, x1, y1, enlarged)


def draw_solid(image: Image, thing: Solid, pixels: Floats, eye_m: Floats) -> None:
    """Draw the faces of a solid that look at the eye.

    Args:
        image: uint8 (H, W, 3), drawn on.
        thing: What to draw.
        pixels: float64 (F, 4, 2), its corners in the picture.
        eye_m: float64 (3,), the camera in the scene.
    """
    patch = patch_for(pixels.reshape(-1, 2), (image.shape[1], image.shape[0]))
    if patch is None:
        return
    order = faces_in_order(thing, eye_m)
    order = order[~np.isnan(pixels[order]).any(axis=(1, 2))]
    corners = patch.fixed_point(pixels[order])
    work = patch.opened(image)
    for face, polygon in zip(order.tolist(), corners, strict=True):
        cv2.fillConvexPoly(work, polygon, thing.colours[face], cv2.LINE_8, _SHIFT)
    patch.close(image, work)


def faces_in_order(thing: Solid, eye_m: Floats) -> npt.NDArray[np.intp]:
    """Return the indices of the faces turned to the eye, farthest first."""
    rays = eye_m - thing.middles_m
    seen = np.einsum("ij,ij->i", thing.normals, rays) > 0
    seen |= thing.two_sided
    distance = np.linalg.norm(rays, axis=1) - thing.lift_m
    indices = np.flatnonzero(seen)
    return indices[np.argsort(-distance[indices], kind="stable")]


def draw_foliage(image: Image, tree: Foliage, pixels: Floats, radii_px: Floats) -> None:
    """Draw the clumps of a tree, lowest first.

    Args:
        image: uint8 (H, W, 3), drawn on.
        tree: What to draw.
        pixels: float64 (N, 2), the clumps' middles in the picture.
        radii_px: float64 (N,), their radii in the picture.
    """
    reach = float(np.nanmax(radii_px, initial=0.0))
    patch = patch_for(pixels, (image.shape[1], image.shape[0]), reach + 1)
    if patch is None:
        return
    middles = patch.fixed_point(np.nan_to_num(pixels, nan=-1e4)).tolist()
    radii = np.round(np.nan_to_num(radii_px) * patch.enlarged * (1 << _SHIFT)).astype(int).tolist()
    work = patch.opened(image)
    for middle, radius, colour in zip(middles, radii, tree.colours, strict=True):
        cv2.circle(work, middle, radius, colour, -1, cv2.LINE_8, _SHIFT)
    patch.close(image, work)


def smooth_over(
    image: Image, patch: Patch, colour: npt.NDArray[np.float32], alpha: npt.NDArray[np.float32]
) -> None:
    """Lay a half-transparent picture over a part.

    Args:
        image: uint8 (H, W, 3), drawn on.
        patch: The part.
        colour: float (h, w, 3) of the part's size.
        alpha: float32 (h, w), 0 to 1.
    """
    part = image[patch.y0 : patch.y1, patch.x0 : patch.x1]
    share = alpha[..., None]
    part[:] = np.clip(part * (1 - share) + colour * share, 0, 255).astype(np.uint8)


def hull_px(pixels: Floats, reach_px: Floats | None = None) -> npt.NDArray[np.int32]:
    """Return the convex outline of points or ellipses, int32 (N, 1, 2).

    Args:
        pixels: float64 (N, 2), middles.
        reach_px: float64 (N, 2), half axes across and down the picture; None for bare points.
    """
    points = pixels
    if reach_px is not None:
        diagonal = 0.5**0.5
        steps = np.array([[1.0, 0.0], [diagonal, diagonal], [0.0, 1.0], [-diagonal, diagonal]])
        steps = np.concatenate([steps, -steps])
        points = (pixels[:, None] + steps[None] * reach_px[:, None]).reshape(-1, 2)
    points = np.clip(points[~np.isnan(points).any(axis=1)], -20_000, 20_000)
    return np.asarray(cv2.convexHull(points.astype(np.float32))).round().astype(np.int32)
