"""Arming: waiting for what waiting cures, and collecting the reasons where it does not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from flight.errors import ArmingRefusedError, CommandRefusedError
from flight.mavlink.commander import REFUSALS, Commander
from flight.mavlink.firmware import Firmware
from flight.mavlink.protocol.constants import Command
from flight.mavlink.station import Station
from flight.states import VehicleState

# Then we ask all the same: a refusal carries the reasons, the flag does not.
_PREARM_PATIENCE_S = 5.0
_HEARTBEAT_PATIENCE_S = 3.0
# The texts with the reasons come behind the refusal.
_REASONS_FOLLOW_S = 1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How it is waited until an aircraft can be armed.

    Attributes:
        before: Done right before the motors may start: what takes long must not be done while
            they run idle.
        told: Takes a sentence on what it waits for, whenever that is something else.
        timeout_s: How long to wait, by the aircraft's clock.
    """

    before: Callable[[], Awaitable[None]]
    told: Callable[[str], None]
    timeout_s: float


async def arm(
    commander: Commander,
    station: Station,
    state: Callable[[], VehicleState],
    *,
    firmware: Firmware,
    waiting: Waiting,
) -> None:
    """Arm, in the mode that was set for it and in no other.

    Args:
        commander: Gives the orders.
        station: Heard the reasons.
        state: Returns the newest telemetry.
        firmware: In which mode it arms; another one is a pilot's, who may want the motors to stand.
        waiting: How long, and what goes with it.

    Raises:
        ArmingRefusedError: It does not arm; carries its reasons.
        CommandRefusedError: A pilot has set another mode.
    """
    expired, ready = commander.timer(waiting.timeout_s), firmware.modes.ready
    waited_for: frozenset[str] | None = None
    while True:
        if await commander.wait(lambda: state().prearm_good is not False, _PREARM_PATIENCE_S):
            await waiting.before()
        if state().mode != ready:
            raise CommandRefusedError(
                f"The motors are not started: mode {ready} was set for that, and now it is "
                f"{state().mode}, by its pilot's switch. Put the switch right and start again."
            )
        mark = station.texts_count
        result = await commander.call((Command.COMPONENT_ARM_DISARM, (1.0,)))
        # A lost answer is no refusal: the heartbeat shows whether it armed.
        if result not in REFUSALS and await commander.wait(
            lambda: state().armed, _HEARTBEAT_PATIENCE_S
        ):
            return
        await commander.elapse(_REASONS_FOLLOW_S)
        if state().armed:
            return
        reasons = _reasons(station.texts_since(mark))
        if expired() or any(not firmware.passes(reason) for reason in reasons):
            raise ArmingRefusedError(reasons)
        if frozenset(reasons) != waited_for:
            waited_for = frozenset(reasons)
            waiting.told(
                f"not armed yet, asking again: {'; '.join(reasons) or 'it gives no reason'}"
            )


def _reasons(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts that are about arming, or all of them if none says so, each once."""
    reasons = [t for t in texts if t.startswith(("Arm:", "PreArm:", "Preflight", "Arming"))]
    return tuple(dict.fromkeys(reasons or texts))
