"""What an event may be linked to as its repetition on the map page, in a real browser."""

from __future__ import annotations

import pytest

from events_api.roles import Role
from tests.events_api.browser import Browser, find_chromium
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import away, report_json
from tests.events_api.test_page import only_event
from tests.events_api.test_page_moves import open_event, press, send, status_is, write

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: chromium)"),
]

LITTER = {"matter": {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}}
IS_ASKED = "document.getElementById('move-duplicate_of').getAttribute('aria-busy') === 'false'"


def offered_duplicates(browser: Browser) -> dict[str, list[str]]:
    """Return the words of the events offered, by those of their group, once the API was asked."""
    browser.wait_for(IS_ASKED)
    groups = "[...document.querySelectorAll('#move-duplicate_of optgroup')]"
    options = "[...group.children].map((each) => each.text)"
    found: dict[str, list[str]] = browser.evaluate(
        f"Object.fromEntries({groups}.map((group) => [group.label, {options}]))"
    )
    return found


def hint_of_duplicates(browser: Browser) -> str:
    """Return the sentence below the choice."""
    words: str = browser.evaluate("document.getElementById('move-duplicate_of-hint').innerText")
    return words


def test_a_duplicate_is_chosen_among_what_is_near(county: RunningApi, browser: Browser) -> None:
    """By number, matter and distance, the nearest first; what is far away is not offered."""
    original = only_event(county)
    with county.client(Role.MACHINE) as drone:
        for number, distance_m in ((2, 600.0), (3, 9000.0), (4, 120.0)):
            drone.post("/reports", json=report_json(number, position=away(distance_m)))
    open_event(browser, county, Role.ACCEPTOR)
    press(browser, "link_duplicate")
    near = offered_duplicates(browser)["Of this matter"]
    assert [words.split(" · ")[0] for words in near] == ["#1", "#2"]
    assert near[0].startswith("#1 · Mis-parked motor vehicle")
    assert near[0].endswith(" m")
    write(browser, "duplicate_of", original)
    write(browser, "reason", "the same van")
    send(browser)
    browser.wait_for(status_is("duplicate"))
    browser.wait_for("document.activeElement.id === 'back'")  # nothing is left to be done


@pytest.mark.parametrize(
    ("language", "same", "others"),
    [
        ("en-GB", "Of this matter", "Of other matters, as far as they are loaded here"),
        ("zh-CN", "同类事件", "其他类别（仅限本页已加载的事件）"),
    ],
)
def test_duplicates_are_offered_that_the_page_has_not_loaded(
    county: RunningApi, chromium: Browser, language: str, same: str, others: str
) -> None:
    """The API is asked: for its matter near the place, and in its cell what has no position."""
    with county.client(Role.MACHINE) as drone:
        drone.post("/reports", json=report_json(2, position=None, pass_id="pass-2"))
        drone.post("/reports", json=report_json(3, position=away(90.0), **LITTER))
        drone.post("/reports", json=report_json(4, position=away(120.0)))
    with chromium.visitor(language) as browser:
        open_event(browser, county, Role.ACCEPTOR)
        # As on a page that was opened long ago, in a county of very many.
        browser.evaluate(
            "gridpatrolPage.book.all().filter((each) => each.number < 3)"
            ".forEach((each) => gridpatrolPage.book.remove(each.event_id))"
        )
        press(browser, "link_duplicate")
        found = offered_duplicates(browser)
        assert [words.split(" · ")[0] for words in found[same]] == ["#1", "#2"]
        assert [words.split(" · ")[0] for words in found[others]] == ["#3"]
        assert hint_of_duplicates(browser) == ""
        assert browser.complaints == []


def test_where_nobody_answers_what_is_loaded_is_offered(
    county: RunningApi, browser: Browser
) -> None:
    """And the reader is told that there may be more."""
    with county.client(Role.MACHINE) as drone:
        drone.post("/reports", json=report_json(4, position=away(120.0)))
    open_event(browser, county, Role.ACCEPTOR)
    browser.evaluate("window.fetch = () => Promise.reject(new TypeError('no network'))")
    press(browser, "link_duplicate")
    assert list(offered_duplicates(browser)) == ["Of this matter"]
    assert "could not be asked" in hint_of_duplicates(browser)
