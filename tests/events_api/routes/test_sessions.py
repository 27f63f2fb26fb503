"""Signing in, renewing, signing out; and what a disabled user may still do: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest

from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import NOW, RunningApi, running

WORDS = "three quiet herons"
LIN = {"name": "lin", "role": "acceptor", "scope": "town:341299001", "password": WORDS}


@dataclass
class Clock:
    """The server's clock, set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The server's clock."""
    return Clock()


@pytest.fixture
def office(settings: ApiSettings, tokens: dict[Role, str], clock: Clock) -> Iterator[RunningApi]:
    """An API with one user, an acceptor of a town."""
    with running(replace(settings, clock=clock), tokens) as api, api.client() as admin:
        assert admin.post("/users", json=LIN).status_code == 201
        yield api


def sign_in(api: RunningApi, name: str = "lin", password: str = WORDS) -> httpx.Response:
    """Ask for a session."""
    return httpx.post(f"{api.url}/sessions", json={"name": name, "password": password})


def as_user(api: RunningApi, token: str) -> httpx.Client:
    """Return a client that speaks by a session's token."""
    return httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {token}"})


def status_with(api: RunningApi, token: str) -> int:
    """Return what the list of events answers to a token."""
    with as_user(api, token) as client:
        return client.get("/events").status_code


def test_a_user_has_their_role_and_scope(office: RunningApi) -> None:
    """The session says so, and for how long."""
    answer = sign_in(office)
    made = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert datetime.fromisoformat(made["expires_at"]) == NOW + timedelta(hours=1)
    with as_user(office, made["token"]) as client:
        me = {"name": "lin", "role": "acceptor", "scope": "town:341299001"}
        assert client.get("/sessions/current").json() == me
        assert client.get("/events").status_code == 200
        assert client.get("/users").status_code == 403


@pytest.mark.parametrize(
    ("name", "password"), [("lin", "four quiet herons"), ("nobody", WORDS), ("LIN", WORDS)]
)
def test_who_does_not_fit_is_told_no_more_than_that(
    office: RunningApi, name: str, password: str
) -> None:
    """The same sentence for a wrong name and for a wrong password."""
    answer = sign_in(office, name, password)
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("This name and password do not fit")


def test_a_session_is_over_after_an_hour_unless_it_is_renewed(
    office: RunningApi, clock: Clock
) -> None:
    """Renewed it goes on by a new token alone, until the shift is over."""
    token = sign_in(office).json()["token"]
    clock.now += timedelta(minutes=59)
    with as_user(office, token) as client:
        renewed = client.post("/sessions/current/renewal").json()["token"]
    assert (status_with(office, token), status_with(office, renewed)) == (401, 200)
    clock.now += timedelta(hours=1)
    assert status_with(office, renewed) == 401


def test_a_shift_ends(office: RunningApi, clock: Clock) -> None:
    """After twelve hours the password is asked for again, however often it was renewed."""
    token = sign_in(office).json()["token"]
    for _ in range(15):
        clock.now += timedelta(minutes=50)
        with as_user(office, token) as client:
            answer = client.post("/sessions/current/renewal")
        if answer.status_code != 201:
            break
        token = answer.json()["token"]
    assert answer.status_code == 401
    assert timedelta(hours=12) <= clock.now - NOW < timedelta(hours=13)


def test_signing_out_ends_this_session_alone(office: RunningApi) -> None:
    """Another one of the same user goes on."""
    here, there = (sign_in(office).json()["token"] for _ in range(2))
    with as_user(office, here) as client:
        assert client.delete("/sessions/current").status_code == 204
    assert (status_with(office, here), status_with(office, there)) == (401, 200)


def test_a_disabled_users_tokens_die_at_once(office: RunningApi) -> None:
    """Also one that is about to be renewed; let in again, they sign in anew."""
    token = sign_in(office).json()["token"]
    with office.client() as admin:
        assert admin.patch("/users/lin", json={"disabled": True}).status_code == 204
        assert (status_with(office, token), sign_in(office).status_code) == (401, 401)
        admin.patch("/users/lin", json={"disabled": False})
    assert (status_with(office, token), sign_in(office).status_code) == (401, 201)


def test_a_live_stream_ends_with_its_session(office: RunningApi) -> None:
    """Nothing is told any more to somebody who is no longer let in."""
    token = sign_in(office).json()["token"]
    with as_user(office, token) as client, client.stream("GET", "/stream") as told:
        lines = told.iter_lines()
        assert "event: ready" in (next(lines), next(lines))
        with office.client() as admin:
            admin.patch("/users/lin", json={"disabled": True})
        assert "event: event.opened" not in list(lines)  # it ends


def test_another_password_ends_every_session(office: RunningApi) -> None:
    """Set by an administrator, or by oneself who knows the present one."""
    token = sign_in(office).json()["token"]
    with office.client() as admin:
        made = admin.put("/users/lin/password", json={}).json()["password"]
    assert (status_with(office, token), sign_in(office).status_code) == (401, 401)
    token = sign_in(office, password=made).json()["token"]
    with as_user(office, token) as client:
        wrong = {"present": WORDS, "next": "five loud geese"}
        assert client.put("/sessions/current/password", json=wrong).status_code == 403
        right = {"present": made, "next": "five loud geese"}
        assert client.put("/sessions/current/password", json=right).status_code == 204
    assert status_with(office, token) == 401
    assert sign_in(office, password="five loud geese").status_code == 201


def test_guessing_at_a_name_is_stopped(office: RunningApi, clock: Clock) -> None:
    """With the time to come again; the right password is let in then."""
    answers = [sign_in(office, password="a wrong guess") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 8 + [429]
    assert sign_in(office).status_code == 429
    assert answers[-1].headers["content-type"] == "application/problem+json"
    clock.now += timedelta(seconds=int(answers[-1].headers["retry-after"]))
    assert sign_in(office).status_code == 201


def test_guessing_at_many_names_is_stopped(office: RunningApi) -> None:
    """By the address that it comes from."""
    answers = [sign_in(office, f"user{number}").status_code for number in range(31)]
    assert answers == [401] * 30 + [429]


def test_signing_in_often_is_no_guessing(office: RunningApi) -> None:
    """The name is not shut out by its right password."""
    assert [sign_in(office).status_code for _ in range(12)] == [201] * 12


def test_a_machines_token_is_no_session(office: RunningApi) -> None:
    """It is neither renewed nor signed out nor given a password."""
    with office.client(Role.MACHINE) as machine:
        change = {"present": "x", "next": "y"}
        answers = [
            machine.post("/sessions/current/renewal"),
            machine.put("/sessions/current/password", json=change),
            machine.delete("/sessions/current"),
        ]
        assert machine.get("/sessions/current").json()["role"] == "machine"
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_the_audit_tells_who_came_and_who_was_refused(office: RunningApi) -> None:
    """And never a name that nobody has: it may be a password in the wrong field."""
    sign_in(office, password="a wrong guess")
    sign_in(office, name=WORDS)
    sign_in(office)
    database = Database(office.settings.database_url)
    with database.read() as session:
        deeds = [entry.deed for entry in audit.entries(session)]
    database.close()
    told = [(deed.actor, deed.action, deed.subject) for deed in deeds[-4:]]
    assert told == [
        ("administrator-1", "user.added", "user:lin"),
        ("anybody", "session.refused", "user:lin"),
        ("anybody", "session.refused", "user:unknown"),
        ("lin", "session.begun", "user:lin"),
    ]
