"""What the rotors take."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.errors import SimulatorError
from flight.simulator.physics import Multirotor, SetPoint, Wind
from flight.simulator.rotors import Rotors
from flight.simulator.settings import AirframeSettings

AIRFRAME = AirframeSettings()
WEIGHT_N = 3.6 * 9.81


def settled_w(thrust_n: float, along_mps: float, through_mps: float = 0.0) -> float:
    """Power once the inflow has settled."""
    rotors = Rotors(AIRFRAME, 368.0)
    for _ in range(20):
        rotors.power_w(thrust_n, along_mps, through_mps)
    return rotors.power_w(thrust_n, along_mps, through_mps)


def test_hovering_takes_the_power_of_the_data_sheet() -> None:
    """Whatever blades and motors are assumed."""
    assert settled_w(WEIGHT_N, 0.0) == pytest.approx(368.0, rel=1e-6)


def level_w(speed_mps: float) -> float:
    """Power in level flight at a speed through the air."""
    airframe = Multirotor(0.0, Wind(0, 0, 0))
    airframe.body.north_mps = speed_mps
    load = airframe.load()
    return settled_w(load.thrust_n, load.along_mps, load.through_mps)


def test_power_has_its_least_at_a_cruise() -> None:
    """Forward flight feeds the disks with air, until the drag outgrows that."""
    assert level_w(8.0) < 0.85 * level_w(0.0)
    assert level_w(20.0) > 1.5 * level_w(0.0)


def test_climbing_costs_and_sinking_saves() -> None:
    """More than the gain of height, less than nothing saved."""
    hover_w = settled_w(WEIGHT_N, 0.0)
    assert settled_w(WEIGHT_N, 0.0, 2.5) - hover_w > 0.5 * WEIGHT_N * 2.5
    assert 0.0 < settled_w(WEIGHT_N, 0.0, -1.5) < hover_w


@given(st.floats(0, 120), st.floats(0, 30), st.floats(-10, 10))
def test_power_is_never_negative(thrust_n: float, along_mps: float, through_mps: float) -> None:
    """Rotors do not charge the battery."""
    power_w = Rotors(AIRFRAME, 368.0).power_w(thrust_n, along_mps, through_mps)
    assert 0.0 <= power_w < math.inf


def test_the_wind_loads_a_hovering_aircraft() -> None:
    """Thrust carries the weight and holds against 8 m/s."""
    airframe = Multirotor(0.0, Wind(-8.0, 0, 0))
    airframe.body.height_m, airframe.body.on_ground = 50.0, False
    for _ in range(50):
        airframe.step(SetPoint(True), 0.02)
    load = airframe.load()
    drag_n = 0.5 * 1.225 * 0.06 * 64
    assert load.thrust_n == pytest.approx(math.hypot(WEIGHT_N, drag_n), rel=1e-3)
    assert math.hypot(load.along_mps, load.through_mps) == pytest.approx(8.0, abs=0.01)
    assert load.through_mps > 0


@pytest.mark.parametrize(
    "wrong", [{"mass_kg": 0}, {"disk_area_m2": -1}, {"drag_area_m2": 0}, {"lean_max_deg": 90}]
)
def test_impossible_airframe_is_refused(wrong: dict[str, float]) -> None:
    """Above zero, and leaning less than over."""
    with pytest.raises(SimulatorError):
        AirframeSettings(**wrong)
