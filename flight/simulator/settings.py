"""What a simulation is told before it starts: frozen records, read once at the roof."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from flight.simulator.errors import SimulatorError


class Personality(StrEnum):
    """Which autopilot is imitated."""

    ARDUPILOT = "ardupilot"
    PX4 = "px4"


@dataclass(frozen=True, slots=True)
class SensorSigmas:
    """One-sigma errors of the telemetry against the truth.

    The horizontal bias (per axis) and the height bias wander slowly; the heading bias is drawn
    once per flight; the others are white noise on each message.
    """

    horizontal_bias_m: float = 0.6
    horizontal_noise_m: float = 0.15
    height_m: float = 0.3
    heading_deg: float = 1.5
    attitude_deg: float = 0.3
    gimbal_deg: float = 0.3


@dataclass(frozen=True, slots=True)
class BatterySettings:
    """A pack of six cells and what the aircraft draws from it."""

    capacity_wh: float = 240.0
    hover_w: float = 380.0
    resistance_ohm: float = 0.03
    initial_fraction: float = 1.0

    def __post_init__(self) -> None:
        if self.capacity_wh <= 0 or self.hover_w <= 0 or not 0 < self.initial_fraction <= 1:
            raise SimulatorError(
                "A battery needs a capacity and a hover power above 0 and an initial fraction"
                f" above 0 and at most 1, not {self}."
            )


@dataclass(frozen=True, slots=True)
class AirframeSettings:
    """The airframe's data sheet: mass, rotors, drag, and how far it may lean."""

    mass_kg: float = 3.6
    disk_area_m2: float = 0.456
    drag_area_m2: float = 0.06
    lean_max_deg: float = 30.0

    def __post_init__(self) -> None:
        if min(self.mass_kg, self.disk_area_m2, self.drag_area_m2) <= 0:
            raise SimulatorError(
                f"An airframe needs a mass, a disk area and a drag area above 0, not {self}."
            )
        if not 0 < self.lean_max_deg < 90:
            raise SimulatorError(f"An airframe leans by 0 to 90 degrees, not {self.lean_max_deg}.")


@dataclass(frozen=True, slots=True)
class LinkFaults:
    """How a radio link treats packets, each way; fractions are probabilities per packet.

    Delays are in simulated seconds, so that a bad day is the same day at every speed.
    `lost_final_acks` counts the acknowledgements ending an upload that never arrive. Outages take
    the whole link away, both ways: `outage_fraction` of the time, for `outage_mean_s` on average,
    and in each of `blackouts`, (from, to) in seconds after the simulation's start.
    """

    loss_fraction: float = 0.0
    duplicate_fraction: float = 0.0
    reorder_fraction: float = 0.0
    corrupt_fraction: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    lost_final_acks: int = 0
    outage_fraction: float = 0.0
    outage_mean_s: float = 3.0
    blackouts: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        fractions = (
            self.loss_fraction,
            self.duplicate_fraction,
            self.reorder_fraction,
            self.corrupt_fraction,
            self.outage_fraction,
        )
        if any(not 0 <= fraction <= 1 for fraction in fractions):
            raise SimulatorError(f"Fault fractions lie between 0 and 1, not {fractions}.")
        if self.delay_s < 0 or self.jitter_s < 0 or self.lost_final_acks < 0:
            raise SimulatorError("Delay, jitter and the count of lost acknowledgements are >= 0.")
        if self.outage_fraction == 1 or self.outage_mean_s <= 0:
            raise SimulatorError("Outages last more than 0 s each and less than all of the time.")
        if any(not 0 <= start_s < end_s for start_s, end_s in self.blackouts):
            raise SimulatorError(f"A blackout ends after it began, not {self.blackouts}.")


class VehicleFaultKind(StrEnum):
    """What may befall an aircraft.

    The battery loses charge at once, the receivers jump or are jammed, the compass fails, its
    propellers lift nothing, a pilot takes over (and gives back at the end) or lands it, the
    autopilot reboots, another ground station brings a mission of its own on board or wants to, or
    it never arrives where its mission goes.
    """

    BATTERY_SAG = "battery_sag"
    COMPASS_FAILED = "compass_failed"
    GPS_DENIED = "gps_denied"
    GPS_GLITCH = "gps_glitch"
    NO_LIFT = "no_lift"
    OTHER_MISSION = "other_mission"
    PILOT_LANDS = "pilot_lands"
    PILOT_TAKEOVER = "pilot_takeover"
    REBOOT = "reboot"
    SECOND_STATION = "second_station"
    STUCK = "stuck"


class Since(StrEnum):
    """From when the start of a mishap is counted."""

    POWER_UP = "power_up"
    UPLOAD = "upload"
    TAKEOFF = "takeoff"
    WAYPOINT = "waypoint"


@dataclass(frozen=True, slots=True)
class VehicleFault:
    """One mishap from `start_s` for `duration_s` seconds.

    Attributes:
        kind: What happens.
        start_s: When, after the moment that `since` names; reboots do not set that back.
        duration_s: How long.
        value: The fraction of charge left for a battery sag, metres for a jump of the receivers,
            items of another station's mission, by default three.
        direction_deg: Where the receivers jump to, clockwise from north.
        since: From when `start_s` is counted: the first power-up, the first complete upload of a
            mission, the first take-off, or the moment at which the aircraft turned to its n-th
            waypoint.
        waypoint: That number, from 1.
    """

    kind: VehicleFaultKind
    start_s: float
    duration_s: float = float("inf")
    value: float = 0.0
    direction_deg: float = 0.0
    since: Since = Since.POWER_UP
    waypoint: int = 0

    def __post_init__(self) -> None:
        if not self.start_s >= 0 or not self.duration_s > 0:
            raise SimulatorError(
                f"A {self.kind} starts at 0 s or later and lasts more than 0 s, not from "
                f"{self.start_s:g} s for {self.duration_s:g} s."
            )
        if (self.since is Since.WAYPOINT) != (self.waypoint > 0):
            raise SimulatorError(
                f"A {self.kind} since a waypoint names it, counted from 1; others name none."
            )


@dataclass(frozen=True, slots=True)
class VehicleSettings:
    """One simulated multirotor: who it is, where it stands, what happens to it."""

    name: str
    lon_deg: float
    lat_deg: float
    alt_amsl_m: float = 30.0
    heading_deg: float = 0.0
    system_id: int = 1
    camera_fitted: bool = True
    battery: BatterySettings = field(default_factory=BatterySettings)
    airframe: AirframeSettings = field(default_factory=AirframeSettings)
    faults: tuple[VehicleFault, ...] = ()
    parameters: tuple[tuple[str, float], ...] = ()
    signing_key: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise SimulatorError("Every simulated vehicle needs a name.")
        if not 1 <= self.system_id <= 250:
            raise SimulatorError(f"{self.name}: system id {self.system_id} is not in 1 to 250.")
        if not (abs(self.lon_deg) <= 180 and abs(self.lat_deg) < 89):
            raise SimulatorError(
                f"{self.name}: {self.lon_deg}, {self.lat_deg} (longitude, latitude) is no place"
                " to start from."
            )
        if not -500 <= self.alt_amsl_m <= 9000:
            raise SimulatorError(
                f"{self.name}: no ground lies {self.alt_amsl_m:g} m above mean sea level."
            )


@dataclass(frozen=True, slots=True)
class WindChange:
    """From `at_s` seconds after the simulation's start on the wind is another one."""

    at_s: float
    north_mps: float
    east_mps: float
    gust_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class World:
    """What all vehicles of a simulation share."""

    seed: int = 1
    personality: Personality = Personality.ARDUPILOT
    wind_north_mps: float = 0.0
    wind_east_mps: float = 0.0
    gust_mps: float = 0.0
    wind_changes: tuple[WindChange, ...] = ()
    sigmas: SensorSigmas = field(default_factory=SensorSigmas)
    boot_age_s: float = 0.0
    armable_at_s: float = 42.0


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """A whole simulation.

    Vehicle i sends to UDP port `base_port + 10 i` of the station at `station_host` and, where
    `tcp_base_port` is given, listens on TCP port `tcp_base_port + 10 i`.
    """

    vehicles: tuple[VehicleSettings, ...]
    world: World = field(default_factory=World)
    speedup: float = 1.0
    station_host: str = "127.0.0.1"
    base_port: int | None = 14550
    tcp_base_port: int | None = None
    truth_folder: Path | None = None
    faults: LinkFaults = field(default_factory=LinkFaults)

    def __post_init__(self) -> None:
        if not self.vehicles:
            raise SimulatorError("A simulation needs at least one vehicle.")
        for what in ("name", "system_id"):
            values = [getattr(vehicle, what) for vehicle in self.vehicles]
            if len(set(values)) < len(values):
                raise SimulatorError(f"Two simulated vehicles share one {what}: {sorted(values)}.")
        if not 1 <= self.speedup <= 50:
            raise SimulatorError(f"The speed-up lies between 1 and 50, not {self.speedup:g}.")
        if self.base_port is None and self.tcp_base_port is None:
            raise SimulatorError("Give a UDP base port, a TCP base port, or both.")
