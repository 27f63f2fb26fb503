"""What one pass told apart is paired with the open events, one to one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.merging import Look, MergeRule, OpenEvent, Verdict, decide
from events_api.pairing import pair_up
from geofences.geodesy import destination
from tests.events_api.factories import MARKET

TIME = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
STALL = MergeRule(extent_m=0.0, same_within=timedelta(hours=24))
CE90_M = 14.0
"""Two looks at one object are then up to 30 m apart."""


def look(away_m: float, track_id: int) -> Look:
    """Return a look from some metres east of the market."""
    place = destination(MARKET, 90.0, away_m)
    return Look(place, CE90_M, TIME, "falcon-1", "pass-2", track_id)


def event(number: int, away_m: float, *tracks: int, hours: float = 0.0) -> OpenEvent:
    """Return an open event some metres east of the market, with tracks of the looks' pass."""
    place, seen = destination(MARKET, 90.0, away_m), TIME + timedelta(hours=hours)
    return OpenEvent(number, place, CE90_M, seen, seen, frozenset(tracks))


def judged(asked: Look, claims: dict[int, Look], events: list[OpenEvent]) -> Verdict:
    """Judge a look by itself, and then by what else its pass has seen."""
    alone = decide(asked, events, STALL)
    if alone.rival is None:
        return alone
    return pair_up(asked, alone, claims[alone.rival], events, STALL)


def test_the_second_of_two_takes_the_event_that_the_first_has_left() -> None:
    """The first was nearer to its neighbour's event, and the second is too far from its own."""
    events = [event(1, 0.0), event(2, 15.0, 1)]
    verdict = judged(look(32.0, track_id=2), {2: look(9.0, track_id=1)}, events)
    assert verdict.event_number == 1
    assert "another object here" in verdict.why
    assert "9.0 m" in verdict.why


def test_a_thing_that_fits_no_event_is_not_paired() -> None:
    """It stands alone, wherever the others are."""
    events = [event(1, 0.0), event(2, 15.0, 1)]
    verdict = judged(look(60.0, track_id=2), {2: look(9.0, track_id=1)}, events)
    assert (verdict.event_number, verdict.rival) == (None, None)


def test_as_many_events_as_the_pass_saw_are_open() -> None:
    """A third thing beside two that have theirs opens its own."""
    events = [event(1, 0.0, 1), event(2, 15.0, 2)]
    claims = {1: look(0.0, track_id=1), 2: look(15.0, track_id=2)}
    verdict = judged(look(30.0, track_id=3), claims, events)
    assert (verdict.event_number, verdict.rival) == (None, 2)


def test_an_event_that_the_first_does_not_fit_is_left_alone() -> None:
    """The first was certainly no look at it, so nothing is known of it."""
    events = [event(1, -25.0), event(2, 15.0, 1)]
    assert judged(look(32.0, 2), {2: look(9.0, 1)}, events).event_number is None


def test_an_event_of_another_time_is_left_alone() -> None:
    """It fits by its place only."""
    events = [event(1, 0.0, hours=-30.0), event(2, 15.0, 1)]
    assert judged(look(32.0, 2), {2: look(9.0, 1)}, events).event_number is None


def test_a_row_does_not_move_up() -> None:
    """Only the neighbour of what is in the way is left for the report."""
    events = [event(1, 0.0), event(2, 25.0, 1), event(3, 50.0, 2)]
    claims = {2: look(20.0, track_id=1), 3: look(45.0, track_id=2)}
    assert judged(look(75.0, track_id=3), claims, events).event_number is None
    claims[3] = look(27.0, track_id=2)
    assert judged(look(75.0, track_id=3), claims, events).event_number == 1


def test_only_what_is_nearest_is_in_the_way() -> None:
    """In a crowd something that fits farther off could always have gone elsewhere."""
    events = [event(1, -30.0), event(2, 0.0, 1), event(3, 15.0, 2)]
    claims = {2: look(-10.0, track_id=1), 3: look(15.0, track_id=2)}
    assert judged(look(16.0, track_id=3), claims, events).event_number is None
    assert judged(look(2.0, track_id=3), claims, events).event_number == 1


def test_of_two_that_are_left_the_nearer_to_the_first_is_taken() -> None:
    """As the first would have done."""
    events = [event(1, 0.0), event(2, 15.0, 1), event(3, -10.0)]
    assert judged(look(32.0, 2), {2: look(9.0, 1)}, events).event_number == 1


def test_without_the_place_of_the_first_nothing_is_paired() -> None:
    """It was seen without a pose."""
    events = [event(1, 0.0), event(2, 15.0, 1)]
    nowhere = Look(None, None, TIME, "falcon-1", "pass-2", 1)
    assert judged(look(32.0, 2), {2: nowhere}, events).event_number is None


@pytest.mark.parametrize("count", [1, 2, 3])
@given(data=st.data())
def test_a_pass_never_puts_two_objects_into_one_event(count: int, data: st.DataObject) -> None:
    """However they stand, and in whatever order they come."""
    places = st.lists(st.floats(0.0, 60.0), min_size=count, max_size=count)
    events = [event(n, away_m) for n, away_m in enumerate(data.draw(places))]
    claims: dict[int, Look] = {}
    for track, away_m in enumerate(data.draw(places)):
        asked = look(away_m, track)
        number = judged(asked, claims, events).event_number
        if number is None:
            continue
        assert number not in claims
        claims[number] = asked
        events[number] = event(number, _away_m(events[number]), track)


def _away_m(known: OpenEvent) -> float:
    """Return how far east of the market an event lies."""
    assert known.position is not None
    degree_m = destination(MARKET, 90.0, 1000.0).lon_deg - MARKET.lon_deg
    return (known.position.lon_deg - MARKET.lon_deg) / degree_m * 1000.0
