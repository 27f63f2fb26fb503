"""How far an object moved: over the ground, in the picture, or there against the ground."""

from collections.abc import Iterable, Sequence
from math import hypot, sqrt
from statistics import median

import numpy as np

from vision.objects import Look

_LEAST_STEADY = 6
_SURE_SIGMAS = 3.0


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
    steady = [look.steady for look in looks if look.steady is not None]
    if not steady:
        return None
    same = [box for box in steady if box.epoch == steady[-1].epoch]
    if len(same) < _LEAST_STEADY:
        return 0.0
    third = len(same) // 3
    early = _medians([(box.x_px, box.y_px) for box in same[:third]])
    late = _medians([(box.x_px, box.y_px, box.size_px) for box in same[-third:]])
    moved_px = hypot(late[0] - early[0], late[1] - early[1])
    if moved_px < _SURE_SIGMAS * hypot(same[0].sigma_px, same[-1].sigma_px):
        return 0.0
    return moved_px / max(1.0, late[2])


def _medians(rows: Sequence[Sequence[float]]) -> list[float]:
    """Median of each column: of a few rows, lists have it sooner than arrays."""
    return [median(column) for column in zip(*rows, strict=True)]
