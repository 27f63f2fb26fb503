"""A database that is away, or refuses, is told as a problem, and no harm is done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import report_json
from tests.events_api.routes.test_stream import listening


@pytest.fixture(scope="module")
def database_kind() -> str:
    """An SQLite file is never away."""
    return "postgresql"


@contextmanager
def away(url: str) -> Iterator[None]:
    """Cut every line to a database, and let nobody connect to it until the context is left."""
    name = make_url(url).database
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        server.execute(text(query), {"name": name})
        yield
        server.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    engine.dispose()


def test_while_the_database_is_away_everybody_is_asked_to_come_again(api: RunningApi) -> None:
    """Readers and writers, with nothing of the database's own words; and then all goes on."""
    with api.client(Role.MACHINE) as drone, api.client() as desk:
        drone.post("/reports", json=report_json(1)).raise_for_status()
        with away(api.settings.database_url):
            answers = [
                drone.post("/reports", json=report_json(2, pass_id="pass-2")),
                desk.get("/events"),
            ]
        assert drone.post("/reports", json=report_json(2, pass_id="pass-2")).status_code == 201
        (event,) = desk.get("/events").json()["events"]
    assert event["observation_count"] == 2
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "Try again" in answer.json()["detail"]
        assert "psycopg" not in answer.text


def test_a_live_stream_outlasts_it(api: RunningApi) -> None:
    """Nothing is told meanwhile, and everything afterwards."""
    with listening(api) as told:
        next(told)
        with away(api.settings.database_url):
            time.sleep(2 * api.settings.keep_alive_s)  # the stream looks, and cannot see
        with api.client(Role.MACHINE) as drone:
            drone.post("/reports", json=report_json(1)).raise_for_status()
        assert next(told).kind == "event.opened"


def test_a_text_that_postgresql_does_not_keep_is_refused(api: RunningApi) -> None:
    """It has no sign of the code 0; the report is refused whole."""
    with api.client(Role.MACHINE) as drone, api.client() as desk:
        answer = drone.post("/reports", json=report_json(1, why="stood \0 there"))
        assert (answer.status_code, answer.json()["title"]) == (422, "Cannot be accepted")
        assert desk.get("/events").json()["events"] == []
