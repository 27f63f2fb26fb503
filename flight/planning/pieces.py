"""The works of a patrol cut into what one aircraft flies on one battery, and what none can fly."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flight.errors import OutOfReachError, PlanningError
from flight.planning.assembly import Piece
from flight.planning.division import Costs, Division, Flight, Timetable, divide
from flight.planning.items import place_at
from flight.planning.scene import Scene
from flight.planning.tasks import InspectPlaces
from flight.planning.timing import timetable
from flight.planning.work import Stop, WorkPath
from flight.planning.works import Laid
from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat

FloatArray = NDArray[np.float64]

LEFT_OUT = "reach.left_out"
"""The code of the finding that tells what no aircraft reaches on one battery."""

_SHORT_LEG_M = 300.0  # lanes are divided about so finely where that saves flights
_WORTH_DIVIDING = 0.97  # of the time; a lane that is filmed at once is easier to look at
_NAMED = 3
_LEAST_M = 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """What is flown, and what is not.

    Attributes:
        pieces: Each for one battery.
        share: How much of the works they are, 0 to 1.
        findings: What is left out, why, and what to do.
    """

    pieces: tuple[Piece, ...]
    share: float = 1.0
    findings: tuple[Finding, ...] = field(default=())


class _Left(NamedTuple):
    """A stretch of a work that no battery lasts for."""

    work: WorkPath
    first: int
    last: int

    @property
    def points(self) -> FloatArray:
        return self.work.points[self.first : self.last + 1]

    def stops(self) -> list[Stop]:
        """What happens along it."""
        inside = range(self.first, self.last + 1)
        return [stop for index, stop in sorted(self.work.stops.items()) if index in inside]

    @property
    def length_m(self) -> float:
        return float(_legs_m(self.points).sum())


class _Divided(NamedTuple):
    """One way of dividing a work."""

    work: WorkPath
    division: Division
    time_s: float

    def left(self) -> list[_Left]:
        return [_Left(self.work, *ends) for ends in self.division.left_out]

    def left_m(self) -> float:
        return sum(each.length_m for each in self.left())


def cut_pieces(scene: Scene, laid: Laid) -> Cut:
    """Cut works by time and battery, and tell what no battery lasts for.

    Args:
        scene: Aircraft, docks, wind and airspace.
        laid: The works, and who may fly each.

    Raises:
        PlanningError: If nothing of them can be flown.
    """
    anybody = tuple(range(len(scene.docks)))
    pieces: list[Piece] = []
    left: list[_Left] = []
    refused: list[PlanningError] = []
    for index, work in enumerate(laid.works):
        crew = (laid.crew[index],) if laid.crew else anybody
        try:
            found = _divided(scene, work, crew)
        except OutOfReachError as error:
            refused.append(error)
            left.append(_Left(work, 0, len(work.points) - 1))
            continue
        flights = found.division.flights
        ordered = sorted(flights, key=lambda flight: (flight.aircraft_index, flight.first))
        pieces += [_piece(found, work, flight, crew) for flight in ordered]
        left += found.left()
    if refused and not pieces:
        raise refused[0]
    if not left:
        return Cut(tuple(pieces))
    share = _share(scene, laid, left)
    return Cut(tuple(pieces), 1.0 - share, (_told(scene, left, share),))


def _share(scene: Scene, laid: Laid, left: Sequence[_Left]) -> float:
    """How much is left out: of the places that are to be looked at, or else of the way."""
    task = scene.request.task
    if isinstance(task, InspectPlaces):
        return len(_places_left(scene, task, left)) / len(task.places)
    whole_m = sum(_Left(work, 0, len(work.points) - 1).length_m for work in laid.works)
    return min(1.0, sum(each.length_m for each in left) / max(whole_m, _LEAST_M))


def _divided(scene: Scene, work: WorkPath, crew: tuple[int, ...]) -> _Divided:
    """A path in flights, divided within lanes too where that saves time or reaches more."""
    refused: OutOfReachError | None = None
    options: list[_Divided] = []
    table = timetable(scene, work, crew)
    for path in (work, _finely(work)):
        if path is not work:
            table = _finer(table, work, timetable(scene, path, crew), path)
        try:
            division = divide(table, path.cuts, len(path.points))
            options.append(_Divided(path, division, sum(map(table.time_s, division.flights))))
        except OutOfReachError as error:
            refused = refused or error
            continue
        if not division.left_out and len(division.flights) <= len(crew):
            break
    if refused is not None and not options:
        raise refused
    whole, fine = options[0], options[-1]
    if fine.left_m() < whole.left_m() - _LEAST_M:
        return fine
    return fine if fine.time_s < _WORTH_DIVIDING * whole.time_s else whole


def _finely(work: WorkPath) -> WorkPath:
    """A path that may also be divided within its lanes; never while it looks at something."""
    short = work.in_short_legs(_SHORT_LEG_M)
    if short.stops:
        return short
    cuts: list[tuple[int, int]] = []
    given = dict(short.cuts)
    since_m, free = 0.0, 0
    legs_m = _legs_m(short.points).tolist()
    for index in range(1, len(short.points) - 1):
        since_m += legs_m[index - 1]
        if index in given:
            cuts.append((index, given[index]))
            since_m, free = 0.0, given[index]
        elif index > free and since_m >= _SHORT_LEG_M:
            cuts.append((index, index))
            since_m = 0.0
    return WorkPath(short.points, tuple(cuts), short.stops, short.films)


def _finer(known: Timetable, work: WorkPath, table: Timetable, path: WorkPath) -> Timetable:
    """The timetable of a path with more points, at none of which anybody slows down."""
    at = _positions(work, path)
    along = [np.concatenate([[0.0], np.cumsum(_legs_m(each.points))]) for each in (work, path)]

    def spread(coarse: Costs, fine: Costs) -> Costs:
        until = np.interp(along[1], along[0], coarse.until)
        until[at] = coarse.until
        return Costs(until, fine.out, fine.home)

    return dataclasses.replace(
        table,
        times_s=tuple(map(spread, known.times_s, table.times_s)),
        energies_wh=tuple(map(spread, known.energies_wh, table.energies_wh)),
    )


def _positions(work: WorkPath, path: WorkPath) -> list[int]:
    """Where the points of a work are among those of a finer path."""
    finer = list(map(tuple, path.points.tolist()))
    at: list[int] = []
    for point in map(tuple, work.points.tolist()):
        at.append(finer.index(point, at[-1] + 1 if at else 0))
    return at


def _legs_m(points: FloatArray) -> FloatArray:
    legs_m: FloatArray = np.hypot(*np.diff(points, axis=0).T)
    return legs_m


def _piece(found: _Divided, original: WorkPath, flight: Flight, crew: tuple[int, ...]) -> Piece:
    """A flight without those points that were only put in to divide legs there."""
    work, pilot = found.work, crew[flight.aircraft_index]
    if work is original:
        return Piece(pilot, work, flight.first, flight.last)
    given = set(map(tuple, original.points.tolist()))
    ends = (flight.first, flight.last)
    kept = [
        index
        for index in range(flight.first, flight.last + 1)
        if index in ends or tuple(work.points[index].tolist()) in given
    ]
    stops = {at: work.stops[index] for at, index in enumerate(kept) if index in work.stops}
    path = WorkPath(work.points[kept], (), stops, work.films)
    return Piece(pilot, path, 0, len(kept) - 1)


def _told(scene: Scene, left: Sequence[_Left], share: float) -> Finding:
    """What is left out, where it is, why, and what to do."""
    places = [place_at((float(x), float(y)), scene.frame) for each in left for x, y in each.points]
    what, subject = _named(scene, left, places)
    message = (
        f"{what} cannot be reached on one battery with the reserve from any dock, or lies behind "
        f"zones, and is left out: {share:.0%} of what was asked for. Use a larger battery or a "
        "nearer dock, or fly in less wind."
    )
    return Finding(LEFT_OUT, Severity.WARNING, subject, message, places[0])


def _named(scene: Scene, left: Sequence[_Left], places: Sequence[LonLat]) -> tuple[str, str]:
    """What is left out, in words, and the first thing of it."""
    task = scene.request.task
    if isinstance(task, InspectPlaces):
        names = [f"Place {index + 1}" for index in _places_left(scene, task, left)]
    else:
        cells = [scene.county.grid.cell_at(place) for place in places]
        names = list(dict.fromkeys(cell.code for cell in cells if cell is not None))
    if not names:
        return f"A way of {sum(each.length_m for each in left):.0f} m", scene.request.name
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    kind = "" if isinstance(task, InspectPlaces) else "Work in cells "
    return f"{kind}{', '.join(names[:_NAMED])}{more}", names[0]


def _places_left(scene: Scene, task: InspectPlaces, left: Sequence[_Left]) -> list[int]:
    """Which of the places the camera would have looked at on the stretches left out."""
    at = [scene.frame.to_local(place.lon_deg, place.lat_deg) for place in task.places]
    targets = [stop.look_at for each in left for stop in each.stops() if stop.look_at is not None]
    nearest = [min(range(len(at)), key=lambda i: math.dist(at[i], target)) for target in targets]
    return sorted(set(nearest))
