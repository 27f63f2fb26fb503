"""From messages to snapshots."""

import math

import pytest

from flight.mavlink.protocol.messages import Message, Peer
from flight.mavlink.telemetry import Telemetry
from geofences.geodesy import LonLat

VEHICLE = Peer(1, 1)


def telemetry() -> Telemetry:
    """Return the fold of an ArduPilot's messages."""
    return Telemetry(VEHICLE, {3: "AUTO", 0: "STABILIZE"}.__getitem__, own_items=1)


def told(name: str, component: int = 1, system: int = 1, **fields: object) -> Message:
    """Return a message of the vehicle."""
    return Message(name, fields, system, component)


def position(**changes: int) -> Message:
    """Return a position 12 m above home, flying north at 8 m/s."""
    fields = {
        "time_boot_ms": 61_500,
        "lat": 331600000,
        "lon": 1156200000,
        "alt": 42_000,
        "relative_alt": 12_000,
        "vx": 800,
        "vy": 0,
        "vz": -50,
        "hdg": 35_999,
    }
    return told("GLOBAL_POSITION_INT", **(fields | changes))


def heartbeat(*, armed: bool = True, status: int = 4, component: int = 1) -> Message:
    """Return a heartbeat in AUTO."""
    base_mode = 128 * armed + 1
    return told("HEARTBEAT", component, base_mode=base_mode, custom_mode=3, system_status=status)


def test_a_position_becomes_a_snapshot_in_our_units() -> None:
    """Degrees, metres, metres per second; up is positive."""
    fold = telemetry()
    assert fold.receive(position())
    state = fold.state
    assert state.position == LonLat(115.62, 33.16)
    assert (state.time_boot_s, state.alt_amsl_m, state.height_home_m) == (61.5, 42.0, 12.0)
    assert (state.velocity_north_mps, state.velocity_up_mps) == (8.0, 0.5)
    assert state.heading_deg == pytest.approx(359.99)


def test_latitude_and_longitude_zero_is_no_position() -> None:
    """It means that there was no fix yet."""
    fold = telemetry()
    fold.receive(position(lat=0, lon=0))
    assert fold.state.position is None


def test_the_heading_is_told_for_the_moment_of_the_position() -> None:
    """A turning nose has moved on since the attitude was sent."""
    fold = telemetry()
    fold.receive(
        told(
            "ATTITUDE",
            time_boot_ms=61_400,
            roll=0.0,
            pitch=0.1,
            yaw=math.radians(-10.0),
            yawspeed=math.radians(30.0),
        )
    )
    fold.receive(position())
    assert fold.state.heading_deg == pytest.approx(353.0)
    assert fold.state.pitch_deg == pytest.approx(math.degrees(0.1))


def test_a_gimbals_heartbeat_does_not_disarm_the_aircraft() -> None:
    """Only the autopilot's own heartbeat tells its mode."""
    fold = telemetry()
    fold.receive(heartbeat())
    fold.receive(heartbeat(armed=False, component=154))
    assert (fold.state.armed, fold.state.mode) == (True, "AUTO")


def test_another_vehicles_messages_are_left_alone() -> None:
    """Even on the same link."""
    fold = telemetry()
    assert not fold.receive(Message("GLOBAL_POSITION_INT", position().fields, 2, 1))
    assert fold.state.position is None


@pytest.mark.parametrize(("status", "failsafe"), [(3, False), (4, False), (5, True), (6, True)])
def test_a_critical_autopilot_is_in_failsafe(status: int, failsafe: bool) -> None:
    """From MAV_STATE_CRITICAL on."""
    fold = telemetry()
    fold.receive(heartbeat(status=status))
    assert fold.state.failsafe is failsafe


@pytest.mark.parametrize(("seq", "item"), [(0, None), (1, 0), (5, 4)])
def test_mission_items_are_counted_as_in_the_plan(seq: int, item: int | None) -> None:
    """ArduPilot's home item is not ours."""
    fold = telemetry()
    fold.receive(told("MISSION_CURRENT", seq=seq, total=6, mission_state=3))
    assert fold.state.mission_item == item


def test_a_place_that_was_reached_is_forgotten_with_the_motors_off() -> None:
    """The next flight has not been there."""
    fold = telemetry()
    reached = []
    for message in (
        heartbeat(),
        told("MISSION_ITEM_REACHED", seq=5),
        heartbeat(armed=False),
        told("MISSION_ITEM_REACHED", seq=5),
    ):
        fold.receive(message)
        reached.append(fold.state.mission_reached)
    assert reached == [None, 4, None, None]


@pytest.mark.parametrize(
    ("enabled", "health", "good"),
    [(0, 0, None), (0x10000000, 0, False), (0x10000000, 0x10000000, True)],
)
def test_whether_it_would_arm_is_unknown_until_told(
    enabled: int, health: int, good: bool | None
) -> None:
    """The pre-arm bit counts only where the autopilot uses it."""
    fold = telemetry()
    fold.receive(
        told(
            "SYS_STATUS",
            onboard_control_sensors_enabled=enabled,
            onboard_control_sensors_health=health,
            voltage_battery=22_200,
            battery_remaining=-1,
        )
    )
    assert fold.state.prearm_good is good
    assert (fold.state.battery_v, fold.state.battery_percent) == (22.2, None)


@pytest.mark.parametrize("good", [False, True])
def test_a_px4_tells_by_its_health_alone_whether_it_would_arm(good: bool) -> None:
    """It never says that the check is enabled."""
    fold = Telemetry(VEHICLE, {3: "AUTO"}.__getitem__, own_items=0, prearm_by_health=True)
    fold.receive(
        told(
            "SYS_STATUS",
            onboard_control_sensors_enabled=0,
            onboard_control_sensors_health=0x10000000 * good,
            voltage_battery=16_200,
            battery_remaining=80,
        )
    )
    assert fold.state.prearm_good is good


def attitude(time_s: float) -> Message:
    """Return a level attitude towards the east."""
    turned = {"roll": 0.0, "pitch": 0.0, "yaw": math.pi / 2, "yawspeed": 0.0}
    fields: dict[str, object] = {"time_boot_ms": round(1000 * time_s), **turned}
    return Message("ATTITUDE", fields, 1, 1)


def test_time_goes_on_without_positions() -> None:
    """PX4 sends none before its first fix, nor after it has lost it."""
    fold = telemetry()
    fold.receive(position(time_boot_ms=61_500))
    brought = [time_s for time_s in range(62, 66) if fold.receive(attitude(time_s))]
    assert brought == [64, 65]  # two seconds after the first of them
    assert (fold.state.position, fold.state.time_boot_s) == (None, 65.0)
    assert (fold.state.heading_deg, fold.state.ground_speed_mps) == (90.0, 0.0)
    assert fold.receive(position(time_boot_ms=65_100))
    assert not fold.receive(attitude(65.2))
    assert fold.state.position is not None


def test_time_without_positions_begins_anew_with_a_reboot() -> None:
    """What the clock showed before is no measure of it."""
    fold = telemetry()
    told_before = [fold.receive(attitude(time_s)) for time_s in (500.0, 503.0)]
    told_after = [fold.receive(attitude(time_s)) for time_s in (1.0, 2.0, 3.5)]
    assert (told_before, told_after) == ([False, True], [False, False, True])


def quaternion(pitch_deg: float, yaw_deg: float) -> list[float]:
    """Return the rotation of a yaw followed by a pitch."""
    p, y = math.radians(pitch_deg) / 2, math.radians(yaw_deg) / 2
    return [
        math.cos(p) * math.cos(y),
        -math.sin(p) * math.sin(y),
        math.sin(p) * math.cos(y),
        math.cos(p) * math.sin(y),
    ]


@pytest.mark.parametrize(
    ("flags", "heading_deg"),
    [(32, 110.0), (64, 20.0), (16, 20.0), (0, 110.0)],
    ids=["vehicle frame", "earth frame", "old locked", "old following"],
)
def test_a_gimbals_yaw_is_told_from_true_north(flags: int, heading_deg: float) -> None:
    """Whatever frame it comes in; the aircraft heads east."""
    fold = telemetry()
    fold.receive(
        told("ATTITUDE", time_boot_ms=1, roll=0.0, pitch=0.0, yaw=math.pi / 2, yawspeed=0.0)
    )
    fold.receive(told("GIMBAL_DEVICE_ATTITUDE_STATUS", 154, q=quaternion(-60.0, 20.0), flags=flags))
    assert fold.state.gimbal_pitch_deg == pytest.approx(-60.0)
    assert fold.state.gimbal_heading_deg == pytest.approx(heading_deg)


def test_older_mount_messages_are_understood() -> None:
    """MOUNT_STATUS in centidegrees, MOUNT_ORIENTATION with its absolute yaw."""
    fold = telemetry()
    fold.receive(told("MOUNT_STATUS", pointing_a=-4500, pointing_b=0, pointing_c=1000))
    assert (fold.state.gimbal_pitch_deg, fold.state.gimbal_heading_deg) == (-45.0, 10.0)
    fold.receive(told("MOUNT_ORIENTATION", pitch=-30.0, yaw=5.0, yaw_absolute=200.0))
    assert (fold.state.gimbal_pitch_deg, fold.state.gimbal_heading_deg) == (-30.0, 200.0)


def test_a_breach_is_seen_and_its_end_too() -> None:
    """FENCE_STATUS tells both."""
    fold = telemetry()
    for status, breach in ((1, True), (0, False)):
        fold.receive(told("FENCE_STATUS", breach_status=status))
        assert fold.state.breach is breach


def test_the_newest_texts_are_kept() -> None:
    """Twenty of them."""
    fold = telemetry()
    for number in range(30):
        fold.said(f"text {number}")
    assert fold.state.status_texts[0] == "text 10"
    assert fold.state.status_texts[-1] == "text 29"


@pytest.mark.parametrize(("landed", "on_ground"), [(1, True), (2, False), (4, False)])
def test_the_autopilots_word_on_landing_counts(landed: int, on_ground: bool) -> None:
    """An armed aircraft may stand and a low one may fly."""
    fold = telemetry()
    fold.receive(heartbeat())
    fold.receive(told("EXTENDED_SYS_STATE", landed_state=landed))
    assert fold.state.on_ground is on_ground


@pytest.mark.parametrize("nowhere", [{"lat": 910000000}, {"lon": 2100000000}, {"lon": -1800000001}])
def test_a_place_that_is_nowhere_on_earth_is_no_position(nowhere: dict[str, int]) -> None:
    """The rest of the message still counts."""
    fold = telemetry()
    assert fold.receive(position(**nowhere))
    assert fold.state.position is None
    assert fold.state.height_home_m == 12.0


def test_a_landed_state_that_is_not_known_yet_says_nothing() -> None:
    """Motors and height decide then, as for an autopilot that never sends one."""
    fold = telemetry()
    fold.receive(heartbeat(armed=True))
    fold.receive(position())
    fold.receive(told("EXTENDED_SYS_STATE", landed_state=9))
    assert not fold.state.on_ground
    fold.receive(heartbeat(armed=False))
    assert fold.state.on_ground
