"""What flying costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.battery import Battery
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


def test_energy_is_power_times_time_and_what_heats_the_pack() -> None:
    """240 Wh at 240 W for half an hour: half of it out, a little more gone."""
    battery = Battery(BatterySettings(capacity_wh=240))
    for _ in range(1800):
        battery.drain(240, 1)
    assert battery.used_wh == pytest.approx(120)
    loss = 0.03 * (240 / 22.8) ** 2 / 240
    assert 1 - battery.fraction == pytest.approx(0.5 * (1 + loss), rel=2e-3)


def test_power_is_current_times_voltage() -> None:
    """Whatever the pack loses, the load gets what it asked for."""
    battery = Battery(BatterySettings())
    battery.drain(600, 60)
    assert battery.current_a * battery.voltage_v == pytest.approx(600)


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


@pytest.mark.parametrize(
    "wrong", [{"capacity_wh": 0}, {"hover_w": -1}, {"initial_fraction": 0}, {"initial_fraction": 2}]
)
def test_impossible_battery_is_refused(wrong: dict[str, float]) -> None:
    """Capacity and power above zero, a fraction up to one."""
    with pytest.raises(SimulatorError):
        BatterySettings(**wrong)
