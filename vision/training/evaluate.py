"""Scoring an exported model on validation pictures, each class only where it was labelled."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.detector import longest_input_px
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, read_image
from vision.training.labels import View, knowledge_of
from vision.training.precision import Outcomes, best_threshold, match, merged

Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]

# Alarms are raised by single objects, so a false one weighs more; traffic is counted and tracked.
ALARMS = ("garbage", "smoke", "fire", "pothole", "stall")
_LARGEST_SIDE_PX = 960
_ALARM_BETA, _TRAFFIC_BETA = 0.5, 1.0
# What is nearer to COCO scores fires lower; none is told below this, however precise it was.
_ALARM_LOWEST, _TRAFFIC_LOWEST = 0.1, 0.25
# Some fifty objects of a class do not tell two F0.5 apart that differ by less.
_ALARM_AS_GOOD = 0.02
_FALSE_ALARMS_MAX = 0.01  # share of the pictures on which a class is known to be absent


class Model(Protocol):
    """Anything that detects on single pictures."""

    def detect(self, image: NDArray[np.uint8], long_side_px: int) -> Found:
        """Return corners, scores and classes, best first."""
        ...


@dataclass(frozen=True)
class Trial:
    """One class on one picture.

    Attributes:
        class_name: The class.
        dataset: The picture's set.
        labelled: True where the class was labelled, False where it is known to be absent.
        outcomes: What became of the detections.
    """

    class_name: str
    dataset: str
    labelled: bool
    outcomes: Outcomes


def run_trials(model: Model, pictures: Iterable[Picture], long_side_px: int) -> tuple[Trial, ...]:
    """Detect on every picture and match the classes of which its labels say something.

    Args:
        model: What detects.
        pictures: What it looks at.
        long_side_px: Of the input; 0 looks at each picture as the runtime does.

    Raises:
        TrainingDataError: A picture cannot be read.
    """
    trials: list[Trial] = []
    for picture in pictures:
        side_px = long_side_px or longest_input_px(picture.size_wh_px, _LARGEST_SIDE_PX)
        found = model.detect(read_image(picture), side_px)
        trials.extend(trials_on(picture, found))
    return tuple(trials)


def outcomes_of(
    trials: Iterable[Trial],
    class_name: str,
    *,
    dataset: str | None = None,
    view: View | None = None,
    labelled: bool = True,
) -> Outcomes:
    """Put together the trials of a class, of one set or view or of all."""
    return merged(
        [
            trial.outcomes
            for trial in trials
            if trial.class_name == class_name
            and trial.labelled == labelled
            and (dataset is None or trial.dataset == dataset)
            and (view is None or knowledge_of(trial.dataset).view == view)
        ]
    )


def choose_thresholds(trials: tuple[Trial, ...]) -> dict[str, float]:
    """Choose each class's score threshold on these trials, known absences counted in.

    The best F1 for traffic. For what raises alarms the highest with as good an F0.5 (precision
    counts double) as any; of the pictures on which it is known to be absent, at most one in a
    hundred raises one.
    """
    return {
        name: best_threshold(
            merged([t.outcomes for t in trials if t.class_name == name]),
            _ALARM_BETA if name in ALARMS else _TRAFFIC_BETA,
            quiet_from(trials, name) if name in ALARMS else _TRAFFIC_LOWEST,
            as_good=_ALARM_AS_GOOD if name in ALARMS else 0.0,
        )
        for name in CLASS_NAMES
    }


def quiet_from(trials: Iterable[Trial], class_name: str) -> float:
    """Return the lowest threshold of an alarm that keeps quiet where its class is absent."""
    absent = [t.outcomes.score for t in trials if t.class_name == class_name and not t.labelled]
    highest = sorted((float(score.max(initial=0.0)) for score in absent), reverse=True)
    allowed = int(_FALSE_ALARMS_MAX * len(highest))
    first_quiet = highest[allowed] if highest else 0.0
    return max(_ALARM_LOWEST, math.nextafter(first_quiet, 1.0))


def false_alarm_share(
    trials: Iterable[Trial], class_name: str, thresholds: Mapping[str, float]
) -> tuple[int, int]:
    """Count pictures where a class is known to be absent and is yet reported, and all of them."""
    absent = [t for t in trials if t.class_name == class_name and not t.labelled]
    alarmed = [t for t in absent if (t.outcomes.score >= thresholds[class_name]).any()]
    return len(alarmed), len(absent)


def trials_on(picture: Picture, found: Found, names: Sequence[str] = CLASS_NAMES) -> list[Trial]:
    """Match what was found on a picture, class by class, where its labels say something.

    Args:
        picture: With its labels.
        found: Corners, scores and classes; a class below zero is none of the names.
        names: The classes by the numbers that the labels have.
    """
    xyxy_px, score, class_id = found
    trials = []
    for index, name in enumerate(names):
        if not picture.known[index]:
            continue
        own, objects = class_id == index, picture.class_id == index
        outcomes = match(xyxy_px[own], score[own], picture.xyxy_px[objects])
        trials.append(Trial(name, picture.dataset, name in picture.labelled, outcomes))
    return trials
