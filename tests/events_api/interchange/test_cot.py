"""Cursor-on-Target: types, times, and the error of a place."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from events_api.catalogue.catalogue_files import SHIPPED_CATALOGUE, parse_catalogue
from events_api.interchange.cot import sigma_m, write_cot
from events_api.interchange.rows import matters_by_key
from events_api.schemas import EventSummary, VehicleNow
from tests.events_api.factories import away, report_id

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
MATTERS = matters_by_key(parse_catalogue(SHIPPED_CATALOGUE.read_text("utf-8"), "shipped"))


def event(**changes: Any) -> EventSummary:
    """Return an open fire, with some fields changed."""
    values: dict[str, Any] = {
        **dict.fromkeys(EventSummary.model_fields),
        "event_id": report_id(1),
        "number": 7,
        "version": 1,
        "matter": {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-FIRE"},
        "class_name": "fire",
        "status": "handling",
        "status_since": AT,
        "level": "village",
        "score": 0.8,
        "position": away(10.0),
        "why": "flames",
        "source": "falcon",
        "observation_count": 1,
        "first_observed_at": AT,
        "last_observed_at": AT,
    }
    return EventSummary.model_validate({**values, **changes})


def read(*events: EventSummary, aircraft: tuple[VehicleNow, ...] = ()) -> Any:
    """Write events and read the document."""
    return etree.fromstring(
        write_cot([each.model_dump() for each in events], aircraft, MATTERS, AT)
    )


def test_an_event_says_what_where_and_how_sure() -> None:
    """A hazard has a type of its own; unknown heights are said to be unknown."""
    (made,) = read(event(ce50_m=2.0, ce90_m=4.29193))
    assert (made.get("version"), made.get("type"), made.get("how")) == ("2.0", "a-u-X-i", "m-f")
    assert made.get("uid") == f"gridpatrol.{report_id(1)}"
    assert made.get("time") == "2026-07-01T08:00:00.000Z"
    point = made.find("point")
    assert (point.get("ce"), point.get("le"), point.get("hae")) == (
        "2.00",
        "9999999.0",
        "9999999.0",
    )
    assert "明火" in made.find("detail/contact").get("callsign")


def test_an_unknown_error_is_said_to_be_unknown() -> None:
    """And not nought."""
    (made,) = read(event())
    assert made.find("point").get("ce") == "9999999.0"


def test_what_is_closed_is_stale_at_once() -> None:
    """So that it leaves the maps it was on; what is open stays for some minutes."""
    closed, is_open = read(event(status="closed"), event())
    assert closed.get("stale") == closed.get("time")
    assert is_open.get("stale") > is_open.get("time")


def test_an_event_without_a_position_is_left_out() -> None:
    """Cursor-on-Target has no place for it."""
    assert len(read(event(position=None), event())) == 1


def test_an_aircraft_is_a_friendly_one() -> None:
    """With its course; it is stale a minute after it was heard of."""
    vehicle = VehicleNow.model_validate(
        {
            "name": "falcon",
            "position": away(1.0),
            "observed_at": AT,
            "heading_deg": 90.0,
            "speed_mps": 8.0,
        }
    )
    (made,) = read(aircraft=(vehicle,))
    assert made.get("type").startswith("a-f-A-C")
    assert dict(made.find("detail/track").attrib) == {"course": "90.0", "speed": "8.0"}
    assert made.get("stale") == "2026-07-01T08:01:00.000Z"


@example("\ufffe\uffff\x1b")
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_no_words_break_a_document(why: str) -> None:
    """Neither markup nor signs that XML does not have."""
    assert len(read(event(why=why))) == 1


@pytest.mark.parametrize(("share", "key"), [(0.5, "ce50_m"), (0.9, "ce90_m")])
def test_one_sigma_follows_from_the_error(share: float, key: str) -> None:
    """By Rayleigh's law: the share of a circular normal error within a radius."""
    radius_m = math.sqrt(-2.0 * math.log(1.0 - share))
    errors = {"ce50_m": None, "ce90_m": None, key: 3.0 * radius_m}
    assert sigma_m(**errors) == pytest.approx(3.0)
