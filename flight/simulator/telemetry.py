"""The messages by which the autopilot tells of itself, noisy as its sensors are."""

import math
from collections.abc import Callable

from flight.mavlink.protocol.messages import Message
from flight.simulator.cockpit import Cockpit
from flight.simulator.failsafes import Failsafes
from flight.simulator.fence_watch import FenceWatch
from flight.simulator.mavlink_ids import MissionState
from flight.simulator.mission_flight import MissionFlight
from flight.simulator.modes import Mode, custom_mode
from flight.simulator.sensors import Sensors
from flight.simulator.settings import Personality

_PREARM_BIT = 1 << 28
_SENSORS_GOOD = 0x1 | 0x2 | 0x4 | 0x8 | 0x20 | 1 << 21
_FENCE_BIT = 1 << 20
_GPS_BIT = 0x20
_UNKNOWN_16 = 65535
_GIMBAL_YAW_LOCK = 16


class Telemetry:
    """Builds each message from the shared state.

    Args:
        cockpit: Shared state.
        sensors: Where white noise comes from.
        mission: For MISSION_CURRENT.
        fence: For FENCE_STATUS.
        failsafes: For the state in HEARTBEAT.
        armable: Tells whether arming would be allowed now.
    """

    def __init__(
        self,
        cockpit: Cockpit,
        sensors: Sensors,
        mission: MissionFlight,
        fence: FenceWatch,
        failsafes: Failsafes,
        armable: Callable[[], bool],
    ) -> None:
        self._cockpit = cockpit
        self._sensors = sensors
        self._mission = mission
        self._fence = fence
        self._failsafes = failsafes
        self._armable = armable

    def builders(self) -> dict[str, Callable[[], Message]]:
        """Return how to build each message, by its name."""
        return {
            "HEARTBEAT": self.heartbeat,
            "SYS_STATUS": self.system_status,
            "SYSTEM_TIME": self.system_time,
            "GPS_RAW_INT": self.gps,
            "ATTITUDE": self.attitude,
            "LOCAL_POSITION_NED": self.local_position,
            "GLOBAL_POSITION_INT": self.global_position,
            "MISSION_CURRENT": self.mission_current,
            "VFR_HUD": self.head_up,
            "BATTERY_STATUS": self.battery,
            "AUTOPILOT_VERSION": self.version,
            "MOUNT_STATUS": self.mount,
            "FENCE_STATUS": self.fence_status,
            "WIND": self.wind,
            "EKF_STATUS_REPORT": self.ekf,
            "HOME_POSITION": self.home,
            "EXTENDED_SYS_STATE": self.extended_state,
            "GIMBAL_DEVICE_ATTITUDE_STATUS": self.gimbal,
            "PROTOCOL_VERSION": self.protocol_version,
        }

    def _boot_ms(self) -> int:
        return round(self._cockpit.now_s * 1000) % 2**32

    def heartbeat(self) -> Message:
        """Mode and arming."""
        cockpit = self._cockpit
        px4 = cockpit.personality is Personality.PX4
        auto = 4 if cockpit.mode is Mode.AUTO else 0
        guided = 8 if cockpit.mode in (Mode.AUTO, Mode.GUIDED) else 0
        base_mode = 1 | 16 | 64 | auto | guided | (128 if cockpit.armed else 0)
        status = 5 if self._failsafes.active else (4 if cockpit.armed else 3)
        return Message(
            "HEARTBEAT",
            {
                "type": 2,
                "autopilot": 12 if px4 else 3,
                "base_mode": base_mode,
                "custom_mode": custom_mode(cockpit.mode, cockpit.personality),
                "system_status": status,
                "mavlink_version": 3,
            },
        )

    def system_status(self) -> Message:
        """Sensors, the arming check of the present mode, and the battery."""
        cockpit, power = self._cockpit, self._cockpit.power
        health = _SENSORS_GOOD
        if cockpit.gps_denied:
            health &= ~_GPS_BIT
        enabled = _SENSORS_GOOD | _PREARM_BIT
        if self._fence.enabled:
            enabled |= _FENCE_BIT
            health |= _FENCE_BIT if not self._fence.breach else 0
        if cockpit.armed or self._armable():
            health |= _PREARM_BIT
        return Message(
            "SYS_STATUS",
            {
                "onboard_control_sensors_present": _SENSORS_GOOD | _PREARM_BIT | _FENCE_BIT,
                "onboard_control_sensors_enabled": enabled,
                "onboard_control_sensors_health": health,
                "load": 200,
                "voltage_battery": round(power.voltage_v * 1000),
                "current_battery": round(power.current_a * 100),
                "battery_remaining": round(power.fraction * 100),
                "drop_rate_comm": 0,
                "errors_comm": 0,
                "errors_count1": 0,
                "errors_count2": 0,
                "errors_count3": 0,
                "errors_count4": 0,
            },
        )

    def system_time(self) -> Message:
        """Time since boot; the simulated world has no calendar."""
        return Message("SYSTEM_TIME", {"time_unix_usec": 0, "time_boot_ms": self._boot_ms()})

    def _position(self) -> tuple[int, int, float]:
        """Return latitude and longitude times 1e7, and the height above the start."""
        cockpit = self._cockpit
        noise_north_m, noise_east_m = self._sensors.position_noise_m()
        here = cockpit.here
        lon_deg, lat_deg = cockpit.earth.to_lonlat(
            here.north_m + noise_north_m, here.east_m + noise_east_m
        )
        return round(lat_deg * 1e7), round(lon_deg * 1e7), here.height_m

    def gps(self) -> Message:
        """The receiver's own view."""
        cockpit, here = self._cockpit, self._cockpit.here
        fixed = not cockpit.gps_denied and cockpit.now_s > 0.3 * cockpit.armable_at_s
        lat, lon, height_m = self._position() if fixed else (0, 0, 0.0)
        speed_mps = math.hypot(here.north_mps, here.east_mps)
        return Message(
            "GPS_RAW_INT",
            {
                "time_usec": round(cockpit.now_s * 1e6),
                "fix_type": 6 if fixed else 1,
                "lat": lat,
                "lon": lon,
                "alt": round((cockpit.ground_amsl_m + height_m) * 1000),
                "eph": 80 if fixed else _UNKNOWN_16,
                "epv": 120 if fixed else _UNKNOWN_16,
                "vel": round(speed_mps * 100),
                "cog": round(math.degrees(math.atan2(here.east_mps, here.north_mps)) % 360 * 100),
                "satellites_visible": 14 if fixed else 3,
            },
        )

    def attitude(self) -> Message:
        """Angles in radians."""
        here, noise = self._cockpit.here, self._sensors.attitude_noise_deg
        heading_deg = (here.heading_deg + noise() + 180) % 360 - 180
        return Message(
            "ATTITUDE",
            {
                "time_boot_ms": self._boot_ms(),
                "roll": math.radians(here.roll_deg + noise()),
                "pitch": math.radians(here.pitch_deg + noise()),
                "yaw": math.radians(heading_deg),
                "rollspeed": 0.0,
                "pitchspeed": 0.0,
                "yawspeed": 0.0,
            },
        )

    def local_position(self) -> Message:
        """Metres from the start, down positive."""
        here = self._cockpit.here
        return Message(
            "LOCAL_POSITION_NED",
            {
                "time_boot_ms": self._boot_ms(),
                "x": here.north_m,
                "y": here.east_m,
                "z": -here.height_m,
                "vx": here.north_mps,
                "vy": here.east_mps,
                "vz": -here.up_mps,
            },
        )

    def global_position(self) -> Message:
        """Where the aircraft believes to be; 0, 0 before the EKF has a position."""
        cockpit, here = self._cockpit, self._cockpit.here
        known = cockpit.now_s >= cockpit.armable_at_s
        lat, lon, height_m = self._position() if known else (0, 0, here.height_m)
        return Message(
            "GLOBAL_POSITION_INT",
            {
                "time_boot_ms": self._boot_ms(),
                "lat": lat,
                "lon": lon,
                "alt": round((cockpit.ground_amsl_m + height_m) * 1000),
                "relative_alt": round(cockpit.height_home_m * 1000),
                "vx": round(here.north_mps * 100),
                "vy": round(here.east_mps * 100),
                "vz": round(-here.up_mps * 100),
                "hdg": round(here.heading_deg * 100) % 36000,
            },
        )

    def mission_current(self) -> Message:
        """The present item; `total` leaves home out."""
        mission = self._mission
        active = mission.shown_state is MissionState.ACTIVE
        return Message(
            "MISSION_CURRENT",
            {
                "seq": mission.current,
                "total": mission.count,
                "mission_state": int(mission.shown_state),
                "mission_mode": 1 if active and self._cockpit.mode is Mode.AUTO else 2,
            },
        )

    def head_up(self) -> Message:
        """What a pilot's display shows."""
        cockpit, here = self._cockpit, self._cockpit.here
        speed_mps = math.hypot(here.north_mps, here.east_mps)
        return Message(
            "VFR_HUD",
            {
                "airspeed": speed_mps,
                "groundspeed": speed_mps,
                "heading": round(here.heading_deg) % 360,
                "throttle": 40 if cockpit.flying else 0,
                "alt": cockpit.ground_amsl_m + here.height_m,
                "climb": here.up_mps,
            },
        )

    def battery(self) -> Message:
        """Voltage of the pack as one cell, as ArduPilot sends packs without cell monitors."""
        power = self._cockpit.power
        return Message(
            "BATTERY_STATUS",
            {
                "id": 0,
                "battery_function": 1,
                "type": 1,
                "temperature": 32767,
                "voltages": [round(power.voltage_v * 1000), *[_UNKNOWN_16] * 9],
                "current_battery": round(power.current_a * 100),
                "current_consumed": round(power.used_mah),
                "energy_consumed": -1,
                "battery_remaining": round(power.fraction * 100),
            },
        )

    def version(self) -> Message:
        """Capabilities: 64-bit hardware ids and MAVLink 2 with mission items as integers."""
        capabilities = 0x2 | 0x4 | 0x8 | 0x20 | 0x100 | 0x400 | 0x1000 | 0x2000
        custom = [0] * 8
        return Message(
            "AUTOPILOT_VERSION",
            {
                "capabilities": capabilities,
                "flight_sw_version": 4 << 24 | 7 << 16,
                "middleware_sw_version": 0,
                "os_sw_version": 0,
                "board_version": 0,
                "flight_custom_version": custom,
                "middleware_custom_version": custom,
                "os_custom_version": custom,
                "vendor_id": 0,
                "product_id": 0,
                "uid": self._cockpit.parameters.whole("SYSID_THISMAV"),
            },
        )

    def _gimbal_pitch_deg(self) -> float:
        return self._cockpit.here.gimbal_pitch_deg + self._sensors.gimbal_noise_deg()

    def mount(self) -> Message:
        """Gimbal angles in hundredths of a degree, yaw against the airframe."""
        return Message(
            "MOUNT_STATUS",
            {
                "target_system": 0,
                "target_component": 0,
                "pointing_a": round(self._gimbal_pitch_deg() * 100),
                "pointing_b": 0,
                "pointing_c": round(self._sensors.gimbal_noise_deg() * 100),
            },
        )

    def gimbal(self) -> Message:
        """Gimbal attitude as a quaternion, yaw against north (GIMBAL_DEVICE_FLAGS_YAW_LOCK)."""
        heading_deg = self._cockpit.here.heading_deg + self._sensors.gimbal_noise_deg()
        return Message(
            "GIMBAL_DEVICE_ATTITUDE_STATUS",
            {
                "target_system": 0,
                "target_component": 0,
                "time_boot_ms": self._boot_ms(),
                "flags": _GIMBAL_YAW_LOCK,
                "q": _quaternion(self._gimbal_pitch_deg(), heading_deg),
                "angular_velocity_x": 0.0,
                "angular_velocity_y": 0.0,
                "angular_velocity_z": 0.0,
                "failure_flags": 0,
            },
        )

    def fence_status(self) -> Message:
        """Breach, and how often there was one."""
        fence = self._fence
        return Message(
            "FENCE_STATUS",
            {
                "breach_status": int(fence.breach != 0),
                "breach_count": fence.breach_count,
                "breach_type": int(fence.breach),
                "breach_time": round(fence.breach_time_s * 1000),
            },
        )

    def wind(self) -> Message:
        """Calm: a multirotor without airspeed sensor reports no wind."""
        return Message("WIND", {"direction": 0.0, "speed": 0.0, "speed_z": 0.0})

    def ekf(self) -> Message:
        """Which estimates hold: all with a position, attitude and height without."""
        flags = 0x33F if self._cockpit.position_known else 0xA7
        return Message(
            "EKF_STATUS_REPORT",
            {
                "flags": flags,
                "velocity_variance": 0.05,
                "pos_horiz_variance": 0.05,
                "pos_vert_variance": 0.02,
                "compass_variance": 0.02,
                "terrain_alt_variance": 0.0,
            },
        )

    def home(self) -> Message:
        """Where relative heights start."""
        cockpit = self._cockpit
        home = cockpit.home
        north_m, east_m, height_m = (
            (home.north_m, home.east_m, home.height_m) if home else (0.0, 0.0, 0.0)
        )
        lon_deg, lat_deg = cockpit.earth.to_lonlat(north_m, east_m)
        return Message(
            "HOME_POSITION",
            {
                "latitude": round(lat_deg * 1e7),
                "longitude": round(lon_deg * 1e7),
                "altitude": round((cockpit.ground_amsl_m + height_m) * 1000),
                "x": north_m,
                "y": east_m,
                "z": -height_m,
                "q": [1.0, 0.0, 0.0, 0.0],
                "approach_x": 0.0,
                "approach_y": 0.0,
                "approach_z": 0.0,
            },
        )

    def extended_state(self) -> Message:
        """Whether the aircraft stands, takes off, flies or lands."""
        fields = {"vtol_state": 0, "landed_state": int(self._cockpit.landed)}
        return Message("EXTENDED_SYS_STATE", fields)

    def protocol_version(self) -> Message:
        """MAVLink 2."""
        return Message(
            "PROTOCOL_VERSION",
            {
                "version": 200,
                "min_version": 100,
                "max_version": 200,
                "spec_version_hash": [0] * 8,
                "library_version_hash": [0] * 8,
            },
        )


def _quaternion(pitch_deg: float, yaw_deg: float) -> list[float]:
    half_pitch, half_yaw = math.radians(pitch_deg) / 2, math.radians(yaw_deg) / 2
    cos_p, sin_p = math.cos(half_pitch), math.sin(half_pitch)
    cos_y, sin_y = math.cos(half_yaw), math.sin(half_yaw)
    return [cos_p * cos_y, -sin_p * sin_y, sin_p * cos_y, cos_p * sin_y]
