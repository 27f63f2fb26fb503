"""Flying a mission: who is in charge, and that nobody lets go of a flying aircraft."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from flight.errors import (
    AircraftBusyError,
    ArmingRefusedError,
    CommandRefusedError,
    FlightAbortedError,
    PreflightError,
    UploadFailedError,
)
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.flight_policy import FlightPolicy
from flight.orders import Order, OrderDesk
from flight.patrols import fly_mission
from flight.preflight import PreflightFinding, PreflightReport, Verdict
from flight.progress import Progress
from flight.recorder import FlightRecorder, read_flight_log
from flight.states import PatrolState
from flight.vehicle import Control
from geofences.geodesy import LonLat, destination
from tests.flight.fake_vehicle import HOME, FakeVehicle, small_mission

POLICY = FlightPolicy(settle_wall_s=0.01, give_up_wall_s=60.0)
LANDED = {"armed": False, "on_ground": True, "height_home_m": 0.0}


class Flight:
    """One flight under test: the vehicle, the news so far, and the task that flies."""

    def __init__(self, vehicle: FakeVehicle, folder: Path, policy: FlightPolicy = POLICY) -> None:
        self.vehicle = vehicle
        self.news: list[FlightUpdate] = []
        self._stirred = asyncio.Event()
        self.recorder = FlightRecorder(folder, "flight")
        self.task = asyncio.create_task(
            fly_mission(
                vehicle, small_mission(), self.recorder, on_update=self._hear, policy=policy
            )
        )

    @property
    def state(self) -> PatrolState:
        """Where the flight stands by its last news."""
        return self.news[-1].state

    async def until(self, state: PatrolState) -> None:
        """Let the flight go on until it has reached a state."""
        async with asyncio.timeout(5.0):
            while not any(update.state is state for update in self.news):
                self._stirred.clear()
                await self._stirred.wait()

    def _hear(self, update: FlightUpdate) -> None:
        self.news.append(update)
        self._stirred.set()

    async def tell(self, control: Control, **changes: object) -> None:
        """Publish telemetry and let the flight see it."""
        self.vehicle.tell(control, **changes)
        for _ in range(20):
            await asyncio.sleep(0)

    def heard(self, words: str) -> bool:
        """Tell whether any news holds these words."""
        return any(words in update.text for update in self.news)


Script = Callable[[Flight], Coroutine[None, None, None]]


def fly(folder: Path, script: Script, vehicle: FakeVehicle | None = None) -> FlightResult:
    """Fly until the script has brought the aircraft down."""

    async def run() -> FlightResult:
        flight = Flight(vehicle or FakeVehicle(), folder)
        await script(flight)
        async with asyncio.timeout(5.0):
            return await flight.task

    return asyncio.run(run())


def test_a_patrol_goes_through_its_states(tmp_path: Path) -> None:
    """Preflight, uploading, ready, taking off, on patrol, returning, landed."""
    seen: list[PatrolState] = []

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.MISSION, mission_item=4)
        await flight.tell(Control.RETURNING, mission_item=6)
        await flight.tell(Control.RETURNING, **LANDED)
        seen.extend(dict.fromkeys(update.state for update in flight.news))

    result = fly(tmp_path, script)
    assert seen == [
        PatrolState.PREFLIGHT,
        PatrolState.UPLOADING,
        PatrolState.READY,
        PatrolState.TAKING_OFF,
        PatrolState.ON_PATROL,
        PatrolState.RETURNING,
        PatrolState.LANDED,
    ]
    assert result.outcome is FlightOutcome.COMPLETED
    assert (result.items_flown, result.cell_codes) == (7, ("C0", "C1", "C2"))


def test_progress_is_told_per_item_and_cell(tmp_path: Path) -> None:
    """Each item is news once, with the cell being looked at."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        for item in (3, 3, 4):
            await flight.tell(Control.MISSION, mission_item=item)
        told = [(u.text, u.cell_code) for u in flight.news if u.text.startswith("item")]
        assert told == [("item 4 of 7", "C0"), ("item 5 of 7", "C1")]
        await flight.tell(Control.MISSION, **LANDED)

    assert fly(tmp_path, script).cell_codes == ("C0",)


def test_a_pilot_who_takes_over_keeps_the_aircraft(tmp_path: Path) -> None:
    """It is said, and nothing is commanded any more."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.PILOT, mode="LOITER")
        assert flight.state is PatrolState.PILOT_CONTROL
        assert flight.heard("a pilot has taken over in mode LOITER")
        await flight.tell(Control.PILOT, **LANDED)

    vehicle = FakeVehicle()
    assert fly(tmp_path, script, vehicle).outcome is FlightOutcome.PILOT
    assert vehicle.orders == ["connect", "upload m1", "start"]


def test_a_pilot_may_give_the_mission_back(tmp_path: Path) -> None:
    """Then the patrol goes on as if nothing had happened."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.PILOT, mode="LOITER")
        await flight.tell(Control.MISSION, mode="AUTO")
        assert flight.state is PatrolState.ON_PATROL
        await flight.tell(Control.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)

    assert fly(tmp_path, script).outcome is FlightOutcome.COMPLETED


def test_a_failsafe_is_reported_and_followed(tmp_path: Path) -> None:
    """The autopilot's reason is told; nothing is resumed."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.FAILSAFE, mode="RTL", status_texts=("Battery Failsafe",))
        assert flight.heard("Battery Failsafe")
        await flight.tell(Control.FAILSAFE, **LANDED)

    vehicle = FakeVehicle()
    result = fly(tmp_path, script, vehicle)
    assert result.outcome is FlightOutcome.FAILSAFE
    assert result.items_flown < result.item_count
    assert "resume" not in vehicle.orders


def test_a_breach_is_told_once(tmp_path: Path) -> None:
    """Where the aircraft is outside its fence is news; that it still is, is not."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.FAILSAFE, breach=True, mode="RTL")
        await flight.tell(Control.FAILSAFE, breach=True)
        assert sum("outside the fence" in u.text for u in flight.news) == 1
        await flight.tell(Control.FAILSAFE, breach=False, **LANDED)

    assert fly(tmp_path, script).outcome is FlightOutcome.FAILSAFE


def test_a_mission_that_ends_in_the_air_is_brought_home(tmp_path: Path) -> None:
    """ArduPilot would hover for ever after a last waypoint."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.MISSION, mission_complete=True)
        await flight.until(PatrolState.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)

    vehicle = FakeVehicle()
    fly(tmp_path, script, vehicle)
    assert vehicle.orders[-1] == "return_home"


def test_cancelling_brings_the_aircraft_home(tmp_path: Path) -> None:
    """Ctrl-C is an order to come home, and the flight ends when it has landed."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        flight.task.cancel()
        await flight.until(PatrolState.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)

    vehicle = FakeVehicle()
    result = fly(tmp_path, script, vehicle)
    assert vehicle.orders[-1] == "return_home"
    assert result.outcome is FlightOutcome.RECALLED
    assert vehicle.closed


def test_cancelling_again_lets_go_of_the_aircraft(tmp_path: Path) -> None:
    """It flies home by itself and it is said where; the record is closed all the same."""

    async def run() -> None:
        flight = Flight(FakeVehicle(), tmp_path)
        await flight.until(PatrolState.ON_PATROL)
        flight.task.cancel()
        await flight.until(PatrolState.RETURNING)
        flight.task.cancel()
        with pytest.raises(asyncio.CancelledError, match="let go of; its autopilot flies on"):
            await flight.task
        assert flight.vehicle.closed
        assert flight.vehicle.orders[-1] == "return_home"
        assert read_flight_log(flight.recorder.flight_log_path).samples

    asyncio.run(run())


def test_a_cancellation_that_comes_with_telemetry_is_not_lost(tmp_path: Path) -> None:
    """Python 3.11's wait_for swallows such a one."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        flight.vehicle.tell(Control.MISSION)
        flight.task.cancel()
        await flight.until(PatrolState.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)

    assert fly(tmp_path, script).outcome is FlightOutcome.RECALLED


@pytest.mark.parametrize("control", [Control.FAILSAFE, Control.RETURNING])
def test_an_aircraft_on_its_way_home_is_not_told_again(tmp_path: Path, control: Control) -> None:
    """A failsafe's way down may not be ours to change."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(control, mode="RTL")
        flight.task.cancel()
        await flight.tell(control)
        await flight.tell(control, **LANDED)

    vehicle = FakeVehicle()
    assert fly(tmp_path, script, vehicle).outcome is FlightOutcome.RECALLED
    assert "return_home" not in vehicle.orders


def cancelled(vehicle: FakeVehicle, folder: Path, at: PatrolState, control: Control) -> Flight:
    """Cancel a flight at a state and return it, ended."""

    async def run() -> Flight:
        flight = Flight(vehicle, folder)
        await flight.until(at)
        if at is PatrolState.ON_PATROL:
            await flight.tell(control)
        flight.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flight.task
        assert flight.task.cancelled()
        return flight

    return asyncio.run(run())


def test_a_pilot_keeps_the_aircraft_when_we_are_cancelled(tmp_path: Path) -> None:
    """Ctrl-C does not take it from them."""
    vehicle = FakeVehicle()
    flight = cancelled(vehicle, tmp_path, PatrolState.ON_PATROL, Control.PILOT)
    assert flight.heard("the pilot keeps the aircraft")
    assert vehicle.orders == ["connect", "upload m1", "start"]


def test_cancelling_on_the_ground_commands_nothing(tmp_path: Path) -> None:
    """What is not armed needs no bringing home."""
    vehicle = FakeVehicle()
    vehicle.uploads_for_ever = True
    cancelled(vehicle, tmp_path, PatrolState.UPLOADING, Control.COMMANDED)
    assert not {"start", "return_home", "land"} & set(vehicle.orders)


def test_a_failed_upload_never_arms(tmp_path: Path) -> None:
    """The error reaches the caller and the aircraft was not started."""
    vehicle = FakeVehicle()
    vehicle.refusal = UploadFailedError("no space")

    async def run() -> None:
        flight = Flight(vehicle, tmp_path)
        with pytest.raises(UploadFailedError, match="no space"):
            await flight.task
        assert flight.state is PatrolState.ABORTED

    asyncio.run(run())
    assert "start" not in vehicle.orders
    assert vehicle.closed


def test_an_aircraft_at_another_place_gets_no_mission(tmp_path: Path) -> None:
    """A plan for one dock is not flown from another."""
    vehicle = FakeVehicle(position=LonLat(115.70, 33.16))

    async def run() -> None:
        with pytest.raises(FlightAbortedError, match=r"stands 7,\d+ m from the home"):
            await Flight(vehicle, tmp_path).task

    asyncio.run(run())
    assert vehicle.orders == ["connect"]


@pytest.mark.parametrize(
    ("on_ground", "height_m", "order"),
    [(True, 0.0, "land"), (False, 0.3, "land"), (False, 12.0, "return_home")],
    ids=["ground", "trying", "air"],
)
def test_a_start_that_fails_half_way_is_made_safe(
    tmp_path: Path, on_ground: bool, height_m: float, order: str
) -> None:
    """Armed on the ground, perhaps trying to leave it: motors off; in the air: home."""

    def half_start() -> None:
        vehicle.tell(Control.MISSION, armed=True, on_ground=on_ground, height_home_m=height_m)
        raise CommandRefusedError("does not fly")

    vehicle = FakeVehicle(half_start)

    async def run() -> None:
        with pytest.raises(CommandRefusedError):
            await Flight(vehicle, tmp_path).task

    asyncio.run(run())
    assert vehicle.orders[-1] == order


def test_refused_arming_leaves_the_aircraft_alone(tmp_path: Path) -> None:
    """It stands unarmed; there is nothing to make safe."""

    def refuse() -> None:
        raise ArmingRefusedError(["Arm: Battery below minimum"])

    vehicle = FakeVehicle(refuse)

    async def run() -> None:
        with pytest.raises(ArmingRefusedError, match="Battery below minimum"):
            await Flight(vehicle, tmp_path).task

    asyncio.run(run())
    assert vehicle.orders[-1] == "start"


def test_a_lost_link_is_reported_and_waited_out(tmp_path: Path) -> None:
    """When the aircraft is heard again, the patrol goes on."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        flight.vehicle.silence_s = 20.0
        await flight.until(PatrolState.LINK_LOST)
        flight.vehicle.silence_s = 0.0
        await flight.tell(Control.MISSION)
        assert flight.state is PatrolState.ON_PATROL
        await flight.tell(Control.MISSION, **LANDED)

    fly(tmp_path, script)


def test_an_aircraft_silent_for_long_is_given_up_with_its_last_place(tmp_path: Path) -> None:
    """The message says where it was seen last and who decides now."""

    async def run() -> None:
        flight = Flight(FakeVehicle(), tmp_path)
        await flight.until(PatrolState.ON_PATROL)
        flight.vehicle.silence_s = 61.0
        with pytest.raises(FlightAbortedError, match=r"at 33\.160000, 115\.620000, 2 m above"):
            await flight.task

    asyncio.run(run())


AIRBORNE = {"armed": True, "on_ground": False, "mode": "AUTO", "height_home_m": 15.0}


def ordered(folder: Path, vehicle: FakeVehicle, *orders: Order) -> tuple[list[str], FlightResult]:
    """Give orders to a flight on patrol, land it, and return what was answered."""
    answers: list[str] = []
    desk = OrderDesk()

    async def run() -> FlightResult:
        recorder = FlightRecorder(folder, "flight")
        task = asyncio.create_task(
            fly_mission(
                vehicle,
                small_mission(),
                recorder,
                on_update=lambda _: None,
                policy=POLICY,
                desk=desk,
            )
        )
        await asyncio.sleep(0.05)
        vehicle.tell(vehicle.control, mission_item=4)
        await asyncio.sleep(0.01)
        for order in orders:
            try:
                answers.append(await desk.give(order))
            except CommandRefusedError as error:
                answers.append(str(error))
            await asyncio.sleep(0.01)
        vehicle.tell(vehicle.control, **LANDED)
        async with asyncio.timeout(5.0):
            return await task

    return answers, asyncio.run(run())


def test_orders_reach_the_aircraft(tmp_path: Path) -> None:
    """The answer says where it is then."""
    vehicle = FakeVehicle()
    answers, result = ordered(tmp_path, vehicle, Order.SKIP, Order.PAUSE, Order.RETURN)
    assert vehicle.orders[-3:] == ["skip to 5", "pause", "return_home"]
    assert "goes on with item 6 of 7" in answers[0]
    assert "pause done, at 33.160000" in answers[1]
    assert result.outcome is FlightOutcome.RECALLED


def test_skipped_cells_do_not_count_as_seen(tmp_path: Path) -> None:
    """Only what was flown over was looked at."""
    vehicle = FakeVehicle()
    _, result = ordered(tmp_path, vehicle, Order.SKIP)
    assert result.cell_codes == ("C0",)
    assert result.reached_item == 3


def test_an_order_that_cannot_be_is_refused_with_the_reason(tmp_path: Path) -> None:
    """What is not paused is not resumed."""
    vehicle = FakeVehicle()
    answers, _ = ordered(tmp_path, vehicle, Order.RESUME)
    assert answers == ["heron is not told to resume: it is on patrol."]
    assert "resume" not in vehicle.orders


def test_a_flight_under_way_is_adopted(tmp_path: Path) -> None:
    """A restarted client uploads nothing, arms nothing, and follows to the landing."""
    vehicle = FakeVehicle()
    vehicle.tell(Control.MISSION, mission_item=4, **AIRBORNE)

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.RETURNING, mission_item=6)
        await flight.tell(Control.RETURNING, **LANDED)

    result = fly(tmp_path, script, vehicle)
    assert vehicle.orders == ["connect", "compare m1", "adopt m1"]
    assert result.outcome is FlightOutcome.COMPLETED
    assert result.cell_codes == ("C0", "C1", "C2")


def test_what_was_skipped_before_a_restart_is_not_seen_after_it(tmp_path: Path) -> None:
    """The first client was killed; the cells that it left out were never looked at."""
    kept = Progress(4, frozenset({4}), HOME)
    with FlightRecorder(tmp_path, "flight") as recorder:
        recorder.keep_progress(kept.to_bytes(small_mission()))
    vehicle = FakeVehicle()
    vehicle.tell(Control.MISSION, mission_item=5, **AIRBORNE)

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.RETURNING, mission_item=6)
        await flight.tell(Control.RETURNING, **LANDED)

    assert fly(tmp_path, script, vehicle).cell_codes == ("C0", "C2")
    assert not list(tmp_path.glob("*.progress.json"))


def test_a_flight_found_on_its_way_home_too_early_has_not_seen_the_rest(tmp_path: Path) -> None:
    """Somebody had called it back before the client was killed."""
    vehicle = FakeVehicle()
    vehicle.tell(Control.RETURNING, mission_item=4, **(AIRBORNE | {"mode": "RTL"}))

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)

    result = fly(tmp_path, script, vehicle)
    assert result.outcome is FlightOutcome.RECALLED
    assert (result.cell_codes, result.reached_item) == (("C0",), 3)


def test_a_skip_is_kept_at_once(tmp_path: Path) -> None:
    """Whoever kills us now must not make the cell a seen one."""
    ordered(tmp_path / "landed", FakeVehicle(), Order.SKIP)
    assert not list((tmp_path / "landed").glob("*.progress.json"))

    async def run() -> None:
        flight = Flight(FakeVehicle(), tmp_path)
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.MISSION, mission_item=4)
        flight.recorder.flush()
        data = (tmp_path / "flight.progress.json").read_bytes()
        kept = Progress.from_bytes(data, small_mission())
        assert kept is not None
        assert kept.item == 4
        await flight.tell(Control.MISSION, **LANDED)
        await flight.task

    asyncio.run(run())


def test_an_aircraft_that_somebody_holds_is_let_go_of_untouched(tmp_path: Path) -> None:
    """It was met by another address; not even its mission is read."""

    def held(hardware_id: str) -> contextlib.AbstractContextManager[None]:
        raise AircraftBusyError(f"{hardware_id} is held.")

    vehicle = FakeVehicle()
    vehicle.hardware_id = "b0a4d-1"
    vehicle.tell(Control.MISSION, mission_item=4, **AIRBORNE)

    async def run() -> None:
        with pytest.raises(AircraftBusyError, match="b0a4d-1"):
            await Flight(vehicle, tmp_path, replace(POLICY, hold=held)).task

    asyncio.run(run())
    assert vehicle.orders == ["connect"]
    assert vehicle.closed


def test_a_leap_of_the_position_is_told_with_the_breach_it_feigns(tmp_path: Path) -> None:
    """The fence may be left by the receivers alone."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        far = destination(HOME, 90.0, 400.0)
        await flight.tell(Control.MISSION, position=far, height_home_m=15.0)
        assert flight.heard("leapt 400 m to the east")
        assert flight.heard("BREACH: on the wrong side of: fence (by a position that has leapt")
        await flight.tell(Control.MISSION, **LANDED)

    fly(tmp_path, script)


def test_an_aircraft_with_another_mission_is_left_alone(tmp_path: Path) -> None:
    """What it flies is said, and how to bring it home."""
    vehicle = FakeVehicle()
    vehicle.on_board = "another mission of 12 items is on board"
    vehicle.tell(Control.MISSION, **AIRBORNE)

    async def run() -> None:
        with pytest.raises(FlightAbortedError, match=r"another mission of 12 items.*--bring-home"):
            await Flight(vehicle, tmp_path).task

    asyncio.run(run())
    assert vehicle.orders == ["connect", "compare m1"]


def test_an_aircraft_with_another_mission_is_brought_home_if_asked(tmp_path: Path) -> None:
    """That much can be said of every mission."""
    vehicle = FakeVehicle()
    vehicle.on_board = "another mission of 12 items is on board"
    vehicle.tell(Control.MISSION, **AIRBORNE)

    async def run() -> FlightResult:
        flight = Flight(vehicle, tmp_path, replace(POLICY, bring_home=True))
        await flight.until(PatrolState.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)
        return await flight.task

    assert asyncio.run(run()).outcome is FlightOutcome.RECALLED
    assert vehicle.orders[-1] == "return_home"


def test_a_blocking_finding_forbids_the_start(tmp_path: Path) -> None:
    """The report is news, and the motors stand."""
    vehicle = FakeVehicle()
    vehicle.report = PreflightReport((PreflightFinding("battery", Verdict.BLOCKING, "12 % left."),))

    async def run() -> None:
        flight = Flight(vehicle, tmp_path)
        with pytest.raises(PreflightError, match=r"heron was not started\. battery: 12 % left"):
            await flight.task
        assert any(update.preflight is vehicle.report for update in flight.news)
        assert "STOP: battery" in flight.recorder.flight_log_path.read_text()

    asyncio.run(run())
    assert "start" not in vehicle.orders


def test_a_broken_off_mission_tells_its_breakpoint(tmp_path: Path) -> None:
    """Where the aircraft left its way, and the last item that it reached before."""
    there = LonLat(115.6201, 33.1602)

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.MISSION, mission_item=4, position=there)
        away = LonLat(115.6200, 33.1601)
        await flight.tell(Control.FAILSAFE, mode="RTL", position=away)
        await flight.tell(Control.FAILSAFE, **LANDED)

    result = fly(tmp_path, script)
    assert (result.reached_item, result.left_at) == (3, there)


def test_a_refused_return_at_the_end_of_a_mission_is_ordered_again(tmp_path: Path) -> None:
    """The flight is not let go of while the aircraft hovers."""
    vehicle = FakeVehicle()
    obeys = vehicle.return_home
    refusals = iter([CommandRefusedError("RTL needs a position")])

    async def stubborn() -> None:
        for refusal in refusals:
            raise refusal
        await obeys()

    vehicle.return_home = stubborn  # type: ignore[method-assign]

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        await flight.tell(Control.MISSION, mission_complete=True)
        assert flight.heard("RTL needs a position")
        vehicle.state = replace(vehicle.state, time_boot_s=60.0)
        await flight.tell(Control.MISSION)
        await flight.until(PatrolState.RETURNING)
        await flight.tell(Control.RETURNING, **LANDED)

    fly(tmp_path, script, vehicle)


def test_a_failed_start_does_not_take_the_aircraft_from_its_pilot(tmp_path: Path) -> None:
    """Nothing is made safe over the pilot's head."""

    def taken() -> None:
        vehicle.tell(Control.PILOT, armed=True, on_ground=False, mode="LOITER")
        raise CommandRefusedError("its pilot has taken over")

    vehicle = FakeVehicle(taken)

    async def run() -> None:
        with pytest.raises(CommandRefusedError):
            await Flight(vehicle, tmp_path).task

    asyncio.run(run())
    assert vehicle.orders[-1] == "start"


def test_40_items_missed_repeated_or_told_backwards_count_once(tmp_path: Path) -> None:
    """And an old autopilot that never calls its mission complete has flown it all the same."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        for item in (3, 3, 5, 4, 5, 5):
            await flight.tell(Control.MISSION, mission_item=item, mission_complete=False)
        told = [update.text for update in flight.news if update.text.startswith("item")]
        assert told == ["item 4 of 7", "item 6 of 7"]
        await flight.tell(Control.RETURNING, mission_item=6)
        await flight.tell(Control.RETURNING, **LANDED)

    result = fly(tmp_path, script)
    assert result.outcome is FlightOutcome.COMPLETED
    assert result.cell_codes == ("C0", "C1", "C2")


def test_a_record_with_gaps_is_told_once_and_flown_on(tmp_path: Path) -> None:
    """Nobody should find out weeks later that a flight was not recorded."""

    async def script(flight: Flight) -> None:
        await flight.until(PatrolState.ON_PATROL)
        flight.recorder.write_errors = 3
        flight.recorder.last_error = "[Errno 28] No space left on device"
        for item in (3, 4, 5):
            await flight.tell(Control.MISSION, mission_item=item)
        told = [update.text for update in flight.news if "record" in update.text]
        assert told == [
            "WARNING: the record of this flight has gaps: [Errno 28] No space left on device"
        ]
        await flight.tell(Control.RETURNING, mission_item=6)
        await flight.tell(Control.RETURNING, **LANDED)

    result = fly(tmp_path, script)
    assert result.outcome is FlightOutcome.COMPLETED
    assert result.record_errors >= 3
