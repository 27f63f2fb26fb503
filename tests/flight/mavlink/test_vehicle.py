"""Whole flights on the simulator, over UDP on loopback."""

import asyncio
import math
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from flight.errors import (
    ArmingRefusedError,
    CommandRefusedError,
    MissionRefusedError,
    NoAutopilotError,
    UploadFailedError,
)
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.vehicle import MavlinkVehicle, VehicleSettings
from flight.missions import Action, MissionItem
from flight.recorder import read_flight_log
from flight.simulator.settings import LinkFaults, Personality, VehicleFault, VehicleFaultKind
from flight.states import PatrolState
from geofences.geodesy import LonLat, destination
from tests.flight.fake_vehicle import HOME, small_mission
from tests.flight.mavlink.flying import Day, at_once, flown, free_port, simulated


@pytest.mark.parametrize("personality", Personality)
def test_a_mission_is_flown_from_the_ground_to_the_ground(
    personality: Personality, tmp_path: Path
) -> None:
    """Both autopilots: uploaded, armed, every cell seen, home, motors off, all recorded."""
    flight = at_once(flown(Day(personality), tmp_path))
    assert flight.result.outcome is FlightOutcome.COMPLETED
    assert flight.result.cell_codes == ("C0", "C1", "C2")
    assert {u.cell_code for u in flight.news} >= {"C0", "C1", "C2"}
    on_cell = [u.telemetry.height_home_m for u in flight.news if u.cell_code == "C1"]
    assert on_cell == pytest.approx([15.0] * len(on_cell), abs=2.0)
    assert len(read_flight_log(flight.recorder.flight_log_path).samples) > 200
    assert flight.recorder.tlog_path.stat().st_size > 10_000


def test_the_camera_is_pointed_as_the_mission_says(tmp_path: Path) -> None:
    """The gimbal's own telemetry shows the pitch, and its heading follows the nose."""
    flight = at_once(flown(Day(), tmp_path))
    log = read_flight_log(flight.recorder.flight_log_path)
    middle = log.samples[len(log.samples) // 2]
    assert middle.gimbal_pitch_deg == pytest.approx(-60.0, abs=3.0)
    assert middle.gimbal_heading_deg is not None
    turned_deg = (middle.gimbal_heading_deg - middle.heading_deg + 180.0) % 360.0 - 180.0
    assert abs(turned_deg) < 10.0


@pytest.mark.parametrize("personality", Personality)
def test_a_place_is_hovered_at_with_the_camera_on_it(
    personality: Personality, tmp_path: Path
) -> None:
    """Both autopilots: 20 m south of a mast's foot and 15 m high it looks north and down."""
    beside = destination(HOME, 0.0, 20.0)
    look = (
        MissionItem(Action.LOOK_AT, destination(HOME, 0.0, 40.0), 0.0),
        MissionItem(Action.HOVER, beside, 15.0, 8.0),
        MissionItem(Action.LOOK_AHEAD),
        MissionItem(Action.HOVER, value=2.0),
    )
    plain = small_mission(waypoints=1)
    mission = replace(plain, items=(*plain.items[:3], *look, *plain.items[3:]))
    flight = at_once(flown(Day(personality), tmp_path, mission=mission))
    assert flight.result.outcome is FlightOutcome.COMPLETED
    log = read_flight_log(flight.recorder.flight_log_path)
    looking = [
        sample
        for sample in log.samples
        if sample.gimbal_pitch_deg == pytest.approx(-math.degrees(math.atan2(15.0, 20.0)), abs=3.0)
        and min(sample.heading_deg, 360.0 - sample.heading_deg) < 5.0
    ]
    assert looking[-1].time_boot_s - looking[0].time_boot_s > 5.0


@pytest.mark.parametrize("loss", [0.05, 0.1, 0.2])
def test_a_bad_radio_only_costs_time(loss: float, tmp_path: Path) -> None:
    """Loss, duplicates and reordering on everything, each way."""
    link = LinkFaults(loss_fraction=loss, duplicate_fraction=loss, reorder_fraction=loss)
    flight = at_once(flown(Day(link=link), tmp_path))
    assert flight.result.outcome is FlightOutcome.COMPLETED


def test_a_lost_final_acknowledgement_is_no_failure(tmp_path: Path) -> None:
    """The read-back shows that everything is on board."""
    flight = at_once(flown(Day(link=LinkFaults(lost_final_acks=2)), tmp_path))
    assert flight.result.outcome is FlightOutcome.COMPLETED


@pytest.mark.parametrize("personality", list(Personality))
def test_an_autopilot_that_must_find_its_position_is_waited_for(
    personality: Personality, tmp_path: Path
) -> None:
    """42 seconds by its own clock, as on the real thing; PX4 tells no position until then."""
    flight = at_once(flown(Day(personality, armable_at_s=42.0), tmp_path))
    assert flight.result.outcome is FlightOutcome.COMPLETED


@pytest.mark.parametrize("personality", list(Personality))
def test_an_autopilot_that_never_finds_its_position_says_why(
    personality: Personality, tmp_path: Path
) -> None:
    """The reasons come from its status texts."""
    with pytest.raises(ArmingRefusedError) as refusal:
        at_once(flown(Day(personality, armable_at_s=1e6), tmp_path))
    assert any("Position Estimate" in reason for reason in refusal.value.reasons)
    assert not any(reason.endswith("\t") for reason in refusal.value.reasons)


def test_a_long_mission_is_not_read_while_the_motors_idle(tmp_path: Path) -> None:
    """They are stopped after ten seconds, and reading takes longer over a slow link."""
    day = Day(link=LinkFaults(delay_s=0.4), armable_at_s=120.0)
    mission = small_mission(waypoints=100, reach_m=40.0)

    def cancel(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        if update.text == "on patrol":
            task.cancel()

    flight = at_once(flown(day, tmp_path, mission=mission, watch=cancel))
    assert flight.result.outcome is FlightOutcome.RECALLED


def test_the_nose_of_a_px4_follows_the_way(tmp_path: Path) -> None:
    """Along every lane, not to the north."""
    flight = at_once(flown(Day(Personality.PX4), tmp_path))
    patrolling = [each.telemetry for each in flight.news if each.state is PatrolState.ON_PATROL]
    off_deg = []
    for seen in patrolling:
        way_deg = math.degrees(math.atan2(seen.velocity_east_mps, seen.velocity_north_mps))
        if seen.ground_speed_mps > 4.0:
            off_deg.append(abs((seen.heading_deg - way_deg + 180.0) % 360.0 - 180.0))
    assert statistics.median(off_deg) < 10.0


def fault(kind: VehicleFaultKind, start_s: float, value: float = 0.0) -> tuple[VehicleFault]:
    """Return one mishap."""
    return (VehicleFault(kind, start_s, value=value),)


def test_an_empty_battery_ends_the_patrol_early(tmp_path: Path) -> None:
    """The autopilot goes home, the client follows and does not resume."""
    day = Day(
        faults=fault(VehicleFaultKind.BATTERY_SAG, 40.0, 0.05),
        parameters=(("BATT_FS_LOW_ACT", 2.0),),
    )
    flight = at_once(flown(day, tmp_path, mission=small_mission(waypoints=24, reach_m=120.0)))
    assert flight.result.outcome is FlightOutcome.FAILSAFE
    assert any("Battery" in update.text for update in flight.news)


@pytest.mark.parametrize(
    ("personality", "mode"), [(Personality.ARDUPILOT, "LAND"), (Personality.PX4, "AUTO.LAND")]
)
def test_lost_satellites_land_the_aircraft(
    personality: Personality, mode: str, tmp_path: Path
) -> None:
    """It is followed to the ground, though a PX4 tells no position any more."""
    day = Day(personality, faults=fault(VehicleFaultKind.GPS_DENIED, 40.0))
    flight = at_once(flown(day, tmp_path, mission=small_mission(waypoints=24, reach_m=120.0)))
    assert flight.result.outcome is FlightOutcome.FAILSAFE
    assert flight.news[-1].telemetry.mode == mode
    assert (flight.news[-1].telemetry.position is None) == (personality is Personality.PX4)


def test_a_pilot_who_takes_over_is_not_fought(tmp_path: Path) -> None:
    """The mode stays the pilot's when we are cancelled, and the task ends as cancelled."""
    day = Day(faults=fault(VehicleFaultKind.PILOT_TAKEOVER, 40.0))

    def cancel(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        if update.state is PatrolState.PILOT_CONTROL:
            task.cancel()

    news: list[FlightUpdate] = []

    def watch(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        news.append(update)
        cancel(update, task)

    mission = small_mission(waypoints=24, reach_m=120.0)
    with pytest.raises(asyncio.CancelledError):
        at_once(flown(day, tmp_path, mission=mission, watch=watch))
    assert news[-1].telemetry.armed
    assert news[-1].telemetry.mode == "LOITER"


@pytest.mark.parametrize("personality", Personality)
def test_a_cancelled_flight_comes_home(personality: Personality, tmp_path: Path) -> None:
    """RTL is seen in the heartbeat, and the motors stop."""

    def watch(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        if update.text.startswith("item 5"):
            task.cancel()

    mission = small_mission(waypoints=6, reach_m=60.0)
    flight = at_once(flown(Day(personality), tmp_path, mission=mission, watch=watch))
    assert flight.result.outcome is FlightOutcome.RECALLED
    assert "RTL" in {update.telemetry.mode[-3:] for update in flight.news}
    assert not flight.news[-1].telemetry.armed


def test_a_refused_item_is_named_and_nothing_is_armed(tmp_path: Path) -> None:
    """A longer list than the store holds is refused as a whole, with what is on board."""
    mission = small_mission(waypoints=700, reach_m=100.0)
    with pytest.raises(MissionRefusedError, match="Only 650 items are supported") as refusal:
        at_once(flown(Day(), tmp_path, mission=mission))
    assert refusal.value.item_index is None
    assert "It holds no mission now" in str(refusal.value)


def test_the_index_of_a_refused_item_is_the_plans(tmp_path: Path) -> None:
    """ArduPilot's home item is not counted; latitude 95 is nowhere."""
    mission = small_mission()
    nowhere = LonLat(115.62, 33.16)
    object.__setattr__(nowhere, "lat_deg", 95.0)
    items = list(mission.items)
    items[4] = MissionItem(Action.WAYPOINT, nowhere, 15.0)
    with pytest.raises(MissionRefusedError, match="INVALID_PARAM5_X") as refusal:
        at_once(flown(Day(), tmp_path, mission=replace(mission, items=tuple(items))))
    assert refusal.value.item_index == 4


def test_a_mission_without_take_off_does_not_leave_the_ground(tmp_path: Path) -> None:
    """The autopilot's words reach the operator."""
    mission = small_mission()
    with pytest.raises(CommandRefusedError, match="Missing Takeoff"):
        at_once(flown(Day(), tmp_path, mission=replace(mission, items=mission.items[1:])))


def test_pausing_holds_and_resuming_goes_on() -> None:
    """Both are seen in the mode; the same item goes on."""

    async def run() -> None:
        async with simulated(Day()) as vehicle, asyncio.timeout(60.0):
            await vehicle.connect()
            await vehicle.upload(small_mission(waypoints=8, reach_m=100.0))
            await vehicle.start()
            await vehicle.pause()
            assert vehicle.state.mode == "BRAKE"
            item = vehicle.state.mission_item
            await vehicle.resume()
            assert vehicle.state.mode == "AUTO"
            assert vehicle.state.mission_item == item
            with pytest.raises(UploadFailedError, match="is armed in mode AUTO"):
                await vehicle.upload(small_mission())
            await vehicle.land()
            assert vehicle.state.mode == "LAND"
            await vehicle.close()

    asyncio.run(run())


def test_the_fence_is_set_to_act_and_read_back() -> None:
    """Uploading alone enables nothing, and the default circle would send patrols home."""

    async def run() -> dict[str, float | None]:
        async with simulated(Day()) as vehicle, asyncio.timeout(30.0):
            await vehicle.connect()
            await vehicle.upload(small_mission())
            names = ("FENCE_TYPE", "FENCE_ACTION", "FENCE_ENABLE", "FENCE_ALT_MAX", "NO_SUCH")
            values = {name: await vehicle.parameter(name) for name in names}
            await vehicle.close()
            return values

    assert asyncio.run(run()) == {
        "FENCE_TYPE": 5.0,
        "FENCE_ACTION": 1.0,
        "FENCE_ENABLE": 1.0,
        "FENCE_ALT_MAX": 80.0,
        "NO_SUCH": None,
    }


def test_silence_is_named_with_what_to_look_at() -> None:
    """The address, the time and the next question stand in the message."""
    port = free_port()
    settings = VehicleSettings(connect_wall_s=0.2)
    vehicle = MavlinkVehicle(f"udpin:127.0.0.1:{port}", name="heron", settings=settings)
    with pytest.raises(NoAutopilotError, match=rf"udpin:127.0.0.1:{port} within 0.2 s"):
        asyncio.run(vehicle.connect())


def test_an_autopilot_with_our_own_id_is_refused() -> None:
    """PX4 would take our heartbeats for its own."""

    async def run() -> None:
        async with simulated(Day(), system_id=245) as vehicle:
            await vehicle.connect()

    with pytest.raises(NoAutopilotError, match="system id 245, which is our own"):
        asyncio.run(run())
    assert Identity().system == 245


def test_two_aircraft_fly_at_once(tmp_path: Path) -> None:
    """Nothing is shared between them."""

    async def run() -> list[FlightOutcome]:
        flights = await asyncio.gather(
            *(flown(Day(), tmp_path / name) for name in ("heron", "crane"))
        )
        return [flight.result.outcome for flight in flights]

    assert asyncio.run(run()) == [FlightOutcome.COMPLETED] * 2
