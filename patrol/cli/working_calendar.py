"""`patrol calendar`: working hours, holidays and make-up workdays, a file for each year."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.catalogue.calendar_files import WEEKDAYS, CalendarFile, parse_calendar
from events_api.catalogue.catalogue_files import read_text
from events_api.store.rulebook import RuleFile, RulesInForce, read_rules
from events_api.timekeeping import adopt_calendar
from patrol.cli.console import print_json, table, terminal
from patrol.cli.rule_files import AsJson, File, Out, put_by, write_out
from patrol.errors import UsageError
from patrol.serving import own_database
from patrol.settings import read_settings

app = typer.Typer(
    help="Show, check, import and export working calendars, one file for each year.",
    no_args_is_help=True,
)

Year = Annotated[int | None, typer.Option(help="One year; all without.", show_default=False)]


@app.command()
def show(year: Year = None, as_json: AsJson = False) -> None:
    """Show the calendars in force."""
    rules = _in_force()
    shown = [each for each in rules.calendars if year in {None, each.year}]
    if not shown:
        raise UsageError(_no_calendar(rules, year))
    if as_json:
        print_json([each.model_dump(mode="json", by_alias=True) for each in shown])
        return
    for calendar in shown:
        _show(calendar, rules.calendar_files[calendar.year])


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Say what is wrong with a year's calendar; exit code 1 if anything is. Nothing is changed."""
    calendar = parse_calendar(read_text(file), str(file))
    if as_json:
        print_json({"file": str(file), **_counts(calendar)})
        return
    counts = ", ".join(f"{what} {count}" for what, count in _counts(calendar).items())
    terminal().print(f"{file}: {counts}, and nothing is wrong with it.", markup=False)


@app.command("import")
def import_(file: File, as_json: AsJson = False) -> None:
    """Bring a year's calendar into force, if all of it is good; open events follow it at once."""
    text = read_text(file)
    settings, now = read_settings(os.environ, Path.home()), datetime.now(UTC)
    with own_database(settings) as database, database.write() as session:
        adopted = adopt_calendar(session, text, str(file), put_by(), now)
    if as_json:
        print_json({"file": str(file), **_counts(adopted.calendar), "events": adopted.events})
        return
    told = f"{file} is in force for {adopted.calendar.year}."
    terminal().print(f"{told} {adopted.events} open event(s) were reckoned anew.", markup=False)


@app.command()
def export(out: Out, year: Year = None) -> None:
    """Write a calendar in force to a file: the one of a year, or the newest."""
    rules = _in_force()
    file = rules.calendar_files.get(year or max(rules.calendar_files))
    if file is None:
        raise UsageError(_no_calendar(rules, year))
    write_out(out, file.text)


def _in_force() -> RulesInForce:
    settings = read_settings(os.environ, Path.home())
    with own_database(settings) as database, database.read() as session:
        return read_rules(session)


def _no_calendar(rules: RulesInForce, year: int | None) -> str:
    known = ", ".join(str(each) for each in sorted(rules.calendar_files))
    return f"No calendar of {year} is in force; there is one of {known}."


def _counts(calendar: CalendarFile) -> dict[str, int]:
    plan = calendar.plan()
    return {
        "year": calendar.year,
        "holidays": len(plan.holidays),
        "workdays": len(plan.workdays),
    }


def _show(calendar: CalendarFile, file: RuleFile) -> None:
    example = ", an example" if calendar.is_example else ""
    made = table(f"Calendar of {calendar.year}{example}", {"when": "left", "what": "left"})
    for day in WEEKDAYS:
        spans = getattr(calendar.week, day)
        made.add_row(day, ", ".join(map(_span, spans)) or "off")
    made.add_row("night", _span(calendar.night))
    for holiday in calendar.holidays:
        to = f" to {holiday.to}" if holiday.to else ""
        made.add_row(f"{holiday.from_}{to}", escape(f"off: {holiday.en or holiday.zh}"))
    for workday in calendar.workdays:
        made.add_row(str(workday.date), escape(f"worked: {workday.en or workday.zh}"))
    made.add_row("time zone", calendar.time_zone)
    made.add_row("source", escape(calendar.source))
    made.add_row("in force", "shipped" if file.put_by is None else escape(f"by {file.put_by}"))
    terminal().print(made)


def _span(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)
