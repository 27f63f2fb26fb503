"""The picture's words: in both languages where they can be drawn, in English elsewhere."""

from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from flight.planning.picture_words import Language, Words, duration
from flight.planning.planner import plan_patrol
from geofences.zones import ZoneKind
from tests.flight.planning.scenes import county, request, zone

BOTH = Words.of(Language.BOTH, font=True)
CHINESE = Words.of(Language.CHINESE, font=True)
ENGLISH = Words.of(Language.BOTH, font=False)
HEADINGS = ("airborne", "distance", "energy", "coverage", "all", "lane", "fence", "dock")


@pytest.mark.parametrize("kind", ZoneKind)
def test_every_kind_of_zone_has_its_words(kind: ZoneKind) -> None:
    """A county may have any of them in its legend."""
    chinese, english = BOTH(str(kind)).split("  ")
    assert english == ENGLISH(str(kind))
    assert ENGLISH.label(chinese) == ""


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
    shown = ENGLISH.label(text)
    assert all(ord(letter) < 0x2E80 for letter in shown)
    assert shown in text or len(shown) < len(text)
    assert BOTH.label(text) == text


@given(st.floats(0.0, 1e5))
def test_a_duration_is_its_hours_minutes_and_seconds(seconds: float) -> None:
    """To the nearest second, and never with 60 of a smaller unit."""
    *more, rest = (int(word) for word in duration(seconds).split(":"))
    assert rest < 60
    assert len(more) == 1 or more[1] < 60
    assert (
        abs(sum(60 ** (len(more) - n) * part for n, part in enumerate(more)) + rest - seconds)
        <= 0.5
    )


def test_the_subtitle_has_the_county_and_the_plans_number() -> None:
    """A picture on the wall is found again among plans."""
    ground = county()
    plan = plan_patrol(ground, request(ground, 1))
    for words in (BOTH, ENGLISH):
        assert plan.plan_id in words.subtitle("示例县 Sample", plan)
        assert "Sample" in words.subtitle("示例县 Sample", plan)
    assert "示例县" not in ENGLISH.subtitle("示例县 Sample", plan)
    assert ENGLISH.subtitle("Sample", replace(plan, name="cover 2026-11-22")).endswith("2026-11-22")


def test_titles_are_in_both_languages_where_they_can_be_drawn() -> None:
    """Without a Chinese font there are no empty boxes."""
    assert BOTH.title("东街 East") == "无人机巡查方案  Patrol plan: 东街 East"
    assert CHINESE.title("东街 East") == "无人机巡查方案: 东街"
    assert ENGLISH.title("东街 East") == "Patrol plan: East"


def test_a_zone_has_its_name_in_what_can_be_drawn() -> None:
    """In English alone where there is no Chinese name."""
    square = zone(shapely.box(0.0, 0.0, 10.0, 10.0))
    assert ENGLISH.zone(square) == "Power station"
    assert BOTH.zone(square) == "电站 Power station"
    assert CHINESE.zone(square) == "电站"
    assert BOTH.zone(replace(square, name_zh="")) == "Power station"
    limit = zone(shapely.box(0.0, 0.0, 10.0, 10.0), ZoneKind.CEILING, 60.0)
    assert CHINESE.zone(limit) == "电站 ≤ 60 m"


@pytest.mark.parametrize(
    ("name", "chinese", "english"),
    [
        ("1号机场 Dock 1", "1号机场", "Dock 1"),
        ("示例县 Sample County", "示例县", "Sample County"),
        ("柳桥001网格", "柳桥001网格", "001"),
        ("uav-1", "uav-1", "uav-1"),
        ("", "", ""),
    ],
)
def test_a_name_in_two_languages_is_shown_in_those_that_are_drawn(
    name: str, chinese: str, english: str
) -> None:
    """One in another language stands as it is rather than not at all."""
    assert (CHINESE.label(name), ENGLISH.label(name)) == (chinese, english)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00"), (59.6, "1:00"), (312.2, "5:12"), (7265.0, "2:01:05")]
)
def test_times_are_read_in_minutes(seconds: float, text: str) -> None:
    """Seconds are rounded before they are split."""
    assert duration(seconds) == text


def test_a_page_says_that_its_chinese_is_missing() -> None:
    """But only where Chinese was wanted."""
    assert "install one, such as Noto Sans CJK SC" in ENGLISH.foot()
    assert "install" not in Words.of(Language.ENGLISH, font=False).foot()
    assert Words.of(Language.CHINESE, font=False)("dock") == "Dock"
    assert "install" not in BOTH.foot()
