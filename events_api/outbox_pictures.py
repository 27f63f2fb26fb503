"""The pictures of one round of an outbox: several on their way at once, each by its own thread.

How many is learned from the answers: over a far link most of the time is waiting, so that many
together take no longer than one; over a thin one they only hold each other up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.outbox_errands import Errands, Outcome

MOST_AT_ONCE = 6
FEWEST_AT_ONCE = 2
"""Beside one that takes long another may go, unless one has just failed."""

QUICK_S, TARDY_S = 1.0, 5.0
"""An answer sooner than this lets one more go at once; one later than that, half as many."""

MOST_BYTES = 32 * 1024 * 1024
"""So much is held in memory at once; what is larger goes alone."""

Put = Callable[[bytes, str], str]


class Pace:
    """How many pictures may be on their way at once; kept from round to round."""

    def __init__(self) -> None:
        self.lanes = FEWEST_AT_ONCE

    def note_answer(self, took_s: float) -> None:
        """Learn from an answer."""
        if took_s < QUICK_S:
            self.lanes = min(MOST_AT_ONCE, self.lanes + 1)
        elif took_s > TARDY_S and self.lanes > FEWEST_AT_ONCE:
            self.lanes = max(FEWEST_AT_ONCE, self.lanes // 2)

    def note_failure(self) -> None:
        """Learn that there was none: the link may be too thin for two."""
        self.lanes = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """What goes by one thread."""

    sha256: str
    data: bytes
    media_type: str


class Pictures:
    """What is on its way in one round, and what became of the rest; used from one thread.

    Attributes:
        stopped: Why no more of them are sent in this round: two failed and none arrived between,
            or the token is wrong.
        failure: Why the first one that can be sent later could not be sent now.

    Args:
        put: Sends one and returns; called from several threads at once.
        pace: How many may go at once.
        errands: Runs what is sent; who waits for these waits for pictures.
        clock_s: Monotonic seconds.
    """

    def __init__(
        self, put: Put, pace: Pace, errands: Errands, clock_s: Callable[[], float]
    ) -> None:
        self._put = put
        self._pace = pace
        self._errands = errands
        self._clock_s = clock_s
        self._began_s: dict[str, float] = {}
        self._bytes = 0
        self._arrived: set[str] = set()
        self._failed: set[str] = set()
        self._refused: dict[str, RefusedError] = {}
        self._failures_together = 0
        self.stopped: ApiDownError | WrongTokenError | None = None
        self.failure: ApiDownError | None = None

    @property
    def on_way(self) -> int:
        """How many are on their way."""
        return len(self._began_s)

    def may_begin(self, size_bytes: int) -> bool:
        """Whether one more of this size may go now."""
        if self.stopped is not None or self.on_way >= self._pace.lanes:
            return False
        return self.on_way == 0 or self._bytes + size_bytes <= MOST_BYTES

    def begin(self, picture: Picture) -> None:
        """Send one, and do not wait for it."""
        self._began_s[picture.sha256] = self._clock_s()
        self._bytes += len(picture.data)
        put = partial(self._put, picture.data, picture.media_type)
        self._errands.begin(put, partial(self._take_in, picture))

    def is_known(self, sha256: str) -> bool:
        """Whether it was begun in this round."""
        ended = sha256 in self._arrived or sha256 in self._failed or sha256 in self._refused
        return ended or sha256 in self._began_s

    def have_arrived(self, cited: tuple[str, ...]) -> bool:
        """Whether the API has all of these."""
        return self._arrived.issuperset(cited)

    def refusal(self, cited: tuple[str, ...]) -> RefusedError | None:
        """Return why the API never takes one of these; none where it may take them all."""
        return next((self._refused[each] for each in cited if each in self._refused), None)

    def hold_up(self, cited: tuple[str, ...], patience_s: float) -> bool:
        """Whether what comes after these should wait for them a while yet."""
        if self.stopped is not None or not self._failed.isdisjoint(cited):
            return False
        began = [self._began_s[each] for each in cited if each in self._began_s]
        # What has not begun waits for those that have.
        oldest_s = min(began or self._began_s.values(), default=self._clock_s())
        return self._clock_s() - oldest_s < patience_s

    def forget(self, cited: tuple[str, ...]) -> None:
        """Let go of what a report that is delivered cites."""
        self._arrived.difference_update(cited)

    def _take_in(self, picture: Picture, outcome: Outcome[str]) -> None:
        sha256, problem = picture.sha256, outcome.problem
        del self._began_s[sha256]
        self._bytes -= len(picture.data)
        match problem:
            case None:
                self._arrived.add(sha256)
            case RefusedError():
                self._refused[sha256] = problem
            case ApiDownError():
                self._note_failure(sha256, problem)
                return
            case WrongTokenError():
                self.stopped = problem
                return
            case _:
                raise problem
        self._failures_together = 0
        self._pace.note_answer(outcome.took_s)

    def _note_failure(self, sha256: str, problem: ApiDownError) -> None:
        self._failed.add(sha256)
        self._pace.note_failure()
        self.failure = self.failure or problem
        self._failures_together += 1
        if self._failures_together > 1:
            self.stopped = self.stopped or problem
