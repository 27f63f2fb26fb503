"""Missions meet addresses, and a mistake in that is caught on the ground."""

import asyncio
import dataclasses
import os
import re
import signal
import socket
from pathlib import Path

import pytest
import shapely

from flight.errors import LinkError
from flight.flight_news import FlightUpdate
from flight.missions import Action, Fence, Mission, MissionItem, PatrolPlan
from geofences.geodesy import LonLat
from geofences.view import Camera
from patrol.errors import UsageError
from patrol.fleet import FleetOptions, assign, fly_fleet
from tests.flight.fake_vehicle import small_mission
from tests.patrol.builders import SPEEDUP, simulated_aircraft, small_plan

HOME = LonLat(115.62, 33.16)
FENCE = Fence(shapely.box(115.61, 33.15, 115.63, 33.17), (), 120.0)


def mission(name: str) -> Mission:
    """Return a mission that only takes off."""
    items = (MissionItem(Action.TAKEOFF, height_home_m=40.0),)
    return Mission(f"m-{name}", name, "dock-1", HOME, items, FENCE, 8.0, 40.0, (), 0.0, 0.0)


PLAN = PatrolPlan(
    "p",
    "patrol",
    (mission("uav-1"), mission("uav-2")),
    (),
    1.0,
    camera=Camera("c", 1280, 720, 70.0),
    gimbal_pitch_deg=-60.0,
)


def test_plain_addresses_go_to_the_missions_in_order() -> None:
    """The first address flies the first mission."""
    sorties = assign(PLAN, ["udpin:127.0.0.1:14550", "tcp:127.0.0.1:5760"])
    assert [(s.mission.vehicle_name, s.address) for s in sorties] == [
        ("uav-1", "udpin:127.0.0.1:14550"),
        ("uav-2", "tcp:127.0.0.1:5760"),
    ]


def test_a_named_address_flies_that_aircraft_alone() -> None:
    """Naming one aircraft leaves the other on the ground."""
    (sortie,) = assign(PLAN, ["uav-2=udpin:0.0.0.0:14550"])
    assert (sortie.mission.vehicle_name, sortie.address) == ("uav-2", "udpin:0.0.0.0:14550")


def test_an_aircraft_flies_all_its_missions() -> None:
    """One address for each aircraft, however many batteries it takes."""
    again = dataclasses.replace(mission("uav-1"), mission_id="m-again", start_s=600.0)
    plan = dataclasses.replace(PLAN, missions=(*PLAN.missions, again))
    sorties = assign(plan, ["udpin:127.0.0.1:14550", "tcp:127.0.0.1:5760"])
    assert [(s.mission.mission_id, s.address[:3]) for s in sorties] == [
        ("m-uav-1", "udp"),
        ("m-uav-2", "tcp"),
        ("m-again", "udp"),
    ]


def test_what_follows_a_flight_that_failed_stays_unflown(tmp_path: Path) -> None:
    """Nobody answers the first time, so nobody is asked a second time; both ends are told."""
    again = dataclasses.replace(mission("uav-1"), mission_id="m-again", start_s=1.0)
    plan = dataclasses.replace(PLAN, missions=(mission("uav-1"), again))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sorties = assign(plan, [f"udpin:127.0.0.1:{port}"])
    options = FleetOptions(tmp_path, speedup=100.0, connect_wait_s=0.2)
    ends = asyncio.run(fly_fleet(sorties, plan, options, lambda _: None))
    assert [end.sortie.mission.mission_id for end in ends] == ["m-uav-1", "m-again"]
    assert not any(end.completed for end in ends)
    assert "was not flown" in str(ends[1].error)


def test_ctrl_c_twice_says_where_the_aircraft_was_let_go_of(tmp_path: Path) -> None:
    """Not that its motors never ran."""
    plan = small_plan(small_mission(waypoints=6, reach_m=60.0))

    def press(news: FlightUpdate) -> None:
        if news.text == "on patrol" or news.text.startswith("cancelled; bringing"):
            os.kill(os.getpid(), signal.SIGINT)

    with simulated_aircraft() as address:
        sorties = assign(plan, [address])
        options = FleetOptions(tmp_path, speedup=SPEEDUP)
        (end,) = asyncio.run(fly_fleet(sorties, plan, options, press))
    assert end.result is None
    assert re.match(
        r"heron: let go of; its autopilot flies on by itself, at 33\.16", str(end.error)
    )


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        (["udpin:0.0.0.0:14550"], r"for 2 aircraft \(uav-1, uav-2\), and 1 addresses"),
        (["a", "b", "c"], "3 addresses were given"),
        (["uav-9=udpin:0.0.0.0:14550"], "no aircraft uav-9; it is for uav-1, uav-2"),
        ([], "no aircraft to fly"),
    ],
)
def test_addresses_that_do_not_fit_are_refused(addresses: list[str], said: str) -> None:
    """The sentence names the plan's aircraft and shows what to write."""
    with pytest.raises(UsageError, match=said):
        assign(PLAN, addresses)


@pytest.mark.parametrize("slip", ["uav-1=pigeon:nest:7", "uav-2=udpin:0.0.0.0:99999"])
def test_a_slip_in_one_address_keeps_all_on_the_ground(slip: str) -> None:
    """The other addresses are good, and still nobody takes off."""
    good = {"uav-1": "uav-1=udpin:0.0.0.0:14550", "uav-2": "uav-2=udpin:0.0.0.0:14560"}
    good[slip.partition("=")[0]] = slip
    with pytest.raises(LinkError, match=slip.partition("=")[2]):
        assign(PLAN, list(good.values()))
