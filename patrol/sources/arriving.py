"""Films that appear in a folder while it is watched: each is taken once it is whole."""

import time
from collections.abc import Callable
from pathlib import Path

# Recorders and slow copies write every few seconds.
SETTLED_S = 10.0


class Arriving:
    """Tells films that are whole from those that somebody still writes.

    Whatever stays as it is for some seconds counts as whole, and does so for as long as it is
    there: what happens to it later is another matter than its coming. Times of files are compared
    with each other only, because the clock of a file server may be any.

    Args:
        clock_s: monotonic seconds.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._whole: set[Path] = set()
        self._since: dict[Path, tuple[tuple[int, int], float]] = {}
        self._asked: set[Path] = set()

    def look_again(self) -> None:
        """Begin another look at all films.

        Whatever the last look did not ask for is gone, and another film if it comes by that name,
        as with recorders that use their names again.
        """
        self._whole &= self._asked
        self._since = {film: known for film, known in self._since.items() if film in self._asked}
        self._asked = set()

    def is_whole(self, film: Path) -> bool:
        """Whether a film has stayed as it is for so long; to be asked again and again."""
        self._asked.add(film)
        if film in self._whole:
            return True
        try:
            stat = film.stat()
        except OSError:
            return False
        now_s, stamp = self._clock_s(), (stat.st_size, stat.st_mtime_ns)
        known, since_s = self._since.get(film, (None, now_s))
        if known != stamp:
            self._since[film] = (stamp, now_s)
        elif stat.st_size and now_s - since_s >= SETTLED_S:
            del self._since[film]
            self._whole.add(film)
        return film in self._whole
