"""Flying a route with the simulated aircraft, stepped directly, without sockets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.patrol_routes import PatrolRoute
from flight.mavlink.protocol.messages import Message
from flight.planning.wind import Wind
from flight.simulator.flat_earth import FlatEarth
from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import VehicleSettings, World
from flight.simulator.vehicle import SimulatedVehicle

_PLACE = (115.62, 33.16)
_STATION = (245, 190)
_GUIDED = 4
_LONGEST_S = 4000.0


@dataclass(frozen=True)
class Flown:
    """What one flight took, from the start of the motors to their stop."""

    time_s: float
    energy_wh: float


def fly(route: PatrolRoute, wind: Wind, *, seed: int = 1, gust_mps: float = 0.5) -> Flown:
    """Fly a route in a steady wind with light gusts and the usual sensor errors.

    Raises:
        RuntimeError: The aircraft refused the mission or did not come back.
    """
    world = World(
        seed=seed,
        wind_north_mps=wind.north_mps,
        wind_east_mps=wind.east_mps,
        gust_mps=gust_mps if wind.speed_mps else 0.0,
        boot_age_s=60.0,
    )
    vehicle = SimulatedVehicle(VehicleSettings("judged", *_PLACE), world)
    _upload(vehicle, _items(route))
    _command(vehicle, Command.SET_MODE, 1, _GUIDED)
    _command(vehicle, Command.ARM_DISARM, 1)
    began_s, charge = vehicle.now_s, vehicle.battery_fraction
    _command(vehicle, Command.MISSION_START)
    while vehicle.armed:
        vehicle.step(0.2)
        vehicle.take_outgoing()
        if vehicle.now_s - began_s > _LONGEST_S:
            raise RuntimeError(f"The flight over {route.name!r} did not end.")
    used_wh = (charge - vehicle.battery_fraction) * vehicle.settings.battery.capacity_wh
    return Flown(vehicle.now_s - began_s, used_wh)


def _items(route: PatrolRoute) -> list[dict[str, Any]]:
    """The mission as the planner writes it: the return begins above the dock."""
    rows = route.points
    items = [
        _item(Command.WAYPOINT),
        _item(Command.TAKEOFF, place=tuple(rows[0])),
        _item(Command.CHANGE_SPEED, param2=route.speed_mps),
    ]
    for index, row in enumerate(rows[1:], start=1):
        items.append(_item(Command.WAYPOINT, place=tuple(row)))
        if route.hovers_s[index] > 0.0:
            items.append(_item(Command.LOITER_TIME, place=tuple(row), param1=route.hovers_s[index]))
    return [*items, _item(Command.RETURN)]


def _item(command: int, place: tuple[float, ...] | None = None, **params: float) -> dict[str, Any]:
    fields: dict[str, Any] = {f"param{number}": 0.0 for number in range(1, 5)}
    fields |= {"command": int(command), "frame": 3, "x": 0, "y": 0, "z": 0.0}
    if place is not None:
        lon_deg, lat_deg = FlatEarth.about(*_PLACE).to_lonlat(place[1], place[0])
        fields |= {"x": round(lat_deg * 1e7), "y": round(lon_deg * 1e7), "z": float(place[2])}
    return fields | params


def _upload(vehicle: SimulatedVehicle, items: Sequence[dict[str, Any]]) -> None:
    replies = _send(vehicle, "MISSION_COUNT", {"count": len(items), "mission_type": 0})
    while replies and replies[-1].name.startswith("MISSION_REQUEST"):
        sequence = int(replies[-1]["seq"])
        fields = {"seq": sequence, "mission_type": 0, "current": 0, "autocontinue": 1}
        replies = _send(vehicle, "MISSION_ITEM_INT", fields | items[sequence])
    if not replies or replies[-1]["type"] != 0:
        raise RuntimeError(f"The simulated aircraft refused the mission: {replies}")


def _command(vehicle: SimulatedVehicle, command: int, *params: float) -> None:
    values = [*params, *[0.0] * (7 - len(params))]
    fields: dict[str, Any] = {
        f"param{number}": float(value) for number, value in enumerate(values, start=1)
    }
    fields |= {"command": int(command), "confirmation": 0}
    replies = _send(vehicle, "COMMAND_LONG", fields)
    acks = [reply for reply in replies if reply.name == "COMMAND_ACK"]
    if not acks or acks[0]["result"] != 0:
        raise RuntimeError(f"The simulated aircraft refused command {int(command)}: {replies}")


def _send(vehicle: SimulatedVehicle, name: str, fields: dict[str, Any]) -> list[Message]:
    addressed = {"target_system": 1, "target_component": 1}
    return vehicle.handle(Message(name, addressed | fields, *_STATION))
