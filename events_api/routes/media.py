"""Answers that are not plain JSON: each names its media type, for clients and the description."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import JSONResponse, StreamingResponse


class GeoJsonResponse(JSONResponse):
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
