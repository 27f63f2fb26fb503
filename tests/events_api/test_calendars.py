"""Working time, against a count of every single minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.calendars import Hours, Unit, WorkingCalendar, YearPlan

OFFICE: Hours = ((480, 720), (840, 1080))
WEEK = (OFFICE,) * 5 + ((), ())
SPRING = frozenset(date(2026, 2, day) for day in range(15, 24))
PLAN = YearPlan(WEEK, SPRING, {date(2026, 2, 14): OFFICE, date(2026, 2, 28): ((480, 720),)})
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = WorkingCalendar(SHANGHAI, (1320, 360), {2026: PLAN})
NEW_YORK = ZoneInfo("America/New_York")
DAY_AND_NIGHT: tuple[Hours, ...] = (((0, 1440),),) * 6 + (((60, 150), (150, 1440)),)
WATCH = WorkingCalendar(NEW_YORK, (0, 0), {2026: YearPlan(DAY_AND_NIGHT, frozenset(), {})})
CALENDARS = {"office in Shanghai": CHINA, "watch in New York": WATCH}
WORKING = (Unit.WORKING_HOURS, Unit.WORKING_DAYS)
MINUTE = timedelta(minutes=1)

calendars = st.sampled_from(sorted(CALENDARS)).map(lambda name: CALENDARS[name])
units = st.sampled_from(Unit)
# Around the Spring Festival and both clock changes of New York.
moments = st.one_of(
    *(
        st.datetimes(start, start + timedelta(days=16), timezones=st.just(UTC))
        for start in (datetime(2026, 2, 12), datetime(2026, 3, 1), datetime(2026, 10, 25))  # noqa: DTZ001
    )
)
amounts = st.fractions(0, 12, max_denominator=3600)


def local(text: str) -> datetime:
    """Return a moment by the clock of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-03-02T09:00", 4, Unit.WORKING_HOURS, "2026-03-02T15:00"),  # over noon
        ("2026-03-02T16:00", 4, Unit.WORKING_HOURS, "2026-03-03T10:00"),  # over night
        ("2026-03-06T16:00", 4, Unit.WORKING_HOURS, "2026-03-09T10:00"),  # over a weekend
        ("2026-03-02T16:00", 2, Unit.WORKING_HOURS, "2026-03-02T18:00"),  # to the very end
        ("2026-03-02T18:00", 2, Unit.WORKING_HOURS, "2026-03-03T10:00"),
        ("2026-03-02T00:00", 2, Unit.WORKING_HOURS, "2026-03-02T10:00"),
        ("2026-02-13T17:00", 2, Unit.WORKING_HOURS, "2026-02-14T09:00"),  # a make-up Saturday
        ("2026-02-14T17:00", 2, Unit.WORKING_HOURS, "2026-02-24T09:00"),  # the Spring Festival
        ("2026-02-27T17:00", 5, Unit.WORKING_HOURS, "2026-02-28T12:00"),  # a short day
        ("2026-03-02T16:00", 2, Unit.WORKING_DAYS, "2026-03-04T16:00"),
        ("2026-03-06T16:00", 1, Unit.WORKING_DAYS, "2026-03-09T16:00"),
        ("2026-03-06T20:00", 1, Unit.WORKING_DAYS, "2026-03-09T18:00"),  # a whole day from its eve
        ("2026-02-27T16:00", 1, Unit.WORKING_DAYS, "2026-02-28T11:00"),  # a short day is a day
        ("2026-02-14T10:00", 5, Unit.WORKING_DAYS, "2026-02-28T09:00"),
        ("2026-02-14T17:00", 2, Unit.URGENT_HOURS, "2026-02-14T19:00"),
        ("2026-02-14T23:00", 2, Unit.NATURAL_HOURS, "2026-02-15T01:00"),
        ("2026-02-14T17:00", 2, Unit.URGENT_DAYS, "2026-02-16T17:00"),
        ("2026-02-14T17:00", 15, Unit.NATURAL_DAYS, "2026-03-01T17:00"),
        ("2026-12-31T17:00", 2, Unit.WORKING_HOURS, "2027-01-01T09:00"),  # no holidays known
        ("2026-03-02T09:00", 0, Unit.WORKING_HOURS, "2026-03-02T09:00"),
    ],
)
def test_a_limit_ends_when_the_calendar_says(start: str, amount: int, unit: Unit, due: str) -> None:
    """Over noon, nights, weekends, holidays, make-up days and the end of the year."""
    assert CHINA.add(local(start), amount, unit) == local(due)


def test_only_a_year_that_was_given_has_known_holidays() -> None:
    """Another one borrows the week of its nearest."""
    assert CHINA.is_known(date(2026, 5, 1))
    assert not CHINA.is_known(date(2027, 5, 1))
    assert CHINA.hours_of(date(2025, 5, 2)) == OFFICE


@pytest.mark.parametrize(
    ("text", "night"), [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False)]
)
def test_night_begins_and_ends_by_the_wall_clock(text: str, *, night: bool) -> None:
    """Over midnight; the beginning belongs to it and the end does not."""
    assert CHINA.is_night(local(f"2026-03-02T{text}")) is night


def test_equal_times_are_no_night() -> None:
    """A calendar need not have one."""
    assert not any(WATCH.is_night(datetime(2026, 3, 2, hour, tzinfo=UTC)) for hour in range(24))


def test_an_hour_that_comes_twice_is_worked_twice_and_one_leapt_over_never() -> None:
    """A watch around the clock: 25 hours in autumn, 23 in spring, and a day is a day."""
    autumn, spring = date(2026, 11, 1), date(2026, 3, 8)
    for day, hours in ((autumn, 24), (spring, 22)):  # the Sunday's watch begins at one
        start, end = WATCH.midnight(day), WATCH.midnight(day + timedelta(days=1))
        assert WATCH.between(start, end, Unit.WORKING_HOURS) == hours
        assert WATCH.between(start, end, Unit.WORKING_DAYS) == 1
        assert WATCH.between(start, end, Unit.NATURAL_HOURS) == hours + 1


def test_hours_that_begin_in_the_gap_begin_at_the_leap() -> None:
    """At 02:30 of that morning there is no clock that shows it."""
    plan = YearPlan(((),) * 6 + (((150, 240),),), frozenset(), {})
    calendar = WorkingCalendar(NEW_YORK, (0, 0), {2026: plan})
    leap = datetime(2026, 3, 8, 7, tzinfo=UTC)
    midnight = calendar.midnight(date(2026, 3, 8))
    assert calendar.add(midnight, Fraction(1, 3600), Unit.WORKING_HOURS) == leap + timedelta(
        seconds=1
    )
    gone = YearPlan(((),) * 6 + (((125, 170),),), frozenset(), {})
    calendar = WorkingCalendar(NEW_YORK, (0, 0), {2026: gone})
    assert calendar.between(midnight, midnight + timedelta(days=1), Unit.WORKING_HOURS) == 0


def test_an_end_that_comes_twice_is_the_second_one() -> None:
    """Hours from one to half past one take an hour and a half when that hour is repeated."""
    plan = YearPlan(((),) * 6 + (((60, 90),),), frozenset(), {})
    calendar = WorkingCalendar(NEW_YORK, (0, 0), {2026: plan})
    midnight = calendar.midnight(date(2026, 11, 1))
    worked = calendar.between(midnight, midnight + timedelta(days=1), Unit.WORKING_HOURS)
    assert worked == Fraction(3, 2)


def test_time_does_not_run_backwards() -> None:
    """Nothing lies between a moment and an earlier one."""
    late, early = local("2026-03-02T10:00"), local("2026-03-02T09:00")
    assert all(CHINA.between(late, early, unit) == 0 for unit in Unit)


@given(calendars, moments, moments, moments, units)
def test_parts_add_up(
    calendar: WorkingCalendar, a: datetime, b: datetime, c: datetime, unit: Unit
) -> None:
    """What passes from first to last is what passes to the middle and from there."""
    a, b, c = sorted((a, b, c))
    parts = calendar.between(a, b, unit) + calendar.between(b, c, unit)
    assert parts == calendar.between(a, c, unit)


@given(calendars, moments, moments, amounts, amounts, units)
def test_later_and_more_never_end_sooner(
    calendar: WorkingCalendar,
    a: datetime,
    b: datetime,
    less: Fraction,
    more: Fraction,
    unit: Unit,
) -> None:
    """Monotone in the start and in the amount."""
    a, b = sorted((a, b))
    less, more = sorted((less, more))
    assert calendar.add(a, less, unit) <= calendar.add(a, more, unit)
    assert calendar.add(a, more, unit) <= calendar.add(b, more, unit)


@given(calendars, moments, amounts, units)
def test_what_was_added_lies_between(
    calendar: WorkingCalendar, start: datetime, amount: Fraction, unit: Unit
) -> None:
    """Never less; and a microsecond earlier it had not passed yet."""
    end = calendar.add(start, amount, unit)
    assert calendar.between(start, end, unit) >= amount
    if amount > 0:
        assert calendar.between(start, end - timedelta(microseconds=1), unit) < amount


@given(calendars, moments, st.integers(0, 10**10), st.integers(0, 10**10))
def test_hours_may_be_added_in_parts(
    calendar: WorkingCalendar, start: datetime, first_us: int, second_us: int
) -> None:
    """Whole microseconds lose nothing on the way."""
    first, second = Fraction(first_us, 3_600_000_000), Fraction(second_us, 3_600_000_000)
    unit = Unit.WORKING_HOURS
    halfway = calendar.add(start, first, unit)
    assert calendar.between(start, halfway, unit) == first
    assert calendar.add(halfway, second, unit) == calendar.add(start, first + second, unit)


def is_worked(calendar: WorkingCalendar, moment: datetime) -> bool:
    """Whether the minute that begins now is within the hours, by the clock on the wall."""
    clock = moment.astimezone(calendar.zone)
    minute = clock.hour * 60 + clock.minute
    return any(begins <= minute < ends for begins, ends in calendar.hours_of(clock.date()))


@given(calendars, moments, st.integers(0, 4000))
def test_hours_are_the_minutes_within_them(
    calendar: WorkingCalendar, start: datetime, minutes: int
) -> None:
    """Every minute is counted on the wall clock, over midnights and clock changes."""
    start = start.replace(second=0, microsecond=0)
    counted = sum(is_worked(calendar, start + index * MINUTE) for index in range(minutes))
    passed = calendar.between(start, start + minutes * MINUTE, Unit.WORKING_HOURS)
    assert passed == Fraction(counted, 60)


@given(calendars, st.integers(0, 300), st.integers(0, 60))
def test_working_days_are_days_with_hours(
    calendar: WorkingCalendar, first: int, length: int
) -> None:
    """From midnight to midnight each counts as one, however long it is."""
    begins = date(2026, 1, 1) + timedelta(days=first)
    days = [begins + timedelta(days=index) for index in range(length)]
    passed = calendar.between(
        calendar.midnight(begins), calendar.midnight(begins + timedelta(days=length)), WORKING[1]
    )
    assert passed == sum(bool(calendar.hours_of(day)) for day in days)


def test_midnight_is_the_wall_clocks() -> None:
    """A day begins where it hangs."""
    assert CHINA.midnight(date(2026, 3, 2)) == datetime.combine(
        date(2026, 3, 2), time(), tzinfo=SHANGHAI
    )
    assert CHINA.local_date(datetime(2026, 3, 1, 16, tzinfo=UTC)) == date(2026, 3, 2)
