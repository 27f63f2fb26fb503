"""Visits to many cells as flights that the aircraft of each dock can make on one battery."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight
from flight.planning.ranges import between_m, range_m
from flight.planning.scene import Scene
from flight.planning.selection import select_sorties
from flight.planning.sortie_balance import Crews
from flight.planning.sortie_tasks import Effort, SortieTask
from flight.planning.stages import Doing, Stage, Watch, unwatched
from flight.planning.tasks import VisitCells
from flight.planning.visits import Round, Rounds, lead_sorties, plan_visits, reachable_task

FloatArray = NDArray[np.float64]

_MOST_TRIES = 4
_CLOSER = 0.99  # a limit that was too long is brought so far below what would just do
_USUAL_TURN_DEG = 60.0  # at a cell of a mesh that is flown in rows with some detours


def plan_rounds(
    scene: Scene, task: VisitCells, watch: Watch = unwatched
) -> tuple[tuple[str, ...], Rounds]:
    """Plan visits to the middles of a task's cells, each flight within its battery.

    The search knows lengths only, so its limits are metres that a battery is foretold to last;
    the flights found are then foretold in full, and the limits shortened where that asks for it.

    Args:
        scene: Aircraft, docks, wind and airspace.
        task: Which cells.
        watch: Is told how far the search is.

    Returns:
        The docks in the order that the flights' numbers mean, by id, and the flights. Where no
        limit was found with which all of them keep their batteries, some are still to be divided.

    Raises:
        PlanningError: If none of the cells is urgent, where urgency counts.
    """
    docks = tuple(sorted({dock.dock_id for dock in scene.docks}))
    crews = [_crew(scene, dock_id) for dock_id in docks]
    middles = [
        scene.county.grid.by_code(code).polygon.representative_point() for code in task.cell_codes
    ]
    places_m = np.array([scene.frame.to_local(point.x, point.y) for point in middles])
    docks_m = np.array([scene.dock_point(indices[0]) for indices in crews])
    weakest = [scene.request.aircraft[_weakest(scene, indices)] for indices in crews]
    stops_m = np.full(len(places_m), _turn_m(scene, weakest[0]))
    limits_m = np.array([min(task.flight_limit_m, range_m(scene, craft)) for craft in weakest])
    shared = Crews(tuple(map(len, crews)), between_m(scene, weakest[0]))
    for _ in range(_MOST_TRIES):
        sorties = SortieTask(places_m, docks_m, limits_m, stops_m)
        if task.urgencies:
            flights = [task.flights * len(crew) for crew in crews]
            found = _most_urgent(scene, task, sorties, flights)
        else:
            found = plan_visits(
                sorties,
                scene.airspace.passage,
                _effort(sorties, task.seed),
                crews=shared,
                told=lambda share, length_m: watch(
                    Stage(Doing.SEARCHING, round(100 * share), 100, length_m)
                ),
            )
        worst = np.array(
            [
                max(
                    (_share(scene, weakest[d], docks_m[d], r) for r in found.rounds if r.dock == d),
                    default=0.0,
                )
                for d in range(len(docks))
            ]
        )
        if (worst <= 1.0).all():
            return docks, found
        limits_m = np.where(worst > 1.0, limits_m * _CLOSER / worst, limits_m)
    return docks, found


def _most_urgent(
    scene: Scene, task: VisitCells, sorties: SortieTask, flights: Sequence[int]
) -> Rounds:
    """The flights that gather the most urgency."""
    if not max(task.urgencies) > 0.0:
        raise PlanningError("None of these cells is urgent. Patrol others, or visit all of them.")
    within, near = reachable_task(sorties, scene.airspace.passage)
    effort = Effort.for_places(len(near), task.seed)
    chosen = select_sorties(within, np.array(task.urgencies)[near], flights, effort)
    return Rounds(lead_sorties(within, chosen, scene.airspace.passage).rounds, ())


def _effort(sorties: SortieTask, seed: int) -> Effort:
    """What pays for those places that can be reached at all."""
    trips_m = 2.0 * sorties.dock_legs_m() + sorties.stops_m
    within = np.logical_or.reduce(trips_m <= sorties.limits_m[:, None])
    return Effort.for_places(int(within.sum()), seed)


def _crew(scene: Scene, dock_id: str) -> list[int]:
    return [index for index, dock in enumerate(scene.docks) if dock.dock_id == dock_id]


def _weakest(scene: Scene, indices: Sequence[int]) -> int:
    """Any aircraft of a dock may get any of its flights."""
    crew = scene.request.aircraft
    return min(indices, key=lambda index: (crew[index].usable_s, crew[index].usable_wh))


def _turn_m(scene: Scene, aircraft: Aircraft) -> float:
    speed_mps = scene.request.speed_mps
    return aircraft.turn_time_s(_USUAL_TURN_DEG, speed_mps) * speed_mps


def _share(scene: Scene, aircraft: Aircraft, dock_m: FloatArray, flown: Round) -> float:
    """How much of what a battery may give a flight takes; the longer way home is not longer yet."""
    request = scene.request
    dock = (float(dock_m[0]), float(dock_m[1]))
    points = flown.work.points
    ends = [(float(x), float(y)) for x, y in points[[0, -1]]]
    out = scene.airspace.way(dock, ends[0], "to the cells")
    back = scene.airspace.way(ends[1], dock, "from the cells")
    route = np.vstack([out[:-1], points, back[1:]])
    heights_m = np.full((len(route), 1), request.flown_height_m)
    told = foretell_flight(np.hstack([route, heights_m]), request.speed_mps, request.wind, aircraft)
    return max(told.time_s / aircraft.usable_s, told.energy_wh / aircraft.usable_wh)
