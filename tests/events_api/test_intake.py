"""What an event shows after several observations."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from events_api.detail_schemas import EventDetail
from events_api.intake import receive
from events_api.intake_reading import Arrival
from events_api.roles import EVERYWHERE, Principal, Role
from events_api.schemas import Receipt
from events_api.store import events
from events_api.store.database import Database
from events_api.store.models import EventRow
from events_api.store.rulebook import read_rules
from geofences.cells import Grid
from geofences.geodesy import LonLat, destination
from tests.events_api.conftest import NOW
from tests.events_api.factories import MARKET, away, make_cells, make_report

pytestmark = pytest.mark.both_databases

DRONE = Principal("falcon-1", Role.MACHINE)


class Desk:
    """Takes reports in, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, number: int, **changes: Any) -> Receipt:
        """Take the n-th report, from a pass of its own unless said otherwise."""
        report = make_report(number, **{"pass_id": f"pass-{number}", **changes})
        with self.database.write() as session:
            rules = read_rules(session)
            arrival = Arrival(DRONE, NOW, rules, lambda: Grid(make_cells()))
            return receive(session, report, arrival).receipt

    def event(self, receipt: Receipt) -> EventDetail:
        """Return the event of a receipt."""
        with self.database.read() as session:
            row = events.by_id(session, str(receipt.event_id), EVERYWHERE)
            assert row is not None
            return events.detail(session, row, NOW)

    def count(self) -> int:
        """Return how many events there are."""
        with self.database.read() as session:
            return session.query(EventRow).count()


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk over a fresh database."""
    return Desk(database)


def test_the_surest_observation_places_the_event(desk: Desk) -> None:
    """A closer look moves it, with its cell and its reason."""
    receipt = desk.take(1, ce90_m=8.0, why="from afar", cell_code="341299001001002")
    desk.take(2, ce90_m=3.6, position=away(3.0), why="from near", cell_code="341299001001001")
    event = desk.event(receipt)
    assert event.position is not None
    assert event.position.model_dump() == away(3.0)
    assert (event.ce90_m, event.why, event.cell_code) == (3.6, "from near", "341299001001001")


def test_a_vaguer_observation_does_not_move_the_event(desk: Desk) -> None:
    """It counts, and that is all."""
    receipt = desk.take(1, ce90_m=3.6)
    desk.take(2, ce90_m=8.0, position=away(3.0), cell_code="341299001001002")
    event = desk.event(receipt)
    assert event.position is not None
    assert event.position.lon_deg == MARKET.lon_deg
    assert (event.cell_code, event.observation_count) == ("341299001001001", 2)


def test_scores_and_times_span_all_observations(desk: Desk) -> None:
    """The best score, the first and the last time, in whatever order they came."""
    receipt = desk.take(1, score=0.8, observed_at="2026-07-01T07:00:00Z")
    desk.take(2, score=0.6, observed_at="2026-07-01T09:00:00Z")
    desk.take(3, score=0.7, observed_at="2026-07-01T06:00:00Z")
    event = desk.event(receipt)
    assert event.score == 0.8
    assert (event.first_observed_at.hour, event.last_observed_at.hour) == (6, 9)
    assert [each.report.score for each in event.observations] == [0.8, 0.6, 0.7]


@pytest.mark.parametrize("status", ["closed", "rejected"])
def test_a_finished_event_takes_nothing_more(desk: Desk, status: str) -> None:
    """The same thing seen again is a new event."""
    receipt = desk.take(1)
    with desk.database.write() as session:
        session.query(EventRow).update({EventRow.status: status})
    assert desk.take(2).event_id != receipt.event_id


def test_another_matter_at_the_same_place_is_another_event(desk: Desk) -> None:
    """Litter beside a car."""
    desk.take(1)
    desk.take(2, matter={"standard_ref": "GB/T 47678.5-2026", "code": "06010"})
    assert desk.count() == 2


def test_a_moving_track_stays_one_event(desk: Desk) -> None:
    """Though its positions lie farther apart than any error allows."""
    receipt = desk.take(1, pass_id="p", track_id=7)
    again = desk.take(2, pass_id="p", track_id=7, position=away(400.0))
    assert again.event_id == receipt.event_id


def test_the_same_track_number_of_another_source_means_nothing(desk: Desk) -> None:
    """Every tracker counts from one."""
    desk.take(1, pass_id="p", track_id=7)
    desk.take(2, pass_id="p", track_id=7, source="falcon-2", position=away(400.0))
    assert desk.count() == 2


def test_five_passes_over_a_row_of_parked_cars(desk: Desk) -> None:
    """Ten cars 6 m apart, measured to a metre and a half, stay ten events."""
    for number in range(50):
        car, run = number % 10, number // 10
        jitter_m = (0.4, -0.5, 0.2, 0.6, -0.3)[run]
        place = destination(MARKET, 90.0, 6.0 * car + jitter_m)
        position = {"lon_deg": place.lon_deg, "lat_deg": place.lat_deg}
        desk.take(
            number, pass_id=f"run-{run}", track_id=car, position=position, ce50_m=0.8, ce90_m=1.5
        )
    assert desk.count() == 10


@pytest.mark.parametrize("lat_deg", [0.0, 33.16, 69.0, -55.0])
def test_the_search_reaches_far_enough_at_every_latitude(desk: Desk, lat_deg: float) -> None:
    """A degree of longitude is shorter far from the equator."""
    place = {"lon_deg": 10.0, "lat_deg": lat_deg}
    desk.take(1, position=place, ce90_m=90.0)
    for number, bearing_deg in enumerate((0.0, 90.0, 180.0, 270.0), start=2):
        there = destination(LonLat(10.0, lat_deg), bearing_deg, 130.0)
        position = {"lon_deg": there.lon_deg, "lat_deg": there.lat_deg}
        assert not desk.take(number, position=position, ce90_m=90.0).created


def test_a_place_outside_all_cells_has_none(desk: Desk) -> None:
    """The event is kept all the same."""
    receipt = desk.take(1, position={"lon_deg": 1.0, "lat_deg": 1.0}, cell_code=None, cells=[])
    event = desk.event(receipt)
    assert (event.cell_code, event.cells) == (None, ())


def test_nothing_of_a_transaction_is_kept(database: Database) -> None:
    """Objects that hold each other would stay until Python looks for them, which takes long."""
    with database.write() as session:
        arrival = Arrival(DRONE, NOW, read_rules(session), lambda: Grid(make_cells()))
        gc.collect()
        gc.disable()
        try:
            for number in range(2):  # the second opens an event only because its pass was there
                receive(session, make_report(number, track_id=number), arrival)
            kept = weakref.ref(arrival)
            del arrival
            assert kept() is None
        finally:
            gc.enable()
