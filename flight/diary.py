"""Where a flight stands, what has become of its mission, and who is told.

The diary follows; it never commands. It brings its state in line with who decides over the
aircraft, counts what was flown, looks ahead for breaches, and writes all of it down.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flight.boot_watch import BootWatch
from flight.control_events import event_under
from flight.errors import FlightAbortedError
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.missions import Action, Mission
from flight.monitor import BreachMonitor, Foresight
from flight.position_watch import PositionWatch
from flight.preflight import PreflightReport
from flight.progress import Progress
from flight.recorder import FlightRecorder
from flight.states import (
    FINAL_STATES,
    TRANSITIONS,
    PatrolEvent,
    PatrolState,
    VehicleState,
    next_state,
)
from flight.vehicle import Control, Vehicle
from flight.wind_estimate import WindEstimator
from geofences.geodesy import LonLat, distance_m

_OUTCOMES = {
    PatrolEvent.PILOT_TOOK_OVER: FlightOutcome.PILOT,
    PatrolEvent.FAILSAFE: FlightOutcome.FAILSAFE,
    PatrolEvent.PILOT_GAVE_BACK: FlightOutcome.COMPLETED,
}
_ENDS = {
    FlightOutcome.COMPLETED: "flew its mission and landed",
    FlightOutcome.RECALLED: "was called back and landed",
    FlightOutcome.FAILSAFE: "was brought down by a failsafe and landed",
    FlightOutcome.PILOT: "was landed by its pilot",
}

_DOUBT = " (by a position that has leapt; it may not be there)"


@dataclass(frozen=True, slots=True)
class Watches:
    """What looks at every snapshot of one flight.

    Attributes:
        breach: Ahead, for breaches.
        position: For positions that no aircraft can have.
        wind: For the wind.
    """

    breach: BreachMonitor
    position: PositionWatch
    wind: WindEstimator


class FlightDiary:
    """One flight's story so far.

    Args:
        vehicle: Who flies.
        mission: What.
        recorder: Where it is written down.
        on_update: Gets every snapshot and every event; it must return at once.
        watches: What looks at every snapshot.
    """

    def __init__(
        self,
        vehicle: Vehicle,
        mission: Mission,
        recorder: FlightRecorder,
        on_update: Callable[[FlightUpdate], None],
        watches: Watches,
    ) -> None:
        self._vehicle = vehicle
        self._mission = mission
        self._recorder = recorder
        self._on_update = on_update
        self._watches = watches
        self._foresight: Foresight | None = None
        self._item = 0
        self._left_at: LonLat | None = None
        self._skipped: set[int] = set()
        self._gaps_told = False
        self._took_off_at_s: float | None = None
        self._breached = False
        self._changed = ""
        self._newest = VehicleState()
        self._boots = BootWatch()
        self.state = PatrolState.PREFLIGHT
        self.outcome = FlightOutcome.COMPLETED

    # --- telemetry -----------------------------------------------------------------------------

    def observe(self, telemetry: VehicleState) -> None:
        """Record a snapshot, look ahead from it, and pass it on."""
        self._recorder.sample(telemetry)
        if self._recorder.write_errors and not self._gaps_told:
            self._gaps_told = True
            self.tell(f"WARNING: the record of this flight has gaps: {self._recorder.last_error}")
        watches = self._watches
        watches.wind.look(telemetry)
        leap = watches.position.look(telemetry)
        before = self._foresight
        self._foresight = watches.breach.look(telemetry, self._vehicle.control)
        warning = _new_warning(before, self._foresight)
        if warning and self._foresight and watches.position.in_doubt(telemetry.time_boot_s):
            warning += _DOUBT
        changed = ""
        if telemetry.mission_changed and not self._changed:
            changed = (
                "another station has changed the mission on board "
                f"({telemetry.mission_changed}); it may fly elsewhere"
            )
        self._changed = telemetry.mission_changed
        self.tell("; ".join(text for text in (changed, leap, warning) if text), telemetry)

    def look(self, telemetry: VehicleState) -> None:
        """Bring the story in line with a snapshot of an aircraft whose motors were started."""
        if self._took_off_at_s is None and not telemetry.on_ground:
            self._took_off_at_s = telemetry.time_boot_s
        if telemetry.breach and not self._breached:
            doubt = self._watches.position.in_doubt(telemetry.time_boot_s)
            self.tell(f"outside the fence, {self.where()}{_DOUBT * doubt}")
        self._breached = telemetry.breach
        self._follow(self._vehicle.control)
        self._progress(telemetry)
        if not telemetry.armed:
            self._item = self._landed_item()
            self._recorder.forget_progress()
            self.happened(PatrolEvent.TOUCHED_DOWN, "landed, motors off")

    def fallen(self, telemetry: VehicleState, now_s: float) -> str:
        """Tell a landing from an autopilot that started anew in the air; empty if it did not.

        Args:
            telemetry: The newest snapshot.
            now_s: When it came, by a clock that never jumps.
        """
        before, self._newest = self._newest, telemetry
        rebooted = self._boots.rebooted(telemetry.time_boot_s, now_s)
        if not rebooted or telemetry.armed or before.on_ground or before.position is None:
            return ""
        return (
            f"The autopilot of {self._vehicle.name} rebooted in flight and its motors are off. "
            f"Look for it near {before.position.lat_deg:.6f}, {before.position.lon_deg:.6f}, "
            f"where it was {before.height_home_m:.0f} m above home in mode {before.mode}."
        )

    def _follow(self, control: Control) -> None:
        """Bring our state in line with who decides; what the table does not hold is ignored."""
        event = event_under(control, self.state)
        if event is None:
            return
        mode = self._vehicle.state.mode
        texts = {
            PatrolEvent.PAUSED: "holding where it is",
            PatrolEvent.RETURNING: "flying home",
            PatrolEvent.AIRBORNE: "on patrol",
            PatrolEvent.RESUMED: "on patrol again",
            PatrolEvent.PILOT_GAVE_BACK: "the mission goes on, by the pilot's hand",
            PatrolEvent.PILOT_TOOK_OVER: f"a pilot has taken over in mode {mode}; following only",
            PatrolEvent.FAILSAFE: f"a failsafe has taken over in mode {mode}: {self._why()}",
        }
        if self.may_happen(event, texts[event]) and self.outcome is not FlightOutcome.RECALLED:
            self.outcome = _OUTCOMES.get(event, self.outcome)

    def _why(self) -> str:
        return "; ".join(self._vehicle.state.status_texts[-3:]) or "it gave no reason"

    def _progress(self, telemetry: VehicleState) -> None:
        if self.state is not PatrolState.ON_PATROL:
            return
        self._left_at = telemetry.position
        item = telemetry.mission_item
        # After a reboot the autopilot counts from the start again; we do not.
        if item is None or item <= self._item:
            return
        self._item = item
        self._keep()
        self.tell(f"item {item + 1} of {len(self._mission.items)}")

    def _keep(self) -> None:
        recalled = self.outcome is FlightOutcome.RECALLED
        progress = Progress(self._item, frozenset(self._skipped), self._left_at, recalled)
        self._recorder.keep_progress(progress.to_bytes(self._mission))

    def _landed_item(self) -> int:
        """Return how many items are done: all, if the mission's own return brought it down."""
        if self.outcome is FlightOutcome.COMPLETED and self.state is PatrolState.RETURNING:
            return len(self._mission.items)
        return self._item

    # --- what is told --------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINAL_STATES

    def skipped(self, target: int) -> None:
        """Note that items from the one being flown up to another one were left out."""
        self._skipped.update(range(self._item, target))
        self._keep()

    def recalled(self) -> None:
        """Note that the operator has ended the mission early."""
        self.outcome = FlightOutcome.RECALLED
        self._keep()

    def taken_up(self) -> None:
        """Note that a flight was found in the air, and what is known of its beginning."""
        kept = Progress.from_bytes(self._recorder.kept_progress(), self._mission)
        seen = self._vehicle.state.mission_item or 0
        progress = kept or Progress()
        self._item, self._skipped = max(progress.item, seen), set(progress.skipped)
        self._left_at = progress.left_at
        way_home = self._mission.way_home
        left_early = self._vehicle.control is Control.RETURNING and (
            way_home is None or self._item < way_home
        )
        if progress.recalled or left_early:
            self.outcome = FlightOutcome.RECALLED

    def may_happen(self, event: PatrolEvent, text: str) -> bool:
        """Let an event happen if the table holds it; tell whether it did."""
        if (self.state, event) not in TRANSITIONS:
            return False
        self.happened(event, text)
        return True

    def happened(self, event: PatrolEvent, text: str) -> None:
        """Let an event happen.

        Raises:
            IllegalTransitionError: The event cannot happen in this state.
        """
        before, self.state = self.state, next_state(self.state, event)
        if event is PatrolEvent.STARTED:
            self._keep()  # what an earlier flight of this mission left is no longer true
        if before is not self.state or event is PatrolEvent.FAILED:
            self.tell(text)

    def preflight(self, report: PreflightReport) -> None:
        """Write down and pass on what was found before the start."""
        now_s = self._vehicle.state.time_boot_s
        for line in report.lines:
            self._recorder.note(now_s, f"preflight: {line}")
        attention = [line for line in report.lines if line.startswith(("LOOK", "STOP"))]
        text = "; ".join(attention) or "nothing stands against it"
        self._on_update(self._update(self._vehicle.state, f"preflight: {text}", report))

    def tell(self, text: str, telemetry: VehicleState | None = None) -> None:
        """Write words down, where there are any, and pass a snapshot on."""
        telemetry = telemetry or self._vehicle.state
        if text:
            self._recorder.note(telemetry.time_boot_s, text)
        self._on_update(self._update(telemetry, text))

    def where(self) -> str:
        """Return where the aircraft was last seen, in words."""
        state = self._vehicle.state
        if state.position is None:
            return "before its first fix"
        return (
            f"at {state.position.lat_deg:.6f}, {state.position.lon_deg:.6f}, "
            f"{state.height_home_m:.0f} m above home, in mode {state.mode}"
        )

    def _update(
        self, telemetry: VehicleState, text: str, preflight: PreflightReport | None = None
    ) -> FlightUpdate:
        items, item = self._mission.items, telemetry.mission_item
        on_item = item is not None and item < len(items) and self.state is PatrolState.ON_PATROL
        return FlightUpdate(
            self._vehicle.name,
            self._mission.mission_id,
            self.state,
            telemetry,
            len(items),
            items[item].cell_code if on_item and item is not None else "",
            text,
            foresight=self._foresight,
            next_m=self._next_m(telemetry),
            silence_s=self._vehicle.silence_s,
            loss_fraction=self._vehicle.loss_fraction,
            preflight=preflight,
            wind_estimate=self._watches.wind.wind,
        )

    def _next_m(self, telemetry: VehicleState) -> float | None:
        item, here = telemetry.mission_item, telemetry.position
        if item is None or here is None or not telemetry.armed:
            return None
        for each in self._mission.items[item:]:
            home = each.action is Action.RETURN_HOME
            place = self._mission.home if home else each.flown_to
            if place is not None:
                return distance_m(here, place)
        return None

    def aborted(self, text: str) -> FlightAbortedError:
        """Return the error of a flight that is followed no longer, with where its mission stood."""
        left = 0 < self._item < len(self._mission.items) and self._took_off_at_s is not None
        return FlightAbortedError(
            text,
            mission_id=self._mission.mission_id,
            reached_item=self._item - 1 if left else None,
            left_at=self._left_at if left else None,
        )

    def result(self) -> FlightResult:
        """Return what came of the flight, which has ended."""
        self._recorder.flush()  # so that what could not be written is counted
        now_s, items = self._vehicle.state.time_boot_s, self._mission.items
        took_off_at_s = now_s if self._took_off_at_s is None else self._took_off_at_s
        flown = [each for n, each in enumerate(items[: self._item]) if n not in self._skipped]
        left = self._item < len(items)
        return FlightResult(
            vehicle_name=self._vehicle.name,
            mission_id=self._mission.mission_id,
            outcome=self.outcome,
            items_flown=self._item,
            item_count=len(items),
            cell_codes=tuple(dict.fromkeys(each.cell_code for each in flown if each.cell_code)),
            airborne_s=now_s - took_off_at_s,
            record_errors=self._recorder.write_errors,
            text=f"{self._vehicle.name} {_ENDS[self.outcome]}",
            reached_item=max(self._item - 1, 0) if left else None,
            left_at=self._left_at if left else None,
        )


def _new_warning(before: Foresight | None, now: Foresight | None) -> str:
    """Return what is worth saying: a warning once, a breach once, and that all is well again."""
    if now is None:
        return ""
    if now.breached and (before is None or before.breached != now.breached):
        return now.text
    if now.warning and not now.breached and not (before is not None and before.warning):
        return now.text
    if before is not None and before.warning and not now.warning:
        return "no breach lies ahead any more"
    return ""
