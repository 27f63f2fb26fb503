"""One lock for each aircraft: who holds it is said, and a killed owner holds nothing."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from flight.errors import AircraftBusyError
from patrol.in_flight import (
    FlightUnderWay,
    aircraft_locked,
    flights_under_way,
    hardware_locked,
)

HERON = FlightUnderWay("heron", "udpin:0.0.0.0:14550", 4711, "p-1", "2026-05-01 08:00:00", "/x")


def test_a_second_one_is_refused_with_who_holds_the_aircraft(tmp_path: Path) -> None:
    """However the same address is written."""
    again = dataclasses.replace(HERON, address="udp:0.0.0.0:14550")
    with aircraft_locked(tmp_path, HERON):
        with (
            pytest.raises(AircraftBusyError, match=r"process 4711.*plan p-1.*08:00:00"),
            aircraft_locked(tmp_path, again),
        ):
            pass
        assert flights_under_way(tmp_path) == (HERON,)


def test_another_aircraft_is_free(tmp_path: Path) -> None:
    """A lock is for one address."""
    crane = dataclasses.replace(HERON, vehicle="crane", address="udpin:0.0.0.0:14560")
    with aircraft_locked(tmp_path, HERON), aircraft_locked(tmp_path, crane):
        assert [f.vehicle for f in flights_under_way(tmp_path)] == ["crane", "heron"]


def test_one_aircraft_by_two_addresses_is_refused(tmp_path: Path) -> None:
    """The board is the same, whatever link leads to it; and it is one flight, not two."""
    other = dataclasses.replace(HERON, vehicle="crane", address="tcp:10.0.0.7:5760")
    with (
        aircraft_locked(tmp_path, HERON),
        hardware_locked(tmp_path, HERON, "1f-1"),
        aircraft_locked(tmp_path, other),
    ):
        with (
            pytest.raises(AircraftBusyError, match=r"process 4711 flies as heron on udpin.*two"),
            hardware_locked(tmp_path, other, "1f-1"),
        ):
            pass
        with hardware_locked(tmp_path, other, "1f-2"):
            assert [f.vehicle for f in flights_under_way(tmp_path)] == ["crane", "heron"]
    with hardware_locked(tmp_path, other, "1f-1"):
        pass


def test_a_lock_ends_with_its_flight(tmp_path: Path) -> None:
    """Its file stays, and holds nobody off."""
    with aircraft_locked(tmp_path, HERON):
        pass
    assert flights_under_way(tmp_path) == ()
    with aircraft_locked(tmp_path, HERON):
        pass


_HOLDER = """
import sys, time
from pathlib import Path
from patrol.in_flight import FlightUnderWay, aircraft_locked
flight = FlightUnderWay("heron", "udpin:0.0.0.0:14550", 1, "", "", "")
with aircraft_locked(Path(sys.argv[1]), flight):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_owner_holds_nothing(tmp_path: Path) -> None:
    """`kill -9` leaves the file behind, and the aircraft free."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(AircraftBusyError), aircraft_locked(tmp_path, HERON):
            pass
        holder.kill()
        holder.wait()
    with aircraft_locked(tmp_path, HERON):
        assert flights_under_way(tmp_path) == (HERON,)


def test_without_a_folder_nobody_flies(tmp_path: Path) -> None:
    """The first flight makes it."""
    assert flights_under_way(tmp_path / "none") == ()
