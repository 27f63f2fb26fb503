"""`patrol grid`: import, check and show cells and zones."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.cell_features import collection_of
from events_api.client import EventApiClient
from geofences.county import County
from geofences.formats.county_files import read_county
from geofences.sample_county.location import sample_county_path
from patrol.cli.console import print_json, table, terminal
from patrol.counties import keep_county, load_county
from patrol.errors import UsageError
from patrol.settings import read_settings

app = typer.Typer(help="Import, check and show the county's cells and zones.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.command("import")
def import_(
    file: Annotated[
        Path | None, typer.Argument(help="GeoPackage, GeoJSON, Shapefile or KML.")
    ] = None,
    sample: Annotated[bool, typer.Option(help="Import the invented sample county.")] = False,
    publish: Annotated[
        bool, typer.Option(help="Send the cells to the event API too (admin token).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a file of cells and keep it for planning; nothing is kept unless all of it is good."""
    if (file is None) == (not sample):
        raise UsageError("Give a file to import, or --sample for the sample county, not both.")
    settings = read_settings(os.environ, Path.home())
    county = read_county(file or sample_county_path())
    if publish:  # first, so that an API that is down leaves both sides as they were
        with EventApiClient(settings.api_url, settings.token) as client:
            client.put_cells(collection_of(county.grid.cells))
    keep_county(county, settings)
    _show(county, as_json=as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="GeoPackage, GeoJSON, Shapefile or KML.")],
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a file of cells; exit code 0 if nothing is."""
    _show(read_county(file), as_json=as_json)


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show what was imported."""
    _show(load_county(read_settings(os.environ, Path.home())), as_json=as_json)


def _show(county: County, *, as_json: bool) -> None:
    kinds = Counter(zone.kind.value for zone in county.zones.zones)
    cells = county.grid.cells
    if as_json:
        print_json(
            {
                "county": county.name,
                "cells": len(cells),
                "villages": len({cell.village_code for cell in cells}),
                "zones": dict(sorted(kinds.items())),
                "docks": [dock.dock_id for dock in county.docks],
                "roads": len(county.roads),
            }
        )
        return
    made = table(escape(county.name), {"what": "left", "number": "right"})
    made.add_row("cells", str(len(cells)))
    made.add_row("villages", str(len({cell.village_code for cell in cells})))
    made.add_row("docks", str(len(county.docks)))
    made.add_row("roads", str(len(county.roads)))
    for kind, count in sorted(kinds.items()):
        made.add_row(f"zones: {kind}", str(count))
    terminal().print(made)
