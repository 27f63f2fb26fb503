"""The audit: who did what and when, each row sealed by a hash that covers the one before.

A row's hash is the SHA-256 of the hash before it and of the row as canonical JSON (RFC 8785 in
spirit: keys in order, no spaces, UTF-8; we seal no numbers but whole ones and those Python writes
back as it read them). The end of the chain is kept apart, so that rows cut off its end are missed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Made once: every report is sealed.
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)

BEGINNING = "0" * 64
"""What the first row has in the place of a hash before it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did.

    Attributes:
        actor: Who did it.
        action: What kind of thing, such as `event.moved`.
        subject: What it was done to, such as `event:` and its id.
        content: Everything else, as JSON.
    """

    actor: str
    action: str
    subject: str
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """An end of the chain: a row's number and hash."""

    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the audit."""

    number: int
    at: datetime
    deed: Deed
    previous_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found.

    Attributes:
        end: The last row that is as it was written.
        broken: What is wrong with the row after it; none when nothing is.
    """

    end: Link
    broken: str | None


def canonical_json(value: object) -> str:
    """Write a value so that equal values give equal texts."""
    return _CANONICAL.encode(value)


def seal(number: int, at: datetime, deed: Deed, previous_sha256: str) -> str:
    """Return the hash of a row."""
    row = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": deed.actor,
        "action": deed.action,
        "subject": deed.subject,
        "content": deed.content,
    }
    return hashlib.sha256(f"{previous_sha256}\n{canonical_json(row)}".encode()).hexdigest()


def walk(entries: Iterable[Entry], head: Link, anchor: Link | None = None) -> Verdict:
    """Follow the chain from its beginning and stop at the first row that is not as written.

    What this cannot see: rows cut off the end together with a head that was set back, or a chain
    written anew as a whole. Both are seen with an anchor.

    Args:
        entries: Rows in the order of their numbers.
        head: The end that was kept apart.
        anchor: A row's number and hash as they were noted outside the database.
    """
    end = Link(0, BEGINNING)
    for entry in entries:
        broken = _wrong_with(entry, end, head) or _wrong_with_anchor(entry, anchor)
        if broken is not None:
            return Verdict(end, broken)
        end = Link(entry.number, entry.sha256)
    return Verdict(end, _wrong_with_end(end, head, anchor))


def _wrong_with(entry: Entry, end: Link, head: Link) -> str | None:
    expected = end.number + 1
    if entry.number < expected:
        return f"row {entry.number} stands where row {expected} should"
    if entry.number > expected:
        return f"row {expected} is missing: row {entry.number} follows row {end.number}"
    if entry.previous_sha256 != end.sha256:
        return f"row {expected} was not written after the row {end.number} that is there now"
    if seal(entry.number, entry.at, entry.deed, entry.previous_sha256) != entry.sha256:
        return f"row {expected} was changed: its content has another hash than was sealed"
    if entry.number > head.number:
        return f"row {expected} was added: the audit's head names {head.number} rows"
    return None


def _wrong_with_end(end: Link, head: Link, anchor: Link | None) -> str | None:
    if end.number < head.number:
        return f"row {end.number + 1} is missing: the audit's head names {head.number} rows"
    if end != head:
        return "the last row is another than the audit's head names"
    if anchor is not None and end.number < anchor.number:
        return f"row {end.number + 1} is missing: the anchor names row {anchor.number}"
    return None


def _wrong_with_anchor(entry: Entry, anchor: Link | None) -> str | None:
    if anchor is None or entry.number != anchor.number or entry.sha256 == anchor.sha256:
        return None
    return f"row {entry.number} has another hash than the anchor: the chain was written anew"
