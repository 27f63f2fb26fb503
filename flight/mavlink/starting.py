"""From standing to flying the mission, and hands off as soon as a pilot has other plans."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flight.errors import CommandRefusedError
from flight.mavlink.arming import Waiting, arm
from flight.mavlink.commander import Commander
from flight.mavlink.control_judge import ControlJudge
from flight.mavlink.firmware import Firmware
from flight.mavlink.station import Station
from flight.states import VehicleState
from flight.vehicle import Control

_AIRBORNE_HEIGHT_M = 1.0  # above what a barometer drifts while the aircraft stands


@dataclass(frozen=True)
class Cockpit:
    """All that starting takes.

    Attributes:
        name: The aircraft's name, for messages.
        station: Ourselves, connected.
        commander: Gives the orders.
        judge: Knows who decides.
        firmware: What its modes are called.
        state: Returns the newest telemetry.
        check_mission: Raises `CommandRefusedError` if the mission on board is not ours any more.
    """

    name: str
    station: Station
    commander: Commander
    judge: ControlJudge
    firmware: Firmware
    state: Callable[[], VehicleState]
    check_mission: Callable[[], Awaitable[None]]


async def start(
    cockpit: Cockpit, *, told: Callable[[str], None], arming_s: float, takeoff_s: float
) -> None:
    """Arm in the mode in which the aircraft waits, and have it take off on its mission.

    Args:
        cockpit: What it takes.
        told: Takes a sentence on what arming waits for.
        arming_s: How long to wait until it can be armed, by its clock.
        takeoff_s: How long it may take to leave the ground, likewise.

    Raises:
        ArmingRefusedError: It does not arm; carries its reasons.
        CommandRefusedError: It armed but does not fly, a pilot has taken over, or its mission is
            not ours any more.
    """
    commander, modes, state = cockpit.commander, cockpit.firmware.modes, cockpit.state
    await cockpit.check_mission()
    await arm(
        commander,
        cockpit.station,
        state,
        firmware=cockpit.firmware,
        # Waiting for a position may take a minute, and another station may use it.
        waiting=Waiting(cockpit.check_mission, told, arming_s),
    )
    await cockpit.check_mission()
    _refuse_if_pilots(cockpit, modes.ready, "start its mission")
    cockpit.judge.expect(Control.MISSION, modes.mission)
    await commander.obey(
        cockpit.firmware.launch(),
        lambda: state().mode == modes.mission,
        f"start its mission in mode {modes.mission}",
    )
    await commander.wait(
        lambda: airborne(state()) or not state().armed or _is_pilots(cockpit), takeoff_s
    )
    if _is_pilots(cockpit):
        return  # it is followed, and that a pilot has it is told
    if not airborne(state()):
        raise CommandRefusedError(
            f"{cockpit.name} accepted the start but does not leave the ground"
            f"{commander.said_lately()}."
        )


def airborne(state: VehicleState) -> bool:
    """Tell whether an aircraft has left the ground."""
    return state.armed and not state.on_ground and state.height_home_m > _AIRBORNE_HEIGHT_M


def _is_pilots(cockpit: Cockpit) -> bool:
    return cockpit.judge.verdict is Control.PILOT


def _refuse_if_pilots(cockpit: Cockpit, ready: str, what: str) -> None:
    mode = cockpit.state().mode
    if mode != ready or _is_pilots(cockpit):
        raise CommandRefusedError(
            f"{cockpit.name} is not told to {what}: its pilot has set mode {mode} meanwhile."
        )
