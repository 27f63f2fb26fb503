"""The figures of the model card: what was scored, on which pictures, at which input size."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vision.training.classes import CLASS_NAMES
from vision.training.evaluate import Trial, choose_thresholds, false_alarm_share, outcomes_of
from vision.training.labels import TABLE, View
from vision.training.precision import (
    Outcomes,
    average_precision,
    merged,
    precision_recall_at,
    reliability,
)

RELIABILITY_EDGES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)
_REAL_VIEWS = (View.AERIAL, View.OVERHEAD, View.STREET)
Row = tuple[str, ...]


@dataclass(frozen=True)
class Scoring:
    """All trials of one model file at one input size.

    Attributes:
        model: `int8` or `float`.
        long_side_px: Of the input; 0 where each picture was taken at its own size.
        trials: One a class and picture.
    """

    model: str
    long_side_px: int
    trials: tuple[Trial, ...]

    @property
    def side(self) -> str:
        """The input's size in words."""
        return str(self.long_side_px) if self.long_side_px else "own size"


def thresholds_of(shipped: Scoring) -> dict[str, float]:
    """Choose thresholds on the real trials; a class without real pictures takes the rendered."""
    real = choose_thresholds(_real(shipped.trials))
    rendered = choose_thresholds(tuple(t for t in shipped.trials if t.dataset == "rendered"))
    return {
        name: (real if outcomes_of(_real(shipped.trials), name).objects else rendered)[name]
        for name in CLASS_NAMES
    }


def class_rows(shipped: Scoring, thresholds: Mapping[str, float]) -> tuple[Row, ...]:
    """Tabulate each class: objects, AP50, precision and recall at its threshold, false alarms."""
    rows = []
    for name in CLASS_NAMES:
        for origin, trials in _by_origin(shipped.trials):
            outcomes = outcomes_of(trials, name)
            alarmed, absent = false_alarm_share(trials, name, thresholds)
            if outcomes.objects == 0 and absent == 0:
                continue
            precision, recall = precision_recall_at(outcomes, thresholds[name])
            rows.append(
                (
                    name,
                    origin,
                    str(outcomes.objects),
                    _figure(average_precision(outcomes)),
                    f"{thresholds[name]:.2f}",
                    _figure(precision),
                    _figure(recall),
                    f"{alarmed} of {absent}" if absent else "–",
                )
            )
    return tuple(rows)


def view_rows(shipped: Scoring) -> tuple[Row, ...]:
    """Tabulate AP50 by class and view of the real pictures."""
    return tuple(
        (name, *(_objects_and_ap(outcomes_of(shipped.trials, name, view=v)) for v in _REAL_VIEWS))
        for name in CLASS_NAMES
    )


def set_rows(shipped: Scoring) -> tuple[Row, ...]:
    """Tabulate AP50 by set and class, where a set has objects of the class."""
    rows = []
    for knowledge in TABLE:
        for name in CLASS_NAMES:
            outcomes = outcomes_of(shipped.trials, name, dataset=knowledge.dataset)
            if outcomes.objects:
                ap50 = _figure(average_precision(outcomes))
                rows.append((knowledge.dataset, name, str(outcomes.objects), ap50))
    return tuple(rows)


def size_rows(scorings: Sequence[Scoring]) -> tuple[Row, ...]:
    """Tabulate AP50 of each class for each model and input size, real and rendered apart."""
    rows = []
    for name in CLASS_NAMES:
        for origin in ("real", "rendered"):
            outcomes = [outcomes_of(dict(_by_origin(s.trials))[origin], name) for s in scorings]
            if outcomes[0].objects:
                rows.append((name, origin, *(_figure(average_precision(o)) for o in outcomes)))
    return tuple(rows)


def reliability_rows(shipped: Scoring) -> tuple[Row, ...]:
    """Tabulate how often detections were right, by score, of the real pictures."""
    groups = {
        "traffic": ("person", "two_wheeler", "car", "truck_bus"),
        "garbage, pothole": ("garbage", "pothole"),
        "smoke, fire": ("smoke", "fire"),
    }
    rows = []
    for group, names in groups.items():
        trials = [t for t in _real(shipped.trials) if t.class_name in names]
        outcomes = merged([trial.outcomes for trial in trials])
        for low, high, count, mean, share in reliability(outcomes, RELIABILITY_EDGES):
            score_range = f"{low:.1f}–{min(high, 1):.1f}"
            rows.append((group, score_range, str(count), _figure(mean), _figure(share)))
    return tuple(rows)


def _real(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    return tuple(trial for trial in trials if trial.dataset != "rendered")


def _by_origin(trials: tuple[Trial, ...]) -> tuple[tuple[str, tuple[Trial, ...]], ...]:
    rendered = tuple(trial for trial in trials if trial.dataset == "rendered")
    return (("real", _real(trials)), ("rendered", rendered))


def _objects_and_ap(outcomes: Outcomes) -> str:
    if outcomes.objects == 0:
        return "–"
    return f"{_figure(average_precision(outcomes))} ({outcomes.objects})"


def _figure(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"  # noqa: PLR0124 - NaN is unequal to itself
