"""Tests of `geofences.identifiers`."""

from __future__ import annotations

import pytest

from geofences.errors import InvalidGeometryError
from geofences.identifiers import is_code, refuse_repeats, repeated


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("341299001001001", True),
        ("341299001001001\n", False),
        (" 341299001001001", False),
        ("34129900100100", False),
        ("3412990010010011", False),
        ("34129900100100A", False),
        ("３41299001001001", False),  # a full-width digit
        ("", False),
    ],
)
def test_a_code_has_fifteen_digits(code: str, expected: bool) -> None:
    """From end to end, in ASCII digits."""
    assert expected is is_code(code)


def test_a_pattern_holds_from_end_to_end() -> None:
    """A pattern without anchors is anchored."""
    assert is_code("AB12", r"[A-Z]{2}\d{2}")
    assert not is_code("xAB12", r"[A-Z]{2}\d{2}")
    assert not is_code("AB123", r"[A-Z]{2}\d{2}")


def test_repeats_are_counted() -> None:
    """Only what occurs more than once is told, with its count."""
    assert repeated(["a", "b", "a", "c", "a", "c"]) == {"a": 3, "c": 2}
    assert repeated([]) == {}


def test_the_first_repeat_is_refused() -> None:
    """The message names the kind and the id."""
    with pytest.raises(InvalidGeometryError, match="The dock id 'b' is used more than once"):
        refuse_repeats("dock id", ["a", "b", "c", "b"])


def test_ids_used_once_pass() -> None:
    """Nothing happens, also for none."""
    refuse_repeats("dock id", ["a", "b"])
    refuse_repeats("dock id", [])
