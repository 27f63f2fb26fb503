"""Waypoint lists (`QGC WPL 110`): the text files of Mission Planner, MAVProxy and others.

A line holds one item: its number, whether it is current, the frame of its altitude, the command,
four parameters, latitude, longitude, altitude and whether the next item follows by itself. Line 0
is home, its altitude above sea level; fences and rally points have no place in such a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flight.errors import PlanFileError
from flight.formats.documents import Document
from flight.formats.foreign import DEFAULT_SPEED_MPS, Home, foreign_mission
from flight.formats.numbers import plain
from flight.formats.qgc_commands import (
    FRAMES_ABOVE_SEA,
    Command,
    Frame,
    item_params,
    parse_item,
)
from flight.formats.writing import write_text
from flight.missions import Action, Mission, MissionItem
from geofences.geodesy import LonLat

_TITLE = "QGC WPL 110"
_COLUMNS = 12
_NAMED = {"number": 0, "frame": 2, "command": 3, "autocontinue": 11}
_DEEPEST_BELOW_HOME_M = 200.0  # lower than any gorge beside a dock: the frame is wrong


def write_waypoints(mission: Mission, path: Path) -> None:
    """Write a mission as a waypoint list.

    Args:
        mission: What to write; its fence and rally points are left out.
        path: Where; by custom it ends in `.waypoints`.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    home = (mission.home.lat_deg, mission.home.lon_deg, mission.home_alt_amsl_m or 0.0)
    rows = [_row(0, Frame.ABOVE_SEA, Command.WAYPOINT, [0.0, 0.0, 0.0, 0.0, *home])]
    for number, item in enumerate(mission.items, start=1):
        command, frame, params = item_params(item)
        rows.append(_row(number, frame, command, params))
    write_text("\n".join([_TITLE, *rows]) + "\n", path)


def _row(number: int, frame: Frame, command: Command, params: Sequence[float | None]) -> str:
    # A parameter that nobody set is 0 here: these programs know no other word for it.
    numbers = [plain(value or 0.0) for value in params]
    flags = [number, int(number == 0), int(frame), int(command)]
    return "\t".join([*map(str, flags), *numbers, "1"])


def read_waypoints(path: Path, *, home: Home | None = None) -> Mission:
    """Read a waypoint list.

    Args:
        path: The file.
        home: Where the mission starts, in place of the file's line 0.

    Returns:
        The mission, with a fence drawn around it, since a waypoint list has none.

    Raises:
        PlanFileError: If the file is no waypoint list, does not say where home is, holds something
            that cannot be flown, or mixes up what altitudes are above; the message names the line.
    """
    lines = _lines(path)
    rows = [
        _Row.read(path, number, text)
        for number, text in enumerate(lines, start=1)
        if number > 1 and text.strip()
    ]
    if rows and rows[0].is_home:
        first, *rows = rows
        home = home or _home_of(first)
    home = home or _home_at_takeoff(path, rows)
    items: list[MissionItem] = []
    for row in rows:
        row.refuse_unknown_base(home)
        steps = parse_item(row.document, home.alt_amsl_m or 0.0)
        row.refuse_far_below(steps, home)
        items += steps
    speeds = [item.value for item in items if item.action is Action.SPEED and item.value]
    speed_mps = speeds[0] if speeds else DEFAULT_SPEED_MPS
    made = foreign_mission(path.stem, home.position, items, speed_mps)
    return replace(made, home_alt_amsl_m=home.alt_amsl_m)


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise PlanFileError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise PlanFileError(f"{path} is not a text file. Choose a waypoint list.") from error
    if not lines or lines[0].split() != _TITLE.split():
        raise PlanFileError(
            f"{path} is no waypoint list: its first line is not {_TITLE!r}. Choose another file."
        )
    return lines


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a list; `document` holds it under the names of a `.plan` item."""

    document: Document
    is_first: bool
    command: int
    frame: int

    @staticmethod
    def read(path: Path, number: int, text: str) -> "_Row":
        """Read line `number`, counted from 1."""
        parts = text.split()
        place = Document(str(path), f"line {number}", {})
        if len(parts) != _COLUMNS:
            raise place.wrong("", f"has {len(parts)} columns, not {_COLUMNS}")
        values = [_number(part) for part in parts]
        named = {name: values[column] for name, column in _NAMED.items()}
        document = place.with_content({**named, "params": values[4:11]})
        if document.integer("autocontinue") == 0:
            raise document.wrong(
                "autocontinue",
                "is 0: the flight would end there; a patrol flies on, so set it to 1",
            )
        return _Row(
            document,
            document.integer("number") == 0,
            document.integer("command"),
            document.integer("frame"),
        )

    @property
    def is_home(self) -> bool:
        """Whether the line says where home is rather than what is flown."""
        return self.is_first and self.command == Command.WAYPOINT and self.frame in FRAMES_ABOVE_SEA

    def refuse_unknown_base(self, home: Home) -> None:
        """Refuse an altitude above sea level while nobody knows how high home is."""
        if self.frame in FRAMES_ABOVE_SEA and _has_place(self) and home.alt_amsl_m is None:
            raise self.document.wrong(
                "frame",
                f"is {self.frame}: the altitude is above sea level, but nothing says how high home "
                "is; give --home LON,LAT,ALT, or save the list with altitudes above home",
            )

    def refuse_far_below(self, steps: Sequence[MissionItem], home: Home) -> None:
        """Refuse a flight deep below home: its altitude was meant to be above home."""
        for step in steps:
            height_m = step.height_home_m
            if height_m is not None and height_m < -_DEEPEST_BELOW_HOME_M:
                raise self.document.wrong(
                    "frame",
                    f"is {self.frame}: the altitude would be {-height_m:.0f} m below home, which "
                    f"lies {home.alt_amsl_m or 0.0:.0f} m above sea level; altitudes above home "
                    f"have frame {int(Frame.ABOVE_HOME)}",
                )


def _has_place(row: _Row) -> bool:
    params = row.document.values("params")
    return row.command in set(Command) and any(params[4:7])


def _number(text: str) -> float | int | str:
    """A number where the text is one; what is none is refused with its name by who asks for it."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def _home_of(row: _Row) -> Home:
    numbers = row.document.numbers("params", 7)
    position = row.document.build(lambda: LonLat(numbers[5], numbers[4]), "params")
    # Programs that do not know home's altitude write 0: then only heights above home can be read.
    return Home(position, numbers[6] or None)


def _home_at_takeoff(path: Path, rows: Sequence[_Row]) -> Home:
    """Home where the first item takes off, in a list whose line 0 is that take-off."""
    first = rows[0] if rows else None
    if first is not None and first.command == Command.TAKEOFF:
        numbers = first.document.numbers("params", 7)
        if any(numbers[4:6]):
            return Home(first.document.build(lambda: LonLat(numbers[5], numbers[4]), "params"))
    raise PlanFileError(
        f"{path} does not say where home is: its first item is neither home nor a take-off from "
        "a place. Say it: --home LON,LAT,ALT."
    )
