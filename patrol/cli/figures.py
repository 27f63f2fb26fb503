"""`patrol figures`: what a month came to."""

import csv
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from events_api.client import EventApiClient
from events_api.figure_schemas import FigureRow, MonthlyFigures
from events_api.store.figures import GroupBy
from patrol.cli.console import print_json, table, terminal
from patrol.cli.rule_files import AsJson
from patrol.errors import UsageError
from patrol.settings import read_settings

ALL = "all"
COLUMNS = tuple(FigureRow.model_fields)


def figures(
    month: Annotated[
        str, typer.Option(help="Year and month, as 2026-07; the present one without.")
    ] = "",
    by: Annotated[
        GroupBy | None, typer.Option(help="What to tell apart.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--csv", help="Write the rows to this CSV file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count a month: reported, closed, in time, overtime, repeats, median handling hours."""
    if out is not None and out.suffix.lower() != ".csv":
        raise UsageError(f"{out} is no CSV file: give --csv a name that ends in .csv.")
    settings = read_settings(os.environ, Path.home())
    with EventApiClient(settings.api_url, settings.token) as client:
        counted = client.figures(month or None, None if by is None else by.value)
    if out is not None:
        _write(out, counted)
    if as_json:
        print_json(counted.model_dump(mode="json"))
    else:
        _show(counted)


def _rows(counted: MonthlyFigures) -> list[FigureRow]:
    return [*counted.groups, counted.total.model_copy(update={"key": ALL})]


def _write(out: Path, counted: MonthlyFigures) -> None:
    half = out.with_name(f".{out.name}.half")
    # With the mark that tells spreadsheets the file is UTF-8.
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["month", *COLUMNS])
        for row in _rows(counted):
            values = row.model_dump()
            rows.writerow([counted.month, *(values[name] for name in COLUMNS)])
    half.replace(out)


def _show(counted: MonthlyFigures) -> None:
    title = f"{counted.month} by {counted.by}" if counted.by else counted.month
    headings = {name.replace("_", " "): "right" for name in COLUMNS}
    made = table(title, {**headings, "key": "left"})
    for row in _rows(counted):
        key = "none" if row.key is None else row.key
        counts = [str(getattr(row, name)) for name in COLUMNS[1:-1]]
        median = row.median_handling_hours
        made.add_row(escape(key), *counts, "" if median is None else f"{median:.1f}")
    terminal().print(made)
    terminal().print(f"Days are those of {counted.time_zone}.", markup=False)
