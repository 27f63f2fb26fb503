"""`--fault`: what befalls an aircraft, in one word."""

import math

import pytest

from flight.simulator.errors import SimulatorError
from flight.simulator.settings import VehicleFault, VehicleFaultKind, VehicleSettings
from patrol.cli.fault_options import with_faults
from patrol.errors import UsageError

FLEET = (VehicleSettings("uav-1", 115.6, 33.1), VehicleSettings("uav-2", 115.6, 33.1, system_id=2))


def test_each_fault_reaches_its_aircraft() -> None:
    """Times, how long, and how much, where they are said."""
    first, second = with_faults(
        FLEET,
        ["uav-2:gps_denied@90+20.5", "uav-2:battery_sag@60=0.2", "uav-1:reboot@5"],
    )
    assert first.faults == (VehicleFault(VehicleFaultKind.REBOOT, 5.0),)
    assert second.faults == (
        VehicleFault(VehicleFaultKind.GPS_DENIED, 90.0, 20.5),
        VehicleFault(VehicleFaultKind.BATTERY_SAG, 60.0, math.inf, 0.2),
    )


def test_without_faults_nothing_changes() -> None:
    """The same aircraft in the same order."""
    assert with_faults(FLEET, []) == FLEET


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gps_denied@90", "is no fault: write NAME:WHAT@SECONDS"),
        ("uav-1:rain@90", "with WHAT one of battery_sag"),
        ("uav-1:stuck@soon", "is no fault"),
        ("uav-1:stuck@1+", "is no fault"),
        ("uav-9:stuck@1", "no aircraft uav-9; there is uav-1, uav-2"),
    ],
)
def test_slips_are_told_with_the_form(text: str, says: str) -> None:
    """And with what there is."""
    with pytest.raises(UsageError, match=says):
        with_faults(FLEET, [text])


def test_a_fault_that_lasts_no_time_is_refused() -> None:
    """By the simulator's own rule."""
    with pytest.raises(SimulatorError, match="lasts more than 0 s"):
        with_faults(FLEET, ["uav-1:stuck@1+0"])
