"""What an outbox asks of the API by threads, so that it never waits for one answer alone."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of an errand.

    Attributes:
        value: What was answered; none where it failed.
        problem: Why it failed.
        took_s: How long it took.
    """

    value: T | None
    problem: BaseException | None
    took_s: float

    def answer(self) -> T:
        """Return what was answered, or raise why it failed."""
        if self.problem is not None:
            raise self.problem
        return cast("T", self.value)


class Errands:
    """Errands of one thread, each run by a thread of its own; what came of them is taken in by one.

    Attributes:
        on_way: How many have been begun and not taken in.

    Args:
        clock_s: Monotonic seconds.
    """

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._ended: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.on_way = 0

    def begin(self, ask: Callable[[], T], take_in: Callable[[Outcome[T]], None]) -> None:
        """Ask something, and do not wait; `wait` hands what comes of it to `take_in`."""

        def run() -> None:
            began_s = self._clock_s()
            value, problem = None, None
            try:
                value = ask()
            except BaseException as error:  # noqa: BLE001 - a thread's edge: `take_in` gets it
                problem = error
            outcome = Outcome(value, problem, self._clock_s() - began_s)
            self._ended.put(lambda: take_in(outcome))

        self.on_way += 1
        # A daemon: who interrupts the process does not wait until a far API has answered.
        threading.Thread(target=run, name="outbox", daemon=True).start()

    def wait(self, longest_s: float) -> None:
        """Wait until one has ended, at most so long, and take it in."""
        try:
            take_in = self._ended.get(timeout=longest_s)
        except queue.Empty:
            return
        self.on_way -= 1
        take_in()
