"""What a PX4 does by itself: it says little, holds first, and stays in what it chose."""

import pytest

from flight.simulator.mavlink_ids import PlanKind
from flight.simulator.settings import Personality, Since, VehicleFault, VehicleFaultKind, World
from tests.flight.simulator.station import EXACT, RETURN, TAKEOFF, Station, polygon, ready, waypoint

PX4 = World(boot_age_s=60, sigmas=EXACT, personality=Personality.PX4)
LONG_WAY = [TAKEOFF, waypoint(2000, 0), RETURN]
HOLD = "BRAKE"  # what the simulator calls PX4's Hold
FENCE = polygon((-50, -50), (70, -50), (70, 50), (-50, 50))


def started(*faults: VehicleFault, fenced: bool = False, **parameters: float) -> Station:
    """Return a station whose PX4 has set out on a long leg to the north."""
    station = ready(PX4, faults=faults, parameters=tuple(parameters.items()))
    station.upload(LONG_WAY)
    if fenced:
        station.upload(FENCE, PlanKind.FENCE)
    station.command(400, 1)
    station.command(176, 1, 4, 4)
    return station


def cruising(*faults: VehicleFault, fenced: bool = False, **parameters: float) -> Station:
    """Return a station whose PX4 is on its leg."""
    station = started(*faults, fenced=fenced, **parameters)
    station.fly_until(lambda: station.place_m()[0] > 20)
    return station


def sagging(charge: float, at_s: float = 35.0) -> VehicleFault:
    """Return a battery that breaks down on the long leg."""
    return VehicleFault(VehicleFaultKind.BATTERY_SAG, at_s, value=charge, since=Since.TAKEOFF)


def beat(station: Station, seconds: int, system: int = 7) -> None:
    """Send a heartbeat each second, as any station may."""
    talker = Station(station.vehicle, system, channel=1)
    for _ in range(seconds):
        talker.send("HEARTBEAT", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4)
        station.listen(1)


def status(station: Station) -> int:
    """Return the state in the newest heartbeat."""
    station.listen(1.1)
    beats = [message for _, message in station.heard if message.name == "HEARTBEAT"]
    return int(beats[-1]["system_status"])


def after(station: Station, seconds: float) -> tuple[str, list[str]]:
    """Return mode and texts some seconds later."""
    before = len(station.texts())
    station.listen(seconds)
    return station.now_mode, station.texts()[before:]


def test_a_low_battery_is_only_told() -> None:
    """Below BAT_LOW_THR; a warning is no emergency in the heartbeat."""
    station = cruising(sagging(0.12), COM_LOW_BAT_ACT=3)
    mode, texts = after(station, 20)
    assert (mode, texts) == ("AUTO", ["Low battery", "Failsafe activated"])
    assert status(station) == 4


@pytest.mark.parametrize(
    ("action", "charge", "mode"),
    [(0, 0.06, "AUTO"), (2, 0.06, "LAND"), (3, 0.06, "RTL"), (3, 0.04, "LAND")],
)
def test_a_critical_battery_acts_as_com_low_bat_act_says(
    action: int, charge: float, mode: str
) -> None:
    """3 returns when critical, and lands in an emergency."""
    station = cruising(sagging(charge), COM_LOW_BAT_ACT=action, COM_FAIL_ACT_T=0)
    assert after(station, 20)[0] == mode


def test_it_holds_for_five_seconds_before_it_acts_and_says_so() -> None:
    """So that a pilot can take over."""
    station = cruising(sagging(0.06), COM_LOW_BAT_ACT=3)
    station.fly_until(lambda: station.now_mode == HOLD)
    assert station.texts()[-2:] == [
        "Critical battery",
        "Failsafe activated, entering Hold for 5 seconds",
    ]
    assert status(station) == 5
    assert after(station, 3.0)[0] == HOLD
    assert after(station, 1.5) == ("RTL", ["Failsafe activated"])


def test_whoever_changes_the_mode_meanwhile_keeps_the_aircraft() -> None:
    """The return that was announced does not come."""
    station = cruising(sagging(0.06), COM_LOW_BAT_ACT=3)
    station.fly_until(lambda: station.now_mode == HOLD)
    station.command(176, 1, 3)  # Position, the pilot's
    assert after(station, 10)[0] == "LOITER"
    assert status(station) == 4


@pytest.mark.parametrize(("action", "mode"), [(0, "AUTO"), (1, HOLD), (2, "RTL"), (3, "LAND")])
def test_a_lost_station_does_what_nav_dll_act_says(action: int, mode: str) -> None:
    """After COM_DL_LOSS_T, whoever the station was; and the mode stays when it is back."""
    station = cruising(NAV_DLL_ACT=action, COM_DL_LOSS_T=5, COM_FAIL_ACT_T=0)
    beat(station, 2)
    assert after(station, 3.8) == ("AUTO", [])
    seen, texts = after(station, 0.8)
    assert seen == mode
    assert texts == ["Connection to ground station lost", *["Failsafe activated"] * bool(action)]
    beat(station, 2)
    assert station.now_mode == mode
    assert station.texts()[-1] == "GCS connection regained"


def test_without_any_heartbeat_no_station_is_lost() -> None:
    """Nobody was there."""
    station = cruising(NAV_DLL_ACT=2, COM_DL_LOSS_T=5)
    assert after(station, 10) == ("AUTO", [])


def fence_told(**parameters: float) -> tuple[str, list[str]]:
    """Return mode and texts after flying out of the fence."""
    station = cruising(fenced=True, COM_FAIL_ACT_T=0, **parameters)
    return after(station, 12)


@pytest.mark.parametrize(("action", "mode"), [(1, "AUTO"), (2, HOLD), (3, "RTL"), (5, "LAND")])
def test_a_fence_does_what_gf_action_says(action: int, mode: str) -> None:
    """In PX4's own words."""
    seen, texts = fence_told(GF_ACTION=action)
    assert seen == mode
    assert texts == ["Geofence: approaching or outside geofence", "Failsafe activated"]


def test_a_fence_without_action_is_not_even_told() -> None:
    """GF_ACTION 0."""
    assert fence_told(GF_ACTION=0) == ("AUTO", [])


def test_a_ceiling_and_a_cylinder_have_words_of_their_own() -> None:
    """GF_MAX_VER_DIST and GF_MAX_HOR_DIST."""
    above = started(GF_MAX_VER_DIST=35.0, GF_ACTION=2.0)
    away = started(GF_MAX_HOR_DIST=35.0, GF_ACTION=2.0)
    for station, words in ((above, "maximum altitude above"), (away, "maximum distance to")):
        station.listen(45)
        assert f"Geofence: exceeding {words} Home" in station.texts()


def test_a_lost_position_brings_it_down_without_a_hold() -> None:
    """There is nothing to hold by."""
    station = cruising(VehicleFault(VehicleFaultKind.GPS_DENIED, 35.0, since=Since.TAKEOFF))
    station.fly_until(lambda: station.now_mode == "LAND")
    assert station.texts()[-1] == "Failsafe activated"
    assert not any("Hold" in text for text in station.texts())


def test_fence_status_and_wind_are_not_told() -> None:
    """PX4 has no such streams."""
    station = cruising()
    for number in (162, 168, 193):
        assert station.command(511, number, 1e5) != 0
    names = {message.name for message in station.listen(3.0)}
    assert not names & {"FENCE_STATUS", "WIND", "EKF_STATUS_REPORT"}


def test_a_worse_need_overtakes_what_was_announced() -> None:
    """Landing outweighs a return; both were to come after one hold."""
    station = cruising(sagging(0.06), sagging(0.03, 37.0), COM_LOW_BAT_ACT=3)
    station.fly_until(lambda: station.now_mode == HOLD)
    assert after(station, 7)[0] == "LAND"
