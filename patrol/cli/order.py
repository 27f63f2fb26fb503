"""`patrol order`: tell a flight that is under way to pause, resume, skip, return or land."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from flight.orders import Order
from patrol.cli.console import notices, print_json, terminal
from patrol.errors import UsageError
from patrol.in_flight import FlightUnderWay, flights_under_way
from patrol.order_socket import give_order
from patrol.settings import read_settings


def order(
    what: Annotated[
        Order,
        typer.Argument(help="What to do; skip-cell leaves out all that looks at the present cell."),
    ],
    aircraft: Annotated[
        list[str] | None, typer.Argument(help="Which aircraft; all that fly if none is named.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Give an order to a flight of `patrol fly`, from another terminal, and wait until it shows."""
    settings = read_settings(os.environ, Path.home())
    flights = _chosen(flights_under_way(settings.in_flight_folder), aircraft or [])
    failed = False
    with ThreadPoolExecutor(len(flights)) as pool:  # nobody waits for another one's obedience
        answers = list(pool.map(lambda flight: give_order(flight.orders, what), flights))
    for flight, (done, text) in zip(flights, answers, strict=True):
        failed |= not done
        if as_json:
            print_json({"vehicle": flight.vehicle, "order": what.value, "done": done, "text": text})
        elif done:
            terminal().print(text, markup=False, soft_wrap=True)
        else:
            notices().print(text, markup=False, style="red", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _chosen(flights: tuple[FlightUnderWay, ...], names: list[str]) -> tuple[FlightUnderWay, ...]:
    if not flights:
        raise UsageError(
            "No flight is under way on this machine, so there is nobody to give orders to. "
            "`patrol fly` begins one; an aircraft that flies on after that was ended is taken up "
            "again by the same `patrol fly PLAN`."
        )
    flying = ", ".join(flight.vehicle for flight in flights)
    unknown = [name for name in names if name not in {flight.vehicle for flight in flights}]
    if unknown:
        raise UsageError(f"{', '.join(unknown)} is not in flight here; these are: {flying}.")
    return tuple(flight for flight in flights if not names or flight.vehicle in names)
