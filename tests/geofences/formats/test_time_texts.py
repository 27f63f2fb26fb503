"""Tests of `geofences.formats.time_texts`."""

from __future__ import annotations

from contextlib import suppress
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.active_times import ALWAYS, ActiveTimes
from geofences.errors import GroundError, InvalidTimeError
from geofences.formats.time_texts import text_of_times, times_from_text
from tests.geofences.zone_examples import TIMES


@given(times=TIMES)
def test_times_come_back_as_written(times: ActiveTimes) -> None:
    """Every period, day, clock and event of the sun."""
    assert times == times_from_text(text_of_times(times))


def test_an_empty_text_is_always() -> None:
    """So that files without the field, or with nothing in it, mean what they always did."""
    assert text_of_times(ALWAYS) == ""
    assert times_from_text(" ") == ALWAYS
    assert times_from_text("[]") == ALWAYS


def test_a_day_may_end_at_24() -> None:
    """As people write it."""
    text = '[{"hours": [{"days": ["MON"], "start": "20:00", "end": "24:00"}]}]'
    assert times_from_text(text).periods[0].hours[0].end == time(0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("always", "the text: Invalid JSON"),
        ('[{"start": "2026-05-01T00:00:00"}]', "0.start: .*timezone"),
        ('[{"hours": [{"days": ["MON"], "start": "8 o\'clock", "end": "SS"}]}]', "no time of day"),
        ('[{"hours": [{"days": ["MON"], "start": "24:00", "end": "SS"}]}]', "no time of day"),
        ('[{"hours": [{"days": ["Monday"], "start": "08:00", "end": "SS"}]}]', "0.hours.0.days.0"),
        ('[{"hours": [{"days": [], "start": "08:00", "end": "SS"}]}]', "without days"),
        ('[{"from": "2026-05-01T00:00:00Z"}]', "0.from: Extra inputs"),
    ],
)
def test_texts_that_say_no_times_are_refused(text: str, words: str) -> None:
    """The message names the place in the text."""
    with pytest.raises(InvalidTimeError, match=words):
        times_from_text(text)


@given(text=st.text() | st.recursive(st.none() | st.text(), st.lists).map(str))
def test_garbage_gives_typed_errors(text: str) -> None:
    """Nothing but times or a typed error comes of any text."""
    with suppress(GroundError):
        assert isinstance(times_from_text(text), ActiveTimes)
