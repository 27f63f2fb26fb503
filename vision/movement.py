"""How far an object moved: over the ground, in the picture, or there against the ground."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import hypot, sqrt
from statistics import median

import numpy as np

from vision.objects import Look, SteadyBox

_LEAST_STEADY = 6
_SURE_SIGMAS = 3.0
_LATE_STEADY = 20
_PARTS = 4
_LEAST_STEP_SHARE = 0.1


def spread_m(looks: Iterable[Look]) -> float | None:
    """Root mean square distance of the looks' places from their middle, None without places."""
    places = [look.place.xy_m for look in looks if look.place is not None]
    if len(places) < 2:
        return None
    offsets = np.stack(places) - np.mean(places, axis=0)
    return float(np.sqrt((offsets**2).sum(axis=1).mean()))


def drift_boxes(looks: Iterable[Look]) -> float:
    """How far the object moved in the picture, in sizes of its box: median of late from early."""
    seen = list(looks)
    third = max(1, len(seen) // 3)
    early = _medians([look.xyxy_px for look in seen[:third]])
    late = _medians([look.xyxy_px for look in seen[-third:]])
    left, top, right, bottom = (after - before for before, after in zip(early, late, strict=True))
    size = sqrt(max(1.0, (late[2] - late[0]) * (late[3] - late[1])))
    return hypot((left + right) / 2, (top + bottom) / 2) / size


def moved_over_ground_m(looks: Iterable[Look]) -> float | None:
    """How far the object's place moved, median of late from early; None without places."""
    places = [look.place.xy_m for look in looks if look.place is not None]
    if not places:
        return None
    third = max(1, len(places) // 3)
    early, late = (
        _medians([xy.tolist() for xy in end]) for end in (places[:third], places[-third:])
    )
    return hypot(late[0] - early[0], late[1] - early[1])


def moved_over_ground_boxes(looks: Iterable[Look]) -> float | None:
    """How far the object moved against the ground in the picture, in sizes of its box.

    None where nobody followed the ground; 0 where it was not followed long enough to tell, or not
    well enough for so little motion, because what is not known to move is not said to.
    """
    seen = list(looks)
    if all(look.steady is None for look in seen):
        return None
    same = _of_last_epoch(seen)
    if len(same) < _LEAST_STEADY:
        return 0.0
    moved_px, size_px = _way_and_size_px(same)
    if moved_px < _SURE_SIGMAS * hypot(same[0].sigma_px, same[-1].sigma_px):
        return 0.0
    return moved_px / size_px


def drift_over_ground_boxes(looks: Iterable[Look]) -> float | None:
    """The same as far as it can be measured, however badly the ground is followed.

    None where that is not known, because what is not known to stand is not said to.
    """
    same = _of_last_epoch(looks)
    if len(same) < _LEAST_STEADY:
        return None
    moved_px, size_px = _way_and_size_px(same)
    return moved_px / size_px


def driven_over_ground_boxes(looks: Iterable[Look]) -> float:
    """How far the object drove over the ground of late, in sizes of its box; 0 if not for sure.

    For sure is what goes on from part to part of its looks in the direction of the whole way, over
    ground that beside it moves as all of it does. Where one of two parked cars is taken for the
    other there is one leap and no way; on a hill in the foreground the ground slides as well.
    """
    same = [box for box in _of_last_epoch(looks) if box.vouched][-_LATE_STEADY:]
    if len(same) < 2 * _PARTS:
        return 0.0
    edges = [len(same) * part // _PARTS for part in range(_PARTS + 1)]
    parts = [same[start:end] for start, end in pairwise(edges)]
    at_px = np.array([_medians([(box.x_px, box.y_px) for box in part]) for part in parts])
    way_px = at_px[-1] - at_px[0]
    moved_px = float(np.hypot(*way_px))
    if moved_px <= _SURE_SIGMAS * max(hypot(same[0].sigma_px, same[-1].sigma_px), 1e-9):
        return 0.0
    steps = np.diff(at_px, axis=0) @ way_px / moved_px**2
    size_px = median(box.size_px for box in same)
    return moved_px / max(1.0, size_px) if steps.min() >= _LEAST_STEP_SHARE else 0.0


def _of_last_epoch(looks: Iterable[Look]) -> list[SteadyBox]:
    """Boxes over ground at rest that can be compared with the latest of them."""
    steady = [look.steady for look in looks if look.steady is not None]
    return [box for box in steady if box.epoch == steady[-1].epoch]


def _way_and_size_px(same: Sequence[SteadyBox]) -> tuple[float, float]:
    """How far the late third of some boxes lies from the early one, and how large they are."""
    third = len(same) // 3
    early = _medians([(box.x_px, box.y_px) for box in same[:third]])
    late = _medians([(box.x_px, box.y_px, box.size_px) for box in same[-third:]])
    return hypot(late[0] - early[0], late[1] - early[1]), max(1.0, late[2])


def _medians(rows: Sequence[Sequence[float]]) -> list[float]:
    """Median of each column: of a few rows, lists have it sooner than arrays."""
    return [median(column) for column in zip(*rows, strict=True)]
