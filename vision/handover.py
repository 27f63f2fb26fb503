"""Hand values from a producing thread to one consumer, keeping only the freshest.

The policy for live video is to drop the oldest value and count it; a failure of the producer
ends the consumer's wait by raising in the consumer.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class DropOldest(Generic[T]):
    """A bounded hand-over between one producing thread and one consumer.

    The producer is an iterable made inside the thread; it is told to stop by ``stopping``.

    Args:
        produce: makes the values.
        capacity: values kept; the oldest are dropped beyond it.
        waits: whether, instead, the producer waits for the consumer, and nothing is dropped.
    """

    def __init__(
        self,
        produce: Callable[[threading.Event], Iterable[T]],
        *,
        capacity: int = 2,
        waits: bool = False,
    ) -> None:
        self._produce = produce
        self._values: deque[T] = deque()
        self._capacity = capacity
        self._waits = waits
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._ended = False
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="frame-reader", daemon=True)

    @property
    def dropped(self) -> int:
        """How many values were dropped because the consumer was slower."""
        return self._dropped

    def __iter__(self) -> Iterator[T]:
        """Yield values until the producer ends.

        Raises:
            BaseException: whatever the producer raised.
        """
        self.start()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._values or self._ended)
                if not self._values:
                    break
                value = self._values.popleft()
                self._changed.notify_all()
            yield value
        if self._failure is not None:
            raise self._failure

    def start(self) -> None:
        """Let the producer begin before anybody takes a value."""
        if not self._thread.ident:
            self._thread.start()

    def close(self) -> None:
        """Stop the producer, wait for it and end any wait of the consumer."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        if self._thread.ident and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        try:
            for value in self._produce(self._stopping):
                self._put(value)
                if self._stopping.is_set():
                    break
        except BaseException as failure:  # noqa: BLE001 - thread edge: the consumer raises it
            self._failure = failure
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, value: T) -> None:
        with self._changed:
            if self._waits:
                self._changed.wait_for(
                    lambda: len(self._values) < self._capacity or self._stopping.is_set()
                )
            if len(self._values) >= self._capacity:
                self._values.popleft()
                self._dropped += 1
            self._values.append(value)
            self._changed.notify_all()
