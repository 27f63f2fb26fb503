"""Reads a catalogue from the YAML file in which a county keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from events_api.catalogue.limits import Id
from events_api.catalogue.matters import (
    Body,
    Catalogue,
    Clockwork,
    Code,
    ColourClass,
    Condition,
    Extent,
    Matter,
    Name,
    Prose,
    Responsibility,
    SameWithin,
    Source,
)
from events_api.catalogue.rule_files import line_of, read_form, refuse
from events_api.errors import CatalogueError
from events_api.schemas import Wire

SHIPPED_CATALOGUE = Path(__file__).with_name("matters.yaml")

Path_ = tuple[int | str, ...]


class MatterEntry(Wire):
    """A matter as it is written: what its category says need not be said again."""

    code: Code
    zh: Name
    en: Name
    codes_2013: tuple[Code, ...] = ()
    codes_2013_local: tuple[Code, ...] = ()
    codes_2007: tuple[Code, ...] = ()
    conditions: tuple[Condition, ...] = ()
    extent_m: Extent | None = None
    same_within_h: SameWithin | None = None
    colour_class: ColourClass | None = None
    remark: Prose | None = None


class Category(Wire):
    """Matters of one big class, with what holds for those that do not say it themselves."""

    standard_ref: Code
    code: Code
    zh: Name
    en: Name
    extent_m: Extent
    same_within_h: SameWithin
    colour_class: ColourClass
    matters: tuple[MatterEntry, ...]

    def joined(self) -> Iterator[Matter]:
        """Give its matters, each whole."""
        common = {"extent_m", "same_within_h", "colour_class"}
        for entry in self.matters:
            own = {name: getattr(entry, name) for name in MatterEntry.model_fields}
            inherited: dict[str, Any] = {
                name: getattr(self, name) for name in common if own[name] is None
            }
            yield Matter.model_construct(**{**own, **inherited}, standard_ref=self.standard_ref)


class CatalogueFile(Wire):
    """A catalogue as it is written."""

    version: Literal[2]
    sources: dict[Id, Source]
    clockwork: Clockwork
    bodies: tuple[Body, ...] = ()
    responsible: tuple[Responsibility, ...] = ()
    categories: tuple[Category, ...]


def read_catalogue(path: Path = SHIPPED_CATALOGUE) -> Catalogue:
    """Read a catalogue of matters from a YAML file.

    Raises:
        CatalogueError: The file cannot be read, breaks the form, or contradicts itself.
    """
    return parse_catalogue(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Return the text of a rule file.

    Raises:
        CatalogueError: The file cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path} is not YAML: it is not written in UTF-8.") from error


def parse_catalogue(text: str, name: str) -> Catalogue:
    """Read a catalogue from the text of a YAML file called `name`.

    Raises:
        CatalogueError: The text breaks the form, or contradicts itself; file, line and key are
            named for every problem.
    """
    file = read_form(text, name, CatalogueFile)
    problems = (*_repeats(file), *_unknown_sources(file), *_unknown_bodies(file))
    refuse(name, [f"{line_of(text, path)}: {_dotted(path)}: {said}" for path, said in problems])
    return Catalogue(
        sources=file.sources,
        clockwork=file.clockwork,
        bodies=file.bodies,
        responsible=file.responsible,
        matters=tuple(matter for category in file.categories for matter in category.joined()),
    )


def _repeats(file: CatalogueFile) -> Iterator[tuple[Path_, str]]:
    codes: set[tuple[str, str]] = set()
    for path, category, entry in _entries(file):
        key = (category.standard_ref, entry.code)
        if key in codes:
            yield (*path, "code"), f"{entry.code} of {category.standard_ref} is here twice."
        codes.add(key)
    bodies: set[str] = set()
    for index, body in enumerate(file.bodies):
        if body.id in bodies:
            yield ("bodies", index, "id"), f"the body {body.id} is here twice."
        bodies.add(body.id)


def _unknown_sources(file: CatalogueFile) -> Iterator[tuple[Path_, str]]:
    for path, _, entry in _entries(file):
        for row, condition in enumerate(entry.conditions):
            for index, limit in enumerate(condition.limits):
                if limit.source not in file.sources:
                    where = (*path, "conditions", row, "limits", index, "source")
                    yield where, f"{limit.source!r} is not among the sources of the file."
    for index, limit in enumerate(file.clockwork.limits):
        if limit.source not in file.sources:
            where = ("clockwork", "limits", index, "source")
            yield where, f"{limit.source!r} is not among the sources of the file."


def _unknown_bodies(file: CatalogueFile) -> Iterator[tuple[Path_, str]]:
    known = {body.id for body in file.bodies}
    for index, rule in enumerate(file.responsible):
        if rule.body not in known:
            yield ("responsible", index, "body"), f"{rule.body!r} is not among the bodies."


def _entries(file: CatalogueFile) -> Iterator[tuple[Path_, Category, MatterEntry]]:
    for first, category in enumerate(file.categories):
        for second, entry in enumerate(category.matters):
            yield ("categories", first, "matters", second), category, entry


def _dotted(path: Path_) -> str:
    return ".".join(map(str, path))
