"""Reports on disk until the event API has them.

`put` returns after the report and its evidence are safely on disk, together or not at all.
`deliver` sends what waits, oldest first, each report's evidence before the report, and where many
wait, many by one request. A report leaves
the outbox only after the API said that it has it, so a crash between any two steps at worst sends
something twice, which the API takes as once.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from events_api.backoff import Backoff
from events_api.errors import ApiDownError, OutboxError, RefusedError, WrongTokenError
from events_api.report_schemas import BatchOutcome
from events_api.schemas import Receipt, Report

FILE_NAME = "outbox.sqlite"
LOCK_WAIT_S = 30.0

TABLES = """
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, report_id TEXT NOT NULL UNIQUE, report TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS blobs (
    sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS citations (
    sha256 TEXT NOT NULL, report_id TEXT NOT NULL, PRIMARY KEY (sha256, report_id)
);
CREATE INDEX IF NOT EXISTS citing ON citations (report_id);
CREATE TABLE IF NOT EXISTS dead (
    report_id TEXT PRIMARY KEY, report TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS delivered (report_id TEXT PRIMARY KEY, event_id TEXT NOT NULL);
"""

DROP_BLOBS = """
DELETE FROM blobs WHERE sha256 IN (
    SELECT sha256 FROM citations GROUP BY sha256 HAVING COUNT(*) = 1 AND MAX(report_id) = ?
)
"""
"""Evidence that this report alone cites."""


IS_CITING = "SELECT 1 FROM citations WHERE report_id = ? LIMIT 1"

AT_ONCE = 500
FEW = 3
"""So many reports are sent one by one: each is answered sooner so."""

EVIDENCE = '"evidence":["'
"""What the JSON of a report has in it that cites some."""


@dataclass(frozen=True)
class Blob:
    """A picture or clip to go with a report."""

    data: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        """The name the event API will know it by."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class DeadLetter:
    """A report that the API refused for good, and why."""

    report: Report
    reason: str


@dataclass(frozen=True)
class Delivery:
    """What one call of `deliver` did.

    Attributes:
        receipts: One for each report that arrived.
        refused: The reports refused for good, now among the dead letters.
        waiting: How many reports still wait.
        stopped: Why it stopped early: the API is down or the token wrong. None when it did not.
        retry_in_s: How long to wait before the next call; 0 when it did not stop early.
    """

    receipts: tuple[Receipt, ...]
    refused: tuple[DeadLetter, ...]
    waiting: int
    stopped: ApiDownError | WrongTokenError | None
    retry_in_s: float


class Sender(Protocol):
    """What the outbox needs of a client."""

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Store a picture or clip."""

    def submit_report(self, report: Report) -> Receipt:
        """Send a report."""


@runtime_checkable
class BatchSender(Protocol):
    """What a client may do beside."""

    def submit_written(self, reports: Sequence[str]) -> Sequence[BatchOutcome]:
        """Send many reports, each as JSON, and return what became of each."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A report on disk: its place in the queue, its id and itself as JSON."""

    number: int
    report_id: str
    text: str

    @property
    def report(self) -> Report:
        """The report itself."""
        return Report.model_validate_json(self.text)


class Outbox:
    """A durable queue of reports in a folder; several threads and processes may use the same one.

    Args:
        folder: Made when missing.
        clock_s: Monotonic seconds, for the back-off.
        backoff: How long to leave an API alone that did not answer.
        chance: Randomness of the back-off.

    Raises:
        OutboxError: The folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        backoff: Backoff = Backoff(),  # noqa: B008 (frozen)
        chance: random.Random | None = None,
    ) -> None:
        self._path = folder / FILE_NAME
        self._clock_s = clock_s
        self._backoff = backoff
        self._chance = chance or random.Random()
        self._lock = threading.Lock()
        self._failures = 0
        self._not_before_s = clock_s()
        with self._mapped_errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what waits stays in it."""
        self._connection.close()

    def put(self, report: Report, evidence: Sequence[Blob] = ()) -> None:
        """Keep a report with its evidence until it is delivered; the same report again is nothing.

        Raises:
            OutboxError: The disk is full or the file is damaged; the report was not kept.
            ValueError: The report cites other evidence than is given.
        """
        given = {blob.sha256: blob for blob in evidence}
        if set(given) != set(report.evidence):
            raise ValueError("the report must cite exactly the evidence that comes with it")
        # Report and evidence in one transaction: a crash leaves both or neither.
        with self._transaction() as cursor:
            if self._is_known(cursor, str(report.report_id)):
                return
            cursor.execute(
                "INSERT INTO waiting (report_id, report) VALUES (?, ?)",
                (str(report.report_id), report.model_dump_json()),
            )
            cursor.executemany(
                "INSERT OR IGNORE INTO blobs (sha256, media_type, data) VALUES (?, ?, ?)",
                [(sha256, blob.media_type, blob.data) for sha256, blob in given.items()],
            )
            cursor.executemany(
                "INSERT INTO citations (sha256, report_id) VALUES (?, ?)",
                [(sha256, str(report.report_id)) for sha256 in given],
            )

    def deliver(self, client: Sender, *, at_once: bool = False) -> Delivery:
        """Send what waits, oldest first, until nothing is left or the API cannot be reached.

        Args:
            client: The way to the API.
            at_once: Try even though the back-off after a failure has not passed.

        Raises:
            OutboxError: The disk is full or the file is damaged.
        """
        receipts: list[Receipt] = []
        refused: list[DeadLetter] = []
        stopped: ApiDownError | WrongTokenError | None = None
        if at_once or self._clock_s() >= self._not_before_s:
            try:
                self._send_all(client, receipts, refused)
                self._failures = 0
            except (ApiDownError, WrongTokenError) as error:
                stopped = error
                self._note_failure()
        return Delivery(tuple(receipts), tuple(refused), self.pending(), stopped, self.retry_in_s())

    def retry_in_s(self) -> float:
        """Return how long `deliver` still leaves the API alone after a failure."""
        return max(0.0, self._not_before_s - self._clock_s())

    def pending(self) -> int:
        """Return how many reports wait."""
        return self._count("waiting")

    def delivered(self) -> int:
        """Return how many reports have been delivered since the outbox was made."""
        return self._count("delivered")

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return the reports that the API refused for good."""
        with self._transaction() as cursor:
            rows = cursor.execute("SELECT report, reason FROM dead ORDER BY rowid").fetchall()
        return tuple(DeadLetter(Report.model_validate_json(text), why) for text, why in rows)

    def revive(self) -> int:
        """Let the refused reports wait again, after the reason is gone; return how many."""
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT INTO waiting (report_id, report) "
                "SELECT report_id, report FROM dead ORDER BY rowid"
            )
            return cursor.execute("DELETE FROM dead").rowcount

    def _send_all(self, client: Sender, receipts: list[Receipt], refused: list[DeadLetter]) -> None:
        in_batches = isinstance(client, BatchSender)
        while waiting := self._oldest(AT_ONCE if in_batches else 1):
            if in_batches and isinstance(client, BatchSender) and len(waiting) > FEW:
                in_batches = self._send_batch(client, waiting, receipts, refused)
            else:
                self._send_one(client, waiting[0], receipts, refused)

    def _send_one(
        self,
        client: Sender,
        waiting: _Waiting,
        receipts: list[Receipt],
        refused: list[DeadLetter],
    ) -> None:
        report = waiting.report
        try:
            if not self._send_evidence(client, report):
                return
            receipt = client.submit_report(report)
        except RefusedError as error:
            # Trying again changes nothing, and the others must not wait behind it.
            refused.append(self._bury(waiting, str(error)))
        else:
            # Dying just before this line sends the report again, which the API takes as once.
            self._check_off([(waiting.number, receipt)])
            receipts.append(receipt)

    def _send_batch(
        self,
        client: Sender,
        waiting: Sequence[_Waiting],
        receipts: list[Receipt],
        refused: list[DeadLetter],
    ) -> bool:
        """Send many reports by one request; false where the API takes them one by one only."""
        ready = [each for each in waiting if self._is_ready(client, each, refused)]
        if not ready or not isinstance(client, BatchSender):
            return True
        try:
            outcomes = client.submit_written([each.text for each in ready])
        except RefusedError:
            # An API of a former version, or something wrong with one of them: it will be found.
            return False
        done = []
        for each, outcome in zip(ready, outcomes, strict=True):
            if outcome.receipt is not None:
                done.append((each.number, outcome.receipt))
            else:
                refused.append(self._bury(each, f"{outcome.detail} ({outcome.status})"))
        # Dying just before this line sends them again, which the API takes as once.
        self._check_off(done)
        receipts += [receipt for _, receipt in done]
        return True

    def _is_ready(self, client: Sender, waiting: _Waiting, refused: list[DeadLetter]) -> bool:
        """Send a report's evidence, if it has any; false when the report need not be sent now."""
        if EVIDENCE not in waiting.text:
            return True
        try:
            return self._send_evidence(client, waiting.report)
        except RefusedError as error:
            refused.append(self._bury(waiting, str(error)))
            return False

    def _send_evidence(self, client: Sender, report: Report) -> bool:
        """Send a report's evidence; false when another process has delivered it meanwhile."""
        for sha256 in report.evidence:
            with self._transaction() as cursor:
                query = "SELECT data, media_type FROM blobs WHERE sha256 = ?"
                row = cursor.execute(query, (sha256,)).fetchone()
                if row is None and not self._is_waiting(cursor, report):
                    return False
            if row is None:
                raise OutboxError(
                    f"The outbox {self._path} has lost the evidence {sha256} of report "
                    f"{report.report_id}: the file is damaged. Keep a copy of it and move it away."
                )
            client.put_evidence(*row)
        return True

    def _is_waiting(self, cursor: sqlite3.Cursor, report: Report) -> bool:
        query = "SELECT 1 FROM waiting WHERE report_id = ?"
        return cursor.execute(query, (str(report.report_id),)).fetchone() is not None

    def _oldest(self, count: int) -> list[_Waiting]:
        with self._transaction() as cursor:
            query = "SELECT number, report_id, report FROM waiting ORDER BY number LIMIT ?"
            return [_Waiting(*row) for row in cursor.execute(query, (count,))]

    def _check_off(self, done: Sequence[tuple[int, Receipt]]) -> None:
        ids = [(str(receipt.report_id),) for _, receipt in done]
        with self._transaction() as cursor:
            cursor.executemany(
                "INSERT OR IGNORE INTO delivered (report_id, event_id) VALUES (?, ?)",
                [(str(receipt.report_id), str(receipt.event_id)) for _, receipt in done],
            )
            cursor.executemany(
                "DELETE FROM waiting WHERE number = ?", [(number,) for number, _ in done]
            )
            for report_id in ids:
                if cursor.execute(IS_CITING, report_id).fetchone() is not None:
                    cursor.execute(DROP_BLOBS, report_id)
                    cursor.execute("DELETE FROM citations WHERE report_id = ?", report_id)

    def _bury(self, waiting: _Waiting, reason: str) -> DeadLetter:
        # The evidence stays: a person may want to see it, or revive the report.
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO dead (report_id, report, reason) VALUES (?, ?, ?)",
                (waiting.report_id, waiting.text, reason),
            )
            cursor.execute("DELETE FROM waiting WHERE number = ?", (waiting.number,))
        return DeadLetter(waiting.report, reason)

    def _note_failure(self) -> None:
        self._failures += 1
        wait_s = self._backoff.wait_s(self._failures, self._chance)
        self._not_before_s = self._clock_s() + wait_s

    def _is_known(self, cursor: sqlite3.Cursor, report_id: str) -> bool:
        query = """SELECT 1 FROM waiting WHERE report_id = :id UNION ALL
                   SELECT 1 FROM delivered WHERE report_id = :id UNION ALL
                   SELECT 1 FROM dead WHERE report_id = :id"""
        return cursor.execute(query, {"id": report_id}).fetchone() is not None

    def _count(self, table: str) -> int:
        with self._transaction() as cursor:
            count: int = cursor.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
            return count

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        # Whoever puts and whoever delivers may be two threads.
        with self._lock, self._mapped_errors():
            cursor = self._connection.cursor()
            # At once, since a reader that turns writer half-way may be refused.
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise OutboxError(
                f"The outbox {self._path} cannot be used: {error}. Free some space, or move the "
                "damaged file away; what it holds was not delivered."
            ) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    # An aircraft may lose power on the spot; what was put must be on the disk by then.
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(TABLES)
    return connection
