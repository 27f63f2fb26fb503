"""Packets of a live stream, read as they come, of which those that came too long ago are left out.

Who decodes slower than a camera sends falls behind, and what he tells is old. A thread of its own
reads, so that it is known how long each packet has waited here; beyond a limit everything before
the newest key picture is left out. Time stamps of cameras do not matter for that.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

LATEST_S = 0.5
# Seconds of any camera; beyond them reading waits, and the camera's network holds what comes.
_MOST_PACKETS = 1000


class Packet(Protocol):
    """What is asked of a packet of video."""

    @property
    def is_keyframe(self) -> bool:
        """Whether a picture can be decoded from it without those before it."""


P = TypeVar("P", bound=Packet)


class FreshPackets(Iterable[P]):
    """Reads packets in a thread, for one consumer in another.

    Args:
        packets: as they come; a failure is raised to the consumer after those before it.
        latest_s: a packet that waited longer is left out if a key picture came after it.
        clock_s: monotonic seconds.

    Attributes:
        left_out: packets left out so far.
        arrived_s: when the packet that was given last had come.
    """

    def __init__(
        self,
        packets: Iterable[P],
        latest_s: float = LATEST_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._packets = packets
        self._latest_s = latest_s
        self._clock_s = clock_s
        self._waiting: deque[tuple[float, P]] = deque()
        self._changed = threading.Condition()
        self._closing = self._ended = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._read, name="packet-reader", daemon=True)
        self.left_out = 0
        self.arrived_s = clock_s()

    def __iter__(self) -> Iterator[P]:
        """Yield packets until the stream ends.

        Raises:
            BaseException: whatever reading raised.
        """
        self._thread.start()
        while (packet := self._next()) is not None:
            yield packet
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Read no more; returns when the thread has let go of the stream."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident:
            self._thread.join()

    def _next(self) -> P | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if not self._waiting:
                return None
            if self._clock_s() - self._waiting[0][0] > self._latest_s:
                self._leave_out()
            self.arrived_s, packet = self._waiting.popleft()
            self._changed.notify_all()
            return packet

    def _leave_out(self) -> None:
        """Go on with the newest key picture; without one nothing can be left out."""
        keys = [number for number, (_, each) in enumerate(self._waiting) if each.is_keyframe]
        for _ in range(keys[-1] if keys else 0):
            self._waiting.popleft()
            self.left_out += 1

    def _read(self) -> None:
        try:
            for packet in self._packets:
                with self._changed:
                    self._changed.wait_for(
                        lambda: len(self._waiting) < _MOST_PACKETS or self._closing
                    )
                    if self._closing:
                        break
                    self._waiting.append((self._clock_s(), packet))
                    self._changed.notify_all()
        except BaseException as failure:  # noqa: BLE001 - thread edge: the consumer raises it
            self._failure = failure
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
