"""Orders from a second terminal: a socket that only its owner can reach, one line each way."""

import asyncio
import contextlib
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from flight.errors import FlightError
from flight.orders import Order, OrderDesk

# Longer than any order takes to be obeyed or given up.
_ANSWER_WITHIN_S = 60.0
_LONGEST_LINE = 4096


@contextlib.asynccontextmanager
async def orders_taken(desk: OrderDesk) -> AsyncIterator[str]:
    """Take orders for one flight while the context lasts; gives the socket's path.

    The socket lies in a folder of its own that is closed to others, with a short path, as sockets
    need.
    """
    folder = tempfile.mkdtemp(prefix="gridpatrol-")
    path = str(Path(folder) / "orders")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            answer = await _answer(desk, await reader.readline())
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, path, limit=_LONGEST_LINE)
    try:
        yield path
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _answer(desk: OrderDesk, line: bytes) -> dict[str, object]:
    try:
        order = Order(json.loads(line)["order"])
    except (ValueError, KeyError, TypeError):
        return {"done": False, "text": "That is no order."}
    try:
        return {"done": True, "text": await desk.give(order)}
    except FlightError as error:
        return {"done": False, "text": str(error)}


def give_order(path: str, order: Order) -> tuple[bool, str]:
    """Hand an order in and wait for what telemetry shows.

    Args:
        path: Of the flight's socket.
        order: What is asked.

    Returns:
        Whether it is done, and the story in words.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_ANSWER_WITHIN_S)
        try:
            line.connect(path)
            line.sendall(json.dumps({"order": order.value}).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = json.loads(answers.readline(_LONGEST_LINE))
            return bool(answer["done"]), str(answer["text"])
        except (OSError, ValueError, KeyError) as error:
            return False, (
                f"The flight gave no answer to {order.value!r} ({error}); it may have just ended. "
                "Look at its own terminal, and keep the radio at hand."
            )
