"""Query parameters that several routes share: cursors and boxes."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime

from events_api.cases import Status
from events_api.errors import UnprocessableError
from events_api.store.cells import Box
from events_api.store.events import EventFilter

BoxText = Annotated[
    str | None, Query(description="west,south,east,north in degrees", examples=["115,33,116,34"])
]


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
    return base64.urlsafe_b64encode(json.dumps({"before": number}).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """Return the event's number that a cursor goes on below.

    Raises:
        UnprocessableError: It is not a cursor of ours.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        number = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))["before"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        number = None
    if type(number) is not int or not 0 <= number < 2**62:
        raise UnprocessableError(
            "The cursor is not one of ours; start again without it and follow next_cursor."
        )
    return number


def _event_filter(  # noqa: PLR0913 - one for each filter
    *,
    cell: Annotated[str | None, Query(description="A code, or its first digits")] = None,
    matter: Annotated[str | None, Query(description="A matter's code")] = None,
    status: Status | None = None,
    observed_from: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    observed_to: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    bbox: BoxText = None,
    body: Annotated[str | None, Query(description="The responsible body's code")] = None,
) -> EventFilter:
    return EventFilter(
        cell=cell,
        matter=matter,
        status=status,
        observed_from=observed_from,
        observed_to=observed_to,
        box=parse_box(bbox),
        body=body,
    )


WantedEvents = Annotated[EventFilter, Depends(_event_filter)]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]
