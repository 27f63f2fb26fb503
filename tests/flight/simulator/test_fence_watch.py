"""The fence in flight: who is outside, and what the autopilot does about it."""

import math

import pytest

from flight.simulator.mavlink_ids import Command
from tests.flight.simulator.station import (
    AUTO,
    BOX,
    EARTH,
    GUIDED,
    HOME_ITEM,
    RETURN,
    TAKEOFF,
    Item,
    Station,
    item,
    polygon,
    ready,
    waypoint,
)

OUT_OF_THE_BOX = [HOME_ITEM, TAKEOFF, waypoint(200, 0), RETURN]


def leaving(action: int, fence: list[Item] = BOX, **parameters: float) -> Station:
    """Return a station whose vehicle flies out of its fence."""
    wanted = {"FENCE_ENABLE": 1, "FENCE_TYPE": 4, "FENCE_ACTION": action, **parameters}
    station = ready(parameters=tuple(wanted.items()))
    assert station.upload(fence, 1)["type"] == 0
    station.start(OUT_OF_THE_BOX)
    station.fly_until(lambda: station.place_m()[0] > 60)
    station.listen(0.3)
    return station


def test_breach_returns_the_aircraft_and_is_reported() -> None:
    """Action 1: RTL at the edge, with FENCE_STATUS and a text; inside it is cleared, RTL stays."""
    station = leaving(1)
    status = station.ask(162)
    assert (
        station.now_mode,
        status["breach_status"],
        status["breach_count"],
        status["breach_type"],
    ) == ("RTL", 1, 1, 3)
    assert "Polygon fence breached" in station.texts()
    station.fly_until(lambda: station.place_m()[0] < 50)
    assert (station.now_mode, station.ask(162)["breach_status"]) == ("RTL", 0)
    assert "Fence breach cleared" in station.texts()


@pytest.mark.parametrize(("action", "mode"), [(0, "AUTO"), (2, "LAND"), (4, "BRAKE")])
def test_breach_action(action: int, mode: str) -> None:
    """0 only reports, 2 lands, 4 brakes."""
    station = leaving(action)
    assert (mode, 1) == (station.now_mode, station.ask(162)["breach_status"])


def test_auto_is_accepted_again_while_breached() -> None:
    """The autopilot flies on outside for its ten seconds of manual recovery."""
    station = leaving(1, WPNAV_SPEED=500)
    assert station.mode(AUTO) == 0
    station.listen(8)
    assert station.now_mode == "AUTO"
    station.listen(4)
    assert station.now_mode == "RTL"


def test_far_outside_it_lands_at_once() -> None:
    """A fence uploaded in flight more than 100 m away."""
    station = ready(parameters=(("FENCE_ENABLE", 1), ("FENCE_TYPE", 4)))
    station.hover(20)
    far = polygon((300, 300), (400, 300), (400, 400), (300, 400))
    assert station.upload(far, 1)["type"] == 0
    station.listen(0.3)
    assert station.now_mode == "LAND"


def test_enabling_alone_uses_the_default_circle() -> None:
    """FENCE_ENABLE=1 with the default FENCE_TYPE 7 turns a 200 m mission back at 150 m."""
    station = ready(parameters=(("FENCE_ENABLE", 1),))
    station.start(OUT_OF_THE_BOX)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert math.hypot(*station.place_m()) == pytest.approx(150, abs=2)
    assert "Circle fence breached" in station.texts()


def test_default_ceiling_is_a_hundred_metres() -> None:
    """The altitude fence is part of the default type."""
    station = ready(parameters=(("FENCE_ENABLE", 1),))
    station.start([HOME_ITEM, item(Command.TAKEOFF, z=120.0), RETURN])
    station.fly_until(lambda: station.now_mode == "RTL")
    assert station.height_m == pytest.approx(100, abs=2)
    assert station.ask(162)["breach_type"] == 2


def test_upload_does_not_enable() -> None:
    """A fence on board does nothing until FENCE_ENABLE."""
    station = ready()
    station.upload(BOX, 1)
    station.start(OUT_OF_THE_BOX)
    station.fly_until(lambda: station.place_m()[0] > 150)
    assert station.now_mode == "AUTO"


def test_enabling_by_command_needs_a_fence() -> None:
    """DO_FENCE_ENABLE is always accepted, and without a fence enables nothing."""
    station = ready()
    parameters = station.vehicle.autopilot.cockpit.parameters
    assert station.command(Command.FENCE_ENABLE, 1) == 0
    without = parameters["FENCE_ENABLE"]
    station.upload(BOX, 1)
    assert station.command(Command.FENCE_ENABLE, 1) == 0
    assert (without, parameters["FENCE_ENABLE"]) == (0, 1)


@pytest.mark.parametrize(
    "fence",
    [
        [*BOX, *polygon((30, -9), (50, -9), (50, 9), (30, 9), exclusion=True)],
        [*BOX, item(Command.FENCE_CIRCLE_EXCLUSION, 40, 0, param1=10.0)],
    ],
)
def test_exclusions_are_minded(fence: list[Item]) -> None:
    """An aircraft that enters an exclusion is turned back before the edge of the inclusion."""
    wanted = (("FENCE_ENABLE", 1), ("FENCE_TYPE", 4))
    station = ready(parameters=wanted)
    assert station.upload(fence, 1)["type"] == 0
    station.start(OUT_OF_THE_BOX)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert 28 < station.place_m()[0] < 40


def test_all_inclusions_must_hold_the_aircraft() -> None:
    """Two overlapping inclusions leave only their common ground."""
    fence = [*BOX, *polygon((-30, -30), (30, -30), (30, 30), (-30, 30))]
    station = ready(parameters=(("FENCE_ENABLE", 1), ("FENCE_TYPE", 4)))
    station.upload(fence, 1)
    station.start(OUT_OF_THE_BOX)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert 29 < station.place_m()[0] < 34


def test_targets_outside_the_fence_are_not_flown_to() -> None:
    """DO_REPOSITION fails; a position target is ignored without a word; inside both are flown."""
    station = ready(parameters=(("FENCE_ENABLE", 1), ("FENCE_TYPE", 4)))
    station.upload(BOX, 1)
    station.hover(20)

    def target(north_m: float) -> Item:
        lon_deg, lat_deg = EARTH.to_lonlat(north_m, 0)
        return {"lat_int": round(lat_deg * 1e7), "lon_int": round(lon_deg * 1e7), "alt": 20.0}

    def reposition(north_m: float) -> int:
        place = target(north_m)
        fields = {f"param{index}": 0.0 for index in range(1, 5)}
        (ack,) = station.send(
            "COMMAND_INT",
            command=Command.REPOSITION,
            frame=6,
            x=place["lat_int"],
            y=place["lon_int"],
            z=20.0,
            **fields,
        )
        return int(ack["result"])

    assert reposition(90) == 4
    assert station.send("SET_POSITION_TARGET_GLOBAL_INT", **target(90)) == []
    station.listen(10)
    assert station.place_m() == pytest.approx((0, 0), abs=0.5)
    assert reposition(30) == 0
    station.fly_until(lambda: station.place_m()[0] > 28)
    station.send("SET_POSITION_TARGET_GLOBAL_INT", **target(10))
    station.fly_until(lambda: station.place_m()[0] < 12)


def test_fence_may_be_cleared_in_flight() -> None:
    """And then nothing is breached any more."""
    station = leaving(0)
    (ack,) = station.send("MISSION_CLEAR_ALL", mission_type=1)
    station.listen(0.3)
    assert (ack["type"], station.ask(162)["breach_status"]) == (0, 0)


def test_breach_in_guided_flight_is_acted_on_too() -> None:
    """The fence minds every mode but landing."""
    station = ready(parameters=(("FENCE_ENABLE", 1), ("FENCE_TYPE", 1), ("FENCE_ALT_MAX", 30)))
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, 60)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert station.height_m == pytest.approx(30, abs=1.5)
