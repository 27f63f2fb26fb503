"""Zones of every sort for the tests of what stores and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, time

from hypothesis import strategies as st

from geofences.active_times import ActivePeriod, ActiveTimes, Weekday, WeeklyHours
from geofences.daylight import DaylightEvent
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneKind
from tests.geofences.shapes import box

HEIGHTS = st.none() | st.builds(
    Height, st.integers(-400, 9000).map(float), st.sampled_from(HeightReference)
)
CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
HOURS = st.builds(
    WeeklyHours,
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    CLOCKS | st.sampled_from(DaylightEvent),
    CLOCKS | st.sampled_from(DaylightEvent),
    st.sampled_from(("UTC", "Asia/Shanghai", "Europe/Berlin", "+05:45")),
)
SINCE = st.none() | st.datetimes(datetime(1950, 1, 1), datetime(2020, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
UNTIL = st.none() | st.datetimes(datetime(2020, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PERIODS = st.builds(ActivePeriod, SINCE, UNTIL, st.lists(HOURS, max_size=2).map(tuple))
TIMES = st.builds(ActiveTimes, st.lists(PERIODS, max_size=2).map(tuple))
KINDS = st.sampled_from([kind for kind in ZoneKind if kind is not ZoneKind.CEILING])

SCHOOL = Zone(
    "school",
    ZoneKind.NO_FLY,
    box(100, 100, 160, 150),
    "School yard",
    "学校操场",
    lower=Height(0.0, HeightReference.GROUND),
    upper=Height(120.0, HeightReference.SEA_LEVEL),
    times=ActiveTimes(
        (
            ActivePeriod(
                datetime(2026, 9, 1, tzinfo=UTC),
                datetime(2027, 7, 1, tzinfo=UTC),
                (
                    WeeklyHours(
                        frozenset({Weekday.MONDAY, Weekday.FRIDAY}),
                        time(7, 30),
                        DaylightEvent.SUNSET,
                        "Asia/Shanghai",
                    ),
                ),
            ),
        )
    ),
)
