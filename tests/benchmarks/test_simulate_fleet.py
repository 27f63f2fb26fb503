"""What is measured about many simulated aircraft is many aircraft that fly and tell."""

import asyncio

import pytest

from benchmarks.registry import BENCHMARKS
from benchmarks.simulate_fleet import BENCHMARK, measure
from flight.simulator.virtual_loop import VirtualLoop


def test_all_aircraft_fly_and_tell_while_they_are_measured() -> None:
    """Two aircraft for two seconds; each tells what a client asks for, fifty packets a second."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        flown_s, took_s, sent = runner.run(measure(2, 2.0))
    assert flown_s == 4.0
    assert took_s > 0
    assert sent / flown_s == pytest.approx(50.5, abs=3)


def test_it_can_be_run_by_its_name() -> None:
    """It stands in the list of all benchmarks."""
    assert BENCHMARK in BENCHMARKS
