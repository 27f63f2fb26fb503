"""Frames of a live stream that wait for the telemetry of their moment."""

import time
from collections import deque
from collections.abc import Callable, Iterator

from vision.frames import Frame

# Of all frames of a common camera so many come in the two seconds after which nobody waits more.
_MOST = 64
_WAITS = 50
_AT_ONCE_S = 0.01


class AwaitingFrames:
    """Holds frames until their poses have come, and gives them in the pace in which they came.

    Telemetry that tells once a second makes known where the frames of a whole second were taken.
    Given at once, all but the newest would be dropped by who analyses live; so each waits as long
    as those before it had to.

    Args:
        has_reached: whether no better pose of a moment is to be waited for.
        clock_s: monotonic seconds.
    """

    def __init__(
        self, has_reached: Callable[[float], bool], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._has_reached = has_reached
        self._clock_s = clock_s
        self._coming: deque[tuple[float, Frame]] = deque()
        self._known: deque[tuple[float, Frame]] = deque()
        self._waits_s: deque[float] = deque(maxlen=_WAITS)

    def put(self, frame: Frame) -> None:
        """Take a frame in."""
        self._coming.append((self._clock_s(), frame))

    def due(self) -> Iterator[Frame]:
        """Take out the frames that need not wait any longer."""
        now_s = self._clock_s()
        while self._coming and self._has_reached(self._coming[0][1].time_s):
            put_s, frame = self._coming.popleft()
            self._known.append((put_s, frame))
            self._waits_s.append(now_s - put_s)
        while self._known and now_s - self._known[0][0] >= max(self._waits_s) - _AT_ONCE_S:
            yield self._known.popleft()[1]
        while len(self._known) + len(self._coming) > _MOST:
            yield (self._known or self._coming).popleft()[1]

    def rest(self) -> Iterator[Frame]:
        """Take out all: no more telemetry comes."""
        for frames in (self._known, self._coming):
            while frames:
                yield frames.popleft()[1]
