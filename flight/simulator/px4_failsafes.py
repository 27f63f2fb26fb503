"""What a PX4 does by itself, as read in its source (modules/commander, 2026) and not observed.

Where ArduPilot acts at once, PX4 first holds for COM_FAIL_ACT_T seconds, saying for how long, and
acts then. Its status texts say little; the reasons travel as events, which few stations read.
"""

from collections.abc import Callable, Mapping

from flight.simulator.cockpit import Cockpit
from flight.simulator.fence_watch import FenceWatch
from flight.simulator.mavlink_ids import BreachKind, Severity
from flight.simulator.modes import POSITION_MODES, Mode

_NO_AID_S = 5.0  # EKF2_NOAID_TOUT: so long an estimate outlives its receivers
_LEAST_DELAY_S = 0.1

#: From the least charge to the worst: threshold, text, and COM_LOW_BAT_ACT's modes.
_BATTERY: tuple[tuple[str, str, Severity, Mapping[int, Mode]], ...] = (
    ("BAT_LOW_THR", "Low battery", Severity.CRITICAL, {}),
    (
        "BAT_CRIT_THR",
        "Critical battery",
        Severity.CRITICAL,
        {1: Mode.RTL, 2: Mode.LAND, 3: Mode.RTL},
    ),
    (
        "BAT_EMERGEN_THR",
        "Emergency battery level",
        Severity.EMERGENCY,
        {1: Mode.RTL, 2: Mode.LAND, 3: Mode.LAND},
    ),
)
#: NAV_DLL_ACT; 5 and 6 stop the motors, which is not imitated.
_STATION_ACTIONS = {1: Mode.BRAKE, 2: Mode.RTL, 3: Mode.LAND}
#: GF_ACTION; 4 stops the motors and lands here.
_FENCE_ACTIONS = {2: Mode.BRAKE, 3: Mode.RTL, 4: Mode.LAND, 5: Mode.LAND}
_FENCE_WORDS = {
    "Polygon": "approaching or outside geofence",
    "Max Alt": "exceeding maximum altitude above Home",
    "Circle": "exceeding maximum distance to Home",
}
#: A worse action replaces a lesser one, never the other way.
_GRAVITY = {Mode.BRAKE: 1, Mode.RTL: 2, Mode.LAND: 3}


class Px4Failsafes:
    """Watches station, charge and position; a mode that a failsafe chose stays.

    Args:
        cockpit: Shared state.
        change_mode: Changes the mode; returns whether that worked.
    """

    def __init__(self, cockpit: Cockpit, change_mode: Callable[[Mode], bool]) -> None:
        self._cockpit = cockpit
        self._change_mode = change_mode
        self._heard_s: float | None = None
        self._station_lost = False
        self._stage = 0
        self._position_lost_s: float | None = None
        self._waiting: tuple[Mode, float] | None = None
        self._chosen: Mode | None = None

    @property
    def active(self) -> bool:
        """Whether a failsafe decides, as HEARTBEAT's CRITICAL status tells; a warning does not."""
        return self._chosen is not None

    def heartbeat(self, system_id: int) -> None:
        """Note a heartbeat; any station's counts."""
        del system_id
        self._heard_s = self._cockpit.now_s

    def tick(self) -> None:
        """Check all, and act on what was waited with."""
        cockpit = self._cockpit
        if not cockpit.armed or cockpit.mode is not self._in_mode():
            self._waiting = self._chosen = None  # somebody has taken over, or it has landed
        self._check_position()
        self._check_battery()
        self._check_station()
        if self._waiting is not None and cockpit.now_s >= self._waiting[1]:
            mode, self._waiting = self._waiting[0], None
            self._enter(mode)

    def respond(self, action: Mode | None, *, at_once: bool = False) -> None:
        """Do what a failsafe asks for, after a hold that lets somebody take over.

        Args:
            action: The mode; None only warns.
            at_once: Whether there is nothing to wait for.
        """
        cockpit = self._cockpit
        if action is None:
            cockpit.say("Failsafe activated", Severity.CRITICAL)
            return
        going = self._waiting[0] if self._waiting is not None else cockpit.mode
        if _GRAVITY[action] <= _GRAVITY.get(going, 0):
            return
        delay_s = cockpit.parameters["COM_FAIL_ACT_T"]
        if at_once or action is Mode.BRAKE or delay_s < _LEAST_DELAY_S:
            self._waiting = None
            self._enter(action)
            return
        if self._waiting is not None:
            self._waiting = (action, self._waiting[1])
            return
        self._waiting = (action, cockpit.now_s + delay_s)
        if self._change_mode(Mode.BRAKE):
            text = f"Failsafe activated, entering Hold for {delay_s:.0f} seconds"
            cockpit.say(text, Severity.CRITICAL)
        self._chosen = cockpit.mode

    def _in_mode(self) -> Mode:
        """The mode in which a failsafe left the aircraft; the present one if none did."""
        return self._chosen or self._cockpit.mode

    def _enter(self, mode: Mode) -> None:
        if not self._change_mode(mode):
            self._change_mode(Mode.LAND)
        self._chosen = self._cockpit.mode
        self._cockpit.say("Failsafe activated", Severity.CRITICAL)

    def _check_station(self) -> None:
        cockpit, parameters = self._cockpit, self._cockpit.parameters
        if self._heard_s is None:
            return
        lost = cockpit.now_s - self._heard_s > parameters["COM_DL_LOSS_T"]
        if lost is self._station_lost:
            return
        self._station_lost = lost
        if not lost:
            cockpit.say("GCS connection regained", Severity.INFO)
            return
        cockpit.say("Connection to ground station lost", Severity.INFO)
        action = _STATION_ACTIONS.get(parameters.whole("NAV_DLL_ACT"))
        if action is not None and cockpit.flying:
            self.respond(action)

    def _check_battery(self) -> None:
        cockpit, parameters = self._cockpit, self._cockpit.parameters
        below = [cockpit.power.fraction < parameters[row[0]] for row in _BATTERY]
        stage = max((number for number, low in enumerate(below, start=1) if low), default=0)
        # In flight a warning only ever grows worse.
        if stage <= self._stage or not cockpit.flying:
            return
        self._stage = stage
        _, text, severity, actions = _BATTERY[stage - 1]
        cockpit.say(text, severity)
        self.respond(actions.get(parameters.whole("COM_LOW_BAT_ACT")))

    def _check_position(self) -> None:
        cockpit = self._cockpit
        if not (cockpit.gps_denied or cockpit.compass_failed):
            self._position_lost_s = None
            return
        if self._position_lost_s is None:
            self._position_lost_s = cockpit.now_s
        lasted_s = cockpit.now_s - self._position_lost_s
        if cockpit.flying and cockpit.mode in POSITION_MODES and lasted_s >= _NO_AID_S:
            self.respond(Mode.LAND, at_once=True)  # PX4's Descend, which its heartbeat calls Land


class Px4FenceWatch(FenceWatch):
    """PX4's own fence: it holds before it returns, and says nothing of its end.

    Args:
        cockpit: Shared state.
        failsafes: Act for it.
    """

    def __init__(
        self, cockpit: Cockpit, change_mode: Callable[[Mode], bool], failsafes: Px4Failsafes
    ) -> None:
        super().__init__(cockpit, change_mode)
        self._failsafes = failsafes

    def pilot_changed_mode(self) -> None:
        """Whoever takes over outside keeps the aircraft."""

    def _note(self, name: str) -> None:
        if self.breach is not BreachKind.NONE or not self._action:
            return
        self.breach = BreachKind.MAX_ALTITUDE if name == "Max Alt" else BreachKind.BOUNDARY
        self.breach_count += 1
        self.breach_time_s = self._cockpit.now_s
        self._acted = False
        self._cockpit.say(f"Geofence: {_FENCE_WORDS[name]}", Severity.CRITICAL)

    def _clear(self) -> None:
        self.breach = BreachKind.NONE

    def _act(self, beyond_m: float) -> None:
        del beyond_m
        self._acted = True
        if self._action:
            self._failsafes.respond(_FENCE_ACTIONS.get(self._action))

    @property
    def _action(self) -> int:
        return self._cockpit.parameters.whole("GF_ACTION")
