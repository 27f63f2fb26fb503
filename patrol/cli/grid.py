"""`patrol grid`: import, check, show and export cells and zones."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from events_api.cell_features import collection_of
from events_api.client import EventApiClient
from geofences.county import County
from geofences.errors import InvalidGeometryError
from geofences.formats.county_export import export_county
from geofences.formats.county_survey import Survey, survey_county
from geofences.formats.finding_features import write_findings
from geofences.geodesy import LonLat
from geofences.sample_county.location import sample_county_path
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.findings import SHOWN_OF_A_KIND, count_by_severity, finding_row, show_by_kind
from patrol.cli.grid_options import (
    AsJson,
    CodePattern,
    DatumAsked,
    Encoding,
    Fields,
    LayerOfCells,
    Reference,
    Said,
    SwapAxes,
    System,
    known_land,
    older_county,
    reading_of,
)
from patrol.cli.grid_tables import (
    ListAsked,
    show_cell,
    show_county,
    show_list,
    show_village,
    show_zone,
)
from patrol.cli.progress import progress
from patrol.counties import keep_county, keep_sample_terrain, leave_other_terrain, load_county
from patrol.errors import UsageError
from patrol.settings import Settings, read_settings

app = typer.Typer(
    help="Import, check, show and export the county's cells and zones.", no_args_is_help=True
)

MapFile = Annotated[
    Path | None,
    typer.Argument(help="GeoPackage, GeoJSON, Shapefile (zipped too), KML or KMZ."),
]


@app.command("import")
def import_(
    file: MapFile = None,
    sample: Annotated[bool, typer.Option(help="Import the invented sample county.")] = False,
    crs: System = "",
    datum: DatumAsked = None,
    swap_axes: SwapAxes = False,
    field: Fields = None,
    layer: LayerOfCells = "",
    encoding: Encoding = "",
    code_pattern: CodePattern = "",
    reference: Reference = None,
    name: Annotated[str, typer.Option(help="What to call the county.")] = "",
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep zones, docks and roads imported before, where the file has none."
        ),
    ] = False,
    publish: Annotated[
        bool, typer.Option(help="Send the cells to the event API too (admin token).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a file of cells and keep it for planning; nothing is kept unless all of it is good."""
    if (file is None) == (not sample):
        raise UsageError("Give a file to import, or --sample for the sample county, not both.")
    settings = _settings()
    path = file or sample_county_path()
    said = Said(crs, datum, swap_axes, field or (), layer, encoding, code_pattern)
    survey = _surveyed(path, said, reference, settings, as_json=as_json)
    county = _sound(survey, path)
    county, lost = _beside_older(replace(county, name=name or county.name), settings, keep=keep)
    if publish:  # first, so that an API that is down leaves both sides as they were
        with EventApiClient(settings.api_url, settings.token) as client:
            client.put_cells(collection_of(county.grid.cells))
    terrain = keep_sample_terrain(settings) if sample else ""  # without it no county is kept
    keep_county(county, settings)
    terrain = terrain or leave_other_terrain(settings)
    show_county(county, as_json=as_json, beside={"findings": _rows(survey)})
    if as_json:
        return
    if not show_by_kind(survey.warnings, notices(), SHOWN_OF_A_KIND):
        notices().print(f"`patrol grid check {path}` tells more of them.", markup=False)
    for remark in filter(None, (lost, terrain)):
        notices().print(remark, markup=False, soft_wrap=True)


@app.command()
def check(
    file: MapFile = None,
    crs: System = "",
    datum: DatumAsked = None,
    swap_axes: SwapAxes = False,
    field: Fields = None,
    layer: LayerOfCells = "",
    encoding: Encoding = "",
    code_pattern: CodePattern = "",
    reference: Reference = None,
    out: Annotated[
        Path | None, typer.Option(help="Write each finding at its place to this GeoJSON.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Print every finding.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a file of cells, or with the imported county; exit code 1 if it is."""
    if out is not None and out.suffix.lower() not in {".geojson", ".json"}:
        raise UsageError(f"{out} is no GeoJSON: give --out a name that ends in .geojson.")
    settings = _settings()
    path = file or _imported(settings)
    said = Said(crs, datum, swap_axes, field or (), layer, encoding, code_pattern)
    survey = _surveyed(path, said, reference, settings, as_json=as_json)
    if out is not None:
        write_findings(survey.findings, out)
    if as_json:
        _print_check(path, survey)
    else:
        _tell_check(path, survey, out, every=every)
    if survey.errors:
        raise typer.Exit(1)


@app.command()
def show(
    cell: Annotated[str, typer.Option(help="One cell, by its code.")] = "",
    village: Annotated[str, typer.Option(help="One village: 12 digits of its cells.")] = "",
    zone: Annotated[str, typer.Option(help="One zone, by its id.")] = "",
    at: Annotated[
        str, typer.Option(help="The cell at a place.", metavar="LONGITUDE,LATITUDE")
    ] = "",
    list_: Annotated[
        ListAsked | None, typer.Option("--list", help="All of a kind.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was imported: its numbers, a list, or one thing of it."""
    if sum(map(bool, (cell, village, zone, at, list_))) > 1:
        raise UsageError("Ask for one thing at a time: --cell, --village, --zone, --at or --list.")
    county = load_county(_settings())
    if list_ is not None:
        show_list(county, list_, as_json=as_json)
    elif cell:
        show_cell(county, county.grid.by_code(cell), as_json=as_json)
    elif at:
        _show_at(county, at, as_json=as_json)
    elif village:
        _show_village(county, village, as_json=as_json)
    elif zone:
        _show_zone(county, zone, as_json=as_json)
    else:
        show_county(county, as_json=as_json)


@app.command()
def export(
    out: Annotated[
        Path, typer.Argument(help="File to write: .gpkg, .geojson, .shp, .zip, .kml or .kmz.")
    ],
    layer: Annotated[
        str, typer.Option(help="Only cells, zones, docks or roads.", show_default=False)
    ] = "",
    crs: Annotated[
        str, typer.Option(help="Reference system of the coordinates, such as EPSG:4490.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write the imported county for other programs; what they cannot hold is told."""
    county = load_county(_settings())
    remarks = export_county(county, out, layer, crs)
    if as_json:
        print_json({"file": str(out), "remarks": remarks})
        return
    terminal().print(f"{county.name} written to {out}.", markup=False, soft_wrap=True)
    for remark in remarks:
        notices().print(remark, markup=False)


def _settings() -> Settings:
    return read_settings(os.environ, Path.home())


def _imported(settings: Settings) -> Path:
    load_county(settings)  # which says how to import one where there is none
    return settings.county_file


def _surveyed(
    path: Path, said: Said, reference: Path | None, settings: Settings, *, as_json: bool
) -> Survey:
    reading, known = reading_of(said), known_land(reference, settings)
    with progress(notices(), silent=as_json) as tell:
        return survey_county(path, reading, known, tell)


def _sound(survey: Survey, path: Path) -> County:
    if survey.county is not None:
        return survey.county
    errors = survey.errors
    lines = [f"\n  - {finding.message}" for finding in errors[:SHOWN_OF_A_KIND]]
    more = len(errors) - len(lines)
    lines += [f"\n  and {more} more; `patrol grid check {path}` tells them"] if more > 0 else []
    raise InvalidGeometryError(
        f"{path} has {len(errors)} problem(s), nothing was imported:{''.join(lines)}"
    )


def _beside_older(county: County, settings: Settings, *, keep: bool) -> tuple[County, str]:
    """A county with what the one before has and it lacks, if asked for; else what is lost."""
    older = older_county(settings)
    if older is None:
        return county, ""
    both = replace(
        county,
        zones=county.zones if county.zones.zones else older.zones,
        docks=county.docks or older.docks,
        roads=county.roads or older.roads,
    )
    lacking = {
        "zones": len(both.zones.zones) - len(county.zones.zones),
        "docks": len(both.docks) - len(county.docks),
        "roads": len(both.roads) - len(county.roads),
    }
    words = ", ".join(f"{count} {what}" for what, count in lacking.items() if count)
    if not words:
        return county, ""
    if keep:
        return both, f"Kept of {older.name}: {words}."
    return county, (
        f"{older.name}, imported before, had {words} that this file lacks, and they are gone; "
        "with --keep they stay."
    )


def _rows(survey: Survey) -> list[dict[str, object]]:
    return [finding_row(finding) for finding in survey.findings]


def _print_check(path: Path, survey: Survey) -> None:
    told = {"file": str(path), **count_by_severity(survey.findings), "findings": _rows(survey)}
    if survey.county is None:
        print_json({"county": None, "cells": survey.cells, **told})
    else:
        show_county(survey.county, as_json=True, beside=told)


def _tell_check(path: Path, survey: Survey, out: Path | None, *, every: bool) -> None:
    console = terminal()
    if survey.county is not None:
        show_county(survey.county, as_json=False)
    complete = show_by_kind(survey.findings, console, None if every else SHOWN_OF_A_KIND)
    counts = (_counted(n, what) for what, n in count_by_severity(survey.findings).items())
    told = f"{path}: {survey.cells} cells, {', '.join(counts)}"
    if not survey.findings:
        told = f"{path}: {survey.cells} cells, and nothing is wrong with them"
    console.print(f"{told}.", markup=False, soft_wrap=True)
    if out is not None:
        console.print(f"All findings are in {out}, each at its place.", markup=False)
    elif not complete:
        console.print("--all prints every finding; --out FILE.geojson writes them for QGIS.")


def _counted(number: int, what: str) -> str:
    return f"{number} {what.removesuffix('s') if number == 1 else what}"


def _show_at(county: County, text: str, *, as_json: bool) -> None:
    try:
        lon_deg, lat_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"--at {text!r} is no place: write longitude, comma, latitude, as in 115.62,33.16."
        ) from None
    cell = county.grid.cell_at(LonLat(lon_deg, lat_deg))
    if cell is None:
        raise UsageError(
            f"No cell of {county.name} lies at longitude {lon_deg}, latitude {lat_deg}."
        )
    show_cell(county, cell, as_json=as_json)


def _show_village(county: County, code: str, *, as_json: bool) -> None:
    cells = county.grid.in_village(code)
    if not cells:
        raise UsageError(
            f"No cell of {county.name} lies in village {code!r}: a village code is the first 12 "
            "digits of its cells' codes; `patrol grid show --list villages` lists them."
        )
    show_village(cells, as_json=as_json)


def _show_zone(county: County, zone_id: str, *, as_json: bool) -> None:
    for zone in county.zones.zones:
        if zone.zone_id == zone_id:
            show_zone(zone, as_json=as_json)
            return
    raise UsageError(
        f"{county.name} has no zone {zone_id!r}; `patrol grid show --list zones` lists them."
    )
