"""Where many objects are together, and which of them move."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import isfinite
from statistics import median

import numpy as np
from numpy.typing import NDArray

from vision.movement import (
    drift_boxes,
    drift_over_ground_boxes,
    driven_over_ground_boxes,
    moved_over_ground_boxes,
    moved_over_ground_m,
    spread_m,
)
from vision.objects import Look, ObjectBook, TrackedObject
from vision.rules.schema import PresenceRule, StationaryRule

FloatArray = NDArray[np.float64]

_LATE_S = 3.0
# Looks less often than this tell little of so short a time: then they go back further.
_LEAST_LATE = 10
_JITTER_S = 1e-6
_MOVED_BOXES = 0.15
# As far as the places of a vehicle that stands may spread (StationaryRule).
_MOVED_M = 1.5
# A body's own length, about: what wavers, or is taken for its neighbour, does not go on so far.
_DRIVEN_BOXES = 1.0
# Of two classes that the detector wavers between, each has more.
_WAVERING_SHARE = 0.25


def moves(subject: TrackedObject, visit: list[Look] | None = None) -> bool:
    """Whether an object moves over the ground, as far as that is known; else in the picture.

    Args:
        subject: the object.
        visit: its looks of the present visit, where they are known already.
    """
    looks = _late(subject.visit_looks() if visit is None else visit)
    moved_m = moved_over_ground_m(looks)
    if moved_m is not None:
        return moved_m > _MOVED_M
    moved = moved_over_ground_boxes(looks)
    return (drift_boxes(looks) if moved is None else moved) > _MOVED_BOXES


def moves_in_picture(subject: TrackedObject, visit: list[Look] | None = None) -> bool:
    """Whether an object moves in the picture.

    Args:
        subject: the object.
        visit: its looks of the present visit, where they are known already.
    """
    looks = _late(subject.visit_looks() if visit is None else visit)
    return drift_boxes(looks) > _MOVED_BOXES


def _late(looks: list[Look]) -> list[Look]:
    """Those of the last seconds: however often somebody looks, the same motion counts as one."""
    first = bisect_right(looks, looks[-1].time_s - _LATE_S + _JITTER_S, key=lambda e: e.time_s)
    return looks[min(first, max(0, len(looks) - _LEAST_LATE)) :]


def comes_into_quiet(
    subject: TrackedObject,
    book: ObjectBook,
    quiet_s: float,
    moving: Callable[[TrackedObject], bool] = moves_in_picture,
) -> bool:
    """Whether an object moves, and nothing of its class moved for so long before it came.

    Before the first frames nobody looked, so nothing is said of what came then. A van that is
    taken for a car and for a lorry by turns is no rare guest where either of them is common, and
    no lorry that another one follows.

    Args:
        subject: the object.
        book: all objects.
        quiet_s: for how long.
        moving: tells whether an object moves.
    """
    came_s, classes = subject.visit_s, subject.seen_as(_WAVERING_SHARE)
    looked = book.frames_between(float("-inf"), came_s - quiet_s) > 0
    if not looked or not moving(subject):
        return False
    return not any(
        each is not subject
        and each.seen_as(_WAVERING_SHARE) <= classes
        and _seen_between(each, came_s - quiet_s, came_s)
        and moving(each)
        for each in book.seen_since(came_s - quiet_s)
    )


def stands_still(rule: StationaryRule, looks: Sequence[Look], *, over_ground: bool) -> str:
    """How still an object stood, in words, or nothing where it did not or nobody knows.

    Args:
        rule: says how far it may waver.
        looks: at the object.
        over_ground: whether the picture slides over the ground, so that only motion against that
            counts, where no places are known.
    """
    spread = spread_m(looks)
    if spread is not None:
        return f"places within {spread:.1f} m" if spread <= rule.max_spread_m else ""
    drift = drift_over_ground_boxes(looks) if over_ground else drift_boxes(looks)
    if drift is None or drift > rule.max_drift_boxes:
        return ""
    return f"moved {drift:.2f} boxes" + (" against the ground" if over_ground else "")


def drives(subject: TrackedObject) -> bool:
    """Whether an object surely moves over the ground that slides through the picture."""
    return driven_over_ground_boxes(subject.visit_looks()) >= _DRIVEN_BOXES


def is_first_to_drive(
    subject: TrackedObject,
    book: ObjectBook,
    quiet_s: float,
    told: Callable[[int], bool],
) -> bool:
    """Whether an object drives, and is the first of its class to do so in view.

    For a camera on its way each view is a new one, so nobody need have looked before. Who comes
    so soon after another that drives, or while one that was told is in view, follows him.

    Args:
        subject: the object.
        book: all objects.
        quiet_s: how long none must have driven before it came.
        told: whether the object of a track id was told already.
    """
    if not drives(subject):
        return False
    came_s, classes = subject.visit_s, subject.seen_as(_WAVERING_SHARE)
    return not any(
        each is not subject
        and each.seen_as(_WAVERING_SHARE) <= classes
        and (
            told(each.track_id) or (_seen_between(each, came_s - quiet_s, came_s) and drives(each))
        )
        for each in book.seen_since(came_s - quiet_s)
    )


def _seen_between(subject: TrackedObject, start_s: float, end_s: float) -> bool:
    """Whether an object was looked at from a time on, before another."""
    # Nearly all of those in view came earlier or later, which their first look tells.
    if not subject.looks[0].time_s < end_s:
        return False
    return any(start_s <= look.time_s < end_s for look in subject.looks)


def frames_of(visit: list[Look], book: ObjectBook) -> int:
    """How many frames were looked at from the first to the last look of a visit."""
    return book.frames_between(visit[0].time_s, visit[-1].time_s)


def densest(
    objects: Sequence[TrackedObject], radius_m: float, radius_boxes: float
) -> tuple[list[TrackedObject], str]:
    """Return the most objects within a radius of one of them, that one first, and the radius.

    On the ground where all have a place there, else in the picture by their height.
    """
    on_ground = all(each.last.place is not None for each in objects)
    points = ground_points(objects) if on_ground else picture_points(objects)
    radius = radius_m if on_ground else radius_boxes
    near = np.linalg.norm(points[:, None] - points[None], axis=2) <= radius
    middle = int(near.sum(axis=1).argmax())
    members = [objects[middle]]
    members += [objects[i] for i in np.flatnonzero(near[middle]).tolist() if i != middle]
    return members, f"{radius:g} {'m' if on_ground else 'times their height'}"


def ground_points(objects: Sequence[TrackedObject]) -> FloatArray:
    """Places of those that have one, metres, (N, 2)."""
    places = [each.last.place.xy_m for each in objects if each.last.place is not None]
    return np.array(places, np.float64).reshape(-1, 2)


def picture_points(objects: Sequence[TrackedObject]) -> FloatArray:
    """Feet in the picture, in heights of the usual box among them, (N, 2)."""
    boxes = np.array([each.last.xyxy_px for each in objects], np.float64)
    height_px = max(1.0, float(np.median(boxes[:, 3] - boxes[:, 1])))
    return np.column_stack([boxes[:, ::2].mean(axis=1), boxes[:, 3]]) / height_px


def flickers(pieces: Sequence[TrackedObject], since_s: float, least_share: float) -> bool:
    """Whether the surest piece of each frame changes its outline from look to look so much.

    It has to in the earlier half of the looks and in the later one: before a wall the outline
    changes while somebody walks past, and stands still when he is gone.
    """
    looks = surest_looks(pieces, since_s)
    middle = len(looks) // 2
    shares = (flicker_share(looks[: middle + 1]), flicker_share(looks[middle:]))
    return all(share is not None and share >= least_share for share in shares)


def stirs(pieces: Sequence[TrackedObject], since_s: float, least_share: float) -> bool | None:
    """Whether so much of the surest piece changes inside, in both halves of the looks.

    None where that was measured in less than half of the looks.
    """
    looks = surest_looks(pieces, since_s)
    known = [look.stir for look in looks if isfinite(look.stir)]
    if len(known) < max(2, len(looks) / 2):
        return None
    middle = len(known) // 2
    return all(median(half) >= least_share for half in (known[:middle], known[middle:]))


def surest_looks(pieces: Sequence[TrackedObject], since_s: float) -> list[Look]:
    """Of each frame since a time the surest look at any of these objects, in order."""
    surest: dict[int, Look] = {}
    for look in (each for piece in pieces for each in piece.looks if each.time_s >= since_s):
        known = surest.get(look.frame_index)
        if known is None or look.score > known.score:
            surest[look.frame_index] = look
    return [look for _, look in sorted(surest.items())]


def flicker_share(looks: Sequence[Look]) -> float | None:
    """Median change of the box's area from one look to the next, None without two looks."""
    corners = np.array([look.xyxy_px for look in looks], np.float64).reshape(-1, 4)
    areas_px = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    if len(areas_px) < 2:
        return None
    return float(np.median(np.abs(np.diff(areas_px)) / np.maximum(areas_px[1:], 1.0)))


def fills_too_much(rule: PresenceRule, looks: Sequence[Look]) -> bool:
    """Whether a thing fills more of the picture than its rule grants."""
    known = [look.picture_share for look in looks if isfinite(look.picture_share)]
    return bool(known) and median(known) > rule.max_picture_share
