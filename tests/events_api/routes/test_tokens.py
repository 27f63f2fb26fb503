"""POST, GET and DELETE /tokens."""

from __future__ import annotations

import httpx
import pytest

from events_api.roles import Role
from tests.events_api.conftest import RunningApi


def status_with(api: RunningApi, token: str) -> int:
    """Return what the list of events answers to a token."""
    return httpx.get(f"{api.url}/events", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_new_token_works_until_it_is_revoked(api: RunningApi) -> None:
    """Revoking takes effect at once."""
    with api.client() as admin:
        answer = admin.post("/tokens", json={"name": "desk-2", "role": "dispatcher"})
        token = answer.json()["token"]
        assert (answer.status_code, status_with(api, token)) == (201, 200)
        assert admin.delete("/tokens/desk-2").status_code == 204
        assert status_with(api, token) == 401


def test_a_revoked_name_can_be_given_again(api: RunningApi) -> None:
    """The new token works and the old one stays dead."""
    wish = {"name": "desk-2", "role": "dispatcher"}
    with api.client() as admin:
        old = admin.post("/tokens", json=wish).json()["token"]
        admin.delete("/tokens/desk-2")
        new = admin.post("/tokens", json=wish).json()["token"]
    assert (status_with(api, old), status_with(api, new)) == (401, 200)


def test_the_list_shows_no_token(api: RunningApi) -> None:
    """Names and roles are shown, secrets and hashes are not."""
    with api.client() as admin:
        answer = admin.get("/tokens")
    assert [(row["name"], row["role"]) for row in answer.json()] == [
        (f"{role}-1", role) for role in sorted(Role)
    ]
    assert not any(token in answer.text for token in api.tokens.values())
    assert "sha256" not in answer.text


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"name": "machine-1", "role": "machine"}, 409),  # in force
        ({"name": "new", "role": "king"}, 422),
        ({"name": "", "role": "machine"}, 422),
        ({"name": "a b", "role": "machine"}, 422),  # would not fit a path
        ({"name": "new"}, 422),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    shared_api: RunningApi, wish: dict[str, str], status: int
) -> None:
    """Each with a problem, and no token is issued."""
    with shared_api.client() as admin:
        answer = admin.post("/tokens", json=wish)
        assert (answer.status_code, len(admin.get("/tokens").json())) == (status, len(Role))
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["nobody", "revoked"])
def test_only_a_token_in_force_can_be_revoked(api: RunningApi, name: str) -> None:
    """An unknown name and one already revoked are not found."""
    with api.client() as admin:
        admin.post("/tokens", json={"name": "revoked", "role": Role.MACHINE})
        admin.delete("/tokens/revoked")
        assert admin.delete(f"/tokens/{name}").status_code == 404
