"""Pulling a path tight: shorter, and still seeing what it must.

All geometry here is in metres of a local frame. Lanes and links laid by rule overlap at their ends
and look far beyond edges. Here every point of a path is moved at once, again and again, down the
slope of length plus price times unseen area; the price rises while too much is unseen and falls
while more is seen than asked for. Of the paths on the way the shortest that sees enough is kept.
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.cleaning import Room
from flight.planning.detours import unseen
from flight.planning.sight_geometry import REACHED, Edges, near
from flight.planning.sight_kernel import (
    count_rows,
    keep_inside,
    unseen_area,
    unseen_rows,
    unseen_slopes,
    watch,
)
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

UNSEEN_COST = 4.5  # metres of path that a metre's lane of unseen ground will cost, as measured
_TURNED_RAD = 0.29
_LARGE = 100.0  # spacings
_ROWS = 320  # along which the unseen is measured
_PITCHES = (1.0 / 64.0, 1.0 / 16.0)  # spacings between them
_PRICES = (2.0, 100.0)
_PRICE_CHANGES = (0.7, 1.6)
_ELBOW = 0.8  # spacings from the end of a lane, where it may begin to swerve
_LONG_LEG = 3.0
_BENT_LEG = 1.2  # may bend in its middle
_LONGEST_STEP = 1.5
_TRUSTED_STEPS = 10.0
_MOST_TRUST = 0.25
_DECAY, _SPREAD_DECAY = 0.8, 0.9
_NO_LENGTH = 1e-9
_CALM = 0.3  # slopes below this move a point less than a full step


class Task:
    """What a path has to see, and where it may run; made once for many paths.

    Attributes:
        room: The place.
        spacing_m: The path sees half of it to either side.
        allowed_m2: So much of the target may stay unseen.
        turn_cost_m: How many metres of flight a right-angled turn is worth.
        unseen_cost: Metres of path that a metre's lane of unseen ground will cost.
        ground: The rim of the target, in spacings.
        walls: What no leg may cross, in spacings.
        large: Whether it is so large that lane ends hardly matter to the path's length.
    """

    def __init__(
        self,
        room: Room,
        spacing_m: float,
        *,
        allowed_m2: float,
        turn_cost_m: float,
        unseen_cost: float = UNSEEN_COST,
    ) -> None:
        """Prepare a room; see the class for the arguments."""
        self.room = room
        self.spacing_m = spacing_m
        self.allowed_m2 = allowed_m2
        self.turn_cost_m = turn_cost_m
        self.unseen_cost = unseen_cost
        self._origin = shapely.get_coordinates(shapely.envelope(room.target)).mean(axis=0)
        # Turned, for rows along lanes would measure the gaps between these by chance.
        cos, sin = math.cos(_TURNED_RAD), math.sin(_TURNED_RAD)
        self._turned = np.array([[cos, -sin], [sin, cos]])
        self.ground = self._edges(room.target)
        extent = math.sqrt(room.target.area) / spacing_m
        self.large = extent > _LARGE
        self._pitch = float(np.clip(extent / _ROWS, *_PITCHES))
        # A path that touches a wall has not crossed it.
        self.walls = self._edges(shapely.buffer(room.polygon, room.play_m, join_style="mitre"))

    def inwards(self, points: FloatArray) -> FloatArray:
        """Points in spacings from the middle of the room, float64, (N, 2)."""
        inner: FloatArray = (points - self._origin) @ self._turned / self.spacing_m
        return np.ascontiguousarray(inner)

    def outwards(self, points: FloatArray) -> FloatArray:
        """Such points in metres again."""
        outer: FloatArray = points @ self._turned.T * self.spacing_m + self._origin
        return outer

    def unseen_m2(self, trace: Trace) -> float:
        """What a path leaves unseen, to within a few per cent, in little time."""
        if self.large or len(trace.points) < 2:
            return float(sum(p.area for p in unseen(trace, self.room.target, self.spacing_m)))
        path = self.inwards(np.array(trace.points))
        return unseen_area(path, self.ground, self._pitch) * self.spacing_m**2

    def unseen_rows_m2(self, path: FloatArray, rows: tuple[int, int]) -> FloatArray:
        """What a path leaves unseen in each of some rows.

        Args:
            path: As from `inwards`, float64, (N, 2), N at least 2.
            rows: The first and the one to stop before, as from `rows_near`.
        """
        areas: FloatArray = unseen_rows(path, self.ground, self._pitch, *rows)
        return areas * self.spacing_m**2

    def rows_near(self, path: FloatArray) -> tuple[int, int]:
        """The rows in which something is seen from a path, as from `inwards`."""
        across = path[:, 1] - self.ground.starts[:, 1].min()
        low, high = across.min() - REACHED, across.max() + REACHED
        last = count_rows(self.ground, self._pitch)
        first = min(last, max(0, math.floor(low / self._pitch)))
        return first, max(first, min(last, math.ceil(high / self._pitch) + 1))

    def stricter(self, allowed_m2: float) -> "Task":
        """The same task with less, or more, that may stay unseen."""
        other = copy.copy(self)
        other.allowed_m2 = allowed_m2
        return other

    def _edges(self, area: shapely.Geometry) -> Edges:
        rings = shapely.get_rings(shapely.get_parts(area))
        at = [self.inwards(shapely.get_coordinates(ring)) for ring in rings]
        return Edges(np.vstack([ring[:-1] for ring in at]), np.vstack([ring[1:] for ring in at]))


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to pull.

    Attributes:
        rounds: How often the price is set anew.
        steps: Steps in each round.
        first: How far points move in the first step, in spacings.
        last: The same in the last step.
        price: What unseen ground is worth at first, as metres of path times the spacing.
        elbows: Whether long legs get points near their ends, where they may swerve.
        whole: Whether a path that sees enough is wanted, rather than a promising one.
        parallel: Whether lanes may only be shifted and made longer or shorter, not turned.
    """

    rounds: int
    steps: int
    first: float = 0.06
    last: float = 0.003
    price: float = 6.0
    elbows: bool = True
    whole: bool = True
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A path and how good it is.

    Attributes:
        trace: The path.
        excess_m2: Unseen ground beyond what is allowed.
        cost_m: Its length with turns, and what seeing the excess will cost.
    """

    trace: Trace
    excess_m2: float
    cost_m: float


def judged(trace: Trace, task: Task) -> Draft:
    """A path with its figures."""
    excess_m2 = max(0.0, task.unseen_m2(trace) - task.allowed_m2)
    return _draft(trace, task, excess_m2)


def tighten(trace: Trace, task: Task, effort: Effort) -> Draft:
    """Pull a path tight.

    Args:
        trace: The path; not changed.
        task: What it has to see.
        effort: How long to pull.

    Returns:
        The path of least cost that was met, among those that see enough if a whole one is wanted
        and there is any; where pulling does not help, the path that was given.
    """
    if len(trace.points) < 2:
        return judged(trace, task)
    bent = _with_elbows(trace, task.spacing_m) if effort.elbows else trace
    pull = _Pull(bent, task, parallel=effort.parallel)
    price = effort.price
    best = judged(trace, task)
    rates = np.geomspace(effort.first, effort.last, effort.rounds * effort.steps)
    unseen_m2 = best.excess_m2 + task.allowed_m2
    for part in np.split(rates, effort.rounds):
        change = math.sqrt(unseen_m2 / max(task.allowed_m2, 1e-9))
        price = float(np.clip(price * np.clip(change, *_PRICE_CHANGES), *_PRICES))
        pull.run(price, part)
        reached = pull.trace()
        unseen_m2 = task.unseen_m2(reached)
        draft = _draft(reached, task, max(0.0, unseen_m2 - task.allowed_m2))
        lacking, lacked = draft.excess_m2 > 0.0, best.excess_m2 > 0.0
        if draft.cost_m < best.cost_m if lacking == lacked or not effort.whole else lacked:
            best = draft
    return best


def _draft(trace: Trace, task: Task, excess_m2: float) -> Draft:
    flown_m = trace.length_m + task.turn_cost_m * trace.turning
    return Draft(trace, excess_m2, flown_m + task.unseen_cost * excess_m2 / task.spacing_m)


class _Pull:
    """A path on its way, in spacings."""

    def __init__(self, trace: Trace, task: Task, *, parallel: bool) -> None:
        self._task = task
        self._held = _lines(trace.lanes) if parallel else []
        self._lanes = list(trace.lanes)
        self._path = task.inwards(np.array(trace.points))
        self._mean = np.zeros_like(self._path)
        self._spread = np.zeros(len(self._path))
        self._steps = 0

    def run(self, price: float, rates: FloatArray) -> None:
        """Take a step of each size."""
        left = 0.0
        slopes = np.zeros_like(self._path)
        for rate in rates:
            if _LONGEST_STEP * rate > left:
                left = trust = min(_MOST_TRUST, _TRUSTED_STEPS * float(rate))
                sight = watch(self._path, self._task.ground, trust)
                walls = near(self._path, self._task.walls, trust)
            unseen_slopes(sight, slopes)
            wanted = self._unturned(price * slopes + _length_slopes(self._path))
            moved = self._path + self._unturned(self._step(wanted, rate))
            keep_inside(moved, self._path, walls, self._task.walls)
            self._path[:] = moved
            left -= _LONGEST_STEP * rate

    def _step(self, slopes: FloatArray, rate: float) -> FloatArray:
        """A step of Adam (Kingma and Ba, ICLR 2015), with one scale for both axes of a point."""
        self._steps += 1
        self._mean += (1.0 - _DECAY) * (slopes - self._mean)
        self._spread += (1.0 - _SPREAD_DECAY) * ((slopes**2).sum(axis=1) - self._spread)
        mean = self._mean / (1.0 - _DECAY**self._steps)
        spread = np.sqrt(self._spread / (1.0 - _SPREAD_DECAY**self._steps))
        step = -rate * mean / (spread + _CALM)[:, None]
        longest = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-12)
        shrunk: FloatArray = step * np.minimum(1.0, _LONGEST_STEP * rate / longest)[:, None]
        return shrunk

    def _unturned(self, moves: FloatArray) -> FloatArray:
        """Moves of points, with what would turn a line that is held taken out."""
        kept = moves.copy() if self._held else moves
        for first, last in self._held:
            along = self._path[last] - self._path[first]
            length = math.hypot(*along)
            if length > _NO_LENGTH:
                along = along / length
                across = np.array([-along[1], along[0]])
                line = moves[first : last + 1]
                kept[first : last + 1] = (
                    np.outer(line @ along, along) + (line @ across).mean() * across
                )
        return kept

    def trace(self) -> Trace:
        """The path as it is now."""
        return Trace(list(self._task.outwards(self._path)), list(self._lanes))


def _lines(lanes: list[bool]) -> list[tuple[int, int]]:
    """The first and the last point of each row of lanes."""
    changes = np.flatnonzero(np.diff(np.array([False, *lanes, False]).astype(int)))
    return [(int(first), int(last)) for first, last in changes.reshape(-1, 2)]


def _length_slopes(path: FloatArray) -> FloatArray:
    """The slope of a path's length by each of its points, float64, (N, 2)."""
    steps = np.diff(path, axis=0)
    ways = steps / np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-9)[:, None]
    slopes = np.zeros_like(path)
    slopes[1:] += ways
    slopes[:-1] -= ways
    return slopes


def _with_elbows(trace: Trace, spacing_m: float) -> Trace:
    """A path whose long legs have points near both ends, so that these can swerve."""
    bent = Trace.start(trace.points[0])
    for end, lane in zip(trace.points[1:], trace.lanes, strict=True):
        start = bent.points[-1]
        length_m = math.dist(start, end)
        if length_m > _LONG_LEG * spacing_m:
            share = _ELBOW * spacing_m / length_m
            shares = [share, 1.0 - share]
        else:
            shares = [0.5] if length_m > _BENT_LEG * spacing_m else []
        bent.points += [start + share * (end - start) for share in shares]
        bent.points.append(end)
        bent.lanes += [lane] * (len(shares) + 1)
    return bent
