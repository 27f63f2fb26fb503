"""Reading a year's working calendar."""

from __future__ import annotations

from datetime import date

import pytest

from events_api.catalogue.calendar_files import (
    SHIPPED_CALENDAR,
    CalendarFile,
    join_calendars,
    parse_calendar,
)
from events_api.errors import CatalogueError

TEXT = """\
version: 1
year: 2026
source: Our own.
time_zone: Asia/Shanghai
night: 22:00-06:00
week:
  monday: [08:00-12:00, 14:00-18:00]
  friday: [08:30-12:00]
holidays:
  - {from: 2026-05-01, to: 2026-05-03, zh: 劳动节}
workdays:
  - {date: 2026-05-09}
  - {date: 2026-05-10, as_on: friday}
  - {date: 2026-05-11, hours: [20:00-24:00]}
"""


def calendar(text: str = TEXT) -> CalendarFile:
    """Read a calendar called `ours.yaml`."""
    return parse_calendar(text, "ours.yaml")


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 5, 4), ((480, 720), (840, 1080))),
        (date(2026, 5, 8), ((510, 720),)),
        (date(2026, 5, 1), ()),  # a holiday on a Friday
        (date(2026, 5, 9), ((480, 720), (840, 1080))),  # as on Monday
        (date(2026, 5, 10), ((510, 720),)),  # as on Friday
        (date(2026, 5, 11), ((1200, 1440),)),  # hours of its own
        (date(2026, 5, 12), ()),
    ],
)
def test_a_day_has_the_hours_that_were_written(
    day: date, hours: tuple[tuple[int, int], ...]
) -> None:
    """Weekly ones, holidays, make-up days."""
    assert join_calendars([calendar()]).hours_of(day) == hours


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("22:00-06:00", "22:00-25:00", "ours.yaml:5: night: '25:00' is no time of day"),
        ("22:00-06:00", "22-06", ":5: night: '22' is no time of day"),
        ("22:00-06:00", "late", ":5: night: 'late' is no span"),
        ("08:30-12:00", "12:00-08:30", ":8: week.friday: the hours of a day stand in order"),
        ("14:00-18:00", "11:00-18:00", ":7: week.monday: the hours of a day stand in order"),
        ("Asia/Shanghai", "Asia/Xyz", ":4: time_zone: 'Asia/Xyz' is no time zone"),
        ("Asia/Shanghai", "../etc", ":4: time_zone: '../etc' is no time zone"),
        ("year: 2026", "year: 2027", "2026-05-01 of holidays is not of the year 2027"),
        ("2026-05-03", "2026-04-03", "a holiday ends before it begins"),
        ("2026-05-10", "2026-05-09", "2026-05-09 is among the workdays twice"),
        ("monday: [08:00-12:00, 14:00-18:00]\n  friday: [08:30-12:00]", "monday: []", "week"),
        ("as_on: friday", "as_on: someday", ":13: workdays.1.as_on (date 2026-05-10)"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(old: str, new: str, words: str) -> None:
    """And nothing is taken from such a file."""
    with pytest.raises(CatalogueError) as wrong:
        calendar(TEXT.replace(old, new))
    assert words in str(wrong.value)


def test_several_years_share_their_clock() -> None:
    """One county has one time zone, and hours may differ from year to year."""
    later = TEXT.replace("2026", "2027").replace("08:30", "09:00")
    joined = join_calendars([calendar(later), calendar()])
    assert joined.hours_of(date(2026, 6, 5)) == ((510, 720),)
    assert joined.hours_of(date(2027, 6, 4)) == ((540, 720),)
    with pytest.raises(CatalogueError, match="2026 and 2027 have other time zones"):
        join_calendars([calendar(), calendar(later.replace("Shanghai", "Tokyo"))])
    with pytest.raises(CatalogueError, match="no working calendar"):
        join_calendars([])


def test_the_shipped_calendar_says_that_it_is_an_example() -> None:
    """With holidays of a cited notice: 33 days off, six days made up."""
    shipped = parse_calendar(SHIPPED_CALENDAR.read_text(encoding="utf-8"), "shipped")
    plan = shipped.plan()
    assert shipped.is_example
    assert (len(plan.holidays), len(plan.workdays)) == (33, 6)
    assert all(day.weekday() >= 5 for day in plan.workdays)
