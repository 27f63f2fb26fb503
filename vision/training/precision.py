"""Matching detections with labels, and the figures that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

OVERLAP_MIN = 0.5


@dataclass(frozen=True)
class Outcomes:
    """What became of the detections of one class on some pictures.

    Attributes:
        score: float32, (N,).
        hit: bool, (N,): it found an object that no better detection had found.
        objects: How many objects there were.
        pictures: On how many pictures.
    """

    score: NDArray[np.float32]
    hit: NDArray[np.bool_]
    objects: int
    pictures: int


def overlaps(
    first_xyxy_px: NDArray[np.float32], second_xyxy_px: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return intersection over union of each pair, float32 (N, M)."""
    first, second = first_xyxy_px[:, None], second_xyxy_px[None]
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., 2:], second[..., 2:])
    common = (high - low).clip(0).prod(axis=-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).prod(axis=-1) for boxes in (first, second)]
    return np.asarray(common / np.maximum(areas[0] + areas[1] - common, 1e-9), np.float32)


def match(
    found_xyxy_px: NDArray[np.float32],
    score: NDArray[np.float32],
    objects_xyxy_px: NDArray[np.float32],
) -> Outcomes:
    """Match the detections of one class on one picture: the best score chooses first."""
    found = paired(overlaps(found_xyxy_px, objects_xyxy_px), score)
    return Outcomes(score, found >= 0, len(objects_xyxy_px), 1)


def paired(shared: NDArray[np.float32], score: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return which object each detection found, -1 for none: the best score chooses first.

    Args:
        shared: Overlap of each detection with each object, (N, M).
        score: Of the detections, (N,).
    """
    found = np.full(len(score), -1, np.intp)
    free = np.ones(shared.shape[1], np.bool_)
    for row in np.argsort(-score, kind="stable"):
        candidates = np.where(free, shared[row], -1.0)
        if candidates.size and candidates.max() >= OVERLAP_MIN:
            found[row] = candidates.argmax()
            free[found[row]] = False
    return found


def merged(parts: Sequence[Outcomes]) -> Outcomes:
    """Put the outcomes of several pictures together."""
    return Outcomes(
        np.concatenate([np.zeros(0, np.float32), *(part.score for part in parts)]),
        np.concatenate([np.zeros(0, np.bool_), *(part.hit for part in parts)]),
        sum(part.objects for part in parts),
        sum(part.pictures for part in parts),
    )


def average_precision(outcomes: Outcomes) -> float:
    """Return the area under the precision envelope over recall; NaN where there is no object."""
    if outcomes.objects == 0:
        return float("nan")
    order = np.argsort(-outcomes.score, kind="stable")
    hits = np.cumsum(outcomes.hit[order])
    recall = np.concatenate([[0.0], hits / outcomes.objects])
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall) * envelope).sum())


def precision_recall_at(outcomes: Outcomes, threshold: float) -> tuple[float, float]:
    """Return precision and recall of the detections that reach a threshold; NaN where undefined."""
    counted = outcomes.score >= threshold
    hits = int(outcomes.hit[counted].sum())
    precision = hits / int(counted.sum()) if counted.any() else float("nan")
    recall = hits / outcomes.objects if outcomes.objects else float("nan")
    return precision, recall


def best_threshold(
    outcomes: Outcomes, beta: float, lowest: float, *, as_good: float = 0.0
) -> float:
    """Return the score at which F-beta is best, not below `lowest`.

    A beta under one values precision more than recall. Of thresholds whose F-beta is within
    `as_good` of the best the highest is taken.
    """
    candidates = np.unique(np.concatenate([[lowest], outcomes.score[outcomes.score >= lowest]]))
    values = np.array([_f_beta(outcomes, beta, each) for each in candidates.tolist()])
    good = candidates[values >= values.max() - as_good]
    return float(good[-1] if as_good else good[0])


def _f_beta(outcomes: Outcomes, beta: float, threshold: float) -> float:
    precision, recall = precision_recall_at(outcomes, threshold)
    below = beta**2 * precision + recall
    return (1 + beta**2) * precision * recall / below if below > 0 else 0.0


def reliability(
    outcomes: Outcomes, edges: Sequence[float]
) -> tuple[tuple[float, float, int, float, float], ...]:
    """Compare scores with how often they were right.

    Returns:
        For each bin: its edges, how many detections, their mean score, the share of hits.
    """
    rows = []
    for low, high in pairwise(edges):
        inside = (outcomes.score >= low) & (outcomes.score < high)
        count = int(inside.sum())
        mean = float(outcomes.score[inside].mean()) if count else float("nan")
        share = float(outcomes.hit[inside].mean()) if count else float("nan")
        rows.append((low, high, count, mean, share))
    return tuple(rows)
