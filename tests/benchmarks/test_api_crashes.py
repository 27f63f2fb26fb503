"""A few crashes in the place of a hundred, and the judge who would see what they broke."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks import api_crashes
from benchmarks.local_api import ApiProcess
from benchmarks.local_postgres import LocalPostgres, running_postgres
from benchmarks.result import BenchmarkUnavailableError
from events_api.intake import receive
from events_api.intake_reading import Arrival
from events_api.outbox import Delivery
from events_api.roles import Principal, Role
from events_api.store.rulebook import read_rules
from geofences.cells import Grid
from patrol.serving import own_database
from patrol.settings import Settings

pytestmark = pytest.mark.system


@pytest.fixture
def durable_postgres() -> Iterator[LocalPostgres]:
    """A server of its own: it is killed, and what it has answered must be on disk."""
    try:
        with running_postgres() as server:
            yield server
    except BenchmarkUnavailableError as error:
        pytest.skip(str(error))


def test_crashes_of_the_api_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite, under load."""
    monkeypatch.setattr(api_crashes, "ROUNDS", 2)
    outcome = api_crashes.crash(tmp_path / "home")
    assert sum(outcome.killed.values()) == 2
    assert outcome.acknowledged > 0
    assert outcome.cut_off > 0
    assert (outcome.lost, outcome.doubled) == (0, 0)


def test_crashes_of_the_api_or_of_postgresql_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable_postgres: LocalPostgres
) -> None:
    """The API outlives the crash of its database, and goes on by itself."""
    monkeypatch.setattr(api_crashes, "ROUNDS", 3)
    outcome = api_crashes.crash(tmp_path / "home", durable_postgres)
    assert set(outcome.killed) >= {"API", "database"}
    assert outcome.acknowledged > 0
    assert outcome.cut_off > 0
    assert (outcome.lost, outcome.doubled) == (0, 0)


def test_the_judge_sees_what_was_lost_or_doubled(tmp_path: Path) -> None:
    """Of one report that was acknowledged, after one damage and the next."""
    api = ApiProcess(tmp_path)
    fleet = api_crashes.Fleet(api, tmp_path)
    take(api.settings, fleet)
    found = [judged(api.settings, fleet)]
    for damage in (
        "UPDATE events SET observation_count = 2",
        "UPDATE events SET event_id = 'another'",
        "DELETE FROM observations",
    ):
        with own_database(api.settings) as database, database.write() as session:
            session.execute(text(damage))
        found.append(judged(api.settings, fleet))
    assert found == [(0, 0), (0, 1), (1, 1), (1, 2)]


def take(settings: Settings, fleet: api_crashes.Fleet) -> None:
    """Take one report in, and note that an aircraft was told."""
    report, _ = api_crashes.a_report(1, 0)
    now = datetime.now(UTC)
    with own_database(settings) as database, database.write() as session:
        by = Principal("uav-1", Role.MACHINE)
        arrival = Arrival(by, now, read_rules(session), lambda: Grid(()))
        receipt = receive(session, report, arrival).receipt
    fleet.note(Delivery((receipt,), (), 0, None, 0.0))


def judged(settings: Settings, fleet: api_crashes.Fleet) -> tuple[int, int]:
    """Return how many reports were lost, and how many doubled."""
    outcome = api_crashes.judge(settings, fleet, {})
    return outcome.lost, outcome.doubled
