"""What befalls flights in the world, each case of it flown against the simulated autopilot.

The numbers are those of the list of failure cases that a client must survive.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from flight.errors import CommandRefusedError
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.missions import RallyPoint
from flight.orders import Order, OrderDesk
from flight.preflight import Expectations, LostLink, Verdict
from flight.simulator.settings import Personality, Since, VehicleFault, VehicleFaultKind
from flight.states import PatrolState
from flight.vehicle import Control
from geofences.geodesy import destination
from tests.flight.fake_vehicle import HOME, small_mission
from tests.flight.mavlink.flying import Day, Flown, at_once, flown, simulated

LONG = small_mission(waypoints=24, reach_m=120.0)


def texts(flight: Flown) -> str:
    """Return all that was told."""
    return "\n".join(update.text for update in flight.news)


def befallen(kind: VehicleFaultKind, start_s: float = 40.0, **more: float) -> Day:
    """Return a day with one mishap."""
    return Day(faults=(VehicleFault(kind, start_s, **more),))  # type: ignore[arg-type]


def told_to(order: Order, state: PatrolState, folder: Path) -> tuple[Flown, list[str]]:
    """Give one order as soon as a flight is in a state."""
    desk, answers, given = OrderDesk(), list[str](), list[asyncio.Task[None]]()

    async def give() -> None:
        try:
            answers.append(await desk.give(order))
        except CommandRefusedError as error:
            answers.append(str(error))

    def watch(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        del task
        if not given and update.state is state and (update.telemetry.mission_item or 0) > 3:
            given.append(asyncio.create_task(give()))

    flight = at_once(flown(Day(), folder, mission=LONG, watch=watch, desk=desk))
    return flight, answers


@pytest.mark.parametrize("order", [Order.RETURN, Order.LAND])
def test_27_an_order_counts_when_the_vehicle_shows_it(order: Order, tmp_path: Path) -> None:
    """Confirmed by the mode in its heartbeat, and told to whoever gave it."""
    flight, (answer,) = told_to(order, PatrolState.ON_PATROL, tmp_path)
    mode = {"return": "RTL", "land": "LAND"}[order.value]
    assert answer.endswith(f"in mode {mode}")
    assert flight.result.outcome is FlightOutcome.RECALLED


def test_27_a_skipped_waypoint_is_confirmed_by_the_item_that_is_flown(tmp_path: Path) -> None:
    """And the mission is flown to its end."""
    flight, (answer,) = told_to(Order.SKIP, PatrolState.ON_PATROL, tmp_path)
    assert "goes on with item" in answer
    assert flight.result.outcome is FlightOutcome.COMPLETED
    assert len(flight.result.cell_codes) == 23


def test_29_a_filter_without_position_is_told_before_arming(tmp_path: Path) -> None:
    """Satellites are seen, the filter does not use them yet; waiting cures it."""
    flight = at_once(flown(Day(armable_at_s=42.0), tmp_path))
    (report,) = [u.preflight for u in flight.news if u.preflight is not None]
    finding = next(each for each in report.findings if each.topic == "position")
    assert finding.verdict is Verdict.ATTENTION
    waits = [u.text for u in flight.news if u.text.startswith("not armed yet")]
    assert len(waits) == len(set(waits))
    assert waits[-1] == "not armed yet, asking again: Arm: Need Position Estimate"
    assert flight.result.outcome is FlightOutcome.COMPLETED


def test_34_a_pilot_who_takes_over_gets_no_orders() -> None:
    """Neither pause nor return: the pilot keeps it until giving it back."""

    async def run() -> None:
        async with simulated(befallen(VehicleFaultKind.PILOT_TAKEOVER, 30.0)) as vehicle:
            try:
                await vehicle.connect()
                await vehicle.upload(LONG)
                await vehicle.start()
                async for _ in vehicle.states():
                    if vehicle.control is Control.PILOT:
                        break
                mode = vehicle.state.mode
                for order in (vehicle.pause, vehicle.resume, vehicle.return_home, vehicle.land):
                    with pytest.raises(CommandRefusedError, match="pilot"):
                        await order()
                await asyncio.sleep(0.5)
                assert vehicle.state.mode == mode
            finally:
                await vehicle.close()

    at_once(run())


@pytest.mark.parametrize(("armable_at_s", "armed"), [(42.0, False), (8.0, True)])
def test_34_a_pilot_who_takes_over_during_the_start_keeps_it(
    armable_at_s: float, *, armed: bool
) -> None:
    """Before arming the motors stay off; after it the mission is not started over the pilot."""
    day = replace(befallen(VehicleFaultKind.PILOT_TAKEOVER, 12.0), armable_at_s=armable_at_s)

    async def run() -> None:
        async with simulated(day) as vehicle:
            try:
                await vehicle.connect()
                await vehicle.upload(LONG)
                with pytest.raises(CommandRefusedError, match="pilot"):
                    await vehicle.start()
                assert vehicle.state.mode != "AUTO"
                assert vehicle.state.armed is armed
            finally:
                await vehicle.close()

    at_once(run())


def test_35_a_failsafe_is_never_resumed(tmp_path: Path) -> None:
    """The operator's order is refused, too."""
    desk, answers = OrderDesk(), list[str]()
    day = Day(
        faults=(VehicleFault(VehicleFaultKind.BATTERY_SAG, 40.0, value=0.05),),
        parameters=(("BATT_FS_LOW_ACT", 2.0),),
    )

    async def order() -> None:
        with pytest.raises(CommandRefusedError) as refusal:
            await desk.give(Order.RESUME)
        answers.append(str(refusal.value))

    tasks: list[asyncio.Task[None]] = []

    def watch(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        del task
        if update.state is PatrolState.FAILSAFE and not tasks:
            tasks.append(asyncio.create_task(order()))

    flight = at_once(flown(day, tmp_path, mission=LONG, watch=watch, desk=desk))
    assert flight.result.outcome is FlightOutcome.FAILSAFE
    assert "never resumed" in answers[0]
    assert flight.result.reached_item is not None


def inspected(day: Day, expected: Expectations, mission: object = None) -> dict[str, Verdict]:
    """Return the verdict on each topic before a start."""

    async def run() -> dict[str, Verdict]:
        async with simulated(day) as vehicle:
            try:
                await vehicle.connect()
                await vehicle.upload(small_mission() if mission is None else mission)  # type: ignore[arg-type]
                report = await vehicle.preflight(small_mission(), expected)
                return {each.topic: each.verdict for each in report.findings}
            finally:
                await vehicle.close()

    return at_once(run())


def test_38_a_rally_point_outside_the_fence_forbids_the_start() -> None:
    """A return would lead there."""
    far = RallyPoint(destination(HOME, 90.0, 900.0), 30.0)
    near = RallyPoint(destination(HOME, 90.0, 50.0), 30.0)
    for point, verdict in ((far, Verdict.BLOCKING), (near, Verdict.GOOD)):
        mission = replace(small_mission(), rally=(point,))
        assert inspected(Day(), Expectations(), mission)["rally points"] is verdict


def test_39_a_battery_that_does_not_last_forbids_the_start() -> None:
    """What the mission was foretold to take is what counts."""
    full = inspected(Day(), Expectations(battery_percent=50.0))
    assert full["battery"] is Verdict.GOOD
    assert inspected(Day(), Expectations(battery_percent=101.0))["battery"] is Verdict.BLOCKING


@pytest.mark.parametrize(
    ("personality", "parameters", "does"),
    [
        (Personality.ARDUPILOT, (), LostLink.CONTINUE),
        (Personality.ARDUPILOT, (("FS_GCS_ENABLE", 1.0),), LostLink.CONTINUE),
        (
            Personality.ARDUPILOT,
            (("FS_GCS_ENABLE", 1.0), ("MAV_GCS_SYSID", 245.0)),
            LostLink.RETURN,
        ),
        (Personality.PX4, (("NAV_DLL_ACT", 3.0),), LostLink.LAND),
    ],
)
def test_21_what_a_lost_link_does_is_read_from_the_autopilot(
    personality: Personality, parameters: tuple[tuple[str, float], ...], does: LostLink
) -> None:
    """ArduPilot listens to one station's heartbeats only; a false declaration forbids the start."""
    day = Day(personality, parameters=parameters)
    assert inspected(day, Expectations(lost_link=does))["lost link"] is Verdict.GOOD
    other = LostLink.LAND if does is not LostLink.LAND else LostLink.RETURN
    assert inspected(day, Expectations(lost_link=other))["lost link"] is Verdict.BLOCKING


def test_57_a_killed_client_takes_its_flight_up_again() -> None:
    """The second one finds the mission on board and follows it to the landing."""

    async def run() -> None:
        async with simulated(Day()) as vehicle:
            try:
                await vehicle.connect()
                await vehicle.upload(LONG)
                await vehicle.start()
                assert await vehicle.other_than(LONG) == ""
                assert "another mission of 28 items" in await vehicle.other_than(small_mission())
                vehicle.adopt(LONG)
                assert vehicle.control is Control.MISSION
            finally:
                await vehicle.close()

    at_once(run())


def other_mission(after_s: float, since: Since, items: float = 3) -> VehicleFault:
    """Return another station that brings a mission of its own on board."""
    return VehicleFault(VehicleFaultKind.OTHER_MISSION, after_s, value=items, since=since)


@pytest.mark.parametrize("personality", list(Personality))
@pytest.mark.parametrize("items", [3, 28])
def test_another_stations_mission_is_never_started(
    items: int, personality: Personality, tmp_path: Path
) -> None:
    """It came on board after our upload, while the aircraft waited for its position."""
    own = personality is Personality.ARDUPILOT
    fault = other_mission(12.0, Since.UPLOAD, items + own)
    day = Day(personality=personality, armable_at_s=42.0, faults=(fault,))
    with pytest.raises(CommandRefusedError, match="another station has changed the mission"):
        at_once(flown(day, tmp_path, mission=LONG))


@pytest.mark.parametrize("personality", list(Personality))
def test_a_mission_changed_in_flight_is_told(personality: Personality, tmp_path: Path) -> None:
    """The aircraft flies what it has; whoever watches must know that it is not ours."""
    day = Day(personality=personality, faults=(other_mission(10.0, Since.TAKEOFF),))
    flight = at_once(flown(day, tmp_path, mission=LONG))
    assert texts(flight).count("another station has changed the mission on board") == 1
