"""Reads the catalogue of matters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import ConfigDict, Field, ValidationError, computed_field

from events_api.errors import CatalogueError, UnprocessableError
from events_api.merging import MergeRule
from events_api.schemas import MatterKey, Wire

SHIPPED_CATALOGUE = Path(__file__).with_name("matters.yaml")
LOCAL_EXTENSION = "GRIDPATROL-EXT"

Code = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Matter(Wire):
    """A class of events: its code in a standard, its names, and what sameness means for it."""

    standard_ref: Code
    code: Code
    zh: Name
    en: Name
    code_2013: Code | None = None
    code_2007: Code | None = None
    extent_m: Annotated[float, Field(ge=0, le=1000)]
    same_within_h: Annotated[float, Field(gt=0, le=87_600)]
    colour_class: Literal["hazard", "order", "parking", "tidiness", "road", "presence"]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_local_extension(self) -> bool:
        """Whether the code is ours and not the standard's."""
        return self.standard_ref == LOCAL_EXTENSION

    @property
    def merge_rule(self) -> MergeRule:
        """What merging asks of the matter."""
        return MergeRule(self.extent_m, timedelta(hours=self.same_within_h))


class Catalogue(Wire):
    """All matters, each with its own standard reference and code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    matters: tuple[Matter, ...]

    def find(self, key: MatterKey) -> Matter:
        """Return the matter of `key`.

        Raises:
            UnprocessableError: The catalogue does not have it.
        """
        for matter in self.matters:
            if (matter.standard_ref, matter.code) == (key.standard_ref, key.code):
                return matter
        raise UnprocessableError(
            f"The matter {key.code} of {key.standard_ref} is not in the catalogue; "
            "GET /matters lists those that are."
        )


def read_catalogue(path: Path = SHIPPED_CATALOGUE) -> Catalogue:
    """Read a catalogue of matters from a YAML file.

    Raises:
        CatalogueError: The file cannot be read, breaks the form, or names a matter twice.
    """
    try:
        catalogue = Catalogue.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CatalogueError(f"The catalogue {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"The catalogue {path} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(
            f"The catalogue {path} is wrong at {where}: {first['msg']}."
        ) from error
    _refuse_repeats(path, catalogue)
    return catalogue


def _refuse_repeats(path: Path, catalogue: Catalogue) -> None:
    seen: set[tuple[str, str]] = set()
    for matter in catalogue.matters:
        key = (matter.standard_ref, matter.code)
        if key in seen:
            raise CatalogueError(f"The catalogue {path} names {matter.code} of {key[0]} twice.")
        seen.add(key)
