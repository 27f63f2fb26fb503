"""Scoring any detector, as it runs, on labelled pictures: what `patrol model eval` tells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geofences.findings import Tell, tell_nobody
from vision.detector import Detector
from vision.errors import ModelError
from vision.frames import Frame
from vision.training.dataset import Picture, read_image
from vision.training.evaluate import Found, Trial, trials_on
from vision.training.labelled import LabelledSet
from vision.training.labels import TABLE
from vision.training.precision import (
    Outcomes,
    average_precision,
    merged,
    precision_recall_at,
    reliability,
)

LEAST_SCORE = 0.01
LOOKING = "Looking at pictures"
EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
Look = Callable[[Picture, Found], None]
_VIEW_OF = {row.dataset: str(row.view) for row in TABLE}


@dataclass(frozen=True)
class ClassScore:
    """How one class is found on the pictures that are labelled for it.

    Attributes:
        name: of the class.
        seen: whether the model has it at all.
        pictures: how many are labelled for it.
        objects: how many there are on them.
        ap50: average precision at an overlap of a half; NaN without objects.
        views: view -> objects and AP50 there.
        threshold: score from which it counts.
        precision: of what reaches the threshold.
        recall: likewise.
        alarmed: pictures on which it is told, though known to be absent and not labelled.
        absent: pictures on which it is known to be absent and not labelled.
        bins: lowest and highest score, how many, their mean score and the share that was right.
        calibration_error: mean gap between score and share right, weighed by how many; NaN
            where nothing was told.
    """

    name: str
    seen: bool
    pictures: int
    objects: int
    ap50: float
    views: dict[str, tuple[int, float]]
    threshold: float
    precision: float
    recall: float
    alarmed: int
    absent: int
    bins: tuple[tuple[float, float, int, float, float], ...]
    calibration_error: float


def score_detector(
    detector: Detector,
    labelled: LabelledSet,
    thresholds: Sequence[float],
    tell: Tell = tell_nobody,
    look: Look | None = None,
) -> tuple[ClassScore, ...]:
    """Let a detector look at every picture, and score each class where it is labelled.

    Args:
        detector: it should tell of weak boxes too, from `LEAST_SCORE`.
        labelled: the pictures.
        thresholds: score from which a class counts, by the detector's class numbers.
        tell: told how many pictures were looked at.
        look: shown each picture, and what was found on it by the labels' class numbers.

    Raises:
        ModelError: the model and the labels have no class in common.
        TrainingDataError: a picture cannot be read.
    """
    names = detector.class_names
    if not set(names) & set(labelled.names):
        raise ModelError(
            f"The model sees {', '.join(names)}; the labels know {', '.join(labelled.names)}: "
            "nothing can be scored. Say what the labels mean with --classes."
        )
    trials = run_detector(detector, labelled, tell, look)
    level = dict(zip(names, thresholds, strict=True))
    return tuple(_scored(name, trials, level.get(name)) for name in labelled.names)


def run_detector(
    detector: Detector,
    labelled: LabelledSet,
    tell: Tell = tell_nobody,
    look: Look | None = None,
) -> tuple[Trial, ...]:
    """Look at every picture and match the classes of which its labels say something.

    Raises:
        TrainingDataError: A picture cannot be read.
    """
    # Alike in size one after the other: the engine is set up for one size at a time.
    pictures = sorted(labelled.pictures, key=lambda picture: picture.size_wh_px)
    number = [labelled.names.index(n) if n in labelled.names else -1 for n in detector.class_names]
    ours = np.array(number, np.int64)
    trials: list[Trial] = []
    for frame, found in detector.detect(_frames(pictures)):
        ids = ours[found.class_id] if len(found) else np.empty(0, np.int64)
        seen = (found.xyxy_px, found.score, ids)
        if look is not None:
            look(pictures[frame.index], seen)
        trials.extend(trials_on(pictures[frame.index], seen, labelled.names))
        tell(LOOKING, frame.index + 1, len(pictures))
    return tuple(trials)


def mean_ap50(scores: Sequence[ClassScore]) -> float:
    """Mean over the classes that have objects; NaN where none has."""
    known = [each.ap50 for each in scores if each.objects]
    return float(np.mean(known)) if known else float("nan")


def _frames(pictures: Sequence[Picture]) -> Iterator[Frame]:
    for index, picture in enumerate(pictures):
        yield Frame(index, float(index), read_image(picture))


def _scored(name: str, trials: Sequence[Trial], threshold: float | None) -> ClassScore:
    own = [trial for trial in trials if trial.class_name == name]
    labelled = [trial for trial in own if trial.labelled]
    absent = [trial for trial in own if not trial.labelled]
    outcomes = merged([trial.outcomes for trial in labelled])
    level = 1.0 if threshold is None else threshold
    precision, recall = precision_recall_at(outcomes, level)
    bins = reliability(outcomes, EDGES)
    return ClassScore(
        name=name,
        seen=threshold is not None,
        pictures=len(labelled),
        objects=outcomes.objects,
        ap50=average_precision(outcomes),
        views=_by_view(labelled),
        threshold=level,
        precision=precision,
        recall=recall,
        alarmed=sum(bool((trial.outcomes.score >= level).any()) for trial in absent),
        absent=len(absent),
        bins=bins,
        calibration_error=_calibration_error(outcomes),
    )


def _by_view(trials: Sequence[Trial]) -> dict[str, tuple[int, float]]:
    views: dict[str, list[Outcomes]] = {}
    for trial in trials:
        if trial.dataset in _VIEW_OF:
            views.setdefault(_VIEW_OF[trial.dataset], []).append(trial.outcomes)
    joined = {view: merged(parts) for view, parts in sorted(views.items())}
    return {v: (o.objects, average_precision(o)) for v, o in joined.items() if o.objects}


def _calibration_error(outcomes: Outcomes) -> float:
    """Expected calibration error (Guo et al. 2017) over the bins, of what scores a tenth or more.

    Below that are the thousands that no rule ever looks at, and they would drown the rest.
    """
    bins = [row for row in reliability(outcomes, EDGES)[1:] if row[2]]
    count = sum(row[2] for row in bins)
    if not count:
        return float("nan")
    return sum(row[2] * abs(row[3] - row[4]) for row in bins) / count
