"""Limits above ground hold over the ground right below, not above home."""

import math
from dataclasses import replace
from pathlib import Path as File

import numpy as np
import pytest
import shapely

from flight.breach import FloatArray
from flight.ground_watch import GroundBound, GroundWatch, planned_path, straight_path
from flight.monitor import BreachMonitor
from flight.states import VehicleState
from flight.vehicle import Control
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import FlatTerrain, Terrain
from geofences.zones import Zone, ZoneKind
from tests.flight.planning.grounds import PIXELS, ground
from tests.flight.test_monitor import HOME, area, flying, mission

FRAME = LocalFrame(HOME)


def slope(folder: File, rise: float) -> Terrain:
    """Return ground that rises to the east by so many metres a metre, 500 m high at home."""
    folder.mkdir(exist_ok=True)
    columns_m = (np.arange(PIXELS) + 0.5 - PIXELS / 2) * 28.0
    return ground(folder, np.tile(500.0 + rise * columns_m, (PIXELS, 1)))


def everywhere(lower_m: float) -> GroundWatch:
    """Return a watch on flat ground at 500 m."""
    bounds = (GroundBound("limit", None, lower_m),)
    return GroundWatch(FlatTerrain(500.0), bounds, FRAME)


@pytest.mark.parametrize(("height_m", "breached"), [(49.9, ()), (50.0, ()), (50.1, ("limit",))])
def test_a_limit_may_be_flown_at_and_not_above(height_m: float, breached: tuple[str, ...]) -> None:
    """Plans fly at their ceilings."""
    path = straight_path((0.0, 0.0), height_m, (10.0, 0.0, 0.0), 8.0)
    assert everywhere(50.0).check(HOME, (path,)).breached == breached


def test_a_climb_is_foretold() -> None:
    """Ten metres below its limit at two metres a second."""
    path = straight_path((0.0, 0.0), 40.0, (0.0, 0.0, 2.0), 8.0)
    status = everywhere(50.0).check(HOME, (path,))
    assert status.breach_in_s == pytest.approx(5.0, abs=0.26)
    assert (status.breached, status.ahead) == ((), "limit")


def test_level_flight_off_a_hill_breaks_the_limit_above_ground(tmp_path: File) -> None:
    """Above home it flies level; the ground falls away below it."""
    watch = GroundWatch(slope(tmp_path, -0.2), (GroundBound("limit", None, 50.0),), FRAME)
    at_home = watch.check(HOME, (straight_path((0.0, 0.0), 45.0, (10.0, 0.0, 0.0), 8.0),))
    assert at_home.height_ground_m == pytest.approx(45.0, abs=0.1)
    assert at_home.breach_in_s == pytest.approx(2.5, abs=0.5)
    beyond = watch.check(HOME, (straight_path((50.0, 0.0), 45.0, (0.0, 0.0, 0.0), 8.0),))
    assert beyond.breached == ("limit",)
    assert beyond.height_ground_m == pytest.approx(55.0, abs=0.7)


def test_flight_up_a_hill_keeps_the_limit_though_far_above_home(tmp_path: File) -> None:
    """The ground climbs with it."""
    watch = GroundWatch(slope(tmp_path, 0.2), (GroundBound("limit", None, 50.0),), FRAME)
    path = straight_path((300.0, 0.0), 100.0, (10.0, 0.0, 2.0), 8.0)
    status = watch.check(HOME, (path,))
    assert status.height_ground_m == pytest.approx(40.0, abs=1.0)
    assert math.isinf(status.breach_in_s)


def test_where_the_ground_is_unknown_home_counts(tmp_path: File) -> None:
    """Far outside the files; and that nobody knows is told by the height."""
    watch = GroundWatch(slope(tmp_path, 0.2), (GroundBound("limit", None, 50.0),), FRAME)
    path = straight_path((60_000.0, 0.0), 51.0, (0.0, 0.0, 0.0), 8.0)
    status = watch.check(HOME, (path,))
    assert (status.height_ground_m, status.breached) == (None, ("limit",))


def test_elevation_that_vanishes_in_flight_ends_nothing(tmp_path: File) -> None:
    """A file on a stick that was pulled."""
    terrain = slope(tmp_path, 0.2)
    (tmp_path / "ground.tif").unlink()
    watch = GroundWatch(terrain, (GroundBound("limit", None, 50.0),), FRAME)
    path = straight_path((0.0, 0.0), 51.0, (0.0, 0.0, 0.0), 8.0)
    assert watch.check(HOME, (path,)).breached == ("limit",)


def test_a_zone_is_closed_only_inside_and_between_its_limits() -> None:
    """Both pairs of limits must hold."""
    box = shapely.box(50.0, -10.0, 60.0, 10.0)
    bound = GroundBound("zone", box, 20.0, 60.0, upper_home_m=45.0)
    watch = GroundWatch(FlatTerrain(500.0), (bound,), FRAME)

    def at(east_m: float, height_m: float) -> tuple[str, ...]:
        path = straight_path((east_m, 0.0), height_m, (0.0, 0.0, 0.0), 1.0)
        return watch.check(HOME, (path,)).breached

    assert at(55.0, 40.0) == ("zone",)
    assert (at(45.0, 40.0), at(55.0, 15.0), at(55.0, 50.0)) == ((), (), ())
    toward = straight_path((0.0, 0.0), 40.0, (10.0, 0.0, 0.0), 8.0)
    assert watch.check(HOME, (toward,)).breach_in_s == pytest.approx(5.0, abs=0.26)


def test_a_planned_way_is_followed_around_its_corner_at_its_heights() -> None:
    """Twenty metres east, then up and north."""
    points: FloatArray = np.array([[0.0, 0.0, 40.0], [20.0, 0.0, 40.0], [20.0, 30.0, 80.0]])
    path = planned_path(points, 10.0, 60.0)
    assert path.times_s[-1] == pytest.approx(7.0)
    assert path.places_m[-1] == pytest.approx([20.0, 30.0])
    assert path.heights_home_m[-1] == pytest.approx(80.0)
    # Hovering at its start, it counts as slow, not as standing for ever.
    assert planned_path(points, 0.0, 8.0).places_m[-1] == pytest.approx([8.0, 0.0])


def looked(terrain: Terrain | None, state: VehicleState, control: Control) -> tuple[str, ...]:
    """Return what an aircraft breaches below a ceiling of 45 m above ground around its lane."""
    zone = Zone("z", ZoneKind.CEILING, area(-40, -40, 240, 70), "low", ceiling_m=45.0)
    foresight = BreachMonitor(mission(), (zone,), terrain=terrain).look(state, control)
    assert foresight is not None
    return foresight.breached


def test_the_monitor_takes_ceilings_above_the_true_ground(tmp_path: File) -> None:
    """On a slope a height above home says nothing about the law."""
    here = flying((150.0, 0.0), (0.0, 0.0, 0.0))
    falling, rising = slope(tmp_path / "a", -0.2), slope(tmp_path / "b", 0.2)
    assert looked(None, here, Control.MISSION) == ()
    assert looked(falling, here, Control.MISSION) == ("ceiling of low",)
    high = replace(here, height_home_m=58.0)
    assert looked(None, high, Control.PILOT) == ("ceiling of low",)
    assert looked(rising, high, Control.PILOT) == ()


@pytest.mark.parametrize("control", list(Control))
def test_the_laws_own_ceiling_counts_whatever_is_flown(tmp_path: File, control: Control) -> None:
    """Home on a mountain top, 110 m above the valley: 40 m above home are 120 m and more."""
    there = flying((230.0, 0.0), (0.0, 0.0, 0.0))
    monitor = BreachMonitor(mission(), terrain=slope(tmp_path, -0.5))
    foresight = monitor.look(there, control)
    assert foresight is not None
    assert foresight.breached == ("legal ceiling of 120 m above ground",)
    assert foresight.warning


def test_a_moved_home_moves_the_heights(tmp_path: File) -> None:
    """Home is where it was armed, not where it was planned (case 31)."""
    monitor = BreachMonitor(mission(), terrain=slope(tmp_path, 0.2))
    here = flying((100.0, 0.0), (0.0, 0.0, 0.0))
    planned = monitor.look(here, Control.MISSION)
    moved = monitor.look(replace(here, home=LonLat(*FRAME.to_lonlat(100.0, 0.0))), Control.MISSION)
    assert planned is not None
    assert moved is not None
    assert planned.height_ground_m == pytest.approx(20.0, abs=0.7)
    assert moved.height_ground_m == pytest.approx(40.0, abs=0.1)


def test_a_planned_climb_to_the_limit_is_no_alarm() -> None:
    """It will level off below it, as planned."""
    climbing = replace(flying((0.0, 0.0), (0.0, 0.0, 2.5), item=0), height_home_m=38.0)
    zone = Zone("z", ZoneKind.CEILING, area(-40, -40, 240, 70), "low", ceiling_m=41.0)
    monitor = BreachMonitor(mission(), (zone,), terrain=FlatTerrain(500.0))
    on_mission, by_hand = (
        monitor.look(climbing, Control.MISSION),
        monitor.look(climbing, Control.PILOT),
    )
    assert on_mission is not None
    assert by_hand is not None
    assert math.isinf(on_mission.breach_in_s)
    assert by_hand.breach_in_s < 2.0
