"""The steps of an event whose time is limited."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What an event waits for."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    VERIFY = "verify"
