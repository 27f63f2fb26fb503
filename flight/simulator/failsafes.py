"""What the autopilot does by itself when the station, the battery or the position is lost."""

from collections.abc import Callable

from flight.simulator.cockpit import Cockpit
from flight.simulator.mavlink_ids import Severity
from flight.simulator.modes import POSITION_MODES, Mode

_EKF_PATIENCE_S = 8.0
#: FS_EKF_THRESH exceeded for so long, as with a compass that turned.
_VARIANCE_PATIENCE_S = 1.0
_CONTINUE_AUTO_ON_GCS_LOSS = 2

#: FS_GCS_ENABLE and BATT_FS_*_ACT to the mode they ask for.
_GCS_ACTIONS = {1: Mode.RTL, 2: Mode.RTL, 3: Mode.RTL, 4: Mode.RTL, 5: Mode.LAND}
_BATTERY_ACTIONS = {1: Mode.LAND, 2: Mode.RTL, 3: Mode.RTL, 4: Mode.RTL}


class Failsafes:
    """Watches heartbeats, charge and position; a mode that a failsafe chose stays.

    Args:
        cockpit: Shared state.
        change_mode: Changes the mode; returns whether that worked.
    """

    def __init__(self, cockpit: Cockpit, change_mode: Callable[[Mode], bool]) -> None:
        self._cockpit = cockpit
        self._change_mode = change_mode
        self._heard_s: float | None = None
        self._gcs_lost = False
        self._low_since_s: dict[str, float] = {}
        self._battery_done: set[str] = set()
        self._position_lost_s: float | None = None
        self._glitch_told = False
        self._ekf_acted = False

    @property
    def active(self) -> bool:
        """Whether any failsafe holds, as HEARTBEAT's CRITICAL status tells."""
        return self._gcs_lost or bool(self._battery_done) or self._ekf_acted

    def heartbeat(self, system_id: int) -> None:
        """Note a heartbeat; only those from MAV_GCS_SYSID count, and the first one arms this."""
        if system_id == self._cockpit.parameters.whole("MAV_GCS_SYSID"):
            self._heard_s = self._cockpit.now_s

    def tick(self) -> None:
        """Check all three."""
        self._check_position()
        self._check_battery("LOW", "low")
        self._check_battery("CRT", "critical")
        self._check_station()

    def _check_station(self) -> None:
        cockpit, parameters = self._cockpit, self._cockpit.parameters
        action = parameters.whole("FS_GCS_ENABLE")
        if action == 0 or self._heard_s is None:
            return
        # Observed 4.6 s after the last heartbeat with the timeout at 5 s.
        lost = cockpit.now_s - self._heard_s > parameters["FS_GCS_TIMEOUT"] - 0.4
        if not lost:
            if self._gcs_lost:
                cockpit.say("GCS Failsafe Cleared")
            self._gcs_lost = False
        elif not self._gcs_lost and cockpit.flying:
            self._gcs_lost = True
            self._act_on_lost_station(action)

    def _act_on_lost_station(self, action: int) -> None:
        carries_on = self._cockpit.parameters.whole("FS_OPTIONS") & _CONTINUE_AUTO_ON_GCS_LOSS
        if carries_on and self._cockpit.mode is Mode.AUTO:
            self._cockpit.say("GCS Failsafe - Continuing Auto Mode")
            return
        self._cockpit.say("GCS Failsafe")
        self._go(_GCS_ACTIONS.get(action, Mode.RTL))

    def _check_battery(self, stage: str, word: str) -> None:
        cockpit, parameters = self._cockpit, self._cockpit.parameters
        if stage in self._battery_done:
            return
        left_mah = parameters["BATT_CAPACITY"] - cockpit.power.used_mah
        low = cockpit.power.voltage_v < parameters[f"BATT_{stage}_VOLT"] or (
            0 < parameters[f"BATT_{stage}_MAH"] > left_mah
        )
        since_s = self._low_since_s.setdefault(stage, cockpit.now_s)
        if not low:
            del self._low_since_s[stage]
        elif cockpit.now_s - since_s >= parameters["BATT_LOW_TIMER"] and cockpit.flying:
            self._battery_done.add(stage)
            self._act_on_battery(stage, word)

    def _act_on_battery(self, stage: str, word: str) -> None:
        power = self._cockpit.power
        self._cockpit.say(
            f"Battery 1 is {word} {power.voltage_v:.2f}V used {power.used_mah:.0f} mAh"
        )
        action = _BATTERY_ACTIONS.get(self._cockpit.parameters.whole(f"BATT_FS_{stage}_ACT"))
        if action is not None:
            self._cockpit.say("Battery Failsafe")
            self._go(action)

    def _check_position(self) -> None:
        cockpit = self._cockpit
        self._tell_of_glitches()
        if not (cockpit.gps_denied or cockpit.compass_failed):
            self._position_lost_s = None
            self._ekf_acted = False
            return
        if self._position_lost_s is None:
            self._position_lost_s = cockpit.now_s
            text = "EKF variance" if cockpit.compass_failed else "GPS Glitch or Compass error"
            cockpit.say(text, Severity.CRITICAL)
        lasted_s = cockpit.now_s - self._position_lost_s
        patience_s = _VARIANCE_PATIENCE_S if cockpit.compass_failed else _EKF_PATIENCE_S
        needed = cockpit.mode in POSITION_MODES
        if cockpit.flying and needed and not self._ekf_acted and lasted_s >= patience_s:
            self._ekf_acted = True
            cockpit.say("EKF Failsafe: changed to LAND Mode", Severity.CRITICAL)
            self._change_mode(Mode.LAND)

    def _tell_of_glitches(self) -> None:
        cockpit = self._cockpit
        if cockpit.glitching is self._glitch_told:
            return
        self._glitch_told = cockpit.glitching
        if cockpit.glitching:
            cockpit.say("GPS Glitch or Compass error", Severity.CRITICAL)
        else:
            cockpit.say("Glitch cleared", Severity.NOTICE)

    def _go(self, mode: Mode) -> None:
        if self._cockpit.mode is Mode.LAND:
            return
        if not self._change_mode(mode):
            self._change_mode(Mode.LAND)
