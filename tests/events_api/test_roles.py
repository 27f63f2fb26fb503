"""Scopes: what is whose."""

from __future__ import annotations

import pytest

from events_api.errors import UnprocessableError
from events_api.roles import EVERYWHERE, Scope

CELL = "341299001001015"


@pytest.mark.parametrize(
    "text",
    [
        "everywhere",
        "district:341299",
        "town:341299001",
        "village:341299001001",
        "body:12345678901234567X",
        "body:环卫",
    ],
)
def test_a_scope_is_written_as_it_is_read(text: str) -> None:
    """Over the wire, on the command line and in the database."""
    assert str(Scope.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "town",
        "town:",
        "town:341299",
        "town:%%%%%%%%%",
        "everywhere:1",
        "county:341299",
        "village:341299001001\n",
        "TOWN:341299001",
        "body:",
        "body:a b",
        "body:" + "x" * 41,
    ],
)
def test_what_is_no_scope_is_refused(text: str) -> None:
    """Nothing is guessed: a wrong scope would open too much."""
    with pytest.raises(UnprocessableError, match="is no scope; write everywhere"):
        Scope.parse(text)


@pytest.mark.parametrize(
    ("scope", "cell_code", "body", "held"),
    [
        ("everywhere", None, None, True),
        ("district:341299", CELL, None, True),
        ("town:341299001", CELL, "roads", True),
        ("town:341299002", CELL, None, False),
        ("village:341299001002", CELL, None, False),
        ("town:341299001", None, "roads", False),  # without a cell it is in no town
        ("body:roads", CELL, "roads", True),
        ("body:roads", None, "roads", True),
        ("body:roads", CELL, "road", False),
        ("body:roads", CELL, None, False),
    ],
)
def test_an_event_is_in_a_scope_by_its_cell_or_its_body(
    scope: str, cell_code: str | None, body: str | None, held: bool
) -> None:
    """Areas by the beginning of the cell's code, bodies by their own."""
    assert Scope.parse(scope).holds(cell_code, body) == held


@pytest.mark.parametrize(
    ("wider", "narrower", "covered"),
    [
        ("everywhere", "everywhere", True),
        ("everywhere", "body:roads", True),
        ("district:341299", "everywhere", False),
        ("district:341299", "village:341299001001", True),
        ("town:341299001", "town:341299001", True),
        ("town:341299001", "district:341299", False),
        ("town:341299001", "village:341299002001", False),
        ("district:341299", "body:roads", False),
        ("body:roads", "body:roads", True),
        ("body:341299", "town:341299001", False),
    ],
)
def test_a_scope_covers_what_lies_in_it_for_certain(
    wider: str, narrower: str, covered: bool
) -> None:
    """Whatever cells and events there are."""
    assert Scope.parse(wider).covers(Scope.parse(narrower)) == covered


def test_everywhere_is_what_nothing_bounds() -> None:
    """The scope of tokens of former versions."""
    assert Scope.parse("everywhere") == EVERYWHERE
