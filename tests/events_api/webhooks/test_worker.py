"""Webhooks from the request to the receiver: signed, retried, dead, and sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.webhooks.settings import WebhookSettings
from tests.events_api.conftest import RunningApi, running
from tests.events_api.factories import away, report_json
from tests.events_api.webhooks.receiving import Receiver, is_signed, receiving

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def quick(settings: ApiSettings) -> ApiSettings:
    """Settings that allow loopback and wait no time between three attempts."""
    hooks = WebhookSettings(LOOPBACK, retry_after_s=(0.0, 0.0), timeout_s=5.0, look_s=0.05)
    return replace(settings, webhooks=hooks)


@pytest.fixture
def told(quick: ApiSettings, tokens: dict[Role, str]) -> Iterator[RunningApi]:
    """A served API with those settings."""
    with running(quick, tokens) as api:
        yield api


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver."""
    with receiving() as receiver:
        yield receiver


def subscribe(api: RunningApi, url: str, **changes: Any) -> dict[str, Any]:
    """Add a webhook and return it with its secret."""
    with api.client() as admin:
        answer = admin.post("/webhooks", json={"url": url, **changes})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


def post(api: RunningApi, number: int = 1, **changes: Any) -> str:
    """Send a report 50 m from the one before and return its event's id."""
    report = report_json(number, **{"position": away(50.0 * number), **changes})
    with api.client(Role.MACHINE) as drone:
        event_id: str = drone.post("/reports", json=report).json()["event_id"]
        return event_id


def eventually(ask: Callable[[], Any]) -> Any:
    """Ask until the answer is something, ten seconds at most."""
    until_s = time.monotonic() + 10
    while not (answer := ask()):
        assert time.monotonic() < until_s, "it never came"
        time.sleep(0.02)
    return answer


def deliveries(api: RunningApi, webhook: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    """List what a webhook has not heard."""
    with api.client() as admin:
        address = f"/webhooks/{webhook['webhook_id']}/deliveries"
        rows: list[dict[str, Any]] = admin.get(address, params=filters).json()
        return rows


def test_a_message_is_signed_and_says_what_the_stream_says(
    told: RunningApi, receiver: Receiver
) -> None:
    """The event as lists show it; once heard, nothing is left in the queue."""
    webhook = subscribe(told, receiver.url)
    event_id = post(told)
    ((headers, body),) = receiver.wait(1)
    assert is_signed(webhook["secret"], headers, body)
    assert not is_signed(webhook["secret"], headers, body + b" ")
    (said,) = receiver.bodies()
    with told.client() as admin:
        assert said["data"] == admin.get("/events").json()["events"][0]
        (listed,) = eventually(
            lambda: [row for row in admin.get("/webhooks").json() if row["last_delivered_at"]]
        )
    assert (said["type"], said["data"]["event_id"]) == ("event.opened", event_id)
    assert (listed["waiting"], listed["dead"]) == (0, 0)
    assert "secret" not in listed


def test_what_failed_is_sent_again_under_the_same_id(told: RunningApi, receiver: Receiver) -> None:
    """A receiver that heard it twice can tell; a redirect is a failure and not followed."""
    receiver.answers = [500, 302]
    webhook = subscribe(told, receiver.url)
    post(told)
    heard = receiver.wait(3)
    assert len({headers["webhook-id"] for headers, _ in heard}) == 1
    assert len({body for _, body in heard}) == 1
    eventually(lambda: deliveries(told, webhook) == [])


def test_what_is_never_heard_is_dead_until_somebody_revives_it(
    told: RunningApi, receiver: Receiver
) -> None:
    """The list says why; sent again, it is heard."""
    receiver.answers = [500, 503, 404]
    webhook = subscribe(told, receiver.url)
    post(told)
    (dead,) = eventually(lambda: deliveries(told, webhook, dead=True))
    assert (dead["attempts"], dead["last_answer"]) == (3, "answered 404")
    assert dead["next_at"] is None
    address = f"/webhooks/{webhook['webhook_id']}/deliveries/{dead['message_id']}/redelivery"
    with told.client() as admin:
        assert admin.post(address).status_code == 202
        receiver.wait(4)
        eventually(lambda: deliveries(told, webhook) == [])
        assert admin.post(address).status_code == 404


def test_messages_outlive_the_server(
    quick: ApiSettings, tokens: dict[Role, str], receiver: Receiver
) -> None:
    """What happened while the receiver or the server was away is told afterwards, all of it."""
    patient = replace(quick, webhooks=replace(quick.webhooks, retry_after_s=(0.0,) * 500))
    with running(patient, tokens) as api:
        with receiving() as gone:
            url = gone.url
        webhook = subscribe(api, url)
        ids = [post(api, number) for number in range(1, 6)]
        eventually(lambda: len(deliveries(api, webhook)) == 5)
    port = int(url.split(":")[2].split("/")[0])
    # The lease of an attempt that was cut off is over by then, as the clock is told.
    later = replace(patient, clock=lambda: quick.clock().replace(minute=30))
    with receiving(port) as back, running(later, tokens) as api:
        back.wait(5)
        eventually(lambda: deliveries(api, webhook) == [])
        assert {said["data"]["event_id"] for said in back.bodies()} == set(ids)


def test_a_receiver_that_is_gone_is_told_no_more(told: RunningApi, receiver: Receiver) -> None:
    """410 says so; a redelivery starts it again."""
    receiver.answers = [410]
    webhook = subscribe(told, receiver.url)
    post(told, 1)
    with told.client() as admin:
        (stopped,) = eventually(
            lambda: [row for row in admin.get("/webhooks").json() if row["stopped_why"]]
        )
        post(told, 2)
        assert "410" in stopped["stopped_why"]
        assert len(receiver.heard) == 1
        (waiting,) = deliveries(told, webhook)
        admin.post(
            f"/webhooks/{webhook['webhook_id']}/deliveries/{waiting['message_id']}/redelivery"
        )
    receiver.wait(3)


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"wanted": {"matter": "06010"}}, [2]),
        ({"wanted": {"cell": "341299002"}}, [3]),
        ({"wanted": {"kinds": ["event.changed"]}}, []),
        ({"wanted": {"status": "reported"}}, [1, 2, 3]),
        ({"scope": "town:341299002"}, [3]),
    ],
)
def test_only_what_is_wanted_and_theirs_is_told(
    told: RunningApi, receiver: Receiver, changes: dict[str, Any], numbers: list[int]
) -> None:
    """By kind, matter, cell, status and scope; a second webhook marks the end."""
    with receiving() as end:
        subscribe(told, receiver.url, **changes)
        subscribe(told, end.url)
        post(told, 1)
        post(told, 2, matter={"standard_ref": "GB/T 47678.5-2026", "code": "06010"})
        post(told, 3, cell_code="341299002001001", cells=[])
        end.wait(3)
    receiver.wait(len(numbers))
    assert sorted(said["data"]["number"] for said in receiver.bodies()) == numbers


@pytest.mark.parametrize(
    "wish",
    [
        {"url": "http://10.0.0.1/"},
        {"url": "https://169.254.169.254/latest"},
        {"url": "https://nobody.invalid/"},
        {"url": "nowhere"},
        {"url": "http://127.0.0.1:9/", "wanted": {"kinds": []}},
        {"url": "http://127.0.0.1:9/", "wanted": {"kinds": ["vehicle"]}},
        {"url": "http://127.0.0.1:9/", "colour": "red"},
    ],
)
def test_a_webhook_that_makes_no_sense_is_refused(told: RunningApi, wish: dict[str, Any]) -> None:
    """Inner doors, unknown names, nothing wanted."""
    with told.client() as admin:
        assert admin.post("/webhooks", json=wish).status_code == 422
        assert admin.get("/webhooks").json() == []


def test_an_administrator_of_a_town_keeps_to_it(told: RunningApi) -> None:
    """Adds webhooks for it, and neither sees nor removes others; all is in the audit."""
    everywhere = subscribe(told, "http://127.0.0.1:9/")
    with told.client() as admin:
        wish = {"name": "town", "role": "administrator", "scope": "town:341299001"}
        token = admin.post("/tokens", json=wish).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=told.url, headers=headers) as town:
        wish = {"url": "http://127.0.0.1:9/", "scope": "everywhere"}
        assert town.post("/webhooks", json=wish).status_code == 403
        own = town.post("/webhooks", json={"url": "http://127.0.0.1:9/"}).json()
        assert own["scope"] == "town:341299001"
        assert [row["webhook_id"] for row in town.get("/webhooks").json()] == [own["webhook_id"]]
        assert town.delete(f"/webhooks/{everywhere['webhook_id']}").status_code == 404
        assert town.delete(f"/webhooks/{own['webhook_id']}").status_code == 204
