"""Answers that are not plain JSON: each names its media type, for clients and the description."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic_core import to_json


class RecordsResponse(JSONResponse):
    """Plain JSON of many records with times in them, several times as fast as Python writes it."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as the base has it
        """Write it; times in UTC end in Z, as in every message."""
        return to_json(content)


class GeoJsonResponse(RecordsResponse):
    """Features (RFC 7946)."""

    media_type = "application/geo+json"


class CsvResponse(StreamingResponse):
    """A table as text."""

    media_type = "text/csv"


class XlsxResponse(StreamingResponse):
    """A table as a workbook."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class EventStreamResponse(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


class CapResponse(Response):
    """An alert of the Common Alerting Protocol."""

    media_type = "application/cap+xml"


class XmlResponse(Response):
    """Any other XML document."""

    media_type = "application/xml"
