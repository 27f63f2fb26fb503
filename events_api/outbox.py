"""Reports on disk until the event API has them.

`put` returns after the report and its evidence are safely on disk, together or not at all.
`deliver` sends what waits, oldest first, each report's evidence before the report, several
pictures at once, and where many reports wait, many by one request. A report leaves the outbox only
after the API said that it has it, so a crash between any two steps at worst sends something twice,
which the API takes as once.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from events_api.backoff import Backoff
from events_api.errors import ApiDownError, WrongTokenError
from events_api.outbox_file import DeadLetter, OutboxFile
from events_api.outbox_pictures import Pace
from events_api.outbox_round import Round, Sender
from events_api.schemas import Receipt, Report

FILE_NAME = "outbox.sqlite"


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
        self._file = OutboxFile(folder / FILE_NAME)
        self._clock_s = clock_s
        self._backoff = backoff
        self._chance = chance or random.Random()
        self._pace = Pace()
        self._failures = 0
        self._not_before_s = clock_s()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what waits stays in it."""
        self._file.close()

    def put(self, report: Report, evidence: Sequence[Blob] = ()) -> None:
        """Keep a report with its evidence until it is delivered; the same report again is nothing.

        Raises:
            OutboxError: The disk is full or the file is damaged; the report was not kept.
            ValueError: The report cites other evidence than is given.
        """
        given = {blob.sha256: blob for blob in evidence}
        if set(given) != set(report.evidence):
            raise ValueError("the report must cite exactly the evidence that comes with it")
        pictures = [(sha256, blob.media_type, blob.data) for sha256, blob in given.items()]
        self._file.put(str(report.report_id), report.model_dump_json(), pictures)

    def deliver(
        self,
        client: Sender,
        *,
        at_once: bool = False,
        ending: Callable[[], bool] = lambda: False,
        on_settled: Callable[[int], object] = lambda _: None,
    ) -> Delivery:
        """Send what waits, oldest first, until nothing is left or the API cannot be reached.

        Whoever interrupts it, or its process, leaves an outbox that can be gone on with.

        Args:
            client: The way to the API, used from several threads.
            at_once: Try even though the back-off after a failure has not passed.
            ending: Whether nothing more is to be begun: what is on its way then is the last.
            on_settled: Is told how many have arrived or were refused so far.

        Raises:
            OutboxError: The disk is full or the file is damaged.
        """
        if not at_once and self._clock_s() < self._not_before_s:
            return Delivery((), (), self.pending(), None, self.retry_in_s())
        sending = Round(self._file, client, self._pace, self._clock_s, ending, on_settled)
        sending.run()
        if sending.receipts or sending.stopped is None:
            self._failures = 0
        if sending.stopped is not None:
            self._note_failure()
        found = tuple(sending.receipts), tuple(sending.refused)
        return Delivery(*found, self.pending(), sending.stopped, self.retry_in_s())

    def retry_in_s(self) -> float:
        """Return how long `deliver` still leaves the API alone after a failure."""
        return max(0.0, self._not_before_s - self._clock_s())

    def pending(self) -> int:
        """Return how many reports wait."""
        return self._file.count("waiting")

    def delivered(self) -> int:
        """Return how many reports have been delivered since the outbox was made."""
        return self._file.count("delivered")

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return the reports that the API refused for good."""
        rows = self._file.dead()
        return tuple(DeadLetter(Report.model_validate_json(text), why) for text, why in rows)

    def revive(self) -> int:
        """Let the refused reports wait again, after the reason is gone; return how many."""
        return self._file.revive()

    def _note_failure(self) -> None:
        self._failures += 1
        wait_s = self._backoff.wait_s(self._failures, self._chance)
        self._not_before_s = self._clock_s() + wait_s
