"""XML files and archives read with care: what is missing or wrong is named with its line."""

import math
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from lxml import etree

from flight.errors import PlanFileError
from geofences.errors import GroundError

Node = Any  # lxml's elements have no types of their own

_T = TypeVar("_T")
_LARGEST_BYTES = 64 * 1024 * 1024  # of one file inside an archive: more is no route
_ONCE = "Correct it, or save the file again."


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        PlanFileError: If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlanFileError(f"{path} cannot be read: {error.strerror}. Check the path.") from error


def read_archive(path: Path) -> dict[str, bytes]:
    """The files in an archive by their names.

    Raises:
        PlanFileError: If it is no archive, is damaged, or holds a file beyond 64 MiB.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            large = [e.filename for e in archive.infolist() if e.file_size > _LARGEST_BYTES]
            if large:
                raise PlanFileError(
                    f"{path} holds {large[0]} of more than {_LARGEST_BYTES // 2**20} MiB, which "
                    "is no route. Choose another file."
                )
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except OSError as error:
        raise PlanFileError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    # Damage shows as any of these; a password as RuntimeError, an unknown method as the last.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise PlanFileError(
            f"{path} is not a sound KMZ archive ({error}). Save it again, without a password."
        ) from error


def parse_xml(content: bytes, name: str) -> "Element":
    """The root of an XML document.

    Args:
        content: The document.
        name: Names it in errors.

    Raises:
        PlanFileError: If it is not XML; the message has the line.
    """
    # Entities and outside files are how XML documents attack their readers; routes need neither.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PlanFileError(f"{name} is not XML: {error}. {_ONCE}") from error
    return Element(name, root)


class Element:
    """An element, found by local names, whatever version of a namespace the file was written in."""

    def __init__(self, file: str, node: Node) -> None:
        """Wrap an element of lxml.

        Args:
            file: Names the file in errors.
            node: The element.
        """
        self._file = file
        self._node = node

    @property
    def name(self) -> str:
        """Its name without the namespace."""
        return str(etree.QName(self._node).localname)

    @property
    def content(self) -> str:
        """Its own text, without space around it."""
        return (self._node.text or "").strip()

    @property
    def line(self) -> int:
        """Where it stands in the file, counted from 1."""
        return int(self._node.sourceline or 0)

    def attribute(self, name: str) -> str:
        """An attribute's value, empty where it is not there."""
        return str(self._node.get(name, ""))

    def wrong(self, why: str) -> PlanFileError:
        """An error about this element."""
        return PlanFileError(f"{self._file}, line {self.line}: {self.name} {why}. {_ONCE}")

    def find(self, name: str) -> "Element | None":
        """The first child of this name."""
        return next(iter(self.children(name)), None)

    def child(self, name: str) -> "Element":
        """The first child of this name.

        Raises:
            PlanFileError: If there is none.
        """
        found = self.find(name)
        if found is None:
            raise self.wrong(f"has no {name}")
        return found

    def children(self, *names: str) -> "list[Element]":
        """The children of these names in order; all of them where no name is given."""
        nodes = [n for n in self._node if isinstance(n.tag, str)]
        found = [Element(self._file, node) for node in nodes]
        return [child for child in found if not names or child.name in names]

    def descendants(self, *names: str) -> "Iterator[Element]":
        """Elements of these names at any depth, in the order of the file."""
        for node in self._node.iter():
            if isinstance(node.tag, str):
                element = Element(self._file, node)
                if element.name in names:
                    yield element

    def text(self, name: str) -> str:
        """The text of a child.

        Raises:
            PlanFileError: If it is missing.
        """
        return self.child(name).content

    def number(self, name: str) -> float:
        """The finite number in a child.

        Raises:
            PlanFileError: If it is missing or something else.
        """
        return self.child(name).as_number()

    def as_number(self) -> float:
        """Its text as a finite number.

        Raises:
            PlanFileError: If it is something else.
        """
        return self.numbers_in(self.content, 1)[0]

    def integer(self, name: str) -> int:
        """The whole number in a child.

        Raises:
            PlanFileError: If it is missing or something else.
        """
        child = self.child(name)
        number = child.as_number()
        if number != int(number):
            raise child.wrong(f"must be a whole number, not {child.content!r}")
        return int(number)

    def numbers_in(self, text: str, *counts: int) -> list[float]:
        """Numbers with commas between them, as many as one of the counts says.

        Raises:
            PlanFileError: If they are something else.
        """
        parts = text.split(",")
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            numbers = []
        if len(numbers) not in counts or not all(map(math.isfinite, numbers)):
            count = " or ".join(map(str, counts))
            shown = text if len(text) <= 60 else text[:57] + "..."
            raise self.wrong(f"must hold {count} finite numbers, not {shown!r}")
        return numbers

    def build(self, make: Callable[[], _T]) -> _T:
        """Make a domain value from this element, and say where it stood if it is refused.

        Raises:
            PlanFileError: If the value refuses what it is given.
        """
        try:
            return make()
        except (ValueError, OverflowError, GroundError) as error:
            raise self.wrong(f"is not possible: {str(error).rstrip('.')}") from error
