"""What goes over the wire when a merging is undone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from events_api.schemas import NO_NUL, Wire


class SplitRequest(Wire):
    """A wish to take an observation out of its event: why, and into which other one.

    Without `into` it becomes an event of its own.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The van beside it, which left at noon."}]}
    )

    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=NO_NUL)]
    into: UUID | None = None


class Split(Wire):
    """An observation that was taken out of an event; `version` is that event's after it."""

    report_id: UUID
    event_id: UUID
    version: int
    into: UUID
    is_new: bool
