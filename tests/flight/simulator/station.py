"""A ground station without a link: it hands messages over and keeps what comes back."""

import itertools
from collections.abc import Sequence
from typing import Any

from flight.mavlink.protocol.messages import Message, Peer
from flight.simulator.flat_earth import FlatEarth
from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import SensorSigmas, VehicleSettings, World
from flight.simulator.vehicle import STEP_S, SimulatedVehicle

Item = dict[str, Any]

HOME = (115.62, 33.16)
EARTH = FlatEarth.about(*HOME)
EXACT = SensorSigmas(0, 0, 0, 0, 0, 0)
READY = World(boot_age_s=60, sigmas=EXACT)
AUTO, GUIDED, LOITER, RTL, LAND, BRAKE, STABILIZE = 3, 4, 5, 6, 9, 17, 0


def settings(**changes: Any) -> VehicleSettings:
    """Return a vehicle at the usual place."""
    return VehicleSettings("drone-1", *HOME, **changes)


def item(command: int, north_m: float | None = None, east_m: float = 0, **changes: Any) -> Item:
    """Return the fields of a mission item, by default without a place and relative to home."""
    x = y = 0
    if north_m is not None:
        lon_deg, lat_deg = EARTH.to_lonlat(north_m, east_m)
        x, y = round(lat_deg * 1e7), round(lon_deg * 1e7)
    fields: dict[str, Any] = {
        "command": int(command),
        "frame": 3,
        "param1": 0.0,
        "param2": 0.0,
        "param3": 0.0,
        "param4": 0.0,
        "x": x,
        "y": y,
        "z": 0.0,
    }
    return fields | changes


def waypoint(north_m: float, east_m: float, height_m: float = 40, **changes: Any) -> Item:
    """Return a waypoint by metres from home."""
    return item(Command.WAYPOINT, north_m, east_m, z=float(height_m), **changes)


HOME_ITEM = item(Command.WAYPOINT)
TAKEOFF = item(Command.TAKEOFF, z=40.0)
RETURN = item(Command.RETURN)
SQUARE = (
    HOME_ITEM,
    TAKEOFF,
    item(Command.CHANGE_SPEED, param2=8.0),
    item(Command.GIMBAL_PITCH_YAW, param1=-60.0),
    waypoint(80, 0),
    waypoint(80, 80),
    RETURN,
)


def polygon(*corners_m: tuple[float, float], exclusion: bool = False) -> list[Item]:
    """Return fence items for a ring of (north, east) corners."""
    command = Command.FENCE_POLYGON_EXCLUSION if exclusion else Command.FENCE_POLYGON_INCLUSION
    return [item(command, *corner, param1=float(len(corners_m))) for corner in corners_m]


BOX = polygon((-60, -60), (60, -60), (60, 60), (-60, 60))


class Station:
    """Talks to one vehicle and remembers everything it said, with the simulated time."""

    def __init__(
        self, vehicle: SimulatedVehicle, system: int = 245, component: int = 190, channel: int = 0
    ) -> None:
        self.vehicle = vehicle
        self.me = Peer(system, component)
        self.channel = channel
        self.heard: list[tuple[float, Message]] = []
        vehicle.open_channel(channel)

    def send(self, name: str, **fields: Any) -> list[Message]:
        """Send one message and return its replies, which are kept too."""
        target = {"target_system": 1, "target_component": 1}
        message = Message(name, target | fields, self.me.system, self.me.component)
        replies = self.vehicle.handle(message, self.channel)
        self.heard += [(self.vehicle.now_s, reply) for reply in replies]
        return replies

    def command(self, command: int, *params: float) -> int | None:
        """Send COMMAND_LONG and return the result, None without acknowledgement."""
        values = itertools.chain(params, itertools.repeat(0.0))
        fields = {f"param{index}": float(value) for index, value in zip(range(1, 8), values)}  # noqa: B905
        replies = self.send("COMMAND_LONG", command=int(command), confirmation=0, **fields)
        acks = [reply for reply in replies if reply.name == "COMMAND_ACK"]
        return int(acks[0]["result"]) if acks else None

    def mode(self, number: int) -> int | None:
        """Ask for a mode."""
        return self.command(Command.SET_MODE, 1, number)

    def upload(self, items: Sequence[Item], kind: int = 0) -> Message:
        """Upload a list, answering each request, and return what ended it."""
        replies = self.send("MISSION_COUNT", count=len(items), mission_type=kind)
        while replies and replies[-1].name.startswith("MISSION_REQUEST"):
            replies = self.put(replies[-1]["seq"], items, kind)
        return replies[-1]

    def put(self, sequence: int, items: Sequence[Item], kind: int = 0) -> list[Message]:
        """Send one item."""
        fields = {"seq": sequence, "mission_type": kind, "current": 0, "autocontinue": 1}
        return self.send("MISSION_ITEM_INT", **fields, **items[sequence])

    def read_back(self, kind: int = 0) -> list[Message]:
        """Download a list."""
        (count,) = self.send("MISSION_REQUEST_LIST", mission_type=kind)
        return [
            self.send("MISSION_REQUEST_INT", seq=sequence, mission_type=kind)[0]
            for sequence in range(count["count"])
        ]

    def set_parameter(self, name: str, value: float) -> None:
        """Set a parameter, which must exist."""
        assert self.send("PARAM_SET", param_id=name, param_value=float(value), param_type=9)

    def listen(self, seconds: float) -> list[Message]:
        """Let simulated time pass and return what the vehicle said by itself."""
        before = len(self.heard)
        for _ in range(round(seconds / STEP_S)):
            self.vehicle.step()
            self.heard += [
                (self.vehicle.now_s, outgoing.message)
                for outgoing in self.vehicle.take_outgoing()
                if outgoing.channel in (None, self.channel)
            ]
        return [message for _, message in self.heard[before:]]

    def texts(self) -> list[str]:
        """Return all status texts so far."""
        return [message["text"] for _, message in self.heard if message.name == "STATUSTEXT"]

    def ask(self, name_id: int) -> Message:
        """Request one message."""
        self.command(Command.REQUEST_MESSAGE, name_id)
        return self.heard[-2][1] if self.heard[-1][1].name == "COMMAND_ACK" else self.heard[-1][1]

    @property
    def now_mode(self) -> str:
        """The mode that the autopilot is in."""
        return self.vehicle.autopilot.cockpit.mode.value

    @property
    def height_m(self) -> float:
        """True height above the ground."""
        return self.vehicle.truth().height_ground_m

    def place_m(self) -> tuple[float, float]:
        """Return where the vehicle truly is, north and east of its start."""
        truth = self.vehicle.truth()
        return EARTH.to_local(truth.lon_deg, truth.lat_deg)

    def start(self, items: Sequence[Item] = SQUARE) -> None:
        """Upload, arm in GUIDED and start the mission."""
        assert self.upload(items)["type"] == 0
        assert self.mode(GUIDED) == 0
        assert self.command(Command.ARM_DISARM, 1) == 0
        assert self.command(Command.MISSION_START) == 0

    def fly_until(self, what: Any, most_s: float = 400) -> None:
        """Let time pass until a condition holds."""
        for _ in range(round(most_s / 0.2)):
            if what():
                return
            self.listen(0.2)
        raise AssertionError(f"not so within {most_s} s; said: {self.texts()[-5:]}")

    def hover(self, height_m: float = 40) -> None:
        """Take off in GUIDED and wait for the height."""
        assert self.mode(GUIDED) == 0
        assert self.command(Command.ARM_DISARM, 1) == 0
        assert self.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, height_m) == 0
        self.fly_until(lambda: self.height_m > height_m - 1)


def ready(world: World = READY, **changes: Any) -> Station:
    """Return a station talking to a vehicle that could arm at once."""
    return Station(SimulatedVehicle(settings(**changes), world))
