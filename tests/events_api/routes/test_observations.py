"""POST /observations/{report_id}/split: a merging is undone by hand."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

import httpx
import pytest

from events_api.roles import Role
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import JPEG, PNG, away, report_id, report_json

PICTURES = {1: (JPEG, "image/jpeg"), 2: (PNG, "image/png")}


def merged(api: RunningApi) -> str:
    """Have two passes see what is taken for one car, and return its event's id."""
    with api.client(Role.MACHINE) as drone:
        for number, (data, media_type) in PICTURES.items():
            sha256 = hashlib.sha256(data).hexdigest()
            headers = {"Content-Type": media_type}
            drone.put(f"/evidence/{sha256}", content=data, headers=headers)
            report = report_json(
                number,
                pass_id=f"pass-{number}",
                position=away(3.0 * number),
                score=0.5 + 0.2 * number,
                ce90_m=4.0 - number,
                ce50_m=1.0,
                why=f"seen by pass {number}",
                observed_at=f"2026-07-01T07:0{number}:00Z",
                evidence=[sha256],
            )
            event_id: str = drone.post("/reports", json=report).json()["event_id"]
    return event_id


def event(api: RunningApi, event_id: str) -> dict[str, Any]:
    """Return an event in full."""
    with api.client(Role.ACCEPTOR) as acceptor:
        found: dict[str, Any] = acceptor.get(f"/events/{event_id}").json()
        return found


def split(api: RunningApi, number: int, tag: str = '"1"', **wish: Any) -> httpx.Response:
    """Take the n-th report's observation out, as an acceptor."""
    with api.client(Role.ACCEPTOR) as acceptor:
        return acceptor.post(
            f"/observations/{report_id(number)}/split",
            json={"reason": "the van beside it", **wish},
            headers={"If-Match": tag},
        )


def seen_as(found: dict[str, Any]) -> tuple[Any, ...]:
    """Return what an event is by its observations."""
    names = ("observation_count", "score", "ce90_m", "why", "first_observed_at")
    return (*(found[name] for name in names), [each["sha256"] for each in found["evidence"]])


@pytest.mark.parametrize("number", [1, 2])
def test_both_events_are_what_their_own_observations_tell(api: RunningApi, number: int) -> None:
    """Whichever is taken out: place, score, picture and times, as if they had never been one."""
    source = merged(api)
    assert event(api, source)["observation_count"] == 2
    answer = split(api, number)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"'), answer.text
    own, rest = event(api, answer.json()["into"]), event(api, source)
    expected = {
        n: (1, 0.5 + 0.2 * n, 4.0 - n, f"seen by pass {n}", f"2026-07-01T07:0{n}:00Z")
        for n in PICTURES
    }
    for found, n in ((own, number), (rest, 3 - number)):
        picture = hashlib.sha256(PICTURES[n][0]).hexdigest()
        assert seen_as(found) == (*expected[n], [picture])
        assert found["snapshot"] == picture
        assert found["position"] == pytest.approx(away(3.0 * n))
    assert (own["status"], own["version"], rest["version"]) == ("reported", 1, 2)
    assert own["deadline"]["step"] == "accept"
    assert own["observations"][0]["merged_why"] == (
        f"Taken out of event {source} by acceptor-1: the van beside it"
    )


def test_an_observation_goes_into_another_event(api: RunningApi) -> None:
    """Of the same matter, which has it from then on; a retry of the report is told so."""
    source = merged(api)
    with api.client(Role.MACHINE) as drone:
        other = drone.post("/reports", json=report_json(3, position=away(90.0))).json()["event_id"]
    made = split(api, 2, into=other).json()
    assert (made["into"], made["is_new"]) == (other, False)
    assert [event(api, each)["observation_count"] for each in (source, other)] == [1, 2]
    assert event(api, other)["version"] == 1, "a further observation shuts nobody out"


def test_what_cannot_be_split_stays_as_it_is(api: RunningApi) -> None:
    """Each with a sentence, and nothing half done."""
    source = merged(api)
    before = event(api, source)
    with api.client(Role.MACHINE) as drone:
        smoke = report_json(4, matter={"standard_ref": "GRIDPATROL-EXT", "code": "EXT-SMOKE"})
        fire = drone.post("/reports", json=smoke).json()["event_id"]
    for number, tag, wish, status in (
        (1, '"9"', {}, 412),
        (9, '"1"', {}, 404),
        (1, '"1"', {"reason": ""}, 422),
        (1, '"1"', {"into": source}, 422),
        (1, '"1"', {"into": str(uuid4())}, 422),
        (1, '"1"', {"into": fire}, 422),  # of another matter
        (4, '"1"', {}, 409),  # the only one
    ):
        answer = split(api, number, tag, **wish)
        assert answer.status_code == status, (number, wish, answer.text)
    with api.client(Role.ACCEPTOR) as acceptor:
        path = f"/observations/{report_id(1)}/split"
        assert acceptor.post(path, json={"reason": "so"}).status_code == 428
    for each in (before, after := event(api, source)):
        for evidence in (each, *each["evidence"]):
            evidence.pop("snapshot_url", evidence.pop("url", None))
    assert after == before


def test_a_finished_event_is_not_split(api: RunningApi) -> None:
    """It is reopened first."""
    source = merged(api)
    with api.client(Role.ACCEPTOR) as acceptor:
        wish = {"name": "reject", "reason": "a delivery"}
        path = f"/events/{source}/transitions"
        acceptor.post(path, json=wish, headers={"If-Match": '"1"'})
    assert split(api, 1, '"2"').status_code == 409


def test_the_audit_and_the_stream_tell_of_it(api: RunningApi) -> None:
    """Who, why, and why it had been merged."""
    merged(api)
    made = split(api, 2).json()
    database = Database(api.settings.database_url)
    with database.read() as session:
        deed = [entry.deed for entry in audit.entries(session)][-1]
    database.close()
    assert (deed.actor, deed.action) == ("acceptor-1", "event.split")
    assert deed.content["reason"] == "the van beside it"
    assert deed.content["had_joined"].startswith("Joined: ")
    told = ""
    with (
        api.client() as client,
        client.stream("GET", "/stream", headers={"Last-Event-ID": "2"}) as s,
    ):
        for piece in s.iter_text():
            told += piece
            if "still here" in piece:
                break
    assert told.count("event: event.changed") == 1
    assert f'"event_id":"{made["into"]}"' in told.split("event: event.opened")[1]
