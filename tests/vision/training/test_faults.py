"""Faults of a detector: false alarms and missed objects, worst first."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.training.dataset import Picture
from vision.training.faults import Fault, FaultBook
from vision.training.labelled import read_labelled

NAMES = ("person", "two_wheeler", "car", "truck_bus", "garbage", "smoke", "fire", "pothole")
CAR, FIRE = 2, 6
LABEL = (180.0, 80.0, 220.0, 120.0)
Box = tuple[float, float, float, float]


@pytest.fixture
def town(folder: Path) -> Picture:
    """A car above a town, of which nothing is said but vehicles."""
    return next(p for p in read_labelled(folder, "train").pictures if p.path.stem == "town")


def found(
    *rows: tuple[Box, float, int],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Detections from rows of box, score and class."""
    return (
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
    )


def book(most: int = 40) -> FaultBook:
    """A book of cars that count from four tenths on, and of fires."""
    return FaultBook(NAMES, {"car": 0.4, "fire": 0.4}, most)


def scores(faults: tuple[Fault, ...]) -> list[float]:
    """How sure each was."""
    return [round(each.score, 3) for each in faults]


def test_what_finds_nothing_is_a_false_alarm_the_surest_first(town: Picture) -> None:
    """However weak; and it says by how much it missed."""
    seen = book()
    beside: Box = (200.0, 80.0, 240.0, 120.0)
    seen.take(town, found((LABEL, 0.9, CAR), (beside, 0.3, CAR), ((0, 0, 9, 9), 0.5, CAR)))
    assert scores(seen.false_alarms("car")) == [0.5, 0.3]
    assert seen.false_alarms("car")[1].overlap == pytest.approx(1 / 3)
    assert seen.missed("car") == ()


def test_a_second_box_for_one_object_is_a_false_alarm(town: Picture) -> None:
    """The surer one has found it."""
    seen = book()
    seen.take(town, found((LABEL, 0.7, CAR), (LABEL, 0.8, CAR)))
    assert scores(seen.false_alarms("car")) == [0.7]


def test_an_object_is_missed_where_nothing_that_counts_finds_it(town: Picture) -> None:
    """What is too weak to be told has found nothing, and is no false alarm either."""
    seen = book()
    seen.take(town, found((LABEL, 0.3, CAR)))
    assert seen.false_alarms("car") == ()
    (missed,) = seen.missed("car")
    assert missed.xyxy_px.tolist() == list(LABEL)
    assert np.isnan(missed.score)
    assert missed.overlap == 0.0


def test_classes_of_which_the_labels_say_nothing_have_no_faults(town: Picture) -> None:
    """A fire may well burn there."""
    seen = book()
    seen.take(town, found((LABEL, 0.9, CAR), ((0, 0, 50, 50), 0.9, FIRE)))
    assert seen.class_names == ()


def test_a_class_that_the_model_does_not_know_is_not_missed(town: Picture) -> None:
    """That is said once, in the table, and not object by object."""
    seen = FaultBook(NAMES, {"fire": 0.4})
    seen.take(town, found())
    assert seen.class_names == ()


def test_only_the_worst_are_kept(town: Picture) -> None:
    """A person looks through some dozens."""
    seen = book(most=2)
    for score in (0.2, 0.9, 0.1, 0.5):
        seen.take(town, found((LABEL, 0.95, CAR), ((0, 0, 9, 9), score, CAR)))
    assert scores(seen.false_alarms("car")) == [0.9, 0.5]
