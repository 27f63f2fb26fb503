"""When each cell was last looked at, and how often it should be: what makes a cell urgent."""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from flight.formats.writing import write_text
from flight.planning.selection import urgencies
from patrol.errors import SettingsError, UsageError

_COLUMNS = ("code", "priority", "every_h")


@dataclass(frozen=True, slots=True)
class Wish:
    """How much a cell matters.

    Attributes:
        priority: A weight; 1 is usual, 0 for a cell of no interest.
        every_h: How often it should be looked at, hours.
    """

    priority: float = 1.0
    every_h: float = 24.0


def read_seen(file: Path) -> dict[str, datetime]:
    """When each cell was last looked at, by its code; empty if nothing was recorded yet.

    Raises:
        SettingsError: the file is damaged.
    """
    if not file.exists():
        return {}
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return {str(code): datetime.fromisoformat(moment) for code, moment in rows.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError(
            f"{file} is no record of seen cells ({error}). Remove it to begin anew."
        ) from error


def record_seen(file: Path, codes: Iterable[str], seen_at: datetime) -> None:
    """Add to the record that some cells were looked at.

    Raises:
        SettingsError: the record is damaged.
        PlanFileError: it cannot be written.
    """
    seen = read_seen(file)
    seen.update(dict.fromkeys(codes, seen_at.astimezone(UTC)))
    rows = {code: moment.isoformat() for code, moment in sorted(seen.items())}
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(json.dumps(rows, indent=1) + "\n", file)


def read_wishes(file: Path) -> dict[str, Wish]:
    """Priorities and intervals of cells from a CSV with the columns code, priority and every_h.

    Raises:
        UsageError: a column is missing, or a row is no wish.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}. Give a CSV in UTF-8.") from error
    missing = [name for name in _COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        raise UsageError(f"{file} needs a line of headings: {','.join(_COLUMNS)}.")
    return {row["code"]: _wish(file, number, row) for number, row in enumerate(rows, start=2)}


def _wish(file: Path, line: int, row: Mapping[str, str]) -> Wish:
    try:
        wish = Wish(float(row["priority"]), float(row["every_h"]))
    except (TypeError, ValueError):
        wish = Wish(math.nan, math.nan)
    if not (0.0 <= wish.priority < math.inf and 0.0 < wish.every_h < math.inf):
        raise UsageError(
            f"{file}, line {line}: a priority is 0 or more and every_h above 0, as in "
            "341299001001001,2,12."
        )
    return wish


def urgencies_of(
    codes: Sequence[str],
    seen: Mapping[str, datetime],
    wishes: Mapping[str, Wish],
    now: datetime,
) -> tuple[float, ...]:
    """How urgent each cell is now: its priority times how overdue it is.

    Args:
        codes: Of which cells.
        seen: When each was last looked at; a cell that is missing never was.
        wishes: Of the cells that are not usual.
        now: With its time zone.
    """
    usual = Wish()
    found = [wishes.get(code, usual) for code in codes]
    ago_s = [
        max(0.0, (now - seen[code]).total_seconds()) if code in seen else math.inf for code in codes
    ]
    told = urgencies(
        np.array([wish.priority for wish in found]),
        np.array(ago_s),
        np.array([wish.every_h * 3600.0 for wish in found]),
    )
    return tuple(told.tolist())
