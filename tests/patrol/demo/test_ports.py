"""Ports for what runs beside each other."""

import contextlib
import socket

import pytest

from patrol.demo.ports import free_port


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_free_port_can_be_opened_and_those_that_follow_it(kind: socket.SocketKind) -> None:
    """All of them at once."""
    first = free_port(kind, count=5, step=10)
    with contextlib.ExitStack() as opened:
        for number in range(5):
            opened.enter_context(socket.socket(socket.AF_INET, kind)).bind(
                ("127.0.0.1", first + 10 * number)
            )


def test_no_port_is_one_that_systems_give_away() -> None:
    """Such a one could be gone before it is opened."""
    assert all(free_port(socket.SOCK_DGRAM, count=3) + 20 < 32_768 for _ in range(50))
