"""Over known ground a plan keeps its height above it, and minds zones only where they reach."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

from flight.errors import PlanningError
from flight.missions import Action, Mission
from flight.planning.forecast import flown_points
from flight.planning.planner import plan_patrol
from flight.planning.summary import summarize
from geofences.active_times import ActivePeriod, ActiveTimes
from geofences.geodesy import LocalFrame
from geofences.heights import Height, HeightReference
from geofences.terrain import FlatTerrain, Terrain
from geofences.zones import Zone, ZoneKind
from tests.flight.planning.grounds import PIXELS, ground, heights_above_ground, hills
from tests.flight.planning.scenes import FRAME, county, request, zone

PLAIN = county()
CORNER = zone(shapely.box(230.0, 130.0, 330.0, 230.0))
MORNING = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def above_ground_m(mission: Mission, terrain: Terrain, home_alt_m: float) -> np.ndarray:
    """The height above ground at every metre of a mission."""
    points, _ = flown_points(mission.items, LocalFrame(mission.home), mission.height_home_m)
    moved = points[:, :2] + np.array(FRAME.to_local(mission.home.lon_deg, mission.home.lat_deg))
    return heights_above_ground(terrain, moved, points[:, 2] + home_alt_m)


def test_a_flight_above_ground_keeps_its_height_over_hills(tmp_path: Path) -> None:
    """Within its tolerance at every metre, each mission from the height of its own dock."""
    terrain = ground(tmp_path, hills(3, 120.0, 6.0))
    here = dataclasses.replace(
        PLAIN,
        docks=tuple(
            dataclasses.replace(
                dock,
                alt_amsl_m=float(
                    terrain.alt_amsl_m(dock.position.lon_deg, dock.position.lat_deg)[0]
                ),
            )
            for dock in PLAIN.docks
        ),
    )
    asked = request(here, height_ground_m=50.0, height_tolerance_m=6.0)
    for mission in plan_patrol(here, asked, terrain).missions:
        assert mission.home_alt_amsl_m is not None
        heights_m = above_ground_m(mission, terrain, mission.home_alt_amsl_m)
        assert np.ptp([i.height_home_m for i in mission.items if i.height_home_m]) > 5.0
        assert 43.5 <= heights_m.min() <= heights_m.max() <= 56.5
        lanes_m = [i.height_home_m for i in mission.items if i.height_home_m and i.cell_code]
        assert mission.height_ground_m == mission.looks_from_m == 50.0
        assert min(lanes_m) <= mission.height_home_m <= max(lanes_m)


def test_the_figures_of_a_flight_above_ground_are_those_of_its_height() -> None:
    """What a pixel is on the ground follows from the height above it, and from no default."""
    asked = request(PLAIN, 1, height_ground_m=80.0)
    plan = plan_patrol(PLAIN, asked, FlatTerrain(30.0))
    level = plan_patrol(PLAIN, request(PLAIN, 1, height_home_m=80.0))
    assert summarize(PLAIN, plan).ground_sample_cm == summarize(PLAIN, level).ground_sample_cm
    assert level.missions[0].height_ground_m is None


def test_a_flight_above_ground_must_know_the_ground() -> None:
    """The message says what to give."""
    with pytest.raises(PlanningError, match="give an elevation model"):
        plan_patrol(PLAIN, request(PLAIN, height_ground_m=40.0))


def test_a_hill_under_a_level_flight_brings_the_lanes_nearer(tmp_path: Path) -> None:
    """The picture is narrower over higher ground."""
    level = plan_patrol(PLAIN, request(PLAIN, 1)).missions[0]
    hill = plan_patrol(PLAIN, request(PLAIN, 1), FlatTerrain(45.0)).missions[0]
    assert hill.distance_m > 1.2 * level.distance_m


def test_ground_as_high_as_the_flight_is_refused() -> None:
    """The message has both heights, the place, and the option that flies over it."""
    said = r"65 m above sea level about 33\.\d{5} N, 115\.\d{5} E, .* 40 m .* reaches 70 m.*"
    said += r"\(--height-ground 40\)"
    with pytest.raises(PlanningError, match=said):
        plan_patrol(PLAIN, request(PLAIN), FlatTerrain(65.0))


def kept_out(corner: Zone, departs_at: datetime | None = None) -> bool:
    """Whether a plan keeps out of a zone."""
    closed = county([corner])
    body = FRAME.geometry_to_local(corner.polygon)
    missions = plan_patrol(closed, request(closed, departs_at=departs_at)).missions
    lines = [[FRAME.to_local(p.lon_deg, p.lat_deg) for p in m.route] for m in missions]
    return bool(shapely.distance(shapely.MultiLineString(lines), body) > 0.0)


def test_a_zone_is_minded_while_it_is_active() -> None:
    """A patrol of a few minutes that ends before, or starts after, may fly through."""
    times = ActiveTimes((ActivePeriod(MORNING, MORNING + timedelta(hours=3)),))
    timed = dataclasses.replace(CORNER, times=times)
    assert kept_out(timed)
    assert kept_out(timed, departs_at=MORNING + timedelta(hours=1))
    assert kept_out(timed, departs_at=MORNING - timedelta(hours=1))
    assert not kept_out(timed, departs_at=MORNING - timedelta(hours=5))
    assert not kept_out(timed, departs_at=MORNING + timedelta(hours=4))


@pytest.mark.parametrize(
    ("lower", "terrain", "kept"),
    [
        (Height(200.0, HeightReference.SEA_LEVEL), None, False),
        (Height(100.0, HeightReference.SEA_LEVEL), None, True),
        (Height(130.0, HeightReference.GROUND), FlatTerrain(30.0), False),
        (Height(130.0, HeightReference.GROUND), None, True),
    ],
)
def test_a_zone_high_above_the_flight_bars_nothing(
    lower: Height, terrain: Terrain | None, *, kept: bool
) -> None:
    """Docks are at 30 m; a zone counts if a failsafe climb could reach it, or nobody knows."""
    high = dataclasses.replace(CORNER, lower=lower)
    closed = county([high])
    mission = plan_patrol(closed, request(closed, 1), terrain).missions[0]
    line = shapely.LineString([FRAME.to_local(p.lon_deg, p.lat_deg) for p in mission.route])
    gap_m = float(shapely.distance(line, FRAME.geometry_to_local(high.polygon)))
    assert (gap_m > 0.0) is kept


def test_a_long_patrol_minds_what_becomes_active_while_it_flies() -> None:
    """The zones are looked at again for as long as the plan really takes."""
    late = ActiveTimes((ActivePeriod(MORNING + timedelta(hours=2.5), MORNING + timedelta(days=1)),))
    timed = dataclasses.replace(CORNER, times=late)
    assert not kept_out(timed, departs_at=MORNING)


def test_a_time_of_departure_needs_its_zone() -> None:
    """Eight o'clock where?"""
    with pytest.raises(PlanningError, match="time zone"):
        request(PLAIN, departs_at=datetime(2026, 5, 4, 8, 0))  # noqa: DTZ001


def test_climbs_over_hills_are_left_time_for(tmp_path: Path) -> None:
    """A battery that just lasts over level ground is divided for, and no plan is refused."""
    asked = request(PLAIN, 1, height_ground_m=50.0, height_tolerance_m=6.0)
    level = plan_patrol(PLAIN, asked, FlatTerrain(30.0)).missions
    (craft,) = asked.aircraft
    longest_s = max(mission.duration_s for mission in level) + 1.0
    just = dataclasses.replace(craft, endurance_s=longest_s / (1.0 - craft.reserve_fraction))
    terrain = ground(tmp_path, hills(3, 120.0, 6.0))
    plan = plan_patrol(PLAIN, dataclasses.replace(asked, aircraft=(just,)), terrain)
    assert len(plan.missions) > len(level)
    assert all(mission.duration_s <= just.usable_s for mission in plan.missions)
    assert plan.aircraft == (just,)


def test_a_take_off_above_a_hill_comes_down_before_it_leaves(tmp_path: Path) -> None:
    """Else its first leg would slope through the ceiling that the lanes keep below."""
    heights = np.full((PIXELS, PIXELS), 30.0)
    heights[44:47, 48:52] = 85.0  # between the cells and the dock, north of them
    terrain = ground(tmp_path, heights)
    low = zone(shapely.box(-400.0, -400.0, 800.0, 60.0), ZoneKind.CEILING, 60.0)
    here = county([low], docks=[(290.0, 700.0)], rows=1)
    asked = request(here, 1, height_ground_m=45.0)
    (mission,) = plan_patrol(here, asked, terrain).missions
    first, *_ = (i for i in mission.items if i.action is Action.TAKEOFF)
    then = next(i for i in mission.items if i.action is Action.WAYPOINT)
    assert first.position == then.position
    assert first.height_home_m is not None
    assert 75.0 <= first.height_home_m <= 77.0
    assert then.height_home_m == pytest.approx(45.0, abs=6.0)
