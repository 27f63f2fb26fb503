"""POST, GET and PATCH /users, and PUT /users/{name}/password."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from events_api.roles import Role
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import RunningApi

WORDS = "three quiet herons"


def user(name: str = "lin", **changes: Any) -> dict[str, Any]:
    """Return a wish for a user."""
    return {"name": name, "role": "acceptor", "password": WORDS, **changes}


def test_a_password_that_was_made_up_is_shown_once(api: RunningApi) -> None:
    """It lets in, and no list has it or a hash of it."""
    with api.client() as admin:
        made = admin.post("/users", json=user(password=None)).json()["password"]
        listed = admin.get("/users")
    sign_in = {"name": "lin", "password": made}
    assert httpx.post(f"{api.url}/sessions", json=sign_in).status_code == 201
    assert made not in listed.text
    assert "argon2" not in listed.text
    assert [(row["name"], row["disabled_at"]) for row in listed.json()] == [("lin", None)]


def test_a_password_that_was_chosen_is_not_repeated(api: RunningApi) -> None:
    """Neither in the answer nor in a refusal."""
    with api.client() as admin:
        answers = [admin.post("/users", json=user()) for _ in range(2)]
        weak = admin.post("/users", json=user("wang", password="short-one"))
    assert [answer.status_code for answer in answers] == [201, 409]
    assert weak.status_code == 422
    assert all(WORDS not in answer.text for answer in answers)
    assert "short-one" not in weak.text


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        (user("machine-1"), 409),  # a token's: one name is one actor
        (user(role="king"), 422),
        (user("a b"), 422),
        (user(scope="town:7"), 422),
        ({"name": "new"}, 422),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    shared_api: RunningApi, wish: dict[str, Any], status: int
) -> None:
    """And nobody is let in."""
    with shared_api.client() as admin:
        answer = admin.post("/users", json=wish)
        assert (answer.status_code, admin.get("/users").json()) == (status, []), answer.text


def test_a_token_cannot_take_a_users_name(api: RunningApi) -> None:
    """Nor can the name of one who is disabled: the audit goes on telling them apart."""
    with api.client() as admin:
        admin.post("/users", json=user())
        admin.patch("/users/lin", json={"disabled": True})
        answer = admin.post("/tokens", json={"name": "lin", "role": Role.MACHINE})
    assert answer.status_code == 409


def test_an_administrator_keeps_the_users_of_their_own_scope(api: RunningApi) -> None:
    """Others are neither seen nor changed, and none is made beyond it."""
    wish = {"name": "town", "role": "administrator", "scope": "town:341299001"}
    with api.client() as admin:
        token = admin.post("/tokens", json=wish).json()["token"]
        admin.post("/users", json=user("chief"))
        admin.post("/users", json=user("lin", scope="village:341299001001"))
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=api.url, headers=headers) as town:
        assert [row["name"] for row in town.get("/users").json()] == ["lin"]
        assert town.post("/users", json=user("more")).status_code == 403
        for name, status in (("chief", 404), ("lin", 204), ("nobody", 404)):
            assert town.patch(f"/users/{name}", json={"disabled": True}).status_code == status
            answer = town.put(f"/users/{name}/password", json={})
            assert (answer.status_code == 404) == (status == 404)
        beyond = town.patch("/users/lin", json={"scope": "district:341299"})
        assert (beyond.status_code, "lies beyond it" in beyond.text) == (403, True)


def test_a_user_is_given_other_work(api: RunningApi) -> None:
    """From then on; the session of what they were before is over, and the audit tells it."""
    sign_in = {"name": "lin", "password": WORDS}
    with api.client() as admin:
        admin.post("/users", json=user(scope="town:341299001"))
        before = httpx.post(f"{api.url}/sessions", json=sign_in).json()["token"]
        wish = {"role": "dispatcher", "scope": "district:341299"}
        assert admin.patch("/users/lin", json=wish).status_code == 204
        (row,) = admin.get("/users").json()
    assert {name: row[name] for name in wish} == wish
    headers = {"Authorization": f"Bearer {before}"}
    assert httpx.get(f"{api.url}/sessions/current", headers=headers).status_code == 401
    now = httpx.post(f"{api.url}/sessions", json=sign_in).json()
    assert (now["role"], now["scope"]) == ("dispatcher", "district:341299")
    database = Database(api.settings.database_url)
    with database.read() as session:
        deeds = [each.deed for each in audit.entries(session)]
    database.close()
    (told,) = [deed for deed in deeds if deed.action == "user.changed"]
    assert (told.subject, told.content) == ("user:lin", wish)


@pytest.mark.parametrize(
    "wish", [{}, {"role": "king"}, {"scope": "town:7"}, {"role": "handler", "name": "wang"}]
)
def test_a_change_that_makes_no_sense_changes_nothing(
    api: RunningApi, wish: dict[str, Any]
) -> None:
    """One that says nothing neither."""
    with api.client() as admin:
        admin.post("/users", json=user())
        assert admin.patch("/users/lin", json=wish).status_code == 422
        (row,) = admin.get("/users").json()
    assert (row["role"], row["scope"]) == ("acceptor", "everywhere")
