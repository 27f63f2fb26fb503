"""One round of sending what waits in an outbox.

Pictures go several at once, and a report when all of its own have arrived: the API takes no report
that cites what it has not. Reports go in their order, the oldest first, and wait for those before
them; but a picture that takes long, or that cannot be sent now, holds up its own report alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, runtime_checkable

from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.outbox_errands import Errands, Outcome
from events_api.outbox_file import DeadLetter, OutboxFile, Waiting
from events_api.outbox_pictures import Pace, Picture, Pictures
from events_api.report_schemas import BatchOutcome
from events_api.schemas import Receipt, Report

AT_ONCE = 500
FEW = 3
"""So many reports are sent one by one: each is answered sooner so."""

SLOW_S = 10.0
"""So long reports wait for a picture of one before them."""

LOOK_S = 1.0
"""Of those that are on their way it is looked so often whether one has become slow."""

EVIDENCE = '"evidence":["'
"""What the JSON of a report has in it that cites some."""


class Sender(Protocol):
    """What the outbox needs of a client, which is used from several threads at once."""

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Store a picture or clip."""

    def submit_report(self, report: Report) -> Receipt:
        """Send a report."""


@runtime_checkable
class BatchSender(Protocol):
    """What a client may do beside."""

    def submit_written(self, reports: Sequence[str]) -> Sequence[BatchOutcome]:
        """Send many reports, each as JSON, and return what became of each."""


class Round:
    """Sends what waits, until nothing is left that can be sent now; for one call of `run`.

    Attributes:
        receipts: One for each report that arrived.
        refused: The reports refused for good.
        stopped: Why something that waits could not be sent; none where all of it was.

    Args:
        file: What waits.
        client: The way to the API.
        pace: How many pictures may go at once.
        clock_s: Monotonic seconds.
        ending: Whether nothing more is to be begun.
        on_settled: Is told how many have arrived or were refused so far.
    """

    def __init__(
        self,
        file: OutboxFile,
        client: Sender,
        pace: Pace,
        clock_s: Callable[[], float],
        ending: Callable[[], bool],
        on_settled: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._file = file
        self._on_settled = on_settled
        self._ending = ending
        self._client = client
        self._in_batches = isinstance(client, BatchSender)
        self._errands = Errands(clock_s)
        self._pictures = Pictures(client.put_evidence, pace, self._errands, clock_s)
        self._is_sending = False
        self._cited: dict[int, tuple[str, ...]] = {}
        self.receipts: list[Receipt] = []
        self.refused: list[DeadLetter] = []
        self.stopped: ApiDownError | WrongTokenError | None = None

    def run(self) -> None:
        """Send all that can be sent.

        Raises:
            OutboxError: The disk is full or the file is damaged.
        """
        try:
            self._send_all()
            self.stopped = self._pictures.stopped or self._pictures.failure
        except (ApiDownError, WrongTokenError) as error:
            self.stopped = error
        while self._errands.on_way:
            # What arrives yet is checked off; why it stopped is known.
            with suppress(ApiDownError, WrongTokenError):
                self._errands.wait(LOOK_S)

    def _send_all(self) -> None:
        after = 0
        while (waiting := self._file.oldest(AT_ONCE, after)) or self._errands.on_way:
            if isinstance(self._pictures.stopped, WrongTokenError) or self._ending():
                return
            if self._step(waiting):
                continue
            # All of these are held back by pictures that cannot be sent now.
            if len(waiting) < AT_ONCE:
                return
            after = waiting[-1].number

    def _step(self, waiting: Sequence[Waiting]) -> bool:
        """Send what may go of these, or wait for an answer; false where nothing can be done."""
        is_fresh = self._begin(waiting)
        if not self._is_sending and (ready := self._ready(waiting)):
            self._send(ready, is_alone=len(waiting) <= FEW)
        elif self._errands.on_way:
            self._errands.wait(LOOK_S)
        else:
            return not is_fresh
        return True

    def _begin(self, waiting: Sequence[Waiting]) -> bool:
        """Send as many pictures as may go; false where another process has delivered some."""
        for each in waiting:
            for sha256 in self._cited_by(each):
                if self._pictures.is_known(sha256):
                    continue
                if not self._pictures.may_begin(self._file.size_bytes(sha256)):
                    return True
                found = self._file.evidence(each.report_id, sha256)
                if found is None:
                    return False
                self._pictures.begin(Picture(sha256, *found))
        return True

    def _ready(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        """Return the reports that may go now, in their order; put aside those that never may."""
        ready = []
        for each in waiting:
            cited = self._cited_by(each)
            if (refusal := self._pictures.refusal(cited)) is not None:
                self._bury(each, str(refusal))
            elif self._pictures.have_arrived(cited):
                ready.append(each)
            elif self._pictures.hold_up(cited, SLOW_S):
                break
        return ready

    def _cited_by(self, waiting: Waiting) -> tuple[str, ...]:
        if EVIDENCE not in waiting.text:
            return ()
        if waiting.number not in self._cited:
            self._cited[waiting.number] = waiting.report.evidence
        return self._cited[waiting.number]

    def _send(self, ready: Sequence[Waiting], *, is_alone: bool) -> None:
        """Send reports by one request, and no others before it is answered: they keep their order.

        Meanwhile pictures go on, so that over a far link none of them waits for reports.
        """
        self._is_sending = True
        if self._in_batches and isinstance(self._client, BatchSender) and not is_alone:
            batch = partial(self._client.submit_written, [each.text for each in ready])
            self._errands.begin(batch, partial(self._take_in_batch, ready))
        else:
            one = partial(self._client.submit_report, ready[0].report)
            self._errands.begin(one, partial(self._take_in_one, ready[0]))

    def _take_in_one(self, waiting: Waiting, outcome: Outcome[Receipt]) -> None:
        self._is_sending = False
        if isinstance(outcome.problem, RefusedError):
            # Trying again changes nothing, and the others must not wait behind it.
            self._bury(waiting, str(outcome.problem))
        else:
            self._check_off([(waiting, outcome.answer())])

    def _take_in_batch(
        self, ready: Sequence[Waiting], outcome: Outcome[Sequence[BatchOutcome]]
    ) -> None:
        self._is_sending = False
        if isinstance(outcome.problem, RefusedError):
            # An API of a former version, or something wrong with one of them: it will be found.
            self._in_batches = False
            return
        done = []
        for each, became in zip(ready, outcome.answer(), strict=True):
            if became.receipt is not None:
                done.append((each, became.receipt))
            else:
                self._bury(each, f"{became.detail} ({became.status})")
        self._check_off(done)

    def _check_off(self, done: Sequence[tuple[Waiting, Receipt]]) -> None:
        # Dying just before this line sends them again, which the API takes as once.
        self._file.check_off([(each.number, receipt) for each, receipt in done])
        self.receipts += [receipt for _, receipt in done]
        for each, _ in done:
            self._let_go(each)
        self._tell_settled()

    def _bury(self, waiting: Waiting, reason: str) -> None:
        self._file.bury(waiting, reason)
        self.refused.append(DeadLetter(waiting.report, reason))
        self._let_go(waiting)
        self._tell_settled()

    def _tell_settled(self) -> None:
        self._on_settled(len(self.receipts) + len(self.refused))

    def _let_go(self, waiting: Waiting) -> None:
        self._pictures.forget(self._cited.pop(waiting.number, ()))
