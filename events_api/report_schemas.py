"""What goes over the wire where many reports are sent at once."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from events_api.schemas import Receipt, Report, Wire

MOST_REPORTS = 1000

Unread = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "description": "A report as POST /reports takes it"}),
]
"""Read one by one: what is wrong with one is no matter of the others."""


class ReportBatch(Wire):
    """Reports in the order in which they were made."""

    reports: Annotated[tuple[Unread, ...], Field(min_length=1, max_length=MOST_REPORTS)]


class ReadBatch(Wire):
    """The same, where every report is such as POST /reports takes it."""

    reports: Annotated[tuple[Report, ...], Field(min_length=1, max_length=MOST_REPORTS)]


class BatchOutcome(Wire):
    """What became of one report of a batch.

    `status` is what POST /reports would have answered with: 201 for one received for the first
    time and 200 for one received before, with its receipt; else `detail` says what is wrong.
    """

    status: int
    receipt: Receipt | None = None
    detail: str | None = None


class BatchReceipt(Wire):
    """What became of each report, in the order in which they were sent."""

    results: tuple[BatchOutcome, ...]
