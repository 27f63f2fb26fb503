"""What becomes of a database that a former version wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from events_api.cases import Status
from events_api.catalogue.steps import Step
from events_api.roles import EVERYWHERE, Level, Scope
from events_api.store import audit, events
from events_api.store.access_models import TokenRow
from events_api.store.database import MIGRATIONS, WRITES, Database
from events_api.store.rulebook import read_rules
from events_api.timekeeping import catch_up
from tests.events_api.databases import EMPTY, Stock
from tests.events_api.factories import report_json

pytestmark = pytest.mark.both_databases

FIRST_SEEN = datetime(2026, 7, 1, 7, 59, tzinfo=UTC)
PICTURE = "a" * 64
EVENT_ID = "6a2f0a1e-0000-4000-8000-000000000001"

WRITTEN_BY_FIRST = (
    """
    INSERT INTO tokens VALUES ('uav-1', 'drone', 'hash', '2026-07-01 00:00:00', NULL)
    """,
    """
    INSERT INTO evidence VALUES (:picture, 'image/jpeg', 9, '2026-07-01 00:00:00', 'uav-1')
    """,
    """
    INSERT INTO events VALUES (
        1, :event_id, 'GB/T 47678.5-2026', '09009', 'car', 'reported', 0.8, 115.62, 33.16, 2.0,
        3.6, '341299001001001', '[]', NULL, NULL, 'stood', 'uav-1', NULL, 2,
        '2026-07-01 07:59:00.000000', '2026-07-01 08:00:00.000000'
    )
    """,
    """
    INSERT INTO observations VALUES (
        1, '1', 1, 'f', 'uav-1', 'p', 1, '2026-07-01 08:00:00', true, 'New event', :first
    )
    """,
    """
    INSERT INTO observations VALUES (
        2, '2', 1, 'f', 'uav-1', 'p', 1, '2026-07-01 08:00:00', false, 'Joined', :second
    )
    """,
)
VALUES = {
    "picture": PICTURE,
    "event_id": EVENT_ID,
    "first": json.dumps(report_json(1, evidence=[PICTURE])),
    "second": json.dumps(report_json(2, evidence=[PICTURE, "b" * 64])),
}


def migrate(database: Database, revision: str, direction: str = "upgrade") -> None:
    """Bring a database to a form of the past, or back to it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)


@pytest.fixture
def old(stock: Stock, tmp_path: Path) -> Iterator[Database]:
    """A database of the first version with a token, a picture and an event seen twice."""
    with stock.take(tmp_path, EMPTY) as url:
        database = Database(url)
        migrate(database, "0001")
        with database.write() as session:
            for statement in WRITTEN_BY_FIRST:
                used = {name: VALUES[name] for name in VALUES if f":{name}" in statement}
                session.execute(text(statement), used)
        yield database
        database.close()


def test_an_event_begins_its_life_as_it_stood(old: Database) -> None:
    """Reported since it was first seen, at the lowest level, with everything that was known."""
    old.migrate()
    with old.read() as session:
        row = events.by_id(session, EVENT_ID, EVERYWHERE)
        assert row is not None
        summary = events.summary(row, FIRST_SEEN)
    assert (summary.status, summary.version, summary.level) == (Status.REPORTED, 1, Level.VILLAGE)
    assert (summary.status_since, summary.body, summary.duplicate_of) == (FIRST_SEEN, None, None)
    assert (summary.score, summary.observation_count) == (0.8, 2)


def test_an_event_of_the_past_gets_its_deadline(old: Database) -> None:
    """At the next start, from when it first reached the API; a second start finds nothing to do."""
    old.migrate()
    for missing in (1, 0):
        with old.write() as session:
            assert catch_up(session, read_rules(session)) == missing
    with old.read() as session:
        row = events.by_id(session, EVENT_ID, EVERYWHERE)
        assert row is not None
        deadline = events.summary(row, FIRST_SEEN).deadline
    assert deadline is not None
    assert (deadline.step, deadline.started_at) == (
        Step.ACCEPT,
        datetime(2026, 7, 1, 8, tzinfo=UTC),
    )


def test_a_token_keeps_its_reach(old: Database) -> None:
    """It was for everything, and is."""
    old.migrate()
    with old.read() as session:
        assert session.get_one(TokenRow, "uav-1").scope == str(EVERYWHERE)


@pytest.mark.parametrize(("scope", "shown"), [("town:341299001", True), ("town:341299002", False)])
def test_pictures_of_the_past_belong_to_their_events(
    old: Database, scope: str, shown: bool
) -> None:
    """Whoever may see the event may see them; one that was never stored is passed over."""
    old.migrate()
    with old.read() as session:
        assert events.evidence_shown(session, PICTURE, Scope.parse(scope)) == shown
        assert not events.evidence_shown(session, "b" * 64, Scope.parse(scope))


def test_the_audit_begins_empty(old: Database) -> None:
    """What was done before nobody wrote down, and nothing is made up."""
    old.migrate()
    with old.read() as session:
        assert list(audit.entries(session)) == []


def test_the_way_back_keeps_events(old: Database) -> None:
    """A failed update can be taken back, and tried again."""
    migrate(old, "0100")
    migrate(old, "0001", "downgrade")
    with old.read() as session:
        assert session.scalar(text("SELECT count(*) FROM events")) == 1
    old.migrate()
    with old.read() as session:
        assert events.by_id(session, EVENT_ID, EVERYWHERE) is not None


def test_lists_and_the_audit_go_back_to_their_former_indices(old: Database) -> None:
    """And on again, with the same indices as at first."""

    def indices() -> list[set[str]]:
        with old.read() as session:
            seen = inspect(session.connection())
            return [
                {str(each["name"]) for each in seen.get_indexes(name)}
                for name in ("events", "audit")
            ]

    old.migrate()
    newest = indices()
    migrate(old, "0950", "downgrade")
    assert not any("grade" in name or "audit" in name for names in indices() for name in names)
    old.migrate()
    assert indices() == newest
    assert "ix_events_grade" in newest[0]
    assert len(newest[1]) == 4
