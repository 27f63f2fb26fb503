"""What a greedy patrol gathers of the urgency of places, and what no patrol can exceed."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from flight.planning.sortie_tasks import FloatArray, SortieTask


def greedy_urgency(task: SortieTask, urgency: FloatArray, sorties_per_dock: Sequence[int]) -> float:
    """Gather by always flying to what is most urgent for the way there, as long as home is near."""
    left, total = urgency.copy(), 0.0
    docks = [dock for dock, count in enumerate(sorties_per_dock) for _ in range(count)]
    for dock in docks:
        home_m = np.hypot(*(task.places_m - task.docks_m[dock]).T)
        at_m, flown_m = task.docks_m[dock], 0.0
        while True:
            legs_m = np.hypot(*(task.places_m - at_m).T) + task.stops_m
            fits = (left > 0.0) & (flown_m + legs_m + home_m <= task.limits_m[dock])
            if not fits.any():
                break
            best = int(np.argmax(np.where(fits, left / (legs_m + 1.0), -1.0)))
            flown_m += float(legs_m[best])
            total += float(left[best])
            at_m, left[best] = task.places_m[best], 0.0
    return total


def most_urgency(task: SortieTask, urgency: FloatArray, sorties_per_dock: Sequence[int]) -> float:
    """What no sorties exceed: a knapsack that may take parts of places.

    Visiting a place costs at least half of the two shortest legs that can meet there, and all
    legs together are no longer than all limits.
    """
    nodes_m = np.vstack([task.places_m, task.docks_m])
    legs_m = cKDTree(nodes_m).query(task.places_m, k=3)[0][:, 1:].mean(axis=1)
    # A sortie to a single place flies the leg to its dock twice.
    costs_m = np.minimum(legs_m, task.dock_legs_m().min(axis=0)) + task.stops_m
    order = np.argsort(-urgency / np.maximum(costs_m, 1e-9), kind="stable")
    used_m = np.concatenate([[0.0], np.cumsum(costs_m[order])])
    gathered = np.concatenate([[0.0], np.cumsum(urgency[order])])
    return float(np.interp(np.dot(task.limits_m, sorties_per_dock), used_m, gathered))
