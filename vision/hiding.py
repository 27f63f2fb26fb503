"""Whom a detector loses for a moment is still there, and is hidden in that moment, too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vision.association import iou_matrix
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
# Boxes that overlap so much are of one thing.
_SAME_IOU = 0.3


@dataclass(frozen=True, eq=False)
class Seen:
    """What of a frame concerns privacy.

    Attributes:
        time_s: of the frame.
        size_wh_px: of the picture that the boxes are told in.
        persons: boxes of persons, with tracks.
        vehicles: boxes of vehicles, with tracks.
        others: boxes of all that is no person.
    """

    time_s: float
    size_wh_px: tuple[int, int]
    persons: Detections
    vehicles: Detections
    others: Detections

    @classmethod
    def of(
        cls,
        time_s: float,
        size_wh_px: tuple[int, int],
        class_names: Sequence[str],
        detections: Detections,
    ) -> "Seen":
        """What of a frame's detections concerns privacy, sure or not."""
        persons, vehicles = concerns(class_names, detections)
        return cls(
            time_s, size_wh_px, detections[persons], detections[vehicles], detections[~persons]
        )

    def sized(self, size_wh_px: tuple[int, int]) -> "Seen":
        """The same, told in a picture of another size: a stream may change its own."""
        if size_wh_px == self.size_wh_px:
            return self
        (width_px, height_px), (own_width_px, own_height_px) = size_wh_px, self.size_wh_px
        larger = np.array([width_px / own_width_px, height_px / own_height_px] * 2, np.float32)
        persons, vehicles, others = (
            replace(each, xyxy_px=each.xyxy_px * larger)
            for each in (self.persons, self.vehicles, self.others)
        )
        return Seen(self.time_s, size_wh_px, persons, vehicles, others)


def hidden_at(moment: Seen, near: Iterable[Seen]) -> SeenBoxes:
    """The boxes to be made coarse in a frame: its own, and those that the frames around it imply.

    Whoever has a track before and after is between; whoever appears is taken to have been there
    half a second earlier already, and whoever vanishes to be there for as long, moving on. Nobody
    is put where the frame itself shows something else, and surer than anybody was seen there: a
    stall that was taken for a rider for a moment is what the picture is about.

    Args:
        moment: the frame.
        near: frames before and after it; those further away than `REACH_S` do not matter.
    """
    others = [
        each.sized(moment.size_wh_px)
        for each in near
        if each is not moment and abs(each.time_s - moment.time_s) <= REACH_S + _JITTER_S
    ]
    persons = _unlike(moment, _implied(moment, others, lambda seen: seen.persons))
    vehicles = _implied(moment, others, lambda seen: seen.vehicles)
    return SeenBoxes(_joined(moment.persons, persons), _joined(moment.vehicles, vehicles))


@dataclass(frozen=True, eq=False)
class _Guess:
    """Where something is in a frame that lacks it; `age_s` is how far the nearest look is."""

    box: FloatArray
    age_s: float
    score: float
    track: int

    @property
    def grown(self) -> FloatArray:
        margin = _GROWTH_PER_S * abs(self.age_s) * (self.box[2:] - self.box[:2])
        return np.concatenate([self.box[:2] - margin, self.box[2:] + margin])


def _unlike(moment: Seen, guesses: Sequence[_Guess]) -> list[_Guess]:
    """Those of which the frame does not show, and surer, that they are something else."""
    shown = moment.others
    boxes = _rows([each.box for each in guesses])
    same = iou_matrix(boxes, shown.xyxy_px.astype(np.float64)) >= _SAME_IOU
    tracks = np.array([each.track for each in guesses], np.int64)[:, None]
    same |= (tracks == shown.track_id) & (tracks != NO_TRACK)
    surer = shown.score > np.array([each.score for each in guesses])[:, None]
    is_other = np.asarray((same & surer).any(axis=1), np.bool_)
    return [guess for guess, other in zip(guesses, is_other, strict=True) if not other]


def _implied(
    moment: Seen, others: Sequence[Seen], kind: Callable[[Seen], Detections]
) -> list[_Guess]:
    tracks = set(kind(moment).track_id.tolist()) - {NO_TRACK}
    latest_s = _HOLD_WITHOUT_TRACK_S + _JITTER_S
    guesses: list[_Guess] = []
    looks: dict[int, list[_Guess]] = {}
    for other in others:
        found, away_s = kind(other), other.time_s - moment.time_s
        for row, track in enumerate(found.track_id.tolist()):
            # Nearly all are in the frame itself: of those nothing is to be guessed.
            if track in tracks or (track == NO_TRACK and abs(away_s) > latest_s):
                continue
            box = found.xyxy_px[row].astype(np.float64)
            look = _Guess(box, away_s, float(found.score[row]), track)
            if track == NO_TRACK:
                guesses.append(look)
            else:
                looks.setdefault(track, []).append(look)
    return guesses + [each for found in looks.values() if (each := _between(found)) is not None]


def _between(looks: list[_Guess]) -> _Guess | None:
    """Where a track is now, None where its looks are too long ago or ahead."""
    looks.sort(key=lambda each: abs(each.age_s))
    nearest, score = looks[0], max(each.score for each in looks)
    beyond = next((each for each in looks if (each.age_s > 0) != (nearest.age_s > 0)), None)
    box = nearest.box
    if beyond is not None:
        share = nearest.age_s / (nearest.age_s - beyond.age_s)
        box = (1.0 - share) * box + share * beyond.box
    elif abs(nearest.age_s) > _HOLD_S + _JITTER_S:
        return None
    elif len(looks) > 1 and looks[1].age_s != nearest.age_s:
        step = (box - looks[1].box) / (nearest.age_s - looks[1].age_s)
        # The box as a whole goes on; at the picture's edge its sides do not go alike.
        box = box - nearest.age_s * np.tile((step[:2] + step[2:]) / 2.0, 2)
    return _Guess(box, nearest.age_s, score, nearest.track)


def _joined(own: Detections, guesses: Sequence[_Guess]) -> FloatArray:
    return np.concatenate([_rows(list(own.xyxy_px)), _rows([each.grown for each in guesses])])


def _rows(boxes: Sequence[NDArray[np.floating]]) -> FloatArray:
    return np.array(boxes, np.float64).reshape(-1, 4)
