"""Reads working calendars: one YAML file for each year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from events_api.calendars import MINUTES_PER_DAY, Hours, WorkingCalendar, YearPlan
from events_api.catalogue.rule_files import read_form
from events_api.errors import CatalogueError
from events_api.schemas import Wire

SHIPPED_CALENDAR = Path(__file__).with_name("calendar_example_2026.yaml")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isdecimal()):
        raise ValueError(f"{text!r} is no time of day; write hours and minutes, as in 08:30")
    minutes = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or minutes > MINUTES_PER_DAY:
        raise ValueError(f"{text!r} is no time of day; the last one is 24:00")
    return minutes


def _span(text: object) -> object:
    if not isinstance(text, str):
        return text
    begins, dash, ends = text.replace(" ", "").replace("–", "-").partition("-")
    if not dash:
        raise ValueError(f"{text!r} is no span; write two times, as in 08:00-12:00")
    return _minutes(begins), _minutes(ends)


def _ascending(hours: Hours) -> Hours:
    flat = [minute for span in hours for minute in span]
    if any(begins >= ends for begins, ends in hours) or flat != sorted(flat):
        raise ValueError(
            "the hours of a day stand in order and do not overlap; hours over midnight are "
            "written as two spans, 20:00-24:00 and, on the next day, 00:00-06:00"
        )
    return hours


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one such as Asia/Shanghai") from None
    return name


Text = Annotated[str, Field(max_length=500)]
Minute = Annotated[int, Field(ge=0, le=MINUTES_PER_DAY)]
WrittenSpan = Annotated[tuple[Minute, Minute], BeforeValidator(_span)]
WrittenHours = Annotated[tuple[WrittenSpan, ...], AfterValidator(_ascending)]


class Week(Wire):
    """The working hours of each day of the week, such as `[08:00-12:00, 14:00-18:00]`."""

    monday: WrittenHours = ()
    tuesday: WrittenHours = ()
    wednesday: WrittenHours = ()
    thursday: WrittenHours = ()
    friday: WrittenHours = ()
    saturday: WrittenHours = ()
    sunday: WrittenHours = ()

    @model_validator(mode="after")
    def _has_hours(self) -> Week:
        # A limit in working hours would otherwise never pass.
        if not any(getattr(self, day) for day in WEEKDAYS):
            raise ValueError("a week has working hours on some day")
        return self


class Holiday(Wire):
    """Days without work, the last one included; one day where `to` is absent."""

    from_: Annotated[date, Field(alias="from")]
    to: date | None = None
    zh: Text = ""
    en: Text = ""

    def days(self) -> Iterator[date]:
        """Give its days."""
        last = self.to or self.from_
        for index in range((last - self.from_).days + 1):
            yield self.from_ + timedelta(days=index)


class Workday(Wire):
    """A day with other hours than its weekday: a make-up workday, or a short day."""

    date: date
    hours: WrittenHours | None = None
    as_on: Literal["monday", "tuesday", "wednesday", "thursday", "friday"] = "monday"
    zh: Text = ""
    en: Text = ""


class CalendarFile(Wire):
    """The working calendar of one year, as it is written and served."""

    version: Literal[1]
    year: Annotated[int, Field(ge=2000, le=2200)]
    zh: Text = ""
    en: Text = ""
    source: Annotated[str, Field(min_length=1, max_length=2000)]
    is_example: bool = False
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    night: WrittenSpan
    week: Week
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[Workday, ...] = ()

    @model_validator(mode="after")
    def _days_are_of_the_year(self) -> CalendarFile:
        seen: set[date] = set()
        for day in (day for holiday in self.holidays for day in holiday.days()):
            self._check_day(day, seen, "holidays")
        seen.clear()
        for workday in self.workdays:
            self._check_day(workday.date, seen, "workdays")
        if any(holiday.to and holiday.to < holiday.from_ for holiday in self.holidays):
            raise ValueError("a holiday ends before it begins")
        return self

    def _check_day(self, day: date, seen: set[date], where: str) -> None:
        if day.year != self.year:
            raise ValueError(f"{day} of {where} is not of the year {self.year}")
        if day in seen:
            raise ValueError(f"{day} is among the {where} twice")
        seen.add(day)

    def plan(self) -> YearPlan:
        """Return what the file says of its year."""
        return YearPlan(
            week=tuple(getattr(self.week, day) for day in WEEKDAYS),
            holidays=frozenset(day for holiday in self.holidays for day in holiday.days()),
            workdays={
                each.date: getattr(self.week, each.as_on) if each.hours is None else each.hours
                for each in self.workdays
            },
        )


def parse_calendar(text: str, name: str) -> CalendarFile:
    """Read the calendar of one year from the text of a YAML file called `name`.

    Raises:
        CatalogueError: The text breaks the form; file, line and key are named.
    """
    return read_form(text, name, CalendarFile)


def join_calendars(files: Iterable[CalendarFile]) -> WorkingCalendar:
    """Join the calendars of several years, which share their time zone and their night.

    Raises:
        CatalogueError: They do not, or there is none.
    """
    ordered = sorted(files, key=lambda file: file.year)
    if not ordered:
        raise CatalogueError("There is no working calendar; import one with `patrol calendar`.")
    newest = ordered[-1]
    for file in ordered:
        # One county has one clock: a second one is a slip of the pen.
        if (file.time_zone, file.night) != (newest.time_zone, newest.night):
            raise CatalogueError(
                f"The calendars of {file.year} and {newest.year} have other time zones or nights; "
                "give both the same."
            )
    plans = {file.year: file.plan() for file in ordered}
    return WorkingCalendar(ZoneInfo(newest.time_zone), newest.night, plans)
