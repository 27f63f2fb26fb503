"""Settings for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from benchmarks.local_postgres import FLEETING, LocalPostgres, running_postgres
from benchmarks.result import BenchmarkUnavailableError

# An example may take as long as it takes: a busy machine is not a broken law.
settings.register_profile("unhurried", deadline=None)
# What lands is judged by the same examples each time; at the desk new ones are tried every run.
settings.register_profile("landing", deadline=None, derandomize=True)
settings.load_profile("landing" if os.environ.get("CI") else "unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the contract suite fly a real autopilot, and the event API's tests use PostgreSQL."""
    group = parser.getgroup("sitl", "a real ArduPilot or PX4, see docs/sitl.md")
    group.addoption(
        "--vehicle", help="its address, as tcp:127.0.0.1:5760; our simulator if not given"
    )
    group.addoption("--speedup", type=float, default=1.0, help="its speed against real time")
    databases = parser.getgroup("databases", "what the event API keeps its events in")
    databases.addoption(
        "--all-on-postgresql", action="store_true", help="run every test of it on PostgreSQL"
    )


# Servers, cameras and aircraft of their own, over sockets, on a machine that has other work.
ON_THE_WALL_CLOCK = (
    "benchmarks",
    "events_api",
    "flight",
    "patrol",
    "sitl",
    "system",
    "vision",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what fails on the wall clock once more; pure logic has one try.

    The summary names each test that was run again.
    """
    tests = Path(__file__).parent
    for item in items:
        if item.path.relative_to(tests).parts[0] in ON_THE_WALL_CLOCK:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_configure(config: pytest.Config) -> None:
    """Name the contract suite."""
    config.addinivalue_line("markers", "sitl: the contract with autopilots, simulated or real")


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server of the run's own, which forgets all if the machine crashes."""
    try:
        with running_postgres(FLEETING) as server:
            yield server
    except BenchmarkUnavailableError as error:
        pytest.skip(str(error))
