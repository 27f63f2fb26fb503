"""Whom the detector loses for a moment is hidden in that moment, too."""

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.builders import NAMES, boxes
from vision.detections import NO_TRACK
from vision.hiding import Seen, hidden_at

CAR = NAMES.index("car")
SIZE = (320, 240)


def seen(time_s: float, left_px: float | None, track_id: int = 7, class_id: int = 0) -> Seen:
    """A frame with a person 40 px wide and 80 px high, or with nobody."""
    found = [] if left_px is None else [((left_px, 20.0, left_px + 40.0, 100.0), 0.9, class_id)]
    tracks = np.full(len(found), track_id, np.int64)
    return Seen.of(time_s, SIZE, NAMES, boxes(*found).with_tracks(tracks))


def hidden(moment: Seen, *near: Seen) -> list[list[float]]:
    """The boxes of persons, in whole pixels."""
    return [[round(float(v)) for v in row] for row in hidden_at(moment, near).persons_xyxy_px]


def test_a_box_of_its_own_is_taken_as_it_is() -> None:
    """Those of the frames around it say nothing new."""
    assert hidden(seen(5.0, 60.0), seen(4.9, 50.0), seen(5.1, 70.0)) == [[60, 20, 100, 100]]


def test_who_was_there_before_and_after_is_between() -> None:
    """A little larger the longer ago that was; also where no look is a moment away."""
    assert hidden(seen(5.0, None), seen(4.8, 50.0), seen(5.2, 70.0)) == [[56, 12, 104, 108]]
    assert hidden(seen(5.0, None), seen(4.1, 0.0), seen(5.9, 180.0)) != []
    assert hidden(seen(5.0, None), seen(3.9, 0.0), seen(5.9, 180.0)) == []


@pytest.mark.parametrize("sign", [1, -1])
def test_who_appears_or_vanishes_moves_on(sign: int) -> None:
    """For half a second: whoever walks into the view is seen in part before being detected."""
    once, twice = seen(5.0 + sign * 0.2, 80.0), seen(5.0 + sign * 0.3, 90.0)
    assert hidden(seen(5.0, None), twice, once) == [[56, 12, 104, 108]]
    assert hidden(seen(5.0, None), once) == [[76, 12, 124, 108]]
    assert hidden(seen(5.0, None), seen(5.0 + sign * 0.6, 80.0)) == []


def test_two_looks_of_one_moment_tell_no_pace() -> None:
    """A stream that goes on after a restart by a clock that was set back begins where it ended."""
    twice = seen(4.8, 80.0), seen(4.8, 82.0)
    assert hidden(seen(5.0, None), *twice) == [[76, 12, 124, 108]]


def test_a_stream_that_changes_its_size_hides_in_each_picture_by_its_own() -> None:
    """Who is told in the pixels of a larger picture would be hidden elsewhere, or nowhere."""
    before, after = seen(4.8, 50.0), seen(5.2, 70.0).sized((1280, 480))
    assert after.persons.xyxy_px.tolist() == [[280.0, 40.0, 440.0, 200.0]]
    assert hidden(seen(5.0, None), before, after) == [[56, 12, 104, 108]]
    assert hidden(seen(5.0, None).sized((640, 480)), before, after) == [[112, 24, 208, 216]]
    # What the frame itself shows is something else by its own pixels, too.
    car = seen(5.0, 60.0, class_id=CAR).sized((640, 480))
    surer = replace(car, others=replace(car.others, score=np.array([0.95], np.float32)))
    assert hidden(surer, seen(4.9, 60.0), seen(5.1, 60.0)) == []


def test_who_has_no_track_is_hidden_for_two_tenths() -> None:
    """Nobody knows where a doubtful box goes."""
    assert len(hidden(seen(5.0, None), seen(5.2, 80.0, NO_TRACK))) == 1
    assert hidden(seen(5.0, None), seen(5.3, 80.0, NO_TRACK)) == []


def test_who_is_taken_for_a_car_for_a_moment_stays_a_person() -> None:
    """And the plate that a car then would have is hidden, too."""
    moment = seen(5.0, 60.0, class_id=CAR)
    assert hidden(moment, seen(4.9, 60.0), seen(5.1, 60.0)) == [[58, 16, 102, 104]]
    assert len(hidden_at(moment, []).vehicles_xyxy_px) == 1
    assert hidden_at(seen(5.0, None), []).persons_xyxy_px.shape == (0, 4)


def test_what_the_frame_itself_shows_and_surer_is_not_hidden_by_a_guess() -> None:
    """A car that was taken for a person for a moment; a person beside it is hidden all the same."""
    there = (60.0, 20.0, 100.0, 100.0)
    car = boxes((there, 0.95, CAR)).with_tracks(np.array([3], np.int64))
    moment = Seen.of(5.0, SIZE, NAMES, car)
    assert hidden(moment, seen(4.9, 60.0), seen(5.1, 60.0)) == []
    assert len(hidden(moment, seen(4.9, 90.0), seen(5.1, 90.0))) == 1
    # Half in view its box was elsewhere; its track says that it is the same.
    assert hidden(moment, seen(4.9, 90.0, 3), seen(5.1, 90.0, 3)) == []
    unsure = replace(moment, others=replace(moment.others, score=np.array([0.5], np.float32)))
    assert len(hidden(unsure, seen(4.9, 60.0, 3), seen(5.1, 60.0, 3))) == 1
