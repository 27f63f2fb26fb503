"""Who may do what: every route as every role."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from events_api.access import Role, authenticate, issue_token
from events_api.app import ROUTERS
from events_api.errors import ConflictError, UnauthenticatedError
from events_api.store.database import Database
from events_api.store.models import TokenRow
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import JPEG, report_json

DRONE, OPERATOR, ADMIN = Role.DRONE, Role.OPERATOR, Role.ADMIN
SENDERS, READERS, ADMINS = {DRONE, OPERATOR, ADMIN}, {OPERATOR, ADMIN}, {ADMIN}
ANYBODY = {None, *Role}

HASH = hashlib.sha256(JPEG).hexdigest()
NOBODY = "00000000-0000-0000-0000-000000000000"

ALLOWED: dict[tuple[str, str], set[Role] | set[Role | None]] = {
    ("POST", "/reports"): SENDERS,
    ("GET", "/events"): READERS,
    ("GET", "/events.geojson"): READERS,
    ("GET", "/events/{event_id}"): READERS,
    ("GET", "/stream"): READERS,
    ("PUT", "/vehicles/{name}/position"): SENDERS,
    ("GET", "/vehicles"): READERS,
    ("PUT", "/cells"): ADMINS,
    ("GET", "/cells"): READERS,
    ("PUT", "/evidence/{sha256}"): SENDERS,
    ("GET", "/evidence/{sha256}"): READERS,
    ("GET", "/matters"): READERS,
    ("POST", "/tokens"): ADMINS,
    ("GET", "/tokens"): ADMINS,
    ("DELETE", "/tokens/{name}"): ADMINS,
    ("GET", "/healthz"): ANYBODY,
    ("GET", "/"): ANYBODY,
    ("GET", "/docs"): ANYBODY,
}
"""The whole of who may do what; a route that is not here fails the test below."""


def ask(client: httpx.Client, method: str, path: str) -> int:
    """Send a sensible request to a route and return the status, without reading a stream."""
    path = path.format(event_id=NOBODY, name="nobody", sha256=HASH)
    bodies = {
        "/reports": {"json": report_json()},
        "/vehicles/nobody/position": {
            "json": {"position": report_json()["position"], "observed_at": "2026-07-01T00:00:00Z"}
        },
        "/cells": {"json": {"type": "FeatureCollection", "features": []}},
        f"/evidence/{HASH}": {"content": JPEG, "headers": {"Content-Type": "image/jpeg"}},
        "/tokens": {"json": {"name": "new", "role": "drone"}},
    }
    body = bodies.get(path, {}) if method in {"PUT", "POST"} else {}
    with client.stream(method, path, **body) as answer:  # type: ignore[arg-type]
        return answer.status_code


def test_every_route_is_in_the_table() -> None:
    """A new route must say here who may use it."""
    routes = [route for router in ROUTERS for route in router.routes]
    assert not any(isinstance(route, Mount) for route in routes)
    served = {
        (method, route.path)
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert served == set(ALLOWED)


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_may_do_what_the_table_says_and_no_more(
    api: RunningApi, role: Role | None
) -> None:
    """Allowed routes answer, the others say 403, or 401 to somebody without a token."""
    with api.client(role) as client:
        answers = {key: ask(client, *key) for key in ALLOWED}
    refusal = 401 if role is None else 403
    for key, allowed in ALLOWED.items():
        if role in allowed:
            assert answers[key] not in {401, 403}, f"{role} is kept from {key}"
        else:
            assert answers[key] == refusal, f"{role} at {key} got {answers[key]}"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic YTpi", "Bearer wrong token"])
def test_a_wrong_header_is_401_with_a_sentence(shared_api: RunningApi, header: str) -> None:
    """What is not a token in force gets a problem that says what to do."""
    answer = httpx.get(f"{shared_api.url}/events", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "oken" in answer.json()["detail"]


def test_the_wrong_role_is_told_which_it_takes(shared_api: RunningApi) -> None:
    """A drone that reads is told its own role and the ones needed."""
    with shared_api.client(DRONE) as client:
        detail = client.get("/events").json()["detail"]
    assert detail == ("The token drone-1 has the role drone, and this takes operator or admin.")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh database."""
    database = Database(f"sqlite:///{tmp_path / 'tokens.sqlite'}")
    database.migrate()
    yield database
    database.close()


def test_a_token_is_long_and_random_and_stored_as_a_hash(database: Database) -> None:
    """Whoever reads the database cannot speak to the API."""
    tokens = [issue_token(database, name, DRONE, NOW) for name in ("a", "b")]
    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)
    with database.read() as session:
        stored = {row.sha256 for row in session.query(TokenRow)}
    assert stored == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}


def test_a_token_tells_its_name_and_role(database: Database) -> None:
    """Authentication gives back what was issued."""
    principal = authenticate(database, issue_token(database, "falcon", DRONE, NOW))
    assert (principal.name, principal.role) == ("falcon", DRONE)


def test_a_name_in_force_is_not_issued_twice(database: Database) -> None:
    """Two holders under one name could not be told apart."""
    token = issue_token(database, "falcon", DRONE, NOW)
    with pytest.raises(ConflictError, match="falcon is in force"):
        issue_token(database, "falcon", ADMIN, NOW)
    assert authenticate(database, token).role == DRONE


@pytest.mark.parametrize("token", ["", "x", "ü" * 50])
def test_an_unknown_token_is_nobody(database: Database, token: str) -> None:
    """Whatever the text, only an issued one is known."""
    with pytest.raises(UnauthenticatedError, match="not known here"):
        authenticate(database, token)
