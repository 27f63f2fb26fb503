"""`patrol catalogue`: the county's matters, their limits and who is responsible."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.catalogue.catalogue_files import parse_catalogue, read_text
from events_api.catalogue.limits import Limit
from events_api.catalogue.matters import Catalogue, Matter
from events_api.store.rulebook import RuleFile, RulesInForce, read_rules
from events_api.timekeeping import adopt_catalogue
from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.rule_files import AsJson, File, Out, put_by, write_out
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(
    help="Show, check, import and export the matters, their limits and responsible bodies.",
    no_args_is_help=True,
)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="One matter, by its code; all without.")] = "",
    bodies: Annotated[bool, typer.Option("--bodies", help="The bodies and their rules.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is in force: all matters, one of them, or the bodies."""
    if code and bodies:
        raise UsageError("Ask for a matter or for the bodies, not for both.")
    rules = _in_force()
    if bodies:
        _show_bodies(rules.catalogue, as_json=as_json)
    elif code:
        _show_matter(rules.catalogue, _matter(rules.catalogue, code), as_json=as_json)
    else:
        _show_matters(rules.catalogue, rules.catalogue_file, as_json=as_json)


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Say what is wrong with a catalogue; exit code 1 if anything is. Nothing is changed."""
    catalogue = parse_catalogue(read_text(file), str(file))
    if as_json:
        print_json({"file": str(file), **_counts(catalogue)})
        return
    counts = ", ".join(f"{count} {what}" for what, count in _counts(catalogue).items())
    terminal().print(f"{file}: {counts}, and nothing is wrong with it.", markup=False)


@app.command("import")
def import_(file: File, as_json: AsJson = False) -> None:
    """Bring a catalogue into force, if all of it is good; open events get its limits at once."""
    text = read_text(file)
    settings, now = read_settings(os.environ, Path.home()), datetime.now(UTC)
    with own_database(settings) as database, database.write() as session:
        adopted = adopt_catalogue(session, text, str(file), put_by(), now)
    if as_json:
        print_json({"file": str(file), **_counts(adopted.catalogue), "events": adopted.events})
        return
    told = f"{file} is in force: {len(adopted.catalogue.matters)} matters."
    terminal().print(f"{told} {adopted.events} open event(s) were reckoned anew.", markup=False)
    if adopted.unknown:
        notices().print(
            f"Open events name {len(adopted.unknown)} matter(s) that it lacks, and which no longer "
            f"have limits of their own: {', '.join(adopted.unknown)}.",
            markup=False,
        )


@app.command()
def export(out: Out) -> None:
    """Write the catalogue in force to a file, to be edited and imported again."""
    write_out(out, _in_force().catalogue_file.text)


def _in_force() -> RulesInForce:
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        return read_rules(session)


def _matter(catalogue: Catalogue, code: str) -> Matter:
    for matter in catalogue.matters:
        if matter.code == code:
            return matter
    raise UsageError(
        f"No matter in force has the code {code!r}; `patrol catalogue show` lists them."
    )


def _counts(catalogue: Catalogue) -> dict[str, int]:
    limited = sum(any(row.limits for row in matter.conditions) for matter in catalogue.matters)
    return {
        "matters": len(catalogue.matters),
        "matters with limits": limited,
        "local extensions": sum(matter.is_local_extension for matter in catalogue.matters),
        "bodies": len(catalogue.bodies),
        "rules of responsibility": len(catalogue.responsible),
    }


def _show_matters(catalogue: Catalogue, file: RuleFile, *, as_json: bool) -> None:
    if as_json:
        print_json([matter.model_dump(mode="json") for matter in catalogue.matters])
        return
    headings = ("code", "中文", "English", "2013", "2007", "limits")
    made = table(f"Matters ({len(catalogue.matters)})", dict.fromkeys(headings, "left"))
    made.columns[0].no_wrap = True
    for matter in catalogue.matters:
        limits = [_limit(limit) for row in matter.conditions for limit in row.limits]
        codes = (*matter.codes_2013, *(f"{code} (local)" for code in matter.codes_2013_local))
        cells = (matter.code, matter.zh, matter.en, ", ".join(codes))
        made.add_row(*map(escape, (*cells, ", ".join(matter.codes_2007), "; ".join(limits))))
    terminal().print(made)
    origin = "shipped" if file.put_by is None else f"imported by {file.put_by} at {file.put_at}"
    terminal().print(f"This catalogue is {origin}.", markup=False)


def _show_matter(catalogue: Catalogue, matter: Matter, *, as_json: bool) -> None:
    if as_json:
        print_json(matter.model_dump(mode="json"))
        return
    made = table(f"{matter.code} of {matter.standard_ref}", {"what": "left", "": "left"})
    for what in ("zh", "en", "extent_m", "same_within_h", "colour_class", "remark"):
        made.add_row(what, escape(str(getattr(matter, what) or "")))
    for what in ("codes_2013", "codes_2013_local", "codes_2007"):
        made.add_row(what, ", ".join(getattr(matter, what)))
    for row in matter.conditions:
        for what in ("filing", "closing"):
            words = getattr(row, what)
            if words is not None:
                made.add_row(what, escape(" / ".join(filter(None, (words.zh, words.en)))))
        for limit in row.limits:
            source = catalogue.sources[limit.source].en
            made.add_row("limit", escape(f"{_limit(limit)} ({source})"))
    terminal().print(made)


def _show_bodies(catalogue: Catalogue, *, as_json: bool) -> None:
    if as_json:
        print_json(catalogue.model_dump(mode="json", include={"bodies", "responsible"}))
        return
    if not catalogue.bodies:
        terminal().print("The catalogue in force names no bodies; add them to a file of your own.")
        return
    made = table("Bodies", {"id": "left", "中文": "left", "English": "left", "for": "left"})
    for body in catalogue.bodies:
        rules = [rule for rule in catalogue.responsible if rule.body == body.id]
        reach = [
            f"matters {', '.join(rule.matters) or 'all'} in {', '.join(rule.cells) or 'all cells'}"
            for rule in rules
        ]
        made.add_row(*map(escape, (body.id, body.zh, body.en, "; ".join(reach))))
    terminal().print(made)


def _limit(limit: Limit) -> str:
    told = f"{limit.step.value} {limit.amount:g} {limit.unit.value.replace('_', ' ')}"
    if limit.night is not None:
        told += f" (night: {limit.night.amount:g} {limit.night.unit.value.replace('_', ' ')})"
    if limit.grade is not None:
        told += f" for grade {limit.grade.value}"
    return f"{told} in {', '.join(limit.cells)}" if limit.cells else told
