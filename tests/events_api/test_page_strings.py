"""The words of the page: both languages have all, and the page uses no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from events_api.cases import OPEN_STATUSES, Status, TransitionName
from events_api.catalogue.catalogue_files import read_catalogue
from events_api.catalogue.grades import Grade
from events_api.catalogue.steps import Step
from events_api.roles import Level, Role
from events_api.routes.page import WEB

PAGE = WEB / "page"
BY_VALUE = ("status_", "class_", "transition_", "role_", "level_", "grade_", "step_", "move_")
"""Beginnings of keys that the page makes from a value."""


def strings(language: str) -> dict[str, str]:
    """Return a language's table."""
    table = (PAGE / f"{language}.js").read_text(encoding="utf-8")
    return dict(re.findall(r'^  (\w+): "(.*)",$', table, re.MULTILINE))


def used_keys() -> set[str]:
    """Return every key that the page names outright."""
    keys: set[str] = set()
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8")
        keys |= set(re.findall(r'data-i18n(?:-label)?="(\w+)"', text))
        keys |= set(re.findall(r'\bt\("(\w+)"', text))
        keys |= set(re.findall(r'"(noEvents|noneShown|link[A-Z]\w+)"', text))
    return keys


def test_both_languages_have_the_same_keys() -> None:
    """No reader is shown a hole."""
    assert set(strings("en")) == set(strings("zh"))
    assert len(strings("en")) > 50


@pytest.mark.parametrize("key", sorted(strings("en")))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    """A name in braces in one is in the other."""
    places = [sorted(re.findall(r"\{(\w+)\}", strings(lang)[key])) for lang in ("en", "zh")]
    assert places[0] == places[1]
    assert all(strings(lang)[key].strip() for lang in ("en", "zh"))


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    """Statuses and classes are named by their values."""
    by_value = {key for key in strings("en") if key.startswith(BY_VALUE)}
    assert used_keys() == set(strings("en")) - by_value


def test_every_value_has_a_name() -> None:
    """And none has one that does not exist."""
    values: dict[str, set[str]] = {
        "status_": set(Status),
        "class_": {matter.colour_class for matter in read_catalogue().matters},
        "transition_": set(TransitionName),
        "role_": set(Role),
        "level_": set(Level),
        "grade_": set(Grade),
        "step_": set(Step),
        "move_": set(TransitionName),
    }
    assert set(values) == set(BY_VALUE)
    expected = {f"{prefix}{each}" for prefix, named in values.items() for each in named}
    assert {key for key in strings("en") if key.startswith(BY_VALUE)} == expected


def test_every_status_has_a_colour_and_a_stage() -> None:
    """An open one has a mark of its own on the map; a finished one is an empty ring."""
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    coloured = set(re.findall(r"\.status-(\w+)", style))
    assert coloured == set(Status)
    stages = (PAGE / "events.js").read_text(encoding="utf-8")
    block = stages[stages.index("const STAGES") : stages.index("};")]
    assert set(re.findall(r"^  (\w+):", block, re.MULTILINE)) == set(OPEN_STATUSES)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_status_can_be_read_on_its_colour() -> None:
    """At least 4.5 to 1, as WCAG asks of small text."""
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--status-paper: (#\w{6}); --status-ink: (#\w{6})", style)
    assert len(pairs) >= 8
    for paper, ink in pairs:
        assert contrast(paper, ink) >= 4.5, (paper, ink)


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_html_or_asks_another_server(path: Path) -> None:
    """What was reported is never read as markup, and nothing comes from outside."""
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert not re.search(r"https?://", text)
