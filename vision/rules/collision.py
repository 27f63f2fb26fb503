"""A stop that looks like a collision: fast, at rest within a moment, and against another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.objects import Look, TrackedObject
from vision.rules.schema import CollisionRule

FloatArray = NDArray[np.float64]

_LEAST_LOOKS = 3
_STEADY_SHARE = 0.9


@dataclass(frozen=True)
class AbruptStop:
    """An object that came to rest at once.

    Attributes:
        speed: over its last metres, in metres or in sizes of its box a second.
        on_ground: which of the two.
        beside: the nearest other object that stands there.
        apart: how far from it, in the same unit.
    """

    speed: float
    on_ground: bool
    beside: TrackedObject
    apart: float

    def said(self, rule: CollisionRule) -> str:
        """The same in words."""
        unit = "m" if self.on_ground else "boxes"
        return (
            f"came to rest from {self.speed:.1f} {unit}/s at once, "
            f"{self.apart:.1f} {unit} from another, and both stand for {rule.min_seconds:g} s"
        )


def abrupt_stop(
    rule: CollisionRule, subject: TrackedObject, others: Sequence[TrackedObject], time_s: float
) -> AbruptStop | None:
    """How an object came to rest, None if it did not do so abruptly and against another.

    It stands now for the rule's time. How abruptly is told by its speed over the last stretch of
    its way: who brakes evenly covers that slowly, who is stopped by something covers it at full
    speed. Places on the ground are compared where all looks have them, else places in the
    picture, which takes a camera that stands.
    """
    looks = subject.visit_looks()
    on_ground = all(look.place is not None for look in looks)
    still = rule.still_m if on_ground else rule.still_boxes
    middle = _resting_place(rule, subject, time_s, 1.0, on_ground=on_ground)
    if middle is None:
        return None
    size = 1.0 if on_ground else _size_px(looks)
    away = np.linalg.norm(_points(looks, on_ground=on_ground) - middle, axis=1) / size
    speed = _last_speed(looks, away, still, rule.last_m if on_ground else rule.last_boxes)
    if speed < (rule.min_speed_mps if on_ground else rule.min_speed_boxes):
        return None
    near = [
        (float(np.linalg.norm(place - middle)) / size, each)
        for each in others
        if each is not subject
        and (place := _resting_place(rule, each, time_s, size, on_ground=on_ground)) is not None
    ]
    apart, beside = min(near, key=lambda pair: (pair[0], pair[1].track_id), default=(0.0, None))
    if beside is None or apart > (rule.within_m if on_ground else rule.within_boxes):
        return None
    return AbruptStop(speed, on_ground, beside, apart)


def _resting_place(
    rule: CollisionRule, subject: TrackedObject, time_s: float, size: float, *, on_ground: bool
) -> FloatArray | None:
    """Where an object stands for the rule's time, None if it does not."""
    looks = _between(subject, time_s - rule.min_seconds, time_s)
    if len(looks) < _LEAST_LOOKS or (on_ground and any(look.place is None for look in looks)):
        return None
    points = _points(looks, on_ground=on_ground)
    middle = np.median(points, axis=0)
    size = 1.0 if on_ground else max(size, _size_px(looks))
    reach = (rule.still_m if on_ground else rule.still_boxes) * size
    steady = np.linalg.norm(points - middle, axis=1) <= reach
    return np.asarray(middle, np.float64) if steady.mean() >= _STEADY_SHARE else None


def _last_speed(looks: list[Look], away: FloatArray, still: float, last: float) -> float:
    """Speed from `last` away to within `still` of the resting place; 0 if it came from nearer."""
    moving = np.flatnonzero(away > still)
    arrived = int(moving[-1]) + 1 if len(moving) else 0
    far = np.flatnonzero(away[:arrived] >= last)
    if not len(far) or arrived >= len(looks):
        return 0.0
    start = int(far[-1])
    return float(away[start] - away[arrived]) / (looks[arrived].time_s - looks[start].time_s)


def _between(subject: TrackedObject, start_s: float, end_s: float) -> list[Look]:
    # Times are sums of frame intervals: the ends are meant with them.
    return [look for look in subject.visit_looks() if start_s - 1e-6 <= look.time_s <= end_s + 1e-6]


def _points(looks: list[Look], *, on_ground: bool) -> FloatArray:
    if on_ground:
        return np.array([look.place.xy_m for look in looks if look.place], np.float64)
    boxes = np.array([look.xyxy_px for look in looks], np.float64)
    return np.column_stack([boxes[:, ::2].mean(axis=1), boxes[:, 1::2].mean(axis=1)])


def _size_px(looks: list[Look]) -> float:
    boxes = np.array([look.xyxy_px for look in looks], np.float64)
    areas_px = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return max(1.0, float(np.sqrt(np.median(areas_px))))
