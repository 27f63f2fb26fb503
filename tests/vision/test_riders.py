from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vision.riders import share_inside, with_riders

PERSON, WHEELS, CAR = range(3)
BICYCLE = (0.0, 40.0, 60.0, 100.0)
RIDER = (10.0, 0.0, 50.0, 90.0)
WALKER = (200.0, 0.0, 240.0, 90.0)


def joined(
    rows: Sequence[tuple[tuple[float, ...], float, int]],
) -> tuple[list[list[float]], list[bool]]:
    """Boxes and what stays of rows of (box, score, class)."""
    boxes, stays = with_riders(
        np.array([row[0] for row in rows], np.float32),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int32),
        PERSON,
        WHEELS,
    )
    return boxes.tolist(), stays.tolist()


def test_a_rider_becomes_one_with_the_bicycle() -> None:
    """The box grows around both; who walks beside stays, and so does a car."""
    rows = [(BICYCLE, 0.8, WHEELS), (RIDER, 0.9, PERSON), (WALKER, 0.9, PERSON), (RIDER, 0.9, CAR)]
    boxes, stays = joined(rows)
    assert stays == [True, False, True, True]
    assert boxes[0] == [0, 0, 60, 100]
    assert boxes[2:] == [list(WALKER), list(RIDER)]


@pytest.mark.parametrize(("score", "stays"), [(0.5, False), (0.4, True)])
def test_a_doubtful_bicycle_takes_nobody(score: float, stays: bool) -> None:
    """A sure person does not vanish into something that may be none."""
    assert joined([(BICYCLE, score, WHEELS), (RIDER, 0.9, PERSON)])[1] == [True, stays]


def test_two_may_ride_and_nobody_rides_twice() -> None:
    """Two persons upon one motorcycle; a person between two goes to the first of them."""
    rows = [(BICYCLE, 0.8, WHEELS), (RIDER, 0.8, PERSON), (RIDER, 0.7, PERSON)]
    assert joined(rows)[1] == [True, False, False]
    boxes, stays = joined([(BICYCLE, 0.8, WHEELS), (BICYCLE, 0.8, WHEELS), (RIDER, 0.8, PERSON)])
    assert stays == [True, True, False]
    assert boxes[1] == list(BICYCLE)


@given(arrays(np.float32, (5, 4), elements=st.floats(0, 1000, width=32)))
def test_a_share_is_between_nothing_and_all(corners: np.ndarray) -> None:
    """For every box and every other."""
    boxes = np.concatenate(
        [np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])], 1
    )
    for box in boxes:
        assert 0 <= share_inside(box, boxes[0]) <= 1 + 1e-5
