"""Versions of an event over the wire: `ETag` out, `If-Match` in (RFC 9110, 8.8.3 and 13.1.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from events_api.errors import PreconditionNeededError

STRONG_TAG = re.compile(r'(?<![\w/"])"([^"]*)"')


@dataclass(frozen=True, slots=True)
class SeenVersions:
    """The versions that a client names in `If-Match`."""

    tags: frozenset[str]

    def include(self, version: int) -> bool:
        """Whether the client has seen this version."""
        return str(version) in self.tags


def etag(version: int) -> str:
    """Return the entity tag of a version.

    It is the version of the case and moves with its transitions only: a further observation of a
    busy place must not shut out everybody who handles it.
    """
    return f'"{version}"'


def _seen_versions(
    if_match: Annotated[str | None, Header(description="`ETag` of GET /events/{event_id}")] = None,
) -> SeenVersions:
    # "*" would mean any version, which is just what two operators must not say.
    if if_match is None or if_match.strip() in {"", "*"}:
        raise PreconditionNeededError(
            "Send the ETag of the event as you saw it in the header `If-Match`, so that nobody "
            "moves what somebody else has moved meanwhile."
        )
    # A weak tag never matches here, by 13.1.1, and neither does what is no tag.
    return SeenVersions(frozenset(STRONG_TAG.findall(if_match)))


Seen = Annotated[SeenVersions, Depends(_seen_versions)]
