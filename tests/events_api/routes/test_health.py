"""What orchestration and monitoring are told."""

from __future__ import annotations

import shutil

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from events_api.access import issue_token
from events_api.roles import Role, Scope
from events_api.settings import ApiSettings
from events_api.store.database import Database
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import JPEG, away, report_json

Figures = dict[tuple[str, str], float]


def figures(api: RunningApi) -> Figures:
    """Return each figure by its name and the values of its labels."""
    with api.client(Role.MACHINE) as client:
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if "le" not in sample.labels
    }


def change(database_url: str, statement: str) -> None:
    """Change the database as another program would."""
    database = Database(database_url)
    with database.write() as session:
        session.connection().exec_driver_sql(statement)
    database.close()


def test_whoever_needs_a_restart_is_told_from_whoever_needs_a_database(api: RunningApi) -> None:
    """Without its database the process lives, and is not ready; neither takes a token."""
    assert httpx.get(f"{api.url}/readyz").json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "evidence": "ok"},
    }
    change(api.settings.database_url, "DROP TABLE feed_head")
    assert httpx.get(f"{api.url}/healthz").json()["status"] == "ok"
    answer = httpx.get(f"{api.url}/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failed")


def test_a_database_of_another_form_is_not_served(api: RunningApi) -> None:
    """A newer program may have brought it there while this one ran."""
    change(api.settings.database_url, "UPDATE alembic_version SET version_num = '9999'")
    answer = httpx.get(f"{api.url}/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "migrations": "failed", "evidence": "ok"}


def test_a_place_of_evidence_that_is_gone_is_told_without_its_path(api: RunningApi) -> None:
    """To whom no token was given, no path is shown."""
    shutil.rmtree(api.settings.evidence_folder)
    answer = httpx.get(f"{api.url}/readyz")
    assert (answer.status_code, answer.json()["checks"]["evidence"]) == (503, "failed")
    assert str(api.settings.evidence_folder) not in answer.text


def test_reports_are_counted_by_what_became_of_them(api: RunningApi) -> None:
    """Opened, merged into an open event, or sent again."""
    with api.client(Role.MACHINE) as client:
        client.post("/reports", json=report_json(1))
        client.post("/reports", json=report_json(1))
        client.post("/reports", json=report_json(2, track_id=1))
        client.post("/reports", json=report_json(3, position=away(300.0)))
        client.post("/reports", json=report_json(4, matter=None))
    told = figures(api)
    name = "gridpatrol_reports_total"
    assert (told[name, "opened"], told[name, "merged"], told[name, "repeated"]) == (2, 1, 1)
    assert told["gridpatrol_events_open", "reported"] == 2
    assert told["gridpatrol_events_open", "accepted"] == 0


def test_requests_are_counted_by_route_and_status_and_never_by_address(api: RunningApi) -> None:
    """Addresses are without number, and hold receipts."""
    with api.client(Role.MACHINE) as client:
        client.post("/reports", json=report_json(1))
        client.post("/reports", json={})
        client.get("/public/reports/7K3F-9QTM-2XVB")
        client.get("/nothing/like/it")
    told = figures(api)
    name = "gridpatrol_request_seconds_count"
    assert told[name, "POST /reports 201"] == 1
    assert told[name, "POST /reports 422"] == 1
    assert told[name, "GET /public/reports/{receipt} 404"] == 1
    assert told[name, "GET other 404"] == 1


def test_evidence_and_messages_are_measured(api: RunningApi) -> None:
    """As the database knows them."""
    sha256 = "6e5b4d0dc5c1d0a0"  # any wrong one is refused and not counted
    with api.client(Role.MACHINE) as client:
        client.put(f"/evidence/{sha256}", content=JPEG, headers={"Content-Type": "image/jpeg"})
    told = figures(api)
    assert (told["gridpatrol_evidence_bytes", ""], told["gridpatrol_evidence_files", ""]) == (0, 0)
    assert told["gridpatrol_webhook_messages", "waiting"] == 0
    assert told["process_resident_memory_bytes", ""] > 0


def test_live_streams_are_counted_while_they_last(api: RunningApi) -> None:
    """Those of clients; what delivers webhooks inside of the server is none."""
    assert figures(api)["gridpatrol_streams", ""] == 0
    with api.client(Role.ACCEPTOR) as client, client.stream("GET", "/stream") as answer:
        pieces = answer.iter_text()  # held: dropped, it would close the stream
        next(pieces)
        assert figures(api)["gridpatrol_streams", ""] == 1
        assert figures(api)["gridpatrol_request_seconds_count", "GET /stream 200"] == 1


@pytest.fixture
def town_machine(settings: ApiSettings) -> str:
    """The token of a machine of one town."""
    database = Database(settings.database_url)
    scope = Scope.parse("town:341299001")
    token = issue_token(database, "town", Role.MACHINE, NOW, scope=scope)
    database.close()
    return token


def test_the_figures_are_for_those_whom_no_scope_bounds(
    settings: ApiSettings, tokens: dict[Role, str], town_machine: str
) -> None:
    """Also from this machine itself: behind a proxy everybody seems to come from there."""
    with running(settings, tokens) as api:
        headers = {"Authorization": f"Bearer {town_machine}"}
        assert httpx.get(f"{api.url}/metrics", headers=headers).status_code == 403
        assert httpx.get(f"{api.url}/metrics").status_code == 401
