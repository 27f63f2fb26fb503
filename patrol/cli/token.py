"""`patrol token`: who may do what at this machine's event API."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.access import Role, issue_token
from events_api.store import tokens
from patrol.cli.console import print_json, table, terminal
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(help="Issue, list and revoke tokens of the event API.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Who holds it, such as uav-1 or centre-desk-3.")],
    role: Annotated[Role, typer.Option(help="drone posts, operator reads, admin administers.")],
    as_json: AsJson = False,
) -> None:
    """Issue a token; it is shown once and stored only as its hash."""
    with own_database(read_settings(os.environ, Path.home())) as database:
        token = issue_token(database, name, role, datetime.now(UTC))
    if as_json:
        print_json({"name": name, "role": role.value, "token": token})
    else:
        terminal().print(token, soft_wrap=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the tokens, never their text."""
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        rows = [
            {"name": row.name, "role": row.role, "revoked": row.revoked_at is not None}
            for row in tokens.all_tokens(session)
        ]
    if as_json:
        print_json(rows)
        return
    made = table("Tokens", {"name": "left", "role": "left", "in force": "left"})
    for row in rows:
        made.add_row(escape(str(row["name"])), str(row["role"]), "no" if row["revoked"] else "yes")
    terminal().print(made)


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Whose token.")]) -> None:
    """Take a token out of force at once."""
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.write() as session:
        found = tokens.revoke(session, name, datetime.now(UTC))
    if not found:
        raise UsageError(f"No token in force is called {name!r}; `patrol token list` names them.")
    terminal().print(f"The token of {name} is no longer in force.", markup=False)
