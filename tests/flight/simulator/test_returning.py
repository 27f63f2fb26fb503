"""Where a return goes: home, or the rally point that the autopilot's rules prefer."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.manoeuvres import Place
from flight.simulator.mavlink_ids import Command, TransferResult
from flight.simulator.returning import RallyRules, nearest_refuge
from flight.simulator.sensors import Estimate
from flight.simulator.settings import Personality
from tests.flight.simulator.station import BOX, READY, SQUARE, Item, Station, item, ready

HOME = Place(0.0, 0.0, 0.0)
RALLY = 2
PX4 = dataclasses.replace(READY, personality=Personality.PX4)


def at(north_m: float, east_m: float) -> Estimate:
    """An aircraft in flight."""
    return Estimate(north_m, east_m, 30.0, 0.0, 0.0, 0.0, on_ground=False)


def rally(north_m: float, east_m: float, height_m: float = 20.0, frame: int = 3) -> Item:
    """A rally point."""
    return item(Command.RALLY_POINT, north_m, east_m, z=height_m, frame=frame)


@pytest.mark.parametrize(
    ("rules", "points", "expected"),
    [
        (RallyRules(0.0, True), [], HOME),
        (RallyRules(0.0, True), [Place(90.0, 0.0, 20.0)], Place(90.0, 0.0, 20.0)),
        (RallyRules(0.0, True), [Place(300.0, 0.0, 20.0)], HOME),
        (RallyRules(0.0, False), [Place(300.0, 0.0, 20.0)], Place(300.0, 0.0, 20.0)),
        (RallyRules(150.0, False), [Place(300.0, 0.0, 20.0)], HOME),
        (RallyRules(5.0, True), [Place(90.0, 0.0, 20.0)], HOME),
        (RallyRules(0.0, True), [Place(200.0, 0.0, 20.0)], HOME),
    ],
)
def test_the_rules_are_those_of_ap_rally(
    rules: RallyRules, points: list[Place], expected: Place
) -> None:
    """A limit from where the aircraft is, home where it is as near, and whether home counts."""
    assert nearest_refuge(at(100.0, 0.0), HOME, points, rules) == expected


offsets = st.floats(-1000.0, 1000.0)


@given(st.lists(st.builds(Place, offsets, offsets, st.just(20.0))), offsets, offsets)
def test_nothing_is_nearer_than_what_is_returned_to(
    points: list[Place], north_m: float, east_m: float
) -> None:
    """Without a limit, whatever the points."""
    chosen = nearest_refuge(at(north_m, east_m), HOME, points, RallyRules(0.0, True))
    gaps = [math.dist((north_m, east_m), (p.north_m, p.east_m)) for p in (HOME, *points)]
    assert math.dist((north_m, east_m), (chosen.north_m, chosen.east_m)) == min(gaps)


def sent_back(*points: Item, **parameters: float) -> Station:
    """Fly 60 m to the north as ArduPilot, turn for the nearest refuge."""
    station = ready()
    for name, value in parameters.items():
        station.set_parameter(name, value)
    assert station.upload(points, RALLY)["type"] == TransferResult.ACCEPTED
    station.start(SQUARE)
    station.fly_until(lambda: station.place_m()[0] > 60)
    station.command(Command.RETURN)
    return station


def sent_away(*points: Item, rtl_type: int = 0) -> Station:
    """The same as PX4."""
    station = ready(PX4)
    station.vehicle.autopilot.cockpit.parameters.set("RTL_TYPE", rtl_type)
    assert station.upload(points, RALLY)["type"] == TransferResult.ACCEPTED
    assert station.upload(SQUARE[1:])["type"] == TransferResult.ACCEPTED
    station.command(Command.ARM_DISARM, 1)
    station.command(Command.MISSION_START)
    station.fly_until(lambda: station.place_m()[0] > 60)
    station.command(Command.RETURN)
    return station


def highest_m(station: Station) -> float:
    """Fly on until the motors stop; how high it was meanwhile."""
    highest = 0.0

    def landed() -> bool:
        nonlocal highest
        highest = max(highest, station.height_m)
        return not station.vehicle.armed

    station.fly_until(landed)
    return highest


def test_a_return_lands_at_the_nearer_rally_point() -> None:
    """As far as it is nearer than home."""
    station = sent_back(rally(80.0, -30.0, 0.0), rally(400.0, 0.0, 0.0))
    station.fly_until(lambda: not station.vehicle.armed)
    assert station.place_m() == pytest.approx((80.0, -30.0), abs=0.6)


def test_px4_leaves_out_home_where_it_is_told_to() -> None:
    """By RTL_TYPE; and however far the rally point is."""
    station = sent_away(rally(450.0, 0.0, 0.0), rtl_type=1)
    assert highest_m(station) == pytest.approx(60.0, abs=1.5)
    assert station.place_m() == pytest.approx((450.0, 0.0), abs=0.6)


def test_without_being_told_ardupilot_goes_no_farther_than_300_m() -> None:
    """RALLY_LIMIT_KM as delivered; then home, although it is excluded."""
    station = sent_back(rally(500.0, 0.0), RALLY_INCL_HOME=0)
    station.fly_until(lambda: not station.vehicle.armed)
    assert station.place_m() == pytest.approx((0.0, 0.0), abs=0.6)


def test_a_rally_point_outside_the_fence_does_not_count() -> None:
    """ArduPilot takes only those that it may fly to."""
    station = ready()
    station.upload(BOX, 1)
    north_m = 1000.0
    station.set_parameter("FENCE_TYPE", 4)
    station.set_parameter("FENCE_ENABLE", 1)
    station.upload([rally(north_m, 0.0)], RALLY)
    assert station.vehicle.autopilot.fence.allows(0.0, 0.0, 20.0)
    assert not station.vehicle.autopilot.fence.allows(north_m, 0.0, 20.0)
    station.set_parameter("RALLY_LIMIT_KM", 0)
    station.set_parameter("RALLY_INCL_HOME", 0)
    station.start(SQUARE)
    station.fly_until(lambda: station.place_m()[0] > 60)
    station.command(Command.RETURN)
    station.fly_until(lambda: not station.vehicle.armed)
    assert station.place_m() == pytest.approx((0.0, 0.0), abs=0.6)


@pytest.mark.parametrize(("rally_m", "expected_m"), [(60.0, 60.0), (20.0, 40.0)])
def test_how_high_ardupilot_returns(rally_m: float, expected_m: float) -> None:
    """It takes the highest of its own height, the point's and the aircraft's."""
    station = sent_back(rally(80.0, -20.0, rally_m))
    assert highest_m(station) == pytest.approx(expected_m, abs=1.5)


def test_px4_adds_its_own_height_to_the_rally_points() -> None:
    """A point said to be 20 m high is returned to at 80 m."""
    assert highest_m(sent_away(rally(80.0, 0.0, 20.0))) == pytest.approx(80.0, abs=1.5)


def test_ardupilot_keeps_whole_metres_above_home() -> None:
    """And refuses heights above anything else; PX4 keeps what it is given."""
    station = ready()
    assert station.upload([rally(10.0, 10.0, 20.7, 6)], RALLY)["type"] == TransferResult.ACCEPTED
    (kept,) = station.read_back(RALLY)
    assert (kept["z"], kept["frame"]) == (20.0, 3)
    refused = station.upload([rally(10.0, 10.0, 20.0, 0)], RALLY)
    assert refused["type"] == TransferResult.UNSUPPORTED_FRAME
    station = ready(PX4)
    station.upload([rally(10.0, 10.0, 20.75)], RALLY)
    assert station.read_back(RALLY)[0]["z"] == 20.75
