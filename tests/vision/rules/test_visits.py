"""Tests of `vision.rules.visits`."""

import pytest

from vision.objects import Look, TrackedObject
from vision.rules.visits import Visits


def look(time_s: float, score: float, x_px: float = 0.0) -> Look:
    """A look at a box 50 px wide."""
    box = (x_px, 0.0, x_px + 50.0, 50.0)
    return Look(time_s, int(time_s * 10), score, 1, box, frozenset(), None)


def seen(*looks: Look, track_id: int = 1) -> TrackedObject:
    """An object with these looks."""
    made = TrackedObject(track_id, looks[0])
    for each in looks[1:]:
        made.add(each)
    return made


def test_only_the_present_visit_counts() -> None:
    """What was seen on an earlier lane is not among its looks."""
    subject = seen(look(0, 0.1), look(60, 0.6), look(60.2, 0.8), look(60.4, 0.9))
    visits = Visits()
    assert [each.time_s for each in visits.looks(subject)] == [60, 60.2, 60.4]
    assert visits.score(subject) == pytest.approx(0.8)


def test_some_looks_of_a_visit_have_a_score_of_their_own() -> None:
    """Those in a zone, before or after the whole visit was asked for."""
    subject, visits = seen(look(0, 0.3), look(0.2, 0.5), look(0.4, 0.9)), Visits()
    some = visits.looks(subject)[1:]
    assert visits.score(subject, some) == pytest.approx(0.7)
    assert visits.score(subject, visits.looks(subject)) == pytest.approx(0.5)
    assert visits.score(subject, some) == pytest.approx(0.7)


def test_objects_are_told_apart() -> None:
    """One that drives and one that stands, each asked twice."""
    standing = seen(*(look(0.2 * i, 0.8) for i in range(9)), track_id=1)
    driving = seen(*(look(0.2 * i, 0.4, 10.0 * i) for i in range(9)), track_id=2)
    visits = Visits()
    for _ in range(2):
        assert not visits.moves(standing)
        assert visits.moves(driving)
        assert (visits.score(standing), visits.score(driving)) == (0.8, 0.4)
