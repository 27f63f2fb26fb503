"""Which detection continues which track: costs, gates and the best assignment."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]

_NEVER = 1e6


def iou_matrix(first_xyxy: FloatArray, second_xyxy: FloatArray) -> FloatArray:
    """Intersection over union of every box of (N, 4) with every box of (M, 4), (N, M)."""
    # Column by column: sums and products over an axis of two cost many times their arithmetic.
    x1, y1, x2, y2 = first_xyxy.T[:, :, None]
    left, top, right, bottom = second_xyxy.T[:, None, :]
    wide = np.minimum(x2, right) - np.maximum(x1, left)
    high = np.minimum(y2, bottom) - np.maximum(y1, top)
    shared = np.maximum(wide, 0.0) * np.maximum(high, 0.0)
    areas = _areas(x1, y1, x2, y2) + _areas(left, top, right, bottom)
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float64)


def grown(xyxy: FloatArray, share: float) -> FloatArray:
    """Boxes (N, 4) grown on each side by a share of their size."""
    size = xyxy[:, 2:] - xyxy[:, :2]
    return np.concatenate([xyxy[:, :2] - share * size, xyxy[:, 2:] + share * size], axis=1)


def best_pairs(cost: FloatArray, allowed: NDArray[np.bool_]) -> tuple[IndexArray, IndexArray]:
    """Rows and columns of the cheapest one-to-one assignment that uses allowed pairs only."""
    rows, columns = linear_sum_assignment(np.where(allowed, cost, _NEVER))
    kept = allowed[rows, columns]
    return np.asarray(rows[kept], np.intp), np.asarray(columns[kept], np.intp)


def _areas(left: FloatArray, top: FloatArray, right: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(right - left, 0.0) * np.maximum(bottom - top, 0.0), np.float64)
