import copy
from dataclasses import fields, replace

import numpy as np
import pytest

from tests.vision.builders import boxes
from vision.detections import NO_TRACK, Detections
from vision.movement import (
    drift_boxes,
    drift_over_ground_boxes,
    driven_over_ground_boxes,
    moved_over_ground_boxes,
    moved_over_ground_m,
    spread_m,
)
from vision.objects import FrameSeen, Look, ObjectBook, SteadyBox, TrackedObject, median_score
from vision.projection import PlaceLook


def look(time_s: float, score: float = 0.8, class_id: int = 1, x: float = 0.0, **more: object) -> Look:  # fmt: skip # noqa: E501
    """A look at a box 50 px wide."""
    place = more.get("place")
    zones = frozenset(more.get("zones", ()))  # type: ignore[call-overload]
    return Look(time_s, int(time_s * 10), score, class_id, (x, 0, x + 50, 50), zones, place)  # type: ignore[arg-type]


def tracked(*looks: Look) -> TrackedObject:
    """An object with these looks."""
    made = TrackedObject(1, looks[0])
    for each in looks[1:]:
        made.add(each)
    return made


def test_the_class_is_the_one_with_the_greater_sum_of_scores() -> None:
    """One flicker of another class does not rename an object."""
    assert tracked(look(0, 0.6, 1), look(0.1, 0.9, 2), look(0.2, 0.6, 1)).class_id == 1


def test_a_gap_begins_a_new_visit_of_the_same_object() -> None:
    """The next lane's looks are one visit, and the earlier ones stay known."""
    seen = tracked(look(0), look(1), look(60), look(61))
    assert seen.visit_s == 60
    assert [each.time_s for each in seen.visit_looks()] == [60, 61]
    assert seen.first_s == 0


def test_a_stay_is_counted_from_entering_to_the_latest_look() -> None:
    """Being in a zone adds up; leaving it for long ends the stay."""
    seen = tracked(look(0, zones=[3]), look(1, zones=[3]), look(2, zones=[3]))
    assert seen.stay_s(3) == 2
    assert seen.stay_s(4) == 0
    seen.add(look(4))
    assert seen.stay_s(3) == 0


def test_a_look_comes_back_whole_from_where_it_was_written() -> None:
    """Each of its fields, whatever fields it will have."""
    steady = SteadyBox(2, 3.0, 4.0, 5.0, 0.5)
    place = PlaceLook(np.array([1.0, 2.0]), np.zeros((2, 6)), np.zeros((2, 2)))
    written = Look(1.5, 7, 0.75, 2, (1.0, 2.0, 3.0, 4.0), frozenset({3}), place, 0.25, steady)
    read = copy.deepcopy(written)  # by way of what pickling asks for, too
    assert read.steady == steady
    assert read.place is not None
    assert read.place.xy_m.tolist() == [1.0, 2.0]
    kept = replace(read, steady=steady, place=place)
    assert [getattr(kept, each.name) for each in fields(Look)] == [
        getattr(written, each.name) for each in fields(Look)
    ]


def test_the_spread_of_places_is_in_metres() -> None:
    """Root mean square distance from the middle; unknown without places."""
    here = [PlaceLook(np.array([x, 0.0]), np.zeros((2, 6)), np.zeros((2, 2))) for x in (-1.0, 1.0)]
    assert spread_m([look(0, place=here[0]), look(1, place=here[1])]) == pytest.approx(1.0)
    assert spread_m([look(0), look(1)]) is None


def test_drift_is_in_sizes_of_the_box() -> None:
    """A box of 50 px that moved 100 px drifted two boxes."""
    assert drift_boxes([look(i, x=0.0) for i in range(3)]) == 0
    assert drift_boxes([look(0), look(1, x=50), look(2, x=100)]) == pytest.approx(2)


def test_no_looks_have_no_score() -> None:
    """The median of nothing is nothing."""
    assert median_score([]) == 0.0


def test_the_book_keeps_what_is_tracked_and_forgets_what_is_gone() -> None:
    """Untracked boxes are not objects; objects unseen for the memory are dropped."""
    book = ObjectBook(memory_s=10)
    seen = boxes(((0, 0, 9, 9), 0.9, 0), ((20, 0, 29, 9), 0.9, 0))
    seen = seen.with_tracks(np.array([7, NO_TRACK]))
    book.add_frame(FrameSeen(0.0, 0), seen, None, [frozenset()] * 2)
    assert [known.track_id for known in book.in_view(0.0)] == [7]
    assert book.in_view(5.0) == []
    assert [known.track_id for known in book.seen_since(0.0)] == [7]
    book.forget(11.0)
    assert book.seen_since(0.0) == []


def test_the_book_counts_the_frames_looked_at() -> None:
    """Frames without detections count too."""
    book = ObjectBook()
    for i in range(10):
        book.add_frame(FrameSeen(i / 10, i), Detections.empty(), None, [])
    assert book.frames_between(0.2, 0.5) == 4


def steady(epoch: int, *xs: float) -> list[Look]:
    """Looks whose box lies at these places over ground at rest, 50 px large."""
    return [
        replace(look(i / 10, x=9.0 * i), steady=SteadyBox(epoch, x, 0.0, 50.0))
        for i, x in enumerate(xs)
    ]


def test_motion_over_the_ground_is_not_that_in_the_picture() -> None:
    """A box that slides through the picture with the ground stands; one against it drives."""
    assert moved_over_ground_boxes(steady(1, *[5.0] * 9)) == 0.0
    assert moved_over_ground_boxes(steady(1, *range(0, 90, 10))) == pytest.approx(60 / 50)
    assert moved_over_ground_boxes([look(0), look(1)]) is None


def test_looks_that_cannot_be_compared_are_not_said_to_move() -> None:
    """A cut between them, or too few since."""
    assert moved_over_ground_boxes(steady(1, *[0.0] * 9) + steady(2, *[500.0] * 7)) == 0.0
    assert moved_over_ground_boxes(steady(1, 0.0, 100.0, 200.0)) == 0.0


def vouched(*xs: float) -> list[Look]:
    """The same, where the ground beside the box moves as all of it does."""
    looks = steady(1, *xs)
    return [
        replace(each, steady=replace(each.steady, vouched=True)) for each in looks if each.steady
    ]


def test_a_drive_goes_on_from_part_to_part_of_its_looks() -> None:
    """A leap to a neighbour, a tremble, and ground that nobody vouches for are none."""
    drive = [10.0 * i for i in range(12)]
    assert driven_over_ground_boxes(vouched(*drive)) == pytest.approx(90 / 50)
    assert driven_over_ground_boxes(steady(1, *drive)) == 0.0
    assert driven_over_ground_boxes(vouched(*[0.0] * 6, *[110.0] * 6)) == 0.0
    assert driven_over_ground_boxes(vouched(*[0.0, 8.0] * 6)) < 0.2
    assert driven_over_ground_boxes(vouched(*drive[:7])) == 0.0
    assert driven_over_ground_boxes([]) == 0.0


def test_a_drive_is_surely_one() -> None:
    """Where the ground is followed badly, so little motion is none; and only the last counts."""
    looks = vouched(*[4.0 * i for i in range(12)])
    vague = [
        replace(each, steady=replace(each.steady, sigma_px=12.0)) for each in looks if each.steady
    ]
    assert driven_over_ground_boxes(looks) > 0.5
    assert driven_over_ground_boxes(vague) == 0.0
    assert driven_over_ground_boxes(vouched(*range(0, 400, 10), *[390.0] * 20)) == 0.0


def test_standing_over_the_ground_is_said_only_where_that_is_known() -> None:
    """Unlike motion, which is not said where it is not."""
    assert drift_over_ground_boxes(steady(1, *[5.0] * 9)) == 0.0
    assert drift_over_ground_boxes(steady(1, *range(0, 90, 10))) == pytest.approx(60 / 50)
    assert drift_over_ground_boxes(steady(1, *[5.0] * 9) + steady(2, 5.0)) is None
    assert drift_over_ground_boxes([look(0), look(1)]) is None


def test_with_places_motion_is_in_metres() -> None:
    """From the first third to the last."""
    here = [
        look(i, place=PlaceLook(np.array([2.0 * i, 0.0]), np.zeros((2, 6)), np.zeros((2, 2))))
        for i in range(9)
    ]
    assert moved_over_ground_m(here) == pytest.approx(12.0)
    assert moved_over_ground_m([look(0)]) is None


def test_motion_that_the_ground_is_not_sure_of_is_none() -> None:
    """Ten pixels against a ground that is followed to within five are no proof."""
    looks = steady(1, *[0.0] * 5, *[10.0] * 5)
    assert moved_over_ground_boxes(looks) == pytest.approx(0.2)
    unsure = [
        replace(each, steady=replace(each.steady, sigma_px=5.0))
        for each in looks
        if each.steady is not None
    ]
    assert moved_over_ground_boxes(unsure) == 0.0
