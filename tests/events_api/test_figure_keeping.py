"""The days of figures fill up by themselves while the server runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from benchmarks.event_store import fill
from events_api import figure_keeping
from events_api.store.database import Database
from events_api.store.figure_days import unsettled
from events_api.store.figures import GroupBy, monthly
from tests.events_api.databases import MIGRATED, Stock

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OCTOBER = (datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC))
EVENTS = 300


@pytest.fixture(scope="module")
def database(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Some years of a small county, as a database of a former version has them."""
    with stock.take(tmp_path_factory.mktemp("years"), MIGRATED) as url:
        database = Database(url)
        fill(database, EVENTS, 1, NOW)
        yield database
        database.close()


def test_few_are_left_to_whoever_reads(database: Database) -> None:
    """No writer waits for next to nothing."""
    assert not figure_keeping.settle_some(database, left=EVENTS)
    with database.read() as session:
        assert unsettled(session) == EVENTS


def test_years_are_put_away_and_count_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part in each transaction, until few are left; what is counted does not change."""
    monkeypatch.setattr(figure_keeping, "AT_ONCE", 40)
    with database.read() as session:
        assert unsettled(session) == EVENTS
        before = {by: monthly(session, OCTOBER, by) for by in GroupBy}
    assert before[GroupBy.CELL].total.closed
    times = 0
    while figure_keeping.settle_some(database, left=100):
        times += 1
    assert times == 5
    with database.read() as session:
        assert unsettled(session) == 100
        assert {by: monthly(session, OCTOBER, by) for by in GroupBy} == before
