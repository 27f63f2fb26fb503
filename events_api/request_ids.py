"""What a request is called: in its answer, in figures, in the log, and where errors are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

HEADER = "X-Request-ID"
UNKNOWN_ROUTE = "other"
FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")

_present: ContextVar[str | None] = ContextVar("request_id", default=None)


def present() -> str | None:
    """Return the name of the request that is being served; none outside of one."""
    return _present.get()


def begin(sent: str | None) -> str:
    """Name the request that is served from here on.

    Args:
        sent: What the client or a proxy before us calls it; taken if it is short and plain, so that
            nobody writes into the log what looks like other lines.
    """
    name = sent if sent is not None and FORM.fullmatch(sent) else uuid4().hex
    # Never reset: each request is served in a context of its own, and what goes wrong at its very
    # end is still to be logged under its name.
    _present.set(name)
    return name


def route_of(scope: Mapping[str, Any]) -> str:
    """Return the route that serves a request, as the API describes it.

    That, and never the address, is counted and logged: receipt numbers, names and signatures stand
    in addresses.
    """
    return str(getattr(scope.get("route"), "path", UNKNOWN_ROUTE))
