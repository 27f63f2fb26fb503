"""The words of the page: both languages have all, and the page uses no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from events_api.cases import Status
from events_api.catalogue.catalogue_files import read_catalogue
from events_api.routes.page import WEB

PAGE = WEB / "page"
TABLE = (PAGE / "i18n.js").read_text(encoding="utf-8")


def strings(language: str) -> dict[str, str]:
    """Return a language's table."""
    block = re.search(rf"^  {language}: \{{\n(.*?)^  \}}", TABLE, re.MULTILINE | re.DOTALL)
    assert block is not None
    return dict(re.findall(r'^    (\w+): "(.*)",$', block[1], re.MULTILINE))


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
    by_value = {key for key in strings("en") if key.startswith(("status_", "class_"))}
    assert used_keys() == set(strings("en")) - by_value


def test_every_status_and_class_has_a_name() -> None:
    """And none has one that does not exist."""
    classes = {matter.colour_class for matter in read_catalogue().matters}
    expected = {f"status_{each}" for each in Status} | {f"class_{each}" for each in classes}
    named = {key for key in strings("en") if key.startswith(("status_", "class_"))}
    assert named == expected


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_html_or_asks_another_server(path: Path) -> None:
    """What was reported is never read as markup, and nothing comes from outside."""
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert not re.search(r"https?://", text)
