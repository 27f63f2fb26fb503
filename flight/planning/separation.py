"""Whether one's own aircraft keep apart in space and time, and what to change if they do not.

Every flight is a track: straight legs flown at constant speed between timed points. Two aircraft
meet if, at the same time, they are nearer than one may be both over the ground and in height. As
nobody flies exactly to the second, each may be anywhere on its track within some seconds of the
time foretold, more of them the longer it has been flying.

On a pair of legs, the times at which both may happen to be where they are form a convex polygon in
the plane of the two times, and the squared distance over the ground is a convex quadratic over it;
its least value is found in closed form. Nothing is sampled, so nothing slips through.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.leg_pairs import Leg, LegPair, nearest

FloatArray = NDArray[np.float64]

_TOUCH_M = 1e-6


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far apart aircraft are to be kept.

    Attributes:
        horizontal_m: Over the ground, enough if kept.
        vertical_m: In height, enough if kept.
        late_s: How early or late an aircraft may take off.
        drift: How much earlier or later it gets with every second of flight, 0 to below 1.
    """

    horizontal_m: float = 30.0
    vertical_m: float = 10.0
    late_s: float = 10.0
    drift: float = 0.03

    def __post_init__(self) -> None:
        if not (self.horizontal_m > 0.0 and self.vertical_m > 0.0 and self.late_s >= 0.0):
            raise PlanningError("Aircraft are kept apart by more than 0 m, and by 0 s or more.")
        if not 0.0 <= self.drift < 0.5:
            raise PlanningError(f"A drift of {self.drift} s per second is not from 0 to below 0.5.")


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Where an aircraft is foretold to be, from leaving the ground to touching it.

    Attributes:
        vehicle: Whose flight it is; flights of the same one cannot meet.
        times_s: float64, (N,), ascending, on a clock common to all tracks; at least two.
        points_m: float64, (N, 3): east, north and height above a level common to all tracks.
        turnaround_s: How long the aircraft needs on the ground after it.
    """

    vehicle: str
    times_s: FloatArray
    points_m: FloatArray
    turnaround_s: float = 0.0

    def __post_init__(self) -> None:
        times_s = np.asarray(self.times_s, dtype=np.float64)
        points_m = np.asarray(self.points_m, dtype=np.float64)
        object.__setattr__(self, "times_s", times_s)
        object.__setattr__(self, "points_m", points_m)
        if times_s.ndim != 1 or len(times_s) < 2 or points_m.shape != (len(times_s), 3):
            raise ValueError(f"A track cannot have {times_s.shape} times, {points_m.shape} points.")
        if not (np.isfinite(times_s).all() and np.isfinite(points_m).all()):
            raise ValueError("A track cannot lead through what is not a number.")
        if (np.diff(times_s) < 0.0).any():
            raise ValueError("The times of a track must ascend.")

    def moved(self, change: "Change") -> "Track":
        """The track begun later, and flown higher between take-off and landing."""
        points_m = self.points_m.copy()
        waits = np.logical_and.accumulate((points_m == points_m[0]).all(axis=1))
        landed = np.logical_and.accumulate((points_m == points_m[-1]).all(axis=1)[::-1])[::-1]
        points_m[~(waits | landed), 2] += change.lift_m
        return replace(self, times_s=self.times_s + change.delay_s, points_m=points_m)


@dataclass(frozen=True, slots=True)
class Encounter:
    """Where two aircraft may come too near.

    Attributes:
        first: Index of a track.
        second: Index of the other.
        first_s: When the first is there.
        second_s: When the second is there; as far from it as their lateness allows.
        horizontal_m: How near they come over the ground, while too near in height.
        point_m: Where the first is then: east, north, height.
    """

    first: int
    second: int
    first_s: float
    second_s: float
    horizontal_m: float
    point_m: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Change:
    """How a flight is changed to keep it apart from others.

    Attributes:
        delay_s: How much later it takes off.
        lift_m: How much higher it flies.
    """

    delay_s: float = 0.0
    lift_m: float = 0.0


def find_encounters(tracks: Sequence[Track], spacing: Spacing) -> tuple[Encounter, ...]:
    """The closest approach of every pair of tracks that come too near.

    Args:
        tracks: Of all flights of a patrol.
        spacing: How far apart they are to be kept.

    Returns:
        One for each pair that comes too near, in order of the tracks.
    """
    found = []
    for first, second in itertools.combinations(range(len(tracks)), 2):
        met = [
            Encounter(first, second, *where)
            for where in _meetings(tracks[first], tracks[second], spacing)
        ]
        if met:
            found.append(min(met, key=lambda encounter: encounter.horizontal_m))
    return tuple(found)


def keep_apart(
    tracks: Sequence[Track],
    spacing: Spacing,
    *,
    lifts_m: Sequence[float] = (0.0,),
    step_s: float = 5.0,
) -> tuple[Change, ...]:
    """Delay or lift flights until no two come too near.

    Flights are taken in order of their starts; each gets the shortest delay, and then the first
    lift, with which it is apart from all before it. A delay always ends in success, at the latest
    when the others have landed.

    Args:
        tracks: Of all flights of a patrol; those of one vehicle follow each other.
        spacing: How far apart they are to be kept.
        lifts_m: Which lifts are allowed, the preferred first.
        step_s: Delays are tried in steps of so many seconds.

    Returns:
        One change for each track, in their order. `Track.moved` applies it; times change a little
        with a lift, so foretell such flights anew and look again.

    Raises:
        PlanningError: If no lift is allowed or the step is not above 0.
    """
    if not lifts_m or not step_s > 0.0:
        raise PlanningError("Flights need a lift to choose, such as 0 m, and a step above 0 s.")
    changes = [Change()] * len(tracks)
    placed: list[Track] = []
    for index in sorted(range(len(tracks)), key=lambda i: (tracks[i].times_s[0], i)):
        track = tracks[index]
        changes[index] = next(
            change
            for change in _changes(_least_delay_s(track, placed), lifts_m, step_s)
            if _apart(track.moved(change), placed, spacing)
        )
        placed.append(track.moved(changes[index]))
    return tuple(changes)


def _changes(least_s: float, lifts_m: Sequence[float], step_s: float) -> Iterator[Change]:
    for step in itertools.count():
        for lift_m in lifts_m:
            yield Change(least_s + step * step_s, lift_m)


def _least_delay_s(track: Track, placed: Sequence[Track]) -> float:
    """A vehicle's flights follow each other; its next one waits for a delayed one."""
    free_s = [
        other.times_s[-1] + other.turnaround_s for other in placed if other.vehicle == track.vehicle
    ]
    return max(0.0, float(max(free_s, default=-math.inf) - track.times_s[0]))


def _apart(track: Track, placed: Sequence[Track], spacing: Spacing) -> bool:
    return not any(
        met for other in placed for met in itertools.islice(_meetings(track, other, spacing), 1)
    )


def _meetings(
    a: Track, b: Track, spacing: Spacing
) -> Iterator[tuple[float, float, float, tuple[float, float, float]]]:
    """Where two tracks come too near, once for each pair of legs that does."""
    if a.vehicle == b.vehicle:
        return
    for i, j in _near_legs(a, b, spacing):
        pair = LegPair(_leg(a, i), _leg(b, j), spacing.vertical_m - _TOUCH_M)
        lateness = (
            2.0 * spacing.late_s - spacing.drift * float(a.times_s[0] + b.times_s[0]),
            spacing.drift,
        )
        found = nearest(pair, lateness)
        if found is not None and found[2] < spacing.horizontal_m - _TOUCH_M:
            x, y, z = pair.first.at(found[0])
            yield (*found, (x, y, z))


def _leg(track: Track, index: int) -> Leg:
    return Leg(
        (float(track.times_s[index]), float(track.times_s[index + 1])),
        tuple(track.points_m[index].tolist()),
        tuple(track.points_m[index + 1].tolist()),
    )


def _near_legs(a: Track, b: Track, spacing: Spacing) -> Iterator[tuple[int, int]]:
    """Pairs of legs whose boxes in space and time are near enough for a meeting."""
    apart = np.array([spacing.horizontal_m, spacing.horizontal_m, spacing.vertical_m])
    low_a, high_a = _boxes(a, spacing)
    low_b, high_b = _boxes(b, spacing)
    margin = np.concatenate([apart, [0.0]])
    if (low_a.min(0) > high_b.max(0) + margin).any() or (
        low_b.min(0) > high_a.max(0) + margin
    ).any():
        return
    near = np.ones((len(low_a), len(low_b)), dtype=np.bool_)
    for axis in range(4):
        near &= low_a[:, None, axis] <= high_b[None, :, axis] + margin[axis]
        near &= low_b[None, :, axis] <= high_a[:, None, axis] + margin[axis]
    rows, columns = np.nonzero(near)
    yield from zip(rows.tolist(), columns.tolist(), strict=True)


def _boxes(track: Track, spacing: Spacing) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest east, north, height and possible time of each leg, (N - 1, 4) each."""
    flown_s = track.times_s - track.times_s[0]
    late_s = spacing.late_s + spacing.drift * flown_s
    early = np.column_stack([track.points_m, track.times_s - late_s])
    late = np.column_stack([track.points_m, track.times_s + late_s])
    return np.minimum(early[:-1], early[1:]), np.maximum(late[:-1], late[1:])
