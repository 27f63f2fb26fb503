"""How much processor time other processes have used: what a busy machine does not lengthen."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from benchmarks.result import BenchmarkUnavailableError

PROC = Path("/proc")
NANOSECONDS_PER_MS = 1e6
TICKS = os.sysconf("SC_CLK_TCK")


def used_ms(pid: int) -> float:
    """Return the processor time that a process's living threads have used, in milliseconds.

    Raises:
        BenchmarkUnavailableError: This machine does not tell.
    """
    used_ns = 0
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                used_ns += int((task / "schedstat").read_text().split()[0])
    except OSError as error:
        raise BenchmarkUnavailableError(
            f"The processor time of process {pid} cannot be read ({error}); Linux tells it."
        ) from error
    return used_ns / NANOSECONDS_PER_MS


def used_with_children_ms(pid: int) -> float:
    """Return that of a process and of all that it has started and that still live."""
    found = PROC / str(pid) / "task" / str(pid) / "children"
    try:
        children = [int(each) for each in found.read_text().split()]
    except OSError:
        return 0.0  # it has just ended
    return used_ms(pid) + sum(used_with_children_ms(child) for child in children)


def used_by_all_s(pids: Iterable[int]) -> float:
    """Return the processor time of processes with their threads that have ended, in seconds.

    The system counts it in hundredths.
    """
    ticks = 0
    for pid in pids:
        fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS
