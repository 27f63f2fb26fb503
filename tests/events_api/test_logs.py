"""What the server writes down of its work, and what it never does."""

from __future__ import annotations

import io
import json
import re
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from events_api.logs import LogFormat, logging_to
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store.access_models import ContactRow
from events_api.store.database import Database
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import report_json

CONTACT = "13800138000"


pytestmark = pytest.mark.both_databases


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """Everything that is logged in JSON."""
    stream = io.StringIO()
    with logging_to(stream, LogFormat.JSON):
        yield stream


def rows(told: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines, each of which is one JSON object."""
    return [json.loads(line) for line in told.getvalue().splitlines()]


def requests(told: io.StringIO, count: int) -> list[dict[str, Any]]:
    """Return the lines about so many requests; each is written once its answer has gone."""
    pause = threading.Event()
    while told.getvalue().count('"events_api.requests"') < count:
        pause.wait(0.01)
    return [row for row in rows(told) if row["logger"] == "events_api.requests"]


def test_a_request_is_a_line_with_its_name_and_route(told: io.StringIO, api: RunningApi) -> None:
    """The name is the one that its answer bears."""
    with api.client(Role.MACHINE) as client:
        answer = client.post("/reports", json=report_json())
    (row,) = requests(told, 1)
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert row["request_id"] == answer.headers["x-request-id"]
    assert (row["method"], row["route"], row["status"]) == ("POST", "/reports", 201)
    assert row["took_ms"] > 0


@pytest.mark.parametrize(
    ("sent", "taken"),
    [("proxy-7.a_B", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ('"}{', False)],
)
def test_a_name_that_a_proxy_gave_is_kept_if_it_is_plain(
    api: RunningApi, sent: str, taken: bool
) -> None:
    """Whatever else would be written into the log by a stranger."""
    answer = httpx.get(f"{api.url}/healthz", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) == taken


@pytest.mark.parametrize("path", ["/events", "/nothing", "/public/reports/0000-0000-0000"])
def test_an_error_answer_says_its_name(shared_api: RunningApi, path: str) -> None:
    """So that a person can name the line of the log."""
    answer = httpx.get(f"{shared_api.url}{path}")
    assert answer.status_code in {401, 404}
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_neither_tokens_nor_receipts_nor_signatures_are_logged(
    told: io.StringIO, api: RunningApi
) -> None:
    """Routes are, without what stands in their place."""
    with api.client(Role.ACCEPTOR) as client:
        client.get("/public/reports/7K3F-9QTM-2XVB")
        client.get(f"/evidence/{'a' * 64}?holder=x&expires=1&signature=SECRET")
        client.post("/sessions", json={"name": "lin", "password": "a good password"})
    assert len(requests(told, 3)) == 3
    for secret in (api.tokens[Role.ACCEPTOR], "7K3F", "SECRET", "a good password"):
        assert secret not in told.getvalue()


def test_a_failure_is_logged_with_its_name_and_without_the_contact_it_was_about(
    told: io.StringIO, settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """The database's own words repeat what it was given, unless they are kept from it."""
    with running(settings, tokens) as api:
        database = Database(settings.database_url)
        with database.write() as session:
            session.add(ContactRow(report_id="x", contact=CONTACT, received_at=NOW))
            session.flush()
            session.connection().exec_driver_sql("CREATE UNIQUE INDEX broken ON contacts (contact)")
        database.close()
        message = {"words": "hole", "place": "bridge", "contact": CONTACT}
        sent = {**message, "report_id": str(uuid.uuid4())}
        answer = httpx.post(f"{api.url}/public/reports", data=sent)
    assert answer.status_code == 500
    name = answer.headers["x-request-id"]
    assert answer.json()["request_id"] == name
    failures = [row for row in rows(told) if row["level"] == "error"]
    assert any("IntegrityError" in row.get("exception", "") for row in failures)
    assert {row["request_id"] for row in failures} == {name}
    assert CONTACT not in told.getvalue()


def test_a_person_is_told_what_goes_wrong_and_no_more(api: RunningApi) -> None:
    """Lines of text, and none for a request that was served."""
    stream = io.StringIO()
    with logging_to(stream, LogFormat.TEXT):
        assert httpx.get(f"{api.url}/healthz").status_code == 200
        assert stream.getvalue() == ""
        Database(api.settings.database_url).engine.dispose()
        database = Database(api.settings.database_url)
        with database.write() as session:
            session.connection().exec_driver_sql("DROP TABLE feed_head")
        database.close()
        answer = httpx.get(f"{api.url}/readyz")
    assert f"WARNING events_api.routes.health [{answer.headers['x-request-id']}]: not ready" in (
        stream.getvalue()
    )
