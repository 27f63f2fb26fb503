"""Which open event a report is one more look at."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.merging import (
    ASSUMED_CE90_M,
    VAGUE_CE90_M,
    Look,
    MergeRule,
    OpenEvent,
    Verdict,
    decide,
    reach_m,
)
from geofences.geodesy import LonLat, destination
from tests.events_api.factories import MARKET

TIME = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
CAR = MergeRule(extent_m=4.5, same_within=timedelta(hours=24))
POINT = MergeRule(extent_m=0.0, same_within=timedelta(hours=24))


def look(
    away_m: float = 0.0,
    *,
    ce90_m: float | None = 4.0,
    track_id: int | None = 1,
    hours: float = 0.0,
) -> Look:
    """Return a look from some metres east of the market."""
    place = destination(MARKET, 90.0, away_m)
    time = TIME + timedelta(hours=hours)
    return Look(place, ce90_m, time, "falcon-1", "pass-2", track_id)


def event(
    number: int = 1,
    away_m: float = 0.0,
    *,
    ce90_m: float | None = 4.0,
    tracks: frozenset[int | None] = frozenset(),
) -> OpenEvent:
    """Return an open event some metres east of the market."""
    place = destination(MARKET, 90.0, away_m)
    return OpenEvent(number, place, ce90_m, TIME, TIME, tracks)


def test_without_open_events_a_report_opens_one() -> None:
    """The first of its kind."""
    assert decide(look(), (), CAR).event_number is None


def test_the_same_place_is_the_same_event() -> None:
    """And the reason gives the distance, both errors and the probability."""
    verdict = decide(look(), [event()], CAR)
    assert verdict == Verdict(
        1,
        "Joined: 0.0 m from an open event of the same matter; with 90 % errors of 4.0 m and 4.0 m "
        "the same object would be measured at least this far apart in 100% of cases.",
    )


def test_the_distance_accepted_is_the_chi_square_bound_of_both_errors() -> None:
    """With 90 % errors of 4 m each, the 99.5 % bound lies at 3.255 sigmas of their difference."""
    bound_m = 3.2553 * math.hypot(4.0 / 2.1460, 4.0 / 2.1460)
    assert decide(look(bound_m - 0.01), [event()], POINT).event_number == 1
    assert decide(look(bound_m + 0.01), [event()], POINT).event_number is None


def test_an_object_with_an_extent_may_be_pointed_at_farther_apart() -> None:
    """Two looks at a car may hit its two ends."""
    assert decide(look(9.0), [event()], POINT).event_number is None
    assert decide(look(9.0), [event()], CAR).event_number == 1


def test_the_nearest_event_is_joined() -> None:
    """Not the first, and not the one whose large error would excuse any distance."""
    events = [event(1, 5.0, ce90_m=50.0), event(2, 1.0), event(3, 3.0)]
    assert decide(look(), events, CAR).event_number == 2


def test_of_two_equally_near_the_older_is_joined() -> None:
    """So that the outcome does not hang on the order of rows."""
    events = [event(7, 1.0), event(4, 1.0)]
    assert decide(look(), events, CAR).event_number == 4


def test_what_a_pass_told_apart_stays_apart() -> None:
    """Two tracks of one pass are two objects, even on one spot."""
    verdict = decide(look(track_id=2), [event(tracks=frozenset({1}))], CAR)
    assert verdict.event_number is None
    assert "another object" in verdict.why


def test_what_a_pass_told_apart_may_still_join_the_next_nearest() -> None:
    """The neighbour was seen by an earlier pass: it is that one."""
    events = [event(1, 0.5, tracks=frozenset({1})), event(2, 2.0)]
    assert decide(look(track_id=2), events, CAR).event_number == 2


def test_one_track_is_one_event_however_far() -> None:
    """A truck that was followed for 300 m does not become two."""
    verdict = decide(look(300.0), [event(tracks=frozenset({1}))], CAR)
    assert verdict.event_number == 1
    assert "track 1" in verdict.why


@pytest.mark.parametrize("track_id", [None, -1])
def test_without_a_track_a_pass_tells_nothing_apart(track_id: int | None) -> None:
    """Two reports of an officer, or of detections without a tracker, go by distance alone."""
    known = event(tracks=frozenset({track_id, None}))
    assert decide(look(track_id=track_id), [known], CAR).event_number == 1
    assert decide(look(300.0, track_id=track_id), [known], CAR).event_number is None


def test_a_report_without_a_position_opens_an_event() -> None:
    """There is nothing to compare."""
    nowhere = Look(None, None, TIME, "camera-1", "pass-1", 1)
    assert "no position" in decide(nowhere, [event()], CAR).why


def test_an_event_without_a_position_is_not_joined_by_place() -> None:
    """But it is by its own track."""
    nowhere = OpenEvent(1, None, None, TIME, TIME, frozenset({1}))
    assert decide(look(track_id=1), [nowhere], CAR).event_number == 1
    assert decide(look(track_id=2), [nowhere], CAR).event_number is None


@pytest.mark.parametrize(
    ("hours", "expected"), [(-24.0, 1), (24.0, 1), (-24.1, None), (24.1, None)]
)
def test_too_long_before_or_after_it_is_another_thing(hours: float, expected: int | None) -> None:
    """A car there today and a car there next week are two."""
    assert decide(look(hours=hours), [event()], CAR).event_number == expected


def test_a_position_without_its_error_is_taken_as_a_telephones() -> None:
    """Neither as exact nor as worthless."""
    assumed = decide(look(15.0, ce90_m=ASSUMED_CE90_M), [event()], CAR).event_number
    assert decide(look(15.0, ce90_m=None), [event()], CAR).event_number == assumed == 1
    assert decide(look(15.0), [event(ce90_m=None)], CAR).event_number == 1


def test_a_vague_position_joins_nothing() -> None:
    """Within 200 m lies half the market."""
    vague_m = VAGUE_CE90_M + 1
    assert "too large" in decide(look(ce90_m=vague_m), [event()], CAR).why
    assert decide(look(), [event(ce90_m=vague_m)], CAR).event_number is None


def test_two_exact_positions_join_only_on_one_spot() -> None:
    """Errors of nothing and an extent of nothing do not divide by nothing."""
    exact = event(ce90_m=0.0)
    assert decide(look(ce90_m=0.0), [exact], POINT).event_number == 1
    assert decide(look(0.1, ce90_m=0.0), [exact], POINT).event_number is None


ERRORS = st.floats(0, VAGUE_CE90_M)
DISTANCES = st.floats(0, 500)


@given(away_m=DISTANCES, first_m=ERRORS, second_m=ERRORS)
def test_merging_is_symmetric(away_m: float, first_m: float, second_m: float) -> None:
    """Which of the two was reported first does not matter."""
    forth = decide(look(away_m, ce90_m=first_m), [event(ce90_m=second_m)], CAR)
    back = decide(look(ce90_m=second_m), [event(away_m=away_m, ce90_m=first_m)], CAR)
    assert forth.event_number == back.event_number


@given(away_m=DISTANCES, ce90_m=ERRORS, more_m=st.floats(0, 100))
def test_nearer_or_vaguer_never_parts(away_m: float, ce90_m: float, more_m: float) -> None:
    """What is joined is also joined from nearer."""
    if decide(look(away_m + more_m, ce90_m=ce90_m), [event()], CAR).event_number == 1:
        assert decide(look(away_m, ce90_m=ce90_m), [event()], CAR).event_number == 1


@given(away_m=DISTANCES, first_m=ERRORS, second_m=ERRORS)
def test_nothing_beyond_the_reach_is_joined(away_m: float, first_m: float, second_m: float) -> None:
    """So that the search in the database may stop there."""
    if away_m > reach_m(first_m, CAR):
        known = event(away_m=away_m, ce90_m=second_m)
        assert decide(look(ce90_m=first_m), [known], CAR).event_number is None


def test_of_looks_at_one_object_all_but_one_in_two_hundred_are_joined() -> None:
    """Positions drawn from the stated errors are accepted as often as the bound promises."""
    chance = random.Random(20260701)
    sigma_m = 4.0 / 2.1460

    def noisy() -> LonLat:
        east_m, north_m = chance.gauss(0, sigma_m), chance.gauss(0, sigma_m)
        bearing_deg = math.degrees(math.atan2(east_m, north_m))
        return destination(MARKET, bearing_deg, math.hypot(east_m, north_m))

    joined = sum(
        decide(
            Look(noisy(), 4.0, TIME, "f", "p", 1),
            [OpenEvent(1, noisy(), 4.0, TIME, TIME, frozenset())],
            POINT,
        ).event_number
        == 1
        for _ in range(4000)
    )
    assert joined / 4000 == pytest.approx(0.995, abs=0.004)
