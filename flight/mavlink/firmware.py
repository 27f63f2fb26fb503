"""What a vehicle needs to know about the software that flies it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import shapely

from flight.mavlink.protocol.commands import ParameterEncoding
from flight.mavlink.protocol.constants import Command, Frame
from flight.mavlink.protocol.mission_items import DEGREE_E7, WireItem
from flight.mavlink.safety_parameters import LostLinkRule, Values
from flight.mavlink.transfers import TransferSettings
from flight.missions import Action, Fence, Mission, MissionItem, RallyPoint
from geofences.geodesy import LonLat

CommandLine = tuple[Command, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Modes:
    """The names of the modes we set.

    Attributes:
        ready: In which the vehicle arms and waits.
        mission: In which it flies its mission.
        hold: In which it stands still in the air.
        go_home: In which it flies home and lands.
        land: In which it lands where it is.
    """

    ready: str
    mission: str
    hold: str
    go_home: str
    land: str


@dataclass(frozen=True, slots=True)
class HeightParameter:
    """A parameter that holds a height above home.

    Attributes:
        name: As the pilot knows it.
        per_metre: Its unit: 100 for centimetres.
    """

    name: str
    per_metre: float

    def value(self, height_m: float) -> float:
        """Return a height in the parameter's unit, in whole centimetres.

        ArduPilot's parameters in centimetres are integers; a fraction would never be read back.
        """
        return round(height_m * 100.0) * (self.per_metre / 100.0)


class Firmware(Protocol):
    """One kind of autopilot software."""

    @property
    def name(self) -> str:
        """Its name, for messages."""

    @property
    def modes(self) -> Modes:
        """The modes we set."""

    @property
    def transfers(self) -> TransferSettings:
        """How its lists are transferred."""

    @property
    def parameter_encoding(self) -> ParameterEncoding:
        """How whole numbers travel in its parameter messages."""

    @property
    def prearm_by_health(self) -> bool:
        """Whether SYS_STATUS tells by a health bit alone if it would arm, never enabling it."""

    @property
    def return_heights(self) -> tuple[HeightParameter, ...]:
        """What may hold the height that it returns at; versions differ, so the first that it has.

        The height is the least one: from higher up, an autopilot returns at the height it has.
        """

    @property
    def safety_parameters(self) -> tuple[str, ...]:
        """What decides over fence, return and failsafes; alternatives are divided by a bar."""

    def mode_name(self, custom_mode: int) -> str:
        """Return its word for a heartbeat's custom mode."""

    def set_mode(self, name: str) -> CommandLine:
        """Return the command that sets a mode by name."""

    def launch(self) -> CommandLine:
        """Return the command that makes the armed vehicle take off on its mission."""

    def mission_items(self, mission: Mission) -> tuple[WireItem, ...]:
        """Return the list to upload, the vehicle's own items included."""

    def fence_parameters(self, fence: Fence) -> tuple[tuple[str, float], ...]:
        """Return what must be set for the fence to be kept, in this order."""

    def rally_items(self, rally: Sequence[RallyPoint]) -> tuple[WireItem, ...]:
        """Return where else the aircraft may return to."""

    @property
    def rally_parameters(self) -> tuple[tuple[str, float], ...]:
        """What must be set for a return to go to home or the nearest rally point."""

    def lost_link(self, values: Values, our_system: int) -> LostLinkRule:
        """Return what its parameters do when the station falls silent."""

    def passes(self, reason: str) -> bool:
        """Tell whether a reason against arming goes away by waiting."""


def fence_items(fence: Fence) -> tuple[WireItem, ...]:
    """Return the fence's vertices, each with its polygon's vertex count."""
    items = list(_ring(fence.inclusion, Command.FENCE_POLYGON_INCLUSION))
    for polygon in fence.exclusions:
        items.extend(_ring(polygon, Command.FENCE_POLYGON_EXCLUSION))
    return tuple(items)


def rally_item(point: RallyPoint, height_home_m: float) -> WireItem:
    """Return a rally point at the height that this kind of autopilot wants to be told."""
    relative = Frame.GLOBAL_RELATIVE_ALT
    return placed(Command.RALLY_POINT, relative, point.position, height_home_m)


def _ring(polygon: shapely.Polygon, command: Command) -> Sequence[WireItem]:
    # Without the closing point: autopilots close rings themselves.
    points = [LonLat(lon, lat) for lon, lat, *_ in polygon.exterior.coords[:-1]]
    params = (float(len(points)), 0.0, 0.0, 0.0)
    return [placed(command, Frame.GLOBAL, point, 0.0, params) for point in points]


def placed(
    command: Command,
    frame: Frame,
    position: LonLat,
    height_m: float,
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
) -> WireItem:
    """Return an item at a position, rounded to the wire's 1e-7 degrees."""
    x, y = round(position.lat_deg * DEGREE_E7), round(position.lon_deg * DEGREE_E7)
    return WireItem(command, frame, params, x, y, height_m)


_VEHICLE_FRAME_YAW = 32  # so that the camera looks ahead on every lane, not always north


_PLACED = MappingProxyType(
    {
        Action.TAKEOFF: Command.NAV_TAKEOFF,
        Action.WAYPOINT: Command.NAV_WAYPOINT,
        Action.LAND: Command.NAV_LAND,
        Action.LOOK_AT: Command.DO_SET_ROI_LOCATION,
    }
)


def wire_item(item: MissionItem, home: LonLat) -> WireItem:
    """Return one mission item in the commands that ArduPilot and PX4 share.

    Args:
        item: The item.
        home: Where a take-off or landing without a position happens.
    """
    if item.action in _PLACED:
        relative = Frame.GLOBAL_RELATIVE_ALT_INT
        height_m = 0.0 if item.action is Action.LAND else item.height_home_m or 0.0
        return placed(_PLACED[item.action], relative, item.position or home, height_m)
    if item.action is Action.HOVER:
        return _hover(item)
    return _setting(item)


def _setting(item: MissionItem) -> WireItem:
    value = item.value or 0.0
    # Rates of 0 and never NaN: ArduPilot refuses NaN in most items.
    settings = {
        # 1 is ground speed, -1 leaves the throttle alone.
        Action.SPEED: WireItem(Command.DO_CHANGE_SPEED, params=(1.0, value, -1.0, 0.0)),
        Action.GIMBAL: WireItem(
            Command.DO_GIMBAL_MANAGER_PITCHYAW, params=(value, 0.0, 0.0, 0.0), x=_VEHICLE_FRAME_YAW
        ),
        Action.CAMERA_START: WireItem(Command.VIDEO_START_CAPTURE, params=(0.0, 1.0, 0.0, 0.0)),
        Action.CAMERA_STOP: WireItem(Command.VIDEO_STOP_CAPTURE),
        Action.LOOK_AHEAD: WireItem(Command.DO_SET_ROI_NONE),
        Action.RETURN_HOME: WireItem(Command.NAV_RETURN_TO_LAUNCH),
    }
    return settings[item.action]


def _hover(item: MissionItem) -> WireItem:
    # Whole seconds, rounded up: ArduPilot cuts the fraction off, half a second would be none.
    params = (float(math.ceil(item.value or 0.0)), 0.0, 0.0, 0.0)
    if item.position is None or item.height_home_m is None:
        return WireItem(Command.NAV_DELAY, params=params)
    relative = Frame.GLOBAL_RELATIVE_ALT_INT
    return placed(Command.NAV_LOITER_TIME, relative, item.position, item.height_home_m, params)
