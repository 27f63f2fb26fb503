"""Whom a detector loses for a moment is still there, and is hidden in that moment, too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detections import NO_TRACK, Detections
from vision.evidence import SeenBoxes, concerns

FloatArray = NDArray[np.float64]

# How far looks of one track may be before and after a moment that lacks it.
REACH_S = 1.0
# How long whoever appears later or was seen last is taken to be in view, and without a track.
_HOLD_S = 0.5
_HOLD_WITHOUT_TRACK_S = 0.2
# A box that is guessed grows on each side, in shares of its size a second.
_GROWTH_PER_S = 0.5
_JITTER_S = 1e-6


@dataclass(frozen=True, eq=False)
class Seen:
    """What of a frame concerns privacy.

    Attributes:
        time_s: of the frame.
        persons: boxes of persons, with tracks.
        vehicles: boxes of vehicles, with tracks.
    """

    time_s: float
    persons: Detections
    vehicles: Detections

    @classmethod
    def of(cls, time_s: float, class_names: Sequence[str], detections: Detections) -> "Seen":
        """What of a frame's detections concerns privacy, sure or not."""
        persons, vehicles = concerns(class_names, detections)
        return cls(time_s, detections[persons], detections[vehicles])


def hidden_at(moment: Seen, near: Iterable[Seen]) -> SeenBoxes:
    """The boxes to be made coarse in a frame: its own, and those that the frames around it imply.

    Whoever has a track before and after is between; whoever appears is taken to have been there
    half a second earlier already, and whoever vanishes to be there for as long, moving on.

    Args:
        moment: the frame.
        near: frames before and after it; those further away than `REACH_S` do not matter.
    """
    others = [
        each
        for each in near
        if each is not moment and abs(each.time_s - moment.time_s) <= REACH_S + _JITTER_S
    ]
    return SeenBoxes(
        _implied(moment, others, lambda seen: seen.persons),
        _implied(moment, others, lambda seen: seen.vehicles),
    )


def _implied(
    moment: Seen, others: Sequence[Seen], kind: Callable[[Seen], Detections]
) -> FloatArray:
    own = kind(moment)
    boxes = [each.astype(np.float64) for each in own.xyxy_px]
    tracks = set(own.track_id.tolist())
    looks: dict[int, list[tuple[float, FloatArray]]] = {}
    for other in others:
        away_s = other.time_s - moment.time_s
        for box, track in zip(kind(other).xyxy_px, kind(other).track_id.tolist(), strict=True):
            if track == NO_TRACK:
                if abs(away_s) <= _HOLD_WITHOUT_TRACK_S + _JITTER_S:
                    boxes.append(_grown(box.astype(np.float64), away_s))
            elif track not in tracks:
                looks.setdefault(track, []).append((away_s, box.astype(np.float64)))
    boxes += [box for each in looks.values() if (box := _guess(each)) is not None]
    return np.array(boxes, np.float64).reshape(-1, 4)


def _guess(looks: list[tuple[float, FloatArray]]) -> FloatArray | None:
    """Where a track is at time 0, None where that is too long ago or ahead."""
    looks.sort(key=lambda each: abs(each[0]))
    nearest_s, box = looks[0]
    beyond = next((each for each in looks if (each[0] > 0) != (nearest_s > 0)), None)
    if beyond is not None:
        share = nearest_s / (nearest_s - beyond[0])
        return _grown((1.0 - share) * box + share * beyond[1], nearest_s)
    if abs(nearest_s) > _HOLD_S + _JITTER_S:
        return None
    if len(looks) > 1:
        next_s, next_box = looks[1]
        step = (box - next_box) / (nearest_s - next_s)
        # The box as a whole goes on; at the picture's edge its sides do not go alike.
        box = box - nearest_s * np.tile((step[:2] + step[2:]) / 2.0, 2)
    return _grown(box, nearest_s)


def _grown(box: FloatArray, away_s: float) -> FloatArray:
    margin = _GROWTH_PER_S * abs(away_s) * (box[2:] - box[:2])
    return np.concatenate([box[:2] - margin, box[2:] + margin])
