"""Straight lanes that take little time: shifted, turned and lengthened until few detours remain.

All geometry here is in metres of a local frame. An aircraft with limited jerk loses ten seconds on
every detour to a sliver, more than on a lane of seventy metres. Lanes that reach a little farther,
or lie a little differently, see most slivers themselves.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from flight.planning.finishing import lacking_m2, pulled, settled, with_detours
from flight.planning.links import Passage
from flight.planning.pruning import pruned
from flight.planning.tightening import Draft, Effort, Task, judged
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

UNSEEN_COST = 20.0  # metres of path that a metre's lane of slivers costs, if each takes a detour
_FIRST = Effort(rounds=5, steps=12, first=0.05, price=25.0, elbows=False, whole=False)
_AGAIN = Effort(rounds=4, steps=10, first=0.02, price=30.0, elbows=False, whole=False)
_MOST_REPAIRS = 3
_STRAIGHT = 3.0  # spacings, at least, that each piece of a lane is straight
_MARGIN = 0.97  # of what may stay unseen, for what is measured in a hurry
_LEAST_PIECE, _LEAST_SHRINKS = 0.05, 0.3  # square spacings; smaller ones may be seen by pulling


@dataclass(frozen=True, slots=True)
class StraightLanes:
    """How straight lanes are wanted.

    Attributes:
        time_s: How long a run takes, float64, (points, 2) in metres; of the paths tried the
            quickest is taken.
        one_angle: All lanes of a part are parallel; otherwise pieces of it may have angles of
            their own, and each lane may be turned a little.
        tries: How many angles are tried in earnest.
    """

    time_s: Callable[[FloatArray], float]
    one_angle: bool = False
    tries: int = 5


def straightened(trace: Trace, task: Task, passage: Passage, *, parallel: bool) -> Trace:
    """Lay lanes so that few detours are needed, and make these.

    Args:
        trace: Lanes and links; not changed.
        task: What it has to see.
        passage: The room of the task.
        parallel: Whether lanes may be shifted and lengthened only.

    Returns:
        A path that sees enough, wherever detours can reach.
    """
    first, again = (replace(effort, parallel=parallel) for effort in (_FIRST, _AGAIN))
    asked = task.stricter(_MARGIN * task.allowed_m2)
    trace = pulled(trace if parallel else _jointed(trace, task), task, first).trace
    least_m2 = _LEAST_PIECE * task.spacing_m**2
    for _ in range(_MOST_REPAIRS):
        if lacking_m2(trace, task) <= 0.0:
            return trace
        whole = with_detours(trace, task, passage, least_m2=least_m2)
        trace = pulled(whole, asked, again).trace
        least_m2 *= _LEAST_SHRINKS
    if lacking_m2(trace, task) > 0.0:
        return with_detours(trace, asked, passage, least_m2=0.0)
    return trace


def shortened(trace: Trace, task: Task, passage: Passage, *, parallel: bool) -> Draft:
    """A path without what hardly anything is seen from, if it still sees enough."""
    shorter = pruned(settled(trace, task), task, passage, parallel=parallel)
    whole = lacking_m2(shorter, task) <= max(0.0, lacking_m2(trace, task))
    return judged(shorter if whole else trace, task)


def _jointed(trace: Trace, task: Task) -> Trace:
    """A path whose long lanes may bend a little every few spacings, as if cells met there.

    A slight bend between legs that are long enough to reach full speed costs no time.
    """
    jointed = Trace.start(trace.points[0])
    for end, lane in zip(trace.points[1:], trace.lanes, strict=True):
        start = jointed.points[-1]
        length_m = math.dist(start, end)
        count = max(1, int(length_m / (_STRAIGHT * task.spacing_m))) if lane else 1
        jointed.points += [start + share * (end - start) for share in np.arange(1, count) / count]
        jointed.points.append(end)
        jointed.lanes += [lane] * count
    return jointed
