"""The demo's table tells the truth: hits, misses and false alarms come out of the comparison."""

import math

import pytest

from geofences.geodesy import LonLat, destination
from patrol.demo.score import MATCH_GATE_M, Expected, Found, compare

ORIGIN = LonLat(115.62, 33.16)


def thing(name: str, north_m: float, code: str = "09009", cell: str = "A") -> Expected:
    """Return an expected thing `north_m` north of the origin."""
    return Expected(name, "car", code, destination(ORIGIN, 0.0, north_m), cell)


def event(
    name: str, north_m: float, code: str = "09009", cell: str = "A", ce90_m: float = 3.0
) -> Found:
    """Return an event `north_m` north of the origin."""
    return Found(name, code, destination(ORIGIN, 0.0, north_m), cell, ce90_m)


def test_a_near_event_of_the_same_matter_is_a_hit() -> None:
    """The match carries the distance between truth and finding."""
    score = compare([thing("car", 0)], [event("e", 2)])
    assert [match.expected.object_id for match in score.matches] == ["car"]
    assert score.matches[0].error_m == pytest.approx(2.0, abs=0.01)
    assert (score.recall, score.precision) == (1.0, 1.0)


def test_a_missed_thing_is_shown_as_missed() -> None:
    """Without an event the thing is missed and the recall falls."""
    score = compare([thing("near", 0), thing("far", 100)], [event("e", 1)])
    assert [each.object_id for each in score.missed] == ["far"]
    assert score.recall == 0.5


@pytest.mark.parametrize(
    "stray", [event("other place", MATCH_GATE_M + 1), event("other matter", 0, code="06010")]
)
def test_an_event_that_nothing_explains_is_unexpected(stray: Found) -> None:
    """Neither the wrong matter nor the wrong place counts as a hit."""
    score = compare([thing("car", 0)], [stray])
    assert (score.matches, score.unexpected) == ((), (stray,))
    assert score.precision == 0.0


def test_a_second_event_about_one_thing_is_unexpected() -> None:
    """Reporting the same thing twice is not rewarded."""
    score = compare([thing("car", 0)], [event("first", 1), event("again", 2)])
    assert [each.event_id for each in score.unexpected] == ["again"]


def test_the_pairing_is_the_best_overall() -> None:
    """The nearest event goes to the thing that has no other."""
    score = compare(
        [thing("south", 0), thing("north", 5)],
        [event("between", 3), event("beyond", 5 + MATCH_GATE_M - 1)],
    )
    pairs = {match.expected.object_id: match.found.event_id for match in score.matches}
    assert pairs == {"south": "between", "north": "beyond"}


def test_cell_and_circle_are_judged_for_each_hit() -> None:
    """A hit in the wrong cell, or outside its 90 % circle, says so."""
    match = compare([thing("car", 0, cell="A")], [event("e", 4, cell="B", ce90_m=3.0)]).matches[0]
    assert (match.cell_right, match.within_ce90) == (False, False)


def test_nothing_expected_and_nothing_found_is_perfect() -> None:
    """An empty scene scores 1, and has no error to speak of."""
    score = compare([], [])
    assert (score.recall, score.precision) == (1.0, 1.0)
    assert math.isnan(score.error_quantile_m(0.5))
