"""How columns are written for each database, and that each finds the same by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from benchmarks.event_store import fill
from events_api.cases import Status
from events_api.roles import Scope
from events_api.schemas import State
from events_api.store import event_paths, events
from events_api.store.database import Database
from events_api.store.deadlines import Due, DueFilter, due_next
from events_api.store.event_questions import conditions, plain
from events_api.store.events import EventFilter, Page
from events_api.store.models import EventRow
from tests.events_api.databases import MIGRATED, Stock

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HALF, YEAR = timedelta(days=180), timedelta(days=365)
FILTERS = {
    "all": EventFilter(),
    "town": EventFilter(town="341299001"),
    "source": EventFilter(source="uav-1"),
    "closed long ago": EventFilter(status=Status.CLOSED, observed_to=NOW - YEAR),
    "box": EventFilter(box=(115.5, 33.1, 115.7, 33.2)),
    "span": EventFilter(observed_from=NOW - YEAR, observed_to=NOW - YEAR + timedelta(days=40)),
    "half a year": EventFilter(observed_from=NOW - HALF, body="body-02"),
    "overdue": EventFilter(deadline=Due(State.OVERDUE, NOW)),
}


@pytest.fixture(scope="module")
def database(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Some years of a small county."""
    with stock.take(tmp_path_factory.mktemp("lists"), MIGRATED) as url:
        database = Database(url)
        fill(database, 900, 1, NOW)
        yield database
        database.close()


@pytest.mark.parametrize("scope", ["everywhere", "town:341299001", "body:body-02"])
@pytest.mark.parametrize("name", FILTERS)
def test_every_list_is_found_by_every_database(database: Database, name: str, scope: str) -> None:
    """What a look at every event finds, newest first, from where a page begins."""
    wanted, whose = FILTERS[name], Scope.parse(scope)
    with database.read() as session:
        question = events.question_of(whose, wanted)
        tests = conditions(question, plain)
        every = session.scalars(select(EventRow).where(*tests, EventRow.number < 800)).all()
        expected = sorted((row.number for row in every if _stands(row, wanted)), reverse=True)
        found = events.list_events(session, whose, wanted, Page(20, 800), NOW)
    assert [record["number"] for record in found] == expected[:20]


def _stands(row: EventRow, wanted: EventFilter) -> bool:
    deadline = events.summary(row, NOW).deadline
    return wanted.deadline is None or (
        deadline is not None and deadline.state is wanted.deadline.state
    )


def test_postgresql_is_asked_for_the_order_of_an_index(database: Database) -> None:
    """Not for that of the numbers, which it would go through from the newest event on."""
    with database.read() as session:
        question = events.question_of(Scope.parse("town:341299001"), EventFilter())
        query = event_paths.numbers(session, question, None, 20)
        written = str(query.compile(session.get_bind()))
        is_postgresql = session.get_bind().dialect.name == "postgresql"
    by_index = "ORDER BY events.town_code DESC, events.number DESC"
    assert (by_index in written) == is_postgresql
    assert ("events.town_code >=" in written) == is_postgresql


def test_what_is_due_is_that_of_the_body(database: Database) -> None:
    """In the order in which it is due, of one body in its own scope and in everybody's."""
    scopes = [Scope.parse("everywhere"), Scope.parse("body:body-02")]
    with database.read() as session:
        own, asked = (
            due_next(session, scope, DueFilter(body="body-02"), None, 50, NOW) for scope in scopes
        )
    assert own == asked
    assert {record["body"] for record in own} == {"body-02"}
    moments = [record["deadline"]["due_at"] for record in own]
    assert moments == sorted(moments)
