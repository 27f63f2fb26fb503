"""Patience that follows the link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.mavlink.protocol.exchange import RoundTrip


def test_patience_learns_the_round_trip() -> None:
    """A steady link is waited for a little longer than its round trip."""
    round_trip = RoundTrip()
    for _ in range(50):
        round_trip.measured(0.4)
    assert 0.4 < round_trip.patience_s(0) < 0.6
    assert round_trip.smoothed_s == pytest.approx(0.4)


def test_a_quick_link_is_not_hurried() -> None:
    """Below the floor our own machine is the slow one."""
    round_trip = RoundTrip(floor_s=0.06)
    for _ in range(50):
        round_trip.measured(0.001)
    assert round_trip.patience_s(0) == 0.06


@given(samples=st.lists(st.floats(0.001, 10.0), max_size=30), attempt=st.integers(0, 50))
def test_patience_grows_with_each_attempt_and_has_a_ceiling(
    samples: list[float], attempt: int
) -> None:
    """Repetitions back off, up to three seconds or the round trip itself."""
    round_trip = RoundTrip()
    for sample_s in samples:
        round_trip.measured(sample_s)
    patience_s = round_trip.patience_s(attempt)
    assert round_trip.patience_s(0) <= patience_s <= max(3.0, round_trip.patience_s(0))
