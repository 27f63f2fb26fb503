"""What a scenario means: the plan that is flown, and the simulation that it is flown in."""

import math
from pathlib import Path

import shapely

from flight.missions import Action, Fence, Mission, MissionItem, PatrolPlan
from flight.simulator.flat_earth import FlatEarth
from flight.simulator.settings import (
    BatterySettings,
    LinkFaults,
    SimulatorSettings,
    VehicleFault,
    VehicleSettings,
    WindChange,
    World,
)
from geofences.geodesy import LonLat
from patrol.defaults import DEFAULT_CAMERA
from patrol.scenarios.schema import Craft, Day, FenceSaid, Flight, Mishap, Ring, Wind

BASE_PORT = 14550
PORT_STEP = 10
_GIMBAL_PITCH_DEG = -60.0


def earth_of(day: Day) -> FlatEarth:
    """Return the plane on which the day's metres are laid."""
    return FlatEarth.about(day.place.lon, day.place.lat)


def addresses_of(day: Day) -> tuple[str, ...]:
    """Return where each aircraft is reached, as `patrol fly` wants it."""
    return tuple(
        f"{craft.name}=udpin:127.0.0.1:{BASE_PORT + PORT_STEP * index}"
        for index, craft in enumerate(day.aircraft)
    )


def plan_of(day: Day) -> PatrolPlan:
    """Return the plan of all missions."""
    earth = earth_of(day)
    missions = [
        _mission(craft, number, flight, earth)
        for craft in day.aircraft
        for number, flight in enumerate(craft.missions, start=1)
    ]
    return PatrolPlan(
        plan_id="scenario",
        name=day.title,
        missions=tuple(missions),
        cell_codes=(),
        coverage_fraction=1.0,
        camera=DEFAULT_CAMERA,
        gimbal_pitch_deg=_GIMBAL_PITCH_DEG,
    )


def fence_of(fence: FenceSaid, earth: FlatEarth) -> Fence:
    """Return a fence in degrees."""
    rings = [_polygon(ring, earth) for ring in fence.outside_m]
    return Fence(_polygon(fence.inside_m, earth), tuple(rings), fence.ceiling_m)


def _polygon(ring: Ring, earth: FlatEarth) -> shapely.Polygon:
    return shapely.Polygon([earth.to_lonlat(north_m, east_m) for north_m, east_m in ring])


def _mission(craft: Craft, number: int, flight: Flight, earth: FlatEarth) -> Mission:
    home = LonLat(*earth.to_lonlat(*craft.stands_m))
    items = [
        MissionItem(Action.TAKEOFF, height_home_m=flight.height_m),
        MissionItem(Action.SPEED, value=flight.speed_mps),
        MissionItem(Action.GIMBAL, value=_GIMBAL_PITCH_DEG),
    ]
    way_m = 0.0
    last = craft.stands_m
    for north_m, east_m, *own_m in flight.waypoints_m:
        place = LonLat(*earth.to_lonlat(north_m, east_m))
        height_m = own_m[0] if own_m else flight.height_m
        items.append(MissionItem(Action.WAYPOINT, place, height_m))
        way_m += math.dist(last, (north_m, east_m))
        last = (north_m, east_m)
    return Mission(
        mission_id=f"{craft.name}-{number}",
        vehicle_name=craft.name,
        dock_id="dock",
        home=home,
        items=(*items, MissionItem(Action.RETURN_HOME)),
        fence=fence_of(craft.fence, earth),
        speed_mps=flight.speed_mps,
        height_home_m=flight.height_m,
        cell_codes=(),
        distance_m=way_m + math.dist(last, craft.stands_m),
        duration_s=0.0,
        start_s=flight.starts_s,
    )


def simulator_of(day: Day, truth_folder: Path) -> SimulatorSettings:
    """Return the simulation, with truth logs in a folder."""
    earth = earth_of(day)
    vehicles = [
        _vehicle(craft, number, day, earth) for number, craft in enumerate(day.aircraft, start=1)
    ]
    north_mps, east_mps = _blows(day.weather.wind)
    world = World(
        seed=day.seed,
        personality=day.autopilot,
        wind_north_mps=north_mps,
        wind_east_mps=east_mps,
        gust_mps=day.weather.wind.gust_mps,
        wind_changes=tuple(
            WindChange(change.at_s, *_blows(change), change.gust_mps)
            for change in day.weather.changes
        ),
        boot_age_s=day.powered_s,
    )
    return SimulatorSettings(
        vehicles=tuple(vehicles),
        world=world,
        base_port=BASE_PORT,
        truth_folder=truth_folder,
        faults=_link(day),
    )


def _blows(wind: Wind) -> tuple[float, float]:
    """Return where the air goes, north and east, of a wind named by where it comes from."""
    bearing = math.radians(wind.from_deg)
    return -wind.speed_mps * math.cos(bearing), -wind.speed_mps * math.sin(bearing)


def _link(day: Day) -> LinkFaults:
    link = day.link
    return LinkFaults(
        loss_fraction=link.loss,
        duplicate_fraction=link.duplicate,
        reorder_fraction=link.reorder,
        corrupt_fraction=link.corrupt,
        delay_s=link.delay_s,
        jitter_s=link.jitter_s,
        lost_final_acks=link.lost_final_acks,
        outage_fraction=link.away,
        outage_mean_s=link.away_mean_s,
        blackouts=link.blackouts,
    )


def _vehicle(craft: Craft, number: int, day: Day, earth: FlatEarth) -> VehicleSettings:
    lon_deg, lat_deg = earth.to_lonlat(*craft.stands_m)
    return VehicleSettings(
        name=craft.name,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        alt_amsl_m=day.place.alt_amsl_m,
        system_id=number,
        battery=BatterySettings(
            capacity_wh=craft.battery.capacity_wh, initial_fraction=craft.battery.charge
        ),
        faults=tuple(_fault(mishap, day.powered_s) for mishap in craft.mishaps),
        parameters=tuple(craft.parameters.items()),
    )


def _fault(mishap: Mishap, powered_s: float) -> VehicleFault:
    # The day starts with aircraft that have been on for a while; theirs count from power-up.
    before_s = powered_s if mishap.since == "start" else 0.0
    return VehicleFault(
        kind=mishap.what,
        start_s=before_s + mishap.at_s,
        duration_s=math.inf if mishap.for_s is None else mishap.for_s,
        value=mishap.jump_m or mishap.charge,
        direction_deg=mishap.towards_deg,
        since=mishap.moment,
        waypoint=mishap.waypoint,
    )
