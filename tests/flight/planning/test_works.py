"""Each task becomes paths that see what was asked for, or says what it cannot see."""

import dataclasses
import re

import numpy as np
import pytest
import shapely

from flight.errors import NothingToCoverError
from flight.missions import Action
from flight.planning.planner import plan_patrol
from flight.planning.scene import Scene, resolve
from flight.planning.tasks import (
    CoverCells,
    FollowRoads,
    InspectPlaces,
    PatrolStreets,
    Task,
)
from flight.planning.works import lay_works
from geofences.county import County, Road
from geofences.zones import Zone
from tests.flight.planning.scenes import FRAME, county, place, request, zone

LINES = {
    "long": [(10.0, 50.0), (290.0, 50.0)],
    "cross": [(150.0, 10.0), (150.0, 190.0)],
    "far": [(10.0, 180.0), (100.0, 180.0)],
}
POND = zone(shapely.box(130.0, 30.0, 170.0, 70.0))


def ground(*zones: Zone) -> County:
    """The usual cells with three roads across."""
    roads = tuple(
        Road(name, name, FRAME.geometry_to_lonlat(shapely.LineString(line)), 8.0)
        for name, line in LINES.items()
    )
    return dataclasses.replace(county(zones), roads=roads)


def scene(task: Task, *zones: Zone) -> Scene:
    """A task over those cells."""
    here = ground(*zones)
    return resolve(here, request(here, 1, task=task))


def path_of(one: Scene) -> shapely.LineString:
    """The path that is laid for a scene."""
    (work,) = lay_works(one).works
    return shapely.LineString(work.points)


def along(one: Scene, road: str) -> shapely.LineString:
    """A road in the metres of a scene."""
    line = FRAME.geometry_to_lonlat(shapely.LineString(LINES[road]))
    return one.frame.geometry_to_local(line)


def test_streets_are_flown_along_each_at_least_once() -> None:
    """Whatever the order."""
    one = scene(PatrolStreets(("long", "cross", "far")))
    flown = shapely.buffer(path_of(one), 1.0)
    assert all(shapely.covers(flown, along(one, road)) for road in LINES)


def test_streets_under_a_zone_are_left_out_aloud() -> None:
    """The crossing lies in it; the finding has the metres."""
    laid = lay_works(scene(PatrolStreets(("long", "cross")), POND))
    (finding,) = laid.findings
    assert finding.code == "streets.closed"
    assert re.match(r"16[0-3] m of the streets", finding.message)


def test_streets_end_where_the_cells_asked_for_end() -> None:
    """A road through the village leads on, but the patrol does not."""
    first = ground().grid.cells[0].code
    one = scene(PatrolStreets(("long", "cross"), (first,)))
    cell = one.frame.geometry_to_local(one.county.grid.by_code(first).polygon)
    assert shapely.covers(shapely.buffer(cell, 25.0), path_of(one))
    assert one.cell_codes == (first,)


def test_streets_all_under_a_zone_leave_nothing() -> None:
    """There is no patrol."""
    everything = zone(shapely.box(-20.0, -20.0, 320.0, 220.0))
    with pytest.raises(NothingToCoverError):
        scene(PatrolStreets(("long",)), everything)


def test_a_wide_corridor_is_seen_over_its_width() -> None:
    """The lanes' views cover what is wanted, which is as wide as asked for."""
    one = scene(FollowRoads(("long",), 120.0))
    laid = lay_works(one)
    seen = one.view.seen_from(laid.works[0].points)
    assert laid.wanted.area == pytest.approx(280.0 * 120.0, rel=0.01)
    assert shapely.intersection(seen, laid.wanted).area >= 0.99 * laid.wanted.area


def test_several_corridors_are_one_path_that_may_be_cut_between_them() -> None:
    """All are seen, and each cut leads on."""
    one = scene(FollowRoads(("far", "long", "cross"), 20.0))
    laid = lay_works(one)
    (work,) = laid.works
    seen = one.view.seen_from(work.points)
    assert shapely.intersection(seen, laid.wanted).area >= 0.98 * laid.wanted.area
    assert len(work.cuts) >= 2


def test_places_are_circled_with_the_camera_on_them() -> None:
    """Each circle keeps its distance, and the plan's items say where to look."""
    here = ground()
    task = InspectPlaces((place(60.0, 60.0), place(240.0, 140.0)), standoff_m=30.0)
    plan = plan_patrol(here, request(here, 1, task=task))
    (mission,) = plan.missions
    looks = [item for item in mission.items if item.action is Action.LOOK_AT]
    assert {FRAME.to_local(i.position.lon_deg, i.position.lat_deg) for i in looks if i.position}
    assert plan.coverage_fraction == pytest.approx(1.0)
    assert len(mission.cell_codes) == 2
    working = [i for i in mission.items if i.action is Action.WAYPOINT and i.cell_code]
    nearest = [
        min(
            float(np.hypot(*np.subtract(FRAME.to_local(p.lon_deg, p.lat_deg), middle)))
            for middle in ((60.0, 60.0), (240.0, 140.0))
        )
        for i in working
        if (p := i.position) is not None
    ]
    # What is flown is a polygon round the circle.
    assert nearest == pytest.approx([30.0] * len(nearest), abs=0.4)


def test_places_may_be_hovered_beside() -> None:
    """For so long each."""
    here = ground()
    task = InspectPlaces((place(60.0, 60.0),), orbit=False, hover_s=12.0)
    (mission,) = plan_patrol(here, request(here, 1, task=task)).missions
    (hover,) = [item for item in mission.items if item.action is Action.HOVER]
    assert hover.value == 12.0


def test_a_circle_cut_by_a_zone_is_told() -> None:
    """And a place that cannot be looked at is left out aloud."""
    near = place(215.0, 50.0)
    inside = place(150.0, 50.0)
    laid = lay_works(scene(InspectPlaces((near, inside), standoff_m=30.0), POND))
    assert {finding.code for finding in laid.findings} == {
        "inspection.partly",
        "inspection.left_out",
    }
    assert 0.0 < laid.share < 1.0


def test_an_area_smaller_than_a_lane_is_seen_too() -> None:
    """A cell below one picture."""
    here = county(columns=1, rows=1)
    small = dataclasses.replace(request(here, 1), height_home_m=115.0, gimbal_pitch_deg=-90.0)
    assert plan_patrol(here, small).coverage_fraction > 0.95


def test_lanes_may_be_cut_wherever_one_ends() -> None:
    """A cut for each lane but the last."""
    here = ground()
    task = CoverCells(tuple(cell.code for cell in here.grid.cells))
    (work,) = lay_works(scene(task)).works
    assert len(work.cuts) >= 3
    assert all(before <= after for before, after in work.cuts)
