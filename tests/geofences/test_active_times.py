"""Tests of `geofences.active_times`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.active_times import (
    ALWAYS,
    EVERY_DAY,
    ActivePeriod,
    ActiveTimes,
    Weekday,
    WeeklyHours,
    zone_of,
)
from geofences.daylight import DaylightEvent, event_time
from geofences.errors import InvalidTimeError
from geofences.geodesy import LonLat

BMCT, SR, SS, EECT = DaylightEvent
COUNTY = LonLat(115.62, 33.16)
NORTH_CAPE = LonLat(25.8, 71.1)
NEVER_CHANGED = "Asia/Shanghai"
CHANGED = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)


def weekly(
    start: time | DaylightEvent,
    end: time | DaylightEvent,
    time_zone: str = NEVER_CHANGED,
    *days: Weekday,
) -> ActiveTimes:
    """The same hours every week, for ever."""
    hours = WeeklyHours(frozenset(days) or EVERY_DAY, start, end, time_zone)
    return ActiveTimes((ActivePeriod(hours=(hours,)),))


def active(times: ActiveTimes, text: str, place: LonLat = COUNTY) -> bool:
    """Whether times are active at a moment given as ISO 8601, or as a local time and its zone."""
    moment, _, name = text.partition(" ")
    at = datetime.fromisoformat(moment)
    at = at.replace(tzinfo=ZoneInfo(name)) if name else at
    return times.between(at, at, place)


def test_without_periods_it_is_always() -> None:
    """At any time, even before clocks."""
    assert ALWAYS.always
    assert active(ALWAYS, "0001-01-01T00:00:00+08:00")
    assert active(ALWAYS, "9999-12-31T23:59:59-08:00")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-05-01T00:00Z", "2026-05-01T07:59Z", False),
        ("2026-05-01T00:00Z", "2026-05-01T08:00Z", True),
        ("2026-05-03T07:59:59Z", "2026-05-09T00:00Z", True),
        ("2026-05-03T08:00Z", "2026-05-09T00:00Z", False),
        ("2026-05-03T15:00+08:00", "2026-05-03T15:30+08:00", True),
        ("2020-01-01T00:00Z", "2030-01-01T00:00Z", True),
    ],
)
def test_a_period_includes_its_start_and_not_its_end(start: str, end: str, expected: bool) -> None:
    """Two periods that follow each other are never active together."""
    moments = (datetime(2026, 5, 1, 8, tzinfo=UTC), datetime(2026, 5, 3, 8, tzinfo=UTC))
    times = ActiveTimes((ActivePeriod(*moments),))
    asked = (datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert expected == times.between(*asked, COUNTY)


def test_a_period_may_have_one_end_only() -> None:
    """Since then, or until then."""
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    since, until = ActiveTimes((ActivePeriod(moment),)), ActiveTimes((ActivePeriod(None, moment),))
    for text, after in (("1800-01-01T00:00Z", False), ("9999-12-31T00:00-08:00", True)):
        assert (active(since, text), active(until, text)) == (after, not after)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-01T07:59:59 Asia/Shanghai", False),
        ("2026-06-01T08:00:00 Asia/Shanghai", True),
        ("2026-06-01T17:59:59 Asia/Shanghai", True),
        ("2026-06-01T18:00:00 Asia/Shanghai", False),
        ("2026-06-02T12:00:00 Asia/Shanghai", False),
    ],
)
def test_hours_hold_on_their_days(text: str, expected: bool) -> None:
    """Monday from eight to six, on the clocks of Shanghai."""
    times = weekly(time(8), time(18), NEVER_CHANGED, Weekday.MONDAY)
    assert expected == active(times, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-01T21:59 Asia/Shanghai", False),
        ("2026-06-01T22:00 Asia/Shanghai", True),
        ("2026-06-02T05:59 Asia/Shanghai", True),
        ("2026-06-02T06:00 Asia/Shanghai", False),
        ("2026-06-01T03:00 Asia/Shanghai", False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_start_on(text: str, expected: bool) -> None:
    """Monday night ends on Tuesday morning; Sunday night is not meant."""
    times = weekly(time(22), time(6), NEVER_CHANGED, Weekday.MONDAY)
    assert expected == active(times, text)


def test_midnight_at_the_end_is_that_of_the_day_after() -> None:
    """00:00 to 00:00 is a whole day, and 24:00 is written 00:00."""
    monday = weekly(time(0), time(0), NEVER_CHANGED, Weekday.MONDAY)
    evening = weekly(time(20), time(0), NEVER_CHANGED, Weekday.MONDAY)
    for times in (monday, evening):
        assert active(times, "2026-06-01T23:59:59.999 Asia/Shanghai")
        assert not active(times, "2026-06-02T00:00 Asia/Shanghai")
    assert active(monday, "2026-06-01T00:00 Asia/Shanghai")


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T00:59:59Z", False),  # clocks go from 2 to 3 at 01:00 UTC
        ("Europe/Berlin", "2026-03-29T01:00:00Z", True),
        ("Europe/Berlin", "2026-03-29T01:59:59Z", True),
        ("Europe/Berlin", "2026-03-29T02:00:00Z", False),
        ("Europe/Berlin", "2026-10-25T00:29:59Z", False),  # 02:30 comes twice
        ("Europe/Berlin", "2026-10-25T00:30:00Z", True),
        ("Europe/Berlin", "2026-10-25T02:59:59Z", True),
        ("Europe/Berlin", "2026-10-25T03:00:00Z", False),
        ("America/New_York", "2026-03-08T06:59:59Z", False),
        ("America/New_York", "2026-03-08T07:00:00Z", True),
        ("Australia/Lord_Howe", "2026-10-03T15:29:59Z", False),  # half an hour, from 2 to 2:30
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", True),
    ],
)
def test_changed_clocks_never_shorten_hours(zone: str, text: str, expected: bool) -> None:
    """From 02:30 to 04:00 on the nights on which clocks are changed."""
    assert expected == active(weekly(time(2, 30), time(4), zone), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-25T00:45:00Z", True),  # between the two times that it is 02:30
        ("2026-10-25T01:29:59Z", True),
        ("2026-10-25T01:30:00Z", False),
        ("2026-03-29T00:59:59Z", True),  # 02:30 is left out: the change ends it
        ("2026-03-29T01:00:00Z", False),
    ],
)
def test_hours_end_when_their_last_time_comes_for_the_last_time(text: str, expected: bool) -> None:
    """From 01:00 to 02:30 in Berlin on the nights on which clocks are changed."""
    assert expected == active(weekly(time(1), time(2, 30), "Europe/Berlin"), text)


def test_hours_that_the_clocks_leave_out_are_never() -> None:
    """02:10 to 02:50 does not happen in Berlin on the last Sunday of March."""
    times = weekly(time(2, 10), time(2, 50), "Europe/Berlin")
    night = datetime(2026, 3, 29, tzinfo=UTC)
    assert not times.between(night, night + timedelta(hours=12), COUNTY)
    assert times.between(night, night + timedelta(hours=25), COUNTY)


def test_hours_in_utc_stay_where_they_are() -> None:
    """Zones published in UTC move against local clocks in summer."""
    times = weekly(time(6), time(7), "UTC")
    assert active(times, "2026-01-10T07:30 Europe/Berlin")
    assert active(times, "2026-07-10T08:30 Europe/Berlin")
    assert not active(times, "2026-07-10T07:30 Europe/Berlin")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "-08:00"])
@pytest.mark.parametrize("place", [COUNTY, LonLat(-118.0, 34.0), LonLat(179.0, -17.0)])
def test_daylight_is_that_of_the_place_on_any_clock(zone: str, place: LonLat) -> None:
    """In China the sun rises before midnight UTC; it is Monday's sun all the same."""
    times = weekly(SR, SS, zone, Weekday.MONDAY)
    rises, sets = (event_time(event, place, date(2026, 6, 1)) for event in (SR, SS))
    assert times.between(rises, rises, place)
    assert times.between(sets - MINUTE, sets - MINUTE, place)
    assert not times.between(rises - timedelta(hours=8), rises - timedelta(seconds=1), place)
    assert not times.between(sets, sets + timedelta(days=6), place)


def test_a_night_lasts_from_sunset_to_the_next_sunrise() -> None:
    """It belongs to the day of its sunset."""
    times = weekly(SS, SR, NEVER_CHANGED, Weekday.MONDAY)
    sets = event_time(SS, COUNTY, date(2026, 6, 1))
    rises = event_time(SR, COUNTY, date(2026, 6, 2))
    assert times.between(sets, sets, COUNTY)
    assert times.between(rises - MINUTE, rises - MINUTE, COUNTY)
    assert not times.between(rises, rises + timedelta(hours=24), COUNTY)


@pytest.mark.parametrize(
    ("start", "end", "text", "expected"),
    [
        (time(8), SS, "2026-06-01T19:20 Asia/Shanghai", True),
        (time(8), SS, "2026-06-01T19:40 Asia/Shanghai", False),
        (EECT, time(6), "2026-06-02T05:59 Asia/Shanghai", True),
        (EECT, time(6), "2026-06-02T06:01 Asia/Shanghai", False),
        (time(22), BMCT, "2026-06-02T04:30 Asia/Shanghai", True),
        (time(22), BMCT, "2026-06-02T05:00 Asia/Shanghai", False),
        (SR, time(20), "2026-06-01T05:00 Asia/Shanghai", False),
        (SR, time(20), "2026-06-01T05:20 Asia/Shanghai", True),
    ],
)
def test_the_sun_and_the_clock_may_be_mixed(
    start: time | DaylightEvent, end: time | DaylightEvent, text: str, expected: bool
) -> None:
    """The end is the first after the start."""
    assert expected == active(weekly(start, end), text)


@pytest.mark.parametrize(
    ("start", "end", "day", "expected"),
    [(SR, SS, "06-21", True), (SS, SR, "06-21", False),
     (SR, SS, "12-21", False), (SS, SR, "12-21", True)],
)  # fmt: skip
def test_polar_days_and_nights_are_whole(
    start: DaylightEvent, end: DaylightEvent, day: str, expected: bool
) -> None:
    """By day is all day long at the North Cape in June, and by night is never."""
    times = weekly(start, end, "Europe/Oslo")
    noon = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
    asked = [noon + k * 7 * MINUTE for k in range(-200, 200)]
    assert {expected} == {times.between(moment, moment, NORTH_CAPE) for moment in asked}


def test_periods_add_up_and_hours_are_cut_to_their_period() -> None:
    """A week of nights, and one afternoon."""
    first, last = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, 20, tzinfo=UTC)
    nights = WeeklyHours(EVERY_DAY, time(22), time(6), NEVER_CHANGED)
    afternoon = ActivePeriod(
        datetime(2026, 6, 5, 6, tzinfo=UTC), datetime(2026, 6, 5, 8, tzinfo=UTC)
    )
    times = ActiveTimes((ActivePeriod(first, last, (nights,)), afternoon))
    assert active(times, "2026-06-01T23:00 Asia/Shanghai")
    assert not active(times, "2026-06-01T05:00 Asia/Shanghai")  # before the period
    assert not active(times, "2026-06-03T05:00 Asia/Shanghai")  # after it
    assert active(times, "2026-06-05T15:00 Asia/Shanghai")


def test_hours_far_away_in_time_count_as_active() -> None:
    """Nobody knows the clocks of 2300."""
    assert active(weekly(time(8), time(9)), "2300-01-01T00:00Z")


CLOCKS = st.builds(lambda minutes: time(minutes // 60, minutes % 60), st.integers(0, 24 * 60 - 1))
HOURS = st.builds(
    WeeklyHours,
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    CLOCKS | st.sampled_from(DaylightEvent),
    CLOCKS | st.sampled_from(DaylightEvent),
    st.sampled_from((*CHANGED, NEVER_CHANGED, "UTC", "+05:45")),
)
CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4),
           date(2026, 10, 25), date(2026, 11, 1))  # fmt: skip
STARTS = st.builds(
    lambda day, minutes: datetime.combine(day, time(), UTC) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES) | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.integers(-2000, 2000),
)


@given(
    hours=st.lists(HOURS, min_size=1, max_size=2),
    start=STARTS,
    minutes=st.integers(0, 300),
    lat_deg=st.floats(-70.0, 70.0),
)
def test_between_agrees_with_every_moment_between(
    hours: list[WeeklyHours], start: datetime, minutes: int, lat_deg: float
) -> None:
    """If any sampled moment is active the stretch is; if none is, activity is under a sample."""
    times = ActiveTimes((ActivePeriod(hours=tuple(hours)),))
    place = LonLat(150.0, lat_deg)
    moments = [start + k * 5 * MINUTE for k in range(minutes // 5 + 1)]
    end = moments[-1]
    sampled = any(times.between(moment, moment, place) for moment in moments)
    whole = times.between(start, end, place)
    assert whole >= sampled
    if whole and not sampled:
        assert any(times.between(a, b, place) for a, b in pairwise(moments))


@given(hours=st.lists(HOURS, max_size=2), start=STARTS, steps=st.integers(0, 60))
@settings(max_examples=40)
def test_throughout_means_that_no_moment_is_left_out(
    hours: list[WeeklyHours], start: datetime, steps: int
) -> None:
    """It agrees with a sample for every ten minutes, and hours that follow each other add up."""
    morning = WeeklyHours(EVERY_DAY, time(0), time(12), "UTC")
    times = ActiveTimes((ActivePeriod(hours=(*hours, morning)),))
    moments = [start + k * 10 * MINUTE for k in range(steps + 1)]
    sampled = all(times.between(moment, moment, COUNTY) for moment in moments)
    assert times.throughout(start, moments[-1], COUNTY) <= sampled
    afternoon = WeeklyHours(EVERY_DAY, time(12), time(0), "UTC")
    whole = ActiveTimes((ActivePeriod(hours=(morning,)), ActivePeriod(hours=(afternoon,))))
    assert whole.throughout(start, moments[-1], COUNTY)
    if sampled and not times.throughout(start, moments[-1], COUNTY):
        assert any(not times.throughout(a, b, COUNTY) for a, b in pairwise(moments))


@given(
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    start=CLOCKS,
    end=CLOCKS,
    zone=st.sampled_from((*CHANGED, NEVER_CHANGED)),
    first=STARTS,
)
def test_hours_hold_whenever_the_clock_on_the_wall_says_so(
    days: frozenset[Weekday], start: time, end: time, zone: str, first: datetime
) -> None:
    """Read off the wall clock; only about a change of clocks may they hold for longer."""
    times = weekly(start, end, zone, *days)
    clock = ZoneInfo(zone)
    for step in range(0, 40 * 60, 37):
        moment = first + step * MINUTE
        wall = moment.astimezone(clock)
        names = tuple(Weekday)
        today, before = (names[(wall.weekday() - k) % 7] in days for k in (0, 1))
        now = wall.time()
        if start < end:
            says = today and start <= now < end
        else:
            says = (today and now >= start) or (before and now < end)
        found = times.between(moment, moment, COUNTY)
        assert found >= says
        near = [(moment + timedelta(hours=k)).astimezone(clock).utcoffset() for k in (-25, 25)]
        if near[0] == near[1]:
            assert found == says


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: WeeklyHours(frozenset(), time(8), time(9)), "without days are never"),
        (lambda: WeeklyHours(EVERY_DAY, time(8), time(9), "Mars/Base"), "'Mars/Base' is not known"),
        (lambda: WeeklyHours(EVERY_DAY, time(8), time(9), "+99:00"), "is not known"),
        (lambda: WeeklyHours(EVERY_DAY, time(8), time(9), "../etc"), "is not known"),
        (lambda: WeeklyHours(EVERY_DAY, time(8, tzinfo=UTC), time(9)), "a zone of its own"),
        (lambda: ActivePeriod(datetime(2026, 1, 1)), "has no time zone"),  # noqa: DTZ001
        (
            lambda: ActivePeriod(
                datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
            ),
            "not after its start",
        ),
        (lambda: active(ALWAYS, "2026-01-01T00:00"), "has no time zone; add Z"),
        (
            lambda: ALWAYS.between(
                datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), COUNTY
            ),
            "give the earlier time first",
        ),
    ],
)
def test_impossible_times_are_refused(make: object, words: str) -> None:
    """The message says what to give instead."""
    with pytest.raises(InvalidTimeError, match=words.replace("+", r"\+")):
        make()  # type: ignore[operator]


def test_zones_are_found_by_name_or_offset() -> None:
    """UTC without a time zone database, and offsets as RFC 3339 writes them."""
    assert zone_of("UTC") is UTC
    assert zone_of("+05:45") == timezone(timedelta(hours=5, minutes=45))
    assert zone_of("Asia/Shanghai") == ZoneInfo("Asia/Shanghai")
