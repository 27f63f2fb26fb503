"""Poses of a film: found inside or beside it or named by the person, completed, and told of."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from geofences.geodesy import LonLat
from geofences.terrain import FlatTerrain, Terrain
from geofences.view import Camera
from patrol.elevation import load_terrain
from patrol.errors import UsageError
from patrol.settings import Settings
from vision.calibration import CALIBRATED_LENS_SHARE, Calibration, read_calibration
from vision.calibration import SUFFIXES as CALIBRATION_SUFFIXES
from vision.decoding import shown_size_px
from vision.errors import PoseError
from vision.frames import PICTURE_SUFFIXES
from vision.ground_context import PoseAt
from vision.live_video import LiveVideo
from vision.poses import read_telemetry, telemetry_beside
from vision.telemetry.film_poses import (
    COURSE,
    STRAIGHT,
    TOLD,
    Completion,
    Distortion,
    FilmPoses,
    nominal,
)
from vision.telemetry.finding import find_track, read_track
from vision.telemetry.pose_table import parse_pose_map
from vision.telemetry.stream_poses import StreamPoses
from vision.telemetry.track import HeightAbove, PoseTrack

NO_POSES = "none"
FLIGHT_LOG = ".flight.jsonl"
STATED_HEIGHTS = tuple(above.value for above in HeightAbove if above is not HeightAbove.UNSTATED)
# Sensors tell once to thirty times a second.
_HEARD = 3
_HEARD_WITHIN_S = 10.0
_ASKED_EVERY_S = 0.05


@dataclass(frozen=True)
class PoseRequest:
    """What the person says of where the camera was.

    Attributes:
        poses: a file of poses; empty to find them in or beside the film, `none` to have none.
        pose_map: what the columns of a table mean, or a YAML file that says so.
        offset_s: added to the film's time to have the telemetry's.
        gimbal_pitch_deg: of the camera, where it is not told.
        heading_from: `told`, `course`, or degrees.
        hfov_deg: the camera's field of view across the picture.
        distortion: of its lens, k1, k2, p1, p2 and k3, or the file of a calibration.
        focal_error_share: one standard deviation of the camera's focal length; None for what is
            usual.
        height_above: what a height is measured from of which nobody says it.
        home: where the aircraft took off.
        terrain: elevation files; the home folder's if empty.
        ground_alt_amsl_m: ground that is flat, so high above sea level.
    """

    poses: str = ""
    pose_map: str = ""
    offset_s: float = 0.0
    gimbal_pitch_deg: float | None = None
    heading_from: str = TOLD
    hfov_deg: float | None = None
    distortion: Distortion | Path = STRAIGHT
    focal_error_share: float | None = None
    height_above: str = ""
    home: LonLat | None = None
    terrain: tuple[Path, ...] = ()
    ground_alt_amsl_m: float | None = None

    @property
    def of_poses(self) -> "PoseRequest":
        """What is said of where it was; of the camera itself nothing."""
        return replace(self, hfov_deg=None, distortion=STRAIGHT, focal_error_share=None)

    @property
    def completes(self) -> bool:
        """Whether anything is said that only poses give a meaning."""
        silent = PoseRequest(
            poses=self.poses, terrain=self.terrain, ground_alt_amsl_m=self.ground_alt_amsl_m
        )
        return self != silent


@dataclass(frozen=True)
class KnownPoses:
    """Poses of a source, or none.

    Attributes:
        camera: the camera, None without poses.
        pose_at: the pose at a time of the film, None without poses.
        start_utc: when the film begins, None where not told.
        terrain: the ground that heights count from, None where it is taken to be flat.
        said: what a person should know of them; empty if nothing.
        of_sample: whether a file of our own lay beside the film, as beside the shipped clips.
        of_stream: whether a live stream tells them itself, by the times of its pictures.
    """

    camera: Camera | None = None
    pose_at: PoseAt | None = None
    start_utc: datetime | None = None
    terrain: Terrain | None = None
    said: str = ""
    of_sample: bool = False
    of_stream: bool = False


def film_poses(address: str, request: PoseRequest, settings: Settings) -> KnownPoses:
    """The poses of a source that is no flight of ours.

    Poses that are found and cannot be used are told of, and the source has none; poses and
    calibrations that the person names must be usable.

    Raises:
        UsageError: the request contradicts itself.
        PoseError: named poses cannot be used, or options complete what is not there.
        SourceError: FFmpeg cannot open the film.
        GroundError: elevation cannot be used.
    """
    calibration = _calibration(request)
    if request.poses == NO_POSES:
        return _nothing(address, request)
    film = Path(address)
    named = Path(request.poses) if request.poses else telemetry_beside(film)
    if named is not None and named.suffix == ".jsonl":
        return _own(named, request, settings)
    if not film.is_file() or film.suffix.lower() in PICTURE_SUFFIXES:
        if named is not None:
            raise UsageError(f"{address}: --poses FILE goes with a film, whose time it tells.")
        return _nothing(address, request)
    if named is None:
        return _found(film, request, settings, calibration)
    size_px = shown_size_px(film)
    mapping = parse_pose_map(request.pose_map) if request.pose_map else None
    track = read_track(named, mapping, size_px[0] / size_px[1])
    return _complete(track, _completion(request, settings, calibration), size_px)


def stream_poses(source: LiveVideo, request: PoseRequest, settings: Settings) -> KnownPoses:
    """The poses that a live stream brings with its pictures; what it lacks is told.

    Args:
        source: not yet read from; it begins to read, and its frames wait for their poses.
        request: what the person says.
        settings: where elevation is.

    Raises:
        UsageError: the request contradicts itself.
        PoseError: options complete what is not there.
        GroundError: elevation cannot be used.
    """
    if request.poses == NO_POSES or not source.bears_misb:
        if request.completes:
            raise PoseError(
                f"{source.name}: no telemetry that is read comes with it, so there are no poses to "
                "complete."
            )
        return KnownPoses()
    completion = _completion(request, settings, _calibration(request))
    telemetry = source.hear(request.offset_s)
    until_s = time.monotonic() + _HEARD_WITHIN_S
    while time.monotonic() < until_s:
        if telemetry.positions() >= _HEARD and all(source.size_wh_px):
            break
        time.sleep(_ASKED_EVERY_S)
    try:
        poses = StreamPoses(telemetry, completion, source.size_wh_px)
    except PoseError as error:
        telemetry.is_wanted = False
        return KnownPoses(
            said="The stream brings MISB telemetry (KLV), and yet what is seen has no place. "
            f"{error} If no position or no picture came yet, begin to watch anew. The camera is "
            "taken to fly; if it stands, say --poses none (in a file of sources poses: {file: "
            "none})."
        )
    return KnownPoses(poses.camera, poses.pose_at, None, poses.terrain, poses.said, of_stream=True)


def _calibration(request: PoseRequest) -> Calibration | None:
    if not isinstance(request.distortion, Path):
        return None
    if request.hfov_deg is not None:
        raise UsageError(
            f"{request.distortion} tells the field of view with the distortion; leave out --hfov."
        )
    return read_calibration(request.distortion)


def _found(
    film: Path, request: PoseRequest, settings: Settings, calibration: Calibration | None
) -> KnownPoses:
    """Poses that nobody named: what is wrong with them is told, and the film is watched."""
    size_px = shown_size_px(film)
    if calibration is not None:
        calibration.camera(film.name, *size_px)
    try:
        track = find_track(film, size_px[0] / size_px[1])
    except PoseError as error:
        return KnownPoses(said=f"The telemetry of this film is not used: {error}")
    if track is None:
        return _nothing(str(film), request)
    try:
        return _complete(track, _completion(request, settings, calibration), size_px)
    except PoseError as error:
        return KnownPoses(said=f"Poses were found, but sightings have no place yet: {error}")


def carried(camera: Camera, request: PoseRequest, film: Path) -> Camera:
    """The camera that a flight log names, with what the person says of it.

    Args:
        camera: of the log.
        request: what the person says.
        film: that it took. Pictures of a stream, whose size is not known yet, are taken to have
            the shape that the log or the calibration says.

    Raises:
        UsageError: the request contradicts itself.
        PoseError: the calibration cannot be used.
        GroundError: no camera is like that.
    """
    calibration = _calibration(request)
    size_px = shown_size_px(film) if film.is_file() else None
    if calibration is not None:
        own_px = (calibration.width_px, calibration.height_px)
        told = calibration.camera(camera.name, *(size_px or own_px))
    elif request.hfov_deg is not None:
        # Said of the pictures as they are, whatever shape the plan took them to have.
        told = nominal(Camera(camera.name, *(size_px or camera.size_wh_px), request.hfov_deg))
    else:
        # Of a camera that was not calibrated, a plan knows what its makers say.
        told = nominal(camera) if camera.is_exact else camera
    if not isinstance(request.distortion, Path) and request.distortion != STRAIGHT:
        k1, k2, p1, p2, k3 = request.distortion
        told = replace(
            told, k1=k1, k2=k2, p1=p1, p2=p2, k3=k3, lens_error_share=CALIBRATED_LENS_SHARE
        )
    if request.focal_error_share is not None:
        told = replace(told, focal_error_share=request.focal_error_share)
    return told


def ground_of(request: PoseRequest, settings: Settings) -> Terrain | None:
    """The ground that the person means: named, declared flat, or that of the home folder.

    Raises:
        UsageError: both are given.
        GroundError: elevation cannot be used.
    """
    if request.terrain and request.ground_alt_amsl_m is not None:
        raise UsageError("Give --terrain or --ground-alt: ground is as it is, or flat.")
    if request.ground_alt_amsl_m is not None:
        return FlatTerrain(request.ground_alt_amsl_m)
    return load_terrain(request.terrain, settings)


def _own(path: Path, request: PoseRequest, settings: Settings) -> KnownPoses:
    """Our own telemetry, whose heights are above ground; the home folder's hills are not asked.

    It was written by a camera that knew its ground, and the shipped clips were filmed over a plane.
    """
    offset_s = request.offset_s
    if replace(request, offset_s=0.0).completes:
        raise UsageError(
            f"{path} tells poses and camera whole: leave out --gimbal-pitch, --heading-from, "
            "--pose-map, --home, --height-above, --hfov, --distortion and --focal-error, or give "
            "--poses none."
        )
    telemetry = read_telemetry(path)
    given = bool(request.terrain) or request.ground_alt_amsl_m is not None
    return KnownPoses(
        telemetry.camera,
        lambda time_s: replace(telemetry.pose_at(time_s + offset_s), time_s=time_s),
        telemetry.start_utc,
        ground_of(request, settings) if given else None,
        of_sample=True,
    )


def _completion(
    request: PoseRequest, settings: Settings, calibration: Calibration | None
) -> Completion:
    lens = STRAIGHT if isinstance(request.distortion, Path) else request.distortion
    return Completion(
        offset_s=request.offset_s,
        gimbal_pitch_deg=request.gimbal_pitch_deg,
        heading_from=parse_heading(request.heading_from),
        hfov_deg=request.hfov_deg,
        distortion=lens,
        calibration=calibration,
        focal_error_share=request.focal_error_share,
        height_above=HeightAbove(request.height_above) if request.height_above else None,
        home=request.home,
        terrain=ground_of(request, settings),
    )


def _complete(track: PoseTrack, completion: Completion, size_px: tuple[int, int]) -> KnownPoses:
    poses = FilmPoses(track, completion, size_px)
    return KnownPoses(poses.camera, poses.pose_at, poses.start_utc, poses.terrain, poses.said)


def _nothing(address: str, request: PoseRequest) -> KnownPoses:
    if request.completes:
        raise PoseError(
            f"{address}: no poses were found in or beside it, so there is nothing to complete; "
            "name them with --poses FILE."
        )
    return KnownPoses()


def parse_heading(text: str) -> str | float:
    """Read `told`, `course` or degrees.

    Raises:
        UsageError: it is none of them.
    """
    if text in {TOLD, COURSE}:
        return text
    try:
        heading_deg = float(text)
    except ValueError:
        heading_deg = -1.0
    if not 0.0 <= heading_deg <= 360.0:
        raise UsageError(f"{text!r} is no heading: write told, course, or degrees from 0 to 360.")
    return heading_deg


def parse_distortion(text: str) -> Distortion | Path:
    """Read terms in OpenCV's order, `K1,K2[,P1,P2[,K3]]`, or the name of a calibration's file.

    `K1` alone is legal too; nothing is a lens that does not distort.

    Raises:
        UsageError: it is neither.
    """
    parts = text.split(",") if text else []
    try:
        values = [float(part) for part in parts]
    except ValueError:
        if Path(text).suffix.lower() in CALIBRATION_SUFFIXES:
            return Path(text)
        values = [math.nan]
    if len(values) not in {0, 1, 2, 4, 5} or not all(map(math.isfinite, values)):
        raise UsageError(
            f"{text!r} is no distortion: write K1,K2 or K1,K2,P1,P2,K3 of the camera's "
            "calibration, as in -0.11,0.01, or name the file that OpenCV wrote (.yml, .xml, .json)."
        )
    k1, k2, p1, p2, k3 = [*values, *STRAIGHT][: len(STRAIGHT)]
    return k1, k2, p1, p2, k3


def parse_height_above(text: str, heights: Sequence[str] = STATED_HEIGHTS) -> str:
    """Check what a height is measured from.

    Raises:
        UsageError: nothing that is known.
    """
    if text and text not in heights:
        raise UsageError(f"{text!r} is nothing to measure heights from: {', '.join(heights)}.")
    return text
