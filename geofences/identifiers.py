"""Codes and ids: what they look like, and that none is used twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from geofences.errors import InvalidGeometryError

CODE_PATTERN = r"^\d{15}$"
"""Of a cell: 6 digits district + 3 town + 3 village + 3 sequence."""


def is_code(code: str, code_pattern: str = CODE_PATTERN) -> bool:
    """Whether a code matches a pattern from end to end; only ASCII digits are digits."""
    return re.fullmatch(code_pattern, code, re.ASCII) is not None


def repeated(identifiers: Iterable[str]) -> dict[str, int]:
    """How often each identifier occurs that occurs more than once."""
    return {name: count for name, count in Counter(identifiers).items() if count > 1}


def refuse_repeats(kind: str, identifiers: Iterable[str]) -> None:
    """Nothing, unless an identifier is used twice.

    Args:
        kind: what they identify, for the message, such as "zone id".
        identifiers: all that are used.

    Raises:
        InvalidGeometryError: one is used more than once.
    """
    for name in repeated(identifiers):
        raise InvalidGeometryError(
            f"The {kind} {name!r} is used more than once; give each its own."
        )
