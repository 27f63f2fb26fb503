"""What all parts of the simulated autopilot look at and write on."""

from dataclasses import dataclass, field

from flight.mavlink.protocol.messages import Message
from flight.simulator.flat_earth import FlatEarth
from flight.simulator.mavlink_ids import LandedState, Severity
from flight.simulator.modes import Mode
from flight.simulator.parameters import Parameters
from flight.simulator.sensors import Estimate
from flight.simulator.settings import Personality

_CHUNK = 50  # characters of one STATUSTEXT


@dataclass(frozen=True, slots=True)
class Home:
    """Where the aircraft was armed: the zero of all relative heights."""

    north_m: float
    east_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Power:
    """The battery as its monitor reads it."""

    voltage_v: float = 25.0
    current_a: float = 0.0
    fraction: float = 1.0
    used_mah: float = 0.0
    used_wh: float = 0.0


@dataclass(slots=True)
class Cockpit:
    """The shared state of one autopilot; times in seconds since boot."""

    earth: FlatEarth
    ground_amsl_m: float
    parameters: Parameters
    personality: Personality = Personality.ARDUPILOT
    board_number: int = 1
    armable_at_s: float = 42.0
    now_s: float = 0.0
    here: Estimate = field(default_factory=Estimate)
    power: Power = field(default_factory=Power)
    gps_denied: bool = False
    compass_failed: bool = False
    glitching: bool = False
    stuck: bool = False
    no_lift: bool = False
    mode: Mode = Mode.STABILIZE
    armed: bool = False
    armed_at_s: float = 0.0
    auto_armed: bool = False
    landed: LandedState = LandedState.ON_GROUND
    home: Home | None = None
    gimbal_pitch_deg: float = 0.0
    outbox: list[Message] = field(default_factory=list)
    _later: list[tuple[float, Message]] = field(default_factory=list)
    _long_texts: int = 0

    @property
    def flying(self) -> bool:
        """Whether the motors run and the aircraft is off the ground."""
        return self.armed and not self.here.on_ground

    @property
    def height_home_m(self) -> float:
        """Estimated height above home, or above the start before there is a home."""
        return self.here.height_m - (self.home.height_m if self.home else 0.0)

    @property
    def position_known(self) -> bool:
        """Whether the EKF has a position to navigate by."""
        lost = self.gps_denied or self.compass_failed
        return self.now_s >= self.armable_at_s and not lost

    @property
    def boot_ms(self) -> int:
        """Time since boot as messages carry it; it wraps after 49.7 days."""
        return round(self.now_s * 1000) % 2**32

    def say(self, text: str, severity: Severity = Severity.WARNING, delay_s: float = 0.0) -> None:
        """Send a status text, at once or `delay_s` later."""
        chunks = [text[begin : begin + _CHUNK] for begin in range(0, len(text), _CHUNK)]
        if len(chunks) > 1:
            self._long_texts = self._long_texts % 65_535 + 1
        for number, chunk in enumerate(chunks):
            fields = {"severity": int(severity), "text": chunk}
            if len(chunks) > 1:
                fields |= {"id": self._long_texts, "chunk_seq": number}
            message = Message("STATUSTEXT", fields)
            if delay_s <= 0:
                self.outbox.append(message)
            else:
                self._later.append((self.now_s + delay_s, message))

    def release_delayed(self) -> None:
        """Move the status texts whose time has come to the outbox."""
        if not self._later:
            return
        self.outbox.extend(message for due_s, message in self._later if due_s <= self.now_s)
        self._later = [entry for entry in self._later if entry[0] > self.now_s]

    def set_home_here(self) -> None:
        """Make the present place home."""
        self.home = Home(self.here.north_m, self.here.east_m, self.here.height_m)
