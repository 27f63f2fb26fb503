"""`patrol simulate`: aircraft that are not there, speaking MAVLink as real ones do."""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from flight.formats.plan_file import read_plan
from flight.mavlink.signing import read_signing_key
from flight.simulator.runner import run_simulator
from flight.simulator.settings import (
    LinkFaults,
    Personality,
    SimulatorSettings,
    VehicleFaultKind,
    VehicleSettings,
    World,
)
from geofences.geodesy import LonLat
from patrol.cli.console import print_json, terminal
from patrol.cli.fault_options import read_parameters, with_faults
from patrol.cli.simulate_days import fly_scenarios, show_shipped
from patrol.errors import UsageError

PORT_STEP = 10
LAST_PORT = 65_535


def simulate(
    plan: Annotated[
        Path | None, typer.Option(help="Put one aircraft on the dock of each mission of this plan.")
    ] = None,
    home: Annotated[
        list[str] | None, typer.Option(help="LON,LAT to stand an aircraft on; repeat it.")
    ] = None,
    speedup: Annotated[float, typer.Option(help="Simulated seconds a second, 1 to 50.")] = 1.0,
    port: Annotated[
        int, typer.Option(help="UDP port that the first aircraft sends to.", min=1)
    ] = 14550,
    tcp_port: Annotated[int, typer.Option(help="TCP port to listen on; 0: none.", min=0)] = 0,
    px4: Annotated[bool, typer.Option(help="Behave as PX4, not as ArduPilot.")] = False,
    signing_key: Annotated[
        Path | None, typer.Option(help="File with a signing key; believe only who signs with it.")
    ] = None,
    altitude: Annotated[
        float, typer.Option(help="Metres above mean sea level of the ground that they stand on.")
    ] = 30.0,
    first_system: Annotated[
        int, typer.Option(help="System id of the first aircraft; the others count on from it.")
    ] = 1,
    parameter: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE that the owner has set on each autopilot; repeat it."),
    ] = None,
    camera: Annotated[bool, typer.Option(help="Fit a camera on a gimbal.")] = True,
    boot_age: Annotated[float, typer.Option(help="Seconds since power-up at the start.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Same seed, same flight.")] = 1,
    wind_east: Annotated[float, typer.Option(help="Wind blowing towards the east, m/s.")] = 0.0,
    wind_north: Annotated[float, typer.Option(help="Wind blowing towards the north, m/s.")] = 0.0,
    gust: Annotated[float, typer.Option(help="Strength of gusts, m/s.")] = 0.0,
    loss: Annotated[float, typer.Option(help="Share of packets lost each way, 0 to 1.")] = 0.0,
    duplicate: Annotated[float, typer.Option(help="Share of packets sent twice, 0 to 1.")] = 0.0,
    reorder: Annotated[float, typer.Option(help="Share of packets overtaken, 0 to 1.")] = 0.0,
    corrupt: Annotated[float, typer.Option(help="Share of packets damaged, 0 to 1.")] = 0.0,
    delay: Annotated[float, typer.Option(help="Delay each way in seconds.")] = 0.0,
    jitter: Annotated[float, typer.Option(help="Most that comes on top of the delay.")] = 0.0,
    lose_acks: Annotated[
        int, typer.Option(help="How many acknowledgements of uploads are lost.", min=0)
    ] = 0,
    away: Annotated[
        float, typer.Option(help="Share of the time in which the link is away, 0 to 1.")
    ] = 0.0,
    away_for: Annotated[float, typer.Option(help="How long that lasts, on average.")] = 3.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME:WHAT@SECONDS[+SECONDS][=VALUE]: what befalls an aircraft, when after its "
            "power-up, for how long, as uav-1:gps_denied@90+20 or uav-1:battery_sag@60=0.2; "
            f"WHAT is one of {', '.join(VehicleFaultKind)}. Repeat it."
        ),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Folder for the true poses, which telemetry never tells.")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="Fly this day and check what must hold: a YAML file, a folder of them, a shipped "
            "day, or all; repeat it."
        ),
    ] = None,
    further: Annotated[
        list[str] | None,
        typer.Argument(help="Further scenarios, as --scenario days/*.yaml gives them."),
    ] = None,
    list_scenarios: Annotated[bool, typer.Option(help="List the shipped days.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Folder to keep a scenario's truth and records in.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Simulate aircraft until Ctrl-C; each sends MAVLink 2 to 127.0.0.1, ports 10 apart.

    With --scenario whole days are flown, as fast as the machine can, by `patrol fly`'s own client,
    and judged against the truth; the exit code is 0 when all held.
    """
    if list_scenarios:
        show_shipped(as_json=as_json)
        return
    if scenario or further:
        if not scenario:
            raise UsageError(f"Write --scenario before {(further or [''])[0]}.")
        if not fly_scenarios([*scenario, *(further or [])], keep, as_json=as_json):
            raise typer.Exit(1)
        return
    key = None if signing_key is None else read_signing_key(signing_key)
    owned = tuple(
        replace(
            vehicle,
            alt_amsl_m=altitude,
            system_id=first_system + number,
            camera_fitted=camera,
            parameters=read_parameters(parameter or []),
            signing_key=key,
        )
        for number, vehicle in enumerate(_vehicles(plan, home or []))
    )
    vehicles = with_faults(owned, fault or [])
    _refuse_far_ports(max(port, tcp_port), len(vehicles))
    settings = SimulatorSettings(
        vehicles=vehicles,
        world=World(
            seed=seed,
            personality=Personality.PX4 if px4 else Personality.ARDUPILOT,
            wind_east_mps=wind_east,
            wind_north_mps=wind_north,
            gust_mps=gust,
            boot_age_s=boot_age,
        ),
        speedup=speedup,
        base_port=port,
        tcp_base_port=tcp_port or None,
        truth_folder=truth,
        faults=LinkFaults(
            loss_fraction=loss,
            duplicate_fraction=duplicate,
            reorder_fraction=reorder,
            corrupt_fraction=corrupt,
            delay_s=delay,
            jitter_s=jitter,
            lost_final_acks=lose_acks,
            outage_fraction=away,
            outage_mean_s=away_for,
        ),
    )
    addresses = {
        vehicle.name: f"udpin:127.0.0.1:{port + PORT_STEP * n}"
        for n, vehicle in enumerate(settings.vehicles)
    }
    if as_json:
        print_json({"simulating": addresses})
    else:
        for name, address in addresses.items():
            terminal().print(f"{name}: fly it with --vehicle {address}", markup=False)
        terminal().print("Ctrl-C ends the simulation.")
    asyncio.run(_until_stopped(settings))


async def _until_stopped(settings: SimulatorSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run_simulator(settings, stop)


def _refuse_far_ports(first: int, count: int) -> None:
    last = first + PORT_STEP * (count - 1)
    if last > LAST_PORT:
        raise UsageError(
            f"{count} aircraft from port {first} on reach port {last}, and there are "
            f"{LAST_PORT}: begin lower."
        )


def _vehicles(plan: Path | None, homes: list[str]) -> tuple[VehicleSettings, ...]:
    if (plan is None) == (not homes):
        raise UsageError("Say where the aircraft stand: --plan FILE, or --home LON,LAT.")
    if plan is not None:
        stands = [(mission.vehicle_name, mission.home) for mission in read_plan(plan).missions]
    else:
        stands = [(f"uav-{n}", parse_place(text)) for n, text in enumerate(homes, start=1)]
    return tuple(VehicleSettings(name, place.lon_deg, place.lat_deg) for name, place in stands)


def parse_place(text: str) -> LonLat:
    """Read `LON,LAT` in degrees.

    Raises:
        UsageError: the text has another form.
        InvalidGeometryError: there is no such place.
    """
    try:
        lon_deg, lat_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"{text!r} is no place: write longitude,latitude in degrees, as in 115.62,33.16."
        ) from None
    return LonLat(lon_deg, lat_deg)
