"""Uploads over a slow link, by the simulated clock."""

import pytest

from benchmarks.upload_latency import took_s
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.transfers import TransferSettings


def test_one_by_one_takes_the_round_trips_that_the_protocol_needs() -> None:
    """A list of twenty needs twenty-one, each a little longer by the aircraft's own step."""
    assert took_s(TransferSettings(), items=20, delay_s=0.2) == pytest.approx(21 * 0.4, rel=0.15)


def test_bursts_take_a_few() -> None:
    """0, 4, 12 are asked for, and the end is acknowledged."""
    assert took_s(ArduPilot.transfers, items=20, delay_s=0.2) == pytest.approx(4 * 0.4, rel=0.15)
