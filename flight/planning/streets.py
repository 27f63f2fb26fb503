"""Patrolling a street network: every street at least once, by the shortest tour.

Aircraft need no street to get from one street to the next, so ways in between are straight, or
round what must not be entered. All geometry here is in metres of a local frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.block_tour import BlockStyle, fly_blocks
from flight.planning.links import Passage, Point
from flight.planning.street_graph import Street, build_graph
from flight.planning.work import WorkPath


@dataclass(frozen=True, slots=True)
class StreetView:
    """How streets are looked at.

    Attributes:
        width_m: How much the camera sees across.
        run_in_m: How far before a street the aircraft must come in, because the camera looks
            ahead.
        snap_m: Ends of streets nearer than this to another street are joined to it.
        simplify_m: How far the flight may leave a street's line to need fewer waypoints.
        cut_every_m: How far apart the places are at which the tour may be divided, at least.
    """

    width_m: float
    run_in_m: float = 0.0
    snap_m: float = 2.0
    simplify_m: float = 0.5
    cut_every_m: float = 250.0

    def __post_init__(self) -> None:
        if not 0.0 < self.width_m < math.inf:
            raise PlanningError(
                f"A camera that sees {self.width_m:g} m across cannot see a street. Fly higher."
            )


@dataclass(frozen=True, slots=True, eq=False)
class StreetTour:
    """A patrol of streets.

    Attributes:
        work: What is flown, in order.
        ground: What the camera is meant to see.
        length_m: Length of the whole tour, from home to home where there is one.
        streets_m: Length of what must be flown along streets.
        bound_m: No tour along these streets is shorter.
        closed_m: How many metres of street cannot be patrolled, because nobody may fly there.
    """

    work: WorkPath
    ground: shapely.Geometry
    length_m: float
    streets_m: float
    bound_m: float
    closed_m: float


def patrol_streets(
    streets: Sequence[Street], passage: Passage, view: StreetView, home: Point | None = None
) -> StreetTour:
    """Find a short tour along all streets.

    Args:
        streets: What to patrol; they need not hang together.
        passage: The air that must not be left.
        view: How streets are looked at.
        home: Where the aircraft comes from; the tour begins and ends well for it. None if that
            does not matter.

    Returns:
        The tour; the camera runs all along.

    Raises:
        NothingToCoverError: If no street is where aircraft may fly.
        PlanningError: If there is no way from one street to another.
    """
    lines = [shapely.simplify(street.line, view.simplify_m) for street in streets]
    simpler = [Street(line, s.width_m) for line, s in zip(lines, streets, strict=True)]
    graph = build_graph(simpler, passage.room, view_width_m=view.width_m, snap_m=view.snap_m)
    if not graph.blocks:
        raise NothingToCoverError(
            "No street of the request lies where aircraft may fly. Choose other streets."
        )
    style = BlockStyle(view.run_in_m, view.cut_every_m)
    tour = fly_blocks(graph.nodes, graph.blocks, passage, style, home)
    return StreetTour(
        tour.work,
        graph.ground,
        length_m=tour.length_m,
        streets_m=graph.length_m,
        bound_m=tour.bound_m,
        closed_m=graph.closed_m,
    )
