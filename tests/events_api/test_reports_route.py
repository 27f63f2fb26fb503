"""POST /reports."""

from __future__ import annotations

from tests.events_api.conftest import RunningApi
from tests.events_api.factories import report_json


def test_a_report_opens_an_event(api: RunningApi) -> None:
    """The first report of a thing opens an event that an operator can read."""
    with api.client() as client:
        answer = client.post("/reports", json=report_json())
        assert answer.status_code == 201, answer.text
        event = client.get(f"/events/{answer.json()['event_id']}").json()
        assert event["matter"]["code"] == "09009"
        assert client.get("/events").json()["events"][0]["event_id"] == event["event_id"]
