"""Parameters and pages of OGC API - Features."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events_api.errors import BadRequestError
from events_api.interchange.ogc import Interval, parse_bbox, parse_interval

EIGHT = datetime(2026, 7, 1, 8, tzinfo=UTC)
NINE = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        (None, Interval()),
        ("2026-07-01T08:00:00Z", Interval(EIGHT, EIGHT)),
        ("2026-07-01T16:00:00+08:00/..", Interval(EIGHT)),
        ("../2026-07-01T09:00:00Z", Interval(None, NINE)),
        ("/2026-07-01T09:00:00Z", Interval(None, NINE)),
        ("2026-07-01T08:00:00Z/2026-07-01T09:00:00Z", Interval(EIGHT, NINE)),
        ("../..", Interval()),
    ],
)
def test_times_and_intervals_are_read(text: str | None, interval: Interval) -> None:
    """With open ends, in either way of writing them."""
    assert parse_interval(text) == interval


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-07-01T08:00:00",
        "2026-07-01T09:00:00Z/2026-07-01T08:00:00Z",
        "a/b/c",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """As a bad request, which is what the standard asks for."""
    with pytest.raises(BadRequestError, match="datetime="):
        parse_interval(text)


def test_an_interval_holds_its_ends() -> None:
    """And everything where it has none."""
    assert Interval(EIGHT, NINE).holds(NINE)
    assert not Interval(NINE).holds(EIGHT)
    assert Interval().holds(EIGHT)


def test_a_box_may_have_heights() -> None:
    """Six numbers are a box, too; the heights do not count."""
    assert parse_bbox("115,33,116,34") == (115, 33, 116, 34)
    assert parse_bbox("115,33,-10,116,34,99") == (115, 33, 116, 34)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,four", "170,0,-170,1", "0,0,nan,1"])
def test_what_is_no_box_is_refused(text: str) -> None:
    """Also one across the antimeridian, far from any county of ours."""
    with pytest.raises(BadRequestError, match="bbox="):
        parse_bbox(text)
