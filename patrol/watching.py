"""What `patrol watch` needs, put together from the person's words."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flight.flight_log import FlightLogFollower
from geofences.cells import Grid
from geofences.county import County
from geofences.formats.county_files import read_county
from geofences.geodesy import LonLat
from geofences.sample_county.location import sample_county_path
from patrol.carried_camera import camera_of
from patrol.counties import load_county
from patrol.errors import NoCountyError, UsageError
from patrol.film_poses import (
    FLIGHT_LOG,
    NO_POSES,
    KnownPoses,
    PoseRequest,
    carried,
    film_poses,
    ground_of,
    stream_poses,
)
from patrol.films import films_in
from patrol.live_poses import LivePoses
from patrol.moved_source import MovedSource
from patrol.settings import Settings
from vision.detector import Detector
from vision.engine.devices import builds_engines
from vision.engine.model_detector import ModelDetector
from vision.engine.placement import CPU
from vision.engine.prompt import PromptDetector
from vision.engine.settings import EngineSettings
from vision.errors import PoseError
from vision.frames import FrameSource
from vision.ground_context import DeclaredPlace, GroundContext
from vision.live_video import LIVE_SCHEMES, LivePolicy, LiveVideo
from vision.models.registry import ModelFiles, load_model
from vision.opening import open_source
from vision.pipeline import WatchSettings
from vision.rules.schema import DEFAULT_RULES, Rule, load_rules
from vision.rules.zones import PictureZone
from vision.simulator.camera import VirtualCamera
from vision.simulator.demo_scene import demo_scene
from vision.simulator.source import Sampling, truth_log_source

LOG_PATIENCE_S = 60.0
VIRTUAL = "virtual:"
# Tracks end after two seconds unseen.
LEAST_FOLLOWED_FPS = 1.0
# Along a lane an object stays in view for some 44 m: eleven looks, enough for every shipped rule.
VIRTUAL_EVERY_M = 4.0


@dataclass(frozen=True)
class WatchRequest:
    """What the person asked for.

    Attributes:
        address: a file, a folder, a glob, an RTSP or RTMP address, or `virtual:TRUTH_FILE`.
        model: name of a shipped model, or a path.
        rules: a rule file; None takes the shipped rules.
        flight_log: log of the flight that carried the camera.
        film_starts_s: the autopilot's clock, seconds since power-up, at the first frame.
        source: name in the sightings; empty takes the address's own.
        pass_id: name of the pass; empty makes one that is the same for the same input.
        cell: code of the cell that a camera without poses looks at.
        at: where such a camera looks.
        zones: zones drawn into its picture.
        analysed_fps: frames analysed a second; 0 takes all.
        every_m: way over the ground from one analysed frame to the next, of a camera with poses; 0
            goes by time alone.
        input_width_px: longer side of the detector's input; 0 takes the model's.
        tile_px: side of the tiles that large frames are cut into; 0 takes them whole.
        device: on which the detector runs, as `vision.engine.devices` names it.
        moving_camera: whether a camera without poses moves.
        poses: what is said of where the camera was, where no flight log tells it.
        never_drops: whether a live stream waits for who is slower, and falls behind.
    """

    address: str
    model: str
    rules: Path | None = None
    flight_log: Path | None = None
    film_starts_s: float = 0.0
    source: str = ""
    pass_id: str = ""
    cell: str = ""
    at: LonLat | None = None
    zones: tuple[PictureZone, ...] = ()
    analysed_fps: float = 10.0
    every_m: float = 0.0
    input_width_px: int = 0
    tile_px: int = 0
    device: str = CPU
    moving_camera: bool = False
    poses: PoseRequest = field(default_factory=PoseRequest)
    never_drops: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it is a stream that goes on by itself."""
        return self.address.split("://", 1)[0].lower() in LIVE_SCHEMES and "://" in self.address

    @property
    def engine(self) -> EngineSettings:
        """How the detector is run."""
        return EngineSettings(
            input_width_px=self.input_width_px, tile_px=self.tile_px, device=self.device
        )

    @property
    def log(self) -> Path | None:
        """The flight log, by either of its options."""
        if self.poses.poses.endswith(FLIGHT_LOG):
            return Path(self.poses.poses)
        return self.flight_log


@dataclass(frozen=True)
class Watching:
    """Everything that `vision.pipeline.watch` takes.

    Attributes:
        place: the declared place in words, for reports without a position.
        notice: what the person should know before it begins; empty if nothing.
        has_streams_poses: whether a live stream tells the poses itself, by the times of its
            pictures, which begin anew with each watching.
    """

    source: FrameSource
    detector: Detector
    rules: tuple[Rule, ...]
    ground: GroundContext
    settings: WatchSettings
    place: str
    notice: str = ""
    has_streams_poses: bool = False

    @property
    def has_poses(self) -> bool:
        """Whether the camera's pose is known."""
        return self.ground.pose_at is not None


@dataclass(frozen=True)
class Tools:
    """What a pass is put together with.

    Attributes:
        detector: makes the detector of a model; None for one in this process.
        county: reads the imported county.
    """

    detector: Callable[[ModelFiles, EngineSettings], Detector] | None = None
    county: Callable[[Settings], County] = load_county


def prepare(
    request: WatchRequest, settings: Settings, now: datetime, tools: Tools | None = None
) -> Watching:
    """Open the source, the model, the rules and the poses that a request names.

    Args:
        request: what the person asked for.
        settings: where everything is.
        now: for live sources, when they begin.
        tools: what else is to be used than usual.

    Raises:
        UsageError: the request contradicts itself.
        VisionError: a source, model, rule file or pose file cannot be used.
        GroundError: the imported county is damaged, or has no such cell.
    """
    tools = tools or Tools()
    rules = load_rules(request.rules or DEFAULT_RULES)
    files = load_model(request.model, settings.models_folder)
    usual = PromptDetector if request.is_live else ModelDetector
    detector = (tools.detector or usual)(files, request.engine)
    source, poses, county, notice = _opened(request, settings, tools)
    name = request.source or source.name
    return Watching(
        source,
        detector,
        rules,
        GroundContext(
            grid=county.grid if county else Grid(()),
            zones=county.zones if county else None,
            camera=poses.camera,
            pose_at=poses.pose_at,
            terrain=poses.terrain,
            place=DeclaredPlace(position=request.at, cell_code=request.cell),
            picture_zones=request.zones,
        ),
        WatchSettings(
            source_name=name,
            pass_id=request.pass_id or _pass_id(request, files, now),
            start_utc=poses.start_utc or _start_utc(request, now),
            moving_camera=request.moving_camera,
            # Telemetry that does not place what is seen tells all the same that something flew.
            aloft=bool(poses.said) and poses.pose_at is None,
        ),
        place="" if request.cell or request.at or poses.pose_at else name,
        notice="\n".join(
            filter(None, (poses.said, notice, _seldom(request), _slow_start(request.device)))
        ),
        has_streams_poses=poses.of_stream,
    )


def _opened(
    request: WatchRequest, settings: Settings, tools: Tools
) -> tuple[FrameSource, KnownPoses, County | None, str]:
    """The source with its poses, the county they are in, and what to tell of that."""
    poses = _poses(request, settings)
    live = _open_live(request) if request.is_live else None
    try:
        if live is not None and not _names_poses(request):
            poses = stream_poses(live, request.poses, settings)
        county, notice = _county(settings, request, poses, tools)
        if request.cell and county is not None:
            county.grid.by_code(request.cell)
        source = _by_way(live or _open(request, county, poses), request, poses)
    except Exception:
        if live is not None:
            live.close()
        raise
    return source, poses, county, notice


def _names_poses(request: WatchRequest) -> bool:
    return request.log is not None or request.poses.poses not in {"", NO_POSES}


def _open_live(request: WatchRequest) -> LiveVideo:
    policy = LivePolicy(waits=request.never_drops)
    return LiveVideo(request.address, every_s=_every_s(request), policy=policy)


def _every_s(request: WatchRequest) -> float:
    return 1.0 / request.analysed_fps if request.analysed_fps > 0 else 0.0


def _by_way(source: FrameSource, request: WatchRequest, poses: KnownPoses) -> FrameSource:
    """The source's frames by the way over the ground, where that is asked for.

    Raises:
        UsageError: nobody knows the way.
    """
    if not request.every_m:
        return source
    if poses.pose_at is None:
        source.close()
        why = f" {poses.said}" if poses.said else ""
        raise UsageError(
            f"{request.address}: frames by the way over the ground (--every-metres, every_m) need "
            f"the camera's poses.{why}"
        )
    return MovedSource(source, poses.pose_at, request.every_m)


def _seldom(request: WatchRequest) -> str:
    if not 0.0 < request.analysed_fps < LEAST_FOLLOWED_FPS:
        return ""
    return (
        f"At {request.analysed_fps:g} frames a second hardly anything is followed from one to the "
        f"next, and what rules ask of single things is not told: give {LEAST_FOLLOWED_FPS:g} or "
        "more."
    )


def _slow_start(device: str) -> str:
    if not builds_engines(device):
        return ""
    return (
        f"{device} builds an engine of the model, once for each size of pictures and kept beside "
        "the model: before the first frame is seen minutes may go by, the next time seconds."
    )


def _poses(request: WatchRequest, settings: Settings) -> KnownPoses:
    path = request.log
    if path is None:
        if request.film_starts_s:
            raise UsageError(
                "--film-start lays a film against a flight log: name it with --flight-log, or move "
                "the clock of other poses by --pose-offset."
            )
        if request.is_live and not _names_poses(request):
            # Those of a stream come with its pictures, and it is not open yet.
            return KnownPoses()
        return film_poses(request.address, request.poses, settings)
    # The virtual camera films a plane, whatever the hills of the county are.
    virtual = request.address.startswith(VIRTUAL)
    poses = request.poses if virtual else request.poses.of_poses
    if poses.completes or request.flight_log not in {None, path}:
        raise UsageError(
            "A flight log tells poses whole: leave out --gimbal-pitch, --heading-from, --pose-map, "
            "--pose-offset, --home and --height-above; --film-start lays the film against the log. "
            "Of the camera --distortion, --hfov and --focal-error may be said, but not of the "
            "virtual one."
        )
    terrain = None if virtual else ground_of(request.poses, settings)
    live = LivePoses(FlightLogFollower(path), terrain=terrain)
    log = live.header(LOG_PATIENCE_S)
    camera = camera_of(log)
    if camera is None:
        raise PoseError(
            f"{path} does not name the camera; record the flight with `patrol fly`, which writes "
            "it."
        )
    starts_s = request.film_starts_s
    return KnownPoses(
        camera if virtual else carried(camera, request.poses, Path(request.address)),
        lambda time_s: live(time_s + starts_s),
        log.utc_at(starts_s),
        live.terrain,
    )


def _open(request: WatchRequest, county: County | None, poses: KnownPoses) -> FrameSource:
    if not request.address.startswith(VIRTUAL):
        _refuse_films(request.address)
        return open_source(request.address, every_s=_every_s(request))
    if county is None or poses.camera is None:
        raise UsageError(
            "The virtual camera films the sample county from a simulated flight: import it with "
            "`patrol grid import --sample` and name the flight with --flight-log."
        )
    truth = Path(request.address.removeprefix(VIRTUAL))
    camera = VirtualCamera(demo_scene(county), poses.camera)
    return truth_log_source(camera, truth, sampling=Sampling(every_m=VIRTUAL_EVERY_M))


def _refuse_films(address: str) -> None:
    """Films are passes of their own, and not pictures of one.

    Raises:
        UsageError: a folder or pattern names films.
    """
    if not address.strip():
        raise UsageError("The source has no name: give a film, a folder, a glob or an address.")
    films = [] if Path(address).is_file() else films_in(Path(address))
    if films:
        kind = "directory" if Path(address).is_dir() else "glob"
        raise UsageError(
            f"{address}: films are watched one by one, and {len(films)} are there, "
            f"{films[0].name} the first. Name one, or all of them in a file of sources: "
            f"`- {{name: films, {kind}: {address!r}}}` under `sources:`, `version: 1` above."
        )


def _county(
    settings: Settings, request: WatchRequest, poses: KnownPoses, tools: Tools
) -> tuple[County | None, str]:
    """Return the imported county, or what stands in for it, and what to tell of that.

    Raises:
        NoCountyError: a flight is watched, and no county was imported.
    """
    if settings.county_file.exists():
        return tools.county(settings), ""
    if request.log:
        raise NoCountyError(
            f"Sightings of a flight are tied to cells, and no county was imported into "
            f"{settings.home}: give one with `patrol grid import FILE`."
        )
    if poses.pose_at is None:
        return None, ""
    if not poses.of_sample:
        return None, (
            "No county was imported, so sightings have a place and no cell. Import yours with "
            "`patrol grid import FILE`."
        )
    # The shipped clips were filmed over the sample county and must work with nothing else.
    return (
        read_county(sample_county_path()),
        (
            "No county was imported: cells and zones are those of the sample county. "
            "Import yours with `patrol grid import FILE`."
        ),
    )


def _pass_id(request: WatchRequest, files: ModelFiles, now: datetime) -> str:
    """Return a name that is the same whenever the same input is judged by the same model."""
    if request.log or request.is_live:
        return f"{now:%Y%m%dT%H%M%SZ}"
    path = Path(request.address)
    size_bytes = path.stat().st_size if path.is_file() else 0
    told = f"{path.name}\n{size_bytes}\n{files.sha256}\n{request.rules}\n{request.analysed_fps}"
    if request.every_m:
        told += f"\n{request.every_m} m"
    if request.moving_camera:
        told += "\nmoving"
    if request.poses != PoseRequest():
        told += f"\n{request.poses}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _start_utc(request: WatchRequest, now: datetime) -> datetime:
    """Return when a source without telemetry begins: now for a live one, else the file's own time.

    A file keeps its time, so watching it again reports the same events at the same time.
    """
    path = Path(request.address)
    if request.is_live or not path.exists():
        return now
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
