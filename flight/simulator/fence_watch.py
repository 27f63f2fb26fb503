"""The autopilot's own fence: who is outside, since when, and what is done about it."""

import math
from collections.abc import Callable

from flight.simulator.cockpit import Cockpit
from flight.simulator.fences import FenceShapes
from flight.simulator.mavlink_ids import BreachKind, Severity
from flight.simulator.modes import Mode

_ALTITUDE, _CIRCLE, _POLYGON = 1, 2, 4
_GIVE_UP_M = 100.0
_MANUAL_RECOVERY_S = 10.0
_LANDING_MODES = frozenset({Mode.LAND, Mode.RTL})

#: FENCE_ACTION to the modes tried; 0 only reports.
_ACTIONS: dict[int, Mode | None] = {
    0: None,
    1: Mode.RTL,
    2: Mode.LAND,
    3: Mode.RTL,
    4: Mode.BRAKE,
    5: Mode.RTL,
}


class FenceWatch:
    """Compares the estimate with the fence and changes the mode at a breach.

    Args:
        cockpit: Shared state.
        change_mode: Changes the mode with its reason; returns whether that worked.
    """

    def __init__(self, cockpit: Cockpit, change_mode: Callable[[Mode], bool]) -> None:
        self._cockpit = cockpit
        self._change_mode = change_mode
        self._recovering_until_s = -math.inf
        self._acted = False
        self.shapes = FenceShapes()
        self.breach: BreachKind = BreachKind.NONE
        self.breach_count = 0
        self.breach_time_s = 0.0

    @property
    def enabled(self) -> bool:
        """Whether FENCE_ENABLE is set."""
        return self._cockpit.parameters.whole("FENCE_ENABLE") != 0

    def excursions_m(self) -> dict[str, float]:
        """Return how far outside each selected fence the aircraft is; negative is inside."""
        cockpit, parameters = self._cockpit, self._cockpit.parameters
        selected = parameters.whole("FENCE_TYPE")
        here = (cockpit.here.north_m, cockpit.here.east_m)
        found: dict[str, float] = {}
        polygons = self.shapes.outside_m(here)
        if selected & _POLYGON and polygons is not None:
            found["Polygon"] = polygons
        if selected & _CIRCLE:
            home = (cockpit.home.north_m, cockpit.home.east_m) if cockpit.home else here
            found["Circle"] = math.dist(here, home) - parameters["FENCE_RADIUS"]
        if selected & _ALTITUDE:
            found["Max Alt"] = cockpit.height_home_m - parameters["FENCE_ALT_MAX"]
        return found

    def breached_now(self) -> str:
        """Return the name of a fence that the aircraft is outside of, empty if none."""
        return next((name for name, beyond_m in self.excursions_m().items() if beyond_m > 0), "")

    def allows(self, north_m: float, east_m: float, height_home_m: float) -> bool:
        """Tell whether a target lies inside all selected fences."""
        if not self.enabled:
            return True
        parameters = self._cockpit.parameters
        selected = parameters.whole("FENCE_TYPE")
        beyond_m = self.shapes.outside_m((north_m, east_m))
        if selected & _POLYGON and beyond_m is not None and beyond_m > 0:
            return False
        home = self._cockpit.home
        if selected & _CIRCLE and home is not None:
            radius_m = parameters["FENCE_RADIUS"]
            if math.dist((north_m, east_m), (home.north_m, home.east_m)) > radius_m:
                return False
        return not (selected & _ALTITUDE and height_home_m > parameters["FENCE_ALT_MAX"])

    def pilot_changed_mode(self) -> None:
        """Grant ten seconds for recovering by hand, as ArduPilot does after a mode change."""
        if self.breach is not BreachKind.NONE:
            self._recovering_until_s = self._cockpit.now_s + _MANUAL_RECOVERY_S
            self._acted = False

    def tick(self) -> None:
        """Look for a breach; act once on each."""
        cockpit = self._cockpit
        if not (self.enabled and cockpit.flying and cockpit.position_known):
            if not self.enabled:
                self.breach = BreachKind.NONE
            return
        excursions_m = self.excursions_m()
        name = max(excursions_m, key=lambda key: excursions_m[key], default="")
        if not name or excursions_m[name] <= 0:
            self._clear()
            return
        self._note(name)
        if not self._acted and cockpit.now_s >= self._recovering_until_s:
            self._act(excursions_m[name])

    def _note(self, name: str) -> None:
        if self.breach is not BreachKind.NONE:
            return
        self.breach = BreachKind.MAX_ALTITUDE if name == "Max Alt" else BreachKind.BOUNDARY
        self.breach_count += 1
        self.breach_time_s = self._cockpit.now_s
        self._acted = False
        self._cockpit.say(f"{name} fence breached", Severity.NOTICE)

    def _clear(self) -> None:
        if self.breach is BreachKind.NONE:
            return
        self.breach = BreachKind.NONE
        self._recovering_until_s = -math.inf
        self._cockpit.say("Fence breach cleared", Severity.NOTICE)

    def _act(self, beyond_m: float) -> None:
        self._acted = True
        mode = _ACTIONS.get(self._cockpit.parameters.whole("FENCE_ACTION"), Mode.RTL)
        if mode is None or self._cockpit.mode is Mode.LAND:
            return
        if beyond_m > _GIVE_UP_M:
            mode = Mode.LAND
        if self._cockpit.mode in _LANDING_MODES and mode is Mode.RTL:
            return
        if not self._change_mode(mode):
            self._change_mode(Mode.LAND)
