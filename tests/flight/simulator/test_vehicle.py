"""The whole aircraft: determinism, truth against telemetry, and what a patrol costs."""

import math
import statistics
import struct

import pytest

from flight.simulator.settings import Personality, World
from flight.simulator.vehicle import SimulatedVehicle, Truth
from tests.flight.simulator.station import (
    EARTH,
    EXACT,
    READY,
    SQUARE,
    Station,
    ready,
    settings,
)

WINDY = World(boot_age_s=60, seed=7, wind_north_mps=3, wind_east_mps=-2, gust_mps=1.5)


def flight(world: World) -> list[Truth]:
    """Fly the square and return the truth once a second."""
    station = Station(SimulatedVehicle(settings(), world))
    station.start()
    truths = []
    for _ in range(60):
        station.listen(1)
        truths.append(station.vehicle.truth())
    return truths


def test_same_seed_same_truth() -> None:
    """To the last bit."""
    assert flight(WINDY) == flight(WINDY)


def test_other_seed_other_truth() -> None:
    """Gusts and biases differ."""
    other = World(boot_age_s=60, seed=8, wind_north_mps=3, wind_east_mps=-2, gust_mps=1.5)
    assert flight(WINDY) != flight(other)


def test_truth_does_not_depend_on_the_size_of_the_steps() -> None:
    """One call for a second is fifty calls for a fiftieth."""
    coarse, fine = (SimulatedVehicle(settings(), WINDY) for _ in range(2))
    coarse.step(1.0)
    for _ in range(50):
        fine.step(0.02)
    assert coarse.truth() == fine.truth()


def test_telemetry_is_noisy_and_the_truth_is_not() -> None:
    """Positions scatter about the truth by the stated sigmas, metres and not more."""
    station = ready(World(boot_age_s=60, seed=3))
    station.start()
    errors_m = []
    for _ in range(80):
        station.listen(1)
        told = station.ask(33)
        north_m, east_m = EARTH.to_local(told["lon"] / 1e7, told["lat"] / 1e7)
        errors_m.append(math.dist((north_m, east_m), station.place_m()))
    assert 0.1 < statistics.fmean(errors_m) < 2.5
    assert max(errors_m) < 4


def test_exact_sensors_tell_the_truth() -> None:
    """With all sigmas zero telemetry agrees to the wire's resolution."""
    station = ready(READY)
    station.start()
    station.listen(40)
    told, truth = station.ask(33), station.vehicle.truth()
    assert told["lat"] == pytest.approx(truth.lat_deg * 1e7, abs=1)
    assert told["relative_alt"] / 1000 == pytest.approx(truth.height_ground_m, abs=0.002)
    assert told["hdg"] / 100 == pytest.approx(truth.heading_deg, abs=0.01)
    assert station.ask(30)["pitch"] == pytest.approx(math.radians(truth.pitch_deg), abs=1e-6)


def test_patrol_stays_near_its_line_in_wind() -> None:
    """The square is flown within two metres although it blows."""
    station = Station(SimulatedVehicle(settings(), WINDY))
    station.start()
    station.fly_until(lambda: station.place_m()[0] > 20)
    while station.place_m()[0] < 70:
        station.listen(1)
        assert abs(station.place_m()[1]) < 2.5


def test_battery_only_empties_in_flight() -> None:
    """And by what hovering costs: some per cent in three minutes."""
    station = ready()
    station.start()
    charges = []
    while station.vehicle.armed:
        station.listen(2)
        charges.append(station.vehicle.battery_fraction)
    assert sorted(charges, reverse=True) == charges
    assert 0.03 < 1 - charges[-1] < 0.12


def test_clock_can_start_aged() -> None:
    """`boot_age_s` spares the wait for the EKF."""
    assert ready().vehicle.now_s == 60
    assert Station(SimulatedVehicle(settings(), World())).vehicle.now_s == 0


def px4() -> Station:
    """Return a station talking to a PX4 that is ready."""
    return ready(World(boot_age_s=60, sigmas=EXACT, personality=Personality.PX4))


def test_px4_asks_with_request_int_and_has_no_home_item() -> None:
    """Item 0 is the take-off."""
    station = px4()
    (first,) = station.send("MISSION_COUNT", count=2, mission_type=0)
    assert first.name == "MISSION_REQUEST_INT"
    assert station.upload(SQUARE[1:])["type"] == 0
    assert station.read_back()[0]["command"] == 22
    assert station.ask(42)["total"] == 6


def test_px4_upload_is_atomic() -> None:
    """A stalled upload leaves the old mission."""
    station = px4()
    station.upload(SQUARE[1:])
    station.send("MISSION_COUNT", count=3, mission_type=0)
    station.put(0, SQUARE)
    station.listen(6)
    assert [each["command"] for each in SQUARE[1:]] == [
        each["command"] for each in station.read_back()
    ]


def test_px4_ignores_wrong_sequences_and_cancels_after_five_seconds() -> None:
    """No INVALID_SEQUENCE there."""
    station = px4()
    station.send("MISSION_COUNT", count=3, mission_type=0)
    assert station.put(2, SQUARE) == []
    acks = [each["type"] for each in station.listen(6) if each.name == "MISSION_ACK"]
    assert acks == [15]


def test_px4_flies_from_mission_mode_when_armed_and_holds_at_the_end() -> None:
    """Set the mission mode, arm, and it goes; without RTL it ends in Hold."""
    station = px4()
    station.upload(SQUARE[1:5])
    assert station.command(176, 1, 4, 4) == 0
    assert station.command(400, 1) == 0
    station.fly_until(lambda: station.now_mode == "BRAKE")
    assert station.ask(0)["custom_mode"] == 4 << 16 | 3 << 24
    assert station.place_m() == pytest.approx((80, 0), abs=12)


def test_px4_arms_in_hold_and_takes_off_when_the_mission_mode_is_set() -> None:
    """Hold is PX4's AUTO.LOITER, where ArduPilot's BRAKE would refuse."""
    station = px4()
    station.upload(SQUARE[1:])
    assert [station.command(176, 1, 4, 3), station.command(400, 1)] == [0, 0]
    assert station.command(176, 1, 4, 4) == 0
    station.fly_until(lambda: station.height_m > 39)


def test_px4_keeps_its_ceiling_by_its_own_parameters() -> None:
    """GF_MAX_VER_DIST 30 and GF_ACTION 3 turn a climb to 40 m into a return."""
    station = px4()
    station.set_parameter("GF_MAX_VER_DIST", 30)
    (three,) = struct.unpack("<f", struct.pack("<i", 3))
    station.set_parameter("GF_ACTION", three)
    station.upload(SQUARE[1:])
    station.command(176, 1, 4, 4)
    station.command(400, 1)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert station.height_m == pytest.approx(30, abs=2)


def test_px4_streams_unasked_and_names_itself() -> None:
    """Autopilot 12 in the heartbeat, positions without a request."""
    heard = {message.name: message for message in px4().listen(1.5)}
    assert heard["HEARTBEAT"]["autopilot"] == 12
    assert "GLOBAL_POSITION_INT" in heard


def test_px4_takes_off_on_command_to_a_height_above_the_sea() -> None:
    """NAV_TAKEOFF switches the mode by itself."""
    station = px4()
    station.command(400, 1)
    assert station.command(22, 0, 0, 0, 0, 0, 0, 45) == 0
    station.fly_until(lambda: station.height_m > 14)


def test_px4_refuses_to_arm_temporarily() -> None:
    """TEMPORARILY_REJECTED with a preflight text."""
    station = ready(World(sigmas=EXACT, personality=Personality.PX4))
    station.listen(10)
    station.command(176, 1, 4, 2)
    assert station.command(400, 1) == 1
    station.listen(1)
    assert any(text.startswith("Preflight Fail") for text in station.texts())
