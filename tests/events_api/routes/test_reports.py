"""POST /reports."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import JPEG, away, report_id, report_json


def test_a_report_opens_an_event(api: RunningApi) -> None:
    """The first report of a thing opens an event that shows what was reported."""
    with api.client() as client:
        answer = client.post("/reports", json=report_json())
        receipt = answer.json()
        event = client.get(f"/events/{receipt['event_id']}").json()
    assert (answer.status_code, receipt["created"]) == (201, True)
    assert receipt["merged_why"].startswith("New event")
    sent = report_json()
    for field in ("matter", "class_name", "score", "position", "ce50_m", "ce90_m", "cell_code"):
        assert event[field] == sent[field], field
    assert (event["status"], event["observation_count"]) == ("reported", 1)


def test_the_same_report_again_is_the_same_event(api: RunningApi) -> None:
    """A retry answers 200 with the same receipt and changes nothing."""
    with api.client(Role.MACHINE) as drone:
        first = drone.post("/reports", json=report_json())
        again = drone.post("/reports", json=report_json())
    with api.client() as client:
        events = client.get("/events").json()["events"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert [event["observation_count"] for event in events] == [1]


def test_the_same_content_in_other_words_is_the_same_report(api: RunningApi) -> None:
    """Another time zone, another order of fields: still the same report."""
    other = dict(reversed(report_json(observed_at="2026-07-01T15:59:00+08:00").items()))
    with api.client() as client:
        client.post("/reports", json=report_json())
        assert client.post("/reports", json=other).status_code == 200


def test_the_same_id_with_another_content_is_a_conflict(api: RunningApi) -> None:
    """The sentence names the report, and the event stays as it was."""
    with api.client() as client:
        client.post("/reports", json=report_json())
        answer = client.post("/reports", json=report_json(score=0.9))
        events = client.get("/events").json()["events"]
    assert answer.status_code == 409
    assert str(report_id(1)) in answer.json()["detail"]
    assert [event["score"] for event in events] == [0.8]


def test_another_pass_joins_the_event(api: RunningApi) -> None:
    """A second look from another flight becomes a second observation, and says why."""
    with api.client() as client:
        first = client.post("/reports", json=report_json(1)).json()
        second = client.post(
            "/reports", json=report_json(2, pass_id="pass-2", position=away(3))
        ).json()
        event = client.get(f"/events/{first['event_id']}").json()
    assert (second["event_id"], second["created"]) == (first["event_id"], False)
    assert second["merged_why"].startswith("Joined: 3.0 m from an open event")
    whys = [each["merged_why"] for each in event["observations"]]
    assert whys == [first["merged_why"], second["merged_why"]]


def test_two_objects_of_one_pass_stay_two(api: RunningApi) -> None:
    """Cars parked side by side are told apart by their tracks."""
    with api.client() as client:
        first = client.post("/reports", json=report_json(1)).json()
        second = client.post("/reports", json=report_json(2, position=away(2.5))).json()
    assert second["event_id"] != first["event_id"]
    assert "another object" in second["merged_why"]


def test_evidence_must_be_there_first(api: RunningApi) -> None:
    """A report never cites a picture that nobody can open."""
    sha256 = hashlib.sha256(JPEG).hexdigest()
    with api.client() as client:
        answer = client.post("/reports", json=report_json(evidence=[sha256]))
        assert answer.status_code == 422
        assert f"PUT /evidence/{sha256}" in answer.json()["detail"]
        client.put(f"/evidence/{sha256}", content=JPEG, headers={"Content-Type": "image/jpeg"})
        assert client.post("/reports", json=report_json(evidence=[sha256])).status_code == 201


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"report_id": "one"}, "report_id"),
        ({"kind": "bird"}, "kind"),
        ({"source": ""}, "source"),
        ({"score": 1.5}, "score"),
        ({"score": None}, "score"),
        ({"observed_at": "2026-07-01T08:00:00"}, "observed_at"),  # whose eight o'clock?
        ({"position": {"lon_deg": 200, "lat_deg": 0}}, "lon_deg"),
        ({"position": {"lon_deg": 33.1, "lat_deg": 115.6}}, "lat_deg"),  # the usual swap
        ({"ce90_m": -1}, "ce90_m"),
        ({"ce50_m": 9, "ce90_m": 3}, "ce50_m must not be larger"),
        ({"cells": [{"code": "1", "probability": 2}]}, "probability"),
        ({"evidence": ["abc"]}, "evidence"),
        ({"matter": {"standard_ref": "GB/T 47678.5-2026", "code": "99999"}}, "GET /matters"),
        ({"position": None, "cell_code": None, "place": None}, "says where"),
        ({"colour": "red"}, "colour"),
        ({"why": "x" * 2001}, "why"),
    ],
)
def test_a_report_that_makes_no_sense_names_the_field(
    shared_api: RunningApi, change: dict[str, Any], word: str
) -> None:
    """422 with a sentence, and no event."""
    with shared_api.client() as client:
        answer = client.post("/reports", json=report_json(**change))
        assert client.get("/events").json()["events"] == []
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert word in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"score": }', b"\xff\xfe", b'{"a": 1'])
def test_a_body_that_is_not_json_is_a_bad_request(shared_api: RunningApi, body: bytes) -> None:
    """It can be 400 or 422 but is always a problem with a sentence."""
    with shared_api.client() as client:
        headers = {"Content-Type": "application/json"}
        answer = client.post("/reports", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_not_a_number_is_refused(shared_api: RunningApi, number: str) -> None:
    """Python's JSON reads NaN; an event without a place must not come of it."""
    with shared_api.client() as client:
        body = f'{{"report_id": "{report_id(1)}", "score": {number}}}'
        headers = {"Content-Type": "application/json"}
        answer = client.post("/reports", content=body, headers=headers)
    assert answer.status_code == 422
    assert "score" in answer.json()["detail"]


def test_a_report_without_a_position_is_tied_to_its_place(api: RunningApi) -> None:
    """Footage without a pose still makes an event, at the place that was declared."""
    report = report_json(position=None, ce50_m=None, ce90_m=None, place="North gate", cells=[])
    with api.client() as client:
        event_id = client.post("/reports", json=report).json()["event_id"]
        event = client.get(f"/events/{event_id}").json()
    assert (event["position"], event["place"]) == (None, "North gate")
