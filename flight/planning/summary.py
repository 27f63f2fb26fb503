"""The figures of a plan, one row for each mission, as printed and as drawn."""

from dataclasses import dataclass

import numpy as np
import shapely

from flight.missions import Mission, PatrolPlan
from flight.planning.camera_lanes import View, filmed_route
from geofences.county import County
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import ZoneKind

_PARALLEL = 0.97  # cosine: legs within 14 degrees of the longest one are lanes
_LANE_SHARE = 0.2  # of the longest leg


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The figures of one mission.

    Attributes:
        mission_id: Its id.
        aircraft: Who flies it.
        dock_id: From where.
        distance_m: Length of the flight over ground.
        duration_s: Take-off to landing.
        lanes: Number of lanes.
        cells: Number of cells it looks at.
        coverage: Share of the requested ground, no-fly zones apart, that it sees.
    """

    mission_id: str
    aircraft: str
    dock_id: str
    distance_m: float
    duration_s: float
    lanes: int
    cells: int
    coverage: float


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The figures of a plan.

    Attributes:
        rows: One for each mission.
        distance_m: Of all missions together.
        duration_s: Of the longest mission, as aircraft fly at the same time.
        cells: Number of requested cells.
        area_m2: Their ground outside no-fly zones.
        coverage: Share of it that the plan sees.
    """

    rows: tuple[SummaryRow, ...]
    distance_m: float
    duration_s: float
    cells: int
    area_m2: float
    coverage: float


def summarize(county: County, plan: PatrolPlan) -> PlanSummary:
    """Work out the figures of a plan.

    Args:
        county: Where its cells and zones are.
        plan: What is flown.

    Returns:
        Its figures; coverage is computed from the camera's footprints along each mission.

    Raises:
        UnknownCellError: If the county does not have one of the plan's cells.
        PlanningError: If the plan's camera sees no ground.
    """
    cells = [county.grid.by_code(code).polygon for code in plan.cell_codes]
    ground = shapely.union_all(cells)
    frame = LocalFrame(LonLat(ground.centroid.x, ground.centroid.y))
    closed = [zone.polygon for zone in county.zones.of_kind(ZoneKind.NO_FLY)]
    open_ground = shapely.difference(ground, shapely.union_all(closed))
    reachable = frame.geometry_to_local(open_ground)
    rows = tuple(_row(mission, plan, reachable, frame) for mission in plan.missions)
    return PlanSummary(
        rows,
        sum(row.distance_m for row in rows),
        max((row.duration_s for row in rows), default=0.0),
        len(plan.cell_codes),
        float(reachable.area),
        plan.coverage_fraction,
    )


def _row(
    mission: Mission, plan: PatrolPlan, reachable: shapely.Geometry, frame: LocalFrame
) -> SummaryRow:
    view = View(plan.camera, mission.height_home_m, plan.gimbal_pitch_deg)
    route = filmed_route(mission, frame)
    seen_m2 = shapely.intersection(view.seen_from(route), reachable).area
    return SummaryRow(
        mission.mission_id,
        mission.vehicle_name,
        mission.dock_id,
        mission.distance_m,
        mission.duration_s,
        _count_lanes(route),
        len(mission.cell_codes),
        float(seen_m2 / reachable.area) if reachable.area else 0.0,
    )


def _count_lanes(route: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> int:
    """Legs along the longest one and not much shorter: the others link them."""
    # A mission does not say which of its legs are lanes; it may come from another program.
    steps = np.diff(route, axis=0)
    lengths_m = np.hypot(steps[:, 0], steps[:, 1])
    if not len(steps) or not lengths_m.max() > 0.0:
        return 0
    longest = steps[int(np.argmax(lengths_m))]
    cosines = np.abs(steps @ longest) / np.maximum(lengths_m * lengths_m.max(), 1e-9)
    return int(((cosines > _PARALLEL) & (lengths_m > _LANE_SHARE * lengths_m.max())).sum())
