"""Monthly figures, against counting every event by hand."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from events_api.store.database import Database
from events_api.store.figures import (
    REPEAT_WITHIN,
    REPEAT_WITHIN_M,
    Figures,
    GroupBy,
    in_all,
    monthly,
)
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


def by_hand(cases: Sequence[Case], by: GroupBy | None) -> list[Figures]:
    """Count as the definitions say, one event after the other."""
    groups: dict[str | None, Figures] = {}
    hours: dict[str | None, list[float]] = {}
    for case in cases:
        name = key_of(case, by)
        if JULY[0] <= case.reported_at < JULY[1]:
            figures = groups.setdefault(name, Figures(name))
            figures.reported += 1
            figures.repeat += is_repeat(case, cases)
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


def keep(database: Database, cases: Sequence[Case]) -> None:
    """Let these be all the events there are."""
    with database.write() as session:
        session.execute(delete(DeadlineRow))
        session.execute(delete(EventRow))
        for case in cases:
            session.add(event_row(case))
        session.flush()
        for case in cases:
            columns = ("reported_at", "closed_at", "responsible", "handled_s", "is_late")
            values = {name: getattr(case, name) for name in columns}
            session.add(DeadlineRow(event_number=case.number, clocks=[], **values))


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
def histories(draw: st.DrawFn) -> list[Case]:
    """Make some events around July, many of them near each other."""
    cases = []
    for number in range(1, draw(st.integers(0, 9)) + 1):
        reported_at = draw(hours)
        closed_after_h = draw(st.none() | st.integers(0, 24 * 30))
        closed_at = None
        if closed_after_h is not None:
            closed_at = reported_at + timedelta(hours=closed_after_h)
        away = draw(st.none() | places)
        cases.append(
            Case(
                number=number,
                code=draw(st.sampled_from(["06010", "09001"])),
                cell_code=draw(cells),
                place=away and destination(MARKET, away[1], away[0]),
                responsible=draw(st.sampled_from(["sanitation", "water", None])),
                reported_at=reported_at,
                closed_at=closed_at,
                handled_s=draw(st.none() | st.integers(0, 10**6).map(float)),
                is_late=draw(st.sampled_from([True, False, None])),
            )
        )
    return cases


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(histories(), st.sampled_from(GroupBy))
def test_the_database_counts_as_a_hand_does(
    database: Database, cases: list[Case], by: GroupBy
) -> None:
    """Every figure of every group, and no group that has none."""
    keep(database, cases)
    with database.read() as session:
        counted = monthly(session, JULY, by)
        total = in_all(session, JULY, counted)
    expected = by_hand(cases, by)
    (all_of_them,) = by_hand(cases, None) or [Figures(None)]
    assert asdict(total) == pytest.approx({**asdict(all_of_them), "key": None})
    assert [each.key for each in counted] == [each.key for each in expected]
    for mine, hand in zip(counted, expected, strict=True):
        assert asdict(mine) == pytest.approx(asdict(hand))


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
def test_a_repeat_is_the_same_matter_close_by_and_soon(
    database: Database, days: int, away_m: float, code: str, repeats: int
) -> None:
    """Thirty days and thirty metres, both included."""
    reported_at = JULY[1] - timedelta(hours=1)
    common = {"cell_code": None, "responsible": None, "handled_s": None, "is_late": None}
    closed_at = reported_at - timedelta(days=days)
    earlier = Case(
        number=1,
        code="06010",
        place=destination(MARKET, 45.0, away_m),
        reported_at=closed_at - timedelta(days=60),
        closed_at=closed_at,
        **common,
    )
    case = Case(
        number=2, code=code, place=MARKET, reported_at=reported_at, closed_at=None, **common
    )
    keep(database, [earlier, case])
    with database.read() as session:
        groups = monthly(session, JULY, GroupBy.TOWN)
    assert sum(group.repeat for group in groups) == repeats


def test_conditions_bound_what_is_counted(database: Database) -> None:
    """As the scope of whoever asks does."""
    at = JULY[0]
    cases = [
        Case(number, "06010", cell, None, None, at, None, None, None)
        for number, cell in enumerate(("341299001001001", "341299002001001"), start=1)
    ]
    keep(database, cases)
    with database.read() as session:
        (total,) = monthly(
            session, JULY, GroupBy.MATTER, [EventRow.cell_code.startswith("341299001")]
        )
    assert total.reported == 1
