"""What a patrol may be asked to do, and which ground and cells that concerns.

A task names things of the county (cells, roads, places); the planner turns each into paths to fly
(`flight.planning.works`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from flight.errors import PlanningError
from geofences.cells import Cell
from geofences.county import County, Road
from geofences.errors import UnknownCellError
from geofences.geodesy import LocalFrame, LonLat


@dataclass(frozen=True, slots=True)
class CoverCells:
    """See every square metre of some cells.

    Attributes:
        cell_codes: Which.
    """

    cell_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitCells:
    """Look at each of some cells once, from above its middle.

    Attributes:
        cell_codes: Which.
        flight_limit_m: No flight is longer than this; its battery may allow less.
        seed: Another seed gives another order of about the same length, so that nobody learns
            when the patrol comes.
        urgencies: How urgent each cell is, in the order of their codes; then only as many are
            visited as fit into the flights, those that are most urgent together. Empty visits all.
        flights: How many flights each aircraft may make then; 0 where all are visited.
    """

    cell_codes: tuple[str, ...]
    flight_limit_m: float = 20_000.0
    seed: int = 0
    urgencies: tuple[float, ...] = ()
    flights: int = 0

    def __post_init__(self) -> None:
        if self.urgencies and len(self.urgencies) != len(self.cell_codes):
            raise PlanningError(
                f"{len(self.cell_codes)} cells cannot have {len(self.urgencies)} urgencies."
            )
        if self.flights < bool(self.urgencies):
            raise PlanningError(f"An aircraft makes one flight or more, not {self.flights}.")


@dataclass(frozen=True, slots=True)
class FollowRoads:
    """See some roads over their whole width, each as a corridor.

    Attributes:
        road_ids: Which.
        width_m: How much to see across each, half to either side; its own width if not given.
    """

    road_ids: tuple[str, ...]
    width_m: float | None = None


@dataclass(frozen=True, slots=True)
class PatrolStreets:
    """Fly along every street of a network at least once, by the shortest tour.

    Attributes:
        road_ids: Which.
        cell_codes: Only where they run through these cells; wherever they run if none is given.
    """

    road_ids: tuple[str, ...]
    cell_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectPlaces:
    """Look closely at some places.

    Attributes:
        places: Where.
        orbit: Whether to circle each, or to hover beside it.
        standoff_m: Distance kept from each over the ground.
        hover_s: How long to hover.
    """

    places: tuple[LonLat, ...]
    orbit: bool = True
    standoff_m: float = 25.0
    hover_s: float = 10.0


Task = CoverCells | VisitCells | FollowRoads | PatrolStreets | InspectPlaces


def ground_of(task: Task, county: County) -> shapely.Geometry:
    """The ground that a task is about, longitude and latitude in degrees.

    Raises:
        PlanningError: If the task names nothing, or something that the county does not have.
    """
    if isinstance(task, CoverCells | VisitCells):
        return shapely.union_all([cell.polygon for cell in _cells(task.cell_codes, county)])
    if isinstance(task, InspectPlaces):
        if not task.places:
            raise PlanningError("The patrol names no places. Name at least one.")
        return shapely.union_all([_disc(place, task.standoff_m) for place in task.places])
    wide_m = task.width_m if isinstance(task, FollowRoads) else None
    strips = shapely.union_all([_strip(road, wide_m) for road in roads_of(task, county)])
    return shapely.intersection(strips, within(task, county))


def within(task: FollowRoads | PatrolStreets, county: County) -> shapely.Geometry:
    """Where the roads of a task are looked at, longitude and latitude in degrees.

    Raises:
        PlanningError: If the county does not have one of its cells.
    """
    if isinstance(task, FollowRoads) or not task.cell_codes:
        return shapely.box(-180.0, -90.0, 180.0, 90.0)
    return shapely.union_all([cell.polygon for cell in _cells(task.cell_codes, county)])


def cells_of(task: Task, county: County) -> tuple[str, ...]:
    """The codes of the cells that a task is about.

    Those named, those that hold the places named, or those that its ground meets.

    Raises:
        PlanningError: If the task names nothing, or something that the county does not have.
    """
    if isinstance(task, CoverCells | VisitCells) or (
        isinstance(task, PatrolStreets) and task.cell_codes
    ):
        return tuple(cell.code for cell in _cells(task.cell_codes, county))
    if isinstance(task, InspectPlaces):
        # Those that hold the places: what is seen of others on the way round is no look at them.
        below = [county.grid.cell_at(place) for place in task.places]
        return tuple(dict.fromkeys(cell.code for cell in below if cell is not None))
    ground = ground_of(task, county)
    shapely.prepare(ground)
    met = shapely.intersects(ground, [cell.polygon for cell in county.grid.cells])
    return tuple(
        cell.code for cell, meets in zip(county.grid.cells, met.tolist(), strict=True) if meets
    )


def roads_of(task: FollowRoads | PatrolStreets, county: County) -> tuple[Road, ...]:
    """The roads that a task names, in its order.

    Raises:
        PlanningError: If it names none, or one that the county does not have.
    """
    if not task.road_ids:
        raise PlanningError("The patrol names no roads. Name at least one.")
    known = {road.road_id: road for road in county.roads}
    missing = [road_id for road_id in task.road_ids if road_id not in known]
    if missing:
        raise PlanningError(
            f"{county.name} has no road {missing[0]!r}. `patrol grid show --list roads` lists its "
            f"{len(known)} roads."
        )
    return tuple(known[road_id] for road_id in task.road_ids)


def _cells(codes: Sequence[str], county: County) -> list[Cell]:
    if not codes:
        raise PlanningError("The patrol names no cells. Name at least one.")
    try:
        return [county.grid.by_code(code) for code in codes]
    except UnknownCellError as error:
        raise PlanningError(str(error)) from error


def _disc(place: LonLat, radius_m: float) -> shapely.Geometry:
    frame = LocalFrame(place)
    return frame.geometry_to_lonlat(shapely.Point(0.0, 0.0).buffer(max(radius_m, 1.0)))


def _strip(road: Road, width_m: float | None) -> shapely.Geometry:
    middle = road.line.interpolate(0.5, normalized=True)
    frame = LocalFrame(LonLat(middle.x, middle.y))
    line = frame.geometry_to_local(road.line)
    return frame.geometry_to_lonlat(line.buffer((width_m or road.width_m) / 2.0))
