"""The demo: one patrol from the county's file to events on a map."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from events_api.access import issue_token
from events_api.cell_features import collection_of
from events_api.client import EventApiClient
from events_api.errors import ApiError
from events_api.roles import Role
from flight.formats.plan_file import write_plan
from flight.missions import PatrolPlan
from flight.planning.picture import draw_plan
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.tasks import CoverCells
from geofences.county import County
from geofences.sample_county.location import sample_county_path
from patrol.counties import import_county
from patrol.defaults import DEFAULT_CAMERA, default_aircraft
from patrol.demo.folder import DemoFolder
from patrol.demo.parts import Line, Parts
from patrol.demo.ports import free_port
from patrol.demo.score import Score, compare
from patrol.demo.truth import expected_events, found_events
from patrol.errors import DemoError
from patrol.serving import own_database
from patrol.settings import Settings
from vision.simulator.demo_scene import demo_scene

DEMO_VILLAGE = "341299001001"
SERVER_PATIENCE_S = 60.0
SILENCE_PATIENCE_S = 120.0
# The simulated aircraft were switched on a minute ago: their estimators are ready to arm.
BOOT_AGE_S = 60.0


@dataclass(frozen=True)
class DemoOptions:
    """What may be chosen for a run.

    Attributes:
        folder: where everything goes.
        speedup: simulated seconds a second.
        api_port: of the event API; 0 takes a free one.
        mavlink_port: UDP port of the first aircraft; 0 takes free ones.
    """

    folder: Path
    speedup: float = 10.0
    api_port: int = 0
    mavlink_port: int = 0


@dataclass(frozen=True)
class DemoResult:
    """What came out.

    Attributes:
        plan: what was flown.
        score: what was found against what was there.
        page_url: the map page, with the token that opens it.
        events_url: the API's list of events.
        took_s: wall-clock time from the start to the comparison.
    """

    plan: PatrolPlan
    score: Score
    page_url: str
    events_url: str
    took_s: float


@dataclass(frozen=True)
class DemoListener:
    """Who is told of what happens; each is called from the demo's own thread.

    Attributes:
        step: the next step, in words.
        planned: the county and the plan that will be flown.
        line: one line of a part: progress of a flight, a sighting.
    """

    step: Callable[[str], None]
    planned: Callable[[PatrolPlan], None]
    line: Callable[[Line], None]


@contextmanager
def run_demo(options: DemoOptions, tell: DemoListener) -> Iterator[DemoResult]:
    """Run the patrol and give its result; the page stays up until the context is left.

    Raises:
        DemoError: a part did not do its work.
        GroundError, FlightError, VisionError, ApiError: as their parts raise them.
    """
    started_s = time.monotonic()
    folder = DemoFolder(options.folder)
    folder.prepare()
    api_port = options.api_port or free_port(socket.SOCK_STREAM)
    base_url = f"http://127.0.0.1:{api_port}"
    tokens = _issue_tokens(Settings(folder.home))
    settings = Settings(folder.home, base_url, tokens[Role.ADMINISTRATOR])
    with Parts(folder.logs, _environment(settings, tokens[Role.MACHINE])) as parts:
        page_url = f"{base_url}/#token={tokens[Role.ACCEPTOR]}"
        tell.step(f"Event API and map page: {page_url}")
        parts.start("serve", ["serve", "--port", str(api_port)])
        county = import_county(sample_county_path(), settings)
        plan = _plan(county, folder)
        tell.planned(plan)
        with EventApiClient(base_url, tokens[Role.ADMINISTRATOR]) as client:
            wait_for_server(client, parts)
            client.put_cells(collection_of(county.grid.cells))
            tell.step(f"{len(county.grid.cells)} cells of {county.name} are on the map.")
            fly_and_watch(parts, plan, folder, options, tell)
            score = compare(expected_events(demo_scene(county)), found_events(client.events()))
        took_s = time.monotonic() - started_s
        yield DemoResult(plan, score, page_url, f"{base_url}/events", took_s)


def _issue_tokens(settings: Settings) -> dict[Role, str]:
    now = datetime.now(UTC)
    with own_database(settings) as database:
        return {role: issue_token(database, f"demo-{role.value}", role, now) for role in Role}


def _environment(settings: Settings, drone_token: str) -> dict[str, str]:
    ours = {
        "GRIDPATROL_HOME": str(settings.home),
        "GRIDPATROL_API_URL": settings.api_url,
        "GRIDPATROL_TOKEN": drone_token,
        # The demo's events are made up: they stay out of the county's own database.
        "GRIDPATROL_DATABASE_URL": "",
    }
    return {**os.environ, **ours}


def _plan(county: County, folder: DemoFolder) -> PatrolPlan:
    request = PatrolRequest(
        name=f"{county.grid.in_village(DEMO_VILLAGE)[0].village}",
        task=CoverCells(tuple(cell.code for cell in county.grid.in_village(DEMO_VILLAGE))),
        aircraft=default_aircraft(county),
        camera=DEFAULT_CAMERA,
    )
    plan = plan_patrol(county, request)
    write_plan(plan, folder.plan_file)
    draw_plan(county, plan, folder.plan_picture)
    return plan


def wait_for_server(client: EventApiClient, parts: Parts) -> None:
    """Wait until the event API answers.

    Raises:
        DemoError: it does not, or a part has ended.
    """
    deadline_s = time.monotonic() + SERVER_PATIENCE_S
    while True:
        try:
            client.health()
        except ApiError as error:
            if time.monotonic() > deadline_s:
                raise DemoError(f"The event API did not start: {error}") from error
            parts.wait_a_little()
        else:
            return


def fly_and_watch(
    parts: Parts, plan: PatrolPlan, folder: DemoFolder, options: DemoOptions, tell: DemoListener
) -> None:
    """Fly a plan with simulated aircraft and watch what their cameras see, until both are done.

    Raises:
        DemoError: a part did not do its work.
    """
    names = [mission.vehicle_name for mission in plan.missions]
    port = options.mavlink_port or free_port(socket.SOCK_DGRAM, count=len(names))
    addresses = [f"udpin:127.0.0.1:{port + 10 * n}" for n in range(len(names))]
    tell.step(f"{' and '.join(names)} fly over MAVLink at {options.speedup:g} times real time.")
    simulation = parts.start("simulate", _simulate_arguments(folder, options, port))
    waited_for = {"fly": parts.start("fly", _fly_arguments(folder, options, addresses))}
    for name in names:
        waited_for[f"watch-{name}"] = parts.start(f"watch-{name}", _watch_arguments(folder, name))
    for line in parts.lines(SILENCE_PATIENCE_S):
        if line.value is not None:
            tell.line(line)
        elif line.part in waited_for:
            waited_for.pop(line.part).check()
            if line.part == "fly":
                simulation.stop()  # which ends the truth logs, and with them the films
            if not waited_for:
                return
        elif line.part != simulation.name or "fly" in waited_for:
            raise DemoError(f"`{line.part}` ended before the patrol was over.")


def _simulate_arguments(folder: DemoFolder, options: DemoOptions, port: int) -> list[str]:
    arguments = ["simulate", "--plan", str(folder.plan_file), "--truth", str(folder.truth)]
    arguments += ["--speedup", str(options.speedup), "--boot-age", str(BOOT_AGE_S)]
    return [*arguments, "--port", str(port), "--wind-east", "3", "--gust", "1", "--json"]


def _fly_arguments(folder: DemoFolder, options: DemoOptions, addresses: list[str]) -> list[str]:
    arguments = ["fly", str(folder.plan_file), "--log", str(folder.flights), "--publish", "--json"]
    arguments += ["--speedup", str(options.speedup)]
    for address in addresses:
        arguments += ["--vehicle", address]
    return arguments


def _watch_arguments(folder: DemoFolder, name: str) -> list[str]:
    truth = folder.truth / f"{name}.truth.jsonl"
    flight_log = folder.flights / f"{name}.flight.jsonl"
    arguments = ["watch", f"virtual:{truth}", "--flight-log", str(flight_log), "--source", name]
    return [*arguments, "--publish", "--json"]
