"""What has to be visited from which docks, and the sorties that do it, as values.

All plane geometry here is in metres of a local frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError

if TYPE_CHECKING:  # it is compiled, and importing the compiler takes half a second
    from flight.planning.leg_ways import LegWays

FloatArray = NDArray[np.float64]

ITERATIONS_PER_S = 60_000
"""How many steps of the search one second of effort stands for: a constant, not a measurement, so
that an effort in seconds gives the same plan on every machine. Two shared cores do 90,000 to
150,000 a second for 4,747 places; slower machines take longer, and plan the same."""

_ITERATIONS_PER_PLACE = 120
_FEWEST_ITERATIONS = 2_000
_MOST_ITERATIONS = 60 * ITERATIONS_PER_S


def _no_stops() -> FloatArray:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class SortieTask:
    """Places to be visited by sorties that start and end at the same dock.

    Attributes:
        places_m: float64, (N, 2).
        docks_m: float64, (D, 2).
        limits_m: float64, (D,): the longest sortie from each dock. What take-off, landing and the
            reserve cost is already taken off.
        stops_m: float64, (N,): range that stopping and turning at each place costs, zeros if
            left out.
        ways: Lengths of the ways round zones; None where all are straight.
    """

    places_m: FloatArray
    docks_m: FloatArray
    limits_m: FloatArray
    stops_m: FloatArray = field(default_factory=_no_stops)
    ways: LegWays | None = None

    def __post_init__(self) -> None:
        for name in ("places_m", "docks_m"):
            rows = np.asarray(getattr(self, name), dtype=np.float64).reshape(-1, 2)
            object.__setattr__(self, name, rows)
        limits_m = np.broadcast_to(np.asarray(self.limits_m, np.float64), len(self.docks_m)).copy()
        object.__setattr__(self, "limits_m", limits_m)
        stops_m = np.asarray(self.stops_m, np.float64)
        if not len(stops_m):
            object.__setattr__(self, "stops_m", np.zeros(len(self.places_m)))
        self._refuse_impossible()

    def dock_legs_m(self) -> FloatArray:
        """Ways from each dock to each place, float64, (D, N)."""
        if self.ways is not None:
            return self.ways.dock_legs_m()
        apart = self.docks_m[:, None, :] - self.places_m[None, :, :]
        legs_m: FloatArray = np.hypot(apart[..., 0], apart[..., 1])
        return legs_m

    def steps_m(self, places: NDArray[np.intp]) -> FloatArray:
        """Ways from each of some places to the next, float64, one less than places."""
        if self.ways is not None:
            return self.ways.legs_m(places[:-1], places[1:])
        steps = np.diff(self.places_m[places], axis=0)
        steps_m: FloatArray = np.hypot(steps[:, 0], steps[:, 1])
        return steps_m

    def length_m(self, dock: int, places: NDArray[np.intp]) -> float:
        """Length of the sortie from a dock over places in order, stops counted."""
        stops_m = float(self.stops_m[places].sum())
        if self.ways is not None:
            return self.ways.round_m(dock, places) + stops_m
        home = self.docks_m[dock][None, :]
        steps = np.diff(np.vstack([home, self.places_m[places], home]), axis=0)
        return float(np.hypot(steps[:, 0], steps[:, 1]).sum()) + stops_m

    def part(self, places: NDArray[np.intp], docks: Sequence[int] | None = None) -> SortieTask:
        """The task of some of the places, in that order, from some of the docks or all."""
        kept = list(range(len(self.docks_m)) if docks is None else docks)
        return SortieTask(
            self.places_m[places],
            self.docks_m[kept],
            self.limits_m[kept],
            self.stops_m[places],
            None if self.ways is None else self.ways.part(places, kept),
        )

    def refuse_too_far(self) -> None:
        """Make sure that every place can be visited from some dock.

        Raises:
            PlanningError: If one is too far from all of them; names it and by how much.
        """
        if not len(self.places_m):
            return
        lacking_m = (2.0 * self.dock_legs_m() + self.stops_m - self.limits_m[:, None]).min(axis=0)
        worst = int(np.argmax(lacking_m))
        lack_m = float(lacking_m[worst])
        if lack_m <= 0.0:
            return
        far = int((lacking_m > 0.0).sum())
        raise PlanningError(
            f"{far} of {len(self.places_m)} places are too far from every dock; place {worst} "
            f"asks for {lack_m:.0f} m more than the longest sortie allowed. Leave them out, or "
            "use a nearer dock or a longer endurance."
        )

    def _refuse_impossible(self) -> None:
        if not len(self.docks_m):
            raise PlanningError("Sorties need a dock to start from. Name at least one.")
        if len(self.stops_m) != len(self.places_m):
            raise PlanningError(
                f"{len(self.places_m)} places cannot have {len(self.stops_m)} stops. Give one "
                "stop for each place, or none at all."
            )
        numbers = (self.places_m, self.docks_m, self.limits_m, self.stops_m)
        if not all(np.isfinite(each).all() for each in numbers) or (self.stops_m < 0.0).any():
            raise PlanningError(
                "Places, docks, limits and stops of sorties must be finite, and stops not "
                "negative. Correct the request."
            )


@dataclass(frozen=True, slots=True)
class Sortie:
    """One flight from a dock over places and back.

    Attributes:
        dock: Index of the dock.
        places: Indices of the places in flying order.
        length_m: The whole way, stops counted.
    """

    dock: int
    places: tuple[int, ...]
    length_m: float


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search, in steps: the same effort gives the same sorties everywhere.

    Attributes:
        iterations: Steps of the search.
        seed: Of its randomness.
    """

    iterations: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.iterations < 0:
            raise PlanningError(f"A search cannot take {self.iterations} steps; give 0 or more.")

    @staticmethod
    def of_seconds(seconds: float, seed: int = 0) -> Effort:
        """The steps that so many seconds stand for on a common machine."""
        if not 0.0 <= seconds < math.inf:
            raise PlanningError(f"A search cannot take {seconds} s; give 0 or more.")
        return Effort(int(seconds * ITERATIONS_PER_S), seed)

    @staticmethod
    def for_places(count: int, seed: int = 0) -> Effort:
        """What pays for so many places: 10 s for a county, a blink for a village."""
        wanted = max(_FEWEST_ITERATIONS, _ITERATIONS_PER_PLACE * count)
        return Effort(min(wanted, _MOST_ITERATIONS), seed)
