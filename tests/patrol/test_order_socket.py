"""Orders cross from one process to the flight in another."""

import asyncio
import json
import socket
import stat
from pathlib import Path

from flight.errors import CommandRefusedError
from flight.orders import Order, OrderDesk
from patrol.order_socket import give_order, orders_taken


async def answered(order: Order) -> str:
    """Do as told, but never land."""
    if order is Order.LAND:
        raise CommandRefusedError("heron does not land.")
    return f"{order.value} done"


def asked(*orders: Order) -> list[tuple[bool, str]]:
    """Give orders to a flight and return its answers."""

    async def run() -> list[tuple[bool, str]]:
        desk = OrderDesk()
        desk.attend(answered)
        async with orders_taken(desk) as path:
            assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700
            return [await asyncio.to_thread(give_order, path, order) for order in orders]

    return asyncio.run(run())


def test_what_was_done_and_what_was_refused_come_back_in_words() -> None:
    """The flight's own sentence."""
    assert asked(Order.PAUSE, Order.LAND) == [
        (True, "pause done"),
        (False, "heron does not land."),
    ]


def test_a_flight_that_has_ended_gives_no_answer() -> None:
    """Then the operator is told to look."""

    async def run() -> str:
        async with orders_taken(OrderDesk()) as path:
            pass
        return path

    done, text = give_order(asyncio.run(run()), Order.RETURN)
    assert not done
    assert "no answer to 'return'" in text


def test_junk_is_no_order() -> None:
    """And does not end the flight's ear."""

    async def run() -> list[object]:
        desk = OrderDesk()
        desk.attend(answered)
        async with orders_taken(desk) as path:
            return [await asyncio.to_thread(_say, path, line) for line in (b"\xff\n", b'"x"\n')]

    assert [json.loads(str(answer))["done"] for answer in asyncio.run(run())] == [False, False]


def _say(path: str, line: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as talk:
        talk.connect(path)
        talk.sendall(line)
        return talk.makefile().readline()
