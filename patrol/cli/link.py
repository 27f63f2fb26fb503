"""`patrol link`: whom an aircraft believes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from flight.errors import LinkError
from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import BaseMode
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.signing import Signing, read_signing_key, write_signing_key
from flight.mavlink.station import Station
from patrol.cli.console import terminal

app = typer.Typer(help="Set up or take off signing on an aircraft.", no_args_is_help=True)

Address = Annotated[
    str,
    typer.Argument(help="Where the aircraft is: serial:/dev/ttyACM0:115200, udpin:0.0.0.0:14550."),
]
System = Annotated[
    int | None, typer.Option(min=1, max=255, help="Its system id, where several answer there.")
]
Wait = Annotated[float, typer.Option(min=0.1, max=600, help="Seconds to look for it.")]


@app.command()
def sign(
    address: Address,
    key: Annotated[
        Path,
        typer.Option(
            help="File with the key; where there is none it is made by chance, for its owner only."
        ),
    ],
    present_key: Annotated[
        Path | None, typer.Option(help="File with the key that the aircraft has now, if it has.")
    ] = None,
    system: System = None,
    wait: Wait = 10.0,
) -> None:
    """Give an aircraft a signing key. From then on it believes only who signs with it.

    The key travels in clear: do this over a cable, on the ground. Fly with --signing-key then.
    """
    present = None if present_key is None else Signing(read_signing_key(present_key))
    known = read_signing_key(key) if key.exists() else None

    async def give() -> int:
        async with _met(address, present, system, wait) as (station, number):
            # Made only now: a key that no aircraft has would be left behind otherwise.
            await station.set_up_signing(Signing(known or write_signing_key(key)))
            return number

    number = asyncio.run(give())
    terminal().print(f"aircraft {number} signs, and believes only who has {key}")
    if known is None:
        terminal().print("This key was made now; keep a copy where only you can read it.")


@app.command()
def unsign(
    address: Address,
    key: Annotated[Path, typer.Option(help="File with the key that the aircraft has now.")],
    system: System = None,
    wait: Wait = 10.0,
) -> None:
    """Have an aircraft forget its signing key. From then on it believes everybody."""
    signing = Signing(read_signing_key(key))

    async def take() -> int:
        async with _met(address, signing, system, wait) as (station, number):
            await station.take_off_signing()
            return number

    number = asyncio.run(take())
    terminal().print(f"aircraft {number} signs no more, and believes everybody")


@asynccontextmanager
async def _met(
    address: str, signing: Signing | None, system: int | None, wait_s: float
) -> AsyncIterator[tuple[Station, int]]:
    """Connect to an aircraft that stands with its motors off; yield our station and its id."""
    station = Station(MavlinkLink(parse_address(address), Identity(), signing))
    await station.open()
    try:
        heartbeat = await station.find_autopilot(wait_s, system)
        if heartbeat["base_mode"] & BaseMode.SAFETY_ARMED:
            raise LinkError(
                f"The motors of aircraft {heartbeat.system} run; whom it believes is changed on "
                "the ground, with motors off."
            )
        yield station, heartbeat.system
    finally:
        await station.close()
