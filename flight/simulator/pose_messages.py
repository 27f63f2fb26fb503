"""The messages that tell where the aircraft is and where its camera looks, noise included."""

import math
from collections.abc import Callable

from flight.mavlink.protocol.messages import Message
from flight.simulator.cockpit import Cockpit
from flight.simulator.sensors import Sensors
from flight.simulator.settings import Personality

_UNKNOWN_16 = 65535
_GIMBAL_YAW_LOCK = 16
_NO_AID_S = 5.0  # EKF2_NOAID_TOUT: so long PX4's estimate outlives its receivers


class PoseMessages:
    """Builds each message from the estimate and the white noise of the sensors.

    Args:
        cockpit: Shared state.
        sensors: Where white noise comes from.
    """

    def __init__(self, cockpit: Cockpit, sensors: Sensors) -> None:
        self._cockpit = cockpit
        self._sensors = sensors
        self._aided_at_s = -math.inf

    def builders(self) -> dict[str, Callable[[], Message | None]]:
        """Return how to build each message, by its name."""
        return {
            "GPS_RAW_INT": self.gps,
            "ATTITUDE": self.attitude,
            "LOCAL_POSITION_NED": self.local_position,
            "GLOBAL_POSITION_INT": self.global_position,
            "VFR_HUD": self.head_up,
            "MOUNT_STATUS": self.mount,
            "GIMBAL_DEVICE_ATTITUDE_STATUS": self.gimbal,
        }

    def _position(self, off_m: tuple[float, float] = (0.0, 0.0)) -> tuple[int, int, float]:
        """Return latitude and longitude times 1e7, and the height above the start."""
        cockpit = self._cockpit
        noise_north_m, noise_east_m = self._sensors.position_noise_m()
        here = cockpit.here
        lon_deg, lat_deg = cockpit.earth.to_lonlat(
            here.north_m + noise_north_m + off_m[0], here.east_m + noise_east_m + off_m[1]
        )
        return round(lat_deg * 1e7), round(lon_deg * 1e7), here.height_m

    def gps(self) -> Message:
        """The receiver's own view."""
        cockpit, here = self._cockpit, self._cockpit.here
        fixed = not cockpit.gps_denied and cockpit.now_s > 0.3 * cockpit.armable_at_s
        glitch = self._sensors.glitch
        off_m = (
            glitch.receivers_m[0] - glitch.believed_m[0],
            glitch.receivers_m[1] - glitch.believed_m[1],
        )
        lat, lon, height_m = self._position(off_m) if fixed else (0, 0, 0.0)
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
                "time_boot_ms": self._cockpit.boot_ms,
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
                "time_boot_ms": self._cockpit.boot_ms,
                "x": here.north_m,
                "y": here.east_m,
                "z": -here.height_m,
                "vx": here.north_mps,
                "vy": here.east_mps,
                "vz": -here.up_mps,
            },
        )

    def global_position(self) -> Message | None:
        """Where the aircraft believes to be; before the EKF has a position, 0, 0.

        PX4 sends nothing then, nor when it has lost its position (read in its source).
        """
        cockpit, here = self._cockpit, self._cockpit.here
        known = cockpit.now_s >= cockpit.armable_at_s
        if cockpit.position_known:
            self._aided_at_s = cockpit.now_s
        lost = cockpit.now_s - self._aided_at_s > _NO_AID_S
        if lost and cockpit.personality is Personality.PX4:
            return None
        lat, lon, height_m = self._position() if known else (0, 0, here.height_m)
        return Message(
            "GLOBAL_POSITION_INT",
            {
                "time_boot_ms": self._cockpit.boot_ms,
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
                "time_boot_ms": self._cockpit.boot_ms,
                "flags": _GIMBAL_YAW_LOCK,
                "q": _quaternion(self._gimbal_pitch_deg(), heading_deg),
                "angular_velocity_x": 0.0,
                "angular_velocity_y": 0.0,
                "angular_velocity_z": 0.0,
                "failure_flags": 0,
            },
        )


def _quaternion(pitch_deg: float, yaw_deg: float) -> list[float]:
    half_pitch, half_yaw = math.radians(pitch_deg) / 2, math.radians(yaw_deg) / 2
    cos_p, sin_p = math.cos(half_pitch), math.sin(half_pitch)
    cos_y, sin_y = math.cos(half_yaw), math.sin(half_yaw)
    return [cos_p * cos_y, -sin_p * sin_y, sin_p * cos_y, cos_p * sin_y]
