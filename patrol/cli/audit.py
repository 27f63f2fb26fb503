"""`patrol audit`: what was done here, and whether it is still written as it was done."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from events_api.audit import Entry, Link, Verdict, canonical_json, walk
from events_api.errors import AuditError
from events_api.store import audit
from patrol.cli.console import notices, print_json, table, terminal
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(help="Show and check the event API's audit.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Anchor = Annotated[
    str | None,
    typer.Option(
        help="NUMBER:SHA256 as an earlier check printed it and you noted it elsewhere: also finds "
        "rows cut off the end, and a chain written anew."
    ),
]


@app.command()
def show(
    actor: Annotated[
        str | None, typer.Option(help="Who did it, by their name.", show_default=False)
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(
            help="What was done, such as evidence.opened, or all of a kind, such as evidence.",
            show_default=False,
        ),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            help="What it was done to: event:<id>, evidence:<sha256>, user:<name>, token:<name>.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="From when on, as 2026-07-01 or 2026-07-01T08:00Z.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="So many rows at most.", min=1, max=100_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who did what and when, newest first."""
    wanted = audit.Wanted(actor, action, subject, None if since is None else _moment(since))
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        found = audit.newest(session, wanted, limit + 1)
    shown = found[:limit]
    if as_json:
        print_json([_written(entry) for entry in shown])
    else:
        terminal().print(_table(shown))
    if len(found) > limit:
        notices().print("There are more; narrow it down, or ask for more by --limit.")


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


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)  # without a zone, by the clock here
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {text!r} is no time; write 2026-07-01 or 2026-07-01T08:00Z."
        ) from None


def _table(shown: Sequence[Entry]) -> Table:
    words = ("at (UTC)", "who", "what", "to what", "more")
    made = table("Audit", {"row": "right", **dict.fromkeys(words, "left")})
    for entry in shown:
        at = entry.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        deed = entry.deed
        more = canonical_json(deed.content) if deed.content else ""
        made.add_row(
            str(entry.number), at, *map(escape, (deed.actor, deed.action, deed.subject, more))
        )
    return made


def _written(entry: Entry) -> dict[str, object]:
    deed = entry.deed
    return {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": deed.actor,
        "action": deed.action,
        "subject": deed.subject,
        "content": deed.content,
        "sha256": entry.sha256,
    }


def _sentence(verdict: Verdict) -> str:
    sound = f"{verdict.end.number} before it are as written"
    return (
        f"The audit was tampered with: {verdict.broken}; {sound}. Keep this database as evidence, "
        "and compare it with the newest backup that is sound."
    )
