"""Rules are judged in their hours, by the clocks of the place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.rules.judging import GARBAGE, MATTER, NAMES, Pass, rule
from vision.rules.hours import is_within
from vision.rules.judge import Judge
from vision.rules.schema import rule_faults
from vision.rules.setting import Setting
from vision.rules.zones import ZoneMap

SHANGHAI = "Asia/Shanghai"
MIDNIGHT = datetime(2026, 7, 1, 16, tzinfo=UTC)  # in Shanghai


@pytest.mark.parametrize(
    ("hours", "at_h", "holds"),
    [
        ((), 3.0, True),
        (("08:00-18:00",), 8.0, True),
        (("08:00-18:00",), 7.99, False),
        (("08:00-18:00",), 18.0, False),
        (("22:00-06:00",), 23.0, True),
        (("22:00-06:00",), 5.99, True),
        (("22:00-06:00",), 6.0, False),
        (("07:00-09:00", "17:00-19:00"), 18.0, True),
        (("07:00-09:00", "17:00-19:00"), 12.0, False),
        (("00:00-24:00",), 23.99, True),
    ],
)
def test_a_moment_lies_in_its_hours(hours: tuple[str, ...], at_h: float, holds: bool) -> None:
    """From included, to not; over midnight; several spans; none means always."""
    assert is_within(hours, SHANGHAI, MIDNIGHT + timedelta(hours=at_h)) is holds


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_span_and_its_reverse_share_the_day(start_min: int, end_min: int, now_min: int) -> None:
    """Every minute lies in exactly one of them, unless they are the whole day."""
    names = [f"{m // 60:02d}:{m % 60:02d}" for m in (start_min, end_min)]
    moment = MIDNIGHT + timedelta(minutes=now_min)
    here, there = (
        is_within(["-".join(each)], SHANGHAI, moment) for each in (names, reversed(names))
    )
    assert (here is not there) or start_min == end_min


def test_a_rule_is_silent_outside_its_hours() -> None:
    """And tells when they begin."""
    watch = Pass((rule("presence", ["garbage"], hours=["00:00-01:00"]),))
    setting = Setting(
        NAMES, (0.3,) * 4, ZoneMap([]), passing=False, start_utc=MIDNIGHT - timedelta(seconds=10)
    )
    watch.judge = Judge(watch.rules, setting)
    watch.see_for(30, (1, 0, 0, GARBAGE))
    (finding,) = watch.found
    assert finding.time_s == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"hours": ["8-18"]}, "hours.0: '8-18' is no span of hours"),
        ({"hours": ["25:00-26:00"]}, "hours.0: '25:00-26:00' is no span of hours"),
        ({"hours": ["08:00-08:00"]}, "hours: '08:00-08:00' ends as it begins; write 00:00-24:00"),
        ({"hours": ["07:00-09:00", "00:00-00:00"]}, "hours: '00:00-00:00' ends as it begins"),
        ({"time_zone": "Asia/Nowhere"}, "time_zone: 'Asia/Nowhere' is no time zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone: '../etc/passwd' is no time zone"),
    ],
)
def test_wrong_hours_are_refused(keys: dict[str, object], says: str) -> None:
    """By the key."""
    content = {"id": "r", "kind": "presence", "matter": MATTER, "classes": ["garbage"], **keys}
    (fault,) = rule_faults({"version": 1, "rules": [content]})
    assert says in fault
