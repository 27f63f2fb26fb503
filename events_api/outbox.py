"""Reports on disk until the event API has them.

`put` returns after the report and its evidence are safely on disk, together or not at all.
`deliver` sends what waits, oldest first, each report's evidence before the report. A report leaves
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
from typing import Protocol, Self

from events_api.backoff import Backoff
from events_api.errors import ApiDownError, OutboxError, RefusedError, WrongTokenError
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
        while (waiting := self._oldest()) is not None:
            number, report = waiting
            try:
                if not self._send_evidence(client, report):
                    continue
                receipt = client.submit_report(report)
            except RefusedError as error:
                # Trying again changes nothing, and the others must not wait behind it.
                self._bury(number, report, str(error))
                refused.append(DeadLetter(report, str(error)))
            else:
                # Dying just before this line sends the report again, which the API takes as once.
                self._check_off(number, receipt)
                receipts.append(receipt)

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

    def _oldest(self) -> tuple[int, Report] | None:
        with self._transaction() as cursor:
            query = "SELECT number, report FROM waiting ORDER BY number LIMIT 1"
            row = cursor.execute(query).fetchone()
        return None if row is None else (row[0], Report.model_validate_json(row[1]))

    def _check_off(self, number: int, receipt: Receipt) -> None:
        report_id = str(receipt.report_id)
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT OR IGNORE INTO delivered (report_id, event_id) VALUES (?, ?)",
                (report_id, str(receipt.event_id)),
            )
            cursor.execute("DELETE FROM waiting WHERE number = ?", (number,))
            cursor.execute(DROP_BLOBS, (report_id,))
            cursor.execute("DELETE FROM citations WHERE report_id = ?", (report_id,))

    def _bury(self, number: int, report: Report, reason: str) -> None:
        # The evidence stays: a person may want to see it, or revive the report.
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO dead (report_id, report, reason) VALUES (?, ?, ?)",
                (str(report.report_id), report.model_dump_json(), reason),
            )
            cursor.execute("DELETE FROM waiting WHERE number = ?", (number,))

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
