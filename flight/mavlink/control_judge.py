"""Who decides where the aircraft flies: our mission, our command, a failsafe or a pilot.

An autopilot does not tell who changed its mode. A mode that we did not ask for is a failsafe's
when the autopilot says so in its texts, its fence status or its system status about that time,
and a pilot's otherwise. Either way the aircraft is not ours to take back.
"""

from flight.mavlink.firmware import Modes
from flight.states import VehicleState
from flight.vehicle import Control

_FAILSAFE_WORDS = ("failsafe", "breach")
# Words, flags and heartbeats are sent at a second or so apart, in any order.
_EVIDENCE_LASTS_S = 5.0


class ControlJudge:
    """Judges modes as telemetry shows them; starts with everything ours."""

    def __init__(self) -> None:
        self._ours = Control.COMMANDED
        self._modes: frozenset[str] = frozenset()
        self._expected: tuple[Control, str] | None = None
        self._evidence_at_s = float("-inf")
        self._judged_mode = ""
        self.verdict = Control.COMMANDED

    def command(self, control: Control, *modes: str) -> None:
        """Note what is ours, and in which modes the aircraft is because of it."""
        self._ours = control
        self._modes = frozenset(modes)
        self._expected = None
        self.verdict = control

    def expect(self, control: Control, mode: str) -> None:
        """Note what was just asked for; it is judged as ours once the mode shows, not before."""
        self._expected = (control, mode)

    def expect_nothing(self) -> None:
        """Note that what was asked for will not come."""
        self._expected = None

    def adopt(self, state: VehicleState, modes: Modes) -> None:
        """Take up a flight that is under way: what it does just now is ours unless it says so.

        Args:
            state: Its newest telemetry.
            modes: What its modes are called.
        """
        emergency = state.failsafe or state.breach
        if state.mode == modes.hold:
            self.command(Control.COMMANDED, state.mode)
        elif state.mode in {modes.go_home, modes.land} and not emergency:
            self.command(Control.RETURNING, state.mode)
        else:
            self.command(Control.MISSION, modes.mission)

    def said(self, text: str, time_boot_s: float) -> None:
        """Take a status text as evidence; good news such as "cleared" is none."""
        lowered = text.lower()
        if any(word in lowered for word in _FAILSAFE_WORDS) and "cleared" not in lowered:
            self._evidence_at_s = time_boot_s

    def look(self, state: VehicleState, *, returning: bool) -> None:
        """Judge a snapshot.

        Args:
            state: The snapshot.
            returning: Whether the mission has come to its end, where PX4 changes mode itself.
        """
        if state.breach or state.failsafe:
            self._evidence_at_s = state.time_boot_s
        if self._expected is not None and state.mode == self._expected[1]:
            self.command(*self._expected)
        # Motors off end the flight; what a hand does with the radio then is nobody's takeover.
        if not self._modes or not state.armed:
            return
        if state.mode in self._modes:
            self.verdict = self._at_end(returning)
        elif returning and self._ours is Control.MISSION and _flies_home(state.mode):
            self.verdict = Control.RETURNING
        elif state.time_boot_s - self._evidence_at_s <= _EVIDENCE_LASTS_S:
            self.verdict = Control.FAILSAFE
        # A failsafe's mode stays when its evidence is long past; only another mode is a pilot's.
        elif state.mode != self._judged_mode or self.verdict is not Control.FAILSAFE:
            self.verdict = Control.PILOT
        self._judged_mode = state.mode

    def _at_end(self, returning: bool) -> Control:
        return Control.RETURNING if returning and self._ours is Control.MISSION else self._ours


def _flies_home(mode: str) -> bool:
    return "RTL" in mode or "LAND" in mode
