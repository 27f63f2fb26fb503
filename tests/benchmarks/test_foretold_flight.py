"""What the benchmark compares: foretold flights, flown ones, and the plain estimate."""

import numpy as np
import pytest

from benchmarks.foretold_flight import AIRCRAFT, by_distance
from benchmarks.patrol_routes import PatrolRoute, calibration_routes, judged_routes
from benchmarks.simulated_flight import fly
from flight.planning.energy import foretell_flight
from flight.planning.wind import CALM, Wind

SHORT = PatrolRoute(
    "short",
    np.array([[0.0, 0.0, 20.0], [80.0, 0.0, 25.0], [80.0, 40.0, 20.0], [0.0, 0.0, 20.0]]),
    8.0,
)


def test_nothing_is_judged_on_what_it_was_calibrated_with() -> None:
    """No route is in both sets, and all begin and end above the dock."""
    names = {route.name for route in calibration_routes()}
    assert names.isdisjoint(route.name for route in judged_routes())
    for route in (*calibration_routes(), *judged_routes()):
        assert route.points[0] == pytest.approx(route.points[-1])
        assert len(route.hovers_s) == len(route.points)


@pytest.mark.parametrize("wind", [CALM, Wind.coming_from(250.0, 9.0)])
def test_a_flight_is_foretold_within_the_bounds(wind: Wind) -> None:
    """3 % of the time and 5 % of the energy, in calm and in wind."""
    flown = fly(SHORT, wind)
    told = foretell_flight(SHORT.points, SHORT.speed_mps, wind, AIRCRAFT, SHORT.hovers_s)
    assert told.time_s == pytest.approx(flown.time_s, rel=0.03)
    assert told.energy_wh == pytest.approx(flown.energy_wh, rel=0.05)


def test_distance_over_speed_is_too_short() -> None:
    """Corners, ramps and the landing are missing from it."""
    assert by_distance(SHORT).time_s < 0.75 * fly(SHORT, CALM).time_s
