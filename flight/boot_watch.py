"""Telling that an autopilot has started anew, by its clock.

The clock begins at zero then. After a silence that alone proves nothing: it may have passed what it
showed before. So what it shows is held against what it should show by ours.
"""

_LATE_S = 5.0  # packets are late by less
_SLOWEST = 0.5  # of its usual pace: a loaded machine simulates more slowly
_FASTEST = 50.0
_LEARNT_IN_S = 1.0  # by our clock; before that its pace is anybody's guess


class BootWatch:
    """Follows one aircraft's clock."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None

    def rebooted(self, time_boot_s: float, now_s: float) -> bool:
        """Take what the aircraft's clock shows; tell whether it began anew since the last time.

        Args:
            time_boot_s: What it shows.
            now_s: What ours shows, which never jumps.
        """
        first, last = self._first, self._last
        self._last = (time_boot_s, now_s)
        if first is None or last is None:
            self._first = self._last
            return False
        # A simulation's clock runs faster than ours.
        ours_s = last[1] - first[1]
        pace = (last[0] - first[0]) / ours_s if ours_s >= _LEARNT_IN_S else 0.0
        expected_s = min(max(pace, 0.0), _FASTEST) * (now_s - last[1])
        if time_boot_s - last[0] > _SLOWEST * expected_s - _LATE_S:
            return False
        self._first = self._last
        return True
