from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import ScriptedDetector, boxes
from vision.errors import ModelError
from vision.training.labelled import LabelledSet, read_labelled
from vision.training.scoring import mean_ap50, score_detector

SEES = ("car", "fire", "person")
LEVELS = (0.4, 0.4, 0.4)
CAR = (180, 80, 220, 120)


def town_first(labelled: LabelledSet) -> list[str]:
    """Names of the pictures in the order in which a detector is shown them."""
    ordered = sorted(labelled.pictures, key=lambda picture: picture.size_wh_px)
    return [picture.path.stem for picture in ordered]


@pytest.fixture
def labelled(folder: Path) -> LabelledSet:
    """A car above a town, and a fire; each labelled for its own kind of thing."""
    found = read_labelled(folder, "train")
    assert town_first(found) == ["blaze", "town"]
    return found


def test_a_class_is_scored_only_where_it_is_labelled(labelled: LabelledSet) -> None:
    """A car called on the picture of the fire says nothing; a fire called above the town does."""
    script = {
        0: boxes(((0, 0, 50, 50), 0.9, 0), ((0, 0, 100, 100), 0.8, 1)),
        1: boxes((CAR, 0.7, 0), ((0, 0, 50, 50), 0.6, 1), ((5, 5, 9, 9), 0.9, 2)),
    }
    detector = ScriptedDetector(script, SEES, LEVELS)
    scores = {each.name: each for each in score_detector(detector, labelled, LEVELS)}
    car, fire = scores["car"], scores["fire"]
    assert (car.pictures, car.objects, car.ap50) == (1, 1, 1.0)
    assert car.views == {"aerial": (1, 1.0)}
    assert (fire.ap50, fire.precision, fire.recall) == (1.0, 1.0, 1.0)
    assert (fire.alarmed, fire.absent) == (1, 1)
    assert scores["person"].pictures == 0
    assert np.isnan(scores["person"].ap50)
    assert not scores["smoke"].seen
    assert mean_ap50(list(scores.values())) == 1.0


def test_a_sure_miss_costs_precision_and_calibration(labelled: LabelledSet) -> None:
    """Beside the car something is called as surely: half is right, at a score of nine tenths."""
    script = {1: boxes((CAR, 0.9, 0), ((300, 10, 340, 40), 0.9, 0))}
    detector = ScriptedDetector(script, SEES, LEVELS)
    car = next(s for s in score_detector(detector, labelled, LEVELS) if s.name == "car")
    assert car.precision == 0.5
    assert car.calibration_error == pytest.approx(0.4)
    (told,) = [row for row in car.bins if row[2]]
    assert (told[2], told[4]) == (2, 0.5)


def test_nothing_in_common_is_told(labelled: LabelledSet) -> None:
    """Both lists of classes, so that a person sees why."""
    with pytest.raises(ModelError, match="The model sees dog; the labels know person"):
        score_detector(ScriptedDetector({}, ("dog",), (0.4,)), labelled, (0.4,))


def test_each_picture_looked_at_is_told(labelled: LabelledSet) -> None:
    """Thousands take a while."""
    told: list[tuple[str, int, int]] = []
    detector = ScriptedDetector({}, SEES, LEVELS)
    score_detector(detector, labelled, LEVELS, lambda *step: told.append(step))
    assert told == [("Looking at pictures", 1, 2), ("Looking at pictures", 2, 2)]
