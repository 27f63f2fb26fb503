"""`patrol passes`: what changed between two patrols."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from patrol.cli.console import notices, print_json, table, terminal
from patrol.errors import UsageError
from patrol.passing import SUFFIX, find_pass, read_pass
from patrol.settings import read_settings
from vision.passes import Change, Fate, PassRecord, SeenThing, compare_passes

app = typer.Typer(help="Compare patrols over the same ground.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
SAID = {
    Fate.NEW: "new",
    Fate.FIRST_LOOK: "first look at its place",
    Fate.STILL_THERE: "still there",
    Fate.GONE: "gone",
    Fate.NOT_LOOKED_AT: "not looked at again",
}
_BY_ONE = frozenset({Fate.NEW, Fate.GONE})


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the passes that were watched on this machine with a known pose."""
    folder = read_settings(os.environ, Path.home()).passes_folder
    passes: list[PassRecord] = []
    faults: dict[str, str] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            passes.append(read_pass(path))
        except UsageError as error:
            faults[path.name.removesuffix(SUFFIX)] = str(error)
    passes.sort(key=lambda each: (each.start_utc, each.name))
    if as_json:
        damaged = [{"name": name, "fault": fault} for name, fault in faults.items()]
        print_json([*map(_pass_row, passes), *damaged])
        return
    made = table("Passes", {"name": "left", "from": "left", "cells": "right", "told": "right"})
    for each in passes:
        begun = f"{each.start_utc:%Y-%m-%d %H:%M:%S}Z"
        made.add_row(each.name, begun, str(len(each.cells)), str(len(each.things)))
    terminal().print(made)
    for fault in faults.values():
        notices().print(fault, markup=False, soft_wrap=True)


@app.command("compare")
def compare(
    earlier: Annotated[str, typer.Argument(help="A pass by name, or its file.")],
    later: Annotated[str, typer.Argument(help="The later one.")],
    as_json: AsJson = False,
) -> None:
    """Tell what is new, still there, gone, and not looked at again, and how much of each cell.

    Gone means looked at and not seen, which is not the same as not looked at. Where the detector
    or the rules of a pass could not tell of a thing, it did not look.
    """
    folder = read_settings(os.environ, Path.home()).passes_folder
    before, after = (read_pass(find_pass(name, folder)) for name in (earlier, later))
    changes = compare_passes(before, after)
    for said in _doubts(before, after, changes):
        notices().print(said, markup=False, soft_wrap=True)
    if as_json:
        print_json(
            {
                "earlier": _pass_row(before),
                "later": _pass_row(after),
                "counts": {fate.value: sum(c.fate is fate for c in changes) for fate in Fate},
                "changes": [_row(each) for each in changes],
            }
        )
        return
    _show(before, after, changes)


def _doubts(before: PassRecord, after: PassRecord, changes: tuple[Change, ...]) -> list[str]:
    """What a person should know before believing a comparison."""
    said = []
    if after.start_utc < before.start_utc:
        said.append(
            f"{after.name} began before {before.name}: what is new is gone, and the other way "
            "round. Give the earlier pass first."
        )
    known = before.models and after.models
    several = len({*before.models, *after.models}) > 1
    if known and several and any(c.fate in _BY_ONE for c in changes):
        first, second = (", then ".join(each.models) for each in (before, after))
        said.append(
            f"{before.name} was watched with {first} and {after.name} with {second}: one of these "
            "models may find what another misses, so what is told as gone or new may stand "
            "there all the time. Watch both films with one model to be sure."
        )
    for fate, record in ((Fate.NOT_LOOKED_AT, after), (Fate.FIRST_LOOK, before)):
        things = [each.before or each.after for each in changes if each.fate is fate]
        kinds = _kinds(each for each in things if each and not record.looked_for(each))
        if kinds:
            said.append(
                f"{record.name} did not look for {kinds}: its detector or its "
                "rules could not tell of that, so nothing is said of what became of it."
            )
        small = _kinds(each for each in things if each and record.showed_too_small(each))
        if small:
            said.append(
                f"{record.name} was too far away from {small}: its detector was shown them too "
                "small to tell of them, so nothing is said of what became of them. Fly lower."
            )
    return said


def _kinds(things: Iterable[SeenThing]) -> str:
    return ", ".join(sorted({f"{each.class_name} ({each.matter})" for each in things}))


def _show(before: PassRecord, after: PassRecord, changes: tuple[Change, ...]) -> None:
    out = terminal()
    made = table(
        f"{before.name} -> {after.name}",
        {"what became of it": "left", "matter": "left", "class": "left", "cell": "left"},
    )
    for heading in ("place", "apart"):
        made.add_column(heading)
    for each in changes:
        thing = each.after or each.before
        if thing is not None:
            place = f"{thing.position.lon_deg:.6f} {thing.position.lat_deg:.6f}"
            apart = "" if each.apart_m is None else f"{each.apart_m:.1f} m"
            made.add_row(SAID[each.fate], thing.matter, thing.class_name, thing.cell, place, apart)
    out.print(made)
    counts = Counter(each.fate for each in changes)
    out.print(", ".join(f"{counts[fate]} {SAID[fate]}" for fate in Fate) + ".")
    both = sorted({*before.cells, *after.cells})
    shares = table("Cells seen", {"cell": "left", "earlier": "right", "later": "right"})
    for code in both:
        pair = (before.cells.get(code, 0.0), after.cells.get(code, 0.0))
        shares.add_row(code, *(f"{share:.0%}" for share in pair))
    if both:
        out.print(shares)


def _pass_row(record: PassRecord) -> dict[str, object]:
    return {
        "name": record.name,
        "start": record.start_utc.isoformat(),
        "end": record.end_utc.isoformat(),
        "cells": dict(record.cells),
        "things": len(record.things),
    }


def _row(change: Change) -> dict[str, object]:
    thing = change.after or change.before
    return {
        "fate": change.fate.value,
        "matter": thing.matter if thing else None,
        "class": thing.class_name if thing else None,
        "cell": thing.cell if thing else None,
        "position": [thing.position.lon_deg, thing.position.lat_deg] if thing else None,
        "before": change.before.sighting_id if change.before else None,
        "after": change.after.sighting_id if change.after else None,
        "apart_m": None if change.apart_m is None else round(change.apart_m, 3),
    }
