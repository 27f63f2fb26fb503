"""A two-wheeler's box includes its rider: joining the two where a model tells them apart."""

import numpy as np
from numpy.typing import NDArray

RIDER_SHARE = 0.35
"""Of a person's area upon a two-wheeler, from which the person rides it."""


def share_inside(box: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Share of a box, x1 y1 x2 y2, that lies inside another."""
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    return float((high - low).clip(0).prod() / max(1e-6, float((box[2:] - box[:2]).prod())))


def with_riders(
    xyxy_px: NDArray[np.float32],
    score: NDArray[np.float32],
    class_id: NDArray[np.integer],
    person: int,
    two_wheeler: int,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Let each two-wheeler's box grow around who sits upon it.

    Args:
        xyxy_px: boxes, (N, 4).
        score: how sure they are, (N,); a two-wheeler less than half as sure as a person takes
            nobody, as it may well be none.
        class_id: their classes, (N,).
        person: number of that class.
        two_wheeler: likewise.

    Returns:
        The boxes, and which of them stay: a rider vanishes into the two-wheeler's.
    """
    boxes, kept = xyxy_px.copy(), np.ones(len(class_id), np.bool_)
    for wheel in np.flatnonzero(class_id == two_wheeler):
        for rider in np.flatnonzero((class_id == person) & kept):
            sure = score[wheel] >= 0.5 * score[rider]
            if sure and share_inside(xyxy_px[rider], xyxy_px[wheel]) >= RIDER_SHARE:
                kept[rider] = False
                boxes[wheel, :2] = np.minimum(boxes[wheel, :2], xyxy_px[rider, :2])
                boxes[wheel, 2:] = np.maximum(boxes[wheel, 2:], xyxy_px[rider, 2:])
    return boxes, kept
