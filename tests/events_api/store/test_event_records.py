"""Events as lists write them are what one event is shown as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic_core import to_json
from sqlalchemy import select

from benchmarks.event_store import fill
from events_api.schemas import EventSummary, State
from events_api.store import event_records, events
from events_api.store.database import Database
from events_api.store.event_records import FIELDS, records, shown
from events_api.store.models import EventRow
from tests.events_api.databases import MIGRATED, Stock

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Some years of a small county, and one event that lies nowhere and is nobody's."""
    with stock.take(tmp_path_factory.mktemp("records"), MIGRATED) as url:
        database = Database(url)
        fill(database, 300, 1, NOW)
        with database.write() as session:
            event = session.get_one(EventRow, 7)
            event.lon_deg = event.lat_deg = event.cell_code = event.body = None
            event.snapshot = "a" * 64
        yield database
        database.close()


def test_a_record_is_the_summary(database: Database) -> None:
    """Field by field, in its order, with the clock as it stands, and as JSON letter by letter."""
    states = set()
    with database.read() as session:
        found = records(session, shown().order_by(EventRow.number), NOW)
        rows = session.scalars(select(EventRow).order_by(EventRow.number)).all()
        for record, row in zip(found, rows, strict=True):
            summary = events.summary(row, NOW)
            assert EventSummary.model_validate(record) == summary
            assert tuple(record) == FIELDS
            assert json.loads(to_json(record)) == json.loads(summary.model_dump_json())
            states.add(summary.deadline and summary.deadline.state)
    assert {None, State.OVERDUE, State.IN_TIME} <= states


def test_only_what_has_a_snapshot_has_a_link(database: Database) -> None:
    """It is made for whoever asks."""
    with database.read() as session:
        found = records(session, shown().order_by(EventRow.number), NOW)
    linked = event_records.linked(found, lambda sha256: f"/evidence/{sha256}?for=me")
    links = {each["number"]: each["snapshot_url"] for each in linked if each["snapshot_url"]}
    assert links == {7: f"/evidence/{'a' * 64}?for=me"}
