"""The states of an event, and which of them are still open.

An open event takes further observations; a closed or rejected one never does, so that the same
thing seen again later opens a new event.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where an event stands in its life."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    AWAITING_VERIFICATION = "awaiting_verification"
    CLOSED = "closed"
    REJECTED = "rejected"


IS_OPEN: dict[Status, bool] = {
    Status.REPORTED: True,
    Status.ACCEPTED: True,
    Status.DISPATCHED: True,
    Status.HANDLING: True,
    Status.AWAITING_VERIFICATION: True,
    Status.CLOSED: False,
    Status.REJECTED: False,
}

OPEN_STATUSES = tuple(status for status, is_open in IS_OPEN.items() if is_open)
