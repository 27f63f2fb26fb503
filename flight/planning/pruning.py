"""Leaving out points of a path that cost more than what is seen from them.

All geometry here is in metres of a local frame. A detour to a sliver that was worth it once may
see nothing new any more after the lanes beside it have moved; and what may stay unseen is better
spent on the detours that cost most. An aircraft stops at each end of a short leg, so that a point
left out saves far more than the way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.planning.links import Passage
from flight.planning.tightening import Task
from flight.planning.trace import Trace, turning

FloatArray = NDArray[np.float64]

_MOST_LEFT_OUT = 3  # points in a row: a spur is a foot, its end and the foot again
_ROUNDS = 2
_MARGIN = 0.985  # of what may stay unseen, as that is measured to within a few per cent
_SAME_FOOT = 1e-3  # spacings
_LITTLE = 0.02  # of what may stay unseen, so that nothing counts as free


@dataclass(frozen=True, slots=True)
class _Omission:
    """Some points in a row that a path may do without."""

    first: int
    count: int

    @property
    def points(self) -> set[int]:
        """What is left out."""
        return set(range(self.first, self.first + self.count))

    @property
    def near(self) -> set[int]:
        """Its points and their two neighbours."""
        return set(range(self.first - 1, self.first + self.count + 1))


def pruned(trace: Trace, task: Task, passage: Passage, *, parallel: bool) -> Trace:
    """Leave out what hardly anything is seen from, dearest first.

    Args:
        trace: A path that sees enough; not changed.
        task: What it has to see.
        passage: The room of the task.
        parallel: Whether lanes must not be turned.

    Returns:
        A path that is not longer, stays in the room and leaves no more unseen than is allowed.
    """
    for _ in range(_ROUNDS if not task.large and len(trace.points) > 2 else 0):
        sight = _Sight(trace, task)
        shorter = trace.without(sight.out(_loose(trace, task, passage, parallel=parallel)))
        if len(shorter.points) == len(trace.points):
            break
        trace = shorter
    return trace


class _Sight:
    """What a path sees, and what more stays unseen without some of its points."""

    def __init__(self, trace: Trace, task: Task) -> None:
        self._task = task
        self._points = np.array(trace.points)
        self._path = task.inwards(self._points)
        every = task.rows_near(self._path)
        self._first_row = every[0]
        self._rows_m2 = task.unseen_rows_m2(self._path, every)
        self._left_m2 = _MARGIN * task.allowed_m2 - task.unseen_m2(trace)

    def out(self, loose: list[_Omission]) -> set[int]:
        """As many points as may be left out, none beside another, the best first."""
        by_worth: list[tuple[float, _Omission]] = []
        for omission in loose:
            lost_m2 = max(0.0, float(self._lost_m2(set(), omission)[1].sum()))
            if lost_m2 <= self._left_m2:
                spared = lost_m2 + _LITTLE * self._task.allowed_m2
                by_worth.append((self._saved_m(omission) / spared, omission))
        out: set[int] = set()
        touched: set[int] = set()
        for _, omission in sorted(by_worth, key=lambda pair: -pair[0]):
            if touched.isdisjoint(omission.near):
                rows, more_m2 = self._lost_m2(out, omission)
                if more_m2.sum() <= self._left_m2:
                    self._left_m2 -= float(more_m2.sum())
                    self._rows_m2[rows[0] - self._first_row : rows[1] - self._first_row] += more_m2
                    touched |= omission.near
                    out |= omission.points
        return out

    def _lost_m2(self, out: set[int], omission: _Omission) -> tuple[tuple[int, int], FloatArray]:
        """Rows, and how much more stays unseen in each."""
        near = self._path[max(omission.first - 1, 0) : omission.first + omission.count + 1]
        rows = self._task.rows_near(near)
        left = np.delete(self._path, sorted(out | omission.points), axis=0)
        before_m2 = self._rows_m2[rows[0] - self._first_row : rows[1] - self._first_row]
        return rows, self._task.unseen_rows_m2(left, rows) - before_m2

    def _saved_m(self, omission: _Omission) -> float:
        """How much shorter the path gets, turns included."""
        start = max(omission.first - 2, 0)
        near = self._points[start : omission.first + omission.count + 2]
        first = omission.first - start
        left = np.delete(near, slice(first, first + omission.count), axis=0)
        return _flown_m(near, self._task) - _flown_m(left, self._task)


def _loose(trace: Trace, task: Task, passage: Passage, *, parallel: bool) -> list[_Omission]:
    """What may be left out without leaving the room, or turning lanes that must not be."""
    same_m = _SAME_FOOT * task.spacing_m
    spans = [
        _Omission(first, count)
        for count in range(1, min(_MOST_LEFT_OUT, len(trace.points) - 2) + 1)
        for first in range(len(trace.points) - count + 1)
        if _is_loose(trace, first, count, same_m, parallel=parallel)
    ]
    return _in_sight(trace, passage, spans)


def _is_loose(trace: Trace, first: int, count: int, same_m: float, *, parallel: bool) -> bool:
    """Whether points may be left out without a lane being lost, or turned if none may be."""
    last = first + count
    inner = trace.lanes[max(first - 1, 0) : last]
    if not parallel:
        return not any(inner[1:-1]) if first and last < len(trace.points) else not any(inner)
    on_lane = first > 0 and last < len(trace.points) and inner[0] and inner[-1]
    if on_lane and count > 1:
        foot = trace.points[first] - trace.points[last - 1]
        return not any(inner[1:-1]) and float(np.hypot(*foot)) <= same_m
    return not any(inner)


def _in_sight(trace: Trace, passage: Passage, spans: list[_Omission]) -> list[_Omission]:
    """The omissions whose neighbours see each other; at the ends of a path there is only one."""
    last = len(trace.points) - 1
    starts = np.array([trace.points[max(span.first - 1, 0)] for span in spans]).reshape(-1, 2)
    ends = [trace.points[min(span.first + span.count, last)] for span in spans]
    seen = passage.sees(starts, np.array(ends).reshape(-1, 2))
    at_end = [span.first == 0 or span.first + span.count > last for span in spans]
    return [span for span, end, clear in zip(spans, at_end, seen, strict=True) if end or clear]


def _flown_m(points: FloatArray, task: Task) -> float:
    """Length with turns."""
    steps = np.diff(points, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum()) + task.turn_cost_m * turning(points)
