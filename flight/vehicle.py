"""The one interface to an aircraft, whatever language it speaks."""

from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Protocol

from flight.missions import Mission
from flight.preflight import Expectations, PreflightReport
from flight.states import VehicleState


class Control(StrEnum):
    """Who or what decides where the aircraft flies, judged from its telemetry."""

    MISSION = "mission"
    COMMANDED = "commanded"
    RETURNING = "returning"
    FAILSAFE = "failsafe"
    PILOT = "pilot"


class Vehicle(Protocol):
    """An aircraft that can be given a mission and watched while it flies.

    Every command returns when telemetry shows its effect, never on an acknowledgement alone.
    """

    @property
    def name(self) -> str:
        """The aircraft's name in the plan."""

    @property
    def hardware_id(self) -> str:
        """What tells its autopilot from all others, on every link; empty if it does not tell."""

    @property
    def state(self) -> VehicleState:
        """The newest telemetry."""

    @property
    def silence_s(self) -> float:
        """Seconds since the aircraft was last heard."""

    @property
    def loss_fraction(self) -> float | None:
        """Share of what the aircraft lately sent that did not arrive; None if not known."""

    @property
    def control(self) -> Control:
        """Who decides where it flies just now."""

    async def connect(self) -> None:
        """Find the aircraft and have it report its state.

        Raises:
            LinkError: The connection cannot be opened, or nobody answers on it.
        """

    async def upload(self, mission: Mission) -> None:
        """Bring a mission and its fence on board and verify both there.

        Raises:
            UploadFailedError: The aircraft refused it or could not be reached; the message says
                what is on board now.
        """

    async def other_than(self, mission: Mission) -> str:
        """Return, in words, what is on board in place of a mission; empty if it is this one."""

    async def preflight(self, mission: Mission, expected: Expectations) -> PreflightReport:
        """Look at all that decides over a flight; the mission is on board."""

    def adopt(self, mission: Mission) -> None:
        """Take up a flight that is under way with a mission on board."""

    async def start(self, told: Callable[[str], None]) -> None:
        """Arm, take off and fly the mission.

        Args:
            told: Takes a sentence on what arming waits for, whenever that changes.

        Raises:
            ArmingRefusedError: The aircraft does not arm.
            CommandRefusedError: It armed but does not fly.
        """

    async def pause(self) -> None:
        """Hold where it is.

        Raises:
            CommandRefusedError: It does not hold.
        """

    async def resume(self) -> None:
        """Go on with the mission where it was left.

        Raises:
            CommandRefusedError: It does not go on.
        """

    async def return_home(self) -> None:
        """Fly home and land there.

        Raises:
            CommandRefusedError: It does not turn for home.
        """

    async def land(self) -> None:
        """Land where it is.

        Raises:
            CommandRefusedError: It does not land.
        """

    async def skip_to(self, item: int) -> None:
        """Go on with another item of the mission.

        Args:
            item: Its index in `Mission.items`.

        Raises:
            CommandRefusedError: It does not.
        """

    def states(self) -> AsyncIterator[VehicleState]:
        """Return every new snapshot from now on; a slow reader loses the oldest ones."""

    def record_frames(self, sink: Callable[[bytes], None] | None) -> None:
        """Give every packet of the connection to ``sink``; None ends that."""

    async def close(self) -> None:
        """Let go of the connection; the aircraft flies on by itself."""
