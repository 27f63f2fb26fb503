"""Events handled on the map page, in a real browser, until they are closed."""

from __future__ import annotations

from typing import Any

import pytest

from events_api.roles import Role
from tests.events_api.browser import Browser, find_chromium
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import report_json
from tests.events_api.test_page import address, move, only_event, text

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: chromium)"),
]

LIVE = "document.querySelector('[data-state=live]') !== null"
ACCEPT: dict[str, Any] = {"name": "accept"}


def open_event(browser: Browser, api: RunningApi, role: Role) -> None:
    """Show the county's newest event to somebody."""
    browser.go(address(api, role))
    browser.wait_for(f"document.querySelector('.event') !== null && {LIVE}")
    browser.evaluate("document.querySelector('.event').click()")
    browser.wait_for("document.querySelector('.history') !== null")


def offered(browser: Browser) -> list[str]:
    """Return the words of the buttons, in their order."""
    words = "[...document.querySelectorAll('.move-buttons button')].map((each) => each.innerText)"
    found: list[str] = browser.evaluate(words)
    return found


def press(browser: Browser, name: str) -> None:
    """Open the form of a move by its button."""
    button = f"document.querySelector('[data-move={name}]')"
    browser.wait_for(f"{button} !== null")
    browser.evaluate(f"{button}.focus()")
    browser.press("Enter", 13)
    browser.wait_for("document.querySelector('.move-form') !== null")


def write(browser: Browser, field: str, value: str) -> None:
    """Fill in a field of the form."""
    browser.evaluate(f"document.getElementById('move-{field}').value = {value!r}")


def send(browser: Browser) -> None:
    """Press the form's button."""
    browser.evaluate("document.querySelector('.move-form [type=submit]').click()")


def status_is(status: str) -> str:
    """Return an expression for where the event shown stands, with no form left open."""
    badge = f"document.querySelector('#detail .facts .status-{status}') !== null"
    return f"{badge} && document.querySelector('.move-form') === null"


def problem_says(words: str) -> str:
    """Return an expression for what the form's sentence says."""
    return f"document.querySelector('.move-form .problem').innerText.includes({words!r})"


def steps_of(api: RunningApi, event_id: str) -> list[dict[str, Any]]:
    """Return what was done with an event."""
    with api.client() as client:
        steps: list[dict[str, Any]] = client.get(f"/events/{event_id}/history").json()
        return steps


LOOP = [
    (Role.ACCEPTOR, "accept", {}, "accepted"),
    (Role.DISPATCHER, "dispatch", {"body": "sanitation"}, "dispatched"),
    (Role.HANDLER, "start", {}, "handling"),
    (Role.HANDLER, "finish", {"reason": "towed away"}, "awaiting_verification"),
    (Role.COLLECTOR, "confirm_gone", {}, "closed"),
]


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_an_event_is_handled_from_the_page_until_it_is_closed(
    county: RunningApi, chromium: Browser, language: str
) -> None:
    """Each step by whose it is, its form asking for just what it needs, and shown at once."""
    event_id = only_event(county)
    for role, name, fields, status in LOOP:
        size = (390, 844) if language == "zh-CN" else (1400, 860)
        with chromium.visitor(language, size) as browser:
            open_event(browser, county, role)
            browser.wait_for(f"document.querySelector('.strong[data-move={name}]') !== null")
            press(browser, name)
            shown = (
                "[...document.querySelectorAll('.field > :nth-child(2)')].map((each) => each.id)"
            )
            needed = ["move-body"] if name == "dispatch" else []
            assert browser.evaluate(shown) == [*needed, "move-reason"]
            for field, value in fields.items():
                write(browser, field, value)
            assert not browser.evaluate("document.documentElement.scrollWidth > innerWidth")
            send(browser)
            browser.wait_for(status_is(status))
            assert browser.complaints == []
    steps = steps_of(county, event_id)
    assert [(step["role"], step["name"]) for step in steps] == [(r, n) for r, n, _, _ in LOOP]
    assert [steps[1]["body"], steps[3]["reason"]] == ["sanitation", "towed away"]


def test_who_may_do_nothing_sees_no_button(county: RunningApi, browser: Browser) -> None:
    """Neither an administrator ever, nor a handler before it is dispatched."""
    open_event(browser, county, Role.ADMINISTRATOR)
    assert browser.evaluate("document.getElementById('moves').hidden")
    assert offered(browser) == []
    browser.evaluate("sessionStorage.clear()")
    browser.go(f"{county.url}/?again")  # only another address makes it load anew
    browser.wait_for("document.getElementById('token-dialog').open")
    open_event(browser, county, Role.HANDLER)
    assert offered(browser) == []


def test_the_usual_way_comes_first_and_ends_come_last(county: RunningApi, browser: Browser) -> None:
    """What cannot be taken back lightly is a quiet button."""
    open_event(browser, county, Role.ACCEPTOR)
    assert offered(browser) == [
        "Accept",
        "Grade",
        "Change the matter",
        "Link as a duplicate",
        "Reject",
    ]
    kinds = "[...document.querySelectorAll('.move-buttons button')].map((each) => each.className)"
    expected = ["strong", "outlined", "outlined", "plain", "plain"]
    assert browser.evaluate(kinds) == expected


def test_who_is_second_keeps_their_words(county: RunningApi, browser: Browser) -> None:
    """412: the event is shown as it is now, a sentence says who was first, and it can be sent."""
    event_id = only_event(county)
    open_event(browser, county, Role.SUPERVISOR)
    press(browser, "grade")
    write(browser, "grade", "A")
    write(browser, "reason", "in front of the fire station")
    browser.evaluate("gridpatrolPage.stream.stop()")  # as if the message were still on its way
    move(county, event_id, ACCEPT)
    send(browser)
    browser.wait_for(problem_says("Somebody was first: Accepted · supervisor-1"))
    browser.wait_for("document.querySelector('#detail .facts .status-accepted') !== null")
    assert browser.evaluate("document.getElementById('move-reason').value").startswith("in front")
    send(browser)
    browser.wait_for(status_is("accepted"))
    assert [step["name"] for step in steps_of(county, event_id)] == ["accept", "grade"]


def test_what_happens_meanwhile_wipes_nothing(county: RunningApi, browser: Browser) -> None:
    """The detail follows the stream, the form stays with words and focus, in either language."""
    event_id = only_event(county)
    open_event(browser, county, Role.ACCEPTOR)
    press(browser, "reject")
    assert browser.evaluate("document.activeElement.id") == "move-reason"
    write(browser, "reason", "a delivery van")
    with county.client(Role.MACHINE) as drone:
        drone.post("/reports", json=report_json(1, report_id=f"{event_id[:-4]}abcd"))
    browser.wait_for("document.querySelectorAll('.history li').length === 2")
    assert browser.evaluate("document.activeElement.id") == "move-reason"
    assert text(browser, ".move-form .problem") == ""
    browser.evaluate("document.getElementById('language').click()")
    browser.wait_for("document.getElementById('move-heading').innerText === '不予立案'")
    assert browser.evaluate("document.getElementById('move-reason').value") == "a delivery van"
    move(county, event_id, ACCEPT)
    browser.wait_for(problem_says("此操作已不可执行"))
    assert browser.evaluate("document.getElementById('move-reason').value") == "a delivery van"
    assert browser.evaluate("document.querySelector('.move-form [type=submit]').disabled")


def test_what_is_missing_is_asked_for_in_place(county: RunningApi, browser: Browser) -> None:
    """The field is named, marked and focused, and nothing is sent."""
    event_id = only_event(county)
    open_event(browser, county, Role.ACCEPTOR)
    press(browser, "reject")
    write(browser, "reason", "  ")
    send(browser)
    browser.wait_for(problem_says("This is missing: Reason."))
    assert browser.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert steps_of(county, event_id) == []


def test_the_apis_own_sentence_is_shown_in_place(county: RunningApi, browser: Browser) -> None:
    """What only the API can know is said by it, and the form stays."""
    move(county, only_event(county), ACCEPT)
    open_event(browser, county, Role.DISPATCHER)
    press(browser, "dispatch")
    write(browser, "body", "no such body!")
    send(browser)
    browser.wait_for(problem_says("body"))
    write(browser, "body", "roads")
    send(browser)
    browser.wait_for(status_is("dispatched"))


def test_escape_closes_the_form_only(county: RunningApi, browser: Browser) -> None:
    """The focus returns to the button; a second one closes the detail."""
    open_event(browser, county, Role.ACCEPTOR)
    press(browser, "accept")
    browser.press("Escape", 27)
    browser.wait_for("document.activeElement.dataset.move === 'accept'")
    assert not browser.evaluate("document.getElementById('detail-view').hidden")
    browser.press("Escape", 27)
    browser.wait_for("document.getElementById('detail-view').hidden")


COUNT_AND_LOSE = """
send = window.fetch;
posts = [];
window.fetch = async (path, options) => {
  if (options?.method !== 'POST') return send(path, options);
  posts.push(options.headers['Idempotency-Key']);
  if (window.mode === 'lost') throw new TypeError('Failed to fetch');
  const answer = await send(path, options);
  if (window.mode === 'unheard') throw new TypeError('Failed to fetch');
  return answer;
};
"""


def test_a_double_click_sends_once(county: RunningApi, browser: Browser) -> None:
    """The second finds it on its way."""
    open_event(browser, county, Role.ACCEPTOR)
    browser.evaluate(COUNT_AND_LOSE)
    press(browser, "accept")
    browser.evaluate(
        "for (const _ of [1, 2]) document.querySelector('.move-form [type=submit]').click()"
    )
    browser.wait_for(status_is("accepted"))
    assert browser.evaluate("posts.length") == 1


def test_without_a_network_it_says_that_nothing_was_changed(
    county: RunningApi, browser: Browser
) -> None:
    """The event is looked at again; sent again, it is the same order by its key."""
    open_event(browser, county, Role.ACCEPTOR)
    browser.evaluate(COUNT_AND_LOSE)
    browser.evaluate("window.mode = 'lost'")
    press(browser, "accept")
    send(browser)
    browser.wait_for(problem_says("No answer came, and nothing was changed"))
    browser.evaluate("window.mode = ''")
    send(browser)
    browser.wait_for(status_is("accepted"))
    assert browser.evaluate("posts[0] === posts[1] && posts.length === 2")


def test_an_answer_that_was_lost_is_found_out(county: RunningApi, browser: Browser) -> None:
    """It was done though nobody heard of it: the event tells, and nothing is sent again."""
    event_id = only_event(county)
    open_event(browser, county, Role.ACCEPTOR)
    browser.evaluate(COUNT_AND_LOSE)
    browser.evaluate("window.mode = 'unheard'")
    press(browser, "accept")
    send(browser)
    browser.wait_for(status_is("accepted"))
    assert browser.evaluate("posts.length") == 1
    assert len(steps_of(county, event_id)) == 1


def test_a_time_is_the_readers_own(county: RunningApi, browser: Browser) -> None:
    """Written on their clock, sent as one moment; one that is over is refused at once."""
    event_id = only_event(county)
    move(county, event_id, ACCEPT, {"name": "dispatch", "body": "sanitation"})
    open_event(browser, county, Role.SUPERVISOR)
    press(browser, "extend")
    write(browser, "reason", "the tow truck is late")
    write(browser, "until", "2020-01-01T08:00")
    send(browser)
    browser.wait_for(problem_says("a time to come"))
    write(browser, "until", "2030-01-02T08:00")
    moment = browser.evaluate("new Date('2030-01-02T08:00').toISOString().slice(0, 19)")
    send(browser)
    browser.wait_for("document.querySelector('.move-form') === null")
    assert steps_of(county, event_id)[-1]["until"].startswith(moment)
