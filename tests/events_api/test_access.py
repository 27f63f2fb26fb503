"""Who may do what, and where: every route as every role and scope."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from events_api.access import authenticate, issue_token, roles_of
from events_api.app import ROUTERS
from events_api.errors import ConflictError, UnauthenticatedError
from events_api.roles import EVERYWHERE, Principal, Role, Scope
from events_api.store.access_models import TokenRow
from events_api.store.database import Database
from tests.events_api.conftest import NOW, RunningApi, running, settings_in
from tests.events_api.factories import JPEG, away, report_id, report_json

EVERYBODY = frozenset(Role)
MACHINE = frozenset({Role.MACHINE})
PEOPLE = EVERYBODY - MACHINE
SENDERS = frozenset(
    {Role.MACHINE, Role.COLLECTOR, Role.ACCEPTOR, Role.SUPERVISOR, Role.ADMINISTRATOR}
)
WITNESSES = SENDERS | {Role.HANDLER}
MOVERS = PEOPLE - {Role.ADMINISTRATOR}
VERIFIERS = frozenset({Role.MACHINE, Role.COLLECTOR, Role.ACCEPTOR, Role.SUPERVISOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

HASH = hashlib.sha256(JPEG).hexdigest()
HERE = ("district:341299", "town:341299001", "village:341299001001", "body:sanitation")
ELSEWHERE = ("district:341298", "town:341299002", "village:341299001002", "body:water")


class Outside(StrEnum):
    """What a route says to somebody whose role it takes, about what is not in their scope."""

    NOT_FOUND = "as if it were not there"
    LEFT_OUT = "left out of what is listed"
    FORBIDDEN = "only for those whom no scope bounds"
    NOTHING_IS = "nothing of this route is anybody's"
    OWN_TEST = "told below"


@dataclass(frozen=True)
class Row:
    """Who may use a route, and what it says of what is not theirs."""

    roles: frozenset[Role]
    outside: Outside
    public: bool = False


TABLE = {
    ("POST", "/reports"): Row(SENDERS, Outside.NOTHING_IS),  # whoever sees smoke says so
    ("POST", "/reports/batch"): Row(SENDERS, Outside.NOTHING_IS),
    ("GET", "/events"): Row(PEOPLE, Outside.LEFT_OUT),
    ("GET", "/events.geojson"): Row(PEOPLE, Outside.LEFT_OUT),
    ("GET", "/events.csv"): Row(PEOPLE, Outside.LEFT_OUT),
    ("GET", "/events.xlsx"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/events.cot"): Row(PEOPLE, Outside.LEFT_OUT),
    ("POST", "/forwards"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("GET", "/forwards"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("DELETE", "/forwards/{forward_id}"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("GET", "/forwards/{forward_id}/requests"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("POST", "/forwards/{forward_id}/requests/{number}/retry"): Row(
        ADMINISTRATORS, Outside.OWN_TEST
    ),
    ("GET", "/events/{event_id}/forwards"): Row(PEOPLE, Outside.NOT_FOUND),
    ("POST", "/webhooks"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("GET", "/webhooks"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("DELETE", "/webhooks/{webhook_id}"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("GET", "/webhooks/{webhook_id}/deliveries"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("POST", "/webhooks/{webhook_id}/deliveries/{message_id}/redelivery"): Row(
        ADMINISTRATORS, Outside.OWN_TEST
    ),
    ("GET", "/open311/v2/discovery.{form}"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/open311/v2/services.{form}"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/open311/v2/services/{service_code}.{form}"): Row(
        EVERYBODY, Outside.OWN_TEST, public=True
    ),
    ("GET", "/open311/v2/requests.{form}"): Row(PEOPLE, Outside.LEFT_OUT),
    ("GET", "/open311/v2/requests/{service_request_id}.{form}"): Row(PEOPLE, Outside.NOT_FOUND),
    ("GET", "/open311/v2/tokens/{token}.{form}"): Row(PEOPLE, Outside.NOT_FOUND),
    ("POST", "/open311/v2/requests.{form}"): Row(SENDERS, Outside.NOTHING_IS),
    ("GET", "/alerts"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/alerts/{identifier}.xml"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/events/{event_id}"): Row(PEOPLE, Outside.NOT_FOUND),
    ("GET", "/events/{event_id}/history"): Row(PEOPLE, Outside.NOT_FOUND),
    ("POST", "/events/{event_id}/transitions"): Row(MOVERS, Outside.NOT_FOUND),
    ("POST", "/events/{event_id}/verifications"): Row(VERIFIERS, Outside.NOT_FOUND),
    ("POST", "/observations/{report_id}/split"): Row(
        frozenset({Role.ACCEPTOR, Role.SUPERVISOR}), Outside.NOT_FOUND
    ),
    ("GET", "/stream"): Row(PEOPLE, Outside.LEFT_OUT),
    ("PUT", "/vehicles/{name}/position"): Row(SENDERS, Outside.NOTHING_IS),
    ("GET", "/vehicles"): Row(PEOPLE, Outside.OWN_TEST),
    ("PUT", "/cells"): Row(ADMINISTRATORS, Outside.FORBIDDEN),
    ("GET", "/cells"): Row(PEOPLE, Outside.NOTHING_IS),
    ("PUT", "/evidence/{sha256}"): Row(WITNESSES, Outside.NOTHING_IS),
    ("GET", "/evidence/{sha256}"): Row(PEOPLE, Outside.NOT_FOUND),
    ("GET", "/matters"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/catalogue"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/calendars"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/deadlines"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/figures"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/ogc"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/ogc/conformance"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/ogc/collections"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/ogc/collections/{collection_id}"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/ogc/collections/events/items"): Row(PEOPLE, Outside.LEFT_OUT),
    ("GET", "/ogc/collections/events/items/{event_id}"): Row(PEOPLE, Outside.NOT_FOUND),
    ("GET", "/ogc/collections/cells/items"): Row(PEOPLE, Outside.NOTHING_IS),
    ("GET", "/ogc/collections/cells/items/{code}"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/ogc/collections/vehicles/items"): Row(PEOPLE, Outside.OWN_TEST),
    ("GET", "/ogc/collections/vehicles/items/{name}"): Row(PEOPLE, Outside.OWN_TEST),
    ("POST", "/tokens"): Row(ADMINISTRATORS, Outside.FORBIDDEN),
    ("GET", "/tokens"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("DELETE", "/tokens/{name}"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("POST", "/users"): Row(ADMINISTRATORS, Outside.FORBIDDEN),
    ("GET", "/users"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("PATCH", "/users/{name}"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("PUT", "/users/{name}/password"): Row(ADMINISTRATORS, Outside.OWN_TEST),
    ("POST", "/sessions"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/sessions/current"): Row(EVERYBODY, Outside.NOTHING_IS),
    ("POST", "/sessions/current/renewal"): Row(EVERYBODY, Outside.OWN_TEST),
    ("PUT", "/sessions/current/password"): Row(EVERYBODY, Outside.OWN_TEST),
    ("DELETE", "/sessions/current"): Row(EVERYBODY, Outside.OWN_TEST),
    ("POST", "/public/reports"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/public/reports/{receipt}"): Row(EVERYBODY, Outside.OWN_TEST, public=True),
    ("GET", "/public/matters"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/events/{event_id}/contacts"): Row(frozenset({Role.ACCEPTOR}), Outside.NOT_FOUND),
    ("GET", "/healthz"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/readyz"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/metrics"): Row(ADMINISTRATORS | MACHINE, Outside.FORBIDDEN),
    ("GET", "/"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/report"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
    ("GET", "/docs"): Row(EVERYBODY, Outside.NOTHING_IS, public=True),
}
"""The whole of who may do what; a route that is not here fails the test below."""


@dataclass(frozen=True)
class County:
    """A served county, its one event, and a token of every role and scope."""

    client: httpx.Client
    event_id: str
    tokens: dict[tuple[Role, str], str]

    def ask(self, method: str, path: str, token: str | None) -> httpx.Response:
        """Send a request that makes sense to a route.

        Nothing is moved by it: a transition names a version that never was, and a second look was
        made too early.
        """
        url = path.format(
            event_id=self.event_id,
            name="nobody",
            sha256=HASH,
            receipt="0" * 12,
            report_id=report_id(1),
            collection_id="events",
            form="json",
            service_code="09009",
            service_request_id=self.event_id,
            token=self.event_id,
            webhook_id=self.event_id,
            forward_id=self.event_id,
            number=1,
            message_id="msg",
            identifier=f"{self.event_id}.2",
            code="1",
        )
        sent = {} if method == "GET" else BODIES.get(path, {})
        headers = {"Last-Event-ID": "0", **sent.get("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        body = {key: value for key, value in sent.items() if key != "headers"}
        with self.client.stream(method, url, headers=headers, **body) as answer:
            if path == "/stream" and answer.is_success:
                return httpx.Response(200, text=caught_up(answer))
            answer.read()
            return answer


def caught_up(answer: httpx.Response) -> str:
    """Return what a stream tells until it has nothing more to tell."""
    told = ""
    for piece in answer.iter_text():
        told += piece
        if "still here" in piece:
            break
    return told


@pytest.fixture(scope="module")
def county(
    tmp_path_factory: pytest.TempPathFactory, template: tuple[Path, dict[Role, str]]
) -> Iterator[County]:
    """A served county with one event, which the body `sanitation` says it has handled."""
    folder = tmp_path_factory.mktemp("county")
    shutil.copy(template[0], folder)
    settings = replace(settings_in(folder), keep_alive_s=0.02)
    tokens = {(role, "everywhere"): token for role, token in template[1].items()}
    database = Database(settings.database_url)
    for number, (role, scope) in enumerate(product(Role, (*HERE, *ELSEWHERE))):
        where = Scope.parse(scope)
        tokens[role, scope] = issue_token(database, f"t{number}", role, NOW, scope=where)
    database.close()
    with running(settings, template[1]) as api, httpx.Client(base_url=api.url) as client:
        yield County(client, handled_event(api), tokens)


def handled_event(api: RunningApi) -> str:
    """Bring an event to where a second look is awaited, and return its id."""
    with api.client() as client:
        client.put(f"/evidence/{HASH}", content=JPEG, headers=JPEG_TYPE)
        client.put("/vehicles/falcon/position", json=POSITION)
        event_id: str = client.post("/reports", json=report_json(evidence=[HASH])).json()[
            "event_id"
        ]
    with api.client(Role.SUPERVISOR) as supervisor:
        for version, name in enumerate(("accept", "dispatch", "start", "finish"), start=1):
            wish = {"name": name, "body": "sanitation" if name == "dispatch" else None}
            address = f"/events/{event_id}/transitions"
            made = supervisor.post(address, json=wish, headers={"If-Match": f'"{version}"'})
            assert made.status_code == 201, made.text
    return event_id


JPEG_TYPE = {"Content-Type": "image/jpeg"}
POSITION = {"position": report_json()["position"], "observed_at": "2026-07-01T00:00:00Z"}
BODIES: dict[str, dict[str, Any]] = {
    "/reports": {"json": report_json(7, position=away(300.0))},
    "/reports/batch": {"json": {"reports": [report_json(8, position=away(600.0))]}},
    "/vehicles/{name}/position": {"json": POSITION},
    "/open311/v2/requests.{form}": {"data": {"service_code": "09009", "address_string": "x"}},
    "/webhooks": {"json": {"url": "http://127.0.0.1:9/"}},
    "/forwards": {
        "json": {"url": "http://127.0.0.1:9/", "body": "sanitation", "services": {"09009": "1"}}
    },
    "/cells": {"json": {"type": "FeatureCollection", "features": []}},
    "/evidence/{sha256}": {"content": JPEG, "headers": JPEG_TYPE},
    "/users": {"json": {"name": "lin", "role": "machine"}},
    "/users/{name}": {"json": {"disabled": True}},
    "/users/{name}/password": {"json": {}},
    "/sessions": {"json": {"name": "lin", "password": ""}},
    "/sessions/current/password": {"json": {"present": "a", "next": "b"}},
    "/public/reports": {"data": {"words": "a hole in the road", "place": "by the bridge"}},
    "/observations/{report_id}/split": {
        "json": {"reason": "another car"},
        "headers": {"If-Match": '"0"'},
    },
    "/tokens": {"json": {"name": "machine-1", "role": "machine"}},
    "/events/{event_id}/transitions": {"json": {"name": "accept"}, "headers": {"If-Match": '"0"'}},
    "/events/{event_id}/verifications": {
        "json": {
            "verification_id": "00000000-0000-0000-0000-000000000001",
            "gone": True,
            "source": "falcon-1",
            "observed_at": "2026-06-01T00:00:00Z",
        }
    },
}


def test_every_route_is_in_the_table() -> None:
    """A new route must say here who may use it, and what of it is whose."""
    routes = [route for router in ROUTERS for route in router.routes]
    assert not any(isinstance(route, Mount) for route in routes)
    assert {key for route in routes for key in keys_of(route)} == set(TABLE)


def keys_of(route: BaseRoute) -> list[tuple[str, str]]:
    """Return the methods of a route, each with its path."""
    assert isinstance(route, APIRoute)
    return [(method, route.path) for method in sorted(route.methods or ())]


def declared_roles(route: BaseRoute) -> list[frozenset[Role]]:
    """Return what a route says itself about who may use it: once, or it says nothing of use."""
    assert isinstance(route, APIRoute)
    found = [roles_of(dependency.call) for dependency in route.dependant.dependencies]
    return [frozenset(roles) for roles in found if roles is not None]


def test_every_route_declares_the_roles_of_the_table() -> None:
    """In its own code and not only here; one that takes no token says so too."""
    for router in ROUTERS:
        for route in router.routes:
            for key in keys_of(route):
                row = TABLE[key]
                assert declared_roles(route) == [frozenset() if row.public else row.roles], key


def test_a_route_that_declares_nothing_is_found() -> None:
    """What the test above relies on."""
    router = APIRouter()
    router.get("/open")(lambda: None)
    assert declared_roles(router.routes[0]) == []


@pytest.mark.parametrize("key", TABLE, ids=" ".join)
def test_each_role_may_do_what_the_table_says_and_no_more(
    county: County, key: tuple[str, str]
) -> None:
    """Allowed routes answer, the others say 403, or 401 (GeoReport 403) without a token."""
    row = TABLE[key]
    assert (county.ask(*key, None).status_code in {401, 403}) == (not row.public)
    for role in Role:
        answer = county.ask(*key, county.tokens[role, "everywhere"])
        allowed = answer.status_code not in {401, 403}
        assert allowed == (role in row.roles), (role, answer.status_code, answer.text)
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "key", [key for key, row in TABLE.items() if row.outside is not Outside.OWN_TEST], ids=" ".join
)
def test_nobody_reads_or_moves_what_is_not_theirs(county: County, key: tuple[str, str]) -> None:
    """Every route as every role, whose scope is the event's place or body, or one beside it."""
    row = TABLE[key]
    for role, scope in product(sorted(row.roles), (*HERE, *ELSEWHERE)):
        answer = county.ask(*key, county.tokens[role, scope])
        said = (role, scope, answer.status_code, answer.text)
        match row.outside:
            case Outside.NOT_FOUND:
                assert (answer.status_code != 404) == (scope in HERE), said
            case Outside.LEFT_OUT:
                assert answer.status_code == 200, said
                assert (county.event_id in answer.text) == (scope in HERE), said
            case Outside.FORBIDDEN:
                assert answer.status_code == 403, said
            case _:
                assert answer.status_code not in {401, 403, 404}, said


@pytest.mark.parametrize("scope", [*HERE, *ELSEWHERE])
def test_aircraft_are_shown_to_areas_and_not_to_bodies(county: County, scope: str) -> None:
    """A body may be a contractor; where the aircraft are is not its business."""
    answer = county.ask("GET", "/vehicles", county.tokens[Role.SUPERVISOR, scope])
    assert ("falcon" in answer.text) == (not scope.startswith("body:"))


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ("town:341299001", 201),
        ("village:341299001007", 201),
        ("town:341299002", 403),
        ("district:341299", 403),
        ("everywhere", 403),
        ("body:sanitation", 403),  # whether it works in this town cannot be known
    ],
)
def test_an_administrator_gives_no_more_than_they_have(
    api: RunningApi, wish: str, status: int
) -> None:
    """One of a town issues, lists and revokes tokens of that town and its villages."""
    with api.client() as everywhere:
        town = {"name": "town", "role": "administrator", "scope": "town:341299001"}
        token = everywhere.post("/tokens", json=town).json()["token"]
        everywhere.post("/tokens", json={"name": "other", "role": "handler", "scope": wish})
    with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {token}"}) as client:
        made = client.post("/tokens", json={"name": "new", "role": "handler", "scope": wish})
        assert made.status_code == status, made.text
        listed = {row["name"] for row in client.get("/tokens").json()}
        assert listed == ({"town", "new", "other"} if status == 201 else {"town"})
        assert client.delete("/tokens/other").status_code == (204 if status == 201 else 404)


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic YTpi", "Bearer wrong token"])
def test_a_wrong_header_is_401_with_a_sentence(shared_api: RunningApi, header: str) -> None:
    """What is not a token in force gets a problem that says what to do."""
    answer = httpx.get(f"{shared_api.url}/events", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "oken" in answer.json()["detail"]


def test_the_wrong_role_is_told_which_it_takes(shared_api: RunningApi) -> None:
    """A machine that administers is told its own role and the one needed."""
    with shared_api.client(Role.MACHINE) as client:
        detail = client.get("/tokens").json()["detail"]
    assert detail == "The token machine-1 has the role machine, and this takes administrator."


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh database."""
    database = Database(f"sqlite:///{tmp_path / 'tokens.sqlite'}")
    database.migrate()
    yield database
    database.close()


def test_a_token_is_long_and_random_and_stored_as_a_hash(database: Database) -> None:
    """Whoever reads the database cannot speak to the API."""
    tokens = [issue_token(database, name, Role.MACHINE, NOW) for name in ("a", "b")]
    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)
    with database.read() as session:
        stored = {row.sha256 for row in session.query(TokenRow)}
    assert stored == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}


def test_a_token_tells_its_name_and_role(database: Database) -> None:
    """Authentication gives back what was issued."""
    principal = authenticate(database, issue_token(database, "falcon", Role.MACHINE, NOW), NOW)
    assert (principal.name, principal.role) == ("falcon", Role.MACHINE)


@pytest.mark.parametrize(
    ("former", "role"),
    [("drone", Role.MACHINE), ("operator", Role.ACCEPTOR), ("admin", Role.ADMINISTRATOR)],
)
def test_a_token_of_a_former_version_goes_on(database: Database, former: str, role: Role) -> None:
    """Its role is the one that can do what it could, and as little more as there is."""
    token = issue_token(database, "old", Role.MACHINE, NOW)
    with database.write() as session:
        session.get_one(TokenRow, "old").role = former
    assert authenticate(database, token, NOW) == Principal("old", role, EVERYWHERE)


def test_a_name_in_force_is_not_issued_twice(database: Database) -> None:
    """Two holders under one name could not be told apart."""
    token = issue_token(database, "falcon", Role.MACHINE, NOW)
    with pytest.raises(ConflictError, match="falcon is in force"):
        issue_token(database, "falcon", Role.ADMINISTRATOR, NOW)
    assert authenticate(database, token, NOW).role == Role.MACHINE


@pytest.mark.parametrize("token", ["", "x", "ü" * 50])
def test_an_unknown_token_is_nobody(database: Database, token: str) -> None:
    """Whatever the text, only an issued one is known."""
    with pytest.raises(UnauthenticatedError, match="not known here"):
        authenticate(database, token, NOW)
