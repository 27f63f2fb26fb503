"""Carries reports from the outbox to the event API while the work goes on."""

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from events_api.client import EventApiClient
from events_api.errors import ApiDownError, WrongTokenError
from events_api.outbox import Blob, Outbox
from events_api.schemas import Report

IDLE_S = 0.5


class Courier:
    """A thread that delivers what an outbox holds, for as long as the context is open.

    Whoever makes reports never waits for the network: `put` returns when the report is on disk.
    An outbox that fails ends the thread, and the next `put` or `finish` raises its error.

    Args:
        outbox: what waits.
        client: the way to the event API.
    """

    def __init__(
        self,
        outbox: Outbox,
        client: EventApiClient,
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._rounding = threading.Lock()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self.delivered = 0
        self.refused = 0
        self.stopped: ApiDownError | WrongTokenError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the round under way end; what waits stays on disk."""
        self._ending.set()
        self._wake.set()
        self._thread.join()

    def put(self, report: Report, evidence: Sequence[Blob]) -> None:
        """Keep a report safely and have it delivered soon.

        Raises:
            OutboxError: it could not be kept.
        """
        self._raise_failure()
        self._outbox.put(report, evidence)
        self.wake()

    def wake(self) -> None:
        """Deliver soon what another process put into the outbox."""
        self._wake.set()

    def finish(self, patience_s: float) -> int:
        """Wait until all is delivered, at most `patience_s`; return how many reports still wait.

        A token that the API turns away is not waited for: only a person can mend it.

        Raises:
            OutboxError: the outbox cannot be used.
        """
        deadline_s = time.monotonic() + patience_s
        pause = threading.Event()
        while self._outbox.pending() and time.monotonic() < deadline_s:
            self._raise_failure()
            if isinstance(self.stopped, WrongTokenError):
                break
            self._wake.set()
            pause.wait(0.1)
        with self._rounding:  # the last round may have sent all and not have counted it yet
            self._raise_failure()
        return self._outbox.pending()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                with self._rounding:
                    self._round()
            except Exception as error:  # noqa: BLE001 - a thread's edge: `put` and `finish` raise it
                self._failure = error
                return
            self._wake.wait(max(IDLE_S, self._outbox.retry_in_s()))
            self._wake.clear()

    def _round(self) -> None:
        delivery = self._outbox.deliver(self._client)
        self.delivered += len(delivery.receipts)
        self.refused += len(delivery.refused)
        if delivery.receipts or delivery.refused or delivery.stopped:
            self.stopped = delivery.stopped

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
