"""What a plan takes of the air: its area with corners, and its heights above everything."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely

from flight.formats.plan_layers import route_points
from flight.missions import Mission, PatrolPlan
from flight.planning.cleaning import polygons_of
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain

_MOST_CORNERS = 16
_TOLERANCES_M = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
_STEP_M = 20.0


@dataclass(frozen=True, slots=True)
class Area:
    """A piece of airspace as an application draws it.

    Attributes:
        corners: In order, clockwise from the northernmost; the last is joined to the first.
        area_m2: What lies inside.
    """

    corners: tuple[LonLat, ...]
    area_m2: float


@dataclass(frozen=True, slots=True)
class Heights:
    """The heights that a plan flies at, lowest and highest of the whole route.

    Attributes:
        home_m: Above the take-off points.
        amsl_m: Above mean sea level; None where a take-off point's altitude is not known.
        ground_m: Above the ground right below ("true height"); None where the ground is not known
            everywhere below.
    """

    home_m: tuple[float, float]
    amsl_m: tuple[float, float] | None
    ground_m: tuple[float, float] | None


def areas(plan: PatrolPlan) -> tuple[Area, ...]:
    """The airspace that a plan's fences enclose, in few corners, the largest piece first.

    Every piece contains the fences within it; aircraft cannot leave those.
    """
    fences = [mission.fence.inclusion for mission in plan.missions]
    if not fences:
        return ()
    whole = shapely.union_all(fences)
    frame = LocalFrame(LonLat(whole.centroid.x, whole.centroid.y))
    pieces = polygons_of(frame.geometry_to_local(whole))
    return tuple(
        _area(piece, frame) for piece in sorted(pieces, key=lambda piece: -float(piece.area))
    )


def _area(piece: shapely.Polygon, frame: LocalFrame) -> Area:
    simple = _outward(shapely.Polygon(piece.exterior))
    ring = shapely.get_coordinates(shapely.orient_polygons(simple, exterior_cw=True).exterior)[:-1]
    first = int(np.argmax(ring[:, 1]))
    corners = [LonLat(*frame.to_lonlat(*point)) for point in np.roll(ring, -first, axis=0).tolist()]
    return Area(tuple(corners), float(simple.area))


def _outward(piece: shapely.Polygon) -> shapely.Polygon:
    """A polygon of few corners that contains another."""
    for tolerance_m in _TOLERANCES_M:
        wide = shapely.buffer(piece, tolerance_m, join_style="mitre")
        simple = shapely.simplify(shapely.Polygon(wide.exterior), tolerance_m)
        few = len(simple.exterior.coords) - 1 <= _MOST_CORNERS
        if few and shapely.covers(simple, piece):
            return simple
    return shapely.minimum_rotated_rectangle(piece)


def heights(plan: PatrolPlan, terrain: Terrain | None = None) -> Heights:
    """The lowest and highest flight of a plan's routes, the climb and the landing left out."""
    home: list[float] = []
    sea: list[float] = []
    ground: list[float] = []
    known = True
    for mission in plan.missions:
        points = route_points(mission)
        home += [height_m for _, height_m in points]
        if mission.home_alt_amsl_m is None:
            known = False
        else:
            sea += [mission.home_alt_amsl_m + height_m for _, height_m in points]
            ground += _above_ground(mission, mission.home_alt_amsl_m, terrain)
    whole = known and terrain is not None and bool(ground) and not any(map(math.isnan, ground))
    return Heights(
        (min(home, default=0.0), max(home, default=0.0)),
        (min(sea), max(sea)) if known and sea else None,
        (min(ground), max(ground)) if whole else None,
    )


def _above_ground(mission: Mission, home_m: float, terrain: Terrain | None) -> list[float]:
    """Heights above the ground along every leg; NaN where the ground is not known."""
    if terrain is None:
        return []
    found: list[float] = []
    for (a, a_m), (b, b_m) in itertools.pairwise(route_points(mission)):
        if a == b:
            continue
        distances_m, ground_m = terrain.profile(a, b, _STEP_M)
        flown_m = home_m + np.interp(distances_m, (0.0, float(distances_m[-1])), (a_m, b_m))
        found += (flown_m - ground_m).tolist()
    return found
