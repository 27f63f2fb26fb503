"""The outbox's file: reports that wait, with their evidence, and what became of the others."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from events_api.errors import OutboxError
from events_api.schemas import Receipt, Report

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

Picture = tuple[str, str, bytes]
"""A SHA-256, a media type and the bytes of it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report on disk: its place in the queue, its id and itself as JSON."""

    number: int
    report_id: str
    text: str

    @property
    def report(self) -> Report:
        """The report itself."""
        return Report.model_validate_json(self.text)


@dataclass(frozen=True)
class DeadLetter:
    """A report that the API refused for good, and why."""

    report: Report
    reason: str


class OutboxFile:
    """A file that several threads and processes may use at once.

    Args:
        path: Made when missing, with its folder.

    Raises:
        OutboxError: It cannot be used; so does every method.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._mapped_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(path)

    def close(self) -> None:
        """Close the file; what waits stays in it."""
        with self._lock:  # a thread that was left behind may be reading yet
            self._connection.close()

    def put(self, report_id: str, text: str, pictures: Sequence[Picture]) -> None:
        """Keep a report with its evidence; one that is known already is left as it is."""
        # Report and evidence in one transaction: a crash leaves both or neither.
        with self._transaction() as cursor:
            if _is_known(cursor, report_id):
                return
            cursor.execute(
                "INSERT INTO waiting (report_id, report) VALUES (?, ?)", (report_id, text)
            )
            cursor.executemany(
                "INSERT OR IGNORE INTO blobs (sha256, media_type, data) VALUES (?, ?, ?)", pictures
            )
            cursor.executemany(
                "INSERT INTO citations (sha256, report_id) VALUES (?, ?)",
                [(sha256, report_id) for sha256, _, _ in pictures],
            )

    def oldest(self, count: int, after: int = 0) -> list[Waiting]:
        """Return the reports that have waited longest, of those behind a place in the queue."""
        with self._transaction() as cursor:
            query = """SELECT number, report_id, report FROM waiting
                       WHERE number > ? ORDER BY number LIMIT ?"""
            return [Waiting(*row) for row in cursor.execute(query, (after, count))]

    def size_bytes(self, sha256: str) -> int:
        """Return the size of a picture; 0 where it is not there."""
        with self._transaction() as cursor:
            query = "SELECT length(data) FROM blobs WHERE sha256 = ?"
            row: tuple[int] | None = cursor.execute(query, (sha256,)).fetchone()
            return 0 if row is None else row[0]

    def evidence(self, report_id: str, sha256: str) -> tuple[bytes, str] | None:
        """Return a report's picture and its media type; none once the report waits no more.

        Raises:
            OutboxError: The report waits, and its picture is not there.
        """
        with self._transaction() as cursor:
            query = "SELECT data, media_type FROM blobs WHERE sha256 = ?"
            row: tuple[bytes, str] | None = cursor.execute(query, (sha256,)).fetchone()
            if row is None and not _is_waiting(cursor, report_id):
                return None
        if row is None:
            raise OutboxError(
                f"The outbox {self.path} has lost the evidence {sha256} of report "
                f"{report_id}: the file is damaged. Keep a copy of it and move it away."
            )
        return row

    def check_off(self, done: Sequence[tuple[int, Receipt]]) -> None:
        """Note that reports were delivered, by their places in the queue, and let them go."""
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

    def bury(self, waiting: Waiting, reason: str) -> None:
        """Put a report among the dead letters."""
        # The evidence stays: a person may want to see it, or revive the report.
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO dead (report_id, report, reason) VALUES (?, ?, ?)",
                (waiting.report_id, waiting.text, reason),
            )
            cursor.execute("DELETE FROM waiting WHERE number = ?", (waiting.number,))

    def dead(self) -> list[tuple[str, str]]:
        """Return the JSON of each dead letter and why it is one, the oldest first."""
        with self._transaction() as cursor:
            return cursor.execute("SELECT report, reason FROM dead ORDER BY rowid").fetchall()

    def revive(self) -> int:
        """Let the dead letters wait again, and return how many they were."""
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT INTO waiting (report_id, report) "
                "SELECT report_id, report FROM dead ORDER BY rowid"
            )
            return cursor.execute("DELETE FROM dead").rowcount

    def count(self, table: str) -> int:
        """Return how many rows one of its tables has."""
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
                f"The outbox {self.path} cannot be used: {error}. Free some space, or move the "
                "damaged file away; what it holds was not delivered."
            ) from error


def _is_waiting(cursor: sqlite3.Cursor, report_id: str) -> bool:
    query = "SELECT 1 FROM waiting WHERE report_id = ?"
    return cursor.execute(query, (report_id,)).fetchone() is not None


def _is_known(cursor: sqlite3.Cursor, report_id: str) -> bool:
    query = """SELECT 1 FROM waiting WHERE report_id = :id UNION ALL
               SELECT 1 FROM delivered WHERE report_id = :id UNION ALL
               SELECT 1 FROM dead WHERE report_id = :id"""
    return cursor.execute(query, {"id": report_id}).fetchone() is not None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    # An aircraft may lose power on the spot; what was put must be on the disk by then.
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(TABLES)
    return connection
