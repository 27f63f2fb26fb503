"""The map page in a real browser."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from events_api.roles import Role
from events_api.store.database import Database
from events_api.timekeeping import adopt_catalogue
from tests.events_api.browser import Browser, find_chromium
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import (
    JPEG,
    MARKET,
    away,
    make_catalogue,
    report_json,
)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: chromium)"),
]

ROWS = "document.querySelectorAll('.event').length"


def address(api: RunningApi, role: Role = Role.ACCEPTOR) -> str:
    """Return the page's address with a token."""
    return f"{api.url}/#token={api.tokens[role]}"


def text(browser: Browser, selector: str) -> str:
    """Return the words that the reader sees of an element."""
    found: str = browser.evaluate(f"document.querySelector({selector!r}).innerText")
    return found


def post(api: RunningApi, number: int, **changes: Any) -> None:
    """Send the n-th report, 50 m from the one before."""
    with api.client(Role.MACHINE) as drone:
        report = report_json(number, **{"position": away(50.0 * number), **changes})
        assert drone.post("/reports", json=report).status_code == 201


def drawn(layer: str) -> str:
    """Return an expression that counts what the map shows of a layer."""
    return f"gridpatrolPage.map.maplibre.queryRenderedFeatures({{layers: ['{layer}']}}).length"


def test_an_event_posted_after_the_page_was_opened_appears(
    county: RunningApi, browser: Browser
) -> None:
    """In the list, in the figures, on the map, and for those who listen instead of look."""
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 1 && document.querySelector('[data-state=live]') !== null")
    smoke = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-SMOKE"}
    post(county, 2, matter=smoke, score=0.66, ce90_m=4.2)
    browser.wait_for(f"{ROWS} === 2")
    row = text(browser, ".event")
    for words in ("Smoke", "341299001001001", "66%", "±4.2 m", "Reported"):
        assert words in row
    assert text(browser, "#figure-hazards") == "1"
    assert "New event: Smoke" in text(browser, "#announce")
    browser.wait_for(f"{drawn('events')} === 2")
    assert browser.complaints == []


def test_the_page_asks_no_other_server(county: RunningApi, browser: Browser) -> None:
    """Cells and map are drawn from what the API serves."""
    browser.go(address(county))
    browser.wait_for(f"window.gridpatrolPage && {drawn('cell-fill')} > 0")
    outside = [
        url
        for url in browser.requested
        if not url.startswith((county.url, "data:", "blob:", "about:"))
    ]
    assert outside == []
    assert browser.complaints == []


def test_the_token_leaves_the_address_and_lasts_for_the_tab(
    county: RunningApi, browser: Browser
) -> None:
    """It is not left where it would be seen, and a reload needs no new one."""
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 1")
    assert browser.evaluate("location.hash") == ""
    browser.go(county.url)
    browser.wait_for(f"{ROWS} === 1")


def test_without_a_token_the_page_asks_for_one(county: RunningApi, browser: Browser) -> None:
    """A wrong one is refused with the reason, a right one opens the page, by keyboard alone."""
    browser.go(county.url)
    browser.wait_for("document.getElementById('token-dialog').open")
    browser.evaluate("document.getElementById('by-token').open = true")
    for token, done in (
        ("wrong", "document.getElementById('token-problem').innerText.includes('not known here')"),
        (county.tokens[Role.ACCEPTOR], f"{ROWS} === 1"),
    ):
        browser.evaluate("document.getElementById('token').focus()")
        browser.evaluate(f"document.activeElement.value = {token!r}")
        browser.press("Enter", 13)
        browser.wait_for(done)


@pytest.mark.parametrize(("language", "refused"), [("en", "Not signed in"), ("zh", "未能登录")])
def test_a_user_signs_in_by_name_and_password(
    county: RunningApi, chromium: Browser, language: str, refused: str
) -> None:
    """A wrong password is refused; a right one opens the page, until they sign out."""
    words = "three quiet herons"
    with county.client() as admin:
        admin.post("/users", json={"name": "lin", "role": "acceptor", "password": words})
    with chromium.visitor("zh-CN" if language == "zh" else "en-GB") as browser:
        browser.go(county.url)
        browser.wait_for("document.activeElement.id === 'user-name'")
        for password, done in (
            (
                "a wrong guess",
                f"document.getElementById('token-problem').innerText.includes({refused!r})",
            ),
            (words, f"{ROWS} === 1"),
        ):
            browser.evaluate("document.getElementById('user-name').value = 'lin'")
            browser.evaluate("document.getElementById('password').focus()")
            browser.evaluate(f"document.activeElement.value = {password!r}")
            browser.press("Enter", 13)
            browser.wait_for(done)
        token = browser.evaluate("sessionStorage.getItem('gridpatrol.token')")
        # Not by the button, which loads the page anew: it cannot be asked meanwhile.
        module = "import('/web/page/session.js')"
        browser.evaluate(f"{module}.then((session) => session.endSession())")
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{county.url}/events", headers=headers).status_code == 401


def test_a_drones_token_is_told_that_it_may_not_read(county: RunningApi, browser: Browser) -> None:
    """The page asks for another one."""
    browser.go(address(county, Role.MACHINE))
    browser.wait_for("document.getElementById('token-problem').innerText.includes('acceptor')")


def test_the_language_can_be_switched(county: RunningApi, browser: Browser) -> None:
    """English for this reader, Chinese on request, kept for the next visit."""
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 1")
    assert "Mis-parked motor vehicle" in text(browser, ".event")
    browser.evaluate("document.getElementById('language').click()")
    assert "机动车乱停放" in text(browser, ".event")
    assert browser.evaluate("document.documentElement.lang") == "zh-CN"
    browser.go(county.url + "/?again")
    browser.wait_for(f"{ROWS} === 1")
    assert "集市村" in text(browser, ".event")


def test_a_chinese_reader_is_shown_chinese(county: RunningApi, chromium: Browser) -> None:
    """By the language of the browser; also on a telephone."""
    with chromium.visitor("zh-CN", (390, 844)) as browser:
        browser.go(address(county))
        browser.wait_for(f"{ROWS} === 1")
        assert "已上报" in text(browser, ".event")
        overflow = "document.documentElement.scrollWidth > innerWidth"
        assert not browser.evaluate(overflow), "the page is wider than the telephone"
        browser.evaluate("document.querySelector('.event').click()")
        browser.wait_for("document.querySelector('.history small') !== null")
        assert text(browser, ".history small").startswith("新事件：")


def test_a_chosen_event_shows_its_snapshot_and_error_circle(
    county: RunningApi, browser: Browser
) -> None:
    """With the reason it was reported and the one for which it is an event of its own."""
    with county.client() as client:
        sha256 = hashlib.sha256(JPEG).hexdigest()
        client.put(f"/evidence/{sha256}", content=JPEG, headers={"Content-Type": "image/jpeg"})
    post(county, 3, evidence=[sha256], why="stood 45 s in the fire lane")
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 2")
    browser.evaluate("document.querySelector('.event').click()")
    browser.wait_for("document.querySelector('.history') !== null")
    detail = text(browser, "#detail")
    for words in ("stood 45 s in the fire lane", "New event", "09009", "±3.6 m"):
        assert words in detail
    browser.wait_for("document.querySelector('.snapshot').src.startsWith('blob:')")
    browser.wait_for(f"{drawn('error-fill')} === 1")
    browser.press("Escape", 27)
    browser.wait_for("document.getElementById('detail-view').hidden")


def move(api: RunningApi, event_id: str, *steps: dict[str, Any]) -> None:
    """Bring an event along as the shift's supervisor."""
    with api.client(Role.SUPERVISOR) as supervisor:
        for step in steps:
            tag = supervisor.get(f"/events/{event_id}").headers["etag"]
            path = f"/events/{event_id}/transitions"
            answer = supervisor.post(path, json=step, headers={"If-Match": tag})
            assert answer.status_code == 201, answer.text


def only_event(api: RunningApi) -> str:
    """Return the id of the county's one event."""
    with api.client() as client:
        event_id: str = client.get("/events").json()["events"][0]["event_id"]
        return event_id


def at_time(browser: Browser, text: str) -> None:
    """Let the page's clock show a moment of July 2026, such as `01T18:00+08:00`."""
    browser.evaluate(f"void (Date.now = () => new Date('2026-07-{text}').getTime())")
    browser.evaluate("gridpatrolPage.passTime()")


@pytest.mark.parametrize(
    ("language", "due", "soon", "late", "head"),
    [
        (
            "en",
            "Handling due",
            "Handling due in 30 min",
            "Handling overdue by 2 h 5 min",
            "Overdue",
        ),
        ("zh", "处置截止", "处置还剩 30 分钟", "处置已超时 2 小时 5 分钟", "超时"),
    ],
)
def test_what_is_due_soon_or_overdue_is_marked(
    county: RunningApi,
    chromium: Browser,
    language: str,
    due: str,
    soon: str,
    late: str,
    head: str,
) -> None:
    """In the list, in the head, on the map and in the detail, as time passes by itself."""
    litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
    post(county, 2, matter=litter)
    with county.client() as client:
        event_id = client.get("/events").json()["events"][0]["event_id"]
    move(county, event_id, ACCEPT, DISPATCH)
    with chromium.visitor("zh-CN" if language == "zh" else "en-GB") as browser:
        browser.go(address(county))
        browser.wait_for(f"{ROWS} === 2")
        at_time(browser, "01T16:30+08:00")
        browser.wait_for(f"{drawn('events')} === 2 && {drawn('event-deadlines')} === 0")
        assert "due" not in browser.evaluate("document.querySelector('.event').innerHTML")
        at_time(browser, "02T09:30+08:00")
        assert soon in text(browser, ".event .due-warning")
        browser.wait_for(f"{drawn('event-deadlines')} === 1")
        assert text(browser, "#figure-overdue") == "0"
        at_time(browser, "02T12:05:30+08:00")
        assert late in text(browser, ".event .due-overdue")
        assert text(browser, "#figure-overdue") == "1"
        assert head in text(browser, ".figures")
        browser.evaluate("document.querySelector('.event').click()")
        browser.wait_for("document.querySelector('#detail .due-overdue') !== null")
        browser.evaluate("gridpatrolPage.closeDetail()")
        at_time(browser, "01T16:30+08:00")
        browser.evaluate("document.querySelector('.event').click()")
        browser.wait_for(f"document.querySelector('#detail').innerText.includes({due!r})")
        assert browser.complaints == []


def test_a_body_is_called_by_its_name(county: RunningApi, chromium: Browser) -> None:
    """In the reader's language, in the list and in the event's life; its code is for programs."""
    litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
    database = Database(county.settings.database_url)
    text_of = make_catalogue(litter["code"], rules='{body: town-one, cells: ["341299001"]}')
    with database.write() as session:
        adopt_catalogue(session, text_of, "ours.yaml", "us", NOW)
    database.close()
    post(county, 2, matter=litter)
    with county.client() as client:
        event_id = client.get("/events").json()["events"][0]["event_id"]
    move(county, event_id, ACCEPT, DISPATCH)
    with chromium.visitor("zh-CN") as browser:
        browser.go(address(county))
        browser.wait_for(f"{ROWS} === 2")
        assert "环卫所" in text(browser, ".event")
        browser.evaluate("document.querySelector('.event').click()")
        browser.wait_for("document.querySelector('.life') !== null")
        assert "派遣 · 环卫所" in text(browser, ".life")
        assert "sanitation" not in text(browser, "#detail")


ACCEPT: dict[str, Any] = {"name": "accept"}
DISPATCH: dict[str, Any] = {"name": "dispatch", "body": "sanitation"}
RETURN: dict[str, Any] = {"name": "return_to_dispatcher", "reason": "not our street"}


def test_a_status_that_changes_is_shown_at_once(county: RunningApi, browser: Browser) -> None:
    """In the list, on the map, in the open detail, and for those who listen instead of look."""
    event_id = only_event(county)
    browser.go(address(county))
    browser.wait_for("document.querySelector('[data-state=live]') !== null")
    browser.wait_for(f"{drawn('events')} === 1 && {drawn('event-marks')} === 0")
    browser.evaluate("document.querySelector('.event').click()")
    browser.wait_for("document.querySelector('.history') !== null")
    move(county, event_id, ACCEPT, DISPATCH)
    browser.wait_for("document.querySelectorAll('.life li').length === 2")
    detail = text(browser, "#detail")
    for words in ("Dispatched", "since", "Responsible body", "sanitation", "supervisor-1"):
        assert words in detail
    assert text(browser, "#announce").startswith("Dispatched: Mis-parked motor vehicle")
    browser.press("Escape", 27)
    browser.wait_for("document.querySelector('.event .status-dispatched') !== null")
    browser.wait_for(f"{drawn('event-marks')} === 1")
    assert browser.complaints == []


def shown_to_its_body(county: RunningApi, browser: Browser) -> str:
    """Dispatch the county's event, show the page to the body's crew, and return the event's id."""
    event_id = only_event(county)
    move(county, event_id, ACCEPT, DISPATCH)
    wish = {"name": "crew", "role": "handler", "scope": "body:sanitation"}
    with county.client() as admin:
        token = admin.post("/tokens", json=wish).json()["token"]
    browser.go(f"{county.url}/#token={token}")
    browser.wait_for(f"{ROWS} === 1 && document.querySelector('[data-state=live]') !== null")
    return event_id


def test_an_event_that_leaves_the_readers_scope_leaves_the_page(
    county: RunningApi, browser: Browser
) -> None:
    """The body that gave it back sees it no more."""
    event_id = shown_to_its_body(county, browser)
    move(county, event_id, RETURN)
    browser.wait_for(f"{ROWS} === 0")
    assert browser.complaints == []


HOLD_THE_NEXT_LIST = """
asked = 0;
send = window.fetch;
window.fetch = async (path, options) => {
  const answer = await send(path, options);
  if (!path.includes('open=true')) return answer;
  asked += 1;
  if (asked === 1) await new Promise((goOn) => (letGo = goOn));
  return answer;
};
gridpatrolPage.look();
"""


def test_a_list_that_was_on_its_way_brings_nothing_back(
    county: RunningApi, browser: Browser
) -> None:
    """What leaves the reader's scope meanwhile stays away: the list is asked for again."""
    event_id = shown_to_its_body(county, browser)
    browser.evaluate(HOLD_THE_NEXT_LIST)
    browser.wait_for("window.asked >= 1")
    move(county, event_id, RETURN)
    browser.wait_for(f"{ROWS} === 0")
    browser.evaluate("letGo()")
    browser.wait_for("window.asked >= 2")
    assert browser.evaluate(ROWS) == 0


def test_a_duplicate_leads_to_its_event(county: RunningApi, browser: Browser) -> None:
    """One click from the one to the other, and back."""
    original = only_event(county)
    with county.client(Role.MACHINE) as drone:
        report = report_json(9, position=away(450.0))
        other = drone.post("/reports", json=report).json()["event_id"]
    link = {"name": "link_duplicate", "duplicate_of": original, "reason": "the same van"}
    move(county, other, link)
    browser.go(address(county))
    browser.wait_for("document.querySelector('.event .status-duplicate') !== null")
    browser.evaluate("document.querySelector('.event').click()")
    browser.wait_for("document.querySelector('.link-event') !== null")
    assert text(browser, ".link-event") == "Show event #1"
    browser.evaluate("document.querySelector('.link-event').click()")
    browser.wait_for("document.querySelector('.link-event')?.innerText === 'Show event #2'")


def test_what_was_reported_is_never_read_as_markup(county: RunningApi, browser: Browser) -> None:
    """A name with a script in it is shown as its letters."""
    post(county, 4, cell_code=None, place="<img src=x onerror=alert(1)>", position=None)
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 2")
    assert "<img src=x" in text(browser, ".event")
    assert browser.complaints == []


def test_an_aircraft_is_shown_where_it_is(county: RunningApi, browser: Browser) -> None:
    """As a marker with its name and height, and the way it came."""
    browser.go(address(county))
    browser.wait_for("document.querySelector('[data-state=live]') !== null")
    with county.client(Role.MACHINE) as drone:
        for step in range(3):
            position = {"lon_deg": MARKET.lon_deg + step * 1e-4, "lat_deg": MARKET.lat_deg}
            sent = {"position": position, "heading_deg": 90, "height_home_m": 40.2}
            time = f"2026-07-01T08:00:0{step}Z"
            drone.put("/vehicles/falcon-1/position", json={**sent, "observed_at": time})
            seen = f"document.querySelector('.vehicle') !== null && {ROWS} === 1"
            browser.wait_for(seen)
    browser.wait_for("document.querySelector('.vehicle-label').innerText === 'falcon-1 · 40 m'")
    arrow = browser.evaluate("document.querySelector('.vehicle-arrow').style.transform")
    assert arrow == "rotate(90deg)"
    assert text(browser, "#figure-vehicles") == "1"


def test_a_hidden_class_is_neither_listed_nor_drawn(county: RunningApi, browser: Browser) -> None:
    """The class's button is the way back."""
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 1")
    browser.evaluate("document.querySelector('[data-class=parking]').click()")
    assert "No events of the chosen kinds" in text(browser, "#list-view")
    browser.wait_for(f"{drawn('events')} === 0")
    browser.evaluate("document.querySelector('[data-class=parking]').click()")
    browser.wait_for(f"{ROWS} === 1")


def test_what_is_open_is_asked_for_where_the_reader_looks(
    county: RunningApi, browser: Browser
) -> None:
    """However old it is: the first list is of the newest events, wherever they are."""
    browser.go(address(county))
    browser.wait_for(f"{ROWS} === 1 && gridpatrolPage.isLoaded")
    page = "gridpatrolPage"
    look_at = f"{page}.map.maplibre.jumpTo({{center: [%f, %f], zoom: 16}}), true"
    browser.evaluate(look_at % (MARKET.lon_deg + 1.0, MARKET.lat_deg))
    # As if five thousand others had come since it was loaded.
    browser.evaluate(f"{page}.book.remove({page}.book.all()[0].event_id), {page}.draw(), true")
    assert browser.evaluate(ROWS) == 0
    browser.evaluate(look_at % (MARKET.lon_deg, MARKET.lat_deg))
    browser.wait_for(f"{ROWS} === 1")
    assert any("/events?open=true&limit=500&bbox=" in url for url in browser.requested)
    assert browser.evaluate("document.getElementById('more-here').hidden")
    assert browser.complaints == []
