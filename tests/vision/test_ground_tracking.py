import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.builders import THRESHOLDS, boxes
from vision.detections import NO_TRACK, Detections
from vision.ground_tracking import GroundTracker
from vision.projection import Places

BOX = (0.0, 0.0, 10.0, 10.0)
CAR = 1


def places(*xy_m: tuple[float, float], sigma_m: float = 0.7) -> Places:
    """Places with an error of so many metres along each axis."""
    shared = np.zeros((len(xy_m), 2, 6))
    shared[:, 0, 0] = shared[:, 1, 1] = sigma_m
    return Places(np.array(xy_m).reshape(-1, 2), shared, np.zeros((len(xy_m), 2, 2)))


def step(
    tracker: GroundTracker, time_s: float, *xy_m: tuple[float, float], score: float = 0.9
) -> list[int]:
    """Ids of cars seen at these places."""
    seen = boxes(*[(BOX, score, CAR)] * len(xy_m))
    return [int(each) for each in tracker.update(seen, places(*xy_m), time_s).track_id]


def test_a_standing_thing_is_known_again_on_the_next_lane() -> None:
    """A minute later, seen from the other side with two metres of error, it is the same."""
    tracker = GroundTracker(THRESHOLDS)
    rng = np.random.default_rng(2)
    first = {
        step(tracker, i / 5, (10 + rng.normal(0, 0.3), 20 + rng.normal(0, 0.3)))[0]
        for i in range(20)
    }
    again = step(tracker, 65.0, (11.2, 18.6))
    assert first == set(again)


def test_neighbours_in_a_row_of_parked_cars_stay_apart() -> None:
    """All shifted by the same metre, each car is still itself."""
    tracker = GroundTracker(THRESHOLDS)
    row = [(2.6 * i, 0.0) for i in range(8)]
    for i in range(10):
        ids = step(tracker, i / 5, *row)
    shifted = step(tracker, 40.0, *[(x + 1.0, y + 0.4) for x, y in row])
    assert shifted == ids
    assert len(set(ids)) == 8


def test_something_new_further_than_the_gate_is_something_else() -> None:
    """Fifteen metres away is another object."""
    tracker = GroundTracker(THRESHOLDS)
    for i in range(5):
        (first,) = step(tracker, i / 5, (0, 0))
    (other,) = step(tracker, 1.2, (15, 0))
    assert other != first


def test_a_walker_is_followed() -> None:
    """Somebody who walks at 1.5 m/s keeps the id."""
    tracker = GroundTracker(THRESHOLDS)
    ids = {step(tracker, i / 5, (0.3 * i, 0.0))[0] for i in range(60)}
    assert len(ids) == 1


def test_what_was_seen_once_only_is_soon_forgotten() -> None:
    """A flash of a false detection does not wait for an hour."""
    tracker = GroundTracker(THRESHOLDS)
    (first,) = step(tracker, 0.0, (0, 0))
    (later,) = step(tracker, 10.0, (0, 0))
    assert later != first


def test_boxes_without_a_place_and_weak_boxes_begin_nothing() -> None:
    """The sky has no objects, and a weak box only continues one."""
    tracker = GroundTracker(THRESHOLDS)
    assert step(tracker, 0.0, (np.nan, np.nan)) == [NO_TRACK]
    assert step(tracker, 0.1, (0, 0), score=0.2) == [NO_TRACK]
    known = step(tracker, 0.2, (0, 0))
    assert step(tracker, 0.3, (0, 0), score=0.2) == known


def test_an_empty_frame_changes_nothing() -> None:
    """No detections in, none out."""
    tracker = GroundTracker(THRESHOLDS)
    assert len(tracker.update(Detections.empty(), places(), 0.0)) == 0


POINTS = st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30)), max_size=8)


@settings(max_examples=60)
@given(st.lists(POINTS, max_size=12))
def test_ids_are_unique_in_a_frame_and_never_used_again(
    frames: list[list[tuple[float, float]]],
) -> None:
    """Whatever comes, no two detections of a frame share an id, and new ids only grow."""
    tracker, known = GroundTracker(THRESHOLDS), set[int]()
    for i, points in enumerate(frames):
        ids = step(tracker, i / 5, *points)
        assert len(ids) == len(set(ids))
        fresh = set(ids) - known
        assert not known or all(t > max(known) for t in fresh)
        known |= fresh


@pytest.mark.parametrize("hz", [2.0, 5.0, 15.0])
def test_tracks_hold_at_any_pace_of_analysis(hz: float) -> None:
    """The pose takes the camera's motion out, so few frames a second suffice."""
    tracker = GroundTracker(THRESHOLDS)
    rng = np.random.default_rng(4)
    ids = set[int]()
    for i in range(int(6 * hz)):
        noise = rng.normal(0, 0.3, (5, 2))
        ids.update(step(tracker, i / hz, *((6.0 * n + noise[n, 0], noise[n, 1]) for n in range(5))))
    assert len(ids) == 5
