"""Which detections found nothing and which objects nobody found: what a figure is made of.

A low figure has two causes, which only a look at the pictures tells apart: a detector that errs,
and labels that do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

from vision.training.dataset import Picture
from vision.training.evaluate import Found
from vision.training.precision import overlaps, paired

MOST = 40
"""Faults of a kind that are kept for each class: what one looks through at a time."""


@dataclass(frozen=True, eq=False)
class Fault:
    """A false alarm, or an object that was missed.

    Attributes:
        class_name: of which class.
        picture: where.
        xyxy_px: float32 (4,), of the detection, or of the object.
        score: of the detection; NaN for a missed object.
        overlap: the most that it shares with an object, or a detection, of its class.
    """

    class_name: str
    picture: Picture
    xyxy_px: NDArray[np.float32]
    score: float
    overlap: float


class FaultBook:
    """Gathers the surest false alarms and the largest missed objects of each class.

    Args:
        names: of the classes, by the numbers that the labels have.
        thresholds: score from which a class counts, by its name; an object is missed where nothing
            that counts found it. A class without one is not looked for.
        most: faults of a kind that are kept for each class.
    """

    def __init__(
        self, names: Sequence[str], thresholds: dict[str, float], most: int = MOST
    ) -> None:
        self._names = names
        self._thresholds = thresholds
        self._most = most
        self._false: dict[str, list[Fault]] = {}
        self._missed: dict[str, list[Fault]] = {}

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of which there are faults, in the order of the labels."""
        return tuple(each for each in self._names if each in self._false or each in self._missed)

    def false_alarms(self, class_name: str) -> tuple[Fault, ...]:
        """Those of a class, the surest first."""
        return tuple(self._false.get(class_name, ()))

    def missed(self, class_name: str) -> tuple[Fault, ...]:
        """The missed objects of a class, the largest first."""
        return tuple(self._missed.get(class_name, ()))

    def take(self, picture: Picture, found: Found) -> None:
        """Take in what was found on a picture, for the classes that are labelled on it.

        Args:
            picture: with its labels.
            found: corners, scores and classes; a class below zero is none of the names.
        """
        xyxy_px, score, class_id = found
        for number, name in enumerate(self._names):
            if name in picture.labelled and name in self._thresholds:
                own, objects = class_id == number, picture.xyxy_px[picture.class_id == number]
                self._compare(name, picture, (xyxy_px[own], score[own]), objects)

    def _compare(
        self,
        name: str,
        picture: Picture,
        told: tuple[NDArray[np.float32], NDArray[np.float32]],
        objects: NDArray[np.float32],
    ) -> None:
        xyxy_px, score = told
        shared = overlaps(xyxy_px, objects)
        found = paired(shared, score)
        false = [
            Fault(name, picture, xyxy_px[row], float(score[row]), _most(shared[row]))
            for row in np.flatnonzero(found < 0)
        ]
        counts = score >= self._thresholds[name]
        missed = [
            Fault(name, picture, objects[row], float("nan"), _most(shared[counts, row]))
            for row in sorted(set(range(len(objects))) - set(found[counts].tolist()))
        ]
        _keep(self._false, name, false, self._most, lambda fault: fault.score)
        _keep(self._missed, name, missed, self._most, _area_px)


def _keep(
    book: dict[str, list[Fault]],
    name: str,
    faults: list[Fault],
    most: int,
    rank: Callable[[Fault], float],
) -> None:
    if faults:
        book[name] = nlargest(most, book.get(name, []) + faults, key=rank)


def _area_px(fault: Fault) -> float:
    return float((fault.xyxy_px[2:] - fault.xyxy_px[:2]).prod())


def _most(shared: NDArray[np.float32]) -> float:
    return float(shared.max()) if shared.size else 0.0
