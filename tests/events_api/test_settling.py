"""Reports that their own pass keeps from the event they fit, in the database."""

from __future__ import annotations

from typing import Any

import pytest

from events_api.intake import Intake, receive_all
from events_api.intake_reading import Arrival
from events_api.roles import Principal, Role
from events_api.schemas import Receipt
from events_api.store.database import Database
from events_api.store.rulebook import read_rules
from geofences.cells import Grid
from tests.events_api.conftest import NOW
from tests.events_api.factories import away, make_cells, make_report

pytestmark = pytest.mark.both_databases

DRONE = Principal("falcon-1", Role.MACHINE)
SWAPPED = ((1, 9.0), (2, 32.0))
"""A pass over things at 0 and 15 m: the first looks nearer to the second, and that very far."""


def taken(database: Database, pass_id: str, *seen: tuple[int, float]) -> list[Receipt]:
    """Take the reports of a pass in, by one transaction: of each its track and its place."""
    reports = [
        make_report(10 * int(pass_id[-1]) + track, **_changes(pass_id, track, away_m))
        for track, away_m in seen
    ]
    with database.write() as session:
        rules = read_rules(session)
        arrival = Arrival(DRONE, NOW, rules, lambda: Grid(make_cells()))
        outcomes = receive_all(session, [(report, arrival) for report in reports])
    return [outcome.receipt for outcome in outcomes if isinstance(outcome, Intake)]


def _changes(pass_id: str, track: int, away_m: float) -> dict[str, Any]:
    return {
        "pass_id": pass_id,
        "track_id": track,
        "position": away(away_m),
        "ce50_m": 7.7,
        "ce90_m": 14.0,
    }


@pytest.mark.parametrize("is_batch", [True, False], ids=["in one batch", "one by one"])
def test_two_things_stay_two_though_the_first_took_the_others_event(
    database: Database, *, is_batch: bool
) -> None:
    """The second takes the event that is left, though it lies too far from it by itself."""
    first = taken(database, "pass-1", (1, 0.0), (2, 15.0))
    assert [receipt.created for receipt in first] == [True, True]
    if is_batch:
        second = taken(database, "pass-2", *SWAPPED)
    else:
        second = [receipt for one in SWAPPED for receipt in taken(database, "pass-2", one)]
    assert [receipt.event_id for receipt in second] == [first[1].event_id, first[0].event_id]
    assert "which is which is less sure" in second[1].merged_why


def test_a_third_thing_opens_its_own_event(database: Database) -> None:
    """Both that were open have been seen by this pass."""
    taken(database, "pass-1", (1, 0.0), (2, 15.0))
    second = [taken(database, "pass-2", one)[0] for one in ((1, 0.0), (2, 15.0), (3, 20.0))]
    assert [receipt.created for receipt in second] == [False, False, True]


def test_what_is_found_around_is_no_neighbour_of_another_pass(database: Database) -> None:
    """What was looked up for one report of a batch is known with all that was put into it."""
    first = taken(database, "pass-1", (1, 0.0), (2, 15.0))
    taken(database, "pass-3", (7, 0.0))
    taken(database, "pass-2", SWAPPED[0])
    reports = [
        make_report(901, **_changes("pass-2", *SWAPPED[1])),
        make_report(902, **_changes("pass-3", 8, 0.0)),
    ]
    with database.write() as session:
        arrival = Arrival(DRONE, NOW, read_rules(session), lambda: Grid(make_cells()))
        outcomes = receive_all(session, [(report, arrival) for report in reports])
    found = [outcome.receipt.event_id for outcome in outcomes if isinstance(outcome, Intake)]
    assert found == [first[0].event_id, first[1].event_id]
