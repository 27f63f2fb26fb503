"""Compile the planner's inner loops now, so that the first plan does not wait for them.

Run by `scripts/setup`; numba keeps what it compiled beside the sources, or in the user's cache.
"""

import numpy as np
import shapely

from flight.planning.coverage import cover
from flight.planning.selection import select_sorties
from flight.planning.sortie_tasks import Effort, SortieTask
from flight.planning.sorties import plan_sorties

_EFFORT = Effort(100)


def warm_up() -> None:
    """Plan something small of every kind that needs compiled code."""
    area = shapely.Polygon([(0.0, 0.0), (90.0, 0.0), (80.0, 70.0), (40.0, 40.0), (0.0, 80.0)])
    cover(area.difference(shapely.box(20.0, 10.0, 30.0, 20.0)), 10.0)
    places = np.array([[100.0 * (i % 5), 100.0 * (i // 5)] for i in range(25)])
    task = SortieTask(places, np.array([[0.0, 0.0], [400.0, 400.0]]), np.array([1500.0, 1500.0]))
    plan_sorties(task, _EFFORT)
    select_sorties(task, np.ones(len(places)), [1, 1], _EFFORT)


if __name__ == "__main__":
    warm_up()
