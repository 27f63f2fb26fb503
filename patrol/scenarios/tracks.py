"""What really was flown, from the truth log, and what was recorded of it."""

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flight.flight_log import read_flight_log
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity
from flight.simulator.flat_earth import FlatEarth

FloatArray = NDArray[np.float64]

_AIRBORNE_M = 1.0
_LOG_ENDING = re.compile(r"(-boot\d+)?\.flight\.jsonl$")
_STAMP = struct.Struct(">Q")


@dataclass(frozen=True)
class Track:
    """Where an aircraft truly was.

    Attributes:
        times_s: float64, (N,), its clock; a reboot sets it back.
        places_m: float64, (N, 3), north and east of the day's place, height above the ground.
    """

    times_s: FloatArray
    places_m: FloatArray

    @property
    def airborne(self) -> NDArray[np.bool_]:
        """bool, (N,), whether it was off the ground by more than a metre."""
        flying: NDArray[np.bool_] = self.places_m[:, 2] > _AIRBORNE_M
        return flying

    def during(self, other: "Track") -> "Track":
        """Return the part from another track's beginning to its end, by the same clock."""
        part = (self.times_s >= other.times_s[0]) & (self.times_s <= other.times_s[-1])
        return Track(self.times_s[part], self.places_m[part])

    def farthest_m(self, truth: "Track") -> float:
        """Return how far it is off the truth at most, over ground or in height."""
        columns = [np.interp(self.times_s, truth.times_s, truth.places_m[:, i]) for i in range(3)]
        off_m = self.places_m - np.transpose(columns)
        level_m = np.hypot(off_m[:, 0], off_m[:, 1])
        return float(max(level_m.max(), np.abs(off_m[:, 2]).max()))

    def boots(self) -> "Iterator[Track]":
        """Yield the parts between reboots, within each of which time rises."""
        cuts = np.flatnonzero(np.diff(self.times_s) < 0) + 1
        for part in np.split(np.arange(len(self.times_s)), cuts):
            yield Track(self.times_s[part], self.places_m[part])

    def flights(self) -> "Iterator[Track]":
        """Yield the stretches in the air, each within one boot."""
        for boot in self.boots():
            edges = np.flatnonzero(np.diff(boot.airborne.astype(int))) + 1
            for part in np.split(np.arange(len(boot.times_s)), edges):
                if len(part) and boot.airborne[part[0]]:
                    yield Track(boot.times_s[part], boot.places_m[part])


def read_track(path: Path, earth: FlatEarth) -> Track:
    """Read a truth log that the simulator wrote."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if "end" not in row]
    places = [
        (*earth.to_local(row["lon_deg"], row["lat_deg"]), row["height_ground_m"]) for row in rows
    ]
    times = [row["time_boot_s"] for row in rows]
    return Track(np.array(times, dtype=float), np.array(places, dtype=float).reshape(-1, 3))


@dataclass(frozen=True)
class Record:
    """What the client recorded of one flight.

    Attributes:
        track: The flight log's poses; heights are above home.
        poses_not_in_tlog: How many of them came with no packet that is in the tlog.
    """

    track: Track
    poses_not_in_tlog: int


def read_records(folder: Path, vehicle_name: str, earth: FlatEarth) -> list[Record]:
    """Return what was recorded of an aircraft.

    Raises:
        FlightLogError: A log is damaged.
    """
    written: dict[Path, set[int]] = {}
    records: list[Record] = []
    for path in sorted(folder.glob("*.flight.jsonl")):
        log = read_flight_log(path)
        if log.about.get("vehicle") != vehicle_name:
            continue
        tlog = path.with_name(_LOG_ENDING.sub(".tlog", path.name))
        if tlog not in written:
            written[tlog] = positions_in_tlog(tlog)
        places = [(*earth.to_local(s.lon_deg, s.lat_deg), s.height_home_m) for s in log.samples]
        times = np.array([sample.time_boot_s for sample in log.samples], dtype=float)
        missing = sum(round(time_s * 1000) not in written[tlog] for time_s in times)
        track = Track(times, np.array(places, dtype=float).reshape(-1, 3))
        records.append(Record(track, missing))
    return records


def positions_in_tlog(path: Path) -> set[int]:
    """Return the boot times in milliseconds of all positions in a tlog."""
    data = path.read_bytes()
    codec = MavlinkCodec(Identity())
    found: set[int] = set()
    at = 0
    while at + _STAMP.size < len(data):
        at += _STAMP.size
        length = _packet_length(data, at)
        for message in codec.feed(data[at : at + length]):
            if message.name == "GLOBAL_POSITION_INT":
                found.add(int(message["time_boot_ms"]))
        at += length
    return found


def _packet_length(data: bytes, at: int) -> int:
    """The length of the MAVLink packet at a place, of either version, signed or not."""
    if data[at] == 0xFE:
        return 8 + data[at + 1]
    return 12 + data[at + 1] + (13 if data[at + 2] & 1 else 0)
