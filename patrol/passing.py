"""Passes as they are kept on this machine, to be compared with the next ones."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import shapely
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from geofences.geodesy import LocalFrame, LonLat, distance_m
from patrol.errors import SettingsError, UsageError
from patrol.keeping import folder_name
from patrol.watching import Watching
from vision.coverage import LEAST_PX_PER_M, Coverage, Levels, seen_shares
from vision.errors import PoseError
from vision.passes import PassMemory, PassRecord, SeenThing, needed_px_per_m
from vision.pipeline import JudgedFrame
from vision.rules.able import could_tell
from vision.sightings import Sighting

SUFFIX = ".pass.json"
# Three in a row are then a second, which is what the rules for things that lie about ask for.
_LOOK_EVERY_S = 0.5
# Other frames of the same film may be the first and the last that are looked at.
_SAME_TIME = timedelta(seconds=2)


class PassKeeper:
    """A context that notes what a pass looks at and tells, and writes it down at its end.

    Sources without poses look at ground that nobody knows: nothing is written of them.

    Args:
        folder: of all passes.
        watching: the pass.
        before: what an earlier keeper of the same pass remembered.
        write: writes the pass down.
    """

    def __init__(
        self,
        folder: Path,
        watching: Watching,
        before: PassMemory | None = None,
        write: Callable[[PassRecord, Path], None] | None = None,
    ) -> None:
        self._watching = watching
        # A detector may be exchanged under way, and begins another pass then.
        self._class_names = watching.detector.class_names
        self._write = write or write_pass
        settings = watching.settings
        self._name = folder_name(settings.source_name, settings.pass_id)
        self._path = folder / f"{self._name}{SUFFIX}"
        self._coverage: Coverage | None = None
        self._looked_s = -math.inf
        self._span_s = (math.inf, -math.inf)
        # What was promised before a death is told before the next frame comes.
        self._size_wh_px = watching.source.size_wh_px
        self._things: list[SeenThing] = []
        # One that tells the same classes may take over within a pass.
        self._models: dict[str, None] = {}
        if before is not None and watching.ground.camera is not None:
            areas = _read_wkb(before.areas_wkb)
            latest = [_read_wkb(each) for each in before.latest_wkb]
            self._coverage = Coverage(
                watching.ground.camera, LocalFrame(before.origin), areas, latest
            )
            self._looked_s, self._span_s = before.looked_s, before.span_s
            self._things = list(before.things)
            self._models = dict.fromkeys(before.models)

    def memory(self) -> PassMemory | None:
        """What it remembers, None before it looked at anything."""
        if self._coverage is None:
            return None
        return PassMemory(
            self._coverage.frame.origin,
            _written_wkb(self._coverage.areas_m()),
            self._looked_s,
            self._span_s,
            tuple(self._things),
            tuple(_written_wkb(each) for each in self._coverage.latest),
            tuple(self._models),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what there is: a pass that was broken off looked at what it looked at."""
        if self._coverage is not None:
            self._write(self._record(self._coverage), self._path)

    def frame(self, judged: JudgedFrame) -> None:
        """Take a frame in."""
        time_s, ground = judged.frame.time_s, self._watching.ground
        self._size_wh_px = judged.frame.size_wh_px
        if ground.pose_at is None or ground.camera is None:
            return
        self._span_s = (min(self._span_s[0], time_s), max(self._span_s[1], time_s))
        self._models[self._watching.detector.model] = None
        if time_s - self._looked_s < _LOOK_EVERY_S:
            return
        with suppress(PoseError):
            pose = ground.pose_at(time_s)
            if self._coverage is None:
                self._coverage = Coverage(ground.camera, LocalFrame(pose.position))
            size_wh_px = judged.frame.size_wh_px
            self._coverage.look(pose, size_wh_px, self._watching.detector.scale_of(size_wh_px))
            self._looked_s = time_s

    def sighting(self, sighting: Sighting) -> None:
        """Take a sighting in."""
        if sighting.position is not None:
            self._things.append(
                SeenThing(
                    sighting.sighting_id,
                    sighting.matter.code,
                    sighting.class_name,
                    sighting.position,
                    sighting.ce90_m or 0.0,
                    sighting.cells[0].code if sighting.cells else "",
                    self._needs(sighting, sighting.position),
                )
            )

    def _needs(self, sighting: Sighting, position: LonLat) -> float:
        """How many pixels of a metre another pass must show to tell of it; 0 if nobody knows."""
        ground, settings = self._watching.ground, self._watching.settings
        if ground.pose_at is None or ground.camera is None or not all(self._size_wh_px):
            return 0.0
        try:
            pose = ground.pose_at((sighting.observed_at - settings.start_utc).total_seconds())
        except PoseError:
            return 0.0
        width_px, height_px = self._size_wh_px
        left, top, right, bottom = sighting.xyxy_frac
        box_px = math.sqrt(max(0.0, (right - left) * width_px * (bottom - top) * height_px))
        scale = self._watching.detector.scale_of(self._size_wh_px)
        away_m = math.hypot(distance_m(pose.position, position), pose.height_ground_m)
        focal_px = ground.camera.sized(width_px, height_px).focal_px
        return needed_px_per_m(scale * box_px, scale * focal_px / max(away_m, 1.0))

    def _record(self, coverage: Coverage) -> PassRecord:
        start_utc, grounds = self._watching.settings.start_utc, coverage.areas()
        area = grounds[LEAST_PX_PER_M]
        grid = self._watching.ground.grid
        first, last = (start_utc + timedelta(seconds=each) for each in self._span_s)
        cells = seen_shares(grid.cells, area) if grid else {}
        able, things, models = self._able(first, last), tuple(self._things), tuple(self._models)
        return PassRecord(self._name, first, last, area, cells, things, able, grounds, models)

    def _able(self, *moments: datetime) -> dict[str, tuple[str, ...]]:
        zones = self._watching.ground.zones
        kinds = {str(each.kind) for each in zones.zones} if zones else set[str]()
        return could_tell(self._watching.rules, self._class_names, kinds, moments)


def _is_area(text: str) -> str:
    if shapely.from_wkt(text, on_invalid="ignore") is None:
        raise ValueError("no area in WKT")
    return text


_Area = Annotated[str, AfterValidator(_is_area)]


class _Thing(BaseModel):
    model_config = ConfigDict(frozen=True)

    sighting: str
    matter: str
    class_name: str
    lon_deg: float = Field(ge=-180, le=180)
    lat_deg: float = Field(ge=-90, le=90)
    ce90_m: float = Field(ge=0)
    cell: str = ""
    needs_px_per_m: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    start: AwareDatetime
    end: AwareDatetime
    area: _Area
    cells: dict[str, float]
    things: tuple[_Thing, ...]
    could_tell: dict[str, tuple[str, ...]] | None = None
    grounds: dict[float, _Area] = {}
    models: tuple[str, ...] = ()


def _written_wkb(areas: Levels) -> tuple[bytes, ...]:
    return tuple(bytes(shapely.to_wkb(each)) for each in areas)


def _read_wkb(areas: tuple[bytes, ...]) -> Levels:
    return tuple(shapely.from_wkb(each) for each in areas)


def write_pass(record: PassRecord, path: Path) -> None:
    """Write a pass, whole or not at all.

    Who watches a film again and breaks off saw less than what is kept of it, which then stays.

    Raises:
        SettingsError: the disk refuses.
    """
    if _went_on(record, path):
        return
    things = tuple(
        _Thing(
            sighting=each.sighting_id,
            matter=each.matter,
            class_name=each.class_name,
            lon_deg=each.position.lon_deg,
            lat_deg=each.position.lat_deg,
            ce90_m=each.ce90_m,
            cell=each.cell,
            needs_px_per_m=round(each.needs_px_per_m, 3),
        )
        for each in record.things
    )
    file = _File(
        name=record.name,
        start=record.start_utc.astimezone(UTC),
        end=record.end_utc.astimezone(UTC),
        area=_written_wkt(record.area),
        cells=dict(sorted(record.cells.items())),
        things=things,
        could_tell=None if record.could_tell is None else dict(record.could_tell),
        grounds={level: _written_wkt(area) for level, area in record.grounds.items()},
        models=record.models,
    )
    half = path.with_name(f".{path.name}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(file.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror}); make room.") from error


def _written_wkt(area: shapely.Geometry) -> str:
    return str(shapely.to_wkt(area, rounding_precision=8))


def _went_on(record: PassRecord, path: Path) -> bool:
    """Whether what is kept began at the same time, and went on after the end of this."""
    with suppress(UsageError):
        kept = read_pass(path)
        begins_alike = abs(kept.start_utc - record.start_utc) <= _SAME_TIME
        return begins_alike and kept.end_utc - record.end_utc > _SAME_TIME
    return False


def read_pass(path: Path) -> PassRecord:
    """Read a pass.

    Raises:
        UsageError: there is none, or it is damaged.
    """
    try:
        file = _File.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        name = path.name.removesuffix(SUFFIX)
        raise UsageError(
            f"{name}: there is no such pass; `patrol passes list` names those there are."
        ) from error
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise UsageError(
            f"{path}: is damaged, or is no pass; watch the film again, or remove the file."
        ) from error
    things = tuple(
        SeenThing(
            each.sighting,
            each.matter,
            each.class_name,
            LonLat(each.lon_deg, each.lat_deg),
            each.ce90_m,
            each.cell,
            each.needs_px_per_m,
        )
        for each in file.things
    )
    return PassRecord(
        file.name,
        _utc(file.start),
        _utc(file.end),
        shapely.from_wkt(file.area),
        file.cells,
        things,
        file.could_tell,
        {level: shapely.from_wkt(text) for level, text in file.grounds.items()},
        file.models,
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def find_pass(name: str, folder: Path) -> Path:
    """The file of a pass by its name, or by its path."""
    path = Path(name)
    return path if path.suffix == ".json" else folder / f"{name}{SUFFIX}"
