"""What a live stream's own clock is worth: it may leap, and the time that passes here does not."""

import time
from collections.abc import Callable

# A camera that was asked for its time anew, or begins its film again; networks hold back less.
_LEAP_S = 2.0


class StreamClock:
    """Finds the leaps of a stream's times.

    Frames come late and in bursts, so their times are trusted, as long as they do not go back and
    do not run ahead of the time that passed here.

    Args:
        clock_s: monotonic seconds.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._at_s: float | None = None
        self._most_ahead_s = 0.0

    def leap_s(self, before_s: float, time_s: float) -> float:
        """By how much the clock leapt from one frame to the next, 0 where it did not.

        Args:
            before_s: time of the frame before, leaps taken out.
            time_s: time of the frame as it follows by the stream's clock.
        """
        now_s = self._clock_s()
        if self._at_s is None:
            self._at_s, self._most_ahead_s = now_s, time_s - now_s
            return 0.0
        passed_s, self._at_s = now_s - self._at_s, now_s
        went_back = time_s < before_s - _LEAP_S
        # What was left out, or came in a burst, makes up for lateness and is no leap.
        ran_ahead = (
            time_s - before_s > passed_s + _LEAP_S and time_s - now_s > self._most_ahead_s + _LEAP_S
        )
        leap_s = time_s - (before_s + passed_s) if went_back or ran_ahead else 0.0
        self._most_ahead_s = max(self._most_ahead_s, time_s - leap_s - now_s)
        return leap_s
