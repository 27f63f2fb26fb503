"""The camera and its gimbal, as far as the autopilot drives them."""

import math
from typing import ClassVar

from flight.mavlink.protocol.messages import Message
from flight.simulator.cockpit import Cockpit
from flight.simulator.items import Item
from flight.simulator.mavlink_ids import Command

_LOWEST_DEG, _HIGHEST_DEG = -90.0, 20.0
_SHOT_S = 0.5


class Payload:
    """A gimbal (MNT1_TYPE above 0) and a camera (CAM1_TYPE above 0), both fixed at boot."""

    #: Commands that concern the payload.
    COMMANDS: ClassVar[frozenset[Command]] = frozenset(
        {
            Command.MOUNT_CONTROL,
            Command.GIMBAL_PITCH_YAW,
            Command.CAMERA_CONTROL,
            Command.CAMERA_TRIGGER_DISTANCE,
            Command.IMAGE_START,
            Command.IMAGE_STOP,
            Command.VIDEO_START,
            Command.VIDEO_STOP,
        }
    )
    #: Accepted even where no camera is fitted; then nothing is triggered.
    _ALWAYS: ClassVar[frozenset[Command]] = frozenset(
        {Command.CAMERA_CONTROL, Command.CAMERA_TRIGGER_DISTANCE}
    )

    def __init__(self, cockpit: Cockpit) -> None:
        self._cockpit = cockpit
        self.has_gimbal = cockpit.parameters.whole("MNT1_TYPE") > 0
        self.has_camera = cockpit.parameters.whole("CAM1_TYPE") > 0
        self.recording = False
        self.shots = 0
        self._interval_s: float | None = None
        self._last_shot_s = -math.inf
        self._spacing_m = 0.0
        self._last_shot_at = (math.inf, math.inf)

    def perform(self, item: Item) -> bool:
        """Do what a mission item asks; items for a payload that is not there are passed over."""
        if item.command not in self.COMMANDS:
            return False
        return self.command(item.command, (*item.params, float(item.x), float(item.y), item.z))

    def command(self, command: int, params: tuple[float, ...]) -> bool:
        """Do what a command asks; return whether that is possible."""
        if command in (Command.MOUNT_CONTROL, Command.GIMBAL_PITCH_YAW):
            return self._point(params[0])
        if not self.has_camera:
            return command in self._ALWAYS
        match command:
            case Command.CAMERA_CONTROL:
                return params[4] <= 0 or self._shoot()
            case Command.CAMERA_TRIGGER_DISTANCE:
                self._spacing_m = max(0.0, params[0])
            case Command.IMAGE_START:
                self._interval_s = params[1] if params[1] > 0 and params[2] != 1 else None
                return self._shoot()
            case Command.IMAGE_STOP:
                self._interval_s = None
            case Command.VIDEO_START | Command.VIDEO_STOP:
                self.recording = command == Command.VIDEO_START
        return True

    def tick(self) -> None:
        """Take the pictures that are due by time or by distance."""
        cockpit = self._cockpit
        if self._interval_s and cockpit.now_s - self._last_shot_s >= self._interval_s:
            self._shoot()
        if self._spacing_m > 0 and cockpit.flying:
            here = (cockpit.here.north_m, cockpit.here.east_m)
            if math.dist(here, self._last_shot_at) >= self._spacing_m:
                self._shoot()

    def _point(self, pitch_deg: float) -> bool:
        if not self.has_gimbal:
            return False
        if math.isfinite(pitch_deg):
            self._cockpit.gimbal_pitch_deg = max(_LOWEST_DEG, min(_HIGHEST_DEG, pitch_deg))
        return True

    def _shoot(self) -> bool:
        cockpit = self._cockpit
        if cockpit.now_s - self._last_shot_s < _SHOT_S:
            return False
        here = cockpit.here
        self._last_shot_s = cockpit.now_s
        self._last_shot_at = (here.north_m, here.east_m)
        lon_deg, lat_deg = cockpit.earth.to_lonlat(here.north_m, here.east_m)
        cockpit.outbox.append(
            Message(
                "CAMERA_FEEDBACK",
                {
                    "time_usec": round(cockpit.now_s * 1e6),
                    "target_system": 0,
                    "cam_idx": 0,
                    "img_idx": self.shots,
                    "lat": round(lat_deg * 1e7),
                    "lng": round(lon_deg * 1e7),
                    "alt_msl": cockpit.ground_amsl_m + here.height_m,
                    "alt_rel": cockpit.height_home_m,
                    "roll": here.roll_deg,
                    "pitch": here.gimbal_pitch_deg,
                    "yaw": here.heading_deg,
                    "foc_len": 0.0,
                    "flags": 0,
                },
            )
        )
        self.shots += 1
        return True
