"""What of the live stream is told to whom."""

from __future__ import annotations

from typing import Any

import pytest

from events_api.feed_scope import for_scope
from events_api.roles import Scope

CELL, NEXT_VILLAGE = "341299001001001", "341299001002001"
EVENT: dict[str, Any] = {"event_id": "1", "cell_code": CELL, "body": "roads"}


@pytest.mark.parametrize("kind", ["event.opened", "event.changed"])
@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("everywhere", True),
        ("village:341299001001", True),
        ("village:341299001002", False),
        ("body:roads", True),
        ("body:water", False),
    ],
)
def test_an_event_is_told_to_those_whose_it_is(kind: str, scope: str, told: bool) -> None:
    """As a list would show it to them."""
    assert for_scope(Scope.parse(scope), kind, EVENT) == (EVENT if told else None)


def test_a_message_of_a_former_version_names_no_body() -> None:
    """Then it is no body's."""
    old = {"event_id": "1", "cell_code": CELL}
    assert for_scope(Scope.parse("body:roads"), "event.opened", old) is None
    assert for_scope(Scope.parse("town:341299001"), "event.opened", old) == old


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("everywhere", False),  # it is still there
        ("town:341299001", False),
        ("village:341299001001", True),
        ("village:341299001002", False),  # it has come
        ("body:roads", True),
        ("body:water", False),
    ],
)
def test_leaving_is_told_to_those_whose_it_was(scope: str, told: bool) -> None:
    """And only them; where it went is not theirs to know."""
    left = {"event_id": "1", "was": [CELL, "roads"], "is": [NEXT_VILLAGE, "water"]}
    expected = {"event_id": "1"} if told else None
    assert for_scope(Scope.parse(scope), "event.left", left) == expected


@pytest.mark.parametrize(
    ("kind", "scope", "told"),
    [
        ("cells", "body:roads", True),
        ("cells", "village:341299001001", True),
        ("vehicle", "village:341299001001", True),
        ("vehicle", "body:roads", False),
    ],
)
def test_cells_are_for_all_and_aircraft_for_areas(kind: str, scope: str, told: bool) -> None:
    """The ground is nobody's secret; where aircraft are is not a contractor's business."""
    assert (for_scope(Scope.parse(scope), kind, {"name": "falcon-1"}) is not None) == told
