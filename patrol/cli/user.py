"""`patrol user`: who may sign in at this machine's event API, and by which password."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.passwords import Passwords, made_password
from events_api.roles import EVERYWHERE, Role, Scope
from events_api.store import users
from events_api.users import NewUser, UserChange, add_user, change_user, set_password
from patrol.cli.console import print_json, table, terminal
from patrol.cli.token import ROLE_HELP, SCOPE_HELP, role_of_word
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(help="Let people in, list them, and let them in no more.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Whose name, as it is typed to sign in.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Generate = Annotated[
    bool,
    typer.Option("--generate", help="Make a password up and show it once, instead of asking."),
]


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(parser=role_of_word, metavar="ROLE", help=ROLE_HELP)],
    scope: Annotated[str, typer.Option(help=SCOPE_HELP)] = str(EVERYWHERE),
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in; the password is asked for, or read as a line from a pipe."""
    where = Scope.parse(scope)
    password = made_password() if generate else _asked(name)
    with own_database(read_settings(os.environ, Path.home())) as database:
        user = NewUser(name, role, where, password)
        add_user(database, user, Passwords(), datetime.now(UTC))
    shown = {"password": password} if generate else {}
    if as_json:
        print_json({"name": name, "role": role.value, "scope": str(where), **shown})
        return
    terminal().print(f"{name} may sign in as {role.value}, for {where}.", markup=False)
    _show_made(password, made=generate)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List those who may sign in, and those who may no more."""
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        rows = [
            {
                "name": row.name,
                "role": Role(row.role).value,
                "scope": row.scope,
                "disabled": row.disabled_at is not None,
            }
            for row in users.all_users(session)
        ]
    if as_json:
        print_json(rows)
        return
    made = table("Users", dict.fromkeys(("name", "role", "scope", "may sign in"), "left"))
    for row in rows:
        may = "no" if row["disabled"] else "yes"
        made.add_row(escape(str(row["name"])), str(row["role"]), str(row["scope"]), may)
    terminal().print(made)


@app.command()
def change(
    name: Name,
    role: Annotated[
        Role | None,
        typer.Option(parser=role_of_word, metavar="ROLE", help=ROLE_HELP, show_default=False),
    ] = None,
    scope: Annotated[str | None, typer.Option(help=SCOPE_HELP, show_default=False)] = None,
) -> None:
    """Give a user another role or scope; their sessions are over at once."""
    if role is None and scope is None:
        raise UsageError("Say what is to change: --role, --scope or both.")
    wish = UserChange(role, None if scope is None else Scope.parse(scope))
    with own_database(read_settings(os.environ, Path.home())) as database:
        change_user(database, name, wish, datetime.now(UTC))
        with database.read() as session:
            row = users.by_name(session, name)
    now_is = "" if row is None else f" is {Role(row.role).value} for {row.scope} now, and"
    terminal().print(f"{name}{now_is} is signed out everywhere.", markup=False)


@app.command()
def disable(name: Name) -> None:
    """Let a user in no more; their sessions are over at once."""
    with own_database(read_settings(os.environ, Path.home())) as database:
        change_user(database, name, UserChange(is_disabled=True), datetime.now(UTC))
    terminal().print(f"{name} may sign in no more, and is signed out everywhere.", markup=False)


@app.command()
def enable(name: Name) -> None:
    """Let a disabled user in again, by the password they had."""
    with own_database(read_settings(os.environ, Path.home())) as database:
        change_user(database, name, UserChange(is_disabled=False), datetime.now(UTC))
    terminal().print(f"{name} may sign in again.", markup=False)


@app.command()
def password(name: Name, generate: Generate = False) -> None:
    """Give a user another password; their sessions are over at once."""
    chosen = made_password() if generate else _asked(name)
    with own_database(read_settings(os.environ, Path.home())) as database:
        set_password(database, name, chosen, Passwords(), datetime.now(UTC))
    terminal().print(f"{name} has another password, and is signed out everywhere.", markup=False)
    _show_made(chosen, made=generate)


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        word: str = typer.prompt(
            f"Password of {name}", hide_input=True, confirmation_prompt=True, err=True
        )
        return word
    # Never as an argument: those are seen by everybody on the machine and kept in histories.
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError(
            "No password came by the pipe: write it as one line, or let --generate make one up."
        )
    return line


def _show_made(password: str, *, made: bool) -> None:
    if made:
        terminal().print("The password is shown only now:")
        terminal().print(password, soft_wrap=True, markup=False)
