"""The app as a whole: its pages, its description, its limits and its answers to the unforeseen."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from events_api.errors import CatalogueError
from events_api.metrics import Metrics
from events_api.roles import Role
from events_api.runtime import open_runtime
from events_api.settings import ApiSettings
from events_api.store.database import Database
from events_api.store.rule_models import RuleFileRow
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import report_json


@pytest.mark.parametrize("path", ["/", "/report", "/docs"])
def test_a_page_may_load_nothing_from_elsewhere(shared_api: RunningApi, path: str) -> None:
    """The policy names no other server, and no script in the page itself."""
    answer = httpx.get(f"{shared_api.url}{path}")
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/report", "/docs"])
def test_everything_a_page_names_is_served(shared_api: RunningApi, path: str) -> None:
    """Scripts and styles are all our own, and there."""
    page = httpx.get(f"{shared_api.url}{path}").text
    named = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert len(named) >= 3
    for address in named:
        assert address.startswith("/"), address
        assert httpx.get(f"{shared_api.url}{address}").status_code == 200, address


OPEN = {
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("post", "/sessions"),
    ("post", "/public/reports"),
    ("get", "/public/reports/{receipt}"),
    ("get", "/public/matters"),
    ("get", "/open311/v2/discovery.{form}"),
    ("get", "/open311/v2/services.{form}"),
    ("get", "/open311/v2/services/{service_code}.{form}"),
}
"""What takes no token."""


def test_every_route_is_described(shared_api: RunningApi) -> None:
    """With a sentence of its own, and the token it takes."""
    description = httpx.get(f"{shared_api.url}/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            assert len(route["summary"]) > 20, (method, path)
            assert ("security" in route) == ((method, path) not in OPEN), (method, path)


def test_an_unknown_path_is_a_problem(shared_api: RunningApi) -> None:
    """Not found, and a wrong method, in the same form as everything else."""
    missing = httpx.get(f"{shared_api.url}/nothing")
    wrong = httpx.delete(f"{shared_api.url}/events")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    for answer in (missing, wrong):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, "not application/x-www-form"),
        ({}, "not without one"),
    ],
)
def test_json_that_does_not_say_so_is_told_how(
    shared_api: RunningApi, kind: dict[str, str], said: str
) -> None:
    """As curl sends it by itself."""
    headers = {"Authorization": f"Bearer {shared_api.tokens[Role.MACHINE]}", **kind}
    answer = httpx.post(f"{shared_api.url}/reports", content=b'{"score": 1}', headers=headers)
    assert answer.status_code == 422
    assert "with `Content-Type: application/json`, and " in answer.json()["detail"]
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_stopped(
    settings: ApiSettings, tokens: dict[Role, str], announced: bool
) -> None:
    """By its announced length, or while it arrives."""
    body = b'{"why": "' + b"x" * 2000 + b'"}'
    headers = {"Content-Type": "application/json"}
    content = body if announced else iter([body])
    with running(replace(settings, body_limit_bytes=1000), tokens) as api, api.client() as client:
        answer = client.post("/reports", content=content, headers=headers)
        assert client.post("/reports", json=report_json()).status_code == 201
    assert answer.status_code == 413, answer.text
    assert "1000 bytes" in answer.json()["detail"]


def test_a_failure_of_ours_is_a_problem_too(
    settings: ApiSettings, tokens: dict[Role, str], caplog: pytest.LogCaptureFixture
) -> None:
    """500 without the reason for the client, and with it in the log."""
    is_down = threading.Event()

    def broken_clock() -> datetime:
        if is_down.is_set():
            raise ZeroDivisionError("the clock fell down")
        return NOW

    with running(replace(settings, clock=broken_clock), tokens) as api:
        is_down.set()
        with api.client() as client:
            answer = client.post("/reports", json=report_json())
        is_down.clear()
        with api.client() as client:
            events = client.get("/events").json()["events"]
    assert (answer.status_code, events) == (500, [])
    assert answer.headers["content-type"] == "application/problem+json"
    assert "clock" not in answer.text
    assert "the clock fell down" in caplog.text


def test_a_wrong_catalogue_stops_the_start(settings: ApiSettings) -> None:
    """Before a request is answered: one that an older program wrote, in another form."""
    database = Database(settings.database_url)
    with database.write() as session:
        row = {"kind": "catalogue", "content": "version: 9", "sha256": "", "put_by": "us"}
        session.add(RuleFileRow(**row, put_at=NOW))
    database.close()

    async def start() -> None:
        with open_runtime(settings, asyncio.get_running_loop(), Metrics()):
            pass

    with pytest.raises(CatalogueError, match="catalogue in force:1: version: "):
        asyncio.run(start())


def test_the_server_says_where_it_listens(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """Port 0 takes a free one, and the address is one that works."""
    with running(settings, tokens) as api:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d{2,5}", api.url)
        assert httpx.get(f"{api.url}/healthz").json()["status"] == "ok"
