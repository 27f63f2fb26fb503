"""What a bad radio does to packets."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.errors import SimulatorError
from flight.simulator.faults import FaultyLink, Outages
from flight.simulator.settings import LinkFaults

PACKETS = [index.to_bytes(2, "big") + b"payload" for index in range(2000)]
FOREVER_S = 1e9


def sent_through(faults: LinkFaults, seed: int = 1, apart_s: float = 0.02) -> list[bytes]:
    """Send all packets and return what arrives, in order."""
    link = FaultyLink(faults, random.Random(seed))
    for index, packet in enumerate(PACKETS):
        link.send(packet, index * apart_s)
    return link.receive(FOREVER_S)


def test_good_link_changes_nothing() -> None:
    """Everything arrives once and in order, and the link knows that it is perfect."""
    assert sent_through(LinkFaults()) == PACKETS
    assert FaultyLink(LinkFaults(), random.Random(1)).perfect


def test_loss_takes_its_fraction() -> None:
    """Ten per cent of two thousand."""
    arrived = sent_through(LinkFaults(loss_fraction=0.1))
    assert len(arrived) == pytest.approx(1800, abs=60)
    assert sorted(set(arrived)) == arrived


def test_duplicates_add_their_fraction() -> None:
    """Each copy follows its original."""
    arrived = sent_through(LinkFaults(duplicate_fraction=0.1))
    assert len(arrived) == pytest.approx(2200, abs=60)
    assert sorted(arrived) == arrived


def test_everything_can_be_duplicated() -> None:
    """A fraction of one doubles all."""
    doubled = [packet for packet in PACKETS for _ in range(2)]
    assert sent_through(LinkFaults(duplicate_fraction=1)) == doubled


def test_reordering_lets_packets_overtake() -> None:
    """Nothing is lost, some come late."""
    arrived = sent_through(LinkFaults(reorder_fraction=0.1))
    assert arrived != PACKETS
    assert sorted(arrived) == PACKETS


def test_corruption_flips_one_bit() -> None:
    """Of the fraction asked for."""
    arrived = sent_through(LinkFaults(corrupt_fraction=0.1))
    damaged = [(a, b) for a, b in zip(PACKETS, arrived, strict=True) if a != b]
    assert len(damaged) == pytest.approx(200, abs=50)
    flips = {sum((x ^ y).bit_count() for x, y in zip(a, b, strict=True)) for a, b in damaged}
    assert flips == {1}


def test_delay_and_jitter_hold_packets_back() -> None:
    """Nothing before the delay, everything after delay and jitter, in order."""
    link = FaultyLink(LinkFaults(delay_s=0.05, jitter_s=0.015), random.Random(1))
    link.send(b"a", 10.0)
    link.send(b"b", 10.0)
    assert link.receive(10.049) == []
    assert link.receive(10.0651) == [b"a", b"b"]


def test_final_acks_are_lost_as_often_as_asked() -> None:
    """The first two vanish, the third arrives."""
    link = FaultyLink(LinkFaults(lost_final_acks=2), random.Random(1))
    for packet in (b"1", b"2", b"3"):
        link.send(packet, 0.0, final_ack=True)
    link.send(b"other", 0.0)
    assert link.receive(1) == [b"3", b"other"]


@given(
    st.builds(
        LinkFaults,
        loss_fraction=st.floats(0, 1),
        duplicate_fraction=st.floats(0, 1),
        reorder_fraction=st.floats(0, 1),
        corrupt_fraction=st.floats(0, 1),
        delay_s=st.floats(0, 1),
        jitter_s=st.floats(0, 1),
    ),
    st.integers(0, 1000),
)
def test_same_seed_same_day(faults: LinkFaults, seed: int) -> None:
    """Chance comes from the generator only, and no packet is invented."""

    def day() -> list[bytes]:
        link = FaultyLink(faults, random.Random(seed))
        for index, packet in enumerate(PACKETS[:50]):
            link.send(packet, index * 0.02)
        return link.receive(FOREVER_S)

    arrived = day()
    assert arrived == day()
    assert len(arrived) <= 100


@pytest.mark.parametrize(
    "wrong", [{"loss_fraction": 1.1}, {"delay_s": -1}, {"lost_final_acks": -1}]
)
def test_impossible_faults_are_refused(wrong: dict[str, float]) -> None:
    """Fractions lie between 0 and 1, the rest is not negative."""
    with pytest.raises(SimulatorError):
        LinkFaults(**wrong)  # type: ignore[arg-type]


def share_away(outages: Outages, last_s: float) -> float:
    """Return the share of the time in which the link was away."""
    looks = [outages.is_away(0.1 * index) for index in range(round(last_s * 10))]
    return sum(looks) / len(looks)


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.7])
def test_an_outage_takes_its_share_of_the_time_in_pieces(fraction: float) -> None:
    """Over hours, the share is the stated one, and the pieces last as long as stated."""
    faults = LinkFaults(outage_fraction=fraction, outage_mean_s=3.0)
    assert share_away(Outages(faults, random.Random(1)), 20_000) == pytest.approx(
        fraction, abs=0.02
    )
    outages = Outages(faults, random.Random(2))
    looks = [outages.is_away(0.1 * index) for index in range(200_000)]
    begun = sum(late and not early for early, late in itertools.pairwise(looks))
    assert 0.1 * sum(looks) / begun == pytest.approx(3.0, rel=0.1)


def test_nothing_comes_through_a_blackout_and_all_before_and_after() -> None:
    """Both ways, as both directions share their outages."""
    faults = LinkFaults(blackouts=((10.0, 20.0),))
    outages = Outages(faults, random.Random(1))
    down, up = (FaultyLink(faults, random.Random(1), outages) for _ in range(2))
    for link in (down, up):
        for index, packet in enumerate(PACKETS):
            link.send(packet, index * 0.02)
        assert link.receive(FOREVER_S) == PACKETS[:500] + PACKETS[1000:]


@pytest.mark.parametrize(
    "wrong",
    [
        {"outage_fraction": 1.0},
        {"outage_mean_s": 0.0},
        {"blackouts": ((5.0, 5.0),)},
        {"blackouts": ((-1.0, 5.0),)},
    ],
)
def test_outages_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    """In a sentence, before anything flies."""
    with pytest.raises(SimulatorError):
        LinkFaults(**wrong)
