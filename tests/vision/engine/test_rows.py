import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.engine.rows import Layout, layout_of, rows_of


@pytest.mark.parametrize(
    ("shape", "classes", "layout"),
    [
        ((1, 84, 8400), 80, "raw"),
        ((1, 300, 6), 80, "end2end"),
        ((None, 84, None), 80, "raw"),
        ((1, None, 6), 9, "end2end"),
        ((1, 6, 8400), 2, "raw"),  # two classes have six rows, and they are columns all the same
        ((1, 300, 6), 296, None),
        ((1, 85, 8400), 80, None),
        ((1, 8400), 80, None),
        ((), 80, None),
    ],
)
def test_the_layout_is_told_by_the_shape(
    shape: tuple[int | None, ...], classes: int, layout: Layout | None
) -> None:
    """What fits neither or both is left to a person."""
    assert layout_of(shape, classes) == layout


def test_columns_become_corners_with_the_best_class() -> None:
    """Centre and size in pixels, then a score a class."""
    columns = np.array([[35, 50, 50, 60, 0.1, 0.9]], np.float16).T
    boxes, score, class_id = rows_of(columns, "raw", least=0.0)
    assert boxes.tolist() == [[10, 20, 60, 80]]
    assert score[0] == pytest.approx(0.9, abs=1e-3)
    assert class_id.tolist() == [1]
    assert boxes.dtype == np.float32


def test_a_box_may_be_told_as_every_class_that_it_reaches() -> None:
    """A rider may be a person or a two-wheeler: for scoring, both are told of the same box."""
    columns = np.array([[35, 50, 50, 60, 0.3, 0.02, 0.4], [5, 5, 2, 2, 0.0, 0.0, 0.05]]).T
    boxes, score, class_id = rows_of(columns, "raw", least=0.05, every_class=True)
    told = sorted(zip(class_id.tolist(), score.round(2).tolist(), boxes.tolist(), strict=True))
    assert [row[0] for row in told] == [0, 2, 2]
    assert told[0][2] == [10, 20, 60, 80]
    assert [round(row[1], 2) for row in told] == [0.3, 0.05, 0.4]


@pytest.mark.parametrize("every_class", [False, True])
@pytest.mark.parametrize("layout", ["raw", "end2end"])
def test_boxes_below_the_least_score_are_left_out(layout: Layout, every_class: bool) -> None:
    """As are those whose score is no number; the others keep their order."""
    scores = [0.3, 0.02, np.nan, 0.05]
    rows = np.array([[10, 10, 4, 4, score, 0.0] for score in scores], np.float32)
    output = rows.T if layout == "raw" else rows
    boxes, score, class_id = rows_of(output, layout, least=0.05, every_class=every_class)
    assert score.tolist() == pytest.approx([0.3, 0.05])
    assert (boxes.shape, class_id.tolist()) == ((2, 4), [0, 0])


@given(st.floats(width=32))
def test_a_class_that_is_no_number_is_no_class(value: float) -> None:
    """A broken model gives a class number that nothing has, or a whole one; it never fails."""
    row = np.array([[0, 0, 1, 1, 0.5, value]], np.float32)
    _, _, class_id = rows_of(row, "end2end", least=0.0)
    assert class_id.dtype == np.int32
    if not np.isfinite(value):
        assert class_id.tolist() == [-1]
