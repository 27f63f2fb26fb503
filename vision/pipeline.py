"""Frames in, sightings out: detect, track, locate, judge, and show why."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from geofences.cells import CellProbability
from geofences.geodesy import LocalFrame, LonLat
from geofences.view import Camera
from vision.away import TimeAway
from vision.camera_motion import CameraMotion
from vision.detections import Detections
from vision.detector import Detector
from vision.errors import PoseError
from vision.flames import FlameWatch
from vision.frames import Frame, FrameSource
from vision.ground_context import GroundContext
from vision.ground_motion import GroundFrame
from vision.ground_tracking import GroundTracker, GroundTracking
from vision.ground_watch import GroundWatch
from vision.objects import FrameSeen, ObjectBook
from vision.pass_state import PassState
from vision.pending import Pending
from vision.projection import LocatingErrors, Places, Projector
from vision.rules.findings import Finding
from vision.rules.judge import Judge
from vision.rules.schema import Rule
from vision.rules.scores import stirring_classes, tracked_from
from vision.rules.setting import Setting
from vision.rules.zones import ZoneMap
from vision.sightings import Sighting
from vision.stirring import StirWatch
from vision.tracking import PictureTracker, PictureTracking
from vision.writing import Ground, SightingWriter

_JITTER_S = 1e-6
_WITHOUT_POSE = "{}: {} frames have no pose, and nothing seen in them is told; the first: {}"


@dataclass(frozen=True)
class WatchSettings:
    """How one pass is watched.

    Attributes:
        source_name: name in the sightings, "" takes the source's own.
        pass_id: name of the pass; the same name gives the same sighting ids.
        start_utc: what time the source's time 0 is, UTC.
        judge_every_s: least stream time between two steps of the rules.
        settle_s: with poses, how long after a rule holds more looks are gathered for the place;
            it ends early when the object leaves the view.
        moving_camera: without poses, whether to follow the motion of the whole picture.
        aloft: whether the camera is on an aircraft though its poses are not known.
        errors: what spoils a place beside the pose.
        picture_tracking: tracking without poses.
        ground_tracking: tracking with poses.
    """

    source_name: str = ""
    pass_id: str = ""
    start_utc: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    judge_every_s: float = 0.2
    settle_s: float = 3.0
    moving_camera: bool = False
    aloft: bool = False
    errors: LocatingErrors = field(default_factory=LocatingErrors)
    picture_tracking: PictureTracking = field(default_factory=PictureTracking)
    ground_tracking: GroundTracking = field(default_factory=GroundTracking)


@dataclass(frozen=True)
class Progress:
    """How far a pass has come.

    Attributes:
        frames: frames judged.
        time_s: stream time of the latest.
        fps: frames judged a second of wall time since the start.
        without_pose: frames that could not be located.
        sightings: sightings made.
    """

    frames: int
    time_s: float
    fps: float
    without_pose: int
    sightings: int


@dataclass(frozen=True, eq=False)
class JudgedFrame:
    """A frame with everything known of it, for drawing.

    Attributes:
        frame: the frame.
        detections: with track ids.
        class_names: names by class id.
        findings: what the rules found at this frame.
    """

    frame: Frame
    detections: Detections
    class_names: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Observers:
    """Who is told while a pass is watched, in the watching thread.

    A frame's sightings wait for `on_frame`, and come before `after_frame`.
    """

    on_progress: Callable[[Progress], None] | None = None
    on_frame: Callable[[JudgedFrame], None] | None = None
    after_frame: Callable[[JudgedFrame], None] | None = None
    clock: Callable[[], float] = time.monotonic


def watch(
    source: FrameSource,
    detector: Detector,
    rules: Sequence[Rule],
    ground: GroundContext,
    settings: WatchSettings | None = None,
    observers: Observers | None = None,
) -> Iterator[Sighting]:
    """Watch a source to its end and yield each sighting as it is confirmed.

    Frames are pulled, so a file loses none; the source is not closed.

    Raises:
        SourceError: the source gives no frames or breaks for good.
        ModelError: the detector fails.
        PoseError: there are poses and no camera.
        EvidenceError: a picture cannot be encoded.
    """
    watching = PassWatch(source.name, detector, rules, ground, settings or WatchSettings())
    yield from watching.run(source, detector, observers or Observers())


class PassWatch:
    """One pass being watched: wires the steps together and holds their state.

    Args:
        name: of the source, where the settings have none.
        detector: tells the classes.
        rules: what is looked for.
        ground: what ties the source to the ground.
        settings: how the pass is watched.
        state: what an earlier watching of the same pass remembered, to go on from there.

    Raises:
        PoseError: there are poses and no camera.
    """

    def __init__(
        self,
        name: str,
        detector: Detector,
        rules: Sequence[Rule],
        ground: GroundContext,
        settings: WatchSettings,
        state: PassState | None = None,
    ) -> None:
        if ground.pose_at is not None and ground.camera is None:
            raise PoseError("Poses were given without their camera; name the camera as well.")
        self._settings = settings
        self._ground = ground
        self._rules = rules
        self._names, self._thresholds = detector.class_names, detector.thresholds
        self._source_name = settings.source_name or name
        passing = ground.pose_at is not None
        moves = settings.moving_camera or settings.aloft
        self.state = state or PassState(
            self._names,
            ObjectBook(memory_s=3600.0 if passing else 30.0),
            Pending(settings.settle_s if passing else 0.0),
            PictureTracker(self._tracked_from(stands=not moves), settings.picture_tracking),
            GroundTracker(self._tracked_from(stands=False), settings.ground_tracking),
        )
        self._book, self._pending = self.state.book, self.state.pending
        self._picture_tracker = self.state.picture_tracker
        self._ground_tracker = self.state.ground_tracker
        self._motion = CameraMotion() if settings.moving_camera and not passing else None
        self._ground_watch = GroundWatch(
            rules,
            self._names,
            settings.judge_every_s,
            said=moves,
            drawn=not passing and bool(ground.picture_zones),
        )
        if self.state.frame_index >= 0:
            self._ground_watch.lose_zones(self.state.time_s)
        self._flames = FlameWatch(self._names, self._thresholds)
        self._stirring = StirWatch(self._names, stirring_classes(rules))
        self._projector: Projector | None = None
        self._without_pose = ""
        self._zones = ZoneMap.in_picture(ground.picture_zones)
        self._judge: Judge | None = None if passing else self._new_judge(passing=False)
        if self.state.origin is not None and ground.camera is not None:
            self._projector = self._begin(ground.camera, self.state.origin)

    def run(
        self, source: FrameSource, detector: Detector, observers: Observers
    ) -> Iterator[Sighting]:
        """Yield the sightings of the pass."""
        started_s, frames, sightings, time_s = observers.clock(), 0, 0, 0.0

        def tell() -> None:
            if observers.on_progress is not None:
                fps = frames / max(observers.clock() - started_s, 1e-6)
                observers.on_progress(
                    Progress(frames, time_s, fps, self.state.without_pose, sightings)
                )

        away = TimeAway(self._settings.picture_tracking.lost_s, 1.0 / (source.fps or 25.0))
        for frame, detections in detector.detect(source):
            if self._stands and (away_s := away.take_out(frame, self.state)):
                self._begin_later(away_s)
            frames, time_s = frames + 1, frame.time_s
            self.state.frame_index, self.state.time_s = frame.index, time_s
            tracked = self._track(frame, detections)
            findings = self._judge_frame(frame)
            self._pending.look(frame, tracked, findings)
            judged = JudgedFrame(frame, tracked, self._names, tuple(findings))
            if observers.on_frame is not None:
                observers.on_frame(judged)
            for sighting in self._due(time_s):
                sightings += 1
                yield sighting
            if observers.after_frame is not None:
                observers.after_frame(judged)
            tell()
        for sighting in self._due(float("inf")):
            sightings += 1
            yield sighting
        self._warn(source)
        if frames:
            tell()

    def _warn(self, source: FrameSource) -> None:
        """Tell who reads the report of a source what could not be judged."""
        self._ground_watch.warn(source)
        if self._without_pose:
            without = self.state.without_pose
            said = _WITHOUT_POSE.format(source.name, without, self._without_pose)
            source.report.warning = f"{source.report.warning} {said}".strip()

    def _tracked_from(self, *, stands: bool) -> tuple[float, ...]:
        return tracked_from(self._rules, self._names, self._thresholds, stands=stands)

    def _track(self, frame: Frame, detections: Detections) -> Detections:
        flicker_from, stirs = len(detections), None
        if self._stands:
            stirs = self._stirring.shares(frame, detections)
            flames = self._flames.flames(frame, detections, stirs)
            detections = detections.followed_by(flames)
        if self._ground.pose_at is None:
            shift = self._motion.shift_px(frame) if self._motion is not None else (0.0, 0.0)
            tracked = self._picture_tracker.update(detections, frame.time_s, shift)
            places = None
        else:
            places = self._locate(frame, detections)
            if places is None:
                return detections
            tracked = self._ground_tracker.update(detections, places, frame.time_s)
        ground = self._ground_frame(frame, detections) if places is None else None
        size = frame.size_wh_px
        seen = FrameSeen(frame.time_s, frame.index, size, ground, flicker_from, stirs)
        zones = self._zones_of(frame, tracked, places, ground)
        self._book.add_frame(seen, tracked, places, zones)
        return tracked

    def _zones_of(
        self, frame: Frame, tracked: Detections, places: Places | None, ground: GroundFrame | None
    ) -> list[frozenset[int]]:
        """The zones that each detection stands in."""
        to_drawn = None
        if ground is not None and self._ground_watch.carries:
            to_drawn = self._ground_watch.to_first(ground)
            if to_drawn is None:
                return [frozenset()] * len(tracked)
        return self._zones.members(tracked, places, frame.size_wh_px, self._names, to_drawn)

    def _ground_frame(self, frame: Frame, detections: Detections) -> GroundFrame | None:
        """How the ground lies, where a rule may ask who moves over it."""
        stood = self._stands
        ground = self._ground_watch.look(frame, detections)
        if self._stands != stood:
            self._judge = self._new_judge(passing=False)
        return ground

    def _locate(self, frame: Frame, detections: Detections) -> Places | None:
        """Places of the detections, None for a frame whose pose is not known."""
        pose_at, camera = self._ground.pose_at, self._ground.camera
        if pose_at is None or camera is None:
            return None
        try:
            pose = pose_at(frame.time_s)
        except PoseError as error:
            self.state.without_pose += 1
            self._without_pose = self._without_pose or str(error)
            return None
        projector = self._projector or self._begin(camera, pose.position)
        self._projector = projector.sized(camera, frame.size_wh_px)
        return self._projector.locate(detections, pose)

    def _begin(self, camera: Camera, origin: LonLat) -> Projector:
        """The first pose fixes the origin of the pass, and with it the zones in metres."""
        local = LocalFrame(origin)
        self.state.origin = origin
        projector = Projector(
            camera, local, self._names, self._settings.errors, self._ground.terrain
        )
        zones = self._ground.zones.zones if self._ground.zones else ()
        self._zones = ZoneMap.on_ground(zones, local)
        self._judge = self._new_judge(passing=True)
        return projector

    def _new_judge(self, *, passing: bool) -> Judge:
        setting = Setting(
            self._names,
            self._thresholds,
            self._zones,
            passing=passing,
            stands=self._stands,
            carried=self._ground_watch.carries,
            start_utc=self._settings.start_utc,
        )
        return Judge(self._rules, setting, self.state.judge)

    @property
    def _stands(self) -> bool:
        """Whether the camera stays where it is."""
        return self._ground.pose_at is None and self._ground_watch.stands

    def _begin_later(self, seconds: float) -> None:
        """Count the pass's time from a later moment."""
        start_utc = self._settings.start_utc + timedelta(seconds=seconds)
        self._settings = replace(self._settings, start_utc=start_utc)
        self._judge = self._new_judge(passing=False)

    def _judge_frame(self, frame: Frame) -> list[Finding]:
        if (
            self._judge is None
            or frame.time_s - self.state.judged_s < self._settings.judge_every_s - _JITTER_S
        ):
            return []
        self.state.judged_s = frame.time_s
        self._book.forget(frame.time_s)
        return self._judge.step(self._book, frame.time_s)

    def _due(self, time_s: float) -> Iterator[Sighting]:
        for held in self._pending.due(time_s):
            yield self._writer().write(held)

    def _writer(self) -> SightingWriter:
        ground = Ground(self._ground.grid, self._projector, self._declared())
        name, settings = self._source_name, self._settings
        return SightingWriter(
            self._names, self._zones, ground, name, settings.pass_id, settings.start_utc
        )

    def _declared(self) -> tuple[LonLat | None, float, tuple[CellProbability, ...]]:
        place, grid = self._ground.place, self._ground.grid
        if place.cell_code:
            return place.position, place.ce90_m, (CellProbability(place.cell_code, 1.0),)
        if place.position is not None and grid is not None:
            return place.position, place.ce90_m, grid.probabilities(place.position, place.ce90_m)
        return place.position, place.ce90_m, ()
