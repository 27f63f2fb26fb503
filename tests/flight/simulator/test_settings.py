"""Settings refuse what cannot be simulated, and say why."""

from typing import Any

import pytest

from flight.simulator.errors import SimulatorError
from flight.simulator.settings import SimulatorSettings, VehicleSettings

HERE: dict[str, Any] = {"name": "a", "lon_deg": 115.0, "lat_deg": 33.0}
DRONE = VehicleSettings("drone-1", 115.62, 33.16)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"vehicles": ()}, "at least one vehicle"),
        ({"vehicles": (DRONE, DRONE)}, "share one name"),
        ({"vehicles": (DRONE, VehicleSettings("drone-2", 115.62, 33.16))}, "share one system_id"),
        ({"speedup": 0.5}, "between 1 and 50"),
        ({"speedup": 51}, "between 1 and 50"),
        ({"base_port": None}, "UDP base port, a TCP base port"),
    ],
)
def test_impossible_simulation_is_refused(wrong: dict[str, Any], told: str) -> None:
    """Each reason in words."""
    with pytest.raises(SimulatorError, match=told):
        SimulatorSettings(**{"vehicles": (DRONE,)} | wrong)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "needs a name"),
        ({"system_id": 0}, "system id 0"),
        ({"system_id": 255}, "system id 255"),
        ({"lon_deg": 181.0}, "no place"),
        ({"lat_deg": 90.0}, "no place"),
    ],
)
def test_impossible_vehicle_is_refused(wrong: dict[str, Any], told: str) -> None:
    """Each reason in words."""
    with pytest.raises(SimulatorError, match=told):
        VehicleSettings(**HERE | wrong)
