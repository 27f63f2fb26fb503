"""`patrol doctor`: what is wrong with this installation, and what to do about it."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from patrol.checkup.api import look_at_api
from patrol.checkup.findings import Found, Look, State, Visit, looked
from patrol.checkup.machine import (
    look_at_county,
    look_at_home,
    look_at_models,
    look_at_outbox,
)
from patrol.checkup.stored import look_at_evidence, look_at_store
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.progress import progress
from patrol.settings import read_settings

LOOKS: dict[str, Look] = {
    "home": look_at_home,
    "database": look_at_store,
    "evidence": look_at_evidence,
    "county": look_at_county,
    "model": look_at_models,
    "outbox": look_at_outbox,
    "api": look_at_api,
}
STYLES = {State.OK: "green", State.WARNING: "yellow", State.BROKEN: "bold red"}


def doctor(
    quick: Annotated[
        bool, typer.Option("--quick", help="Measure evidence files, and do not read them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Look at the whole installation and say what is wrong and what to do; nothing is changed.

    Exit code 1 if something is broken; warnings alone are none.
    """
    settings = read_settings(os.environ, Path.home())
    with progress(notices(), silent=as_json) as tell:
        visit = Visit(settings, datetime.now(UTC), tell, is_quick=quick)
        found = [each for what, look in LOOKS.items() for each in looked(what, look, visit)]
    if as_json:
        names = ("what", "state", "said", "remedy")
        print_json([{name: getattr(each, name) for name in names} for each in found])
    else:
        _show(found)
    if any(each.state is State.BROKEN for each in found):
        raise typer.Exit(1)


def _show(found: list[Found]) -> None:
    console = terminal()
    for each in found:
        mark = f"[{STYLES[each.state]}]{each.state:<8}[/]"
        console.print(f"{mark} {each.what:<9} {escape(each.said)}", soft_wrap=True)
        if each.remedy:
            console.print(f"{'':<18} {escape(each.remedy)}", soft_wrap=True)
    counts = {state: sum(each.state is state for each in found) for state in State}
    broken, warnings = counts[State.BROKEN], counts[State.WARNING]
    console.print(f"{broken} broken, {warnings} to look at, {counts[State.OK]} as they should be.")
