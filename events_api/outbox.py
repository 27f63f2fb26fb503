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
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from events_api.backoff import Backoff
from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.outbox_file import OutboxFile, Waiting
from events_api.report_schemas import BatchOutcome
from events_api.schemas import Receipt, Report

FILE_NAME = "outbox.sqlite"
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

    def _send_all(self, client: Sender, receipts: list[Receipt], refused: list[DeadLetter]) -> None:
        in_batches = isinstance(client, BatchSender)
        while waiting := self._file.oldest(AT_ONCE if in_batches else 1):
            if in_batches and isinstance(client, BatchSender) and len(waiting) > FEW:
                in_batches = self._send_batch(client, waiting, receipts, refused)
            else:
                self._send_one(client, waiting[0], receipts, refused)

    def _send_one(
        self,
        client: Sender,
        waiting: Waiting,
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
            self._file.check_off([(waiting.number, receipt)])
            receipts.append(receipt)

    def _send_batch(
        self,
        client: Sender,
        waiting: Sequence[Waiting],
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
        self._file.check_off(done)
        receipts += [receipt for _, receipt in done]
        return True

    def _is_ready(self, client: Sender, waiting: Waiting, refused: list[DeadLetter]) -> bool:
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
            found = self._file.evidence(str(report.report_id), sha256)
            if found is None:
                return False
            client.put_evidence(*found)
        return True

    def _bury(self, waiting: Waiting, reason: str) -> DeadLetter:
        self._file.bury(waiting, reason)
        return DeadLetter(waiting.report, reason)

    def _note_failure(self) -> None:
        self._failures += 1
        wait_s = self._backoff.wait_s(self._failures, self._chance)
        self._not_before_s = self._clock_s() + wait_s
