"""JSON files read with care: every value is asked for by key and type.

What is missing or wrong becomes a PlanFileError that names the file and the key, such as
`missions[0].items[3].height_home_m`.
"""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import shapely

from flight.errors import PlanFileError
from geofences.errors import GroundError

_T = TypeVar("_T")
_FEWEST_RING_POINTS = 3


def read_document(path: Path) -> "Document":
    """Read a JSON object from a file.

    Args:
        path: The file.

    Returns:
        Its content.

    Raises:
        PlanFileError: If the file cannot be read, is not JSON, or holds something else.
    """
    try:
        # Windows' editors put a byte order mark in front, which is no JSON.
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PlanFileError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise PlanFileError(f"{path} is not a text file. Choose a plan file.") from error
    except json.JSONDecodeError as error:
        raise PlanFileError(
            f"{path} is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}. "
            "Correct it there, or plan again."
        ) from error
    except ValueError as error:  # Python's guard against numbers of thousands of digits
        raise PlanFileError(f"{path} holds a number that is too long. Plan again.") from error
    except RecursionError as error:
        raise PlanFileError(f"{path} is nested too deeply for a plan. Plan again.") from error
    if not isinstance(content, dict):
        raise PlanFileError(f"{path} does not hold a JSON object. Choose a plan file.")
    return Document(str(path), "", content)


class Document:
    """One JSON object in a file, with the way to it."""

    def __init__(self, file: str, place: str, content: Mapping[str, object]) -> None:
        """Wrap an object.

        Args:
            file: Names the file in errors.
            place: The key that leads to the object; empty for the whole file.
            content: The object.
        """
        self._file = file
        self._place = place
        self._content = content

    def __contains__(self, key: str) -> bool:
        return key in self._content

    @property
    def content(self) -> Mapping[str, object]:
        """The object itself, with every key that nobody asked for."""
        return self._content

    def wrong(self, key: str, why: str) -> PlanFileError:
        """An error about one key."""
        place = ".".join(part for part in (self._place, key) if part)
        return PlanFileError(f"{self._file}: {place} {why}. Correct it, or plan again.")

    def value(self, key: str) -> object:
        """Any value.

        Raises:
            PlanFileError: If it is missing.
        """
        if key not in self._content:
            raise self.wrong(key, "is missing")
        return self._content[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A string.

        Raises:
            PlanFileError: If it is something else, or missing without a default.
        """
        if default is not None and key not in self._content:
            return default
        value = self.value(key)
        if not isinstance(value, str):
            raise self.wrong(key, f"must be a text, not {value!r}")
        return value

    def number(self, key: str) -> float:
        """A finite number.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        value = self.value(key)
        # To Python True is the number 1; in a plan it is a mistake.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"must be a number, not {value!r}")
        try:
            number = float(value)
        except OverflowError as error:  # JSON's whole numbers have no limit, floats have
            raise self.wrong(key, "is too large a number") from error
        if not math.isfinite(number):
            raise self.wrong(key, f"must be a finite number, not {number}")
        return number

    def number_or_none(self, key: str) -> float | None:
        """A finite number, or None where the key is missing or says null.

        Raises:
            PlanFileError: If it is something else.
        """
        return None if self._content.get(key) is None else self.number(key)

    def refuse_version(self, key: str, known: int) -> None:
        """Make sure that a version is the one that this program reads.

        Raises:
            PlanFileError: If it is another one, or missing.
        """
        value = self.value(key)
        if value != known:
            raise self.wrong(key, f"is {value!r}, but this program reads version {known}")

    def flag(self, key: str) -> bool:
        """True or false.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.wrong(key, f"must be true or false, not {value!r}")
        return value

    def integer(self, key: str) -> int:
        """A whole number.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"must be a whole number, not {value!r}")
        return value

    def values(self, key: str) -> list[object]:
        """A list.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        value = self.value(key)
        if not isinstance(value, list):
            raise self.wrong(key, "must be a list")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        values = self.values(key)
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise self.wrong(f"{key}[{number}]", f"must be a text, not {value!r}")
        return tuple(str(value) for value in values)

    def child(self, key: str) -> "Document":
        """An object within this one.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        return self._wrapped(key, self.value(key))

    def children(self, key: str) -> list["Document"]:
        """A list of objects.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        return [self._wrapped(f"{key}[{i}]", value) for i, value in enumerate(self.values(key))]

    def numbers(self, key: str, count: int) -> list[float]:
        """A list of so many finite numbers.

        Raises:
            PlanFileError: If it is something else or missing.
        """
        values = self.values(key)
        if len(values) != count:
            raise self.wrong(key, f"must be {count} numbers, not {len(values)}")
        given = {f"{key}[{i}]": value for i, value in enumerate(values)}
        return [self.with_content(given).number(name) for name in given]

    def with_content(self, content: Mapping[str, object]) -> "Document":
        """Other content at the same place, for values that were lifted out of a list."""
        return Document(self._file, self._place, content)

    def pairs(self, key: str, ring: object) -> list[tuple[float, float]]:
        """A ring of coordinate pairs.

        Args:
            key: Names the ring in errors.
            ring: What should be one.

        Returns:
            Its points.

        Raises:
            PlanFileError: If it is something else.
        """
        if not isinstance(ring, list) or len(ring) < _FEWEST_RING_POINTS:
            raise self.wrong(key, "must be a ring of at least 3 points")
        points: list[tuple[float, float]] = []
        for number, pair in enumerate(ring):
            if not isinstance(pair, list):
                raise self.wrong(f"{key}[{number}]", "must be a pair of numbers")
            place = f"{key}[{number}]"
            first, second = self.with_content({place: pair}).numbers(place, 2)
            points.append((first, second))
        return points

    def build(self, make: Callable[[], _T], key: str = "") -> _T:
        """Make a domain value from this object, and say where it stood if it is refused.

        Args:
            make: Builds the value.
            key: The part of this object that it is built from.

        Returns:
            The value.

        Raises:
            PlanFileError: If the value refuses what it is given.
        """
        try:
            return make()
        except (ValueError, OverflowError, GroundError, shapely.errors.ShapelyError) as error:
            raise self.wrong(key, f"is not possible: {str(error).rstrip('.')}") from error

    def _wrapped(self, key: str, value: object) -> "Document":
        if not isinstance(value, dict):
            raise self.wrong(key, "must be an object")
        place = ".".join(part for part in (self._place, key) if part)
        return Document(self._file, place, value)
