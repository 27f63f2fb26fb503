"""What the server writes down: for people, or as one JSON object a line for programs."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO

from events_api import request_ids

LOGGERS = ("events_api", "uvicorn")
ROW_REPEATED = re.compile(r"DETAIL:.*")
"""As PostgreSQL tells it; of SQLite's errors the engine keeps the values back."""


class LogFormat(StrEnum):
    """How lines are written."""

    TEXT = "text"
    JSON = "json"


LEVELS = {LogFormat.TEXT: logging.WARNING, LogFormat.JSON: logging.INFO}
"""A person is told what is wrong, a program of every request."""


class _Discreet(logging.Formatter):
    """Leaves out what a database repeats of a row: contacts may stand in it."""

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - as the base class has it
        """Return the traceback."""
        return _discreet(super().formatException(ei))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - likewise
        """Return the line."""
        return _discreet(super().formatMessage(record))


def _discreet(text: str) -> str:
    return ROW_REPEATED.sub("DETAIL: (left out)", text)


class JsonLines(_Discreet):
    """Writes a record as a JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _discreet(record.getMessage()),
            "request_id": request_ids.present(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False, default=str)


class TextLines(_Discreet):
    """Writes a record for a person."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(request)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and a traceback below it where there is one."""
        name = request_ids.present()
        record.request = f" [{name}]" if name else ""
        return super().format(record)


@contextmanager
def logging_to(stream: TextIO, form: LogFormat) -> Iterator[None]:
    """Let what the server logs go to a stream until the context is left."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else TextLines())
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(each.level, each.propagate) for each in loggers]
    for each in loggers:
        each.addHandler(handler)
        each.setLevel(LEVELS[form])
        each.propagate = False
    try:
        yield
    finally:
        for each, (level, propagate) in zip(loggers, before, strict=True):
            each.removeHandler(handler)
            each.setLevel(level)
            each.propagate = propagate
