"""The options of `patrol plan` are read as they are meant, and refused with what to write."""

import dataclasses
from datetime import datetime, timedelta

import pytest
import shapely

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft
from flight.planning.tasks import (
    CoverCells,
    FollowRoads,
    InspectPlaces,
    PatrolStreets,
    VisitCells,
)
from flight.planning.wind import CALM
from geofences.county import Road
from patrol.cli.plan_options import (
    Sought,
    parse_aircraft,
    parse_time,
    parse_wind,
    place_of,
)
from patrol.errors import UsageError
from tests.flight.planning.scenes import FRAME, VILLAGE, county

LINE = FRAME.geometry_to_lonlat(shapely.LineString([(10.0, 50.0), (190.0, 50.0)]))
GROUND = dataclasses.replace(county(), roads=(Road("r1", "High Street", LINE, 8.0),))
CODES = tuple(cell.code for cell in GROUND.grid.cells)


@pytest.mark.parametrize(
    ("sought", "task"),
    [
        (Sought(village=VILLAGE), CoverCells(CODES)),
        (Sought(town=VILLAGE[:9]), CoverCells(CODES)),
        (Sought(cells=CODES[1:3]), CoverCells(CODES[1:3])),
        (Sought(all_cells=True, visit=True, seed=7), VisitCells(CODES, seed=7)),
        (Sought(roads=("r1",), width_m=30.0), FollowRoads(("r1",), 30.0)),
        (Sought(streets="all"), PatrolStreets(("r1",))),
        (Sought(streets=VILLAGE), PatrolStreets(("r1",), CODES)),
        (Sought(places=("115.62,33.16",)), InspectPlaces((place_of("115.62,33.16"),))),
        (
            Sought(places=("115.62,33.16",), hover_s=5.0, standoff_m=9.0),
            InspectPlaces((place_of("115.62,33.16"),), orbit=False, standoff_m=9.0, hover_s=5.0),
        ),
    ],
)
def test_each_way_of_saying_what_to_look_at(sought: Sought, task: object) -> None:
    """Cells, roads, streets or places."""
    assert sought.task(GROUND) == task


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        (Sought(), "Say what to look at"),
        (Sought(village=VILLAGE, cells=CODES[:1]), "Say what to look at"),
        (Sought(village=VILLAGE, streets="all"), "Say what to look at"),
        (Sought(streets="all", visit=True), "--visit and --urgent go with cells"),
        (Sought(village=VILLAGE[:9]), "first 12 digits"),
        (Sought(village="341299009009"), "first 12 digits"),
        (Sought(town="999999999"), "first 9 digits"),
        (Sought(streets="999"), "No road"),
        (Sought(places=("33.16",)), "is no place"),
        (Sought(places=("500,33",)), "is no place"),
    ],
)
def test_what_is_not_meant_is_refused(sought: Sought, said: str) -> None:
    """The sentence says what to write."""
    with pytest.raises(UsageError, match=said):
        sought.task(GROUND)


@pytest.mark.parametrize(
    ("text", "east_mps", "north_mps"),
    [("0@5", 0.0, -5.0), ("270@6", 6.0, 0.0), ("180@2.5", 0.0, 2.5)],
)
def test_a_wind_is_where_it_comes_from(text: str, east_mps: float, north_mps: float) -> None:
    """A west wind blows towards the east."""
    wind = parse_wind(text)
    assert (wind.east_mps, wind.north_mps) == pytest.approx((east_mps, north_mps), abs=1e-9)
    assert parse_wind("") == CALM


@pytest.mark.parametrize("text", ["6", "west@6", "270@", "400@3", "270@-3"])
def test_other_texts_are_no_wind(text: str) -> None:
    """The sentence has an example."""
    with pytest.raises(UsageError, match="270@6"):
        parse_wind(text)


def test_a_moment_without_a_zone_is_meant_here() -> None:
    """One with a zone is taken at its word."""
    given = parse_time("2026-11-22T08:30+08:00")
    assert given is not None
    assert given.utcoffset() == timedelta(hours=8)
    here = parse_time("2026-11-22T08:30")
    assert here == datetime(2026, 11, 22, 8, 30).astimezone()
    assert parse_time("") is None
    with pytest.raises(UsageError, match="is no moment"):
        parse_time("tomorrow")


def test_aircraft_are_named_with_their_dock_and_minutes() -> None:
    """NAME@DOCK, and minutes of endurance after a colon."""
    assert parse_aircraft("uav-1@dock-1").dock_id == "dock-1"
    assert parse_aircraft("鹰1@dock-1:12.5").endurance_s == 750.0
    assert parse_aircraft("uav-1@dock-1").link_range_m is None
    assert parse_aircraft("uav-1@dock-1:25:8.5").link_range_m == 8500.0
    assert parse_aircraft("uav-1@dock-1::8") == Aircraft("uav-1", "dock-1", link_range_m=8000.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("uav-1", "names no aircraft: write NAME@DOCK"),
        ("@dock-1", "names no aircraft"),
        ("uav-1@", "names no aircraft"),
        ("uav-1@dock-1:long", "write minutes after the colon"),
        ("uav-1@dock-1:25:far", "kilometres of radio range after a second one"),
        ("../uav@dock-1", "is no name for an aircraft"),
        ("a=b@dock-1", "is no name for an aircraft"),
    ],
)
def test_other_texts_are_no_aircraft(text: str, said: str) -> None:
    """A name also names log files and stands before an address, so not all characters will do."""
    with pytest.raises(UsageError, match=said):
        parse_aircraft(text)


@pytest.mark.parametrize("reach_km", ["nan", "-3", "0", "inf"])
def test_a_radio_reaches_somewhere(reach_km: str) -> None:
    """The aircraft is named in the sentence."""
    with pytest.raises(PlanningError, match="radio of aircraft 'uav-1' cannot reach"):
        parse_aircraft(f"uav-1@dock-1::{reach_km}")


@pytest.mark.parametrize("minutes", ["nan", "-3", "0", "inf"])
def test_an_endurance_is_above_zero(minutes: str) -> None:
    """The aircraft is named in the sentence."""
    with pytest.raises(PlanningError, match="'uav-1' needs an endurance"):
        parse_aircraft(f"uav-1@dock-1:{minutes}")


def test_a_patrol_is_called_by_what_is_done_and_where() -> None:
    """One thing bears its name; several have none in common, and are counted."""
    assert Sought(cells=("c1",)).name == "cover c1"
    assert Sought(roads=("r1",)).name == "follow r1"
    assert Sought(cells=("c1", "c2"), visit=True).name == "visit 2 cells"
    assert Sought(town="341299001").name == "cover 341299001"
    assert Sought(all_cells=True, flights=2).name == "urgent in all cells"
    assert Sought(streets="all").name == "streets of all"
    assert Sought(places=("115.6,33.1", "115.7,33.1")).name == "inspect 2 places"
