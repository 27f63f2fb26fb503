"""The messages that tell how the autopilot is: mode, health, battery, mission, fence."""

from collections.abc import Callable

from flight.mavlink.protocol.messages import Message
from flight.simulator.cockpit import Cockpit
from flight.simulator.failsafes import Failsafes
from flight.simulator.fence_watch import FenceWatch
from flight.simulator.mavlink_ids import MissionState
from flight.simulator.mission_flight import MissionFlight
from flight.simulator.modes import Mode, custom_mode
from flight.simulator.px4_failsafes import Px4Failsafes
from flight.simulator.settings import Personality

_PREARM_BIT = 1 << 28
_SENSORS_GOOD = 0x1 | 0x2 | 0x4 | 0x8 | 0x20 | 1 << 21
_FENCE_BIT = 1 << 20
#: MAV_PROTOCOL_CAPABILITY: integer missions and commands, position targets, MAVLink 2, fence,
#: rally; and how integer parameters travel in PARAM_VALUE's float.
_CAPABILITIES = 0x4 | 0x8 | 0x100 | 0x2000 | 0x4000 | 0x8000
_AS_FLOAT, _BYTEWISE = 0x2, 0x10
_GPS_BIT = 0x20
_COMPASS_BIT = 0x4
_HECTOJOULES_PER_WH = 36
_UNKNOWN_16 = 65535


class StatusMessages:
    """Builds each message from the shared state.

    Args:
        cockpit: Shared state.
        mission: For MISSION_CURRENT.
        fence: For FENCE_STATUS.
        failsafes: For the state in HEARTBEAT.
        armable: Tells whether arming would be allowed now.
    """

    def __init__(
        self,
        cockpit: Cockpit,
        mission: MissionFlight,
        fence: FenceWatch,
        failsafes: Failsafes | Px4Failsafes,
        armable: Callable[[], bool],
    ) -> None:
        self._cockpit = cockpit
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
            "MISSION_CURRENT": self.mission_current,
            "BATTERY_STATUS": self.battery,
            "AUTOPILOT_VERSION": self.version,
            "FENCE_STATUS": self.fence_status,
            "WIND": self.wind,
            "EKF_STATUS_REPORT": self.ekf,
            "HOME_POSITION": self.home,
            "EXTENDED_SYS_STATE": self.extended_state,
            "PROTOCOL_VERSION": self.protocol_version,
        }

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
        if cockpit.compass_failed:
            health &= ~_COMPASS_BIT
        px4 = cockpit.personality is Personality.PX4
        # PX4 tells by the health bit alone whether it would arm (read in its source).
        enabled = _SENSORS_GOOD | (0 if px4 else _PREARM_BIT)
        if self._fence.enabled:
            enabled |= _FENCE_BIT
            health |= _FENCE_BIT if not self._fence.breach else 0
        if cockpit.armed or self._armable():
            health |= _PREARM_BIT
        return Message(
            "SYS_STATUS",
            {
                "onboard_control_sensors_present": enabled | _FENCE_BIT,
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
        return Message("SYSTEM_TIME", {"time_unix_usec": 0, "time_boot_ms": self._cockpit.boot_ms})

    def mission_current(self) -> Message:
        """The present item; `total` leaves home out."""
        mission = self._mission
        active = mission.shown_state is MissionState.ACTIVE
        return Message(
            "MISSION_CURRENT",
            {
                "seq": mission.current,
                "total": mission.count,
                "mission_id": mission.plan_id,
                "mission_state": int(mission.shown_state),
                "mission_mode": 1 if active and self._cockpit.mode is Mode.AUTO else 2,
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
                "energy_consumed": round(power.used_wh * _HECTOJOULES_PER_WH),
                "battery_remaining": round(power.fraction * 100),
            },
        )

    def version(self) -> Message:
        """What the autopilot can do, and its version."""
        px4 = self._cockpit.personality is Personality.PX4
        capabilities = (_BYTEWISE if px4 else _AS_FLOAT) | _CAPABILITIES
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
                "uid": self._cockpit.board_number,
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
                "compass_variance": 1.5 if self._cockpit.compass_failed else 0.02,
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
