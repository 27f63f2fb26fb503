"""What the autopilot does by itself, and that it stays so afterwards."""

from typing import Any

from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import BatterySettings, VehicleFault, VehicleFaultKind
from tests.flight.simulator.station import (
    AUTO,
    GUIDED,
    HOME_ITEM,
    RETURN,
    RTL,
    TAKEOFF,
    Station,
    ready,
    waypoint,
)

LONG_WAY = [HOME_ITEM, TAKEOFF, waypoint(2000, 0), RETURN]


def cruising(**changes: Any) -> Station:
    """Return a station whose vehicle is on a long leg."""
    station = ready(**changes)
    station.start(LONG_WAY)
    station.fly_until(lambda: station.place_m()[0] > 20)
    return station


def beat(station: Station, seconds: float, system: int = 255) -> None:
    """Send a heartbeat each second for some time."""
    talker = Station(station.vehicle, system, channel=1)
    for _ in range(round(seconds)):
        talker.send("HEARTBEAT", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4)
        station.listen(1)


def with_gcs(*more: tuple[str, float]) -> tuple[tuple[str, float], ...]:
    """Return parameters that switch the station failsafe on."""
    return (("FS_GCS_ENABLE", 1), *more)


def test_lost_station_is_ignored_by_default() -> None:
    """FS_GCS_ENABLE is 0."""
    station = cruising()
    beat(station, 3)
    station.listen(20)
    assert station.now_mode == "AUTO"


def test_lost_station_returns_the_aircraft_and_the_mode_stays() -> None:
    """RTL 4.6 s after the last heartbeat; when heartbeats come back, still RTL."""
    station = cruising(parameters=with_gcs())
    beat(station, 3)
    station.listen(3.4)
    before = station.now_mode
    station.listen(0.5)
    assert (before, station.now_mode) == ("AUTO", "RTL")
    assert "GCS Failsafe" in station.texts()
    beat(station, 3)
    assert "GCS Failsafe Cleared" in station.texts()
    assert station.now_mode == "RTL"


def test_continuing_auto_by_option() -> None:
    """FS_OPTIONS 18 only says so."""
    station = cruising(parameters=with_gcs(("FS_OPTIONS", 18)))
    beat(station, 3)
    station.listen(8)
    assert station.now_mode == "AUTO"
    assert "GCS Failsafe - Continuing Auto Mode" in station.texts()


def test_heartbeats_of_another_system_id_do_not_count() -> None:
    """A client with id 254 neither arms the failsafe nor keeps it quiet."""
    never_armed = cruising(parameters=with_gcs())
    beat(never_armed, 3, system=254)
    never_armed.listen(10)
    lost = cruising(parameters=with_gcs())
    beat(lost, 2)
    beat(lost, 8, system=254)
    assert (never_armed.now_mode, lost.now_mode) == ("AUTO", "RTL")


def sagging(left: float, *parameters: tuple[str, float]) -> Station:
    """Return a station whose vehicle loses charge 100 s after boot."""
    fault = VehicleFault(VehicleFaultKind.BATTERY_SAG, start_s=100, value=left)
    station = cruising(faults=(fault,), parameters=parameters)
    station.fly_until(lambda: station.vehicle.now_s >= 100)
    return station


def test_low_battery_only_warns_by_default() -> None:
    """BATT_FS_LOW_ACT is 0."""
    station = sagging(0.1)
    station.listen(15)
    assert station.now_mode == "AUTO"
    assert any(text.startswith("Battery 1 is low") for text in station.texts())


def test_low_battery_returns_after_ten_seconds_and_auto_is_accepted_again() -> None:
    """RTL, "Battery Failsafe"; the autopilot would fly on: the client must refuse."""
    station = sagging(0.1, ("BATT_FS_LOW_ACT", 2))
    station.listen(9)
    early = station.now_mode
    station.listen(2)
    assert (early, station.now_mode) == ("AUTO", "RTL")
    assert "Battery Failsafe" in station.texts()
    assert station.mode(AUTO) == 0
    station.listen(5)
    assert station.now_mode == "AUTO"


def test_critical_battery_lands() -> None:
    """The second threshold lands where the aircraft is."""
    station = sagging(0.01, ("BATT_FS_LOW_ACT", 2), ("BATT_FS_CRT_ACT", 1))
    station.listen(11)
    assert station.now_mode == "LAND"
    assert any(text.startswith("Battery 1 is critical") for text in station.texts())


def test_flat_battery_lets_the_aircraft_fall() -> None:
    """Nothing flies without charge."""
    station = ready(battery=BatterySettings(capacity_wh=3, hover_w=400))
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, 100)
    station.fly_until(lambda: station.height_m > 20)
    station.fly_until(lambda: station.vehicle.on_ground, 60)
    assert station.vehicle.battery_fraction == 0


def test_gps_loss_lands_after_eight_seconds_and_stays_in_land() -> None:
    """EKF failsafe; RTL fails until the position is back, and LAND stays even then."""
    fault = VehicleFault(VehicleFaultKind.GPS_DENIED, start_s=100, duration_s=15)
    station = cruising(faults=(fault,))
    station.fly_until(lambda: station.vehicle.now_s >= 107.5)
    early = station.now_mode
    station.listen(1)
    assert (early, station.now_mode) == ("AUTO", "LAND")
    assert "EKF Failsafe: changed to LAND Mode" in station.texts()
    assert station.mode(RTL) == 4
    assert station.ask(24)["fix_type"] == 1
    station.listen(10)
    assert (station.now_mode, station.ask(24)["fix_type"]) == ("LAND", 6)
    assert station.mode(RTL) == 0


def test_failsafe_shows_in_the_heartbeat() -> None:
    """MAV_STATE_CRITICAL while a failsafe holds."""
    station = sagging(0.1, ("BATT_FS_LOW_ACT", 2))
    assert station.ask(0)["system_status"] == 4
    station.listen(11)
    assert station.ask(0)["system_status"] == 5
