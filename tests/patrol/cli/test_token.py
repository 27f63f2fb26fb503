"""`patrol token`: tokens are shown once, listed without their text, and revoked."""

import pytest

from events_api.access import Role, authenticate
from events_api.errors import UnauthenticatedError
from patrol.serving import own_database
from patrol.settings import Settings
from tests.patrol.conftest import Terminal


def role_of(terminal: Terminal, token: str) -> Role:
    """Return what this machine's API takes a token for."""
    with own_database(Settings(terminal.home)) as database:
        return authenticate(database, token).role


@pytest.mark.parametrize("role", Role)
def test_a_token_carries_its_role(terminal: Terminal, role: Role) -> None:
    """What is printed, alone on its line, opens the API in that role."""
    said = terminal("token", "add", "desk-1", "--role", role.value)
    assert (said.code, said.out.count("\n")) == (0, 1)
    assert role_of(terminal, said.out.strip()) is role


def test_a_machine_gets_the_token_as_json(terminal: Terminal) -> None:
    """With the name and the role it was asked for."""
    (row,) = terminal("token", "add", "uav-1", "--role", "drone", "--json").lines
    assert (row["name"], row["role"]) == ("uav-1", "drone")
    assert role_of(terminal, str(row["token"])) is Role.DRONE


def test_the_list_never_shows_a_token(terminal: Terminal) -> None:
    """Names, roles and whether they are in force."""
    token = terminal("token", "add", "desk-[1]", "--role", "operator").out.strip()
    table = terminal("token", "list").out
    assert "desk-[1]" in table
    assert "operator" in table
    assert token not in table + terminal("token", "list", "--json").out


def test_a_revoked_token_is_out_of_force_at_once(terminal: Terminal) -> None:
    """It opens nothing any more, and the list says so."""
    token = terminal("token", "add", "uav-1", "--role", "drone").out.strip()
    assert terminal("token", "revoke", "uav-1").code == 0
    with pytest.raises(UnauthenticatedError):
        role_of(terminal, token)
    assert terminal("token", "list", "--json").out == (
        '[{"name": "uav-1", "role": "drone", "revoked": true}]\n'
    )


def test_nobody_can_be_revoked_who_has_no_token(terminal: Terminal) -> None:
    """The sentence says where the names are."""
    said = terminal("token", "revoke", "uav-7")
    assert said.code == 1
    assert "No token in force is called 'uav-7'; `patrol token list`" in said.err


def test_there_are_three_roles(terminal: Terminal) -> None:
    """Another role is not understood, and those that are there are named."""
    said = terminal("token", "add", "x", "--role", "pilot")
    assert said.code == 2
    assert all(role.value in said.err for role in Role)
