"""What a person expects of a clip: two forms of file, one meaning.

A list tells of objects on the ground, each with what should be reported of it, as beside the
shipped clips. A mapping `videos` tells by file name what is to be seen when, which kinds must not
be told, and under `watch` how a clip is to be watched, where that differs from the others: with
zones that are drawn into its picture, rules of its own, or as a camera that moves.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from geofences.geodesy import LonLat
from patrol.demo.score import Expected
from patrol.errors import UsageError
from patrol.event_kinds import kind_of
from patrol.meant import meant
from patrol.sources.file import ZoneEntry
from vision.rules.zones import PictureZone

_A_SLIP = 0.85  # keys that are so alike are taken for one


@dataclass(frozen=True)
class ShownEvent:
    """Something that a person sees in a clip.

    Attributes:
        kind: its name.
        start_s: since the first frame.
        end_s: likewise.
        is_clear: whether nobody could overlook it; others are welcome and not asked for.
    """

    kind: str
    start_s: float
    end_s: float
    is_clear: bool


@dataclass(frozen=True)
class OwnWatching:
    """How a clip is to be watched, where that differs from the others.

    Attributes:
        zones: drawn into its picture.
        rules: its rule file, None for that of the others.
        moving_camera: whether it is known to be a camera that moves; its zones then are those of
            its first picture.
    """

    zones: tuple[PictureZone, ...] = ()
    rules: Path | None = None
    moving_camera: bool = False


@dataclass(frozen=True)
class Expectations:
    """All that is expected of a clip.

    Attributes:
        placed: things on the ground that should be reported.
        shown: things that are seen for a time.
        absent: kinds that must not be told.
        is_complete: whether a matter that is not among `placed` must not be told either.
        watching: how the clip is to be watched.
    """

    placed: tuple[Expected, ...] = ()
    shown: tuple[ShownEvent, ...] = ()
    absent: frozenset[str] = frozenset()
    is_complete: bool = False
    watching: OwnWatching = OwnWatching()

    def forbids(self, code: str, class_name: str) -> bool:
        """Whether a sighting is of a kind that is absent."""
        if any(kind_of(name).fits(code, class_name) for name in self.absent):
            return True
        return self.is_complete and code not in {each.matter_code for each in self.placed}


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Place(_Loose):
    lon_deg: float = Field(ge=-180, le=180)
    lat_deg: float = Field(ge=-90, le=90)


class _Report(_Loose):
    code: str = Field(min_length=1)
    cell_code: str = ""


class _Thing(_Loose):
    object_id: str
    class_name: str
    position: _Place
    finding: _Report | None


class _Event(_Loose):
    kind: str = Field(min_length=1)
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    clarity: Literal["clear", "fair", "faint"] = "clear"

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError(f"end_s {self.end_s:g} comes before start_s {self.start_s:g}")
        return self


class _Watch(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zones: tuple[ZoneEntry, ...] = ()
    rules: str = ""
    moving_camera: bool = False

    def watching(self, folder: Path) -> OwnWatching:
        """The same with the paths that count from a folder."""
        zones = tuple(each.zone(n) for n, each in enumerate(self.zones, start=1))
        return OwnWatching(zones, folder / self.rules if self.rules else None, self.moving_camera)


class _Video(_Loose):
    events: tuple[_Event, ...]
    watch: _Watch = _Watch()
    must_not_fire: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _has_no_slip(cls, content: object) -> object:
        """Others' keys are welcome, but one that is nearly ours would be passed over."""
        unknown = set(content) - set(cls.model_fields) if isinstance(content, dict) else ()
        for key in sorted(unknown):
            if hint := meant(key, cls.model_fields, _A_SLIP):
                raise ValueError(f"there is no key {key!r}; {hint}")
        return content


class _Videos(_Loose):
    videos: dict[str, _Video]


_THINGS = TypeAdapter(tuple[_Thing, ...])


def read_expectations(path: Path, clip: str) -> Expectations | None:
    """What a file expects of a clip, None if it says nothing of it.

    Args:
        path: of the file.
        clip: the clip's file name.

    Raises:
        UsageError: it cannot be read, or is of neither form.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, list):
            return _of_things(_THINGS.validate_python(content))
        video = _Videos.model_validate(content).videos.get(clip)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{path}: {where}: {said}; mend the expectations.") from error
    except ValueError as error:  # neither JSON nor text
        raise UsageError(f"{path}: is no JSON ({error}); mend the expectations.") from error
    return None if video is None else _of_video(video, path.parent)


def tells_of_many(path: Path) -> bool:
    """Whether a file names its clips, so that it may be given for several.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").lstrip().startswith("{")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as text; check the path.") from error


def _of_things(things: tuple[_Thing, ...]) -> Expectations:
    placed = tuple(
        Expected(
            each.object_id,
            each.class_name,
            each.finding.code,
            LonLat(each.position.lon_deg, each.position.lat_deg),
            each.finding.cell_code,
        )
        for each in things
        if each.finding
    )
    return Expectations(placed=placed, is_complete=True)


def _of_video(video: _Video, folder: Path) -> Expectations:
    shown = tuple(
        ShownEvent(each.kind, each.start_s, each.end_s, each.clarity == "clear")
        for each in video.events
    )
    return Expectations(
        shown=shown,
        absent=frozenset(video.must_not_fire),
        watching=video.watch.watching(folder),
    )
