"""The tables of the card."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.training.dataset import read_pictures
from vision.training.evaluate import (
    Found,
    Trial,
    choose_thresholds,
    false_alarm_share,
    quiet_from,
    run_trials,
)
from vision.training.figures import (
    Scoring,
    class_rows,
    reliability_rows,
    set_rows,
    size_rows,
    thresholds_of,
    view_rows,
)
from vision.training.precision import Outcomes


def trial(
    class_name: str, dataset: str, scored: list[tuple[float, bool]], objects: int, *, labelled: bool
) -> Trial:
    """Return a trial of one picture."""
    score = np.array([s for s, _ in scored], np.float32)
    hit = np.array([h for _, h in scored], np.bool_)
    return Trial(class_name, dataset, labelled, Outcomes(score, hit, objects, 1))


TRIALS = (
    trial("fire", "fire_smoke_mix", [(0.9, True), (0.5, True)], 2, labelled=True),
    trial("fire", "traffic_overhead_atl", [(0.6, False)], 0, labelled=False),
    trial("fire", "garbage_street", [], 0, labelled=False),
    trial("fire", "rendered", [(0.8, True)], 2, labelled=True),
    trial("stall", "rendered", [(0.7, True), (0.4, False)], 1, labelled=True),
    trial("car", "minsk_dji_aerial", [(0.7, True)], 1, labelled=True),
)
SHIPPED = Scoring("int8", 960, TRIALS)


def test_known_absences_raise_the_threshold() -> None:
    """A head lamp taken for fire at 0.6 pushes the threshold of fire above it."""
    assert choose_thresholds(TRIALS[:3])["fire"] == pytest.approx(0.9)


def test_an_alarm_keeps_quiet_on_99_of_100_pictures_without_its_thing() -> None:
    """Nine fires at 0.45 outweigh two lamps at 0.6 and 0.5, and still one lamp alone is told."""
    scores = [0.55, *([0.45] * 9)]
    fires = [trial("fire", "fire_smoke_mix", [(s, True)], 1, labelled=True) for s in scores]
    lamps = [
        trial("fire", "traffic_overhead_atl", scored, 0, labelled=False)
        for scored in [[(0.6, False)], [(0.5, False)], *([[]] * 98)]
    ]
    thresholds = choose_thresholds((*fires, *lamps))
    assert quiet_from(lamps, "fire") == pytest.approx(0.5)
    assert false_alarm_share(lamps, "fire", thresholds) == (1, 100)
    assert false_alarm_share(lamps, "fire", {"fire": 0.5}) == (2, 100)


def test_thresholds_come_from_real_pictures_where_there_are_any() -> None:
    """Fire is set by real pictures; stall, which has none, by rendered ones."""
    thresholds = thresholds_of(SHIPPED)
    assert thresholds["fire"] == pytest.approx(0.9)
    assert thresholds["stall"] == pytest.approx(0.7)


def test_false_alarms_are_counted_by_pictures() -> None:
    """One of two pictures without fire raised an alarm."""
    assert false_alarm_share(TRIALS, "fire", {"fire": 0.55}) == (1, 2)


def test_real_and_rendered_are_told_apart() -> None:
    """Each class has one row for real and one for rendered pictures."""
    rows = class_rows(SHIPPED, dict.fromkeys(("fire", "stall", "car"), 0.5) | _others())
    origins = [(row[0], row[1]) for row in rows]
    assert ("fire", "real") in origins
    assert ("fire", "rendered") in origins
    assert ("stall", "real") not in origins


def test_views_stand_side_by_side() -> None:
    """The car seen from the air counts as aerial and nowhere else."""
    rows = {row[0]: row[1:] for row in view_rows(SHIPPED)}
    assert rows["car"] == ("1.00 (1)", "–", "–")


def test_sets_without_objects_of_a_class_are_left_out() -> None:
    """No figure is invented for a set that has no fire."""
    assert ("fire_smoke_mix", "fire", "2", "1.00") in set_rows(SHIPPED)
    assert not [row for row in set_rows(SHIPPED) if row[0] == "traffic_overhead_atl"]


def test_sizes_stand_side_by_side() -> None:
    """Each scoring is one column."""
    rows = size_rows((SHIPPED, SHIPPED))
    assert ("fire", "rendered", "0.50", "0.50") in rows


def test_reliability_leaves_rendered_pictures_out() -> None:
    """How far scores can be trusted is asked of real pictures."""
    rows = {(row[0], row[1]): row[2:] for row in reliability_rows(SHIPPED)}
    assert rows["smoke, fire", "0.8–1.0"][0] == "1"


class Nothing:
    """A detector that never sees anything."""

    def detect(self, image: NDArray[np.uint8], long_side_px: int) -> Found:  # noqa: ARG002
        """Return no boxes."""
        return np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64)


def test_a_class_is_scored_only_where_its_labels_speak(folder: Path) -> None:
    """Of a picture labelled for fire, the detections of cars are not judged."""
    trials = run_trials(Nothing(), read_pictures(folder), 640)
    judged = {(t.class_name, t.dataset, t.labelled) for t in trials}
    assert ("fire", "fire_smoke_mix", True) in judged
    assert ("car", "fire_smoke_mix", False) not in judged
    assert ("fire", "minsk_dji_aerial", False) in judged


def _others() -> dict[str, float]:
    names = ("person", "two_wheeler", "truck_bus", "garbage", "smoke", "pothole")
    return dict.fromkeys(names, 0.5)
