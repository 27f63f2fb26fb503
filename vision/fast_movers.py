"""Which boxes are one thing that goes further than its own length from look to look.

Of such a thing no two boxes overlap, so nothing says where it is to be expected: two boxes that
were seen once each may be anything. Three in a row, at even pace, are one thing.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.association import iou_matrix

FloatArray = NDArray[np.float64]

_MOST_SIZES = 5.0
_LEAST_ALIKE = 0.6
_LEAST_IOU = 0.3


@dataclass(frozen=True, eq=False)
class SeenOnce:
    """Boxes, each of a thing that was seen that one time only.

    Attributes:
        xyxy_px: float64 (N, 4).
        class_id: int32 (N,).
        seen_s: float64 (N,).
    """

    xyxy_px: FloatArray
    class_id: NDArray[np.int32]
    seen_s: FloatArray


def fast_movers(
    once: SeenOnce, xyxy_px: FloatArray, class_id: NDArray[np.int32], time_s: float
) -> list[tuple[int, int, FloatArray]]:
    """What goes on at the pace at which it came.

    Where more than one reading is possible, as in a row of like things, none is taken.

    Args:
        once: what was seen before.
        xyxy_px: float64 (M, 4), boxes that are seen now and continue nothing else.
        class_id: int32 (M,), of these.
        time_s: when these are seen.

    Returns:
        Which of `once` was seen last, which box it is now, and its speed, float64 (2,), px/s.
    """
    found: list[tuple[int, int, FloatArray]] = []
    middles = (once.xyxy_px[:, :2] + once.xyxy_px[:, 2:]) / 2.0
    for first, second in _steps(once, middles):
        passed_s = once.seen_s[second] - once.seen_s[first]
        speed = (middles[second] - middles[first]) / passed_s
        ahead = np.tile(speed * (time_s - once.seen_s[second]), 2)
        iou = iou_matrix((once.xyxy_px[second] + ahead)[None], xyxy_px)[0]
        fits = np.flatnonzero((iou >= _LEAST_IOU) & (class_id == once.class_id[second]))
        found += [(second, int(box), speed) for box in fits]
    seconds, boxes = Counter(each[0] for each in found), Counter(each[1] for each in found)
    return [each for each in found if seconds[each[0]] == 1 == boxes[each[1]]]


def _steps(once: SeenOnce, middles: FloatArray) -> list[tuple[int, int]]:
    """Pairs of an earlier and a later box that one thing may have made."""
    boxes = once.xyxy_px
    sizes = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0)
    longer = np.maximum(sizes[:, None], sizes[None])
    alike = (np.minimum(sizes[:, None], sizes[None]) / longer).min(axis=2) >= _LEAST_ALIKE
    apart = np.linalg.norm(middles[:, None] - middles[None], axis=2)
    near = apart <= _MOST_SIZES * np.sqrt(np.prod(longer, axis=2))
    same = once.class_id[:, None] == once.class_id[None]
    later = once.seen_s[:, None] < once.seen_s[None]
    return [(int(i), int(j)) for i, j in np.argwhere(later & same & alike & near)]
