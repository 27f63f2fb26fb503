"""Time as offices count it: working hours and days, over holidays, midnights and clock changes.

Every unit is a measure of time that grows while it counts and stands still while it does not.
`between` is how much of a unit lies between two moments, `add` the earliest moment by which an
amount of it has passed. All of it is exact: amounts are fractions, moments are whole microseconds.

A working day counts as one however long its hours are, in proportion to how much of them has
passed, so that a limit of two days ends at the same place of the day it began at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 1440
MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)

Hours = tuple[tuple[int, int], ...]
"""Spans of a day in minutes of the wall clock since midnight, ascending; 1440 is its end."""

Span = tuple[datetime, datetime]
"""Two moments in UTC."""


class Unit(StrEnum):
    """What a limit is counted in; urgent ones run day and night, as natural ones do."""

    NATURAL_HOURS = "natural_hours"
    NATURAL_DAYS = "natural_days"
    URGENT_HOURS = "urgent_hours"
    URGENT_DAYS = "urgent_days"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


CONTINUOUS: Mapping[Unit, timedelta] = {
    Unit.NATURAL_HOURS: timedelta(hours=1),
    Unit.NATURAL_DAYS: ONE_DAY,
    Unit.URGENT_HOURS: timedelta(hours=1),
    Unit.URGENT_DAYS: ONE_DAY,
}
"""How long one of the units that never stand still is."""


@dataclass(frozen=True, slots=True)
class YearPlan:
    """When there is work in one year.

    Attributes:
        week: Working hours of Monday to Sunday.
        holidays: Days without work, whatever day of the week.
        workdays: Days with other hours than their day of the week, such as make-up workdays;
            they stand above holidays.
    """

    week: tuple[Hours, ...]
    holidays: frozenset[date]
    workdays: Mapping[date, Hours]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working hours of several years in one time zone.

    Attributes:
        zone: Where the wall clock of the hours hangs.
        night: From when to when it is night, in minutes since midnight; equal when it never is.
        years: The plan of each known year, at least one. Another year has the weekly hours of the
            nearest known one before it, else after it, and no holidays.
    """

    zone: ZoneInfo
    night: tuple[int, int]
    years: Mapping[int, YearPlan]

    def hours_of(self, day: date) -> Hours:
        """Return the working hours of a day by the wall clock."""
        plan = self.years.get(day.year)
        if plan is None:
            return self._nearest(day.year).week[day.weekday()]
        if day in plan.workdays:
            return plan.workdays[day]
        return () if day in plan.holidays else plan.week[day.weekday()]

    def is_known(self, day: date) -> bool:
        """Return whether the holidays of the day's year are known."""
        return day.year in self.years

    def local_date(self, moment: datetime) -> date:
        """Return the day that a moment falls on here."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Return the moment at which a day begins here, in UTC."""
        return _instant(self.zone, day, 0, is_end=False)

    def is_night(self, moment: datetime) -> bool:
        """Return whether it is night here, by the calendar's night hours."""
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        begins, ends = self.night
        if begins <= ends:
            return begins <= minute < ends
        return minute >= begins or minute < ends

    def between(self, start: datetime, end: datetime, unit: Unit) -> Fraction:
        """Return how much of a unit passes from `start` to `end`, not below zero."""
        if end <= start:
            return Fraction(0)
        if unit in CONTINUOUS:
            return _ratio(end - start, CONTINUOUS[unit])
        total = Fraction(0)
        for spans in self._days_from(start):
            if spans and spans[0][0] >= end:
                break
            worked = sum((_overlap(span, start, end) for span in spans), timedelta())
            total += _ratio(worked, _size(spans, unit)) if worked else 0
            if spans and spans[-1][1] >= end:
                break
        return total

    def add(self, start: datetime, amount: Fraction | float, unit: Unit) -> datetime:
        """Return the earliest moment, from `start` on, by which `amount` of a unit has passed.

        Rounded up to the microsecond, so that never less than the amount has passed.

        Raises:
            OverflowError: The moment lies beyond the calendar's end, the year 9999.
        """
        left = Fraction(amount)
        start = start.astimezone(UTC)
        if left <= 0:
            return start
        if unit in CONTINUOUS:
            return start + _lasting(left * _ratio(CONTINUOUS[unit], MICROSECOND))
        for spans in self._days_from(start):
            size = _size(spans, unit)
            for span in spans:
                begins = max(start, span[0])
                worked = span[1] - begins
                if worked <= timedelta():
                    continue
                share = _ratio(worked, size)
                if share >= left:
                    return begins + _lasting(left * _ratio(size, MICROSECOND))
                left -= share
        raise OverflowError("The calendar ends before the amount has passed.")

    def _days_from(self, start: datetime) -> Iterator[tuple[Span, ...]]:
        # From the day before: at an offset change its last hours may reach over midnight.
        day = self.local_date(start) - ONE_DAY
        while day < date.max:
            yield self._spans(day)
            day += ONE_DAY

    def _spans(self, day: date) -> tuple[Span, ...]:
        spans: list[Span] = []
        for begin_minute, end_minute in self.hours_of(day):
            begins = _instant(self.zone, day, begin_minute, is_end=False)
            ends = _instant(self.zone, day, end_minute, is_end=True)
            # An hour that comes twice in autumn is worked twice, but belongs to one span only.
            begins = max(begins, spans[-1][1]) if spans else begins
            if begins < ends:  # hours that the clock leaps over in spring are not worked
                spans.append((begins, ends))
        return tuple(spans)

    def _nearest(self, year: int) -> YearPlan:
        before = [known for known in self.years if known < year]
        return self.years[max(before) if before else min(self.years)]


def _instant(zone: ZoneInfo, day: date, minute: int, *, is_end: bool) -> datetime:
    """Return when the wall clock shows a minute of a day; what comes twice is taken widest."""
    if minute == MINUTES_PER_DAY:
        day, minute = day + ONE_DAY, 0
        # The end of a day is the beginning of the next one, whatever the clock does there.
        is_end = False
    local = datetime.combine(day, time(minute // 60, minute % 60))
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if is_end else first
    # The clock leaps over this minute: it is the moment of the leap, the first whose offset is new.
    return _leap(zone, second, first)


def _leap(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = before.astimezone(zone).utcoffset()
    while after - before > MICROSECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _size(spans: tuple[Span, ...], unit: Unit) -> timedelta:
    """Return how long one unit is on a day with these working hours."""
    if unit is Unit.WORKING_DAYS:
        return sum((ends - begins for begins, ends in spans), timedelta())
    return timedelta(hours=1)


def _overlap(span: Span, start: datetime, end: datetime) -> timedelta:
    return max(timedelta(), min(span[1], end) - max(span[0], start))


def _ratio(part: timedelta, whole: timedelta) -> Fraction:
    return Fraction(part // MICROSECOND, whole // MICROSECOND)


def _lasting(microseconds: Fraction) -> timedelta:
    return timedelta(microseconds=ceil(microseconds))
