"""MISB ST 0601 packets of a live stream, kept for the pictures that they go with.

Both bear times of the stream, which break off and leap, while the pictures' times go on; so each
connection's packets keep the stream's times, and the pictures say how both lie to each other. Poses
of a moment may come after its picture: who locates waits until they have.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from vision.errors import PoseError
from vision.telemetry import misb0601
from vision.telemetry.misb0601 import LocalSet
from vision.telemetry.misb_track import UNTIMED_ERRORS, track_of
from vision.telemetry.track import MOST_GAP_S, PoseTrack

_AROUND_S = 3.0
# Of a sensor that tells thirty times a second, all would cost more than they tell.
_EACH_SIDE = 20
_LEAPT_BACK_S = 0.5
# Telemetry that is further behind the pictures has another clock, and none is waited for.
_MOST_BEHIND_S = 5.0
# Cameras stamp their pictures as unevenly.
_JITTER_S = 0.1
# Eleven minutes of a sensor that tells thirty times a second: sightings ask for the past.
_MOST_KEPT = 20_000
_MOST_LAID = 1000
_LAID_EVERY_S = 1.0
# Whatever a multiplexer holds back.
_HEARD_AROUND_S = 30.0


@dataclass(frozen=True, slots=True)
class _Told:
    """One packet.

    Attributes:
        connection: which connection brought it.
        run: which run of times that do not leap back.
        stream_s: on the stream's clock.
        heard_s: when it came, monotonic seconds.
        is_timed: whether it bears that time itself, and not the picture beside it.
        told: what it says.
    """

    connection: int
    run: int
    stream_s: float
    heard_s: float
    is_timed: bool
    told: LocalSet


@dataclass(frozen=True, slots=True)
class _Laid:
    """From a picture on, how the stream's clock lies to the pictures' times; when it came."""

    from_s: float
    connection: int
    ahead_s: float
    came_s: float


class StreamTelemetry:
    """The telemetry of one stream over all its connections.

    One thread reads the stream, another decodes its pictures, a third locates; each may ask.

    Args:
        name: of the stream, for messages.
        offset_s: added to a picture's time to have that of its pose.
        clock_s: monotonic seconds.

    Attributes:
        damaged: packets that came damaged, which are left out.
        is_wanted: whether anybody locates by it; else no picture waits.
    """

    def __init__(
        self, name: str, offset_s: float = 0.0, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._offset_s = offset_s
        self._clock_s = clock_s
        self._told: deque[_Told] = deque(maxlen=_MOST_KEPT)
        self._laid: deque[_Laid] = deque(maxlen=_MOST_LAID)
        self._lock = threading.Lock()
        self._connection = -1
        self._run = 0
        self._read: int | None = None
        self._heard_s = clock_s()
        self.damaged = 0
        self.is_wanted = True

    def begin(self) -> None:
        """Another connection begins, with a clock of its own."""
        with self._lock:
            self._connection += 1
            self._run += 1
            self._read = None
            self._heard_s = self._clock_s()

    def take(
        self, data: bytes, stream_s: float | None, beside_s: float | None, number: int = 0
    ) -> None:
        """Take in a packet as it comes; what is damaged, or is no MISB, is passed over.

        Of several tracks of a stream, which are of several cameras, one is read.

        Args:
            data: its bytes.
            stream_s: its time on the stream's clock, None where it bears none.
            beside_s: that of the picture which came before it, None if none did.
            number: of its track.
        """
        at_s = beside_s if stream_s is None else stream_s
        if at_s is None:
            return
        try:
            sets = list(misb0601.local_sets(data))
        except PoseError:
            self.damaged += 1
            return
        with self._lock:
            if self._read is None and any(map(misb0601.tells_place, sets)):
                self._read = number
            if self._read not in {None, number}:
                return
            for each in sets:
                self._add(each, at_s, is_timed=stream_s is not None)

    def lay(self, time_s: float, ahead_s: float, came_s: float) -> None:
        """Tell how a picture's time lies to the stream's clock.

        Args:
            time_s: of the picture.
            ahead_s: so far the stream's clock is ahead of the pictures' times.
            came_s: when it was read, monotonic seconds.
        """
        with self._lock:
            last = self._laid[-1] if self._laid else None
            if (
                last is None
                or last.connection != self._connection
                or abs(last.ahead_s - ahead_s) > _JITTER_S
                or time_s - last.from_s >= _LAID_EVERY_S
            ):
                self._laid.append(_Laid(time_s, self._connection, ahead_s, came_s))

    def has_reached(self, time_s: float) -> bool:
        """Whether no better pose of a picture is to be waited for.

        Either it has come, or nothing has come for so long that nothing would be known of it, or
        what comes is of another time.
        """
        if not self.is_wanted:
            return True
        with self._lock:
            laid, newest = self._laid_at(time_s), self._told[-1] if self._told else None
            if laid is None or self._clock_s() - self._heard_s >= MOST_GAP_S:
                return True
            if newest is None or newest.connection != laid.connection:
                return False
            if len(self._told) < 2 or self._told[-2].run != newest.run:
                # One packet makes no track.
                return False
            ahead_s = newest.stream_s - (time_s + laid.ahead_s)
            return ahead_s >= self._offset_s or ahead_s < min(self._offset_s, 0) - _MOST_BEHIND_S

    def positions(self) -> int:
        """How many packets with a position came."""
        with self._lock:
            return sum(misb0601.tells_place(each.told) for each in self._told)

    def newest(self) -> PoseTrack:
        """What the newest packets tell, on the stream's own clock.

        Raises:
            PoseError: fewer than two positions came.
        """
        with self._lock:
            last = self._told[-1] if self._told else None
            near = [] if last is None else self._near(last.connection, last.stream_s, last.heard_s)
        return self._track(near, 0.0)

    def track(self, time_s: float) -> PoseTrack:
        """What is told around the pose's moment of a picture, on the clock of the pictures' times.

        Raises:
            PoseError: nothing is known of it.
        """
        with self._lock:
            laid = self._laid_at(time_s)
            if laid is None:
                raise PoseError(f"{self._name}: no picture came yet at {time_s:.1f} s.")
            asked_s = time_s + self._offset_s
            came_s = laid.came_s + asked_s - laid.from_s
            near = self._near(laid.connection, asked_s + laid.ahead_s, came_s)
        return self._track(near, laid.ahead_s)

    def _add(self, told: LocalSet, stream_s: float, *, is_timed: bool) -> None:
        last = self._told[-1] if self._told else None
        if last is not None and last.connection == self._connection:
            # What is sent again tells nothing new.
            if last.told.time_us == told.time_us:
                return
            if stream_s < last.stream_s - _LEAPT_BACK_S:
                self._run += 1
        self._heard_s = self._clock_s()
        self._told.append(
            _Told(self._connection, self._run, stream_s, self._heard_s, is_timed, told)
        )

    def _laid_at(self, time_s: float) -> _Laid | None:
        return next((laid for laid in reversed(self._laid) if laid.from_s <= time_s), None)

    def _near(self, connection: int, stream_s: float, came_s: float) -> list[_Told]:
        """The packets around a time in their order.

        Where the clock leapt back by little, a time comes twice, and those are meant that came as
        long after it as the picture did.
        """
        runs: dict[int, list[_Told]] = {}
        for each in reversed(self._told):
            if each.connection < connection or each.heard_s < came_s - _HEARD_AROUND_S:
                break
            if each.connection == connection and abs(each.stream_s - stream_s) <= _AROUND_S:
                runs.setdefault(each.run, []).append(each)
        late_s = came_s - stream_s
        near = min(
            runs.values(),
            key=lambda run: abs(run[0].heard_s - run[0].stream_s - late_s),
            default=[],
        )
        near.reverse()
        middle = bisect_left(near, stream_s, key=lambda each: each.stream_s)
        return near[max(0, middle - _EACH_SIDE) : middle + _EACH_SIDE]

    def _track(self, near: Iterable[_Told], ahead_s: float) -> PoseTrack:
        placed = [each for each in near if misb0601.tells_place(each.told)]
        if len(placed) < 2:
            raise PoseError(f"{self._name}: its telemetry tells no position then.")
        records = [(each.stream_s - ahead_s, each.told) for each in placed]
        track = track_of(f"{self._name}, MISB ST 0601 inside", records)
        timed = all(each.is_timed for each in placed)
        return replace(track, start_utc=None, errors=track.errors if timed else UNTIMED_ERRORS)
