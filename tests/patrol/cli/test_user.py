"""`patrol user`: people are let in, listed, and let in no more."""

import io

import pytest

from events_api.errors import UnauthenticatedError
from events_api.passwords import Passwords
from events_api.roles import Role, Scope
from events_api.users import Signed, sign_in
from patrol.serving import own_database
from patrol.settings import Settings
from tests.events_api.conftest import NOW
from tests.patrol.conftest import Terminal

WORDS = "three quiet herons"


def signed_in(terminal: Terminal, password: str, name: str = "lin") -> Signed:
    """Sign in at this machine's API."""
    with own_database(Settings(terminal.home)) as database:
        return sign_in(database, name, password, Passwords(), NOW)


def test_a_user_signs_in_by_the_password_that_was_made_up(terminal: Terminal) -> None:
    """It stands alone on the last line, and is not listed."""
    said = terminal(
        "user", "add", "lin", "--role", "acceptor", "--scope", "town:341299001", "--generate"
    )
    password = said.out.splitlines()[-1]
    signed = signed_in(terminal, password)
    assert (signed.role, signed.scope) == (Role.ACCEPTOR, Scope.parse("town:341299001"))
    assert password not in terminal("user", "list").out


def test_a_password_comes_by_a_pipe(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one line, and it is not repeated."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{WORDS}\n"))
    said = terminal("user", "add", "lin", "--role", "handler")
    assert said.code == 0
    assert WORDS not in said.out + said.err
    assert signed_in(terminal, WORDS).role is Role.HANDLER


def test_without_a_password_nobody_is_let_in(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says how to give one."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    said = terminal("user", "add", "lin", "--role", "handler")
    assert said.code == 1
    assert "--generate" in said.err
    assert terminal("user", "list", "--json").out == "[]\n"


def test_a_disabled_user_is_not_let_in_until_enabled(terminal: Terminal) -> None:
    """The list says so."""
    (row,) = terminal("user", "add", "lin", "--role", "handler", "--generate", "--json").lines
    password = str(row["password"])
    assert terminal("user", "disable", "lin").code == 0
    with pytest.raises(UnauthenticatedError):
        signed_in(terminal, password)
    assert '"disabled": true' in terminal("user", "list", "--json").out
    terminal("user", "enable", "lin")
    assert signed_in(terminal, password).name == "lin"


def test_another_password_replaces_the_former(terminal: Terminal) -> None:
    """At once."""
    terminal("user", "add", "lin", "--role", "handler", "--generate")
    password = terminal("user", "password", "lin", "--generate").out.splitlines()[-1]
    assert signed_in(terminal, password).name == "lin"
    assert terminal("user", "password", "wang", "--generate").code == 1


def test_a_user_is_given_another_role_and_scope(terminal: Terminal) -> None:
    """Each alone, or both; what is not named stays."""
    terminal("user", "add", "lin", "--role", "acceptor", "--generate")
    said = terminal("user", "change", "lin", "--scope", "town:341299001")
    assert said.out == "lin is acceptor for town:341299001 now, and is signed out everywhere.\n"
    assert "dispatcher for town" in terminal("user", "change", "lin", "--role", "dispatcher").out
    assert terminal("user", "change", "lin").code == 1
    said = terminal("user", "change", "wang", "--role", "handler")
    assert (said.code, "There is no user named wang." in said.err) == (1, True)


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "x" * 101])
def test_what_is_no_name_lets_nobody_in(terminal: Terminal, name: str) -> None:
    """It could not be written in an address, and would confuse the audit."""
    said = terminal("user", "add", name, "--role", "handler", "--generate")
    assert (said.code, "is no name" in said.err) == (1, True)
    assert terminal("token", "add", name, "--role", "machine").code == 1
    assert terminal("user", "list", "--json").out == terminal("token", "list", "--json").out
