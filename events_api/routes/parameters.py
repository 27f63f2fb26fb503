"""Query parameters that several routes share: cursors and boxes."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from events_api.cases import Status
from events_api.catalogue.grades import Grade
from events_api.errors import BadRequestError, UnprocessableError
from events_api.runtime import RuntimeDep
from events_api.schemas import State, Utc
from events_api.store.cells import Box
from events_api.store.deadlines import Due
from events_api.store.events import EventFilter

BoxText = Annotated[
    str | None, Query(description="west,south,east,north in degrees", examples=["115,33,116,34"])
]

TownCode = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9A-Za-z]{9}$",
        description="The first nine digits of a town's cells",
        examples=["341299001"],
    ),
]

BodyCode = Annotated[str | None, Query(description="The body it was dispatched to")]
SourceName = Annotated[
    str | None,
    Query(description="Who or what made the observation that its place is from"),
]
ResponsibleCode = Annotated[
    str | None, Query(description="The body it was dispatched to, else the one of the catalogue")
]

IsOpen = Annotated[
    bool | None,
    Query(alias="open", description="Whether it still asks for something, or no longer does"),
]


GradeWanted = Annotated[
    Grade | None, Query(alias="grade", description="How grave somebody has found it")
]


async def readable(request: Request) -> None:
    """Refuse an address that no database could be asked for.

    Raises:
        BadRequestError: It holds a NUL.
    """
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise BadRequestError("The address holds a NUL character; leave it out.")


def parse_box(text: str | None) -> Box | None:
    """Read a bounding box.

    Raises:
        UnprocessableError: It is not four degrees in the order west, south, east, north.
    """
    if text is None:
        return None
    try:
        west_deg, south_deg, east_deg, north_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise UnprocessableError(
            f"bbox={text!r} is not `west,south,east,north` in degrees."
        ) from None
    if not (-180 <= west_deg <= east_deg <= 180 and -90 <= south_deg <= north_deg <= 90):
        raise UnprocessableError(
            f"bbox={text!r} is not a box on Earth; give west,south,east,north with west <= east."
        )
    return west_deg, south_deg, east_deg, north_deg


def write_cursor(number: int) -> str:
    """Return an opaque cursor that goes on below an event's number."""
    return encode_cursor({"before": number})


def read_cursor(cursor: str | None) -> int | None:
    """Return the event's number that a cursor goes on below.

    Raises:
        UnprocessableError: It is not a cursor of ours.
    """
    if cursor is None:
        return None
    number = decode_cursor(cursor).get("before")
    if type(number) is not int or not 0 <= number < 2**62:
        raise wrong_cursor()
    return number


def encode_cursor(content: dict[str, Any]) -> str:
    """Return an opaque cursor with this content."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> dict[str, Any]:
    """Return the content of a cursor.

    Raises:
        UnprocessableError: It is not a cursor of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        content = None
    if not isinstance(content, dict):
        raise wrong_cursor()
    return content


def wrong_cursor() -> UnprocessableError:
    """Say that a cursor is not one of ours."""
    return UnprocessableError(
        "The cursor is not one of ours; start again without it and follow next_cursor."
    )


def _event_filter(  # noqa: PLR0913 - one for each filter
    runtime: RuntimeDep,
    *,
    cell: Annotated[str | None, Query(description="A code, or its first digits")] = None,
    matter: Annotated[str | None, Query(description="A matter's code")] = None,
    status: Status | None = None,
    observed_from: Annotated[Utc | None, Query(alias="from")] = None,
    observed_to: Annotated[Utc | None, Query(alias="to")] = None,
    bbox: BoxText = None,
    town: TownCode = None,
    body: BodyCode = None,
    responsible: ResponsibleCode = None,
    deadline: Annotated[State | None, Query(description="How its deadline stands now")] = None,
    source: SourceName = None,
    is_open: IsOpen = None,
    grade: GradeWanted = None,
) -> EventFilter:
    return EventFilter(
        cell=cell,
        town=town,
        matter=matter,
        status=status,
        observed_from=observed_from,
        observed_to=observed_to,
        box=parse_box(bbox),
        body=body,
        responsible=responsible,
        deadline=None if deadline is None else Due(deadline, runtime.settings.clock()),
        source=source,
        is_open=is_open,
        grade=grade,
    )


WantedEvents = Annotated[EventFilter, Depends(_event_filter)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]
