"""Matching and average precision, against figures worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.training.precision import (
    Outcomes,
    average_precision,
    best_threshold,
    match,
    merged,
    overlaps,
    precision_recall_at,
    reliability,
)


def outcomes(scored: list[tuple[float, bool]], objects: int) -> Outcomes:
    """Return outcomes from (score, hit) pairs."""
    return Outcomes(
        np.array([score for score, _ in scored], np.float32),
        np.array([hit for _, hit in scored], np.bool_),
        objects,
        1,
    )


# Hand-worked: four objects; hits at ranks 1, 3 and 4. Recall steps of 1/4 at precisions
# 1, 2/3 and 3/4; the envelope lifts 2/3 to 3/4: (1 + 3/4 + 3/4) / 4 = 0.625.
WORKED = outcomes([(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, False)], 4)


def corners(
    *boxes: tuple[float, float, float, float],
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Return boxes as float32 (N, 4)."""
    return np.array(boxes, np.float32).reshape(-1, 4)


def test_average_precision_is_the_area_worked_out_by_hand() -> None:
    """Five detections, four objects: 0.625."""
    assert average_precision(WORKED) == pytest.approx(0.625)


def test_all_found_and_nothing_else_is_one() -> None:
    """A perfect detector scores one."""
    assert average_precision(outcomes([(0.9, True), (0.4, True)], 2)) == pytest.approx(1.0)


def test_nothing_found_is_zero() -> None:
    """Silence about objects that are there scores nothing."""
    assert average_precision(outcomes([], 3)) == 0.0


def test_no_objects_has_no_average_precision() -> None:
    """Where there was nothing to find, no figure is invented."""
    assert math.isnan(average_precision(outcomes([(0.9, False)], 0)))


def test_half_overlap_of_equal_boxes_is_a_third() -> None:
    """Two equal boxes shifted by half share one third of their union."""
    shared = overlaps(corners((0, 0, 10, 10)), corners((5, 0, 15, 10)))
    assert shared[0, 0] == pytest.approx(1 / 3)


def test_an_object_is_found_once() -> None:
    """The second box on the same object is a miss, whatever its overlap."""
    result = match(
        corners((0, 0, 10, 10), (0, 0, 10, 10)),
        np.array([0.5, 0.9], np.float32),
        corners((0, 0, 10, 10)),
    )
    assert result.hit.tolist() == [False, True]


def test_a_box_beside_the_object_is_a_miss() -> None:
    """An overlap of a third does not count."""
    result = match(corners((5, 0, 15, 10)), np.array([0.9], np.float32), corners((0, 0, 10, 10)))
    assert result.hit.tolist() == [False]
    assert result.objects == 1


def test_a_detection_where_there_is_nothing_is_a_miss() -> None:
    """A picture without objects makes every detection a false alarm."""
    result = match(corners((0, 0, 9, 9)), np.array([0.9], np.float32), corners())
    assert result.hit.tolist() == [False]


def test_precision_and_recall_count_what_reaches_the_threshold() -> None:
    """At 0.65 two of three detections hit, two of four objects are found."""
    assert precision_recall_at(WORKED, 0.65) == pytest.approx((2 / 3, 0.5))


def test_the_best_threshold_of_an_alarm_prefers_precision() -> None:
    """With beta 0.5 the worked case keeps only its best detection; with beta 1 four of five."""
    assert best_threshold(WORKED, 0.3, 0.1) == pytest.approx(0.9)
    assert best_threshold(WORKED, 1.0, 0.1) == pytest.approx(0.6)


def test_of_thresholds_as_good_an_alarm_takes_the_highest() -> None:
    """At 0.6 F1 is best; one at 0.9 that is hardly worse is taken where that is asked for."""
    best, other = (best_threshold(WORKED, 1.0, 0.1, as_good=share) for share in (0.0, 1.0))
    assert best == pytest.approx(0.6)
    assert other == pytest.approx(WORKED.score.max())


def test_a_threshold_never_falls_below_the_lowest() -> None:
    """A class without any object keeps the floor."""
    assert best_threshold(outcomes([(0.4, False)], 0), 1.0, 0.3) == pytest.approx(0.3)


def test_reliability_compares_scores_with_hits() -> None:
    """Of the two detections around 0.55 one hit."""
    rows = reliability(WORKED, (0.5, 0.65, 1.01))
    assert rows[0][2] == 2
    assert rows[0][3] == pytest.approx(0.55)
    assert rows[0][4] == pytest.approx(0.5)


scored = st.lists(st.tuples(st.integers(1, 100).map(lambda c: c / 100), st.booleans()), max_size=20)


@given(scored, st.integers(1, 5))
def test_average_precision_lies_between_zero_and_one(
    pairs: list[tuple[float, bool]], missed: int
) -> None:
    """Whatever was found, the figure is a share."""
    total = sum(hit for _, hit in pairs) + missed
    assert 0 <= average_precision(outcomes(pairs, total)) < 1


@given(scored)
def test_a_further_false_alarm_never_raises_the_score(pairs: list[tuple[float, bool]]) -> None:
    """Crying wolf does not pay."""
    total = sum(hit for _, hit in pairs) + 1
    before = outcomes(pairs, total)
    after = merged([before, outcomes([(0.5, False)], 0)])
    assert average_precision(after) <= average_precision(before) + 1e-9
