"""GET /stream and PUT /vehicles/{name}/position."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx
import pytest

from events_api.cell_features import collection_of
from events_api.roles import Role
from events_api.settings import ApiSettings
from tests.events_api.conftest import RunningApi, running, serve_in_thread
from tests.events_api.factories import away, make_cells, report_json

pytestmark = pytest.mark.both_databases


@dataclass(frozen=True)
class Message:
    """One server-sent event."""

    number: int | None
    kind: str
    data: dict[str, Any]


@contextmanager
def listening(api: RunningApi, last_id: int | None = None) -> Iterator[Iterator[Message]]:
    """Open the stream as an operator, and give its messages."""
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    with (
        api.client(Role.ACCEPTOR) as client,
        client.stream("GET", "/stream", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield messages(answer)


def messages(answer: httpx.Response) -> Iterator[Message]:
    """Read server-sent events; comments are passed over."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Message(number, fields["event"], json.loads(fields["data"]))
            fields = {}


def post(api: RunningApi, number: int, **changes: Any) -> str:
    """Send the n-th report, 50 m from the one before, and return its event's id."""
    report = report_json(number, **{"position": away(50.0 * number), **changes})
    with api.client(Role.MACHINE) as drone:
        event_id: str = drone.post("/reports", json=report).json()["event_id"]
        return event_id


def test_an_event_arrives_while_listening(api: RunningApi) -> None:
    """With its number and what a list would show of it."""
    with listening(api) as told:
        ready = next(told)
        event_id = post(api, 1)
        message = next(told)
    assert (ready.number, ready.kind) == (0, "ready")
    assert (message.number, message.kind) == (1, "event.opened")
    with api.client() as client:
        assert client.get("/events").json()["events"] == [message.data]
    assert message.data["event_id"] == event_id


def test_a_further_observation_is_a_change(api: RunningApi) -> None:
    """The same event, with one more observation."""
    with listening(api) as told:
        post(api, 1)
        post(api, 2, position=away(50.0), pass_id="pass-2")
        told_three = [next(told) for _ in range(3)]
    kinds = [(each.kind, each.data.get("observation_count")) for each in told_three]
    assert kinds == [("ready", None), ("event.opened", 1), ("event.changed", 2)]


def test_a_retry_is_not_told_again(api: RunningApi) -> None:
    """Only what changed something is in the feed."""
    post(api, 1)
    post(api, 1)
    post(api, 2)
    with listening(api, last_id=0) as told:
        assert [next(told).number for _ in range(3)] == [0, 1, 2]
        with api.client(Role.MACHINE) as drone:
            position = {"position": away(1), "observed_at": "2026-07-01T08:00:00Z"}
            drone.put("/vehicles/falcon-1/position", json=position)
        assert next(told).kind == "vehicle"


@pytest.mark.parametrize(("last_id", "missed"), [(0, [1, 2, 3]), (2, [3]), (3, [])])
def test_a_client_that_comes_back_gets_what_it_missed(
    settings: ApiSettings, tokens: dict[Role, str], last_id: int, missed: list[int]
) -> None:
    """Also after the server was started anew: the feed lies in the database."""
    with running(settings, tokens) as api:
        for number in (1, 2, 3):
            post(api, number)
    with running(settings, tokens) as api, listening(api, last_id) as told:
        post(api, 4)
        assert [next(told).number for _ in range(len(missed) + 2)] == [last_id, *missed, 4]


def test_nothing_is_missed_or_told_twice_while_events_keep_coming(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """Over a broken line after every other message, and over a server that starts anew."""
    told_ids: list[int] = []

    def follow(api: RunningApi, until: int) -> None:
        while (last_id := told_ids[-1] if told_ids else 0) < until:
            with listening(api, last_id) as told:
                told_ids.extend(
                    message.number
                    for message in islice(told, 3)  # with `ready`, which is no news
                    if message.number is not None and message.kind != "ready"
                )

    with ThreadPoolExecutor(1) as poster:
        for numbers in (range(1, 9), range(9, 17)):
            with running(settings, tokens) as api:
                posted = [poster.submit(post, api, number) for number in numbers]
                follow(api, numbers[-1] - 2)
                for each in posted:
                    each.result()
        with running(settings, tokens) as api:
            follow(api, 16)
    assert told_ids == list(range(1, 17))


def test_a_number_from_the_future_starts_at_the_present(api: RunningApi) -> None:
    """It was given by another database; the client hears what comes from now on."""
    post(api, 1)
    with listening(api, last_id=1000) as told:
        post(api, 2)
        assert [next(told).number for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("last_id", ["-1", "one", "9" * 30])
def test_a_number_that_makes_no_sense_is_refused(shared_api: RunningApi, last_id: str) -> None:
    """422, and no stream."""
    with shared_api.client() as client:
        answer = client.get("/stream", headers={"Last-Event-ID": last_id})
    assert answer.status_code == 422


def test_new_cells_are_told(api: RunningApi) -> None:
    """So that an open page draws them."""
    with listening(api) as told, api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells(2)))
        assert next(told).kind == "ready"
        message = next(told)
    assert (message.kind, message.data["count"]) == ("cells", 2)


def test_a_position_is_told_live_and_listed(api: RunningApi) -> None:
    """Without a number, with the vehicle's name, and kept as the latest."""
    sent = {
        "position": {"lon_deg": 115.62, "lat_deg": 33.16},
        "heading_deg": 270.0,
        "height_home_m": 40.0,
        "observed_at": "2026-07-01T08:00:00Z",
    }
    with listening(api) as told, api.client() as client:
        next(told)
        client.put("/vehicles/falcon-1/position", json=sent)
        message = next(told)
        listed = client.get("/vehicles").json()
    assert (message.number, message.kind) == (None, "vehicle")
    assert listed == [message.data]
    assert {key: message.data[key] for key in sent} == sent


def test_a_body_is_told_what_it_is_given_and_what_it_gave_back(api: RunningApi) -> None:
    """Nothing of what lies between, though numbers go on; the supervisor is told all."""
    with api.client() as admin:
        wish = {"name": "crew", "role": "handler", "scope": "body:sanitation"}
        token = admin.post("/tokens", json=wish).json()["token"]
    crew = httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {token}"})
    event_id = post(api, 1)
    with crew, crew.stream("GET", "/stream", headers={"Last-Event-ID": "0"}) as answer:
        told = messages(answer)
        assert next(told).kind == "ready"
        post(api, 2)
        with api.client(Role.SUPERVISOR) as supervisor:
            for name, given in (
                ("accept", {}),
                ("dispatch", {"body": "sanitation"}),
                ("return_to_dispatcher", {"reason": "not our street"}),
            ):
                path = f"/events/{event_id}/transitions"
                tag = supervisor.get(f"/events/{event_id}").headers["etag"]
                supervisor.post(path, json={"name": name, **given}, headers={"If-Match": tag})
        given_to, gave_back = next(told), next(told)
    assert (given_to.kind, given_to.data["body"]) == ("event.changed", "sanitation")
    assert (gave_back.kind, gave_back.data) == ("event.left", {"event_id": event_id})
    with listening(api, last_id=0) as all_told:
        kinds = [next(all_told).kind for _ in range(6)]
    assert kinds == ["ready", *["event.opened"] * 2, *["event.changed"] * 3]


@pytest.mark.parametrize(
    "change",
    [
        {"position": {"lon_deg": 181, "lat_deg": 0}},
        {"heading_deg": 361},
        {"battery_percent": -1},
        {"observed_at": "2026-07-01T08:00:00"},
        {"speed": 3},
    ],
)
def test_an_impossible_position_is_refused(shared_api: RunningApi, change: dict[str, Any]) -> None:
    """422, and the vehicle is not listed."""
    sent = {"position": away(1), "observed_at": "2026-07-01T08:00:00Z", **change}
    with shared_api.client() as client:
        assert client.put("/vehicles/f/position", json=sent).status_code == 422
        assert client.get("/vehicles").json() == []


def test_the_server_stops_while_somebody_listens(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """A live stream ends with the server and does not hold it up."""
    server, thread, url = serve_in_thread(settings)
    with listening(RunningApi(url, settings, tokens)) as told:
        next(told)
        server.stop()
        assert list(told) == []
    thread.join(20)
    assert not thread.is_alive()
