"""What a backup says of itself: its parts with their hashes, and what the database in it is.

A backup is a ZIP file. `manifest.json` lists its parts: the database (`database.sqlite`, or
`database.dump` as pg_dump writes it) and every picture and clip under `evidence/` by its hash.
What the manifest does not list is no part of the backup, whatever else the file holds.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from zipfile import BadZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from events_api.errors import BackupError

MANIFEST = "manifest.json"
EVIDENCE = "evidence/"
MOST_MANIFEST_BYTES = 1024 * 1024 * 1024

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Kind(StrEnum):
    """How the database lies in a backup."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


DATABASE_PARTS = {Kind.SQLITE: "database.sqlite", Kind.POSTGRESQL: "database.dump"}


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Form):
    """A file of the backup."""

    name: Annotated[str, Field(pattern=r"^(database\.(sqlite|dump)|evidence/[0-9a-f]{64})$")]
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256

    @model_validator(mode="after")
    def _is_named_by_its_hash(self) -> Self:
        if self.name.startswith(EVIDENCE) and self.name != f"{EVIDENCE}{self.sha256}":
            raise ValueError(f"{self.name} is not named by its hash")
        return self


class Lack(_Form):
    """Evidence that the database names and the backup does not hold, and why."""

    sha256: Sha256
    why: str


class Content(_Form):
    """What the database holds, and where its audit ends."""

    kind: Kind
    schema_revision: str
    rows: dict[str, int]
    audit_number: int
    audit_sha256: Sha256


class Manifest(_Form):
    """The whole of what a backup says of itself."""

    format: Literal["gridpatrol-backup"] = "gridpatrol-backup"
    version: Literal[1] = 1
    made_at: datetime
    database: Content
    parts: tuple[Part, ...]
    lacking: tuple[Lack, ...] = ()

    @model_validator(mode="after")
    def _has_its_database_once(self) -> Self:
        names = [part.name for part in self.parts]
        if names.count(DATABASE_PARTS[self.database.kind]) != 1:
            raise ValueError("it does not list its database once")
        if len(set(names)) != len(names):
            raise ValueError("it lists a part twice")
        return self

    @property
    def database_part(self) -> Part:
        """The database."""
        name = DATABASE_PARTS[self.database.kind]
        return next(part for part in self.parts if part.name == name)

    @property
    def evidence(self) -> tuple[Part, ...]:
        """The pictures and clips."""
        return tuple(part for part in self.parts if part.name.startswith(EVIDENCE))

    @property
    def size_bytes(self) -> int:
        """How much there is to read."""
        return sum(part.size_bytes for part in self.parts)


def read_manifest(archive: ZipFile, name: str) -> Manifest:
    """Read what a backup says of itself.

    Args:
        archive: The opened file.
        name: What to call it in a refusal.

    Raises:
        BackupError: It is no backup, or of a form that this program does not know.
    """
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > MOST_MANIFEST_BYTES:
            raise BackupError(f"{name} is no backup: its manifest is {info.file_size} bytes long.")
        return Manifest.model_validate_json(archive.read(info))
    except KeyError:
        raise BackupError(
            f"{name} is no backup of `patrol backup`: it has no {MANIFEST}."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        said = str(first["msg"]).removeprefix("Value error, ")
        raise BackupError(
            f"The manifest of {name} cannot be used: {where}: {said}. It may have been made by a "
            "newer version of the program."
        ) from error
    except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise BackupError(f"The manifest of {name} is damaged: {error}.") from error
