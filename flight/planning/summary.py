"""The figures of a plan, one row for each aircraft, as printed and as drawn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from flight.missions import Mission, PatrolPlan
from flight.planning.camera_lanes import View, filmed_route
from flight.planning.comparison import Preparation, ground_sample_cm, last_landing_s
from geofences.county import County
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import ZoneKind

_VILLAGE_DIGITS, _TOWN_DIGITS = 12, 9
_COORDINATES = re.compile(r"-?[\d.]+,-?[\d.]+")
_DOINGS = {
    "cover": "全覆盖巡查",
    "visit": "逐格巡查",
    "urgent in": "急需巡查",
    "follow": "沿线巡查",
    "streets of": "街道巡查",
    "inspect": "定点查看",
}


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The figures of one aircraft.

    Attributes:
        aircraft: Who flies.
        dock_ids: From where, each dock once.
        sorties: Number of its flights; each takes a battery.
        distance_m: Length of its flights over ground.
        airborne_s: Take-off to landing, all flights together.
        energy_wh: Of its flights; None where it was not foretold.
        cells: Number of cells it looks at.
        coverage: Share of the requested ground, no-fly zones apart, that it sees.
    """

    aircraft: str
    dock_ids: tuple[str, ...]
    sorties: int
    distance_m: float
    airborne_s: float
    energy_wh: float | None
    cells: int
    coverage: float


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The figures of a plan.

    Attributes:
        rows: One for each aircraft, in the order of their first missions.
        sorties: Of all aircraft.
        distance_m: Of all missions together.
        airborne_s: Likewise.
        last_landing_s: From the first take-off; aircraft fly at the same time, each one flight
            after the other.
        energy_wh: Of all missions; None where one was not foretold.
        cells: Number of requested cells.
        area_m2: Their ground outside no-fly zones.
        coverage: Share of it that the plan sees.
        ground_sample_cm: Size of a pixel on the ground in the middle of the picture, from the
            highest mission.
    """

    rows: tuple[SummaryRow, ...]
    sorties: int
    distance_m: float
    airborne_s: float
    last_landing_s: float
    energy_wh: float | None
    cells: int
    area_m2: float
    coverage: float
    ground_sample_cm: float


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
    closed = [zone.polygon for zone in county.zones.of_kind(ZoneKind.NO_FLY)]
    open_ground = shapely.difference(shapely.union_all(cells), shapely.union_all(closed))
    frame = LocalFrame(middle_of(county, plan))
    reachable = frame.geometry_to_local(open_ground)
    crew: dict[str, list[Mission]] = {}
    for mission in plan.missions:
        crew.setdefault(mission.vehicle_name, []).append(mission)
    height_m = max((mission.looks_from_m for mission in plan.missions), default=0.0)
    return PlanSummary(
        rows=tuple(_row(name, flights, plan, reachable, frame) for name, flights in crew.items()),
        sorties=len(plan.missions),
        distance_m=sum(mission.distance_m for mission in plan.missions),
        airborne_s=sum(mission.duration_s for mission in plan.missions),
        last_landing_s=last_landing_s(plan, Preparation(0.0, 0.0)),
        energy_wh=_energy_wh(plan.missions),
        cells=len(plan.cell_codes),
        area_m2=float(reachable.area),
        coverage=plan.coverage_fraction,
        ground_sample_cm=ground_sample_cm(plan.camera, height_m, plan.gimbal_pitch_deg),
    )


def name_of(county: County, plan: PatrolPlan) -> str:
    """What a plan does and where, in words that people know.

    Plans are often named by the code of a cell, village or town or by the id of a road, with what
    is done there before it and the day behind it, as in `cover 341299001011 2026-11-22`. A plan
    with a name of another kind keeps it.

    Raises:
        UnknownCellError: If the county does not have the plan's first cell.
    """
    doing = next((zh for en, zh in _DOINGS.items() if plan.name.startswith(f"{en} ")), "")
    for word in plan.name.split(" "):
        where = _place_named(county, plan, word)
        if where:
            return _with_doing(where, doing)
    return f"{doing} {plan.name}".strip()


def _place_named(county: County, plan: PatrolPlan, word: str) -> str:
    """The road, the coordinates, or the area with its code that a word stands for; else ""."""
    if _COORDINATES.fullmatch(word):
        return word
    road = next((road for road in county.roads if road.road_id == word), None)
    if road is not None:
        return road.name
    if not word or not plan.cell_codes or not plan.cell_codes[0].startswith(word):
        return ""
    cell = county.grid.by_code(plan.cell_codes[0])
    names = {len(cell.code): cell.name, _VILLAGE_DIGITS: cell.village, _TOWN_DIGITS: cell.town}
    return f"{word} {names[len(word)]}".strip() if len(word) in names else ""


def _with_doing(where: str, doing: str) -> str:
    """A place, often in Chinese and then in English, with what is done there in Chinese."""
    if not doing:
        return where
    words = where.split(" ")
    chinese = [i for i, word in enumerate(words, start=1) if not word.isascii()]
    words.insert(chinese[-1] if chinese else len(words), doing)
    return " ".join(words)


def middle_of(county: County, plan: PatrolPlan) -> LonLat:
    """The middle of a plan's cells; of its flights where it has none.

    Raises:
        UnknownCellError: If the county does not have one of the plan's cells.
    """
    cells = [county.grid.by_code(code).polygon for code in plan.cell_codes]
    fences = [mission.fence.inclusion for mission in plan.missions]
    ground = shapely.union_all(cells or fences or [c.polygon for c in county.grid.cells[:1]])
    return LonLat(ground.centroid.x, ground.centroid.y)


def _row(
    name: str,
    flights: Sequence[Mission],
    plan: PatrolPlan,
    reachable: shapely.Geometry,
    frame: LocalFrame,
) -> SummaryRow:
    seen = shapely.union_all([_seen(mission, plan, frame) for mission in flights])
    seen_m2 = shapely.intersection(seen, reachable).area
    return SummaryRow(
        name,
        tuple(dict.fromkeys(mission.dock_id for mission in flights)),
        len(flights),
        sum(mission.distance_m for mission in flights),
        sum(mission.duration_s for mission in flights),
        _energy_wh(flights),
        len({code for mission in flights for code in mission.cell_codes}),
        float(seen_m2 / reachable.area) if reachable.area else 0.0,
    )


def _seen(mission: Mission, plan: PatrolPlan, frame: LocalFrame) -> shapely.Geometry:
    if mission.looks_from_m <= 0.0:
        return shapely.Polygon()
    view = View(plan.camera, mission.looks_from_m, plan.gimbal_pitch_deg)
    return view.seen_from(filmed_route(mission, frame))


def _energy_wh(flights: Sequence[Mission]) -> float | None:
    known = [mission.energy_wh for mission in flights if mission.energy_wh is not None]
    return sum(known) if len(known) == len(flights) else None
