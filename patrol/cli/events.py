"""`patrol events`: events out of the event API into files."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from events_api.cases import Status
from events_api.catalogue.grades import Grade
from events_api.client import EventApiClient
from events_api.interchange.features import event_feature
from events_api.schemas import State
from patrol.cli.console import terminal
from patrol.errors import UsageError
from patrol.settings import read_settings

FORMS = (".csv", ".xlsx", ".geojson")

app = typer.Typer(no_args_is_help=True, help="Take events out of the event API.")


@app.callback()
def events() -> None:
    """Take events out of the event API."""


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; .csv, .xlsx or .geojson.")],
    status: Annotated[Status | None, typer.Option(help="Where they stand.")] = None,
    matter: Annotated[str, typer.Option(help="The code of their matter.")] = "",
    cell: Annotated[str, typer.Option(help="A cell's code, or its first digits.")] = "",
    town: Annotated[str, typer.Option(help="The first nine digits of a town's cells.")] = "",
    body: Annotated[str, typer.Option(help="The body they were dispatched to.")] = "",
    responsible: Annotated[
        str, typer.Option(help="The body they were dispatched to, else of the catalogue.")
    ] = "",
    source: Annotated[str, typer.Option(help="Who or what saw them.")] = "",
    grade: Annotated[Grade | None, typer.Option(help="How grave they were found.")] = None,
    deadline: Annotated[State | None, typer.Option(help="How their deadline stands.")] = None,
    bbox: Annotated[str, typer.Option(help="west,south,east,north in degrees.")] = "",
    begin: Annotated[str, typer.Option("--from", help="Seen since, as 2026-07-01T00:00Z.")] = "",
    end: Annotated[str, typer.Option("--to", help="Seen until.")] = "",
) -> None:
    """Export the events that fit: CSV and XLSX for spreadsheets, GeoJSON for maps."""
    form = file.suffix.lower()
    if form not in FORMS:
        raise UsageError(f"{file} ends in none of {', '.join(FORMS)}, so its form is not known.")
    given = {
        "status": status,
        "matter": matter,
        "cell": cell,
        "town": town,
        "body": body,
        "responsible": responsible,
        "source": source,
        "grade": grade,
        "deadline": deadline,
        "bbox": bbox,
        "from": begin,
        "to": end,
    }
    filters = {name: str(value) for name, value in given.items() if value}
    settings = read_settings(os.environ, Path.home())
    with EventApiClient(settings.api_url, settings.token) as client:
        pieces = (
            _geojson(client, filters) if form == ".geojson" else client.export(form[1:], **filters)
        )
        size = _write(file, pieces)
    terminal().print(f"{file}: {size} bytes.", markup=False)


def _geojson(client: EventApiClient, filters: dict[str, str]) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    between = b"\n"
    for event in client.events(**filters):
        yield (
            between
            + json.dumps(event_feature(event.model_dump(mode="json")), ensure_ascii=False).encode()
        )
        between = b",\n"
    yield b"]}\n"


def _write(file: Path, pieces: Iterator[bytes]) -> int:
    half, size = file.with_name(f".{file.name}.half"), 0
    try:
        with half.open("wb") as out:
            for piece in pieces:
                size += out.write(piece)
        half.replace(file)
    finally:
        with suppress(FileNotFoundError):  # it has its name, or it was never begun
            half.unlink()
    return size
