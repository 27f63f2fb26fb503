"""Work that the next frame need not wait for, done in its order in a thread of its own."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

Step = Callable[[], object]

MOST_WAITING = 32
# As the detector does: where processors are short, decoding and telling go first.
YIELDS = 5


class Aside:
    """Does steps one after another; who brings more than are done in time waits for them.

    Args:
        most_waiting: steps that may wait; each may hold pictures.
        on_wait: is told how many seconds somebody had to wait, in his thread.
        clock_s: monotonic seconds.
    """

    def __init__(
        self,
        most_waiting: int = MOST_WAITING,
        on_wait: Callable[[float], None] | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_waiting = most_waiting
        self._on_wait = on_wait
        self._clock_s = clock_s
        self._steps: deque[Step] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="aside", daemon=True)

    def do(self, step: Step) -> None:
        """Have a step done after those that were brought before it.

        Raises:
            BaseException: whatever an earlier step raised; nothing is done any more.
        """
        if not self._thread.ident:
            self._thread.start()
        with self._changed:
            if self._is_full():
                began_s = self._clock_s()
                self._changed.wait_for(lambda: not self._is_full())
                if self._on_wait is not None:
                    self._on_wait(self._clock_s() - began_s)
            if self._failure is not None:
                raise self._failure
            self._steps.append(step)
            self._changed.notify_all()

    def close(self) -> None:
        """Return when all steps are done.

        Raises:
            BaseException: whatever a step raised; those after it were not done.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident:
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _is_full(self) -> bool:
        return len(self._steps) >= self._most_waiting and self._failure is None

    def _run(self) -> None:
        # Elsewhere a thread has no niceness of its own.
        if sys.platform == "linux":
            me = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + YIELDS)
        try:
            while (step := self._next()) is not None:
                step()
        except BaseException as failure:  # noqa: BLE001 - thread edge: who brings steps raises it
            with self._changed:
                self._failure = failure
                self._steps.clear()
                self._changed.notify_all()

    def _next(self) -> Step | None:
        with self._changed:
            self._changed.wait_for(lambda: self._steps or self._closing)
            step = self._steps.popleft() if self._steps else None
            self._changed.notify_all()
            return step
