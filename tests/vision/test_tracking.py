import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.builders import THRESHOLDS, boxes
from vision.association import best_pairs, iou_matrix
from vision.detections import NO_TRACK, Detections
from vision.tracking import PictureTracker

PERSON, CAR = 0, 1

Row = tuple[float, float, float, float, int]


def box(x: float, y: float = 100.0, size: float = 40.0) -> tuple[float, float, float, float]:
    """A square box with its left top corner at x, y."""
    return (x, y, x + size, y + size)


def test_an_object_that_moves_keeps_its_id() -> None:
    """Six pixels a frame with overlap is one track."""
    tracker = PictureTracker(THRESHOLDS)
    ids = {
        int(tracker.update(boxes((box(6.0 * i), 0.9, CAR)), i / 10).track_id[0]) for i in range(40)
    }
    assert len(ids) == 1


def test_an_object_faster_than_its_size_is_followed_by_its_speed() -> None:
    """Boxes that hardly overlap from frame to frame are still one track."""
    tracker = PictureTracker(THRESHOLDS)
    ids = [
        int(tracker.update(boxes((box(35.0 * i), 0.9, CAR)), i / 5).track_id[0]) for i in range(20)
    ]
    assert len(set(ids)) == 1


@pytest.mark.parametrize("step_px", [60.0, 110.0, -180.0])
def test_what_goes_further_than_its_length_from_look_to_look_is_one_track(step_px: float) -> None:
    """From the second look on: three at even pace are one thing, whatever stands beside its way."""
    tracker, ids = PictureTracker(THRESHOLDS), []
    for i in range(6):
        rows = ((box(900 + step_px * i), 0.9, CAR), (box(900, 220), 0.9, CAR))
        ids.append(tracker.update(boxes(*rows), i / 5).track_id.tolist())
    assert len({fast for fast, _ in ids[1:]}) == 1
    assert len({stands for _, stands in ids}) == 1


def test_boxes_that_come_and_go_beside_each_other_are_not_one_thing() -> None:
    """Of a row of parked cars now one is seen and now another."""
    tracker, ids = PictureTracker(THRESHOLDS), []
    for i, x in enumerate((0.0, 100.0, 300.0, 600.0, 700.0)):
        ids += tracker.update(boxes((box(x), 0.9, CAR)), i / 5).track_id.tolist()
    assert len(set(ids)) == 5


def test_what_stands_is_one_track_however_seldom_it_is_looked_at() -> None:
    """A folder of pictures has one a second."""
    tracker = PictureTracker(THRESHOLDS)
    ids = [int(tracker.update(boxes((box(100), 0.9, CAR)), 1.0 * i).track_id[0]) for i in range(5)]
    assert len(set(ids)) == 1


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    """An id survives being unseen for a second and ends after the patience."""
    tracker = PictureTracker(THRESHOLDS)
    for i in range(10):
        first = int(tracker.update(boxes((box(100 + 2.0 * i), 0.9, CAR)), i / 10).track_id[0])
    again = int(tracker.update(boxes((box(140), 0.9, CAR)), 2.0).track_id[0])
    late = int(tracker.update(boxes((box(140), 0.9, CAR)), 9.0).track_id[0])
    assert again == first
    assert late != first


def test_weak_detections_only_continue_what_is_known() -> None:
    """A weak box begins no track, and keeps one alive."""
    tracker = PictureTracker(THRESHOLDS)
    assert tracker.update(boxes((box(0), 0.2, CAR)), 0.0).track_id.tolist() == [NO_TRACK]
    known = tracker.update(boxes((box(0), 0.9, CAR)), 0.1).track_id.tolist()
    assert tracker.update(boxes((box(1), 0.2, CAR)), 0.2).track_id.tolist() == known


def test_two_that_pass_each_other_keep_their_ids() -> None:
    """Crossing objects are told apart by where they were going."""
    tracker = PictureTracker(THRESHOLDS)
    first: list[int] = []
    for i in range(30):
        rows = ((box(10.0 * i, 100), 0.9, CAR), (box(300 - 10.0 * i, 120), 0.9, CAR))
        ids = tracker.update(boxes(*rows), i / 10).track_id.tolist()
        first = first or ids
    assert ids == first


def test_other_classes_are_other_things_unless_the_box_is_the_same() -> None:
    """A class may flicker on one box; a neighbour of another class is not taken for it."""
    tracker = PictureTracker(THRESHOLDS)
    car = int(tracker.update(boxes((box(0), 0.9, CAR)), 0.0).track_id[0])
    assert int(tracker.update(boxes((box(1), 0.9, PERSON)), 0.1).track_id[0]) == car
    assert int(tracker.update(boxes((box(25), 0.9, CAR)), 0.2).track_id[0]) != car


def test_the_motion_of_the_picture_is_taken_out() -> None:
    """A camera that swings further than an object is wide does not break its track."""
    tracker = PictureTracker(THRESHOLDS)
    ids = []
    for i, swing in enumerate((0.0, 90.0, -120.0, 100.0, -80.0)):
        shift = (swing, 0.0)
        x = 500 + sum((0.0, 90.0, -120.0, 100.0, -80.0)[: i + 1])
        ids.append(int(tracker.update(boxes((box(x), 0.9, CAR)), i / 10, shift).track_id[0]))
    assert len(set(ids)) == 1


def test_an_empty_frame_changes_nothing() -> None:
    """No detections in, no detections out, tracks wait."""
    tracker = PictureTracker(THRESHOLDS)
    known = tracker.update(boxes((box(0), 0.9, CAR)), 0.0).track_id.tolist()
    assert len(tracker.update(Detections.empty(), 0.1)) == 0
    assert tracker.update(boxes((box(0), 0.9, CAR)), 0.2).track_id.tolist() == known


ROWS = st.lists(
    st.tuples(
        st.floats(0, 600), st.floats(0, 400), st.floats(1, 200), st.floats(0, 1), st.integers(0, 2)
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(st.lists(ROWS, max_size=12))
def test_ids_are_unique_in_a_frame_and_never_used_again(frames: list[list[Row]]) -> None:
    """Whatever comes, no two boxes of a frame share an id, and new ids only grow."""
    tracker, largest, alive = PictureTracker(THRESHOLDS), 0, set[int]()
    for i, rows in enumerate(frames):
        made = boxes(*[(box(x, y, size), score, c) for x, y, size, score, c in rows])
        ids = [t for t in tracker.update(made, i / 5).track_id.tolist() if t != NO_TRACK]
        assert len(ids) == len(set(ids))
        fresh = set(ids) - alive
        assert all(t > largest for t in fresh)
        alive |= fresh
        largest = max([largest, *ids])


@given(ROWS)
def test_overlap_is_between_none_and_all(rows: list[Row]) -> None:
    """Overlap lies in 0 to 1 and a box covers itself."""
    made = np.array([box(x, y, size) for x, y, size, _, _ in rows]).reshape(-1, 4)
    iou = iou_matrix(made, made)
    assert iou.shape == (len(rows), len(rows))
    assert np.all((iou >= 0) & (iou <= 1 + 1e-9))
    assert np.diag(iou) == pytest.approx(np.ones(len(rows)))


def test_pairs_that_are_not_allowed_are_never_made() -> None:
    """Even where the assignment would be cheaper as a whole."""
    cost = np.array([[0.0, 0.1], [0.1, 0.0]])
    rows, columns = best_pairs(cost, np.array([[False, True], [False, False]]))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1)]


def test_after_a_while_unseen_only_what_stood_is_followed_on() -> None:
    """Where a car moved another one may be by now; what stood keeps its id."""
    tracker = PictureTracker(THRESHOLDS)
    for i in range(10):
        seen = tracker.update(
            boxes((box(100.0, 300.0), 0.9, CAR), (box(200.0 + 12.0 * i), 0.9, CAR)), i / 5
        )
    tracker.update(
        boxes((box(100.0, 300.0), 0.9, CAR), (box(320.0), 0.9, CAR), (box(900.0), 0.9, CAR)), 2.0
    )
    stands, moves = seen.track_id.tolist()
    tracker.keep_standing()
    after = tracker.update(
        boxes((box(101.0, 300.0), 0.9, CAR), (box(332.0), 0.9, CAR), (box(900.0), 0.9, CAR)), 2.2
    ).track_id.tolist()
    assert after[0] == stands
    assert moves not in after
    assert after[2] > max(stands, moves)
