"""Which detection continues which track: costs, gates and the best assignment."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]

_NEVER = 1e6


def iou_matrix(first_xyxy: FloatArray, second_xyxy: FloatArray) -> FloatArray:
    """Intersection over union of every box of (N, 4) with every box of (M, 4), (N, M)."""
    left_top = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    right_bottom = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    shared = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    areas = _areas(first_xyxy)[:, None] + _areas(second_xyxy)[None, :]
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


def _areas(xyxy: FloatArray) -> FloatArray:
    return np.asarray(np.prod(np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None), axis=1), np.float64)
