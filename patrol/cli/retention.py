"""`patrol retention`: how long evidence and contacts are kept, and what is held."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.catalogue.catalogue_files import read_text
from events_api.catalogue.retention_files import KeepRow, Kept, parse_retention
from events_api.holds import adopt_rules
from events_api.holds import hold as place_hold
from events_api.holds import release as lift_hold
from events_api.retaining import Order, apply_rules
from events_api.store import retention as stored
from events_api.store.retention import RetentionInForce
from events_api.store.retention_models import RetentionRunRow
from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.progress import working
from patrol.cli.rule_files import AsJson, File, Out, put_by, write_out
from patrol.installation import evidence_store
from patrol.serving import own_database
from patrol.settings import Settings, read_settings

app = typer.Typer(
    help="Show, check, import, export and apply how long things are kept; hold single events.",
    no_args_is_help=True,
)

EventId = Annotated[str, typer.Argument(help="The event's id.")]
Reason = Annotated[str, typer.Option(help="Why, for those who come after; it is in the audit.")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the rules in force, what is held, and when the rules were applied last."""
    with own_database(_settings()) as database, database.read() as session:
        found, run = stored.in_force(session), stored.last_run(session)
        held = [
            {"event_id": event_id, "reason": row.reason, "by": row.placed_by, "at": row.placed_at}
            for row, event_id in stored.holds(session)
        ]
        last = run and {"at": run.begun_at, "by": run.begun_by, "removed": run.removed}
    if as_json:
        rules = found.rules.model_dump(mode="json")
        print_json({"rules": rules, "held": held, "last_applied": last})
        return
    _show_rules(found)
    console = terminal()
    for each in held:
        told = f"Held: {each['event_id']}, by {each['by']} since {each['at']}: {each['reason']}"
        console.print(told, markup=False, soft_wrap=True)
    console.print(f"Applied last: {_applied(run)}.", markup=False, soft_wrap=True)


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Say what is wrong with a file of rules; exit code 1 if anything is. Nothing is changed."""
    rules = parse_retention(read_text(file), str(file))
    if as_json:
        print_json({"file": str(file), "rows": len(rules.keep)})
        return
    terminal().print(f"{file}: {len(rules.keep)} rows, and nothing is wrong with it.", markup=False)


@app.command("import")
def import_(file: File, as_json: AsJson = False) -> None:
    """Bring rules into force, if all of the file is good; nothing is removed by that yet."""
    text = read_text(file)
    with own_database(_settings()) as database, database.write() as session:
        rules = adopt_rules(session, text, str(file), put_by(), datetime.now(UTC))
    if as_json:
        print_json({"file": str(file), "rows": len(rules.keep)})
        return
    told = f"{file} is in force. `patrol retention apply --dry-run` says what it would remove."
    terminal().print(told, markup=False)


@app.command()
def export(out: Out) -> None:
    """Write the rules in force to a file, to be edited and imported again."""
    with own_database(_settings()) as database, database.read() as session:
        text = stored.in_force(session).file.text
    write_out(out, text)


@app.command()
def apply(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be removed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what is no longer to be kept, as the server does once a day."""
    settings = _settings()
    order = Order(put_by(), datetime.now(UTC), is_rehearsal=dry_run)
    with own_database(settings) as database, working(notices(), "Applying", silent=as_json):
        removed = apply_rules(database, evidence_store(settings), order)
    counts = {str(kind): removed[kind] for kind in Kept}
    if as_json:
        print_json({"dry_run": dry_run, "removed": counts})
        return
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    terminal().print(f"{'Would be removed' if dry_run else 'Removed'}: {told}.")


@app.command()
def hold(event_id: EventId, reason: Reason) -> None:
    """Keep everything of an event, whatever the rules say, until it is released."""
    with own_database(_settings()) as database, database.write() as session:
        place_hold(session, event_id, reason, put_by(), datetime.now(UTC))
    terminal().print(f"Nothing of {event_id} is removed until it is released.", markup=False)


@app.command()
def release(event_id: EventId, reason: Reason) -> None:
    """Let the rules hold for an event again."""
    with own_database(_settings()) as database, database.write() as session:
        lift_hold(session, event_id, reason, put_by(), datetime.now(UTC))
    terminal().print(f"The rules hold for {event_id} again.", markup=False)


def _applied(run: RetentionRunRow | None) -> str:
    if run is None:
        return "never"
    counts = ", ".join(f"{count} {kind}" for kind, count in (run.removed or {}).items())
    when = run.begun_at.strftime("%Y-%m-%d %H:%M UTC")
    return f"{when} by {run.begun_by}, removed: {counts or 'nothing'}"


def _settings() -> Settings:
    return read_settings(os.environ, Path.home())


def _show_rules(found: RetentionInForce) -> None:
    headings = ("matters", "ended as", *(f"{kind}" for kind in Kept), "source")
    made = table("Kept for so many days after the end", dict.fromkeys(headings, "left"))
    for row in found.rules.keep:
        source = found.rules.sources[row.source].en
        first = (", ".join(row.matters) or "all", ", ".join(row.statuses) or "any")
        made.add_row(*map(escape, (*first, *_days(row), source)))
    terminal().print(made)
    file = found.file
    origin = "shipped" if file.put_by is None else f"imported by {file.put_by} at {file.put_at}"
    unattached = f"Evidence of no event is kept for {found.rules.unattached_days} days."
    terminal().print(f"These rules are {origin}. {unattached}", markup=False)


def _days(row: KeepRow) -> tuple[str, ...]:
    said = (row.days(kind) for kind in Kept)
    return tuple("" if days is None else str(days) for days in said)
