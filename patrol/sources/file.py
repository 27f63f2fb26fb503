"""The file of sources: its schema, and reading it with errors that point at the line to mend."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from geofences.geodesy import LonLat
from patrol.defaults import DEFAULT_MODEL
from patrol.errors import UsageError
from patrol.film_poses import (
    PoseRequest,
    parse_distortion,
    parse_heading,
    parse_height_above,
)
from patrol.sources.slips import said_of
from patrol.watching import WatchRequest
from vision.engine.devices import parse_device
from vision.engine.placement import CPU
from vision.engine.settings import EngineSettings
from vision.errors import DeviceError, ModelError, RulesError
from vision.live_video import LIVE_SCHEMES
from vision.rules.lines import doubled_keys, line_of
from vision.rules.schema import ZoneKindName
from vision.rules.zones import PictureZone

Share = Annotated[float, Field(ge=0, le=1)]
Degrees = Annotated[float, Field(ge=-360, le=360)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Fps = Annotated[float, Field(ge=0, le=120)]
Drop = Literal["oldest", "never"]
WHERE = ("url", "file", "directory", "glob")
NO_TABLE = (
    "names no sources; write `version: 1` and `sources:`, and under it `- {name: gate, url: ...}`"
)
SUFFIXES = frozenset({".yaml", ".yml"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ZoneEntry(_Strict):
    """A zone drawn into the picture of a fixed camera, in shares of its width and height.

    Attributes:
        kind: what it is to the rules.
        box: left, top, right, bottom; or
        points: three corners or more.
    """

    kind: ZoneKindName
    box: tuple[Share, Share, Share, Share] | None = None
    points: tuple[tuple[Share, Share], ...] | None = None

    @model_validator(mode="after")
    def _is_zone(self) -> Self:
        if (self.box is None) == (self.points is None):
            raise ValueError("give box: [left, top, right, bottom], or points")
        try:
            self.zone(0)
        except RulesError as error:
            raise ValueError(str(error)) from error
        return self

    def zone(self, number: int) -> PictureZone:
        """The zone as the pipeline takes it."""
        points = self.points or ()
        if self.box is not None:
            left, top, right, bottom = self.box
            points = ((left, top), (right, top), (right, bottom), (left, bottom))
        return PictureZone(f"{self.kind}-{number}", self.kind, points)


class PosesEntry(_Strict):
    """Where the camera was, with the meaning of the options of `patrol watch`.

    A distortion may be a list of its terms, their text, or the name of a calibration's file.
    """

    file: str = ""
    map: str = ""
    offset_s: float = 0.0
    gimbal_pitch_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    heading_from: str = "told"
    hfov_deg: Annotated[float, Field(gt=0, le=170)] | None = None
    distortion: str = ""
    focal_error_share: Annotated[float, Field(ge=0, lt=0.5)] | None = None
    height_above: str = ""
    home: tuple[Lon, Lat] | None = None
    terrain: tuple[str, ...] = ()
    ground_alt_amsl_m: float | None = None

    @field_validator("heading_from", mode="before")
    @classmethod
    def _is_heading(cls, text: object) -> str:
        try:
            parse_heading(str(text))
        except UsageError as error:
            raise ValueError(str(error)) from error
        return str(text)

    @field_validator("distortion", mode="before")
    @classmethod
    def _is_distortion(cls, told: object) -> str:
        text = ",".join(map(str, told)) if isinstance(told, list) else str(told)
        try:
            parse_distortion(text)
        except UsageError as error:
            raise ValueError(str(error)) from error
        return text

    @field_validator("height_above")
    @classmethod
    def _is_height(cls, text: str) -> str:
        try:
            return parse_height_above(text)
        except UsageError as error:
            raise ValueError(str(error)) from error

    def request(self, folder: Path) -> PoseRequest:
        """The same as the command's options would say it; paths count from a folder."""
        named = self.file and self.file != "none"
        distortion = parse_distortion(self.distortion)
        return PoseRequest(
            poses=str(folder / self.file) if named else self.file,
            pose_map=self.map,
            offset_s=self.offset_s,
            gimbal_pitch_deg=self.gimbal_pitch_deg,
            heading_from=self.heading_from,
            hfov_deg=self.hfov_deg,
            distortion=folder / distortion if isinstance(distortion, Path) else distortion,
            focal_error_share=self.focal_error_share,
            height_above=parse_height_above(self.height_above),
            home=LonLat(*self.home) if self.home else None,
            terrain=tuple(folder / each for each in self.terrain),
            ground_alt_amsl_m=self.ground_alt_amsl_m,
        )


class _Shared(_Strict):
    """What can be said for all sources, and otherwise for one.

    Attributes:
        model: a shipped or added model, or a path.
        rules: a rule file; empty takes the shipped rules.
        fps: frames analysed a second; 0 takes all.
        input_width_px: longer side of the detector's input; 0 takes the model's.
        tile_px: side of the tiles that large frames are cut into; 0 takes them whole.
        device: on which the detector runs: CPU, GPU, NPU, cuda:0, tensorrt:0 or onnx:cpu.
        evidence: folder in which pictures and clips are kept; empty keeps none.
        cpus: processors that decoding, judging and, on processors, detecting of one source take:
            by it machines of a cluster are filled.
    """

    model: str | None = None
    rules: str | None = None
    fps: Fps | None = None
    input_width_px: Annotated[int, Field(ge=0, le=8192)] | None = None
    tile_px: Annotated[int, Field(ge=0, le=8192)] | None = None
    device: str | None = None
    evidence: str | None = None
    cpus: Annotated[float, Field(gt=0, le=64)] | None = None

    @field_validator("tile_px")
    @classmethod
    def _is_tile(cls, side_px: int | None) -> int | None:
        try:
            return EngineSettings(tile_px=side_px or 0).tile_px or side_px
        except ModelError as error:
            raise ValueError(str(error)) from error

    @field_validator("device")
    @classmethod
    def _is_device(cls, text: str | None) -> str | None:
        try:
            return None if text is None else parse_device(text)
        except DeviceError as error:
            raise ValueError(str(error)) from error


class SourceEntry(_Shared):
    """One source, or all films of a directory or glob.

    Attributes:
        name: of the camera or drone, in every sighting.
        url: a live stream; or
        file: a film; or
        directory: of pictures, or of films that are watched each; or
        glob: likewise.
        follow: whether films that appear later in the directory or glob are watched too, each
            once nobody has written to it for ten seconds.
        drop: what a live stream does when it is faster than it can be analysed: drop the oldest
            frames, or never drop and fall behind. Files wait and lose nothing.
        cell: code of the cell that a camera without poses looks at.
        at: longitude and latitude of the place that it looks at.
        zones: drawn into its picture.
        moving_camera: whether a camera without poses moves, with zones of its first picture.
        every_m: with poses, way over the ground from one analysed frame to the next, at most fps
            and at least one a second; 0 goes by time alone.
        poses: where the camera was.
        flight_log: log of the flight that carried it.
        film_start_s: the autopilot's seconds since power-up at the first frame.
        pass_id: name of the pass; empty makes one.
    """

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\s/\\:][^/\\\n]*$")
    url: str | None = None
    file: str | None = None
    directory: str | None = None
    glob: str | None = None
    follow: bool = False
    drop: Drop | None = None
    cell: str = ""
    at: tuple[Lon, Lat] | None = None
    zones: tuple[ZoneEntry, ...] = ()
    moving_camera: bool = False
    every_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    poses: PosesEntry = PosesEntry()
    flight_log: str = ""
    film_start_s: float = 0.0
    pass_id: str = ""

    @field_validator("url")
    @classmethod
    def _is_live(cls, url: str | None) -> str | None:
        if url is not None and url.split("://", 1)[0].lower() not in LIVE_SCHEMES:
            raise ValueError(f"begins with none of {', '.join(s + '://' for s in LIVE_SCHEMES)}")
        return url

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(getattr(self, each) is not None for each in WHERE) != 1:
            raise ValueError(f"give exactly one of {', '.join(WHERE)}")
        if self.drop is not None and self.url is None:
            raise ValueError("drop goes with url; files wait and lose nothing")
        if self.follow and self.directory is None and self.glob is None:
            raise ValueError("follow goes with directory or glob")
        return self


class SourcesFile(_Shared):
    """A whole file of sources.

    Attributes:
        version: of the schema.
        sources_a_process: how many sources share a process.
        sources: each.
    """

    version: Literal[1]
    sources_a_process: Annotated[int, Field(ge=1, le=64)] = 4
    sources: tuple[SourceEntry, ...] = ()


def read_sources(path: Path) -> SourcesFile:
    """Read a file of sources.

    Raises:
        UsageError: it is missing, is no YAML, or breaks the schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: is not YAML ({reason}).") from error
    faults = source_faults(content, text)
    if faults:
        raise UsageError("\n".join(f"{path}: {fault}." for fault in faults))
    return SourcesFile.model_validate(content)


def source_faults(content: object, text: str) -> tuple[str, ...]:
    """Everything that is wrong with a file of sources, each with its line, its source and its key.

    Args:
        content: what the YAML says.
        text: the YAML itself.
    """
    faults = [(line, f"the key {key!r} is given twice") for line, key in doubled_keys(text)]
    try:
        entries = SourcesFile.model_validate(content).sources
    except ValidationError as error:
        for each in error.errors():
            where = _where(content, each["loc"])
            said = said_of(each, _keys_at(each["loc"])) if each["loc"] else NO_TABLE
            faults.append((line_of(text, each["loc"]), f"{where}: {said}"))
    else:
        for number, entry in enumerate(entries):
            if entry.name in {earlier.name for earlier in entries[:number]}:
                said = f"the name {entry.name!r} is used twice; rename one of them"
                faults.append((line_of(text, ("sources", number, "name")), said))
    return tuple(f"line {line}: {said}" for line, said in sorted(faults))


def _where(content: object, location: Sequence[int | str]) -> str:
    """Say which source and which key, by the source's name where it has one."""
    if len(location) >= 2 and location[0] == "sources" and isinstance(content, dict):
        number = int(location[1])
        entry = content["sources"][number]
        name = entry.get("name") if isinstance(entry, dict) else None
        keys = ".".join(str(part) for part in location[2:])
        return f"source {name or number + 1}" + (f", {keys}" if keys else "")
    return ".".join(str(part) for part in location) or "the file"


def _keys_at(location: Sequence[int | str]) -> Iterable[str]:
    """The keys that may stand where a location ends."""
    if "zones" in location:
        return ZoneEntry.model_fields
    if "poses" in location[:-1]:
        return PosesEntry.model_fields
    return (SourceEntry if len(location) > 1 else SourcesFile).model_fields


def request_of(entry: SourceEntry, shared: SourcesFile, address: str, folder: Path) -> WatchRequest:
    """What one film, folder of pictures or stream of an entry asks of `prepare`.

    Args:
        entry: the source.
        shared: what is said for all.
        address: of this film, folder or stream.
        folder: from which paths count.
    """
    rules = entry.rules or shared.rules
    model = entry.model or shared.model or DEFAULT_MODEL
    beside = folder / model
    return WatchRequest(
        address=address,
        model=str(beside) if beside.exists() else model,
        rules=folder / rules if rules else None,
        flight_log=folder / entry.flight_log if entry.flight_log else None,
        film_starts_s=entry.film_start_s,
        source=entry.name,
        pass_id=entry.pass_id,
        cell=entry.cell,
        at=LonLat(*entry.at) if entry.at else None,
        zones=tuple(each.zone(n) for n, each in enumerate(entry.zones, start=1)),
        analysed_fps=_first(entry.fps, shared.fps, 5.0),
        every_m=entry.every_m,
        input_width_px=int(_first(entry.input_width_px, shared.input_width_px, 0)),
        tile_px=int(_first(entry.tile_px, shared.tile_px, 0)),
        device=entry.device or shared.device or CPU,
        moving_camera=entry.moving_camera,
        poses=entry.poses.request(folder),
        never_drops=entry.drop == "never",
    )


def _first(own: float | None, shared: float | None, usual: float) -> float:
    return next(each for each in (own, shared, usual) if each is not None)
