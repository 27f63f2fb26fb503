"""Citizens report without an account, and ask what became of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from events_api.cell_features import collection_of
from events_api.limiting import Rates
from events_api.rate_limits import Rate
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import RunningApi, running
from tests.events_api.factories import MARKET, away, make_cells, report_json
from tests.events_api.test_pictures import picture

HERE = {"lon": MARKET.lon_deg, "lat": MARKET.lat_deg}
PARKING = "GB/T 47678.5-2026/09009"
# Looked for as a whole: identifiers are made by chance, and hold its digits now and then.
CONTACT = "lin 555 0100"


def send(api: RunningApi, data: bytes | None = None, **fields: Any) -> httpx.Response:
    """Send the public form."""
    files = None if data is None else {"picture": ("photo.jpg", data, "image/jpeg")}
    form = {key: str(value) for key, value in {"words": "a car", **HERE, **fields}.items()}
    return httpx.post(f"{api.url}/public/reports", data=form, files=files)


def events_of(api: RunningApi, role: Role = Role.ACCEPTOR) -> list[dict[str, Any]]:
    """Return every event in full, newest first."""
    with api.client(role) as client:
        listed = client.get("/events").json()["events"]
        return [client.get(f"/events/{each['event_id']}").json() for each in listed]


def asked(api: RunningApi, receipt: str) -> dict[str, Any]:
    """Ask what became of a report."""
    answer = httpx.get(f"{api.url}/public/reports/{receipt}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_citizens_report_becomes_an_event(api: RunningApi) -> None:
    """With words, place, a stated error and a picture without what the camera noted."""
    with api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells()))
    answer = send(api, picture(), accuracy_m=20, matter=PARKING)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert re.fullmatch(r"([0-9A-Z]{4}-){2}[0-9A-Z]{4}", answer.json()["receipt"])
    (event,) = events_of(api)
    assert (event["source"], event["why"], event["cell_code"]) == (
        "citizen",
        "a car",
        "341299001001001",
    )
    assert event["ce90_m"] == pytest.approx(17.5, abs=0.1), "a telephone states 95 %"
    assert event["observations"][0]["report"]["kind"] == "citizen"
    with api.client(Role.ACCEPTOR) as acceptor:
        assert acceptor.get(f"/evidence/{event['snapshot']}").content[:3] == b"\xff\xd8\xff"


def test_it_joins_what_a_drone_has_seen_and_drones_join_it(api: RunningApi) -> None:
    """By matter and place, with both errors, and says why."""
    with api.client(Role.MACHINE) as drone:
        first = drone.post("/reports", json=report_json(1)).json()["event_id"]
        send(api, matter=PARKING, **as_form(away(12.0)))
        again = drone.post("/reports", json=report_json(2, pass_id="pass-2")).json()["event_id"]
    (event,) = events_of(api)
    assert (first, event["observation_count"]) == (again, 3)
    assert "12.0 m from an open event" in event["observations"][1]["merged_why"]


def as_form(position: dict[str, float]) -> dict[str, Any]:
    """Return a position as the form has it."""
    return {"lon": position["lon_deg"], "lat": position["lat_deg"]}


def test_without_a_matter_an_acceptor_will_name_it(api: RunningApi) -> None:
    """And without a point the words are enough, or the cell."""
    with api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells()))
    form = {"words": "it smells", "place": "behind the school"}
    assert httpx.post(f"{api.url}/public/reports", data=form).status_code == 201
    form = {"words": "it smells", "cell_code": "341299001001002"}
    assert httpx.post(f"{api.url}/public/reports", data=form).status_code == 201
    second, first = events_of(api)
    assert first["matter"]["code"] == second["matter"]["code"] == "EXT-UNSORTED"
    assert (first["place"], second["cell_code"]) == ("behind the school", "341299001001002")


def test_a_report_sent_again_counts_once(api: RunningApi) -> None:
    """The telephone names it, and gets its receipt again."""
    name = "6a2f0a1e-0000-4000-8000-000000000007"
    first, again = (send(api, picture(), report_id=name) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert events_of(api)[0]["observation_count"] == 1


@pytest.mark.parametrize(
    ("fields", "data", "reason"),
    [
        ({"words": " "}, None, "Send a picture"),
        ({"lat": ""}, None, "both lon and lat"),
        ({"lon": "", "lat": ""}, None, "says where"),
        ({"lon": "", "lat": "", "cell_code": "999999999999999"}, None, "no cell 9999"),
        ({"lat": 34.0}, None, "outside of the county"),
        ({"lat": 91}, None, "lat"),
        ({"matter": "09009"}, None, "standard_ref/code"),
        ({"matter": "GB/T 47678.5-2026/99999"}, None, "not in the catalogue"),
        ({"words": "x" * 1001}, None, "words"),
        ({}, b"MZ not a picture", "no picture"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    api: RunningApi, fields: dict[str, Any], data: bytes | None, reason: str
) -> None:
    """With a sentence that says what to do."""
    with api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells()))
    answer = send(api, data, **fields)
    assert answer.status_code == 422, answer.text
    assert reason in answer.json()["detail"]
    assert events_of(api) == []
    assert [path for path in api.settings.evidence_folder.rglob("*") if path.is_file()] == []


def test_a_picture_over_the_limit_is_refused(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """Also when a whole body is far over it."""
    with running(replace(settings, public_picture_bytes=1000), tokens) as api:
        assert send(api, b"\xff\xd8\xff" + bytes(2000)).status_code == 413
        assert send(api, bytes(200_000)).status_code == 413


def test_reporting_too_often_is_stopped(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """By the address it comes from; the answer says when to come again."""
    rates = Rates(public_report=Rate(2, timedelta(minutes=1)))
    with running(replace(settings, rates=rates), tokens) as api:
        answers = [send(api, **as_form(away(100.0 * number))) for number in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].headers["retry-after"] == "60"
    assert answers[2].headers["content-type"] == "application/problem+json"


def test_guessing_at_receipts_is_stopped(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """And an unknown one is not found."""
    rates = Rates(public_question=Rate(2, timedelta(minutes=1)))
    with running(replace(settings, rates=rates), tokens) as api:
        path = f"{api.url}/public/reports/0000-0000-000"
        assert [httpx.get(f"{path}{n}").status_code for n in range(3)] == [404, 404, 429]


def move(api: RunningApi, event_id: str, *steps: dict[str, Any]) -> None:
    """Bring an event along as the shift's supervisor."""
    with api.client(Role.SUPERVISOR) as supervisor:
        for step in steps:
            tag = supervisor.get(f"/events/{event_id}").headers["etag"]
            path = f"/events/{event_id}/transitions"
            answer = supervisor.post(path, json=step, headers={"If-Match": tag})
            assert answer.status_code == 201, answer.text


def test_the_receipt_tells_how_far_it_is_and_nothing_about_anybody(api: RunningApi) -> None:
    """Written in any case, with or without hyphens."""
    receipt = send(api, contact=CONTACT, matter=PARKING).json()["receipt"]
    event_id = events_of(api)[0]["event_id"]
    steps = [
        ({"name": "accept"}, "accepted"),
        ({"name": "dispatch", "body": "sanitation"}, "accepted"),
        ({"name": "start"}, "in_hand"),
        ({"name": "finish"}, "in_hand"),
        ({"name": "confirm_gone"}, "done"),
    ]
    assert asked(api, receipt)["status"] == "received"
    for step, status in steps:
        move(api, event_id, step)
        told = asked(api, receipt.lower().replace("-", " "))
        assert told["status"] == status
    assert told["matter_zh"] == "机动车乱停放"
    assert not re.search(f"{CONTACT}|sanitation|supervisor|a car", str(told))


def test_a_duplicates_receipt_tells_of_the_original(api: RunningApi) -> None:
    """What the citizen wants to know is whether the thing is gone."""
    receipt = send(api, matter=PARKING).json()["receipt"]
    copy = events_of(api)[0]["event_id"]
    with api.client(Role.MACHINE) as drone:
        report = report_json(5, position=away(300.0))
        original = drone.post("/reports", json=report).json()["event_id"]
    move(api, original, {"name": "accept"})
    link = {"name": "link_duplicate", "duplicate_of": original, "reason": "the same car"}
    move(api, copy, link)
    assert asked(api, receipt)["status"] == "accepted"


def test_a_contact_is_seen_by_acceptors_alone(api: RunningApi) -> None:
    """Apart from the event, each look in the audit, and not in the live stream."""
    send(api, contact=CONTACT)
    (event,) = events_of(api)
    assert CONTACT not in str(event)
    path = f"/events/{event['event_id']}/contacts"
    with api.client(Role.ACCEPTOR) as acceptor:
        (row,) = acceptor.get(path).json()
    assert row["contact"] == CONTACT
    with api.client(Role.SUPERVISOR) as supervisor:
        assert supervisor.get(path).status_code == 403
    database = Database(api.settings.database_url)
    with database.read() as session:
        deeds = [entry.deed for entry in audit.entries(session)]
    database.close()
    assert CONTACT not in str(deeds)
    assert [(deed.actor, deed.content) for deed in deeds if deed.action == "contacts.opened"] == [
        ("acceptor-1", {"count": 1})
    ]


def test_a_stranger_moves_nothing(api: RunningApi) -> None:
    """What was said to be done is sent back by those who are known; a citizen is only heard."""
    send(api, matter=PARKING)
    event_id = events_of(api)[0]["event_id"]
    done = ({"name": "accept"}, {"name": "dispatch", "body": "roads"}, {"name": "start"})
    move(api, event_id, *done, {"name": "finish"})
    send(api, matter=PARKING)
    (event,) = events_of(api)
    assert (event["status"], event["observation_count"]) == ("awaiting_verification", 2)


@pytest.mark.parametrize("kind", ["officer", "hotline"])
def test_officers_and_the_hotline_report_by_token(api: RunningApi, kind: str) -> None:
    """As collectors."""
    report = report_json(1, kind=kind, source="12345", pass_id="", track_id=None)
    with api.client(Role.COLLECTOR) as collector:
        assert collector.post("/reports", json=report).status_code == 201
    assert events_of(api)[0]["observations"][0]["report"]["kind"] == kind
