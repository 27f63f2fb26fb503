"""GET /alerts, /alerts/{identifier}.xml and /events.cot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import etree

from events_api.cell_features import collection_of
from events_api.interchange.cap import NAMESPACE
from events_api.roles import Role
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import away, make_cells, report_json

FIRE = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-FIRE"}


def post(api: RunningApi, number: int = 1, **changes: Any) -> str:
    """Send a report of a fire and return its event's id."""
    with api.client(Role.MACHINE) as drone:
        report = report_json(number, **{"matter": FIRE, **changes})
        event_id: str = drone.post("/reports", json=report).json()["event_id"]
        return event_id


def move(api: RunningApi, event_id: str, *names: str) -> None:
    """Move an event on."""
    with api.client(Role.SUPERVISOR) as supervisor:
        for name in names:
            tag = supervisor.get(f"/events/{event_id}").headers["etag"]
            wish = {"name": name}
            wish |= {"body": "fire-brigade"} if name == "dispatch" else {}
            wish |= {"reason": "no fire"} if name in {"reject", "return_to_dispatcher"} else {}
            made = supervisor.post(
                f"/events/{event_id}/transitions", json=wish, headers={"If-Match": tag}
            )
            assert made.status_code == 201, made.text


def texts(answer: httpx.Response, name: str) -> list[str | None]:
    """Return the texts of an alert's elements of a name."""
    document = etree.fromstring(answer.content)
    return [each.text for each in document.iter(f"{{{NAMESPACE}}}{name}")]


def test_a_fire_is_alerted_once_somebody_accepted_it(api: RunningApi) -> None:
    """Updated with each step, and cancelled at the end; what is no hazard is never listed."""
    with api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells(2)))
    event_id = post(api)
    other = post(api, 2, matter={"standard_ref": "GB/T 47678.5-2026", "code": "09009"})
    move(api, other, "accept")
    with api.client(Role.SUPERVISOR) as reader:
        assert reader.get("/alerts").json() == []
        kinds = []
        for name in ("accept", "dispatch", "start", "finish", "confirm_gone"):
            move(api, event_id, name)
            (listed,) = reader.get("/alerts").json()
            kinds.append(listed["kind"])
            alert = reader.get(listed["href"])
            assert alert.headers["content-type"] == "application/cap+xml"
            assert texts(alert, "identifier") == [listed["identifier"]]
        assert kinds == ["Alert", "Update", "Update", "Update", "Cancel"]
        assert texts(alert, "areaDesc")[0] == (
            "Riverside 河湾镇 Market 集市村 Market 1 (341299001001001)"
        )
        (named,) = texts(alert, "references")
        assert named is not None
        assert len(named.split(" ")) == 4
        later = (NOW + timedelta(days=1)).isoformat()
        assert reader.get("/alerts", params={"since": later}).json() == []


def test_an_alert_that_was_given_never_changes(api: RunningApi) -> None:
    """Word for word the same after the next step, which has an alert of its own."""
    event_id = post(api)
    move(api, event_id, "accept")
    with api.client(Role.SUPERVISOR) as reader:
        (listed,) = reader.get("/alerts").json()
        before = reader.get(listed["href"]).content
        move(api, event_id, "dispatch")
        assert reader.get(listed["href"]).content == before


def test_alerts_are_for_those_whose_the_event_is(api: RunningApi) -> None:
    """Neither listed nor opened from another town; neither is one that never was."""
    event_id = post(api)
    move(api, event_id, "accept")
    with api.client() as admin:
        wish = {"name": "other", "role": "supervisor", "scope": "town:341299002"}
        token = admin.post("/tokens", json=wish).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=api.url, headers=headers) as stranger:
        assert stranger.get("/alerts").json() == []
        assert stranger.get(f"/alerts/{event_id}.2.xml").status_code == 404
    with api.client(Role.SUPERVISOR) as reader:
        assert reader.get(f"/alerts/{event_id}.2.xml").status_code == 200
        assert reader.get(f"/alerts/{event_id}.3.xml").status_code == 404
        assert reader.get("/alerts/fire.xml").status_code == 422


@pytest.mark.parametrize(("aircraft", "count"), [("true", 2), ("false", 1)])
def test_events_and_aircraft_are_told_as_cot(api: RunningApi, aircraft: str, count: int) -> None:
    """Filtered as the list is; aircraft on request only."""
    post(api)
    post(api, 2, position=away(80.0), matter={"standard_ref": "GB/T 47678.5-2026", "code": "09009"})
    with api.client() as client:
        sent = {"position": away(1), "observed_at": "2026-07-01T08:00:00Z"}
        client.put("/vehicles/falcon/position", json=sent)
        answer = client.get("/events.cot", params={"matter": "EXT-FIRE", "aircraft": aircraft})
    assert answer.headers["content-type"] == "application/xml"
    told = etree.fromstring(answer.content)
    assert [each.tag for each in told] == ["event"] * count
    assert told[0].get("type") == "a-u-X-i"
