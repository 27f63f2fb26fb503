"""The helm: flight modes, arming and disarming, and the steering that follows from them."""

import math
from dataclasses import dataclass

from flight.simulator.cockpit import Cockpit
from flight.simulator.legs import Leg
from flight.simulator.manoeuvres import (
    Climb,
    Descend,
    Drift,
    Hold,
    Idle,
    Manoeuvre,
    Place,
    Steer,
)
from flight.simulator.mavlink_ids import LandedState, MissionState, Severity
from flight.simulator.mission_flight import MissionFlight
from flight.simulator.modes import POSITION_MODES, Mode
from flight.simulator.settings import Personality

_MODE_LOST_BEFORE_S = 5.0
#: ARMING_DELAY_SEC, and the motors' own time to spool up.
_SPOOL_UP_S = 2.5
_TAKEOFF_FROM_AUTO_BIT = 2


@dataclass(frozen=True, slots=True)
class ModeChange:
    """Whether a mode was taken, and what is said about it."""

    accepted: bool
    text: str = ""


class Helm:
    """Steers by the mode; the only place that changes mode or arms.

    Args:
        cockpit: Shared state.
        mission: Flies AUTO.
    """

    def __init__(self, cockpit: Cockpit, mission: MissionFlight) -> None:
        self._cockpit = cockpit
        self._mission = mission
        self._manoeuvre: Manoeuvre = Idle()
        self._grounded_s = 0.0
        self._set_early = False
        self._px4 = cockpit.personality is Personality.PX4

    def change_mode(self, mode: Mode) -> bool:
        """Change the mode for an internal reason; return whether that worked."""
        return self.request_mode(mode).accepted

    def request_mode(self, mode: Mode) -> ModeChange:
        """Change the mode if ArduCopter would."""
        refused = self._mode_refusal(mode)
        if refused:
            return ModeChange(False, refused)
        cockpit = self._cockpit
        again = cockpit.mode is mode and cockpit.armed
        if cockpit.mode is Mode.AUTO and not again:
            self._mission.pause()
        cockpit.mode = mode
        self._set_early = cockpit.now_s < _MODE_LOST_BEFORE_S
        if not again:
            self._enter()
        if mode is Mode.AUTO and self._mission.count == 0:
            return ModeChange(True, "PreArm: Mode requires mission")
        return ModeChange(True)

    def _mode_refusal(self, mode: Mode) -> str:
        cockpit = self._cockpit
        if cockpit.armed and mode in POSITION_MODES and not cockpit.position_known:
            return f"Mode change to {mode.value} failed: requires position"
        if mode is not Mode.AUTO or not cockpit.armed:
            return ""
        if self._mission.count == 0:
            return "Mode change to AUTO failed: init failed"
        if not cockpit.flying and not self._mission.starts_with_takeoff:
            return "Auto: Missing Takeoff Cmd"
        return ""

    def _enter(self) -> None:
        cockpit, speeds = self._cockpit, self._mission.speeds()
        if not cockpit.flying:
            self._manoeuvre = Idle()
            if cockpit.mode is Mode.AUTO and cockpit.armed:
                self._mission.start()
            return
        if cockpit.mode is Mode.AUTO:
            self._mission.start()
        elif cockpit.mode is Mode.RTL:
            self._manoeuvre = self._mission.way_home(speeds)
        elif cockpit.mode is Mode.LAND:
            ground_m = cockpit.home.height_m if cockpit.home else 0.0
            blind = not cockpit.position_known
            self._manoeuvre = Drift(speeds) if blind else Descend(None, ground_m, speeds)
        else:
            self._manoeuvre = Hold(None, speeds)

    def arm(self) -> None:
        """Start the motors: home is here, the mission starts over."""
        cockpit = self._cockpit
        cockpit.armed = True
        cockpit.armed_at_s = cockpit.now_s
        self._grounded_s = cockpit.now_s
        if cockpit.position_known:
            cockpit.set_home_here()
        cockpit.auto_armed = self._px4 or bool(
            cockpit.parameters.whole("AUTO_OPTIONS") & _TAKEOFF_FROM_AUTO_BIT
        )
        cockpit.say("Arming motors", Severity.INFO)
        self._mission.state = MissionState.NO_MISSION
        self._enter()

    def disarm(self) -> None:
        """Stop the motors; the mission begins at its start next time."""
        cockpit = self._cockpit
        cockpit.armed = cockpit.auto_armed = False
        cockpit.say("Disarming motors", Severity.INFO)
        self._manoeuvre = Idle()
        self._mission.reset()

    def take_off(self, height_home_m: float) -> bool:
        """Climb in GUIDED; return whether that is possible now."""
        cockpit = self._cockpit
        if not cockpit.armed or cockpit.flying or not math.isfinite(height_home_m):
            return False
        if self._px4:
            self.change_mode(Mode.GUIDED)
        if cockpit.mode is not Mode.GUIDED:
            return False
        home_m = cockpit.home.height_m if cockpit.home else cockpit.here.height_m
        cockpit.auto_armed = True
        self._manoeuvre = Climb(home_m + height_home_m, self._mission.speeds())
        return True

    def go_to(self, place: Place) -> bool:
        """Fly to a place in GUIDED; return whether that is possible now."""
        cockpit = self._cockpit
        if cockpit.mode is not Mode.GUIDED or not cockpit.flying:
            return False
        if not all(map(math.isfinite, (place.north_m, place.east_m, place.height_m))):
            return False
        here = cockpit.here
        start = Place(here.north_m, here.east_m, here.height_m)
        self._manoeuvre = Leg(start, place, self._mission.speeds())
        return True

    def start_mission(self) -> ModeChange:
        """Do as MISSION_START asks: AUTO, and take off where the motors run."""
        cockpit = self._cockpit
        if cockpit.mode is not Mode.AUTO:
            change = self.request_mode(Mode.AUTO)
            if not change.accepted:
                return change
        elif cockpit.armed and not cockpit.flying and not self._mission.starts_with_takeoff:
            return ModeChange(False, "Auto: Missing Takeoff Cmd")
        if cockpit.armed:
            cockpit.auto_armed = True
            if self._mission.state is not MissionState.ACTIVE:
                self._mission.start()
        return ModeChange(True)

    def pause(self, *, resume: bool) -> bool:
        """Hold in AUTO, or go on; return whether that is possible now."""
        cockpit = self._cockpit
        if cockpit.mode is not Mode.AUTO or not cockpit.flying:
            return False
        if resume:
            self._mission.start()
        else:
            self._mission.pause()
        return True

    def steer(self) -> Steer:
        """Return where to go now."""
        cockpit = self._cockpit
        if cockpit.here.on_ground and cockpit.now_s - cockpit.armed_at_s < _SPOOL_UP_S:
            return Idle().steer(cockpit.here, cockpit.now_s)
        if cockpit.mode is Mode.AUTO:
            if cockpit.auto_armed or cockpit.flying:
                return self._mission.steer(cockpit.now_s)
            return Idle().steer(cockpit.here, cockpit.now_s)
        wanted = self._manoeuvre.steer(cockpit.here, cockpit.now_s)
        if self._manoeuvre.done and isinstance(self._manoeuvre, Climb | Leg):
            self._manoeuvre = Hold(None, self._mission.speeds())
        return wanted

    def tick(self, steer: Steer) -> None:
        """Follow take-off and landing, and disarm what idles on the ground."""
        cockpit = self._cockpit
        if self._px4 and cockpit.mode is Mode.AUTO and cockpit.flying and self._mission.complete:
            self.change_mode(Mode.BRAKE)
        if self._set_early and cockpit.now_s >= _MODE_LOST_BEFORE_S and not cockpit.armed:
            # Observed: a mode set during boot is overruled by the mode switch of the pilot.
            cockpit.mode, self._set_early = Mode.STABILIZE, False
        cockpit.landed = self._landed_state(steer)
        if not cockpit.armed or cockpit.landed is not LandedState.ON_GROUND:
            self._grounded_s = cockpit.now_s
            return
        if cockpit.now_s - self._grounded_s >= self._patience_s():
            self.disarm()

    def _landed_state(self, steer: Steer) -> LandedState:
        cockpit = self._cockpit
        if cockpit.here.on_ground:
            return LandedState.TAKING_OFF if steer.up_mps > 0 else LandedState.ON_GROUND
        if cockpit.landed is LandedState.TAKING_OFF and cockpit.height_home_m < 2:
            return LandedState.TAKING_OFF
        landing = isinstance(self._manoeuvre, Descend | Drift) and cockpit.mode is Mode.LAND
        return LandedState.LANDING if landing else LandedState.IN_AIR

    def _patience_s(self) -> float:
        """One second after a landing, DISARM_DELAY for an aircraft that never took off."""
        cockpit = self._cockpit
        landing = cockpit.mode in (Mode.RTL, Mode.LAND)
        flown = cockpit.mode is Mode.AUTO and self._mission.state is MissionState.COMPLETE
        if landing or flown:
            return 1.0
        delay_s = cockpit.parameters["DISARM_DELAY"]
        return delay_s if delay_s > 0 else float("inf")
