"""The public form in a real browser, on a telephone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from events_api.public import Progress
from events_api.roles import Role
from events_api.routes.page import WEB
from tests.events_api.browser import Browser, find_chromium
from tests.events_api.conftest import RunningApi

STRINGS = (WEB / "report" / "strings.js").read_text(encoding="utf-8")


def keys(language: str) -> set[str]:
    """Return the names of a language's words."""
    block = re.search(rf"^  {language}: \{{\n(.*?)^  \}}", STRINGS, re.MULTILINE | re.DOTALL)
    assert block is not None
    return set(re.findall(r"^    (\w+):", block[1], re.MULTILINE))


def test_both_languages_have_the_same_words_and_name_every_stage() -> None:
    """No reader is shown a hole."""
    assert keys("en") == keys("zh")
    assert {key for key in keys("en") if key.startswith("status_")} == {
        f"status_{each}" for each in Progress
    }


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running browser."""
    if find_chromium() is None:
        pytest.skip("needs Chromium (Debian: chromium)")
    with Browser.started() as browser:
        yield browser


@pytest.mark.system
@pytest.mark.parametrize(
    ("language", "title", "stage"),
    [("zh-CN", "随手拍", "已收到，待受理"), ("en-GB", "Report something", "Received; nobody")],
)
def test_a_citizen_reports_and_asks_what_became_of_it(
    api: RunningApi, chromium: Browser, language: str, title: str, stage: str
) -> None:
    """With words and a place in words; the receipt number is shown and can be asked by."""
    with chromium.visitor(language, (390, 844)) as browser:
        browser.go(f"{api.url}/report")
        browser.wait_for(f"document.title === {title!r}")
        browser.wait_for("document.getElementById('matter').options.length > 50")
        browser.evaluate("document.getElementById('words').value = 'a hole'")
        browser.evaluate("document.getElementById('send').click()")
        browser.wait_for("document.getElementById('answer').innerText.includes('lon and lat')")
        browser.evaluate("document.getElementById('place').value = 'by the bridge'")
        browser.evaluate("document.getElementById('send').click()")
        browser.wait_for("document.getElementById('receipt').value.length === 14")
        browser.evaluate("document.querySelector('#ask button').click()")
        browser.wait_for(f"document.getElementById('standing').innerText.includes({stage!r})")
        assert not browser.evaluate("document.documentElement.scrollWidth > innerWidth")
    with api.client(Role.ACCEPTOR) as acceptor:
        (event,) = acceptor.get("/events").json()["events"]
    assert (event["why"], event["place"]) == ("a hole", "by the bridge")
