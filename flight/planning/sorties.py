"""Short sorties from several docks over thousands of places, each within its dock's limit."""

from flight.planning.sortie_start import first_sorties
from flight.planning.sortie_tasks import Effort, Sortie, SortieTask


def plan_sorties(task: SortieTask, effort: Effort | None = None) -> tuple[Sortie, ...]:
    """Visit every place once, in as short a total way as the effort finds.

    The effort counts steps, not seconds, so the same task and effort give the same sorties on
    every machine and under every load. `first_sorties` gives a set that may fly at once.

    Args:
        task: What to visit, from where.
        effort: How long to search; what pays for the number of places if left out.

    Returns:
        Sorties by dock; none is longer than its dock's limit.

    Raises:
        PlanningError: If a place is too far from every dock.
    """
    # Compiling takes seconds the first time, and importing the compiler half a second: only those
    # who shorten sorties should pay for it.
    from flight.planning.sortie_search import shorten_sorties  # noqa: PLC0415

    first = first_sorties(task)
    return shorten_sorties(task, first, effort or Effort.for_places(len(task.places_m)))
