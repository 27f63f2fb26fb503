"""What flying costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.battery import Battery, flight_power_w
from flight.simulator.errors import SimulatorError
from flight.simulator.settings import BatterySettings


@given(st.lists(st.tuples(st.floats(0, 2000), st.floats(0, 60)), max_size=40))
def test_charge_never_grows(draws: list[tuple[float, float]]) -> None:
    """Energy is monotone, whatever is drawn."""
    battery = Battery(BatterySettings())
    for power_w, dt_s in draws:
        before, used_mah = battery.fraction, battery.used_mah
        battery.drain(power_w, dt_s)
        assert 0 <= battery.fraction <= before
        assert battery.used_mah >= used_mah


def test_energy_is_power_times_time() -> None:
    """240 Wh at 240 W last an hour."""
    battery = Battery(BatterySettings(capacity_wh=240))
    battery.drain(240, 1800)
    assert battery.fraction == pytest.approx(0.5)


def test_voltage_falls_with_charge_and_with_load() -> None:
    """Empty and loaded packs show less."""
    battery = Battery(BatterySettings())
    battery.drain(12, 1)
    rested_v = battery.voltage_v
    battery.drain(400, 1)
    loaded_v = battery.voltage_v
    battery.drain(400, 1200)
    assert rested_v > loaded_v > battery.voltage_v


def test_sag_takes_charge_and_never_gives_any() -> None:
    """Sagging to more than is left changes nothing."""
    battery = Battery(BatterySettings(initial_fraction=0.5))
    battery.sag_to(0.9)
    before = battery.fraction
    battery.sag_to(0.2)
    assert (before, battery.fraction) == (0.5, 0.2)


def test_power_has_its_least_at_a_cruise_and_grows_with_speed_and_climb() -> None:
    """The bucket of a rotorcraft."""
    hover_w = flight_power_w(400, 0, 0)
    assert hover_w == 400
    assert flight_power_w(400, 7, 0) < hover_w < flight_power_w(400, 16, 0)
    assert flight_power_w(400, 0, 2.5) > hover_w > flight_power_w(400, 0, -1.5)


@pytest.mark.parametrize(
    "wrong", [{"capacity_wh": 0}, {"hover_w": -1}, {"initial_fraction": 0}, {"initial_fraction": 2}]
)
def test_impossible_battery_is_refused(wrong: dict[str, float]) -> None:
    """Capacity and power above zero, a fraction up to one."""
    with pytest.raises(SimulatorError):
        BatterySettings(**wrong)
