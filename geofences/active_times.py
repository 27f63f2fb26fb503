"""When a zone is active: always, between dates, or at hours of the week that clocks or the sun set.

Everything is worked out as spans of absolute time that include their start and not their end, so
"active at some moment between" is answered exactly, however short the activity is.

Where local clocks are changed, a zone is never active for less than its words say: an hour that
comes twice counts from its first start to its second end, and a time that is left out stands for
the moment of the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geofences.daylight import DaylightEvent, comes_before, event_time
from geofences.errors import InvalidTimeError
from geofences.geodesy import LonLat

Span = tuple[datetime, datetime]

_ONE_DAY = timedelta(days=1)
# A day's hours may end two days on, and its sun may be a day off the clock's.
_DAYS_BEFORE, _DAYS_AFTER = 4, 2
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_FOR_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Weekday(StrEnum):
    """Days of the week in their order, by the names of ED-269 and ED-318."""

    MONDAY = "MON"
    TUESDAY = "TUE"
    WEDNESDAY = "WED"
    THURSDAY = "THU"
    FRIDAY = "FRI"
    SATURDAY = "SAT"
    SUNDAY = "SUN"


EVERY_DAY = frozenset(Weekday)
_WEEK = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The same hours on certain days of the week.

    Attributes:
        days: on which they start.
        start: a time of the local clock (without a zone of its own), or what the sun does.
        end: likewise; at or before the start it means the next day, so 00:00 is also 24:00.
        time_zone: whose clock: an IANA name such as Asia/Shanghai, "UTC", or "+08:00".

    Raises:
        InvalidTimeError: there is no day, the zone is not known, or a time has one of its own.
    """

    days: frozenset[Weekday]
    start: time | DaylightEvent
    end: time | DaylightEvent
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.days:
            raise InvalidTimeError("Weekly hours without days are never; name the days.")
        zone_of(self.time_zone)
        for moment in (self.start, self.end):
            if isinstance(moment, time) and moment.tzinfo is not None:
                raise InvalidTimeError(
                    f"The time {moment} of weekly hours has a zone of its own; give it apart."
                )

    def span(self, day: date, place: LonLat) -> Span | None:
        """The absolute time of the hours that start on a date, if it is one of their days.

        Args:
            day: a date of the zone's calendar.
            place: where the sun is looked at.

        Returns:
            Start and end in UTC, or None if there is no such time on that date.
        """
        if _WEEK[day.weekday()] not in self.days:
            return None
        start = self._moment(self.start, day, place, late=False)
        end = self._end(day, place, start)
        return (start, end) if start < end else None

    def _end(self, day: date, place: LonLat, start: datetime) -> datetime:
        if isinstance(self.start, time) and isinstance(self.end, time):
            over_midnight = self.end <= self.start
        elif isinstance(self.start, DaylightEvent) and isinstance(self.end, DaylightEvent):
            over_midnight = not comes_before(self.start, self.end)
        else:  # the sun against a clock: whichever day makes it later
            ends = (self._moment(self.end, day + k * _ONE_DAY, place, late=True) for k in range(3))
            return next((end for end in ends if end > start), start)
        return self._moment(self.end, day + over_midnight * _ONE_DAY, place, late=True)

    def _moment(
        self, moment: time | DaylightEvent, day: date, place: LonLat, *, late: bool
    ) -> datetime:
        if isinstance(moment, DaylightEvent):
            return event_time(moment, place, day)
        return _clock_time(datetime.combine(day, moment), zone_of(self.time_zone), late=late)


@dataclass(frozen=True, slots=True)
class ActivePeriod:
    """A stretch of time, all of it or at certain hours of it.

    Attributes:
        start: its first moment, with a zone; None if it has been for ever.
        end: the moment after its last; None if it has no end.
        hours: when in it; empty for all of it.

    Raises:
        InvalidTimeError: a moment has no zone, or the end is not after the start.
    """

    start: datetime | None = None
    end: datetime | None = None
    hours: tuple[WeeklyHours, ...] = ()

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment is not None:
                refuse_naive(moment)
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise InvalidTimeError(
                f"The period ends at {self.end.isoformat()}, which is not after its start at "
                f"{self.start.isoformat()}; correct one of them."
            )

    def spans(self, start: datetime, end: datetime, place: LonLat) -> Iterator[Span]:
        """Its active spans that may touch a time, in no order; they may overlap.

        Before 1900 and after 2200 nobody knows the clocks, and all hours count as active.
        """
        if not self.hours or start < _FIRST or end > _LAST:
            yield self._cut(_FOR_EVER)
            return
        low, high = self._cut((start, end))
        day = low.astimezone(UTC).date() - _DAYS_BEFORE * _ONE_DAY
        last = high.astimezone(UTC).date() + _DAYS_AFTER * _ONE_DAY
        while day <= last:
            found = (hours.span(day, place) for hours in self.hours)
            whole = (self._cut(span) for span in found if span is not None)
            yield from (span for span in whole if span[0] < span[1])
            day += _ONE_DAY

    def _cut(self, span: Span) -> Span:
        start = span[0] if self.start is None else max(span[0], self.start)
        return start, span[1] if self.end is None else min(span[1], self.end)


@dataclass(frozen=True, slots=True)
class ActiveTimes:
    """Periods of which at least one must hold; without any it is always."""

    periods: tuple[ActivePeriod, ...] = ()

    @property
    def always(self) -> bool:
        """Whether there is nothing to wait for."""
        return not self.periods

    def between(self, start: datetime, end: datetime, place: LonLat) -> bool:
        """Whether any moment from start to end, both included, is active.

        Args:
            start: with a zone.
            end: with a zone, not before the start.
            place: where the sun is looked at.

        Returns:
            The exact answer.

        Raises:
            InvalidTimeError: a moment has no zone, or they are the wrong way round.
        """
        _refuse_backward(start, end)
        return self.always or any(
            span_start <= end and start < span_end
            for span_start, span_end in self._spans(start, end, place)
        )

    def throughout(self, start: datetime, end: datetime, place: LonLat) -> bool:
        """Whether every moment from start to end, both included, is active.

        Args:
            start: with a zone.
            end: with a zone, not before the start.
            place: where the sun is looked at.

        Returns:
            The exact answer.

        Raises:
            InvalidTimeError: a moment has no zone, or they are the wrong way round.
        """
        _refuse_backward(start, end)
        reached = start
        for span_start, span_end in sorted(self._spans(start, end, place)):
            if span_start > reached:
                break
            reached = max(reached, span_end)
        return self.always or reached > end

    def _spans(self, start: datetime, end: datetime, place: LonLat) -> Iterator[Span]:
        return (span for period in self.periods for span in period.spans(start, end, place))


ALWAYS = ActiveTimes()


def refuse_naive(moment: datetime) -> None:
    """Nothing, unless a moment does not say its time zone.

    Raises:
        InvalidTimeError: it does not.
    """
    if moment.utcoffset() is None:
        raise InvalidTimeError(
            f"The time {moment.isoformat()} has no time zone; add Z for UTC or an offset such as "
            "+08:00."
        )


def _refuse_backward(start: datetime, end: datetime) -> None:
    refuse_naive(start)
    refuse_naive(end)
    if end < start:
        raise InvalidTimeError(
            f"{end.isoformat()} is before {start.isoformat()}; give the earlier time first."
        )


def zone_of(name: str) -> tzinfo:
    """The time zone of a name.

    Args:
        name: an IANA name, "UTC", or an offset such as "+08:00".

    Raises:
        InvalidTimeError: there is none.
    """
    if name == "UTC":
        return UTC
    try:
        if name[:1] in {"+", "-"}:
            offset = time.fromisoformat("00:00" + name).utcoffset()
            return timezone(offset) if offset is not None else UTC
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise InvalidTimeError(
            f"The time zone {name!r} is not known; use a name such as Asia/Shanghai, UTC, or an "
            "offset such as +08:00."
        ) from None


def _clock_time(local: datetime, zone: tzinfo, *, late: bool) -> datetime:
    """The moment when clocks show a time; the late one of two, the change for a time left out."""
    moment = local.replace(tzinfo=zone, fold=int(late)).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # PEP 495: in a gap the offset before the change points after it, and the one after, before.
    after = int(local.replace(tzinfo=zone, fold=0).timestamp())
    before = int(local.replace(tzinfo=zone, fold=1).timestamp())
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)
