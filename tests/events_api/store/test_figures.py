"""Monthly figures, against counting every event by hand, whatever of it is in the days already."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from events_api.roles import EVERYWHERE, Scope
from events_api.store import figure_days
from events_api.store.database import Database
from events_api.store.figure_days import settle, unsettled
from events_api.store.figure_models import FigureDayRow, FigureHeadRow, FigureMarkRow
from events_api.store.figure_repeats import REPEAT_WITHIN, REPEAT_WITHIN_M
from events_api.store.figures import Figures, GroupBy, monthly
from events_api.store.models import DeadlineRow, EventRow
from geofences.geodesy import LonLat, destination, distance_m
from tests.events_api.databases import MIGRATED, Stock
from tests.events_api.factories import MARKET

pytestmark = pytest.mark.both_databases

JULY = (datetime(2026, 6, 30, 16, tzinfo=UTC), datetime(2026, 7, 31, 16, tzinfo=UTC))
STANDARD = "GB/T 47678.5-2026"


@dataclass(frozen=True)
class Case:
    """What figures look at of an event."""

    number: int
    code: str
    cell_code: str | None
    place: LonLat | None
    responsible: str | None
    body: str | None
    reported_at: datetime
    closed_at: datetime | None
    handled_s: float | None
    is_late: bool | None


def key_of(case: Case, by: GroupBy | None) -> str | None:
    """Return the group that an event belongs to."""
    cell = case.cell_code
    keys = {
        GroupBy.BODY: case.responsible,
        GroupBy.MATTER: f"{STANDARD} {case.code}",
        GroupBy.CELL: cell,
        GroupBy.TOWN: cell and cell[:9],
    }
    return "all" if by is None else keys[by]


def is_repeat(case: Case, others: Sequence[Case]) -> bool:
    """Whether one of the same matter was closed here not long before."""
    return any(
        other.number != case.number
        and other.code == case.code
        and other.closed_at is not None
        and timedelta() <= case.reported_at - other.closed_at <= REPEAT_WITHIN
        and other.place is not None
        and case.place is not None
        and distance_m(case.place, other.place) <= REPEAT_WITHIN_M
        for other in others
    )


def by_hand(cases: Sequence[Case], every: Sequence[Case], by: GroupBy | None) -> list[Figures]:
    """Count as the definitions say, one event after the other, among every one there is."""
    groups: dict[str | None, Figures] = {}
    hours: dict[str | None, list[float]] = {}
    for case in cases:
        name = key_of(case, by)
        if JULY[0] <= case.reported_at < JULY[1]:
            figures = groups.setdefault(name, Figures(name))
            figures.reported += 1
            figures.repeat += is_repeat(case, every)
        if case.closed_at is not None and JULY[0] <= case.closed_at < JULY[1]:
            figures = groups.setdefault(name, Figures(name))
            figures.closed += 1
            figures.in_time += case.is_late is False
            figures.overtime += case.is_late is True
            figures.without_limit += case.is_late is None
            if case.handled_s is not None:
                hours.setdefault(name, []).append(case.handled_s / 3600)
    for name, handled in hours.items():
        groups[name].median_handling_hours = statistics.median(handled)
    return sorted(groups.values(), key=lambda each: (each.key is None, each.key or ""))


@pytest.fixture(scope="module")
def database(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database whose events are replaced for each example."""
    with stock.take(tmp_path_factory.mktemp("figures"), MIGRATED) as url:
        database = Database(url)
        yield database
        database.close()


def forget(database: Database) -> None:
    """Let there be no events, as in a new database."""
    with database.write() as session:
        for model in (DeadlineRow, EventRow, FigureDayRow, FigureMarkRow):
            session.execute(delete(model))
        session.execute(update(FigureHeadRow).values(settled_number=0, words=[]))


def write(database: Database, cases: Sequence[Case]) -> None:
    """Let these events be so, whatever they were."""
    with database.write() as session:
        for case in cases:
            session.merge(event_row(case))
        session.flush()
        for case in cases:
            session.merge(deadline_row(case))


def remove(database: Database, numbers: set[int]) -> None:
    """Take events away, which nobody does."""
    with database.write() as session:
        session.execute(delete(DeadlineRow).where(DeadlineRow.event_number.in_(numbers)))
        session.execute(delete(EventRow).where(EventRow.number.in_(numbers)))


def put_away(database: Database, most: int, times: int) -> None:
    """Put some into their days."""
    for _ in range(times):
        with database.write() as session:
            settle(session, most)


def deadline_row(case: Case) -> DeadlineRow:
    """Return its deadline as it lies in the database."""
    columns = ("reported_at", "closed_at", "responsible", "handled_s", "is_late")
    values = {name: getattr(case, name) for name in columns}
    return DeadlineRow(event_number=case.number, cell_code=case.cell_code, clocks=[], **values)


def event_row(case: Case) -> EventRow:
    """Return an event as it lies in the database."""
    return EventRow(
        number=case.number,
        event_id=f"event-{case.number}",
        standard_ref=STANDARD,
        code=case.code,
        class_name="",
        status="reported" if case.closed_at is None else "closed",
        score=1.0,
        lon_deg=case.place and case.place.lon_deg,
        lat_deg=case.place and case.place.lat_deg,
        cell_code=case.cell_code,
        cells=[],
        why="",
        source="",
        body=case.body,
        observation_count=1,
        first_observed_at=case.reported_at,
        last_observed_at=case.reported_at,
        version=1,
        status_since=case.reported_at,
        level="village",
    )


hours = st.integers(-24 * 40, 24 * 35).map(lambda hour: JULY[0] + timedelta(hours=hour))
places = st.tuples(st.sampled_from([0.0, 20.0, 29.9, 30.1, 45.0]), st.floats(0.0, 360.0))
cells = st.sampled_from(["341299001001001", "341299001001002", "341299002001001", None])


@st.composite
def one_case(draw: st.DrawFn, number: int) -> Case:
    """Make an event around July, near where most are."""
    reported_at = draw(hours)
    closed_after_h = draw(st.none() | st.integers(0, 24 * 30))
    away = draw(st.none() | places)
    return Case(
        number=number,
        code=draw(st.sampled_from(["06010", "09001"])),
        cell_code=draw(cells),
        place=away and destination(MARKET, away[1], away[0]),
        responsible=draw(st.sampled_from(["sanitation", "water", None])),
        body=draw(st.sampled_from(["sanitation", None])),
        reported_at=reported_at,
        closed_at=None if closed_after_h is None else reported_at + timedelta(hours=closed_after_h),
        handled_s=draw(st.none() | st.integers(0, 10**6).map(float)),
        is_late=draw(st.sampled_from([True, False, None])),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Case], list[Case], set[int]]:
    """Make some events, what became of them and of newer ones, and which are gone then."""
    count = draw(st.integers(0, 7))
    before = [draw(one_case(number)) for number in range(1, count + 1)]
    changed = [draw(one_case(each.number)) for each in before if draw(st.booleans())]
    # What opens later is open at first, as it is whenever events are not put in by hand.
    newer = [draw(one_case(count + more)) for more in range(1, draw(st.integers(0, 3)) + 1)]
    gone = draw(st.sets(st.integers(1, count))) if count and draw(st.booleans()) else set[int]()
    return before, [*changed, *newer], gone


def check(database: Database, cases: Sequence[Case], by: GroupBy, scope: Scope) -> None:
    """Compare every figure of every group, and that there is no group that has none."""
    with database.read() as session:
        counted = monthly(session, JULY, by, scope)
    held = [case for case in cases if scope.holds(case.cell_code, case.body)]
    expected = by_hand(held, cases, by)
    (all_of_them,) = by_hand(held, cases, None) or [Figures(None)]
    assert asdict(counted.total) == pytest.approx({**asdict(all_of_them), "key": None})
    assert [each.key for each in counted.groups] == [each.key for each in expected]
    for mine, hand in zip(counted.groups, expected, strict=True):
        assert asdict(mine) == pytest.approx(asdict(hand))


SCOPES = ["everywhere", "town:341299001", "village:341299002001", "body:sanitation"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    histories(),
    st.tuples(st.integers(1, 4), st.integers(0, 4)),
    st.sampled_from(GroupBy),
    st.sampled_from(SCOPES).map(Scope.parse),
)
def test_the_days_count_as_a_hand_does(
    database: Database,
    history: tuple[list[Case], list[Case], set[int]],
    put: tuple[int, int],
    by: GroupBy,
    scope: Scope,
) -> None:
    """Whatever was put into them before it changed, and after everything is put there."""
    before, after, gone = history
    forget(database)
    write(database, before)
    put_away(database, *put)
    check(database, before, by, scope)
    write(database, [replace(each, closed_at=None) for each in after])  # all open, and then closed
    write(database, after)
    remove(database, gone)
    now = {each.number: each for each in [*before, *after] if each.number not in gone}
    check(database, list(now.values()), by, scope)
    put_away(database, *put)
    check(database, list(now.values()), by, scope)
    put_away(database, 20, 2)
    with database.read() as session:
        assert unsettled(session) == 0
    check(database, list(now.values()), by, scope)


@pytest.mark.parametrize(
    ("days", "away_m", "code", "repeats"),
    [
        (30, 29.0, "06010", 1),
        (31, 29.0, "06010", 0),
        (30, 31.0, "06010", 0),
        (30, 0.0, "09001", 0),
        (-1, 0.0, "06010", 0),  # the other was not closed yet
    ],
)
@pytest.mark.parametrize("is_put", [False, True])
def test_a_repeat_is_the_same_matter_close_by_and_soon(
    database: Database, days: int, away_m: float, code: str, repeats: int, is_put: bool
) -> None:
    """Thirty days and thirty metres, both included."""
    reported_at = JULY[1] - timedelta(hours=1)
    closed_at = reported_at - timedelta(days=days)
    earlier = Case(
        number=1,
        code="06010",
        place=destination(MARKET, 45.0, away_m),
        reported_at=closed_at - timedelta(days=60),
        closed_at=closed_at,
        **UNSAID,
    )
    case = Case(
        number=2, code=code, place=MARKET, reported_at=reported_at, closed_at=None, **UNSAID
    )
    forget(database)
    write(database, [earlier, case])
    put_away(database, 5, int(is_put))
    with database.read() as session:
        assert monthly(session, JULY, GroupBy.TOWN).total.repeat == repeats


UNSAID = dict.fromkeys(("cell_code", "responsible", "body", "handled_s", "is_late"))


def test_a_repeat_is_none_once_the_earlier_one_is_reopened(database: Database) -> None:
    """Also in a month that was over and put away; nor is what is reopened closed any more."""
    at = JULY[0] + timedelta(days=5)
    first = Case(number=1, code="06010", place=MARKET, reported_at=JULY[0], closed_at=at, **UNSAID)
    again = replace(first, number=2, reported_at=at + timedelta(days=1), closed_at=None)
    forget(database)
    write(database, [first, again])
    put_away(database, 5, 1)
    for closed_at, expected in ((None, (0, 0)), (at, (1, 1)), (at + timedelta(days=2), (1, 0))):
        write(database, [replace(first, closed_at=closed_at)])
        for _ in range(2):
            with database.read() as session:
                total = monthly(session, JULY, None).total
            assert (total.closed, total.repeat) == expected
            put_away(database, 5, 1)


def test_many_new_events_are_looked_up_by_their_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they are before the server has put years of them into their days."""
    cases = [
        Case(
            number=number,
            code="06010",
            place=None,
            reported_at=JULY[0] + timedelta(days=10 * number - 25),
            closed_at=JULY[0] + timedelta(days=10 * number),
            **UNSAID,
        )
        for number in range(1, 6)
    ]
    forget(database)
    write(database, cases)
    monkeypatch.setattr(figure_days, "FEW", 2)
    check(database, cases, GroupBy.MATTER, EVERYWHERE)
