"""Pictures of a live stream that came while it was being opened: all at once now, and old."""

# One may come late because the machine was busy.
_WAITED_FOR = 2


class Backlog:
    """Tells the pictures that had come before anybody could look from those that come now.

    Those of the backlog follow one another faster than they were taken. How much of them there is
    nobody says: a server may wait for a key picture and then give little, however long it took.

    Args:
        most_s: so much of the stream's time it is at most.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._first_s: float | None = None
        self._before_s = self._came_s = 0.0
        self._waited_for = 0

    def holds(self, time_s: float, came_s: float) -> bool:
        """Whether the next picture is of the backlog.

        Args:
            time_s: of the picture, by the stream's clock.
            came_s: when it was read, monotonic seconds.
        """
        if self._first_s is None:
            self._first_s = time_s
        elif came_s - self._came_s > (time_s - self._before_s) / 2.0:
            self._waited_for += 1
        self._before_s, self._came_s = time_s, came_s
        return time_s - self._first_s < self._most_s and self._waited_for < _WAITED_FOR
