"""POST /reports/batch: each report of a batch fares as it would alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from events_api.audit import walk
from events_api.intake import receive_all
from events_api.intake_reading import Arrival
from events_api.roles import Principal, Role
from events_api.store import audit, feed
from events_api.store.database import Database
from events_api.store.rulebook import read_rules
from geofences.cells import Grid
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import away, make_cells, make_report, report_id, report_json


def send(api: RunningApi, *reports: dict[str, Any]) -> list[dict[str, Any]]:
    """Send a batch, and return what became of each report."""
    with api.client(Role.MACHINE) as drone:
        answer = drone.post("/reports/batch", json={"reports": reports})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def events_in(api: RunningApi) -> list[dict[str, Any]]:
    """Return all events, newest first."""
    with api.client() as client:
        events: list[dict[str, Any]] = client.get("/events").json()["events"]
        return events


def test_a_batch_opens_and_joins_as_its_reports_would_one_by_one(api: RunningApi) -> None:
    """The second pass joins what the first one opened in the same batch; the far one does not."""
    results = send(
        api,
        report_json(1),
        report_json(2, pass_id="pass-2", position=away(1.0), ce50_m=1.0, ce90_m=2.0),
        report_json(3, position=away(300.0)),
    )
    first, second, third = (result["receipt"] for result in results)
    assert [result["status"] for result in results] == [201, 201, 201]
    assert (first["created"], second["created"], third["created"]) == (True, False, True)
    assert second["event_id"] == first["event_id"] != third["event_id"]
    far, near = events_in(api)
    assert (far["observation_count"], near["observation_count"]) == (1, 2)
    assert near["ce90_m"] == 2.0  # the better look places it
    assert near["deadline"]["step"] == "accept"


def test_one_pass_tells_its_tracks_apart_within_a_batch(api: RunningApi) -> None:
    """Two tracks of one pass are two objects however near, and one track is one."""
    results = send(
        api,
        report_json(1, track_id=1),
        report_json(2, track_id=2),
        report_json(3, track_id=1, position=away(80.0)),
    )
    events = [result["receipt"]["event_id"] for result in results]
    assert events[0] == events[2] != events[1]


def test_a_bad_report_leaves_the_others_alone(api: RunningApi) -> None:
    """Each is answered as it would be alone, in the order in which they were sent."""
    results = send(
        api,
        report_json(1),
        report_json(2, score=7),
        report_json(3, matter={"standard_ref": "GB/T 47678.5-2026", "code": "99999"}),
        report_json(4, evidence=["a" * 64]),
        report_json(1, score=0.1),
        report_json(5, position=away(300.0)),
    )
    assert [result["status"] for result in results] == [201, 422, 422, 422, 409, 201]
    assert "score" in results[1]["detail"]
    assert "99999" in results[2]["detail"]
    assert str(report_id(1)) in results[4]["detail"]
    assert len(events_in(api)) == 2


def test_a_batch_sent_again_counts_once(api: RunningApi) -> None:
    """With the same receipts, whether it comes whole, in part or one by one."""
    reports = [report_json(number, position=away(200.0 * number)) for number in range(4)]
    first = send(api, *reports)
    again = send(api, *reports[1:], reports[0], reports[0])
    assert [result["status"] for result in again] == [200] * 5
    assert [result["receipt"] for result in again[:3]] == [each["receipt"] for each in first[1:]]
    with api.client(Role.MACHINE) as drone:
        assert drone.post("/reports", json=reports[2]).json() == first[2]["receipt"]
    assert [event["observation_count"] for event in events_in(api)] == [1] * 4


def test_the_audit_and_the_feed_tell_of_each_report_in_order(api: RunningApi) -> None:
    """The chain holds, and every message carries the event as it stood after its report."""
    send(api, report_json(1), report_json(2, pass_id="pass-2"), report_json(3, position=away(300)))
    database = Database(api.settings.database_url)
    with database.read() as session:
        entries = [each for each in audit.entries(session) if each.deed.action != "token.issued"]
        verdict = walk(audit.entries(session), audit.head(session))
        messages = feed.after(session, 0, 10)
    database.close()
    assert verdict.broken is None
    ids = [entry.deed.content["report_id"] for entry in entries]
    assert ids == [str(report_id(number)) for number in (1, 2, 3)]
    told = [(m.kind, m.payload["number"], m.payload["observation_count"]) for m in messages]
    assert told == [("event.opened", 1, 1), ("event.changed", 1, 2), ("event.opened", 2, 1)]


def test_a_look_in_a_batch_finds_it_still_there(api: RunningApi) -> None:
    """What was said to be done and is seen again is handled further; new events beside it stay."""
    event_id = send(api, report_json(1))[0]["receipt"]["event_id"]
    with api.client(Role.SUPERVISOR) as client:
        for version, name in enumerate(("accept", "dispatch", "start", "finish"), start=1):
            wish = {"name": name, "body": "sanitation" if name == "dispatch" else None}
            headers = {"If-Match": f'"{version}"'}
            moved = client.post(f"/events/{event_id}/transitions", json=wish, headers=headers)
            assert moved.status_code == 201, moved.text
    reports = (
        make_report(2, position=away(300.0)),
        make_report(3, pass_id="pass-2", observed_at="2026-07-01T08:30:00Z"),
        make_report(4, pass_id="pass-3", position=away(300.5)),
    )
    database = Database(api.settings.database_url)
    with database.write() as session:
        by, later = Principal("falcon-1", Role.MACHINE), NOW + timedelta(hours=1)
        arrival = Arrival(by, later, read_rules(session), lambda: Grid(make_cells()))
        receive_all(session, [(report, arrival) for report in reports])
    with database.read() as session:
        verdict = walk(audit.entries(session), audit.head(session))
    database.close()
    assert verdict.broken is None
    far, near = events_in(api)
    assert (near["event_id"], near["status"]) == (event_id, "handling")
    assert (far["observation_count"], near["observation_count"]) == (2, 2)


@pytest.mark.parametrize("reports", [[], [{}] * 1001])
def test_a_batch_has_some_and_not_too_many(api: RunningApi, reports: list[object]) -> None:
    """Nothing, or more than a thousand, is refused as a whole."""
    with api.client(Role.MACHINE) as drone:
        assert drone.post("/reports/batch", json={"reports": reports}).status_code == 422
