"""A mission's forecast is that of the points its items lead to."""

import dataclasses

import numpy as np
import pytest
import shapely

from flight.errors import WindTooStrongError
from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.energy import foretell_flight
from flight.planning.forecast import flown_points, forecast
from flight.planning.wind import Wind
from tests.flight.planning.scenes import FRAME, place

CRAFT = Aircraft("drone-1", "dock-1")
HOVER = MissionItem(Action.HOVER, place(100, 0), 40.0, 20.0)


def waypoint(east_m: float, north_m: float, height_m: float = 40.0) -> MissionItem:
    """A waypoint in metres from home."""
    return MissionItem(Action.WAYPOINT, place(east_m, north_m), height_m)


def mission(*flown: MissionItem) -> Mission:
    """A mission from the middle of the map and back."""
    start = MissionItem(Action.TAKEOFF, place(0, 0), 40.0)
    items = (start, MissionItem(Action.SPEED, value=8.0), *flown, MissionItem(Action.RETURN_HOME))
    ring = FRAME.geometry_to_lonlat(shapely.box(-1500, -900, 1500, 900))
    fence = Fence(ring, (), 120.0)
    return Mission("m", "drone-1", "dock-1", place(0, 0), items, fence, 8.0, 40.0, (), 0.0, 0.0)


def test_items_lead_from_above_home_to_above_home() -> None:
    """Settings and what is only looked at lead nowhere; a hover stands still."""
    look = MissionItem(Action.LOOK_AT, place(50, 50), 0.0)
    flown = mission(waypoint(100, 0), look, HOVER, waypoint(100, 50, 60.0))
    points, hovers_s = flown_points(flown.items, FRAME, 40.0)
    expected = [(0, 0, 40), (100, 0, 40), (100, 0, 40), (100, 50, 60), (0, 0, 60)]
    assert points == pytest.approx(np.array(expected, dtype=float), abs=0.02)
    assert hovers_s.tolist() == [0.0, 0.0, 20.0, 0.0, 0.0]


def test_a_hover_without_a_place_is_where_the_aircraft_is() -> None:
    """At the point before it."""
    flown = mission(waypoint(100, 0), MissionItem(Action.HOVER, value=5.0))
    points, hovers_s = flown_points(flown.items, FRAME, 40.0)
    assert points[2] == pytest.approx(points[1])
    assert hovers_s.tolist() == [0.0, 0.0, 5.0, 0.0]


def test_time_and_energy_are_those_of_the_points() -> None:
    """Take-off, legs, hover and landing."""
    flown = mission(waypoint(100, 0), HOVER, waypoint(100, 50))
    wind = Wind(3.0, -2.0)
    points, hovers_s = flown_points(flown.items, FRAME, 40.0)
    expected = foretell_flight(points, 8.0, wind, CRAFT, hovers_s)
    told = forecast(flown, CRAFT, wind)
    assert (told.time_s, told.energy_wh) == pytest.approx((expected.time_s, expected.energy_wh))
    assert told.distance_m == pytest.approx(100.0 + 50.0 + np.hypot(100.0, 50.0), abs=0.1)


def test_turning_back_costs_most_where_the_wind_is_against_the_way_home() -> None:
    """On a flight that ends far downwind, breaking off there costs more than the plan foresees."""
    out = mission(*(waypoint(200.0 * i, 0) for i in range(1, 6)))
    landing = dataclasses.replace(out, items=(*out.items[:-1], MissionItem(Action.LAND)))
    told = forecast(landing, CRAFT, Wind(east_mps=8.0))
    assert told.turning_back_wh > told.energy_wh
    assert told.dearest_place.lon_deg == pytest.approx(place(1000, 0).lon_deg, abs=1e-6)


def test_a_wind_that_carries_the_aircraft_away_is_told() -> None:
    """There is no forecast for it."""
    with pytest.raises(WindTooStrongError, match="carries"):
        forecast(mission(waypoint(100, 0)), CRAFT, Wind(30.0, 0.0))
