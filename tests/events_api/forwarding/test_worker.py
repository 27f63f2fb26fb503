"""Events handed on to a foreign Open311 server, and their status brought back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest

from events_api.access import issue_token
from events_api.forwarding.settings import ForwardSettings
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store.database import Database
from events_api.webhooks.settings import WebhookSettings
from tests.events_api.conftest import NOW, RunningApi, running, settings_in
from tests.events_api.factories import report_json
from tests.events_api.forwarding.foreign import Said, misbehaving

LOOPBACK = WebhookSettings((ip_network("127.0.0.0/8"),))
QUICK = ForwardSettings(
    retry_after_s=(0.0, 0.0, 0.0), poll_s=0.0, timeout_s=3.0, look_s=0.05, at_once=2
)
GIVEN = b'[{"service_request_id": 4711, "service_notice": "thanks"}]'
NONE: bytes = b"[]"


def status(word: str, notes: str = "") -> bytes:
    """Return how the bad server says that a request stands."""
    return (
        f'[{{"service_request_id": "4711", "status": "{word}", "status_notes": "{notes}"}}]'
    ).encode()


CLOSED = (200, status("closed"))


@pytest.fixture
def ours(settings: ApiSettings, tokens: dict[Role, str]) -> Iterator[RunningApi]:
    """Our own server, which waits no time between attempts and asks again at once."""
    with running(replace(settings, webhooks=LOOPBACK, forwards=QUICK), tokens) as api:
        yield api


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[RunningApi]:
    """Another county's server: the same program, with people and data of its own."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    settings = settings_in(folder)
    database = Database(settings.database_url)
    database.migrate()
    tokens = {role: issue_token(database, f"their-{role}", role, NOW) for role in Role}
    database.close()
    with running(settings, tokens) as api:
        yield api


def forward(api: RunningApi, url: str, **changes: Any) -> dict[str, Any]:
    """Let what is dispatched to the sanitation go to a server."""
    wish = {"url": url, "body": "sanitation", "services": {"09009": "09009"}, **changes}
    with api.client() as admin:
        answer = admin.post("/forwards", json=wish)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


def dispatched(api: RunningApi, body: str = "sanitation", **changes: Any) -> str:
    """Report, accept and dispatch an event, and return its id."""
    with api.client(Role.MACHINE) as drone:
        event_id: str = drone.post("/reports", json=report_json(1, **changes)).json()["event_id"]
    move(api, Role.ACCEPTOR, event_id, {"name": "accept"})
    move(api, Role.DISPATCHER, event_id, {"name": "dispatch", "body": body})
    return event_id


def move(api: RunningApi, role: Role, event_id: str, wish: dict[str, str]) -> None:
    """Move an event as somebody."""
    with api.client(role) as client:
        seen = {"If-Match": client.get(f"/events/{event_id}").headers["etag"]}
        answer = client.post(f"/events/{event_id}/transitions", json=wish, headers=seen)
        assert answer.status_code == 201, answer.text


def read(api: RunningApi, path: str) -> Any:
    """Read something as an administrator."""
    with api.client() as admin:
        return admin.get(path).json()


def until(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is something, ten seconds at most."""
    until_s = time.monotonic() + 10
    while not (answer := ask()):
        assert time.monotonic() < until_s, "it never came"
        time.sleep(0.02)
    return answer


def standing(api: RunningApi, event_id: str, word: str) -> Any:
    """Wait until the request of an event stands so, and return it."""

    def ask() -> Any:
        return [
            each for each in read(api, f"/events/{event_id}/forwards") if each["standing"] == word
        ]

    return until(ask)[0]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_an_event_is_handled_by_another_server_of_ours(
    ours: RunningApi, theirs: RunningApi, form: str
) -> None:
    """Opened there, started here; closed there, finished here; all of it in the history."""
    key = theirs.tokens[Role.ACCEPTOR]
    forward(ours, f"{theirs.url}/open311/v2", form=form, api_key=key)
    event_id = dispatched(ours)
    request = standing(ours, event_id, "open")
    (there,) = read(theirs, "/events")["events"]
    assert (request["foreign_id"], request["status"]) == (there["event_id"], "open")
    assert there["position"] == pytest.approx(read(ours, f"/events/{event_id}")["position"])
    assert event_id in there["why"]
    reject = {"name": "reject", "reason": "not ours"}
    move(theirs, Role.ACCEPTOR, there["event_id"], reject)
    request = standing(ours, event_id, "closed")
    assert request["notes"] == "不予受理 rejected"
    history = until(
        lambda: (
            [
                step
                for step in read(ours, f"/events/{event_id}/history")
                if step["actor"] == "open311:127.0.0.1"
            ][1:]
            and read(ours, f"/events/{event_id}/history")
        )
    )
    assert [step["name"] for step in history[-2:]] == ["start", "finish"]
    assert f"request {there['event_id']} is open" in history[-2]["reason"]
    assert f"request {there['event_id']} is closed" in history[-1]["reason"]
    assert read(ours, f"/events/{event_id}")["status"] == "awaiting_verification"


def test_only_what_is_dispatched_to_the_body_and_has_a_service_goes(
    ours: RunningApi, theirs: RunningApi
) -> None:
    """Other bodies and other matters stay here."""
    key = theirs.tokens[Role.ACCEPTOR]
    url = f"{theirs.url}/open311/v2"
    made = forward(ours, url, api_key=key, services={"06010": "06010"})
    litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
    dispatched(ours)
    with ours.client(Role.MACHINE) as drone:
        far = {"lon_deg": 115.7, "lat_deg": 33.2}
        report = report_json(2, matter=litter, position=far)
        other = drone.post("/reports", json=report).json()["event_id"]
    move(ours, Role.ACCEPTOR, other, {"name": "accept"})
    move(ours, Role.DISPATCHER, other, {"name": "dispatch", "body": "traffic"})
    near = {"lon_deg": 115.8, "lat_deg": 33.3}
    with ours.client(Role.MACHINE) as drone:
        report = report_json(3, matter=litter, position=near)
        third = drone.post("/reports", json=report).json()["event_id"]
    move(ours, Role.ACCEPTOR, third, {"name": "accept"})
    move(ours, Role.DISPATCHER, third, {"name": "dispatch", "body": "sanitation"})
    standing(ours, third, "open")
    requests = read(ours, f"/forwards/{made['forward_id']}/requests")
    assert [each["event_id"] for each in requests] == [third]
    assert len(read(theirs, "/events")["events"]) == 1


@pytest.mark.parametrize(
    ("answers", "standing_then", "posts"),
    [
        ([(200, GIVEN), CLOSED], "closed", 1),
        # No answer to the first: it is looked for, not found, and sent again.
        ([None, (200, NONE), (200, GIVEN), CLOSED], "closed", 2),
        # Down for a while; then a proxy's page; then it works.
        (
            [
                (503, b""),
                (200, NONE),
                (200, b"<html>"),
                (200, NONE),
                (200, GIVEN),
                CLOSED,
            ],
            "closed",
            3,
        ),
        # A token first, which becomes a request later.
        (
            [
                (200, b'[{"token": "t/1"}]'),
                (200, b'[{"token": "t/1"}]'),
                (200, GIVEN),
                CLOSED,
            ],
            "closed",
            1,
        ),
        # It has closed and forgotten in between what it knew.
        ([(200, GIVEN), (500, b""), CLOSED], "closed", 1),
        # Refused for good: not tried again.
        ([(400, b'[{"code": 400, "description": "no such service"}]')], "dead", 1),
        # Nothing that helps, as often as it is asked.
        ([(200, b"[{}]")], "dead", 4),
        ([(200, b"[" * 100_000)], "dead", 1),
        ([(302, b"")], "dead", 1),
    ],
    ids=["good", "hangs up", "down", "token", "forgets", "refuses", "empty", "nested", "redirects"],
)
def test_a_bad_server_is_borne(
    ours: RunningApi, answers: list[Said], standing_then: str, posts: int
) -> None:
    """What can be tried again is, what cannot is dead with its reason; nothing goes twice."""
    with misbehaving(*answers) as foreign:
        forward(ours, foreign.url, form="json", api_key="secret", jurisdiction_id="city.example")
        event_id = dispatched(ours)
        request = standing(ours, event_id, standing_then)
        sent = [each for each in foreign.asked if each[0] == "POST"]
        assert len(sent) == posts
        _, path, fields = sent[0]
        assert path == "/open311/v2/requests.json"
        assert (fields["api_key"], fields["jurisdiction_id"]) == ("secret", "city.example")
        assert (fields["service_code"], fields["lat"]) == ("09009", "33.1600000")
        assert (request["foreign_id"] == "4711") == (standing_then == "closed")
        assert bool(request["last_answer"]) == (standing_then == "dead")


def test_what_arrived_without_an_answer_is_not_sent_again(ours: RunningApi) -> None:
    """It is found by the reference in its description."""
    with misbehaving(None) as foreign:
        foreign.answers = [None, (200, NONE)]
        forward(ours, foreign.url, form="json")
        event_id = dispatched(ours)
        until(lambda: foreign.asked)
        reference = foreign.asked[0][2]["description"]
        found = (
            f'[{{"service_request_id": 4711, "status": "closed", "description": "{reference}"}}]'
        )
        foreign.answers = [(200, found.encode())]
        assert standing(ours, event_id, "closed")["foreign_id"] == "4711"


def test_the_dead_are_listed_and_live_again(ours: RunningApi) -> None:
    """Once somebody has seen to it."""
    with misbehaving((404, b"")) as foreign:
        made = forward(ours, foreign.url, form="json")
        event_id = dispatched(ours)
        dead = standing(ours, event_id, "dead")
        assert "404" in dead["last_answer"]
        address = f"/forwards/{made['forward_id']}/requests"
        assert read(ours, f"{address}?standing=dead") == [dead]
        assert read(ours, "/forwards")[0]["dead"] == 1
        foreign.answers = [(200, NONE), (200, GIVEN), CLOSED]
        with ours.client() as admin:
            answer = admin.post(f"{address}/{dead['number']}/retry")
            assert answer.status_code == 202, answer.text
            standing(ours, event_id, "closed")
            assert admin.post(f"{address}/{dead['number']}/retry").status_code == 404


def test_requests_wait_over_a_restart(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """What was not sent when the server stopped is sent when it is back."""
    patient = replace(QUICK, retry_after_s=(0.0,) * 1000)
    settings = replace(settings, webhooks=LOOPBACK, forwards=patient)
    with ExitStack() as stack, misbehaving((503, b"")) as foreign:
        with running(settings, tokens) as api:
            forward(api, foreign.url, form="json")
            event_id = dispatched(api)
            until(lambda: foreign.asked)
        foreign.answers = [(200, NONE), (200, GIVEN), CLOSED]
        api = stack.enter_context(running(settings, tokens))
        assert standing(api, event_id, "closed")["foreign_id"] == "4711"


def test_a_forward_is_taken_away(ours: RunningApi) -> None:
    """With what it waits for; its key is shown to nobody."""
    made = forward(ours, "http://127.0.0.1:9/", api_key="secret")
    assert "secret" not in str(made) + str(read(ours, "/forwards"))
    with ours.client() as admin:
        assert admin.delete(f"/forwards/{made['forward_id']}").status_code == 204
        assert admin.delete(f"/forwards/{made['forward_id']}").status_code == 404
    assert read(ours, "/forwards") == []


@pytest.mark.parametrize(("scope", "may"), [("body:sanitation", True), ("body:traffic", False)])
def test_an_administrator_of_a_body_forwards_its_own_alone(
    ours: RunningApi, scope: str, may: bool
) -> None:
    """Neither adds nor sees those of others, nor takes them away."""
    made = forward(ours, "http://127.0.0.1:9/")
    with ours.client() as admin:
        wish = {"name": "their-admin", "role": "administrator", "scope": scope}
        token = admin.post("/tokens", json=wish).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=ours.url, headers=headers) as theirs:
        wanted = {"url": "http://127.0.0.1:9/", "body": "sanitation", "services": {"09009": "1"}}
        assert theirs.post("/forwards", json=wanted).status_code == (201 if may else 403)
        assert len(theirs.get("/forwards").json()) == (2 if may else 0)
        address = f"/forwards/{made['forward_id']}"
        assert theirs.get(f"{address}/requests").status_code == (200 if may else 404)
        assert theirs.delete(address).status_code == (204 if may else 404)


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "http://user:pass@127.0.0.1/", "http://10.1.2.3/", "nowhere", "http://"],
)
def test_no_forward_leads_where_webhooks_may_not_go(ours: RunningApi, url: str) -> None:
    """This server knocks at no door behind its own firewall."""
    with ours.client() as admin:
        wish = {"url": url, "body": "sanitation", "services": {"09009": "1"}}
        answer: httpx.Response = admin.post("/forwards", json=wish)
    assert answer.status_code == 422, answer.text
