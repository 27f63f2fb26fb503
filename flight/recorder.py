"""The record of a flight: a tlog for ground stations and a flight log for everybody else.

``<name>.tlog`` holds every packet behind its time (8 bytes, microseconds since 1970, big-endian).
``<name>.flight.jsonl`` holds one JSON object per line: a header, then one pose per sample.
``<name>.progress.json`` holds, while a flight lasts, what whoever takes it up must know. A full or
slow disk never stops the flight: a thread of its own writes, and what could not be written is
counted.
"""

import contextlib
import errno
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from flight.flight_log import (
    LOG_FORMAT,
    LOG_VERSION,
    FlightLog,
    PoseSample,
    read_flight_log,
)
from flight.record_writer import RecordWriter, Writer
from flight.states import VehicleState

__all__ = ["FlightLog", "FlightRecorder", "PoseSample", "read_flight_log"]

# Late packets are late by less.
_REBOOTED_S = 5.0


class FlightRecorder:
    """Writes one flight to disk, as it happens.

    When the autopilot reboots, the flight log goes on in a file of its own, `<name>-boot2` and so
    on, and `flight_log_path` names the newest.

    Args:
        folder: Where the files go; made if missing.
        name: Stem of the file names; an existing record of that name is not overwritten but
            continued under ``<name>-2``, ``<name>-3`` and so on.
        about: Facts for the header, such as the vehicle's name and the camera.
        utc_now: The wall clock.
        writer: Who writes; by default a thread of its own.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        about: Mapping[str, object] | None = None,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
        writer: Writer | None = None,
    ) -> None:
        self._utc_now = utc_now
        self._about = dict(about or {})
        self._started = False
        self._boots = 1
        self._early_notes: list[dict[str, object]] = []
        self._last_time_boot_s: float | None = None
        self.write_errors = 0
        self.samples_written = 0
        self.last_error = ""
        stem = _free_stem(folder, name)
        self.tlog_path = folder / f"{stem}.tlog"
        self.flight_log_path = folder / f"{stem}.flight.jsonl"
        # Of the name, not of the record: whoever takes the flight up writes another record.
        self._progress_path = folder / f"{name}.progress.json"
        self._tlog = self._open(self.tlog_path)
        self._log = self._open(self.flight_log_path)
        self._writer: Writer = writer or RecordWriter(f"record of {name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def frame(self, packet: bytes) -> None:
        """Record one packet of the connection, received or sent."""
        now_us = int(self._utc_now().timestamp() * 1_000_000)
        data = struct.pack(">Q", now_us) + packet
        self._later(lambda: self._write(self._tlog, data))

    def sample(self, state: VehicleState) -> None:
        """Record the pose in a snapshot; the same moment is recorded once."""
        pose = PoseSample.of(state)
        # On a bad radio packets come twice.
        if pose is None or pose.time_boot_s == self._last_time_boot_s:
            return
        last_s = self._last_time_boot_s
        if last_s is not None and pose.time_boot_s < last_s - _REBOOTED_S:
            self._begin_anew()
        if not self._started:
            self._start(pose.time_boot_s)
        self._last_time_boot_s = pose.time_boot_s
        row = asdict(pose) | {"mode": state.mode, "armed": state.armed}
        self._write_line(row | {"mission_item": state.mission_item}, samples=1)

    def note(self, time_boot_s: float, text: str) -> None:
        """Record something that happened, in words; before the first pose it waits for that."""
        row = {"time_boot_s": time_boot_s, "note": text}
        if self._started:
            self._write_line(row)
        else:
            self._early_notes.append(row)

    def keep_progress(self, data: bytes) -> None:
        """Keep what somebody must know who takes the flight up again; replaces what was kept."""
        self._later(lambda: self._replace(self._progress_path, data))

    def kept_progress(self) -> bytes:
        """Return what an earlier record of this name kept last; empty if that flight ended."""
        try:
            return self._progress_path.read_bytes()
        except OSError:
            return b""

    def forget_progress(self) -> None:
        """The flight has ended; there is nothing to take up."""
        self._later(lambda: self._remove(self._progress_path))

    def flush(self) -> None:
        """Bring what was recorded to where other programs see it, unless the disk is too slow."""
        self._writer.flush()

    def close(self) -> None:
        """End the record; a second call does nothing."""
        # A flight that failed before its first pose has a story, too.
        if not self._started and self._early_notes:
            self._start(0.0)
        if not self._writer.close():
            self._count(OSError(errno.EIO, "the disk is too slow; the end of the record is lost"))
            return  # its files are in the thread's hands still
        files, self._tlog, self._log = (self._tlog, self._log), None, None
        for file in files:
            try:
                if file is not None:
                    file.close()
            except OSError as error:
                self._count(error)

    def _begin_anew(self) -> None:
        """After a reboot another clock runs, and one log has one clock; the tlog goes on."""
        self._boots += 1
        name = f"{self.tlog_path.stem}-boot{self._boots}.flight.jsonl"
        self.flight_log_path = path = self.tlog_path.with_name(name)
        self._started = False
        self._later(lambda: self._reopen(path))

    def _reopen(self, path: Path) -> None:
        try:
            if self._log is not None:
                self._log.close()
        except OSError as error:
            self._count(error)
        self._log = self._open(path)

    def _start(self, time_boot_s: float) -> None:
        self._started = True
        header = {"format": LOG_FORMAT, "version": LOG_VERSION}
        base = {"start_utc": self._utc_now().isoformat(), "start_time_boot_s": time_boot_s}
        self._write_line(header | base | self._about)
        for row in self._early_notes:
            self._write_line(row)
        self._early_notes.clear()

    def _write_line(self, row: Mapping[str, object], *, samples: int = 0) -> None:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
        data = line.encode()

        def write() -> None:
            if self._write(self._log, data):
                self.samples_written += samples

        self._later(write)

    def _later(self, work: Callable[[], object]) -> None:
        if not self._writer.put(work):
            self._count(OSError(errno.EAGAIN, "the disk is too slow, or the record has ended"))

    def _write(self, file: BinaryIO | None, data: bytes) -> bool:
        if file is None:
            self.write_errors += 1
            return False
        try:
            start = file.tell()
            if file.write(data) == len(data):
                return True
            file.truncate(start)  # the disk took a part: half a packet is worse than none
            file.seek(start)
        except OSError as error:
            self._count(error)
            return False
        self._count(OSError(errno.ENOSPC, "the disk took only a part"))
        return False

    def _open(self, path: Path) -> BinaryIO | None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: a line is there for followers at once, and a failed write is told at
            # once and leaves nothing behind to fail again when the file is closed.
            return path.open("xb", buffering=0)
        except OSError as error:
            self._count(error)
            return None

    def _replace(self, path: Path, data: bytes) -> None:
        new = path.with_suffix(".new")
        try:
            new.write_bytes(data)
            new.replace(path)
        except OSError as error:
            self._count(error)
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._count(error)

    def _count(self, error: OSError) -> None:
        self.write_errors += 1
        self.last_error = str(error)


def _free_stem(folder: Path, name: str) -> str:
    stem, number = name, 1
    while (folder / f"{stem}.tlog").exists() or (folder / f"{stem}.flight.jsonl").exists():
        number += 1
        stem = f"{name}-{number}"
    return stem
