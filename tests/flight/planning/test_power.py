"""What a multirotor draws, by its data sheet."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.power import GRAVITY_MPS2, PowerModel

MODEL = PowerModel()
STILL = np.zeros((1, 3))


def drawn_w(*velocity: float, model: PowerModel = MODEL) -> float:
    """Power in steady flight."""
    return float(model.power_w(np.array([velocity]), STILL)[0])


def test_hover_takes_the_data_sheet_and_the_heat_of_the_pack() -> None:
    """380 W at the terminals; the cells give I squared R more."""
    loss_w = 0.03 * (380.0 / 22.2) ** 2
    assert drawn_w(0.0, 0.0, 0.0) == pytest.approx(380.0 + loss_w)


def test_power_has_its_least_at_a_cruise() -> None:
    """The bucket of a rotorcraft: down to about 9 m/s, then steeply up."""
    speeds = np.arange(0.0, 22.0, 1.0)
    powers = [drawn_w(speed, 0.0, 0.0) for speed in speeds]
    least = int(np.argmin(powers))
    assert 6.0 <= speeds[least] <= 12.0
    assert powers[: least + 1] == sorted(powers[: least + 1], reverse=True)
    assert powers[least:] == sorted(powers[least:])
    assert powers[-1] > 1.4 * powers[0]


def test_climbing_pays_for_height_and_sinking_saves_less() -> None:
    """More than weight times climb rate, since motors lose part of it."""
    hover_w, weight_n = drawn_w(0, 0, 0), MODEL.mass_kg * GRAVITY_MPS2
    assert drawn_w(0, 0, 2.5) - hover_w > 0.8 * weight_n * 2.5
    assert 0.0 < hover_w - drawn_w(0, 0, -1.5) < weight_n * 1.5


@settings(deadline=None)
@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(-5, 5), st.floats(0, 2 * math.pi))
def test_power_has_no_direction_and_is_never_below_the_avionics(
    east: float, north: float, up: float, angle: float
) -> None:
    """Only speeds along and across the disks count."""
    cosine, sine = math.cos(angle), math.sin(angle)
    turned_w = drawn_w(east * cosine - north * sine, east * sine + north * cosine, up)
    assert turned_w == pytest.approx(drawn_w(east, north, up), rel=1e-6)
    assert turned_w >= MODEL.avionics_w


@settings(deadline=None)
@given(st.floats(0, 25), st.floats(-6, 6), st.floats(5, 80))
def test_induced_speed_balances_the_momentum(along: float, through: float, thrust_n: float) -> None:
    """Thrust is twice the mass flow through the disks times the induced speed."""
    arrays = (np.array([value]) for value in (thrust_n, along, through))
    induced = float(MODEL._induced_mps(*arrays)[0])
    flow = MODEL.air_density_kg_m3 * MODEL.disk_area_m2 * math.hypot(along, through + induced)
    assert 2.0 * flow * induced == pytest.approx(thrust_n, rel=1e-3)


def test_the_greatest_airspeed_is_where_drag_balances_the_lean() -> None:
    """At 30 degrees."""
    most = MODEL.airspeed_max_mps
    drag_n = 0.5 * 1.225 * 0.06 * most**2
    assert math.degrees(math.atan2(drag_n, 3.6 * GRAVITY_MPS2)) == pytest.approx(30.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mass_kg": 0.0},
        {"drag_area_m2": -1.0},
        {"hover_w": math.nan},
        {"hover_w": 10.0},
        {"lean_max_deg": 90.0},
        {"profile_share": 1.0},
    ],
)
def test_an_impossible_data_sheet_is_refused(wrong: dict[str, float]) -> None:
    """Numbers above zero, and hovering above the avionics."""
    with pytest.raises(PlanningError):
        PowerModel(**wrong)
