"""What becomes of reports when the event API or its database is killed in the middle of its work.

Aircraft put reports into their durable outboxes and deliver them without a pause, while the server
is killed at random moments (`kill -9`), while it starts too, and started again; on PostgreSQL the
database as well. At the end everything is delivered, and the database is looked into: whether each
report that was ever acknowledged is there, in the event that the receipt named, and whether any
counts twice, as an observation, in the audit, or in its event.
"""

import random
import tempfile
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.local_api import ApiProcess
from benchmarks.local_postgres import LocalPostgres, running_postgres
from benchmarks.result import Benchmark, Figure, Result
from events_api.audit import walk
from events_api.client import EventApiClient
from events_api.outbox import Blob, Delivery, Outbox
from events_api.schemas import Report
from events_api.store import audit, feed
from events_api.store.audit_models import AuditRow
from events_api.store.feed_models import FeedRow
from events_api.store.models import EventRow, ObservationRow
from patrol.serving import own_database
from patrol.settings import Settings

ROUNDS = 100
"""How often something is killed, on each database."""

AIRCRAFT = 3
LONGEST_S = 1.0
"""A kill comes within this time after the server answers, or began to start."""

PLACES = 25
"""Where things stand, 100 m apart: the reports of each become one event."""

WITH_PICTURE = 4
"""One report of so many has a picture."""

PATIENCE_S, RETRY_S = 5.0, 0.2

PICTURE = b"\xff\xd8\xff\xe0 a picture of report "


@dataclass(frozen=True)
class Outcome:
    """What came out on one database; `killed` counts by what was killed."""

    killed: Mapping[str, int]
    acknowledged: int
    cut_off: int
    lost: int
    doubled: int


def run() -> Result:
    """Kill a hundred times on SQLite, and a hundred times on PostgreSQL."""
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        outcomes = {
            "SQLite": crash(Path(folder) / "sqlite"),
            "PostgreSQL": crash(Path(folder) / "postgresql", postgres),
        }
    wrong = sum(each.lost + each.doubled for each in outcomes.values())
    return Result(
        name=BENCHMARK.name,
        figures={
            f"{name}, {what}": figure
            for name, outcome in outcomes.items()
            for what, figure in _figures(outcome).items()
        },
        ratio=float(wrong),
        against="acknowledged reports that were lost, or counted twice",
        reach="0",
        met=wrong == 0,
    )


def _figures(outcome: Outcome) -> dict[str, Figure]:
    return {
        **{f"{what} killed": Figure(count, "times") for what, count in outcome.killed.items()},
        "aircraft cut off": Figure(outcome.cut_off, "times"),
        "acknowledged": Figure(outcome.acknowledged, "reports"),
        "lost": Figure(outcome.lost, "reports"),
        "doubled": Figure(outcome.doubled, "reports"),
    }


def crash(home: Path, postgres: LocalPostgres | None = None) -> Outcome:
    """Kill the server, or the database under it, at random moments under load.

    Args:
        home: Folder for everything.
        postgres: Where the database is to be; none for SQLite.
    """
    home.mkdir()
    url = "" if postgres is None else postgres.create("crashes")
    # What a server says whose database is away would bury the figures.
    api = ApiProcess(home, url, home / "serve.log")
    chance, killed = random.Random(0), Counter[str]()
    try:
        api.start()
        with Fleet(api, home) as fleet:
            for _ in range(ROUNDS):
                killed[_kill_one(api, postgres, chance)] += 1
            fleet.land()
    finally:
        api.kill()
    return judge(api.settings, fleet, killed)


def _kill_one(api: ApiProcess, postgres: LocalPostgres | None, chance: random.Random) -> str:
    """Kill something, start it again, and say what it was."""
    pause = threading.Event()
    pause.wait(chance.uniform(0.0, LONGEST_S))
    if postgres is not None and chance.random() < 0.5:
        postgres.kill()
        postgres.start()
        return "database"
    api.kill()
    what = "API"
    if chance.random() < 0.2:
        api.launch()
        pause.wait(chance.uniform(0.0, LONGEST_S))
        api.kill()
        what = "API, while it starts too,"
    api.start()
    return what


class Fleet:
    """Aircraft that report and deliver without a pause while the context is open.

    Args:
        api: Whom they report to.
        home: Folder for their outboxes.

    Attributes:
        events: The event of each report that was acknowledged.
        cut_off: How often an aircraft that was being answered was not any more.
    """

    def __init__(self, api: ApiProcess, home: Path) -> None:
        self.events: dict[str, str] = {}
        self.cut_off = 0
        self._api = api
        self._lock = threading.Lock()
        self._landing, self._over = threading.Event(), threading.Event()
        self._failures: list[Exception] = []
        self._aircraft = [
            threading.Thread(target=self._fly, args=(home / f"aircraft-{number}", number))
            for number in range(AIRCRAFT)
        ]

    def __enter__(self) -> Self:
        for each in self._aircraft:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._aircraft:
            each.join()

    def land(self) -> None:
        """Let them deliver all that they have, and report no more.

        Raises:
            RuntimeError: A report was refused.
        """
        self._landing.set()
        for each in self._aircraft:
            each.join()
        if self._failures:
            raise self._failures[0]

    def note(self, delivery: Delivery, *, cut_off: bool = False) -> None:
        """Note what an aircraft was told, and whether it was cut off in the middle of its work.

        Raises:
            RuntimeError: A report was refused.
        """
        if delivery.refused:
            raise RuntimeError(f"a report was refused: {delivery.refused[0].reason}")
        with self._lock:
            self.events |= {str(r.report_id): str(r.event_id) for r in delivery.receipts}
            self.cut_off += cut_off

    def _fly(self, folder: Path, number: int) -> None:
        try:
            self._report(folder, number)
        except Exception as error:  # noqa: BLE001 - raised in the thread that waits
            self._failures.append(error)

    def _report(self, folder: Path, number: int) -> None:
        with (
            Outbox(folder) as outbox,
            EventApiClient(self._api.url, self._api.drone_token, timeout_s=PATIENCE_S) as client,
        ):
            turns, goes_on = count(), True
            while not self._over.is_set():
                if self._landing.is_set() and not outbox.pending():
                    return
                # While nobody answers none are added: what waits is enough to go on with.
                if not outbox.pending():
                    outbox.put(*a_report(number, next(turns)))
                delivery = outbox.deliver(client, at_once=True)
                self.note(delivery, cut_off=goes_on and delivery.stopped is not None)
                goes_on = delivery.stopped is None
                if not goes_on:
                    self._over.wait(RETRY_S)


def a_report(aircraft: int, turn: int) -> tuple[Report, list[Blob]]:
    """Return the n-th report of an aircraft, with its picture if it has one."""
    number = turn * AIRCRAFT + aircraft
    pictures = []
    if number % WITH_PICTURE == 0:
        pictures.append(Blob(PICTURE + str(number).encode(), "image/jpeg"))
    report = {
        "report_id": str(uuid.UUID(int=number + 1)),
        "kind": "drone",
        "source": f"uav-{aircraft}",
        "pass_id": f"pass-{turn}",
        "matter": {"standard_ref": "GB/T 47678.5-2026", "code": "06010"},
        "class_name": "garbage",
        "score": 0.8,
        "observed_at": datetime.now(UTC).isoformat(),
        "position": {"lon_deg": 115.6 + 1e-3 * (number % PLACES), "lat_deg": 33.1},
        "ce50_m": 1.0,
        "ce90_m": 2.0,
        "why": "seen in 12 frames with a median score of 0.80",
        "evidence": [picture.sha256 for picture in pictures],
    }
    return Report.model_validate(report), pictures


def judge(settings: Settings, fleet: Fleet, killed: Mapping[str, int]) -> Outcome:
    """Hold what the database has against what aircraft were told.

    Raises:
        RuntimeError: The audit or the feed has a gap.
    """
    with own_database(settings) as database, database.read() as session:
        _look_for_gaps(session)
        seen = session.execute(_SEEN).all()
        noted = [content["report_id"] for content in session.scalars(_NOTED)]
        counted = session.scalar(select(func.sum(EventRow.observation_count))) or 0
    events = {row.report_id: row.event_id for row in seen}
    lost = sum(events.get(report_id) != event_id for report_id, event_id in fleet.events.items())
    doubled = len(seen) - len(events) + len(noted) - len(set(noted)) + max(0, counted - len(seen))
    return Outcome(killed, len(fleet.events), fleet.cut_off, lost, doubled)


_SEEN = select(ObservationRow.report_id, EventRow.event_id).join(
    EventRow, EventRow.number == ObservationRow.event_number
)
_NOTED = select(AuditRow.content).where(AuditRow.action == "report.received")


def _look_for_gaps(session: Session) -> None:
    broken = walk(audit.entries(session), audit.head(session)).broken
    messages = session.scalar(select(func.count()).select_from(FeedRow))
    if broken is not None or messages != feed.last_id(session):
        raise RuntimeError(f"the audit says {broken}, and the feed has {messages} messages")


BENCHMARK = Benchmark(
    "api-crashes", "reports lost or doubled by kill -9 of the event API and its database", run
)
