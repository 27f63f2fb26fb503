"""Loss is counted from packet numbers; late and doubled packets are none."""

import pytest

from flight.mavlink.link_quality import LinkQuality
from flight.mavlink.protocol.messages import Message


def loss(numbers: list[int], start: int = 0xFD) -> float | None:
    """Return the loss after packets of these numbers, of MAVLink 2 unless said otherwise."""
    quality = LinkQuality()
    for number in numbers:
        frame = bytes([start, 0, 0, 0, number % 256, 0, 0, 0, 0, 0])
        if start == 0xFE:
            frame = bytes([start, 0, number % 256, 0, 0, 0])
        quality.receive(Message("HEARTBEAT", {}, 1, 1, frame))
    return quality.loss_fraction


def test_one_packet_says_nothing() -> None:
    """There is no share of one."""
    assert loss([7]) is None


@pytest.mark.parametrize("start", [0xFD, 0xFE])
def test_all_packets_are_no_loss(start: int) -> None:
    """Also where the numbers begin again."""
    assert loss(list(range(1000)), start) == pytest.approx(0.0)


def test_missing_packets_are_lost() -> None:
    """Every tenth one."""
    assert loss([n for n in range(2000) if n % 10]) == pytest.approx(0.1, abs=0.01)


def test_late_and_doubled_packets_are_not() -> None:
    """The same packets by two ways."""
    doubled = [n for number in range(600) for n in (number, number)]
    swapped = [n ^ 1 for n in range(600)]
    assert loss(doubled) == pytest.approx(0.0)
    assert loss(swapped) == pytest.approx(0.0, abs=0.01)


def test_an_old_loss_is_forgotten() -> None:
    """What counts is how the link is now."""
    assert loss([*range(0, 200, 4), *range(200, 2200)]) == pytest.approx(0.0, abs=0.03)
