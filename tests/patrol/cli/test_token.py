"""`patrol token`: tokens are shown once, listed without their text, and revoked."""

from datetime import UTC, datetime

import pytest

from events_api.access import authenticate
from events_api.errors import UnauthenticatedError
from events_api.roles import Role, Scope
from patrol.serving import own_database
from patrol.settings import Settings
from tests.patrol.conftest import Terminal


def role_of(terminal: Terminal, token: str) -> Role:
    """Return what this machine's API takes a token for."""
    with own_database(Settings(terminal.home)) as database:
        return authenticate(database, token, datetime.now(UTC)).role


@pytest.mark.parametrize("role", Role)
def test_a_token_carries_its_role(terminal: Terminal, role: Role) -> None:
    """What is printed, alone on its line, opens the API in that role."""
    said = terminal("token", "add", "desk-1", "--role", role.value)
    assert (said.code, said.out.count("\n")) == (0, 1)
    assert role_of(terminal, said.out.strip()) is role


def test_a_machine_gets_the_token_as_json(terminal: Terminal) -> None:
    """With the name and the role it was asked for."""
    (row,) = terminal("token", "add", "uav-1", "--role", "machine", "--json").lines
    assert (row["name"], row["role"]) == ("uav-1", "machine")
    assert role_of(terminal, str(row["token"])) is Role.MACHINE


def test_a_token_is_bounded_by_its_scope(terminal: Terminal) -> None:
    """A town's dispatcher; the list says where."""
    token = terminal(
        "token", "add", "desk-1", "--role", "dispatcher", "--scope", "town:341299001"
    ).out.strip()
    with own_database(Settings(terminal.home)) as database:
        assert authenticate(database, token, datetime.now(UTC)).scope == Scope.parse(
            "town:341299001"
        )
    assert "town:341299001" in terminal("token", "list").out
    said = terminal("token", "add", "desk-2", "--role", "dispatcher", "--scope", "town:7")
    assert said.code == 1
    assert "'town:7' is no scope; write everywhere" in said.err


@pytest.mark.parametrize(
    ("former", "role"),
    [("drone", Role.MACHINE), ("operator", Role.ACCEPTOR), ("admin", Role.ADMINISTRATOR)],
)
def test_former_words_for_roles_are_understood(terminal: Terminal, former: str, role: Role) -> None:
    """Scripts of former versions go on."""
    said = terminal("token", "add", "desk-1", "--role", former)
    assert role_of(terminal, said.out.strip()) is role


def test_the_list_never_shows_a_token(terminal: Terminal) -> None:
    """Names, roles and whether they are in force."""
    token = terminal("token", "add", "desk-1", "--role", "dispatcher").out.strip()
    table = terminal("token", "list").out
    assert "desk-1" in table
    assert "dispatcher" in table
    assert token not in table + terminal("token", "list", "--json").out


def test_a_revoked_token_is_out_of_force_at_once(terminal: Terminal) -> None:
    """It opens nothing any more, and the list says so."""
    token = terminal("token", "add", "uav-1", "--role", "machine").out.strip()
    assert terminal("token", "revoke", "uav-1").code == 0
    with pytest.raises(UnauthenticatedError):
        role_of(terminal, token)
    assert terminal("token", "list", "--json").out == (
        '[{"name": "uav-1", "role": "machine", "scope": "everywhere", "revoked": true}]\n'
    )


def test_nobody_can_be_revoked_who_has_no_token(terminal: Terminal) -> None:
    """The sentence says where the names are."""
    said = terminal("token", "revoke", "uav-7")
    assert said.code == 1
    assert "No token in force is called 'uav-7'; `patrol token list`" in said.err


def test_there_are_seven_roles(terminal: Terminal) -> None:
    """Another role is not understood, and those that are there are named."""
    said = terminal("token", "add", "x", "--role", "pilot")
    assert said.code == 2
    assert all(role.value in said.err for role in Role)
