"""Benchmarks of the event API, on a thousandth of what they measure."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, select, text

from benchmarks import event_store, merging, million_events, outbox_flush, reports_per_second
from benchmarks.county_questions import World
from benchmarks.local_postgres import FLEETING, LocalPostgres, kept_postgres
from benchmarks.processor_time import used_ms, used_with_children_ms
from benchmarks.report_load import reports
from events_api.schemas import Report
from events_api.store.database import Database
from events_api.store.models import DeadlineRow, EventRow

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_filled_store_holds_what_was_asked(tmp_path: Path) -> None:
    """As many events, each with its deadline, most of them closed, over years and many cells."""
    database = Database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    database.migrate()
    event_store.fill(database, 2000, 1, NOW)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(DeadlineRow)) == 2000
        closed = select(func.count()).where(EventRow.status == "closed")
        assert 1800 < (session.scalar(closed) or 0) < 1980
        cells = session.scalar(select(func.count(EventRow.cell_code.distinct())))
        assert (cells or 0) > 500
        found = {each["name"] for each in inspect(session.connection()).get_indexes("events")}
        assert {"ix_events_row", "ix_events_cell"} <= found
        ages = NOW - (session.scalar(select(func.min(EventRow.first_observed_at))) or NOW)
    database.close()
    assert ages.days > 1000


def test_reports_are_such_as_drones_send() -> None:
    """All valid, all different, and the same from the same seed."""
    read = [Report.model_validate(each) for each in reports(50, 1)]
    assert len({report.report_id for report in read}) == 50


def test_merging_counts_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares of trials, against both bounds."""
    monkeypatch.setattr(merging, "TRIALS", 40)
    result = merging.run()
    assert 80 < result.figures["one object, one event"].value <= 100
    assert 80 < result.figures["two stalls, two events"].value <= 100
    assert 0 < result.figures["and every look in its own"].value < 80
    assert set(result.each) == {"one object", "two stalls"}


def test_both_routes_take_the_same_reports(
    monkeypatch: pytest.MonkeyPatch, postgres: LocalPostgres
) -> None:
    """On both databases; the ratio is that of the two rates where it is smaller."""
    monkeypatch.setattr(reports_per_second, "REPORTS", 40)
    monkeypatch.setattr(reports_per_second, "WARM_UP", 10)
    monkeypatch.setattr(reports_per_second, "ROUNDS", 1)
    monkeypatch.setattr(reports_per_second, "running_postgres", lambda: nullcontext(postgres))
    result = reports_per_second.run()
    assert set(result.each) == {"SQLite", "PostgreSQL"}
    for name, ratio in result.each.items():
        ours, bare = (result.figures[f"{who}, {name}"].value for who in ("event API", "bare route"))
        assert ratio == ours / bare > 0
    assert result.ratio == min(result.each.values())


def test_an_outbox_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """All reports arrive, or the benchmark fails."""
    monkeypatch.setattr(outbox_flush, "REPORTS", 30)
    monkeypatch.setattr(outbox_flush, "WITH_PICTURES", 5)
    monkeypatch.setattr(outbox_flush, "FAR", 5)
    figures = outbox_flush.run().figures
    assert figures["with a picture each"].value > 0
    assert 0 < figures["the same over 200 ms"].value <= 5 / outbox_flush.ROUND_TRIP_S


def test_every_question_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a small store, once each; the slowest decides."""
    monkeypatch.setattr(million_events, "EVENTS", 300)
    monkeypatch.setattr(million_events, "ROUNDS", 1)
    monkeypatch.setattr(million_events, "SCOPES", ("everywhere",))
    monkeypatch.setattr(World, "pairs", lambda _: ())
    result = million_events.run()
    assert result.ratio == max(result.each.values())
    assert result.figures["/events all, rows"].value == 100
    assert result.figures["/events all, worst of processor"].value > 0
    assert {"/figures by body, this month", "/events town", "/open311 matter"} <= set(result.each)
    assert {"/ogc small box + month + body", "/events elsewhere"} <= set(result.each)
    assert result.figures["/events elsewhere, rows"].value == 0


def test_questions_have_names_of_their_own_and_ask_something_else_each_time() -> None:
    """Or two would be told as one."""
    world = World(NOW)
    questions = [*world.questions(1000), *world.pairs(), *world.combined(1000)]
    assert len({question.name for question in questions}) == len(questions) > 300
    drawn = {str(question.draw(random.Random(seed))) for question in questions for seed in (1, 2)}
    assert len(drawn) > len(questions)


def test_a_server_of_postgresql_is_kept_in_its_folder() -> None:
    """With what was written into it, once it is started again."""
    with tempfile.TemporaryDirectory(prefix="gp-pg-") as folder:
        Path(folder).chmod(0o755)
        for statement in ("CREATE TABLE kept (number integer)", "DROP TABLE kept"):
            with kept_postgres(Path(folder), FLEETING) as server:
                engine = create_engine(server.url())
                with engine.begin() as connection:
                    connection.execute(text(statement))
                engine.dispose()


def test_processor_time_is_that_of_another_process() -> None:
    """It grows while the other works, and is told with that of its children."""
    work = "n = 0\nwhile True: n += 1"
    with subprocess.Popen([sys.executable, "-c", work]) as process:
        try:
            before_ms = used_ms(process.pid)
            while used_ms(process.pid) < before_ms + 20.0:
                pass
            assert used_with_children_ms(os.getpid()) > used_ms(process.pid)
        finally:
            process.kill()
