"""Cutting a piece out of a picture, and what becomes of its boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A cut object still teaches when this much of it is left, or when it fills this much of the piece
# (smoke and heaps have no parts that must be seen).
_SHARE_KEPT = 0.4
_SHARE_OF_PIECE = 0.25
_SIDE_MIN_PX = 3.0


@dataclass(frozen=True)
class Boxes:
    """Boxes of one picture or piece: float32 (N, 4) x1 y1 x2 y2 px, int64 (N,)."""

    xyxy_px: NDArray[np.float32]
    class_id: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.class_id)

    def where(self, kept: NDArray[np.bool_]) -> "Boxes":
        """Return those that are kept, bool (N,)."""
        return Boxes(self.xyxy_px[kept], self.class_id[kept])


def no_boxes() -> Boxes:
    """Return the empty set of boxes."""
    return Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))


def join(parts: list[Boxes]) -> Boxes:
    """Put the boxes of several pieces together."""
    if not parts:
        return no_boxes()
    return Boxes(
        np.concatenate([part.xyxy_px for part in parts]),
        np.concatenate([part.class_id for part in parts]),
    )


def moved(boxes: Boxes, scale_xy: tuple[float, float], shift_xy_px: tuple[float, float]) -> Boxes:
    """Scale boxes about the origin, then shift them."""
    factor = np.array([*scale_xy, *scale_xy], np.float32)
    shift = np.array([*shift_xy_px, *shift_xy_px], np.float32)
    return Boxes(boxes.xyxy_px * factor + shift, boxes.class_id)


def clipped(boxes: Boxes, piece_xyxy_px: tuple[float, float, float, float]) -> Boxes:
    """Clip boxes to a piece and drop those of which too little is left.

    Args:
        boxes: Boxes in the same pixels as the piece.
        piece_xyxy_px: The piece's corners.

    Returns:
        The boxes that still teach, clipped, in the same pixels.
    """
    x1, y1, x2, y2 = piece_xyxy_px
    low, high = np.array([x1, y1], np.float32), np.array([x2, y2], np.float32)
    corners = np.concatenate(
        [boxes.xyxy_px[:, :2].clip(low, high), boxes.xyxy_px[:, 2:].clip(low, high)], axis=1
    )
    sides = (corners[:, 2:] - corners[:, :2]).clip(0)
    whole = (boxes.xyxy_px[:, 2:] - boxes.xyxy_px[:, :2]).prod(axis=1)
    left = sides.prod(axis=1)
    enough = (left >= _SHARE_KEPT * whole) | (left >= _SHARE_OF_PIECE * (x2 - x1) * (y2 - y1))
    kept = enough & (sides.min(axis=1, initial=np.inf) >= _SIDE_MIN_PX)
    return Boxes(corners[kept], boxes.class_id[kept])


def flipped(boxes: Boxes, width_px: float) -> Boxes:
    """Mirror boxes left to right in a picture of the given width."""
    x1, y1, x2, y2 = boxes.xyxy_px.T
    mirrored = np.stack([width_px - x2, y1, width_px - x1, y2], axis=1)
    return Boxes(mirrored.astype(np.float32), boxes.class_id)


def turned(boxes: Boxes, width_px: float) -> Boxes:
    """Turn boxes a quarter anticlockwise with their picture (`np.rot90`) of the given width."""
    x1, y1, x2, y2 = boxes.xyxy_px.T
    corners = np.stack([y1, width_px - x2, y2, width_px - x1], axis=1)
    return Boxes(corners.astype(np.float32), boxes.class_id)
