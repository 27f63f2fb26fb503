"""What may be said on the command line about a file of cells, and what it means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from geofences.county import County
from geofences.datum import Datum
from geofences.errors import GroundError
from geofences.formats.columns import CELL_COLUMNS
from geofences.formats.county_survey import Known, landmarks_of_county, landmarks_of_file
from geofences.formats.reading import Reading
from geofences.identifiers import CODE_PATTERN
from patrol.counties import load_county
from patrol.errors import UsageError
from patrol.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
System = Annotated[
    str, typer.Option("--crs", help="Reference system in place of the declared one: EPSG:4490.")
]
DatumAsked = Annotated[
    Datum | None,
    typer.Option(help="What the coordinates are in, and are converted from.", show_default=False),
]
SwapAxes = Annotated[bool, typer.Option("--swap-axes", help="Latitude is written first.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="OURS=THEIRS",
        help="Column of code, name, town or village, as in code=BGCODE; repeat it.",
    ),
]
LayerOfCells = Annotated[str, typer.Option("--layer", help="Layer that has the cells.")]
Encoding = Annotated[str, typer.Option(help="Of the texts of a Shapefile, such as GBK.")]
CodePattern = Annotated[
    str, typer.Option(help="Regular expression that a cell code must match.", show_default=False)
]
Reference = Annotated[
    Path | None,
    typer.Option(help="A map known to be right, to compare with; else the imported county."),
]


@dataclass(frozen=True)
class Said:
    """What was said about a file, as it stands on the command line."""

    crs: str = ""
    datum: Datum | None = None
    axes_swapped: bool = False
    fields: Sequence[str] = ()
    layer: str = ""
    encoding: str = ""
    code_pattern: str = ""


def reading_of(said: Said) -> Reading:
    """Understand what was said about a file.

    Raises:
        UsageError: a field, the encoding or the pattern is impossible.
    """
    try:
        re.compile(said.code_pattern)
        "".encode(said.encoding or "utf-8")
    except re.error as error:
        raise UsageError(
            f"--code-pattern {said.code_pattern!r} is no regular expression ({error}); the usual "
            f"one is {CODE_PATTERN}."
        ) from None
    except LookupError:
        raise UsageError(
            f"--encoding {said.encoding!r} is unknown; Chinese files are in UTF-8 or GBK."
        ) from None
    return Reading(
        crs=said.crs,
        datum=said.datum,
        axes_swapped=said.axes_swapped,
        layer=said.layer,
        columns=dict(_column(text) for text in said.fields),
        encoding=said.encoding,
        code_pattern=said.code_pattern,
    )


def known_land(reference: Path | None, settings: Settings) -> Known | None:
    """The land to compare a file with: a given map, else the county imported before, else none.

    Raises:
        GroundError: the given map cannot be read.
    """
    if reference is not None:
        return Known(landmarks_of_file(reference), str(reference))
    county = older_county(settings)
    return Known(landmarks_of_county(county), "the county imported before") if county else None


def older_county(settings: Settings) -> County | None:
    """The county imported before, if there is one that can still be read."""
    if not settings.county_file.exists():
        return None
    try:
        return load_county(settings)
    except GroundError:  # it is about to be replaced, and no reason to refuse the new one
        return None


def _column(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if ours not in CELL_COLUMNS or not equals or not theirs:
        raise UsageError(
            f"--field {text!r} names no column: write {', '.join(CELL_COLUMNS)}, '=' and the "
            "column of the file, as in --field code=BGCODE."
        )
    return ours, theirs
