"""More of what befalls flights: positions, heights, counters, take-offs and fences.

The numbers are those of the list of failure cases that a client must survive; docs/failure-cases.md
names the tests of all of them.
"""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flight.errors import CommandRefusedError, FlightAbortedError, FlightError, PreflightError
from flight.flight_news import FlightOutcome
from flight.flight_policy import FlightPolicy
from flight.missions import Action, Mission, MissionItem
from flight.patrols import fly_mission
from flight.progress import Progress
from flight.recorder import FlightRecorder
from flight.simulator.settings import Personality, Since, VehicleFault, VehicleFaultKind
from flight.states import PatrolState
from flight.vehicle import Control
from geofences.geodesy import LonLat, destination
from geofences.terrain import Terrain
from geofences.zones import Zone, ZoneKind
from tests.flight.fake_vehicle import HOME, small_mission, square
from tests.flight.mavlink.flying import Day, Flown, at_once, flown, simulated
from tests.flight.planning.grounds import PIXELS, ground

LONG = small_mission(waypoints=24, reach_m=120.0)


def texts(flight: Flown) -> str:
    """Return all that was told."""
    return "\n".join(update.text for update in flight.news)


def at_waypoint(kind: VehicleFaultKind, number: int, **more: float) -> Day:
    """Return a day with one mishap after the turn to a waypoint."""
    fault = VehicleFault(kind, 1.0, since=Since.WAYPOINT, waypoint=number, **more)
    return Day(faults=(fault,))


def test_30_a_leap_of_the_position_is_told_as_one(tmp_path: Path) -> None:
    """In the second in which telemetry shows it, and the mission is flown on."""
    day = at_waypoint(VehicleFaultKind.GPS_GLITCH, 6, value=60.0, direction_deg=0.0)
    flight = at_once(flown(day, tmp_path, mission=LONG))
    leaps = [update.text for update in flight.news if "leapt" in update.text]
    assert re.match(r"WARNING: the position leapt (59|60|61) m", leaps[0])
    assert "to the north" in leaps[0]


def test_30_a_lost_fix_is_told(tmp_path: Path) -> None:
    """Before the autopilot acts on it."""
    flight = at_once(flown(at_waypoint(VehicleFaultKind.GPS_DENIED, 6), tmp_path, mission=LONG))
    told = texts(flight)
    assert "receivers have lost their position" in told
    assert told.index("receivers have lost") < told.index("a failsafe has taken over")


def moved_home(mission: Mission, away_m: float) -> Mission:
    """Return a mission planned for a home that lies east of where the aircraft stands."""
    return replace(mission, home=destination(HOME, 90.0, away_m))


def test_31_home_is_where_it_was_armed_and_not_where_it_was_planned(tmp_path: Path) -> None:
    """Thirty metres aside it flies, and comes down where it took off; at 150 m it does not."""
    flight = at_once(flown(Day(), tmp_path, mission=moved_home(small_mission(), 30.0)))
    last = flight.news[-1].telemetry
    assert flight.result.outcome is FlightOutcome.COMPLETED
    assert last.home is not None
    assert last.position is not None
    for axis in ("lon_deg", "lat_deg"):
        assert getattr(last.position, axis) == pytest.approx(getattr(HOME, axis), abs=3e-5)
        assert getattr(last.home, axis) == pytest.approx(getattr(HOME, axis), abs=3e-5)
    with pytest.raises(PreflightError, match=r"stands 15\d m from the home"):
        at_once(flown(Day(), tmp_path, mission=moved_home(small_mission(), 150.0)))


def slope(folder: Path, rise: float) -> Terrain:
    """Return ground that rises to the east by so many metres a metre."""
    columns_m = (np.arange(PIXELS) + 0.5 - PIXELS / 2) * 28.0
    return ground(folder, np.tile(300.0 + rise * columns_m, (PIXELS, 1)))


@pytest.mark.parametrize(("rise", "breached"), [(0.15, False), (-0.15, True)])
def test_33_a_ceiling_above_ground_is_judged_above_the_ground(
    rise: float, *, breached: bool, tmp_path: Path
) -> None:
    """The flight is the same, 15 m above home; what lies below it is not."""
    low = Zone("low", ZoneKind.CEILING, square(HOME, 250.0), "village", ceiling_m=28.0)
    policy = FlightPolicy(zones=(low,), terrain=slope(tmp_path, rise))
    east = replace(
        small_mission(),
        items=(
            MissionItem(Action.TAKEOFF, height_home_m=15.0),
            MissionItem(Action.WAYPOINT, destination(HOME, 90.0, 130.0), 15.0, cell_code="C0"),
            MissionItem(Action.RETURN_HOME),
        ),
    )
    told = texts(at_once(flown(Day(), tmp_path, mission=east, policy=policy)))
    assert ("BREACH: on the wrong side of: ceiling of village" in told) is breached
    assert ("WARNING: breach of ceiling of village" in told) is breached


def test_36_after_a_reboot_our_own_breakpoint_counts(tmp_path: Path) -> None:
    """The autopilot counts from the start again; what was reached before stays known."""
    day = at_waypoint(VehicleFaultKind.REBOOT, 8)
    with pytest.raises(FlightAbortedError, match="rebooted in flight"):
        at_once(flown(day, tmp_path, mission=LONG))
    kept = Progress.from_bytes((tmp_path / "flight.progress.json").read_bytes(), LONG)
    assert kept is not None
    assert kept.item == 3 + 7
    assert kept.left_at is not None


@pytest.mark.parametrize("personality", Personality)
def test_42_waypoints_twice_at_one_place_are_flown_and_counted(
    personality: Personality, tmp_path: Path
) -> None:
    """Legs of no length, which an acceptance radius swallows."""
    plain = small_mission(waypoints=4, reach_m=60.0)
    items = list(plain.items)
    doubled = [*items[:4], replace(items[3], cell_code="again"), *items[4:6], *items[5:]]
    mission = replace(plain, items=tuple(doubled))
    flight = at_once(flown(Day(personality), tmp_path, mission=mission))
    assert flight.result.outcome is FlightOutcome.COMPLETED
    assert set(flight.result.cell_codes) == {"C0", "again", "C1", "C2", "C3"}


@pytest.mark.parametrize("personality", Personality)
def test_44_an_exclusion_round_the_take_off_point_keeps_it_on_the_ground(
    personality: Personality, tmp_path: Path
) -> None:
    """Nothing is armed inside it, whatever the autopilot would do."""
    plain = small_mission()
    fence = replace(plain.fence, exclusions=(square(HOME, 12.0),))
    news: list[bool] = []
    with pytest.raises(FlightError):
        at_once(
            flown(
                Day(personality),
                tmp_path,
                mission=replace(plain, fence=fence),
                watch=lambda update, _: news.append(update.telemetry.armed),
            )
        )
    assert news
    assert not any(news)


def test_46_an_aircraft_that_is_held_outside_comes_home_by_order() -> None:
    """Its fence only stops it there; its mission is not resumed, its operator may return it."""

    async def run() -> tuple[str, LonLat | None]:
        day = at_waypoint(VehicleFaultKind.GPS_GLITCH, 3, value=70.0, direction_deg=0.0)
        fence = replace(LONG.fence, inclusion=square(HOME, 180.0))
        async with simulated(day) as vehicle, asyncio.timeout(400.0):
            try:
                await vehicle.connect()
                await vehicle.upload(replace(LONG, fence=fence))
                await vehicle._commander.set_parameter("FENCE_ACTION", 4.0)
                await vehicle.start()
                async for _ in vehicle.states():
                    if vehicle.control is Control.FAILSAFE:
                        break
                held = vehicle.state.mode
                with pytest.raises(CommandRefusedError, match="a failsafe"):
                    await vehicle.resume()
                await vehicle.return_home()
                async for state in vehicle.states():
                    if not state.armed:
                        break
                return held, vehicle.state.position
            finally:
                await vehicle.close()

    held, place = at_once(run())
    assert held == "BRAKE"
    assert place is not None


@pytest.mark.parametrize("personality", Personality)
def test_41_an_aircraft_that_arms_and_does_not_climb_is_told_and_made_safe(
    personality: Personality, tmp_path: Path
) -> None:
    """It says that it takes off, and stands: a return would have it try on."""
    news: list[str] = []

    async def run() -> str:
        day = Day(personality, faults=(VehicleFault(VehicleFaultKind.NO_LIFT, 0.0),))
        async with simulated(day) as vehicle:
            recorder = FlightRecorder(tmp_path, "flight", about={})
            with pytest.raises(CommandRefusedError, match="does not leave the ground"):
                await fly_mission(
                    vehicle, small_mission(), recorder, on_update=lambda u: news.append(u.text)
                )
            return vehicle.state.mode

    assert "LAND" in at_once(run())
    assert "on patrol" not in news


def test_41_a_mission_without_take_off_is_told_and_disarmed(tmp_path: Path) -> None:
    """It arms, and its mission has no take-off: nobody waits for ever beside running motors."""
    plain = small_mission()
    mission = replace(plain, items=plain.items[1:])
    states: list[PatrolState] = []
    with pytest.raises(CommandRefusedError) as refusal:
        at_once(
            flown(
                Day(),
                tmp_path,
                mission=mission,
                watch=lambda update, _: states.append(update.state),
            )
        )
    assert "Missing Takeoff" in str(refusal.value)
    assert PatrolState.ON_PATROL not in states
