"""Flying one mission from preflight to landing, and never letting go of a flying aircraft.

`fly_mission` follows the autopilot rather than driving it: it commands the start, and then only
what it is asked to. A pilot or a failsafe that takes over is reported and left in charge. When
the flight is cancelled (Ctrl-C, SIGTERM, SIGHUP), the aircraft is sent home and watched until it
has landed; a second cancellation only lets go of it, and it flies home by itself. An aircraft that
is found in the air with this mission on board is followed from there.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from flight.diary import FlightDiary, Watches
from flight.errors import CommandRefusedError, FlightAbortedError, FlightError, PreflightError
from flight.flight_news import FlightResult, FlightUpdate
from flight.flight_policy import FlightPolicy
from flight.missions import Mission
from flight.monitor import BreachMonitor
from flight.orders import BEFORE_FLIGHT, Order, OrderDesk, skip_target, why_not
from flight.position_watch import PositionWatch
from flight.recorder import FlightRecorder
from flight.states import PatrolEvent, PatrolState, VehicleState
from flight.vehicle import Control, Vehicle
from flight.wind_estimate import WindEstimator
from geofences.geodesy import distance_m

_NUDGE_EVERY_S = 10.0
_STANDS_BELOW_M = 1.0  # above what a barometer drifts meanwhile


async def fly_mission(
    vehicle: Vehicle,
    mission: Mission,
    recorder: FlightRecorder,
    *,
    on_update: Callable[[FlightUpdate], None],
    policy: FlightPolicy | None = None,
    desk: OrderDesk | None = None,
) -> FlightResult:
    """Connect, check, upload, fly and land one mission, or follow one that is under way.

    The vehicle is closed and the record ended whatever happens. Cancelling the task once the
    motors run brings the aircraft home and then returns `RECALLED`; cancelling it again lets go.
    The `CancelledError` of a flight with running motors says where the aircraft is.

    Args:
        vehicle: The aircraft, not yet connected.
        mission: What to fly.
        recorder: Where the flight is recorded.
        on_update: Gets every snapshot and every event; it must return at once.
        policy: What to do when things go wrong.
        desk: Where an operator hands in orders meanwhile.

    Raises:
        LinkError: The aircraft cannot be reached.
        UploadFailedError: Mission or fence are not on board; nothing was armed.
        PreflightError: Something found before the start forbids it.
        ArmingRefusedError: The aircraft does not arm.
        CommandRefusedError: The aircraft does not obey; it is on the ground, or a pilot has it.
        FlightAbortedError: The aircraft is not where its mission starts, flies another mission,
            or was lost sight of in flight; the message says where it is.
        AircraftBusyError: Another flight holds the aircraft, perhaps by another address.
    """
    policy, desk = policy or FlightPolicy(), desk or OrderDesk()
    ahead = BreachMonitor(mission, policy.zones, terrain=policy.terrain)
    watches = Watches(ahead, PositionWatch(), WindEstimator(policy.power))
    diary = FlightDiary(vehicle, mission, recorder, on_update, watches)
    flight = _Flight(vehicle, mission, diary, policy, desk)
    vehicle.record_frames(recorder.frame)
    try:
        return await flight.fly()
    finally:
        desk.attend(None)
        vehicle.record_frames(None)
        recorder.close()
        await vehicle.close()


class _Flight:
    """One flight in progress: all that is commanded."""

    def __init__(
        self,
        vehicle: Vehicle,
        mission: Mission,
        diary: FlightDiary,
        policy: FlightPolicy,
        desk: OrderDesk,
    ) -> None:
        self._vehicle = vehicle
        self._mission = mission
        self._diary = diary
        self._policy = policy
        self._desk = desk
        self._task = asyncio.current_task()
        self._observing: asyncio.Task[None] | None = None
        self._nudged_at_s = float("-inf")
        self._held = contextlib.ExitStack()

    async def fly(self) -> FlightResult:
        try:
            await self._meet()
            if self._vehicle.state.armed and not self._vehicle.state.on_ground:
                await self._take_up()
            else:
                await self._prepare()
                await self._start()
            await self._watch()
        except asyncio.CancelledError:
            # A cancelled task must end soon, but not while an aircraft flies without anybody.
            try:
                if not await self._is_ours_to_recall():
                    raise
                await self._come_home()
            except asyncio.CancelledError:
                raise self._let_go() from None
        except FlightError as error:
            if not self._diary.ended:
                self._diary.happened(PatrolEvent.FAILED, str(error))
            raise
        finally:
            await self._stop_observing()
            self._held.close()
        return self._diary.result()

    # --- to the start --------------------------------------------------------------------------

    async def _meet(self) -> None:
        self._desk.attend(self._obey)
        self._diary.tell("looking for the aircraft")
        await self._vehicle.connect()
        hardware_id = self._vehicle.hardware_id
        if hardware_id and self._policy.hold is not None:
            self._held.enter_context(self._policy.hold(hardware_id))
        self._observing = asyncio.create_task(self._observe(self._vehicle.states()))

    async def _prepare(self) -> None:
        if self._policy.bring_home:
            raise FlightAbortedError(f"{self._vehicle.name} is not in the air; nothing to do.")
        self._check_place()
        self._diary.happened(PatrolEvent.CHECKED, "uploading the mission and its fence")
        await self._vehicle.upload(self._mission)
        self._diary.happened(PatrolEvent.UPLOADED, "mission and fence are on board and verified")
        report = await self._vehicle.preflight(self._mission, self._policy.expected)
        self._diary.preflight(report)
        if report.blocking:
            found = " ".join(f"{each.topic}: {each.text}" for each in report.blocking)
            raise PreflightError(f"{self._vehicle.name} was not started. {found}")

    def _check_place(self) -> None:
        away_m = self._away_m()
        if away_m > self._policy.expected.home_tolerance_m:
            raise FlightAbortedError(
                f"{self._vehicle.name} stands {away_m:,.0f} m from the home of mission "
                f"{self._mission.mission_id}, more than the "
                f"{self._policy.expected.home_tolerance_m:g} m allowed. "
                "Is it the right aircraft and the right plan? Nothing was uploaded."
            )

    def _away_m(self) -> float:
        """How far from home it is; 0 before the first fix: arming waits for one."""
        position = self._vehicle.state.position
        return 0.0 if position is None else distance_m(position, self._mission.home)

    async def _start(self) -> None:
        self._diary.happened(PatrolEvent.STARTED, "arming and taking off")
        try:
            await self._vehicle.start(self._diary.tell)
        except FlightError:
            await self._make_safe()
            raise
        # Where it stood may have become known with its first fix only.
        if self._away_m() > self._policy.expected.home_tolerance_m:
            self._diary.tell(f"took off {self._away_m():,.0f} m from its mission's home")
            self._diary.recalled()
            await self._send_home(self._vehicle.state)

    async def _make_safe(self) -> None:
        """After a failed start: motors off if it stands, home if it flies; hands off a pilot's."""
        state = self._vehicle.state
        if not state.armed or self._vehicle.control in {Control.PILOT, Control.FAILSAFE}:
            return
        with contextlib.suppress(CommandRefusedError):
            await (self._vehicle.land() if self._stands() else self._vehicle.return_home())

    def _stands(self) -> bool:
        """Tell whether it stands; one that cannot climb says that it takes off, again and again."""
        state, starting = self._vehicle.state, self._diary.state is PatrolState.TAKING_OFF
        return state.on_ground or (starting and state.height_home_m < _STANDS_BELOW_M)

    async def _take_up(self) -> None:
        """Follow an aircraft that is in the air already, if it flies our mission.

        Raises:
            FlightAbortedError: It flies another one, and was not to be brought home.
        """
        other = await self._vehicle.other_than(self._mission)
        if other and not self._policy.bring_home:
            raise FlightAbortedError(
                f"{self._vehicle.name} is in the air, {self._diary.where()}, and {other}. Nothing "
                "was changed. Fly its own plan to follow it, or bring it home with --bring-home."
            )
        self._vehicle.adopt(self._mission)
        if not other:
            self._diary.taken_up()
        text = "found in the air with this mission on board; following it from here"
        self._diary.happened(PatrolEvent.ADOPTED, other or text)
        if self._policy.bring_home:
            self._diary.recalled()
            await self._vehicle.return_home()

    # --- in the air ----------------------------------------------------------------------------

    async def _observe(self, states: AsyncIterator[VehicleState]) -> None:
        async for telemetry in states:
            self._diary.observe(telemetry)

    async def _stop_observing(self) -> None:
        if self._observing is not None:
            self._observing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._observing

    async def _watch(self) -> None:
        """Follow the aircraft until it has landed.

        Raises:
            FlightAbortedError: It has been silent for too long, or rebooted in flight.
        """
        states = self._vehicle.states()
        self._diary.look(self._vehicle.state)
        while not self._diary.ended:
            try:
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the result.
                async with asyncio.timeout(1.0):
                    telemetry = await anext(states)
            except TimeoutError:
                self._check_link()
                continue
            if fallen := self._diary.fallen(telemetry, asyncio.get_running_loop().time()):
                raise self._diary.aborted(fallen)
            self._diary.look(telemetry)
            if self._hovers_at_end(telemetry):
                await self._send_home(telemetry)

    def _check_link(self) -> None:
        silence_s, where = self._vehicle.silence_s, self._diary.where()
        if silence_s > self._policy.give_up_wall_s:
            raise self._diary.aborted(
                f"{self._vehicle.name} has been silent for {silence_s:.0f} s; it was last seen "
                f"{where}. Its autopilot's own failsafe decides what it does now."
            )
        if silence_s > self._policy.link_lost_wall_s:
            text = f"no word from the aircraft for {silence_s:.0f} s; last seen {where}"
            self._diary.may_happen(PatrolEvent.LINK_LOST, text)
            self._diary.tell("")  # so that the age of the last word is seen to grow

    def _hovers_at_end(self, telemetry: VehicleState) -> bool:
        """Tell whether a mission without a way home has come to its end."""
        flying = self._diary.state is PatrolState.ON_PATROL and not telemetry.on_ground
        return flying and telemetry.mission_complete

    async def _send_home(self, telemetry: VehicleState) -> None:
        """Order the way home, and again after a while if the order was not obeyed."""
        if telemetry.time_boot_s - self._nudged_at_s < _NUDGE_EVERY_S:
            return
        self._nudged_at_s = telemetry.time_boot_s
        try:
            await self._vehicle.return_home()
        except CommandRefusedError as error:
            self._diary.tell(str(error))

    # --- orders --------------------------------------------------------------------------------

    async def _obey(self, order: Order) -> str:
        """Carry out an operator's order; return what telemetry shows.

        Raises:
            CommandRefusedError: It cannot be done now, or the aircraft does not do it.
        """
        diary, name = self._diary, self._vehicle.name
        refusal = why_not(order, diary.state)
        if refusal:
            raise CommandRefusedError(f"{name} is not told to {order.value}: {refusal}.")
        diary.tell(f"ordered to {order.value}")
        if diary.state in BEFORE_FLIGHT:
            if self._task is not None:
                self._task.cancel()
            return f"{name}: the start is broken off"
        match order:
            case Order.PAUSE:
                await self._vehicle.pause()
            case Order.RESUME:
                await self._vehicle.resume()
            case Order.SKIP | Order.SKIP_CELL:
                return await self._skip(whole_cell=order is Order.SKIP_CELL)
            case Order.RETURN:
                await self._vehicle.return_home()
                diary.recalled()
            case Order.LAND:
                await self._vehicle.land()
                diary.recalled()
        return f"{name}: {order.value} done, {diary.where()}"

    async def _skip(self, *, whole_cell: bool) -> str:
        item = self._vehicle.state.mission_item
        if item is None:
            raise CommandRefusedError(f"{self._vehicle.name} does not say which item it flies.")
        target = skip_target(self._mission.items, item, whole_cell=whole_cell)
        await self._vehicle.skip_to(target)
        self._diary.skipped(target)
        return f"{self._vehicle.name}: goes on with item {target + 1} of {len(self._mission.items)}"

    # --- home ----------------------------------------------------------------------------------

    async def _is_ours_to_recall(self) -> bool:
        """Tell whether a cancelled flight has an aircraft that must be brought home."""
        if self._diary.state is PatrolState.TAKING_OFF and not self._vehicle.state.armed:
            await asyncio.sleep(self._policy.settle_wall_s)  # the order to arm may be on its way
        if not self._vehicle.state.armed or self._diary.state is PatrolState.PREFLIGHT:
            return False
        if self._vehicle.control is Control.PILOT:
            self._diary.tell("cancelled; the pilot keeps the aircraft")
            return False
        return not self._diary.ended

    def _let_go(self) -> asyncio.CancelledError:
        """Return the end of a flight that is followed no longer, with where it is in the air."""
        if not self._vehicle.state.armed:
            return asyncio.CancelledError()
        pilots = self._vehicle.control is Control.PILOT
        who = "its pilot keeps it" if pilots else "let go of; its autopilot flies on by itself"
        text = f"{self._vehicle.name}: {who}, {self._diary.where()}."
        return asyncio.CancelledError(f"{text} The same `patrol fly` takes it up again.")

    async def _come_home(self) -> None:
        """Send the aircraft home, unless it is on its way, and watch it land."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()  # or every timeout from here on would raise
        self._desk.attend(None)
        self._diary.recalled()
        self._diary.tell("cancelled; bringing the aircraft home (cancel again to let go of it)")
        if self._vehicle.control not in {Control.RETURNING, Control.FAILSAFE}:
            try:
                await (self._vehicle.land() if self._stands() else self._vehicle.return_home())
            except CommandRefusedError as error:
                self._diary.tell(str(error))
        await self._watch()
