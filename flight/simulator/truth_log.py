"""The truth of one flight as JSON lines, to be followed by a virtual camera while it grows."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flight.simulator.errors import SimulatorError
from flight.simulator.vehicle import Truth

#: 25 lines a second: every other internal step.
_PERIOD_S = 0.04
_DIGITS = {"lon_deg": 9, "lat_deg": 9, "time_boot_s": 3}


class TruthLog:
    """Writes a line every 40 ms of simulated time; the last line is `{"end": true}`.

    Args:
        path: The file, replaced if it exists.

    Raises:
        SimulatorError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next_s = 0.0
        self._lines: list[str] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            raise SimulatorError(
                f"The truth log {path} cannot be written: {error.strerror}. Choose another folder."
            ) from error

    def is_due(self, now_s: float) -> bool:
        """Tell whether the next line is to be written; a reboot's earlier time counts as due."""
        return now_s >= self._next_s - 1e-9 or now_s < self._next_s - 1.0

    def write(self, truth: Truth) -> None:
        """Write a line, buffered until the next flush."""
        line: dict[str, Any] = {
            name: round(value, _DIGITS.get(name, 4)) for name, value in asdict(truth).items()
        }
        self._next_s = truth.time_boot_s + _PERIOD_S
        self._lines.append(json.dumps(line, separators=(",", ":")))

    def flush(self) -> None:
        """Let other processes see what was written, in whole lines.

        Raises:
            SimulatorError: The disk is full.
        """
        if not self._lines:
            return
        try:
            self._file.write("\n".join([*self._lines, ""]))
            self._file.flush()
        except OSError as error:
            raise SimulatorError(
                f"The truth log {self._path} broke off: {error.strerror}."
            ) from error
        finally:
            self._lines.clear()

    def close(self) -> None:
        """Write the last line and close the file.

        Raises:
            SimulatorError: The disk is full.
        """
        if not self._file.closed:
            self._lines.append('{"end": true}')
            try:
                self.flush()
            finally:
                self._file.close()
