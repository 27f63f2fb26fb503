"""Carries reports from the outbox to the event API while the work goes on."""

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from events_api.client import EventApiClient
from events_api.errors import ApiDownError, WrongTokenError
from events_api.outbox import Blob, Outbox
from events_api.schemas import Report

IDLE_S = 0.5
LEAVING_S = 2.0
"""Whoever asked to end waits so long for what was found last, if the API answers."""

LAST_S = 20.0
"""What is on its way when nothing more is begun has so long to arrive."""

TELL_AFTER_S, TELL_EVERY_S = 1.0, 10.0
_LOOK_S = 0.1

Tell = Callable[[int, bool], None]
"""Is told how many reports wait, and whether only what is on its way is waited for."""


def tell_nobody(_waiting: int, _is_ending: bool) -> None:
    """Wait unwatched."""


class Courier:
    """A thread that delivers what an outbox holds, for as long as the context is open.

    Whoever makes reports never waits for the network: `put` returns when the report is on disk.
    An outbox that fails ends the thread, and the next `put` or `finish` raises its error.

    Args:
        outbox: what waits.
        client: the way to the event API.
        clock_s: monotonic seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        client: EventApiClient,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._clock_s = clock_s
        self._wake = threading.Event()
        self._ending = threading.Event()
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
        """Let what is on its way arrive, and begin nothing more; what waits stays on disk.

        Whoever interrupts the work leaves at once.
        """
        if not self._ending.is_set() and not isinstance(error, KeyboardInterrupt):
            self._end(tell_nobody)
        self._ending.set()
        self._wake.set()

    def put(self, report: Report, evidence: Sequence[Blob]) -> None:
        """Keep a report safely and have it delivered soon.

        Raises:
            OutboxError: it could not be kept.
        """
        self._raise_failure()
        self._outbox.put(report, evidence)
        self.wake()

    @property
    def waiting(self) -> int:
        """How many reports wait."""
        return self._outbox.pending()

    def wake(self) -> None:
        """Deliver soon what another process put into the outbox."""
        self._wake.set()

    def finish(self, patience_s: float, tell: Tell = tell_nobody, *, leaving: bool = False) -> int:
        """Deliver what waits as long as it goes on, and end; return how many reports still wait.

        A token that the API turns away is not waited for: only a person can mend it. Nothing that
        waits is lost by whoever interrupts this.

        Args:
            patience_s: how long to wait while no report arrives. What is on its way then has
                `LAST_S` more.
            tell: told of the waiting where it is long.
            leaving: somebody asked to end: what is not begun in `LEAVING_S`, stays.

        Raises:
            OutboxError: the outbox cannot be used.
        """
        waiting = self._outbox.pending()
        told = _Telling(tell, self._clock_s)
        began_s = newest_s = self._clock_s()
        while waiting and self._clock_s() - newest_s < patience_s:
            self._raise_failure()
            if isinstance(self.stopped, WrongTokenError):
                break
            if leaving and (self.stopped or self._clock_s() - began_s >= LEAVING_S):
                break
            self._wake.set()
            self._ending.wait(_LOOK_S)
            before, waiting = waiting, self._outbox.pending()
            if waiting < before:
                newest_s = self._clock_s()
            told.of(waiting, is_ending=False)
        self._end(tell)
        self._raise_failure()
        return self._outbox.pending()

    def _end(self, tell: Tell) -> None:
        """Wait for what is on its way, and for nothing else."""
        self._ending.set()
        self._wake.set()
        told = _Telling(tell, time.monotonic)
        until_s = time.monotonic() + LAST_S
        while self._thread.is_alive() and time.monotonic() < until_s:
            self._thread.join(_LOOK_S)
            told.of(self._outbox.pending(), is_ending=True)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._round()
            except Exception as error:  # noqa: BLE001 - a thread's edge: `put` and `finish` raise it
                self._failure = error
                return
            self._wake.wait(max(IDLE_S, self._outbox.retry_in_s()))
            self._wake.clear()

    def _round(self) -> None:
        delivery = self._outbox.deliver(self._client, ending=self._ending.is_set)
        self.delivered += len(delivery.receipts)
        self.refused += len(delivery.refused)
        if delivery.receipts or delivery.refused or delivery.stopped:
            self.stopped = delivery.stopped

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


class _Telling:
    """Tells of a waiting that is long, now and then."""

    def __init__(self, tell: Tell, clock_s: Callable[[], float]) -> None:
        self._tell = tell
        self._clock_s = clock_s
        self._next_s = clock_s() + TELL_AFTER_S

    def of(self, waiting: int, *, is_ending: bool) -> None:
        """Tell how many wait, if it is time to."""
        if self._clock_s() >= self._next_s:
            self._next_s = self._clock_s() + TELL_EVERY_S
            self._tell(waiting, is_ending)
