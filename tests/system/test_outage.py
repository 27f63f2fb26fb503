"""The event API dies in the middle of a patrol: every sighting still arrives, and arrives once."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events_api.access import issue_token
from events_api.cell_features import collection_of
from events_api.client import EventApiClient
from events_api.roles import Role
from flight.formats.plan_file import write_plan
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.tasks import CoverCells
from geofences.sample_county.location import sample_county_path
from patrol.counties import import_county
from patrol.defaults import DEFAULT_CAMERA, default_aircraft
from patrol.demo.folder import DemoFolder
from patrol.demo.parts import Line, Parts
from patrol.demo.ports import free_port
from patrol.demo.run import (
    DEMO_VILLAGE,
    DemoListener,
    DemoOptions,
    fly_and_watch,
    wait_for_server,
)
from patrol.serving import own_database
from patrol.settings import Settings

pytestmark = pytest.mark.system


@dataclass
class Server:
    """`patrol serve` as a process that can be killed and started again."""

    settings: Settings
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "patrol.cli.main", "serve", "--port", str(self.port)],
            env={**os.environ, "GRIDPATROL_HOME": str(self.settings.home)},
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Kill it as a power cut does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@dataclass
class Outage:
    """Kills the server at the first sighting, and starts it again at the third."""

    server: Server
    sightings: list[str] = field(default_factory=list)
    outages: int = 0

    def hear(self, line: Line) -> None:
        """Note what a watcher found."""
        if not line.value or "sighting" not in line.value:
            return
        self.sightings.append(str(line.value["sighting"]))
        if len(self.sightings) == 1:
            self.server.kill()
            self.outages += 1
        elif len(self.sightings) == 3:
            self.server.start()


def nothing(_: object) -> None:
    """Ignore what is told."""


def prepared(folder: DemoFolder, settings: Settings) -> Callable[[Parts, DemoListener], None]:
    """Import the county, plan two cells, and return what flies them."""
    county = import_county(sample_county_path(), settings)
    with EventApiClient(settings.api_url, settings.token) as client:
        client.put_cells(collection_of(county.grid.cells))
    cells = county.grid.in_village(DEMO_VILLAGE)
    plan = plan_patrol(
        county,
        PatrolRequest(
            "outage",
            CoverCells(tuple(c.code for c in cells[2:7])),
            default_aircraft(county),
            DEFAULT_CAMERA,
        ),
    )
    write_plan(plan, folder.plan_file)
    options = DemoOptions(folder.root, speedup=20.0)
    return lambda parts, tell: fly_and_watch(parts, plan, folder, options, tell)


def test_a_killed_api_loses_no_sighting_and_doubles_none(tmp_path: Path) -> None:
    """Reports wait on disk while the API is dead; afterwards each is there exactly once."""
    folder = DemoFolder(tmp_path / "demo")
    folder.prepare()
    port = free_port(socket.SOCK_STREAM)
    url = f"http://127.0.0.1:{port}"
    with own_database(Settings(folder.home)) as database:
        admin = issue_token(database, "admin", Role.ADMINISTRATOR, datetime.now(UTC))
        drone = issue_token(database, "drone", Role.MACHINE, datetime.now(UTC))
    server = Server(Settings(folder.home, url, admin), port)
    server.start()
    outage = Outage(server)
    environment = {
        **os.environ,
        "GRIDPATROL_HOME": str(folder.home),
        "GRIDPATROL_API_URL": url,
        "GRIDPATROL_TOKEN": drone,
    }
    try:
        with Parts(folder.logs, environment) as parts, EventApiClient(url, admin) as client:
            wait_for_server(client, parts)
            fly = prepared(folder, server.settings)
            fly(parts, DemoListener(nothing, nothing, outage.hear))
            arrived = Counter(
                str(observation.report.report_id)
                for event in client.events()
                for observation in client.event(str(event.event_id)).observations
            )
    finally:
        server.kill()
    assert outage.outages == 1
    assert len(outage.sightings) >= 3
    assert arrived == Counter(set(outage.sightings))
