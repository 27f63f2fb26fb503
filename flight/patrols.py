"""Flying one mission from preflight to landing, and never letting go of a flying aircraft.

`fly_mission` follows the autopilot rather than driving it: it commands the start, and then only
what it is asked to. A pilot or a failsafe that takes over is reported and left in charge. When
the flight is cancelled (Ctrl-C, SIGTERM), the aircraft is sent home and watched until it has
landed; a second cancellation only lets go of it, and it flies home by itself.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from flight.control_events import event_under
from flight.errors import CommandRefusedError, FlightAbortedError, FlightError
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.missions import Mission
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
from geofences.geodesy import distance_m


@dataclass(frozen=True, slots=True)
class FlightPolicy:
    """What to do when things go wrong.

    Attributes:
        home_tolerance_m: How far the aircraft may stand from its mission's home.
        link_lost_wall_s: Silence after which the link counts as lost; the autopilot's own
            failsafe decides meanwhile, and we listen on.
        give_up_wall_s: Silence after which we stop listening and say where it was last.
        settle_wall_s: How long a cancelled start is watched for motors that still arm.
    """

    home_tolerance_m: float = 100.0
    link_lost_wall_s: float = 5.0
    give_up_wall_s: float = 120.0
    settle_wall_s: float = 2.0


async def fly_mission(
    vehicle: Vehicle,
    mission: Mission,
    recorder: FlightRecorder,
    *,
    on_update: Callable[[FlightUpdate], None],
    policy: FlightPolicy | None = None,
) -> FlightResult:
    """Connect, check, upload, fly and land one mission.

    The vehicle is closed and the record ended whatever happens. Cancelling the task once the
    motors run brings the aircraft home and then returns `RECALLED`; cancelling it again lets go.

    Args:
        vehicle: The aircraft, not yet connected.
        mission: What to fly.
        recorder: Where the flight is recorded.
        on_update: Gets every snapshot and every event; it must return at once.
        policy: What to do when things go wrong.

    Raises:
        LinkError: The aircraft cannot be reached.
        UploadFailedError: Mission or fence are not on board; nothing was armed.
        ArmingRefusedError: The aircraft does not arm.
        CommandRefusedError: The aircraft does not obey; it is on the ground.
        FlightAbortedError: The aircraft is not where its mission starts, or was lost sight of in
            flight; the message says where it is.
    """
    flight = _Flight(vehicle, mission, recorder, on_update, policy or FlightPolicy())
    vehicle.record_frames(recorder.frame)
    try:
        return await flight.fly()
    finally:
        vehicle.record_frames(None)
        recorder.close()
        await vehicle.close()


class _Flight:
    """One flight in progress."""

    def __init__(
        self,
        vehicle: Vehicle,
        mission: Mission,
        recorder: FlightRecorder,
        on_update: Callable[[FlightUpdate], None],
        policy: FlightPolicy,
    ) -> None:
        self._vehicle = vehicle
        self._mission = mission
        self._recorder = recorder
        self._on_update = on_update
        self._policy = policy
        self._state = PatrolState.PREFLIGHT
        self._outcome = FlightOutcome.COMPLETED
        self._item = 0
        self._took_off_at_s: float | None = None
        self._breached = False
        self._recording: asyncio.Task[None] | None = None

    async def fly(self) -> FlightResult:
        try:
            await self._prepare()
            await self._start()
            await self._watch()
        except asyncio.CancelledError:
            # A cancelled task must end soon, but not while an aircraft flies without anybody.
            if not await self._is_ours_to_recall():
                raise
            await self._come_home()
        except FlightError as error:
            if self._state not in FINAL_STATES:
                self._happened(PatrolEvent.FAILED, str(error))
            raise
        finally:
            await self._stop_recording()
        return self._result()

    async def _prepare(self) -> None:
        self._tell("looking for the aircraft")
        await self._vehicle.connect()
        self._recording = asyncio.create_task(self._record(self._vehicle.states()))
        self._check_place()
        self._happened(PatrolEvent.CHECKED, "uploading the mission and its fence")
        await self._vehicle.upload(self._mission)
        self._happened(PatrolEvent.UPLOADED, "mission and fence are on board and verified")

    def _check_place(self) -> None:
        position = self._vehicle.state.position
        if position is None:
            return  # no fix yet: arming waits for one, and the fence is checked by the autopilot
        away_m = distance_m(position, self._mission.home)
        if away_m > self._policy.home_tolerance_m:
            raise FlightAbortedError(
                f"{self._vehicle.name} stands {away_m:,.0f} m from the home of mission "
                f"{self._mission.mission_id}, more than the {self._policy.home_tolerance_m:g} m "
                "allowed. Is it the right aircraft and the right plan? Nothing was uploaded."
            )

    async def _start(self) -> None:
        self._happened(PatrolEvent.STARTED, "arming and taking off")
        try:
            await self._vehicle.start()
        except FlightError:
            await self._make_safe()
            raise
        self._check_place()

    async def _make_safe(self) -> None:
        """After a failed start: motors off if it stands, home if it flies."""
        state = self._vehicle.state
        if not state.armed:
            return
        with contextlib.suppress(CommandRefusedError):
            await (self._vehicle.land() if state.on_ground else self._vehicle.return_home())

    async def _record(self, states: AsyncIterator[VehicleState]) -> None:
        async for telemetry in states:
            self._recorder.sample(telemetry)
            self._tell("", telemetry)

    async def _stop_recording(self) -> None:
        if self._recording is not None:
            self._recording.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._recording

    async def _watch(self) -> None:
        """Follow the aircraft until it has landed.

        Raises:
            FlightAbortedError: It has been silent for too long.
        """
        states = self._vehicle.states()
        self._look(self._vehicle.state)
        while self._state not in FINAL_STATES:
            try:
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the result.
                async with asyncio.timeout(1.0):
                    telemetry = await anext(states)
            except TimeoutError:
                self._check_link()
                continue
            self._look(telemetry)
            if self._hovers_at_end(telemetry):
                await self._vehicle.return_home()

    def _check_link(self) -> None:
        silence_s = self._vehicle.silence_s
        if silence_s > self._policy.give_up_wall_s:
            raise FlightAbortedError(
                f"{self._vehicle.name} has been silent for {silence_s:.0f} s; it was last seen "
                f"{self._where()}. Its autopilot's own failsafe decides what it does now."
            )
        if silence_s > self._policy.link_lost_wall_s:
            text = f"no word from the aircraft for {silence_s:.0f} s; last seen {self._where()}"
            self._may_happen(PatrolEvent.LINK_LOST, text)

    def _where(self) -> str:
        state = self._vehicle.state
        if state.position is None:
            return "before its first fix"
        return (
            f"at {state.position.lat_deg:.6f}, {state.position.lon_deg:.6f}, "
            f"{state.height_home_m:.0f} m above home, in mode {state.mode}"
        )

    def _look(self, telemetry: VehicleState) -> None:
        if self._took_off_at_s is None and not telemetry.on_ground:
            self._took_off_at_s = telemetry.time_boot_s
        if telemetry.breach and not self._breached:
            self._tell(f"outside the fence, {self._where()}")
        self._breached = telemetry.breach
        self._follow(self._vehicle.control)
        self._progress(telemetry)
        if not telemetry.armed:
            self._item = self._landed_item()
            self._happened(PatrolEvent.TOUCHED_DOWN, "landed, motors off")

    def _follow(self, control: Control) -> None:
        """Bring our state in line with who decides; what the table does not hold is ignored."""
        event = event_under(control, self._state)
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
        if self._may_happen(event, texts[event]) and self._outcome is not FlightOutcome.RECALLED:
            outcomes = {
                PatrolEvent.PILOT_TOOK_OVER: FlightOutcome.PILOT,
                PatrolEvent.FAILSAFE: FlightOutcome.FAILSAFE,
                PatrolEvent.PILOT_GAVE_BACK: FlightOutcome.COMPLETED,
            }
            self._outcome = outcomes.get(event, self._outcome)

    def _why(self) -> str:
        return "; ".join(self._vehicle.state.status_texts[-3:]) or "it gave no reason"

    def _progress(self, telemetry: VehicleState) -> None:
        item = telemetry.mission_item
        if item is None or item <= self._item or self._state is not PatrolState.ON_PATROL:
            return
        self._item = item
        self._tell(f"item {item + 1} of {len(self._mission.items)}")

    def _landed_item(self) -> int:
        """Return how many items are done: all, if the mission's own return brought it down."""
        if self._outcome is FlightOutcome.COMPLETED and self._state is PatrolState.RETURNING:
            return len(self._mission.items)
        return self._item

    def _hovers_at_end(self, telemetry: VehicleState) -> bool:
        """Tell whether a mission without a way home has come to its end."""
        flying = self._state is PatrolState.ON_PATROL and not telemetry.on_ground
        return flying and telemetry.mission_complete

    async def _is_ours_to_recall(self) -> bool:
        """Tell whether a cancelled flight has an aircraft that must be brought home."""
        if self._state is PatrolState.TAKING_OFF and not self._vehicle.state.armed:
            await asyncio.sleep(self._policy.settle_wall_s)  # the order to arm may be on its way
        if not self._vehicle.state.armed:
            return False
        if self._state is PatrolState.PILOT_CONTROL:
            self._tell("cancelled; the pilot keeps the aircraft")
            return False
        return self._state not in FINAL_STATES

    async def _come_home(self) -> None:
        """Send the aircraft home, unless it is on its way, and watch it land."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()  # or every timeout from here on would raise
        self._outcome = FlightOutcome.RECALLED
        self._tell("cancelled; bringing the aircraft home (cancel again to let go of it)")
        if self._vehicle.control not in {Control.RETURNING, Control.FAILSAFE}:
            try:
                grounded = self._vehicle.state.on_ground
                await (self._vehicle.land() if grounded else self._vehicle.return_home())
            except CommandRefusedError as error:
                self._tell(str(error))
        await self._watch()

    def _may_happen(self, event: PatrolEvent, text: str) -> bool:
        if (self._state, event) not in TRANSITIONS:
            return False
        self._happened(event, text)
        return True

    def _happened(self, event: PatrolEvent, text: str) -> None:
        before, self._state = self._state, next_state(self._state, event)
        if before is not self._state or event is PatrolEvent.FAILED:
            self._tell(text)

    def _tell(self, text: str, telemetry: VehicleState | None = None) -> None:
        telemetry = telemetry or self._vehicle.state
        if text:
            self._recorder.note(telemetry.time_boot_s, text)
        items = self._mission.items
        item = telemetry.mission_item
        on_item = item is not None and item < len(items) and self._state is PatrolState.ON_PATROL
        cell_code = items[item].cell_code if on_item and item is not None else ""
        self._on_update(
            FlightUpdate(
                self._vehicle.name,
                self._mission.mission_id,
                self._state,
                telemetry,
                len(items),
                cell_code,
                text,
            )
        )

    def _result(self) -> FlightResult:
        now_s = self._vehicle.state.time_boot_s
        took_off_at_s = now_s if self._took_off_at_s is None else self._took_off_at_s
        flown = self._mission.items[: self._item]
        texts = {
            FlightOutcome.COMPLETED: "flew its mission and landed",
            FlightOutcome.RECALLED: "was called back and landed",
            FlightOutcome.FAILSAFE: "was brought down by a failsafe and landed",
            FlightOutcome.PILOT: "was landed by its pilot",
        }
        return FlightResult(
            vehicle_name=self._vehicle.name,
            mission_id=self._mission.mission_id,
            outcome=self._outcome,
            items_flown=self._item,
            item_count=len(self._mission.items),
            cell_codes=tuple(dict.fromkeys(i.cell_code for i in flown if i.cell_code)),
            airborne_s=now_s - took_off_at_s,
            record_errors=self._recorder.write_errors,
            text=f"{self._vehicle.name} {texts[self._outcome]}",
        )
