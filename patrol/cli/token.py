"""`patrol token`: who may do what at this machine's event API."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.access import issue_token, revoke_token
from events_api.roles import EVERYWHERE, Role, Scope
from events_api.store import tokens
from patrol.cli.console import print_json, table, terminal
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(help="Issue, list and revoke tokens of the event API.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


def role_of_word(word: str) -> Role:
    """Read a role; words of former versions are understood too, so that scripts go on.

    Raises:
        BadParameter: it is none.
    """
    try:
        return Role(word)
    except ValueError:
        names = ", ".join(Role)
        raise typer.BadParameter(f"{word!r} is no role; there are {names}.") from None


ROLE_HELP = (
    "collector, acceptor, dispatcher, handler and supervisor work on events; administrator keeps "
    "cells and tokens; machine sends."
)
SCOPE_HELP = (
    "everywhere, district:341299, town:341299001, village:341299001001 or body:<its code>: "
    "nothing outside it is read or moved."
)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Who holds it, such as uav-1 or centre-desk-3.")],
    role: Annotated[Role, typer.Option(parser=role_of_word, metavar="ROLE", help=ROLE_HELP)],
    scope: Annotated[str, typer.Option(help=SCOPE_HELP)] = str(EVERYWHERE),
    as_json: AsJson = False,
) -> None:
    """Issue a token; it is shown once and stored only as its hash."""
    where = Scope.parse(scope)
    with own_database(read_settings(os.environ, Path.home())) as database:
        token = issue_token(database, name, role, datetime.now(UTC), scope=where)
    if as_json:
        print_json({"name": name, "role": role.value, "scope": str(where), "token": token})
    else:
        terminal().print(token, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the tokens, never their text."""
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        rows = [
            {
                "name": row.name,
                "role": Role(row.role).value,
                "scope": row.scope,
                "revoked": row.revoked_at is not None,
            }
            for row in tokens.all_tokens(session)
        ]
    if as_json:
        print_json(rows)
        return
    columns = ("name", "role", "scope", "in force")
    made = table("Tokens", dict.fromkeys(columns, "left"))
    for row in rows:
        in_force = "no" if row["revoked"] else "yes"
        made.add_row(escape(str(row["name"])), str(row["role"]), str(row["scope"]), in_force)
    terminal().print(made)


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Whose token.")]) -> None:
    """Take a token out of force at once."""
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database:
        found = revoke_token(database, name, datetime.now(UTC))
    if not found:
        raise UsageError(f"No token in force is called {name!r}; `patrol token list` names them.")
    terminal().print(f"The token of {name} is no longer in force.", markup=False)
