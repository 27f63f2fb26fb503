"""`patrol simulate`: aircraft that speak MAVLink until Ctrl-C."""

import asyncio
import json
import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.vehicle import MavlinkVehicle
from flight.mavlink.vehicle import VehicleSettings as Aircraft
from geofences.errors import InvalidGeometryError
from geofences.geodesy import LonLat
from patrol.cli.simulate import parse_place
from patrol.demo.ports import free_port
from patrol.errors import UsageError
from tests.flight.fake_vehicle import small_mission
from tests.patrol.builders import written_plan
from tests.patrol.conftest import Said, Terminal

HOMES = ("--home", "115.62,33.16", "--home", "115.63,33.17")


def simulated(terminal: Terminal, *line: object, count: int = 1) -> tuple[Said, list[set[str]]]:
    """Simulate until every aircraft has sent its heartbeat; give the messages heard of each."""
    port = free_port(socket.SOCK_DGRAM)
    heard: list[set[str]] = [set() for _ in range(count)]

    def listen() -> None:
        for number in range(count):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as station:
                station.bind(("127.0.0.1", port + 10 * number))
                station.settimeout(30.0)
                codec = MavlinkCodec(Identity())
                while "HEARTBEAT" not in heard[number]:
                    heard[number] |= {m.name for m in codec.feed(station.recv(2048))}
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=listen)
    thread.start()
    said = terminal("simulate", "--port", port, "--speedup", 20, *line)
    thread.join()
    return said, heard


def test_each_aircraft_speaks_on_a_port_of_its_own(terminal: Terminal) -> None:
    """Ten ports apart; what it says to type is what reaches them; Ctrl-C is how it ends."""
    said, heard = simulated(terminal, *HOMES, count=2)
    assert said.code == 0
    assert all("HEARTBEAT" in names for names in heard)
    addresses = [line.split()[-1] for line in said.out.splitlines() if "--vehicle" in line]
    ports = [int(address.rsplit(":", 1)[1]) for address in addresses]
    assert ports[1] - ports[0] == 10


def test_the_aircraft_of_a_plan_stand_on_their_docks(terminal: Terminal) -> None:
    """Their names are the plan's, and the true poses, which telemetry never tells, are logged."""
    plan = written_plan(terminal.folder / "plan.json", small_mission(name="kite"))
    said, _ = simulated(terminal, "--plan", plan, "--truth", "truth", "--json")
    (row,) = said.lines
    assert list(row["simulating"]) == ["kite"]  # type: ignore[call-overload]
    first = (terminal.folder / "truth/kite.truth.jsonl").read_text().splitlines()[0]
    pose = json.loads(first)
    assert (pose["lon_deg"], pose["lat_deg"]) == pytest.approx((115.62, 33.16), abs=1e-6)
    assert pose["height_ground_m"] == pytest.approx(0.0, abs=0.1)


def test_an_aircraft_is_set_up_as_its_owner_would(terminal: Terminal) -> None:
    """Ids that count on, a high place, no camera, parameters of the owner's."""
    port = free_port(socket.SOCK_DGRAM)
    heard: dict[str, float | None] = {}

    def ask() -> None:
        vehicle = MavlinkVehicle(
            f"udpin:127.0.0.1:{port}", name="seven", settings=Aircraft(heartbeat_hz=40.0)
        )

        async def asked() -> None:
            await vehicle.connect()
            heard["action"] = await vehicle.parameter("FENCE_ACTION")
            heard["camera"] = await vehicle.parameter("MNT1_TYPE")
            heard["system"] = float(vehicle.hardware_id.rpartition("-")[2])
            heard["altitude"] = vehicle.state.alt_amsl_m
            await vehicle.close()

        asyncio.run(asked())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=ask)
    thread.start()
    options = ("--first-system", 7, "--altitude", 520, "--no-camera", "--boot-age", 60)
    line = ("--home", "115.62,33.16", "--parameter", "FENCE_ACTION=4", *options)
    said = terminal("simulate", "--port", port, "--speedup", 20, *line)
    thread.join()
    assert said.code == 0
    assert heard.pop("altitude") == pytest.approx(520.0, abs=5.0)
    assert heard == {"action": 4.0, "camera": 0.0, "system": 7.0}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ((*HOMES, "--parameter", "FENCE_ACTION"), "write NAME=VALUE, as in FS_GCS_ENABLE=1"),
        ((*HOMES, "--parameter", "FENCE_ACTION=home"), "write NAME=VALUE"),
        ((*HOMES, "--parameter", "NO_SUCH=1"), "there is no parameter NO_SUCH"),
        ((*HOMES, "--first-system", "250"), "system id 251 is not in 1 to 250"),
        ((*HOMES, "--altitude", "nan"), "no ground lies nan m above mean sea level"),
        ((), "--plan FILE, or --home LON,LAT"),
        (("--plan", "p.json", *HOMES), "--plan FILE, or --home LON,LAT"),
        (("--home", "here"), "'here' is no place: write longitude,latitude"),
        (("--home", "33.16,115.62"), "is not on Earth"),
        ((*HOMES, "--speedup", "0"), "speed-up lies between 1 and 50, not 0"),
        ((*HOMES, "--loss", "1.5"), "fractions lie between 0 and 1"),
        ((*HOMES, "--port", "65530"), "reach port 65540"),
        ((*HOMES, "--tcp-port", "65530"), "reach port 65540"),
        (("--plan", "none.json"), "none.json cannot be read"),
    ],
)
def test_what_cannot_be_simulated_is_a_sentence(
    terminal: Terminal, line: tuple[str, ...], says: str
) -> None:
    """It names what was given and what to give."""
    said = terminal("simulate", *line)
    assert said.code == 1
    assert says in said.err


def test_a_truth_folder_that_is_a_file_is_told(terminal: Terminal) -> None:
    """Nothing flies unrecorded."""
    Path(terminal.folder / "truth").touch()
    said = terminal("simulate", *HOMES[:2], "--truth", "truth")
    assert said.code == 1
    assert "truth" in said.err


def test_a_place_is_longitude_and_latitude() -> None:
    """Spaces do not matter."""
    assert parse_place("115.62, 33.16") == LonLat(115.62, 33.16)


@pytest.mark.parametrize("text", ["", "115.62", "1,2,3", "east,north"])
def test_other_texts_are_no_place(text: str) -> None:
    """The sentence shows one that is."""
    with pytest.raises(UsageError, match=r"as in 115\.62,33\.16"):
        parse_place(text)


@pytest.mark.parametrize("text", ["nan,33", "181,0", "0,-91"])
def test_a_place_is_on_earth(text: str) -> None:
    """Latitude written first is the usual slip."""
    with pytest.raises(InvalidGeometryError):
        parse_place(text)
