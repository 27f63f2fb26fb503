"""Which index each list of events is found by, and that each way finds the same."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.event import listen

from benchmarks.event_store import fill, sample_matters
from benchmarks.local_postgres import LocalPostgres
from events_api.cases import OPEN_STATUSES, Status
from events_api.catalogue.grades import Grade
from events_api.roles import EVERYWHERE, Scope
from events_api.schemas import State
from events_api.store import event_choice, event_paths, events, requests
from events_api.store.database import Database
from events_api.store.deadlines import Due, DueFilter, deadline_of, due_next
from events_api.store.event_questions import conditions, plain
from events_api.store.events import EventFilter, Page
from events_api.store.migrations.versions.v0940_rows_of_latitude import FILL
from events_api.store.models import DeadlineRow, EventRow, day_of
from events_api.store.requests import RequestFilter, find

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
YEAR = timedelta(days=365)
CELL = "341299001001001"
SMALL_BOX = (115.60, 33.10, 115.65, 33.14)
COUNTY = (115.0, 32.0, 117.0, 34.0)

FILTERS = {
    "cell": (EventFilter(cell=CELL), "ix_events_cell (cell_code="),
    "village": (EventFilter(cell=CELL[:12]), "ix_events_cell (cell_code>"),
    "town": (EventFilter(town=CELL[:9]), "ix_events_town (town_code="),
    "matter": (EventFilter(matter="06010"), "ix_events_code (code="),
    "handling": (EventFilter(status=Status.HANDLING), "ix_events_unclosed"),
    "open": (EventFilter(is_open=True), "ix_events_unclosed"),
    "source": (EventFilter(source="uav-1"), "ix_events_source (source="),
    "body": (EventFilter(body="body-01"), "ix_events_body (body="),
    "responsible": (EventFilter(responsible="body-01"), "ix_events_responsible (responsible="),
    "grade": (EventFilter(grade=Grade.MAJOR), "ix_events_grade (grade="),
    "small box": (EventFilter(box=SMALL_BOX), "ix_events_row (lat_row="),
    "last days": (EventFilter(observed_from=NOW - timedelta(days=3)), "ix_events_last_day"),
    "span": (
        EventFilter(observed_from=NOW - YEAR, observed_to=NOW - YEAR + timedelta(days=9)),
        "ix_events_first_day (first_day>",
    ),
    "overdue": (EventFilter(deadline=Due(State.OVERDUE, NOW)), "ix_events_unclosed"),
    "paused": (EventFilter(deadline=Due(State.PAUSED, NOW)), "ix_deadlines_open"),
}
CLOCKS = select(DeadlineRow)
COUNTED = select(EventRow.code, func.count()).group_by(EventRow.code).order_by(func.count().desc())
BY_NUMBER = {
    "all": EventFilter(),
    "closed": EventFilter(status=Status.CLOSED),
    "no longer open": EventFilter(is_open=False),
    "county box": EventFilter(box=COUNTY),
    "long ago": EventFilter(observed_to=NOW - YEAR),
}
"""Most of the newest fit, or what does not is skipped by days: they are gone through by number."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Three years of a county's events in small."""
    folder: Path = tmp_path_factory.mktemp("years")
    database = Database(f"sqlite:///{folder / 'events.sqlite'}")
    database.migrate()
    fill(database, 3000, 1, NOW)
    yield database
    database.close()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fifty of three thousand be few, as 20,000 are of a million."""
    monkeypatch.setattr(event_choice, "FEW", 50)


def plan(database: Database, scope: Scope, wanted: EventFilter) -> str:
    """Return how SQLite would look for the numbers of what is asked."""
    with database.read() as session:
        question = events.question_of(scope, wanted)
        if wanted.deadline is None:
            query = event_paths.numbers(session, question, 2000, 100)
        else:
            query = events._due(question, wanted.deadline, 2000, 100)
        written = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        rows = session.execute(text(f"EXPLAIN QUERY PLAN {written}".replace(":", r"\:")))
        return "\n".join(str(row[3]) for row in rows)


@pytest.fixture(scope="module")
def states(database: Database) -> dict[int, State]:
    """How each deadline stands, by its event's number."""
    with database.read() as session:
        found = ((row.event_number, deadline_of(row, NOW)) for row in session.scalars(CLOCKS))
        return {number: clock.state for number, clock in found if clock is not None}


def simply(database: Database, scope: Scope, wanted: EventFilter) -> list[int]:
    """Return the numbers of what is asked but for deadlines, by looking at every event."""
    with database.read() as session:
        question = events.question_of(scope, wanted)
        tests = conditions(question, plain)
        return sorted(session.scalars(select(EventRow.number).where(*tests)), reverse=True)


def listed(database: Database, scope: Scope, wanted: EventFilter, size: int) -> list[int]:
    """Return the numbers of what is asked, page by page."""
    numbers: list[int] = []
    with database.read() as session:
        while True:
            page = Page(size, numbers[-1] if numbers else None)
            found = events.list_events(session, scope, wanted, page, NOW)
            numbers += [event["number"] for event in found]
            if len(found) < size:
                return numbers


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.usefixtures("few")
def test_each_filter_has_its_index(database: Database, name: str) -> None:
    """And nothing is sorted that comes in order."""
    wanted, index = FILTERS[name]
    found = plan(database, EVERYWHERE, wanted)
    assert index in found, found
    assert "SCAN events\n" not in f"{found}\n"
    ordered = name not in {"village", "small box", "last days", "span"}
    assert ("TEMP B-TREE" not in found) == ordered, found


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", BY_NUMBER)
def test_what_nearly_all_fulfil_is_gone_through_by_number(database: Database, name: str) -> None:
    """From where the page begins, without sorting."""
    found = plan(database, EVERYWHERE, BY_NUMBER[name])
    assert "SEARCH events USING INTEGER PRIMARY KEY" in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize(
    ("scope", "index"),
    [
        ("town:341299001", "ix_events_town"),
        ("village:341299001001", "ix_events_cell"),
        ("body:body-02", "ix_events_body"),
    ],
)
def test_each_scope_has_its_index(database: Database, scope: str, index: str) -> None:
    """An operator's own list is their own part of the index."""
    assert index in plan(database, Scope.parse(scope), EventFilter())


def test_the_list_of_what_is_due_comes_in_the_order_of_its_index(database: Database) -> None:
    """Of the open events alone."""
    with database.read() as session:
        found = due_next(session, EVERYWHERE, DueFilter(State.OVERDUE), None, 10, NOW)
        moments = [record["deadline"]["due_at"] for record in found]
    assert moments == sorted(moments)
    assert len(moments) == 10


PLACES = {
    "small box": EventFilter(box=SMALL_BOX),
    "box elsewhere": EventFilter(box=(120.0, 20.0, 125.0, 45.0)),
    "box of the earth": EventFilter(box=(-180.0, -90.0, 180.0, 90.0)),
    "box of one row": EventFilter(box=(115.0, 33.1234, 117.0, 33.1235)),
    "box of one column": EventFilter(box=(115.61, 32.0, 115.62, 34.0)),
}
NOBODYS = {
    "two bodies": EventFilter(body="body-01", responsible="body-02"),
    "what is open and closed": EventFilter(is_open=True, status=Status.CLOSED),
    "two places": EventFilter(cell=CELL, town="341299002"),
}
EVERY = {name: wanted for name, (wanted, _) in FILTERS.items()} | BY_NUMBER | PLACES | NOBODYS
PAIRS = list(itertools.combinations(EVERY, 2))
TRIPLES = random.Random(1).sample(list(itertools.combinations(EVERY, 3)), 60)


def together(names: tuple[str, ...]) -> EventFilter:
    """Return filters together; of two that ask for the same the first."""
    asked: dict[str, object] = {}
    for name in reversed(names):
        fields = {each: getattr(EVERY[name], each) for each in EventFilter.__dataclass_fields__}
        asked |= {each: value for each, value in fields.items() if value is not None}
    return EventFilter(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [*PAIRS, *TRIPLES])
def test_every_way_finds_the_same(
    database: Database,
    states: dict[int, State],
    names: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Filters together, whichever index they are found by, and across pages."""
    wanted = together(names)
    found = listed(database, EVERYWHERE, wanted, 900)
    expected = simply(database, EVERYWHERE, wanted)
    if (due := wanted.deadline) is not None:
        expected = [number for number in expected if states.get(number) is due.state]
    assert found == expected
    monkeypatch.setattr(event_choice, "FEW", 50)
    assert listed(database, EVERYWHERE, wanted, 900) == expected


def test_of_several_filters_the_rarest_is_looked_up(database: Database) -> None:
    """By count, and not by what is rare in general."""
    with database.read() as session:
        codes = [code for code, _ in session.execute(COUNTED)]
    for code, index in ((codes[0], "ix_events_source (source="), (codes[-1], "ix_events_code")):
        assert index in plan(database, EVERYWHERE, EventFilter(matter=code, source="uav-1"))


@pytest.mark.usefixtures("few")
def test_where_no_filter_has_few_the_grades_index_is_taken(database: Database) -> None:
    """It holds all that is asked beside; of the others each event would be read for its grade."""
    found = plan(database, EVERYWHERE, EventFilter(grade=Grade.MAJOR, source="uav-1"))
    assert "USING COVERING INDEX ix_events_grade (grade=" in found


def test_the_grade_of_what_is_due_is_in_the_index_of_what_is_open(database: Database) -> None:
    """No event is read for it."""
    due = EventFilter(grade=Grade.MAJOR, deadline=Due(State.OVERDUE, NOW))
    assert "USING COVERING INDEX ix_events_unclosed" in plan(database, EVERYWHERE, due)


@pytest.mark.parametrize("name", NOBODYS)
def test_what_nothing_can_fulfil_is_not_looked_for(database: Database, name: str) -> None:
    """Whom an event was dispatched to is responsible, and a place is in one town."""
    asked = [
        (EVERYWHERE, NOBODYS[name]),
        (Scope.parse("body:body-01"), EventFilter(body="body-02")),
    ]
    with database.read() as session:
        for scope, wanted in asked:
            question = events.question_of(scope, wanted)
            assert question.is_impossible
            assert "WHERE false" in str(event_paths.numbers(session, question, 2000, 100))


@pytest.mark.parametrize("lat_deg", [33.12, 33.129999, 0.0, -0.001, -33.0, None])
def test_rows_of_latitude_are_the_same_in_a_migrated_database(
    tmp_path: Path, lat_deg: float | None
) -> None:
    """As Python and as the migration reckon them, on both sides of the equator."""
    database = Database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    database.migrate()
    fill(database, 1, 1, NOW)
    with database.write() as session:
        event = session.scalars(select(EventRow)).one()
        event.lat_deg = lat_deg
        expected = event.lat_row
        session.flush()
        session.execute(text("UPDATE events SET lat_row = 7"))
        session.execute(text(FILL["sqlite"]))
        assert session.scalar(text("SELECT lat_row FROM events")) == expected
    database.close()


REQUESTS = {
    "newest": RequestFilter(begin=NOW - timedelta(days=90)),
    "open": RequestFilter(is_open=True, begin=NOW - timedelta(days=90)),
    "a year ago": RequestFilter(begin=NOW - YEAR - timedelta(days=90), end=NOW - YEAR),
    "closed then": RequestFilter(
        is_open=False, begin=NOW - YEAR - timedelta(days=90), end=NOW - YEAR
    ),
    "of a matter": RequestFilter(matters=sample_matters()[3:4], end=NOW - YEAR),
    "of some matters": RequestFilter(matters=sample_matters()[:9], begin=NOW - YEAR),
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("scope", ["everywhere", "town:341299001", "body:body-02"])
def test_requests_are_those_that_began_then(database: Database, name: str, scope: str) -> None:
    """As a look at every event finds them, newest first, page by page."""
    wanted, whose = REQUESTS[name], Scope.parse(scope)
    with database.read() as session:
        rows = session.scalars(select(EventRow).order_by(EventRow.number.desc())).all()
        expected = [
            row.number
            for row in rows
            if whose.holds(row.cell_code, row.body)
            and (wanted.is_open is None or (Status(row.status) in OPEN_STATUSES) == wanted.is_open)
            and (wanted.matters is None or (row.standard_ref, row.code) in wanted.matters)
            and (wanted.begin is None or row.first_observed_at >= wanted.begin)
            and (wanted.end is None or row.first_observed_at <= wanted.end)
        ]
        found: list[int] = []
        while page := find(session, whose, wanted, requests.Page(40, len(found)), NOW):
            found += [record["number"] for record in page]
    assert found == expected
    assert found


def test_days_are_asked_one_by_one(database: Database) -> None:
    """And no event is read for it: each day is one look into the index."""
    statements: list[str] = []
    listen(database.engine, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
    with database.read() as session:
        last = event_paths._last_until(session, day_of(NOW - YEAR))
        first = event_paths._first_since(session, day_of(NOW - YEAR))
        numbers = select(EventRow.number)
        before = numbers.where(EventRow.first_day <= day_of(NOW - YEAR))
        after = numbers.where(EventRow.first_day >= day_of(NOW - YEAR))
        assert last == max(session.scalars(before))
        assert first == min(session.scalars(after))
        for asked in statements[1:3]:
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,))
            found = "\n".join(str(row[3]) for row in rows)
            assert "MATERIALIZE days" not in found, found
            assert found.count("ix_events_first_day (first_day") == 3, found


IN_ENGLISH = """
CREATE DATABASE in_english TEMPLATE template0 ENCODING 'UTF8'
LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'
"""


def test_a_village_is_whole_where_texts_are_in_the_order_of_a_language(
    postgres: LocalPostgres,
) -> None:
    """It is not looked for as a range there: a language may pass over signs."""
    engine = create_engine(postgres.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(IN_ENGLISH))
    engine.dispose()
    database = Database(postgres.url("in_english"))
    try:
        database.migrate()
        fill(database, 40, 1, NOW)
        with database.write() as session:
            for number, ending in enumerate(("-x", "~9", "中", "", "ZZZ", "a"), start=1):
                session.get_one(EventRow, number).cell_code = f"{CELL[:12]}{ending}"
        wanted = EventFilter(cell=CELL[:12])
        found = listed(database, EVERYWHERE, wanted, 50)
        assert found[-6:] == [6, 5, 4, 3, 2, 1]
        assert found == simply(database, EVERYWHERE, wanted)
        with database.read() as session:
            question = events.question_of(EVERYWHERE, wanted)
            assert event_choice.best(session, question).column is EventRow.town_code
    finally:
        database.close()
        postgres.drop("in_english")
