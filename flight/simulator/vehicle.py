"""One simulated aircraft: physics, sensors, battery and autopilot in step, without any I/O."""

import hashlib
import random
from dataclasses import dataclass

from flight.mavlink.protocol.messages import Message
from flight.simulator.autopilot import Autopilot, Outgoing
from flight.simulator.battery import AVIONICS_W, Battery
from flight.simulator.cockpit import Cockpit, Power
from flight.simulator.errors import SimulatorError
from flight.simulator.flat_earth import FlatEarth
from flight.simulator.manoeuvres import Steer
from flight.simulator.mishaps import Mishaps
from flight.simulator.parameters import Parameters
from flight.simulator.physics import Multirotor, SetPoint, Wind
from flight.simulator.rotors import Rotors
from flight.simulator.sensors import Sensors
from flight.simulator.settings import (
    Personality,
    VehicleSettings,
    World,
)
from flight.simulator.stores import FenceStore, InPlaceMission, Memory, RallyStore, StagedMission

#: The internal step; everything is computed at this rate whatever the speed-up.
STEP_S = 0.02


@dataclass(frozen=True, slots=True)
class Truth:
    """Where the aircraft and its camera really are."""

    time_boot_s: float
    lon_deg: float
    lat_deg: float
    height_ground_m: float
    heading_deg: float
    pitch_deg: float
    roll_deg: float
    gimbal_pitch_deg: float
    gimbal_heading_deg: float


class SimulatedVehicle:
    """A multirotor with its autopilot, stepped through simulated time.

    The same settings, world, messages and steps give the same flight to the last bit.

    Args:
        settings: Who it is and what befalls it.
        world: Seed, wind, sensors and personality.

    Raises:
        SimulatorError: The settings name a parameter that does not exist.
    """

    def __init__(self, settings: VehicleSettings, world: World) -> None:
        self.settings = settings
        self._world = world
        chance = f"{world.seed}/{settings.name}"
        # Each from a source of its own: what a station asks for does not change the weather.
        self._wind_rng = random.Random(f"{chance}/wind")
        self._earth = FlatEarth.about(settings.lon_deg, settings.lat_deg)
        self._wind = Wind(world.wind_north_mps, world.wind_east_mps, world.gust_mps)
        self._airframe = Multirotor(settings.heading_deg, self._wind, airframe=settings.airframe)
        self._rotors = Rotors(settings.airframe, settings.battery.hover_w - AVIONICS_W)
        self._sensors = Sensors(
            world.sigmas, random.Random(chance), random.Random(f"{chance}/noise")
        )
        self._battery = Battery(settings.battery)
        self._parameters = self._first_parameters()
        px4 = world.personality is Personality.PX4
        self._memory = Memory(
            StagedMission() if px4 else InPlaceMission(),
            FenceStore(forgetful=not px4),
            RallyStore(whole_metres=not px4),
        )
        self._channels: set[int] = set()
        self.boots = 1
        self._steps = self._age_steps = round(world.boot_age_s / STEP_S)
        self._mishaps = Mishaps(settings.faults, self._battery, self._sensors, self._memory.mission)
        self._wind_changes = sorted(world.wind_changes, key=lambda change: change.at_s)
        self._wanted_heading_deg = settings.heading_deg
        self._wanted = SetPoint(heading_deg=settings.heading_deg)
        self.autopilot = self._boot()

    def _first_parameters(self) -> Parameters:
        parameters = Parameters(self._world.personality)
        fitted = float(self.settings.camera_fitted)
        first = {
            "SYSID_THISMAV": self.settings.system_id,
            "CAM1_TYPE": fitted,
            "MNT1_TYPE": fitted,
            "BATT_CAPACITY": round(self.settings.battery.capacity_wh / 22.2 * 1000),
            **dict(self.settings.parameters),
        }
        for name, value in first.items():
            if name not in parameters:
                raise SimulatorError(f"{self.settings.name}: there is no parameter {name}.")
            parameters.set(name, value)
        return parameters

    def _boot(self) -> Autopilot:
        cockpit = Cockpit(
            self._earth,
            self.settings.alt_amsl_m,
            self._parameters,
            self._world.personality,
            self._board_number(),
            self._world.armable_at_s,
            now_s=self.now_s,
            here=self._sensors.estimate(self._airframe.body),
            power=self._power(),
        )
        autopilot = Autopilot(cockpit, self._memory, self._sensors)
        for channel in self._channels:
            autopilot.open_channel(channel)
        return autopilot

    def _board_number(self) -> int:
        """The same at every boot, and another one for every aircraft."""
        settings = self.settings
        who = f"{settings.name}/{settings.system_id}/{settings.lon_deg}/{settings.lat_deg}"
        return int.from_bytes(hashlib.blake2b(who.encode(), digest_size=7).digest()) or 1

    @property
    def now_s(self) -> float:
        """Simulated time since boot."""
        return round(self._steps * STEP_S, 6)

    @property
    def armed(self) -> bool:
        """Whether the motors run."""
        return self.autopilot.cockpit.armed

    @property
    def on_ground(self) -> bool:
        """Whether the aircraft really stands on the ground."""
        return self._airframe.body.on_ground

    @property
    def battery_fraction(self) -> float:
        """Charge really left."""
        return self._battery.fraction

    @property
    def speed_mps(self) -> tuple[float, float, float]:
        """True velocity, north, east, up."""
        body = self._airframe.body
        return body.north_mps, body.east_mps, body.up_mps

    def open_channel(self, channel: int) -> None:
        """Begin with a new listener."""
        self._channels.add(channel)
        self.autopilot.open_channel(channel)

    def handle(self, message: Message, channel: int = 0) -> list[Message]:
        """Take a message from a ground station and return the replies for its channel."""
        return self.autopilot.handle(message, channel)

    def take_outgoing(self) -> list[Outgoing]:
        """Return what the autopilot sends by itself, and forget it."""
        return self.autopilot.take_outgoing()

    def truth(self) -> Truth:
        """Return the true pose."""
        body = self._airframe.body
        lon_deg, lat_deg = self._earth.to_lonlat(body.north_m, body.east_m)
        return Truth(
            self.now_s,
            lon_deg,
            lat_deg,
            body.height_m,
            body.heading_deg,
            body.pitch_deg,
            body.roll_deg,
            body.gimbal_pitch_deg,
            body.heading_deg,
        )

    def step(self, dt_s: float = STEP_S) -> None:
        """Let `dt_s` seconds pass, in whole internal steps."""
        for _ in range(max(1, round(dt_s / STEP_S))):
            self._step_once()

    def _step_once(self) -> None:
        self._steps += 1
        self._age_steps += 1
        if self.autopilot.rebooting:
            self._reboot()
        self._mishaps.step(self._age_steps * STEP_S, self.autopilot)
        self._sensors.step(STEP_S)
        self._change_wind()
        self._wind.step(STEP_S, self._wind_rng)
        self._airframe.step(self._wanted, STEP_S)
        self._battery.drain(self._power_w(), STEP_S)
        # The autopilot looks after the move, so that telemetry and truth of one time agree.
        here = self._sensors.estimate(self._airframe.body)
        self._wanted = self._set_point(self.autopilot.tick(self.now_s, here, self._power()))

    def _change_wind(self) -> None:
        elapsed_s = self._age_steps * STEP_S - self._world.boot_age_s
        while self._wind_changes and self._wind_changes[0].at_s <= elapsed_s:
            change = self._wind_changes.pop(0)
            self._wind.change(change.north_mps, change.east_mps, change.gust_mps)

    def _set_point(self, steer: Steer) -> SetPoint:
        if steer.heading_deg is not None:
            self._wanted_heading_deg = self._sensors.heading_for(steer.heading_deg)
        cockpit = self.autopilot.cockpit
        running = cockpit.armed and not cockpit.no_lift and self._battery.fraction > 0
        velocity = (steer.north_mps, steer.east_mps, steer.up_mps)
        if not self.on_ground:
            velocity = self._sensors.velocity_for(*velocity)
        return SetPoint(
            running,
            *velocity,
            self._wanted_heading_deg,
            cockpit.gimbal_pitch_deg,
            steer.planned_mps2,
        )

    def _power(self) -> Power:
        battery = self._battery
        return Power(
            battery.voltage_v,
            battery.current_a,
            battery.fraction,
            battery.used_mah,
            battery.used_wh,
        )

    def _power_w(self) -> float:
        if not self.armed or self.on_ground:
            return AVIONICS_W
        load = self._airframe.load()
        return AVIONICS_W + self._rotors.power_w(load.thrust_n, load.along_mps, load.through_mps)

    def _reboot(self) -> None:
        """Start the clock and the autopilot anew; parameters and stored plans stay."""
        self._steps = 0
        self.boots += 1
        self.autopilot = self._boot()
