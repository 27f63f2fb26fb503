"""Where many objects are together, and which of them move."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from vision.movement import drift_boxes, moved_over_ground_boxes, moved_over_ground_m
from vision.objects import Look, ObjectBook, TrackedObject, flicker_share

FloatArray = NDArray[np.float64]

_LATE_LOOKS = 30
_MOVED_BOXES = 0.15
# As far as the places of a vehicle that stands may spread (StationaryRule).
_MOVED_M = 1.5
# Of two classes that the detector wavers between, each has more.
_WAVERING_SHARE = 0.25


def moves(subject: TrackedObject, visit: list[Look] | None = None) -> bool:
    """Whether an object moves over the ground, as far as that is known; else in the picture.

    Args:
        subject: the object.
        visit: its looks of the present visit, where they are known already.
    """
    looks = (subject.visit_looks() if visit is None else visit)[-_LATE_LOOKS:]
    moved_m = moved_over_ground_m(looks)
    if moved_m is not None:
        return moved_m > _MOVED_M
    moved = moved_over_ground_boxes(looks)
    return (drift_boxes(looks) if moved is None else moved) > _MOVED_BOXES


def comes_into_quiet(
    subject: TrackedObject,
    book: ObjectBook,
    quiet_s: float,
    moving: Callable[[TrackedObject], bool] = moves,
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


def surest_looks(pieces: Sequence[TrackedObject], since_s: float) -> list[Look]:
    """Of each frame since a time the surest look at any of these objects, in order."""
    surest: dict[int, Look] = {}
    for look in (each for piece in pieces for each in piece.looks if each.time_s >= since_s):
        known = surest.get(look.frame_index)
        if known is None or look.score > known.score:
            surest[look.frame_index] = look
    return [look for _, look in sorted(surest.items())]
