"""The camera and its gimbal, as far as the autopilot drives them."""

import math
from dataclasses import replace
from typing import ClassVar

from flight.mavlink.protocol.messages import Message
from flight.simulator.cockpit import Cockpit
from flight.simulator.items import Item
from flight.simulator.manoeuvres import Place, Steer
from flight.simulator.mavlink_ids import Command
from flight.simulator.modes import Mode

_LOWEST_DEG, _HIGHEST_DEG = -90.0, 20.0
_SHOT_S = 0.5
_OVERHEAD_M = 1.0  # nearer than this over the ground there is no bearing to speak of


class Payload:
    """A gimbal (MNT1_TYPE above 0) and a camera (CAM1_TYPE above 0), both fixed at boot.

    The gimbal only pitches, so that a region of interest turns the aircraft's nose, as ArduCopter
    does for mounts that cannot pan.
    """

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
    #: Mission items that say what to keep in view.
    _REGIONS: ClassVar[frozenset[Command]] = frozenset(
        {Command.SET_ROI_LOCATION, Command.SET_ROI, Command.SET_ROI_NONE}
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
        self._region: Place | None = None
        self._pitch_before_deg = 0.0
        self._interval_s: float | None = None
        self._last_shot_s = -math.inf
        self._spacing_m = 0.0
        self._last_shot_at = (math.inf, math.inf)

    def perform(self, item: Item) -> bool:
        """Do what a mission item asks; items for a payload that is not there are passed over."""
        if item.command in self._REGIONS:
            self._look_at(self._place_of(item))
            return True
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

    def aim(self, steer: Steer) -> Steer:
        """Keep the region of interest in view: pitch the gimbal, and turn the nose."""
        cockpit = self._cockpit
        if not cockpit.armed:
            self._region = None
        if self._region is None or cockpit.mode is not Mode.AUTO:
            return steer
        north_m = self._region.north_m - cockpit.here.north_m
        east_m = self._region.east_m - cockpit.here.east_m
        away_m = math.hypot(north_m, east_m)
        if self.has_gimbal:
            down_m = cockpit.here.height_m - self._region.height_m
            self._pitch(-math.degrees(math.atan2(down_m, away_m)))
        if away_m < _OVERHEAD_M:
            return steer
        return replace(steer, heading_deg=math.degrees(math.atan2(east_m, north_m)) % 360)

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
            self._pitch(pitch_deg)
        return True

    def _pitch(self, pitch_deg: float) -> None:
        self._cockpit.gimbal_pitch_deg = max(_LOWEST_DEG, min(_HIGHEST_DEG, pitch_deg))

    def _look_at(self, region: Place | None) -> None:
        """Begin to follow a region, or go back to the angle from before it."""
        if self._region is None:
            self._pitch_before_deg = self._cockpit.gimbal_pitch_deg
        elif region is None:
            self._cockpit.gimbal_pitch_deg = self._pitch_before_deg
        self._region = region

    def _place_of(self, item: Item) -> Place | None:
        """Where a region of interest is; none where an item ends it, by command or by zeroes."""
        if item.command == Command.SET_ROI_NONE or (item.x, item.y, item.z) == (0, 0, 0.0):
            return None
        cockpit = self._cockpit
        north_m, east_m = cockpit.earth.to_local(item.lon_deg, item.lat_deg)
        home_m = cockpit.home.height_m if cockpit.home else 0.0
        above_m = -cockpit.ground_amsl_m if item.frame == 0 else home_m
        return Place(north_m, east_m, item.z + above_m)

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
