"""Ports for what runs beside each other on one machine."""

import contextlib
import random
import socket

# Below what systems give to whoever asks for any port (32768 on Linux, 49152 elsewhere): one of
# those may go to somebody else before it is opened.
_FIRST, _LAST = 12_000, 32_000


def free_port(kind: socket.SocketKind, *, count: int = 1, step: int = 10) -> int:
    """Return a port of 127.0.0.1 that nothing listens on now.

    Args:
        kind: Of the socket that will be opened there.
        count: How many ports must be free.
        step: How far they are apart.
    """
    chance = random.SystemRandom()
    while True:
        first = chance.randrange(_FIRST, _LAST - count * step)
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for port in range(first, first + count * step, step):
                probe = probes.enter_context(socket.socket(socket.AF_INET, kind))
                probe.bind(("127.0.0.1", port))
            return first
