"""From a promising path to a finished one: pulled tight, complete, and in few points.

All geometry here is in metres of a local frame.
"""

import dataclasses
import itertools

import numpy as np
import shapely

from flight.planning.detours import add_detours, unseen
from flight.planning.links import Passage
from flight.planning.tightening import Draft, Effort, Task, judged, tighten
from flight.planning.trace import Trace

GLANCE = Effort(rounds=2, steps=9, last=0.02, whole=False)
_CARE = Effort(rounds=8, steps=12)
_AGAIN = Effort(rounds=6, steps=10, first=0.02, price=10.0, elbows=False)
_REPAIR = Effort(rounds=4, steps=12, first=0.02, price=40.0, elbows=False)
_THINNINGS = 1
_MOST_REPAIRS = 4
_MOST_LEG_STEPS = 100_000
_MARGIN = 0.97  # of what may stay unseen, for what is measured in a hurry
_STRICTEST = 0.7  # of what may stay unseen, asked when that is not met
_LEAST_PIECE = 0.05  # square spacings; what is smaller, pulling reaches
_DRIFT = 0.002  # spacings that a point left out may lie beside the path
_ROUGH_DRIFT = 0.006
_THIN_DRIFT = 0.04


def finish(trace: Trace, task: Task, passage: Passage) -> Draft:
    """Pull a path tight for long, complete it, and leave out points that hardly bend it.

    Args:
        trace: The path; not changed.
        task: What it has to see.
        passage: The room of the task.

    Returns:
        A path that sees enough, wherever detours can reach.
    """
    asked = task.stricter(_MARGIN * task.allowed_m2)
    done = pulled(_thinned(trace, task, passage, _ROUGH_DRIFT), asked, _CARE)
    best = _completed(done, asked, task, passage)
    for _ in range(_THINNINGS):
        thin = pulled(_thinned(best.trace, task, passage, _THIN_DRIFT), asked, _AGAIN)
        if thin.cost_m < best.cost_m and lacking_m2(thin.trace, task) <= 0.0:
            best = judged(thin.trace, task)
    return best


def _completed(done: Draft, asked: Task, task: Task, passage: Passage) -> Draft:
    """Reach what pulling has left unseen, large pieces first, and pull again."""
    least_m2 = _LEAST_PIECE * task.spacing_m**2
    for _ in range(_MOST_REPAIRS):
        too_much_m2 = lacking_m2(done.trace, task)
        if too_much_m2 <= 0.0:
            return judged(done.trace, task)
        left_m2 = asked.allowed_m2 - 1.2 * too_much_m2
        asked = asked.stricter(max(_STRICTEST * task.allowed_m2, left_m2))
        whole = with_detours(done.trace, task, passage, least_m2=least_m2)
        done, least_m2 = pulled(whole, asked, _REPAIR), 0.1 * least_m2
    if lacking_m2(done.trace, task) > 0.0:
        return judged(with_detours(done.trace, asked, passage, least_m2=0.0), task)
    return judged(done.trace, task)


def _thinned(trace: Trace, task: Task, passage: Passage, drift: float) -> Trace:
    """A path in fewer points, where it stays in the room; drift in spacings."""
    if len(trace.points) < 2:
        return trace
    kept = trace.thinned(drift * task.spacing_m)
    at = np.array(trace.points)[kept]
    seen = passage.sees(at[:-1], at[1:])
    spans = [
        [a] if clear else list(range(a, b))
        for a, b, clear in zip(kept[:-1], kept[1:], seen, strict=True)
    ]
    return trace.among([*itertools.chain(*spans), kept[-1]])


def pulled(trace: Trace, task: Task, effort: Effort) -> Draft:
    """Pull a path tight; one of many legs for fewer steps, which count for less there."""
    steps = _MOST_LEG_STEPS // (effort.rounds * len(trace.points))
    if task.large or not steps:
        return judged(trace, task)
    return tighten(trace, task, dataclasses.replace(effort, steps=min(effort.steps, steps)))


def settled(trace: Trace, task: Task) -> Trace:
    """A path without the points that make no turn, and still in its area."""
    return trace.simplified(min(_DRIFT * task.spacing_m, 0.9 * task.room.play_m))


def lacking_m2(trace: Trace, task: Task) -> float:
    """How much too much a path leaves unseen, exactly; not above 0 if it sees enough.

    Args:
        trace: The path.
        task: What it has to see.
    """
    simple = settled(trace, task)
    left = unseen(simple, task.room.target, task.spacing_m)
    return float(sum(piece.area for piece in left)) - task.allowed_m2


def with_detours(
    trace: Trace, task: Task, passage: Passage, *, least_m2: float | None = None
) -> Trace:
    """Reach what a path has left unseen.

    Args:
        trace: The path; not changed.
        task: What it has to see.
        passage: The room of the task.
        least_m2: Smaller pieces are left alone; what pulling reaches if not given.
    """
    target = task.room.target
    goal = 1.0 - task.allowed_m2 / target.area
    least_m2 = _LEAST_PIECE * task.spacing_m**2 if least_m2 is None else least_m2
    # Pulled tight, a point may lie a hair beyond the room, from where no way is seen.
    points = np.array(trace.points)
    near = shapely.shortest_line(task.room.polygon, shapely.points(points))
    drawn_in = Trace(list(shapely.get_coordinates(near)[::2]), list(trace.lanes))
    return add_detours(drawn_in, target, passage, task.spacing_m, goal, least_m2=least_m2)
