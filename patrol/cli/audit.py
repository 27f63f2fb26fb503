"""`patrol audit`: whether what was done here is still written as it was done."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from events_api.audit import Link, Verdict, walk
from events_api.errors import AuditError
from events_api.store import audit
from patrol.cli.console import print_json, terminal
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(help="Check the event API's audit.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Anchor = Annotated[
    str | None,
    typer.Option(
        help="NUMBER:SHA256 as an earlier check printed it and you noted it elsewhere: also finds "
        "rows cut off the end, and a chain written anew."
    ),
]


@app.command()
def verify(anchor: Anchor = None, as_json: AsJson = False) -> None:
    """Walk the whole audit and say the first row that is not as it was written."""
    noted = None if anchor is None else _link(anchor)
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        verdict = walk(audit.entries(session), audit.head(session), noted)
    if as_json:
        end = {"number": verdict.end.number, "sha256": verdict.end.sha256}
        print_json({"sound": verdict.broken is None, "end": end, "broken": verdict.broken})
    if verdict.broken is not None:
        raise AuditError(_sentence(verdict))
    if not as_json:
        rows = "row is" if verdict.end.number == 1 else "rows are"
        terminal().print(f"{verdict.end.number} {rows} as written. Note the end elsewhere:")
        terminal().print(f"{verdict.end.number}:{verdict.end.sha256}", soft_wrap=True)


def _link(text: str) -> Link:
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise UsageError(
            f"--anchor {text!r} is not NUMBER:SHA256; `patrol audit verify` prints it as its last "
            "line."
        )
    return Link(int(found[1]), found[2])


def _sentence(verdict: Verdict) -> str:
    sound = f"{verdict.end.number} before it are as written"
    return (
        f"The audit was tampered with: {verdict.broken}; {sound}. Keep this database as evidence, "
        "and compare it with the newest backup that is sound."
    )
