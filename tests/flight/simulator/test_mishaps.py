"""What befalls an aircraft, when, and how the autopilot takes it."""

import math

import pytest

from flight.simulator.errors import SimulatorError
from flight.simulator.mavlink_ids import MESSAGE_NAMES, Command
from flight.simulator.settings import (
    Personality,
    Since,
    VehicleFault,
    VehicleFaultKind,
    WindChange,
    World,
)
from tests.flight.simulator.station import (
    EXACT,
    GUIDED,
    SQUARE,
    Station,
    ready,
)

ID = {name: number for number, name in MESSAGE_NAMES.items()}


def afflicted(kind: str, start_s: float, duration_s: float = math.inf, **rest: float) -> Station:
    """Return a station talking to an aircraft that something befalls `start_s` after take-off."""
    fault = VehicleFault(
        VehicleFaultKind(kind),
        start_s,
        duration_s,
        since=Since.TAKEOFF,
        **rest,  # type: ignore[arg-type]
    )
    return ready(faults=(fault,))


def test_a_pilot_gives_back_and_the_mission_goes_on() -> None:
    """LOITER for as long as it lasts, then AUTO with the item that was left."""
    station = afflicted("pilot_takeover", 20, 15)
    station.start()
    station.fly_until(lambda: station.now_mode == "LOITER")
    item = station.vehicle.autopilot.mission.current
    station.listen(14)
    assert station.now_mode == "LOITER"
    station.fly_until(lambda: station.now_mode == "AUTO", 5)
    assert station.vehicle.autopilot.mission.current == item
    station.fly_until(lambda: not station.vehicle.armed)


def test_a_pilot_who_lands_stays_down() -> None:
    """In LAND to the ground, where it disarms."""
    station = afflicted("pilot_lands", 28)
    station.start()
    station.fly_until(lambda: station.now_mode == "LAND")
    station.fly_until(lambda: not station.vehicle.armed)
    assert math.hypot(*station.place_m()) > 10


def test_finding_33_a_jammed_receiver_ends_in_a_landing() -> None:
    """Eight seconds later, with a text; RTL is refused meanwhile."""
    station = afflicted("gps_denied", 20)
    station.start()
    station.fly_until(lambda: station.now_mode == "LAND")
    assert "EKF Failsafe: changed to LAND Mode" in station.texts()
    assert station.mode(6) == 4
    station.listen(1)
    assert any("requires position" in text for text in station.texts())
    assert station.now_mode == "LAND"


def test_a_failed_compass_lands_sooner_and_shows_in_the_sensors() -> None:
    """SYS_STATUS loses the compass, the variance is high, and LAND comes within seconds."""
    station = afflicted("compass_failed", 20)
    station.start()
    station.fly_until(lambda: "EKF variance" in station.texts())
    station.listen(2)
    assert station.now_mode == "LAND"
    assert not station.ask(ID["SYS_STATUS"])["onboard_control_sensors_health"] & 0x4
    assert station.ask(ID["EKF_STATUS_REPORT"])["compass_variance"] > 1


def test_a_failed_compass_keeps_an_aircraft_on_the_ground() -> None:
    """With the reason."""
    station = ready(faults=(VehicleFault(VehicleFaultKind.COMPASS_FAILED, 0.0),))
    station.listen(1)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == 4
    station.listen(1)
    assert "Arm: Compass not healthy" in station.texts()


def test_a_jump_of_the_receivers_shows_at_once_and_is_believed_later() -> None:
    """The raw fix jumps by its metres, the position only when the estimator gives in."""
    station = afflicted("gps_glitch", 25, value=60.0, direction_deg=90.0)
    station.start()
    station.fly_until(lambda: "GPS Glitch or Compass error" in station.texts())
    raw, told = station.ask(ID["GPS_RAW_INT"]), station.ask(ID["GLOBAL_POSITION_INT"])
    metres_per_unit = 1e-7 * 111_320 * math.cos(math.radians(33.16))
    assert (raw["lon"] - told["lon"]) * metres_per_unit == pytest.approx(60, abs=2)
    station.fly_until(lambda: "Glitch cleared" in station.texts(), 12)
    off_m = station.vehicle.autopilot.cockpit.here.east_m - station.place_m()[1]
    assert off_m == pytest.approx(60, abs=1)


def test_a_reboot_starts_the_clock_anew_and_faults_do_not_come_twice() -> None:
    """The mission stays on board, the motors stand still, and one reboot is one."""
    station = ready(faults=(VehicleFault(VehicleFaultKind.REBOOT, 62.0),))
    station.upload(SQUARE)
    station.listen(4)
    assert station.vehicle.boots == 2
    assert station.vehicle.now_s < 3
    station.listen(70)
    assert station.vehicle.boots == 2
    assert len(station.read_back()) == len(SQUARE)


def test_finding_17_an_upload_begun_by_another_station_shuts_ours_out() -> None:
    """DENIED until its transfer times out after eight seconds, accepted then."""
    fault = VehicleFault(VehicleFaultKind.SECOND_STATION, 60.0)
    station = ready(faults=(fault,))
    station.listen(0.2)
    assert station.upload(SQUARE)["type"] == 14
    station.listen(9)
    assert station.upload(SQUARE)["type"] == 0


@pytest.mark.parametrize("personality", list(Personality))
def test_another_station_brings_its_mission_on_board(personality: Personality) -> None:
    """Complete, some time after ours, and PX4 names it by another id."""
    fault = VehicleFault(VehicleFaultKind.OTHER_MISSION, 2.0, value=4.0, since=Since.UPLOAD)
    station = ready(World(boot_age_s=60, personality=personality), faults=(fault,))
    own = SQUARE[personality is Personality.PX4 :]
    assert station.upload(own)["type"] == 0
    mission = station.vehicle.autopilot.mission
    ours, ours_id = tuple(mission.items), mission.plan_id
    station.listen(1.9)
    assert tuple(mission.items) == ours
    station.listen(0.2)
    assert len(mission.items) == 4
    assert (mission.plan_id != ours_id) == (personality is Personality.PX4)


def test_a_mishap_waits_for_its_waypoint() -> None:
    """It begins with the turn to the second one, wherever the clock stands."""
    fault = VehicleFault(VehicleFaultKind.STUCK, 0.0, 10.0, since=Since.WAYPOINT, waypoint=2)
    station = ready(faults=(fault,))
    station.start()
    station.fly_until(lambda: station.vehicle.autopilot.cockpit.stuck)
    assert station.vehicle.autopilot.mission.waypoint_number == 2
    assert station.now_mode == "AUTO"
    station.fly_until(lambda: not station.vehicle.autopilot.cockpit.stuck, 12)
    station.fly_until(lambda: not station.vehicle.armed)


def test_the_wind_changes_when_it_is_said_to() -> None:
    """Seconds are those of the simulation, whenever the aircraft was switched on."""
    change = WindChange(at_s=5.0, north_mps=0.0, east_mps=9.0)
    world = World(boot_age_s=60, sigmas=EXACT, wind_changes=(change,))
    station = ready(world)
    station.listen(4)
    assert station.vehicle._airframe.wind.now_mps == (0.0, 0.0)
    station.listen(12)
    assert station.vehicle._airframe.wind.now_mps[1] == pytest.approx(9.0, abs=0.01)


def test_what_a_station_asks_for_changes_nothing_in_the_flight() -> None:
    """Messages have their own noise: the same seed is the same flight for every listener."""
    world = World(boot_age_s=60, gust_mps=2.0)
    places = []
    for asked in (False, True):
        station = ready(world)
        station.start()
        if asked:
            station.command(Command.SET_MESSAGE_INTERVAL, ID["GLOBAL_POSITION_INT"], 20_000)
            station.command(Command.SET_MESSAGE_INTERVAL, ID["ATTITUDE"], 20_000)
        station.listen(40)
        places.append(station.place_m())
    assert places[0] == places[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_s": -1.0},
        {"start_s": 0.0, "duration_s": 0.0},
        {"start_s": 0.0, "since": Since.WAYPOINT},
        {"start_s": 0.0, "waypoint": 2},
    ],
)
def test_mishaps_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    """Before anything flies."""
    with pytest.raises(SimulatorError):
        VehicleFault(VehicleFaultKind.STUCK, **wrong)  # type: ignore[arg-type]
