"""Paths to fly for each kind of task."""

import itertools
from dataclasses import dataclass

import numpy as np
import shapely

from flight.planning.camera_lanes import lane_spacing_m
from flight.planning.coverage import CoveragePath, cover
from flight.planning.scene import Scene
from flight.planning.work import Stop, WorkPath

_COVERAGE_GOAL = 0.995
_PATH_GOALS = (0.97, 0.99, 0.9992)  # how fully the lanes must fill the area, loosest first
_GLANCE_S = 3.0  # over an area smaller than one lane the aircraft stands still for so long


@dataclass(frozen=True)
class Laid:
    """What a task asks to be flown.

    Attributes:
        works: Paths; each may be divided at its cuts, and none leads on to the next.
        wanted: The ground that the camera is meant to see, metres; empty where it is meant to see
            places, not ground.
    """

    works: tuple[WorkPath, ...]
    wanted: shapely.Geometry


def lay_works(scene: Scene) -> Laid:
    """Lay the paths of a scene's task.

    Raises:
        PlanningError: If the task cannot be flown.
    """
    return Laid((_lanes(scene),), scene.airspace.reachable)


def _lanes(scene: Scene) -> WorkPath:
    """The loosest lanes from which the camera sees enough."""
    request = scene.request
    spacing_m = lane_spacing_m(
        request.camera, scene.lane_height_m, request.gimbal_pitch_deg, request.side_overlap
    )
    # A right-angled turn costs about one slowing down and speeding up.
    turn_cost_m = request.speed_mps**2 / (2.0 * request.aircraft[0].acceleration_mps2)
    goals = [(spacing_m, goal) for goal in _PATH_GOALS] + [(0.8 * spacing_m, _PATH_GOALS[-1])]
    for tried_m, goal in goals:
        path = cover(scene.airspace.target, tried_m, turn_cost_m=turn_cost_m, coverage_goal=goal)
        seen = shapely.union_all([scene.view.seen_from(run) for run in path.runs])
        reachable = scene.airspace.reachable
        if shapely.intersection(seen, reachable).area >= _COVERAGE_GOAL * reachable.area:
            break
    return _as_work(path)


def _as_work(path: CoveragePath) -> WorkPath:
    """All runs of a path in one row, to be cut between lanes."""
    firsts = np.cumsum([0, *(len(run) for run in path.runs)])
    glances = {
        int(first): Stop(_GLANCE_S)
        for first, run in zip(firsts, path.runs, strict=False)
        if len(run) == 1
    }
    return WorkPath(np.vstack(path.runs), _cuts(path), glances)


def _cuts(path: CoveragePath) -> tuple[tuple[int, int], ...]:
    """Where one lane ends and the next begins, as indices into all points of the path."""
    lanes = [lane for run in path.lanes for lane in (*run, False)][:-1]
    ends = [i for i, lane in enumerate(lanes) if lane]
    return tuple((a + 1, b) for a, b in itertools.pairwise(ends))
