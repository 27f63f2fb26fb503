"""From a stream of messages to snapshots of the aircraft, without I/O."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from flight.mavlink.health_messages import (
    POSITION_KNOWN,
    WIND_MESSAGES,
    bad_sensors,
    wind_of,
)
from flight.mavlink.mission_watch import MissionWatch
from flight.mavlink.protocol.constants import (
    BaseMode,
    GimbalFlag,
    LandedState,
    MissionState,
    Sensor,
    SystemStatus,
)
from flight.mavlink.protocol.messages import Message, Peer
from flight.states import VehicleState
from geofences.geodesy import LonLat

_TEXTS_KEPT = 20
# By the aircraft's clock; a few lost packets are no lost position.
_POSITION_OVERDUE_S = 2.0
_BLIND_SNAPSHOT_S = 0.2
_UNKNOWN_HEADING_CDEG = 65535
_UNKNOWN_VOLTAGE_MV = 65535


@dataclass(frozen=True, slots=True)
class _Attitude:
    """An attitude and how fast it turned, so that it can be told for a moment shortly after."""

    time_boot_s: float = 0.0
    roll_deg: float = 0.0
    pitch_deg: float = 0.0
    yaw_deg: float = 0.0
    yaw_rate_dps: float = 0.0

    def yaw_at(self, time_boot_s: float) -> float:
        # Farther ahead than half a second a turn may have ended: better a little old than wrong.
        ahead_s = min(max(time_boot_s - self.time_boot_s, -0.5), 0.5)
        return (self.yaw_deg + self.yaw_rate_dps * ahead_s) % 360.0


class Telemetry:
    """Folds messages of one vehicle into its newest `VehicleState`.

    Args:
        peer: The autopilot; gimbals and cameras share its system id.
        mode_name: The autopilot's word for a custom mode.
        own_items: How many items at the start of a mission are the vehicle's own.
        prearm_by_health: Whether it tells by a health bit alone if it would arm.
    """

    def __init__(
        self,
        peer: Peer,
        mode_name: Callable[[int], str],
        own_items: int,
        *,
        prearm_by_health: bool = False,
    ) -> None:
        self._peer = peer
        self._prearm_by_health = prearm_by_health
        self._mode_name = mode_name
        self._own_items = own_items
        self._attitude = _Attitude()
        self._blind_since_s: float | None = None
        self._landed = LandedState.UNDEFINED
        self._texts: deque[str] = deque(maxlen=_TEXTS_KEPT)
        self._folds: dict[str, Callable[[Message], None]] = {
            "GLOBAL_POSITION_INT": self._position,
            "ATTITUDE": self._attitude_told,
            "SYS_STATUS": self._sys_status,
            "BATTERY_STATUS": self._battery,
            "GPS_RAW_INT": self._gps,
            "MISSION_CURRENT": self._mission,
            "MISSION_ITEM_REACHED": self._reached,
            "FENCE_STATUS": self._fence,
            "EXTENDED_SYS_STATE": self._landed_told,
            "HOME_POSITION": self._home,
            "EKF_STATUS_REPORT": self._estimate,
            "ESTIMATOR_STATUS": self._estimate,
        }
        self._folds |= dict.fromkeys(WIND_MESSAGES, self._wind)
        self._gimbal_folds: dict[str, Callable[[Message], None]] = {
            "GIMBAL_DEVICE_ATTITUDE_STATUS": self._gimbal_attitude,
            "MOUNT_ORIENTATION": self._mount_orientation,
            "MOUNT_STATUS": self._mount_status,
        }
        self.aboard = MissionWatch()
        self.state = VehicleState()

    def receive(self, message: Message) -> bool:
        """Take any message; tell whether it brought a new snapshot.

        Positions bring them. PX4 sends none while it has no position: then attitudes do.
        """
        if message.system != self._peer.system:
            return False
        if message.name in self._gimbal_folds:
            self._gimbal_folds[message.name](message)
        elif message.component != self._peer.component:
            return False
        elif message.name == "HEARTBEAT":
            self._heartbeat(message)
        elif message.name in self._folds:
            self._folds[message.name](message)
        return message.name == "GLOBAL_POSITION_INT" or (
            message.name == "ATTITUDE" and self._without_position()
        )

    def said(self, text: str) -> None:
        """Take a status text."""
        self._texts.append(text)
        changed = self.aboard.said(text)
        self.state = replace(self.state, status_texts=tuple(self._texts), mission_changed=changed)

    def expect_mission(self, count: int | None) -> None:
        """Watch over the mission that is on board now; None while there is none of ours.

        Args:
            count: Its items, without the vehicle's own.
        """
        if count is None:
            self.aboard.forget()
        else:
            self.aboard.expect(count)
        self.state = replace(self.state, mission_changed="")

    def _heartbeat(self, message: Message) -> None:
        armed = bool(message["base_mode"] & BaseMode.SAFETY_ARMED)
        self.state = replace(
            self.state,
            mode=self._mode_name(message["custom_mode"]),
            armed=armed,
            mission_reached=self.state.mission_reached if armed else None,
            failsafe=message["system_status"] >= SystemStatus.CRITICAL,
            on_ground=self._on_ground(armed, self.state.height_home_m),
        )

    def _on_ground(self, armed: bool, height_home_m: float) -> bool:
        # Not every autopilot sends its landed state; then motors and height must do.
        if self._landed is not LandedState.UNDEFINED:
            return self._landed is LandedState.ON_GROUND
        return not armed or height_home_m < 0.3

    def _position(self, message: Message) -> None:
        time_boot_s = message["time_boot_ms"] / 1000.0
        self._blind_since_s = None
        lat_deg, lon_deg = message["lat"] / 1e7, message["lon"] / 1e7
        # Without a fix autopilots send zeros, or numbers that are nowhere on Earth.
        somewhere = abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0
        known = somewhere and (lat_deg, lon_deg) != (0.0, 0.0)
        height_home_m = message["relative_alt"] / 1000.0
        self.state = replace(
            self.state,
            time_boot_s=time_boot_s,
            position=LonLat(lon_deg, lat_deg) if known else None,
            alt_amsl_m=message["alt"] / 1000.0,
            height_home_m=height_home_m,
            velocity_north_mps=message["vx"] / 100.0,
            velocity_east_mps=message["vy"] / 100.0,
            velocity_up_mps=-message["vz"] / 100.0,
            heading_deg=self._heading(message, time_boot_s),
            roll_deg=self._attitude.roll_deg,
            pitch_deg=self._attitude.pitch_deg,
            on_ground=self._on_ground(self.state.armed, height_home_m),
        )

    def _without_position(self) -> bool:
        """Let time pass without positions, where only attitudes have come for a while."""
        now_s = self._attitude.time_boot_s
        if self._blind_since_s is None or now_s < self._blind_since_s:
            self._blind_since_s = now_s
        blind = now_s - self._blind_since_s >= _POSITION_OVERDUE_S
        if not blind or abs(now_s - self.state.time_boot_s) < _BLIND_SNAPSHOT_S:
            return False
        self.state = replace(
            self.state,
            time_boot_s=now_s,
            position=None,
            velocity_north_mps=0.0,
            velocity_east_mps=0.0,
            velocity_up_mps=0.0,
            heading_deg=self._attitude.yaw_deg,
            roll_deg=self._attitude.roll_deg,
            pitch_deg=self._attitude.pitch_deg,
        )
        return True

    def _heading(self, message: Message, time_boot_s: float) -> float:
        """Return the heading now; attitudes come oftener and finer than positions."""
        if self._attitude.time_boot_s > 0.0:
            return self._attitude.yaw_at(time_boot_s)
        known = message["hdg"] != _UNKNOWN_HEADING_CDEG
        return message["hdg"] / 100.0 % 360.0 if known else self.state.heading_deg

    def _attitude_told(self, message: Message) -> None:
        self._attitude = _Attitude(
            time_boot_s=message["time_boot_ms"] / 1000.0,
            roll_deg=math.degrees(message["roll"]),
            pitch_deg=math.degrees(message["pitch"]),
            yaw_deg=math.degrees(message["yaw"]) % 360.0,
            yaw_rate_dps=math.degrees(message["yawspeed"]),
        )

    def _sys_status(self, message: Message) -> None:
        told = message["onboard_control_sensors_enabled"] & Sensor.PREARM_CHECK
        good = message["onboard_control_sensors_health"] & Sensor.PREARM_CHECK
        voltage_mv = message["voltage_battery"]
        left_percent = message["battery_remaining"]
        self.state = replace(
            self.state,
            prearm_good=bool(good) if told or self._prearm_by_health else None,
            sensors_bad=bad_sensors(message),
            battery_v=0.0 if voltage_mv == _UNKNOWN_VOLTAGE_MV else voltage_mv / 1000.0,
            battery_percent=float(left_percent) if left_percent >= 0 else None,
        )

    def _battery(self, message: Message) -> None:
        if message["id"] == 0 and message["battery_remaining"] >= 0:
            self.state = replace(self.state, battery_percent=float(message["battery_remaining"]))

    def _gps(self, message: Message) -> None:
        seen = message["satellites_visible"]
        self.state = replace(
            self.state, gps_fix=message["fix_type"], satellites=None if seen == 255 else seen
        )

    def _mission(self, message: Message) -> None:
        item = message["seq"] - self._own_items
        # ArduPilot's total leaves out its home item, as ours does; PX4 has none.
        total = message.fields.get("total", 0)
        count, mission_id = 0 if total == 65535 else total, message.fields.get("mission_id", 0)
        self.state = replace(
            self.state,
            mission_item=item if item >= 0 else None,
            mission_count=count,
            mission_id=mission_id,
            mission_changed=self.aboard.look(count, mission_id),
            mission_complete=message.fields.get("mission_state", 0) == MissionState.COMPLETE,
        )

    def _reached(self, message: Message) -> None:
        # PX4 says it ten times over, also when it has landed; the next flight has not been there.
        if self.state.armed:
            self.state = replace(self.state, mission_reached=message["seq"] - self._own_items)

    def _fence(self, message: Message) -> None:
        self.state = replace(self.state, breach=bool(message["breach_status"]))

    def _home(self, message: Message) -> None:
        lat_deg, lon_deg = message["latitude"] / 1e7, message["longitude"] / 1e7
        known = (lat_deg, lon_deg) != (0.0, 0.0) and abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0
        self.state = replace(self.state, home=LonLat(lon_deg, lat_deg) if known else None)

    def _estimate(self, message: Message) -> None:
        good = message["flags"] & POSITION_KNOWN == POSITION_KNOWN
        self.state = replace(self.state, estimate_good=good)

    def _wind(self, message: Message) -> None:
        told = wind_of(message)
        if told is not None:
            self.state = replace(self.state, wind_mps=told[0], wind_from_deg=told[1])

    def _landed_told(self, message: Message) -> None:
        # A state that MAVLink may add later must not end the link, whose reader calls us.
        known = message["landed_state"] in LandedState.__members__.values()
        self._landed = LandedState(message["landed_state"]) if known else LandedState.UNDEFINED
        on_ground = self._on_ground(self.state.armed, self.state.height_home_m)
        self.state = replace(self.state, on_ground=on_ground)

    def _gimbal_attitude(self, message: Message) -> None:
        pitch_deg, yaw_deg = _pitch_yaw(message["q"])
        flags = message["flags"]
        # Gimbals that know neither flag say by their lock what yaw is measured from.
        if not flags & (GimbalFlag.YAW_IN_VEHICLE_FRAME | GimbalFlag.YAW_IN_EARTH_FRAME):
            in_earth_frame = bool(flags & GimbalFlag.YAW_LOCK)
        else:
            in_earth_frame = bool(flags & GimbalFlag.YAW_IN_EARTH_FRAME)
        self._gimbal(pitch_deg, yaw_deg if in_earth_frame else yaw_deg + self._vehicle_yaw())

    def _mount_orientation(self, message: Message) -> None:
        absolute_deg = message.fields.get("yaw_absolute", math.nan)
        relative_deg = message["yaw"] + self._vehicle_yaw()
        heading_deg = relative_deg if math.isnan(absolute_deg) else absolute_deg
        self._gimbal(message["pitch"], heading_deg)

    def _mount_status(self, message: Message) -> None:
        yaw_deg = message["pointing_c"] / 100.0
        self._gimbal(message["pointing_a"] / 100.0, yaw_deg + self._vehicle_yaw())

    def _vehicle_yaw(self) -> float:
        if self._attitude.time_boot_s > 0.0:
            return self._attitude.yaw_deg
        return self.state.heading_deg

    def _gimbal(self, pitch_deg: float, heading_deg: float) -> None:
        if math.isfinite(pitch_deg) and math.isfinite(heading_deg):
            self.state = replace(
                self.state, gimbal_pitch_deg=pitch_deg, gimbal_heading_deg=heading_deg % 360.0
            )


def _pitch_yaw(quaternion: list[float]) -> tuple[float, float]:
    """Return pitch and yaw in degrees of a quaternion w, x, y, z."""
    w, x, y, z = quaternion
    pitch = math.asin(min(max(2.0 * (w * y - z * x), -1.0), 1.0))
    yaw = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return math.degrees(pitch), math.degrees(yaw)
