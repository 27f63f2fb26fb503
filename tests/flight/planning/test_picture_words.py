"""The picture's words: in both languages where they can be drawn, in English elsewhere."""

from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from flight.planning.picture_words import Words, duration, label
from flight.planning.planner import plan_patrol
from geofences.zones import ZoneKind
from tests.flight.planning.scenes import county, request, zone

BOTH, ENGLISH = Words(chinese=True), Words(chinese=False)
HEADINGS = ("time", "distance", "lanes", "coverage", "together", "lane", "fence", "dock")


@pytest.mark.parametrize("kind", ZoneKind)
def test_every_kind_of_zone_has_its_words(kind: ZoneKind) -> None:
    """A county may have any of them in its legend."""
    chinese, english = BOTH(str(kind)).split("  ")
    assert english == ENGLISH(str(kind))
    assert label(chinese, chinese=False) == ""


@pytest.mark.parametrize("key", HEADINGS)
def test_english_stands_behind_chinese(key: str) -> None:
    """And alone where boxes would stand instead."""
    assert BOTH(key).endswith(f"  {ENGLISH(key)}")
    assert ENGLISH(key).isascii()


def test_units_stand_in_one_language() -> None:
    """They follow a number."""
    assert (BOTH("cells_unit"), ENGLISH("cells_unit")) == ("个网格", "cells")


@given(st.text())
def test_a_label_without_chinese_holds_nothing_that_needs_its_font(text: str) -> None:
    """What is left stands in its order, and what could be drawn is left."""
    shown = label(text, chinese=False)
    assert all(ord(letter) < 0x2E80 for letter in shown)
    assert shown in text or len(shown) < len(text)
    assert label(text, chinese=True) == text


@given(st.floats(0.0, 1e5))
def test_a_duration_is_its_minutes_and_seconds(seconds: float) -> None:
    """To the nearest second, and never with 60 of them."""
    minutes, rest = (int(word) for word in duration(seconds).split()[::2])
    assert rest < 60
    assert abs(60 * minutes + rest - seconds) <= 0.5


def test_the_subtitle_has_the_county_and_the_plans_number() -> None:
    """A picture on the wall is found again among plans."""
    ground = county()
    plan = plan_patrol(ground, request(ground, 1))
    for words in (BOTH, ENGLISH):
        assert plan.plan_id in words.subtitle("示例县 Sample", plan)
        assert "Sample" in words.subtitle("示例县 Sample", plan)
    assert "示例县" not in ENGLISH.subtitle("示例县 Sample", plan)


def test_titles_are_in_both_languages_where_they_can_be_drawn() -> None:
    """Without a Chinese font there are no empty boxes."""
    assert BOTH.title("东街 East") == "无人机巡查方案  Patrol plan: 东街 East"
    assert ENGLISH.title("东街 East") == "Patrol plan: East"


def test_a_zone_has_its_name_in_what_can_be_drawn() -> None:
    """In English alone where there is no Chinese name."""
    square = zone(shapely.box(0.0, 0.0, 10.0, 10.0))
    assert ENGLISH.zone(square) == "Power station"
    assert BOTH.zone(square) == "电站 Power station"
    assert BOTH.zone(replace(square, name_zh="")) == "Power station"


def test_labels_lose_only_what_cannot_be_drawn() -> None:
    """Latin names stay as they are."""
    assert label("柳桥001网格 Liuqiao 001", chinese=False) == "001 Liuqiao 001"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 min 00 s"), (59.6, "1 min 00 s"), (312.2, "5 min 12 s")]
)
def test_times_are_read_in_minutes(seconds: float, text: str) -> None:
    """Seconds are rounded before they are split."""
    assert duration(seconds) == text
