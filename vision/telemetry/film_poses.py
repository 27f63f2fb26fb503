"""Camera poses of a film: what telemetry tells, completed by what a person says.

What is completed is less certain than what is measured, and its errors are widened by as much.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np

from geofences.errors import GroundError
from geofences.geodesy import LonLat
from geofences.terrain import Terrain
from geofences.view import Camera, CameraPose, PoseErrors
from vision.calibration import CALIBRATED_LENS_SHARE, Calibration
from vision.errors import PoseError
from vision.telemetry.ground_heights import GroundHeights, ground_heights
from vision.telemetry.track import HeightAbove, Moment, PoseTrack

GIVEN_PITCH_SIGMA_DEG = 3.0
GIVEN_HEADING_SIGMA_DEG = 5.0
GIMBAL_HEADING_SIGMA_DEG = 5.0
"""How far a gimbal may look aside of its aircraft."""

COURSE_SIGMA_DEG = 8.0
"""How far an aircraft may head aside of where it moves, in a usual wind."""

NOMINAL_FOCAL_SHARE = 0.01
"""Focal lengths are told in whole millimetres of a picture of 35 mm, of which wide ones have 24."""

NOMINAL_LENS_SHARE = 0.005
"""What makers leave of distortion in the corners of pictures that they straighten: about 1 %."""

LEVEL_SIGMA_DEG = 1.0
LEAST_COURSE_SPEED_MPS = 1.5
_POSITION_JITTER_M = 0.3
_ZOOMED = 0.03

TOLD, COURSE = "told", "course"

Distortion = tuple[float, float, float, float, float]
STRAIGHT: Distortion = (0.0, 0.0, 0.0, 0.0, 0.0)
"""The terms of a lens that does not distort."""


class PoseSource(Protocol):
    """Anything that knows where a film's camera was."""

    @property
    def camera(self) -> Camera:
        """The camera."""

    @property
    def start_utc(self) -> datetime | None:
        """When the film begins; None where not told."""

    @property
    def terrain(self) -> Terrain | None:
        """The ground that the heights count from; None where it is taken to be flat."""

    def pose_at(self, time_s: float) -> CameraPose:
        """The pose at a time of the film, with its errors.

        Raises:
            PoseError: it is not known.
        """


@dataclass(frozen=True)
class Completion:
    """What a person adds to what telemetry tells.

    Attributes:
        offset_s: added to the film's time to have the telemetry's.
        gimbal_pitch_deg: of the camera, where it is not told.
        heading_from: "told", "course" (where the aircraft moves to), or degrees.
        hfov_deg: horizontal field of view; goes before what is told.
        distortion: of the lens, k1, k2, p1, p2 and k3 as `geofences.lens` has them.
        calibration: of the camera; goes before all that is told of field of view and distortion.
        focal_error_share: one standard deviation of the focal length; None for what is usual.
        height_above: what a height is measured from of which the telemetry does not say it.
        home: where the aircraft took off.
        terrain: the ground.
    """

    offset_s: float = 0.0
    gimbal_pitch_deg: float | None = None
    heading_from: str | float = TOLD
    hfov_deg: float | None = None
    distortion: Distortion = STRAIGHT
    calibration: Calibration | None = None
    focal_error_share: float | None = None
    height_above: HeightAbove | None = None
    home: LonLat | None = None
    terrain: Terrain | None = None


class FilmPoses:
    """A track with its completion: a `PoseSource`."""

    def __init__(
        self, track: PoseTrack, completion: Completion, size_wh_px: tuple[int, int]
    ) -> None:
        """Complete a track.

        Raises:
            PoseError: something is missing still; the message says by which option to give it.
        """
        refuse_incomplete(track, completion)
        self.track = track
        self._completion = completion
        self._heights: GroundHeights = ground_heights(
            track, completion.terrain, completion.home, completion.height_above
        )
        self.camera = completed_camera(track, completion, size_wh_px)
        self.start_utc = track.start_utc
        self.terrain = self._heights.terrain

    @property
    def said(self) -> str:
        """What the poses come from, in a sentence for a person."""
        completion, track = self._completion, self.track
        parts = [self._heights.said]
        if track.pitch_deg is None:
            parts.append(f"camera pitch {completion.gimbal_pitch_deg:g} deg as given")
        if completion.heading_from == COURSE:
            parts.append("heading from the course")
        elif completion.heading_from != TOLD:
            parts.append(f"heading {completion.heading_from:g} deg as given")
        elif track.heading_of == "aircraft":
            parts.append("the camera taken to look ahead of the aircraft")
        parts.append(f"field of view {self.camera.hfov_deg:.1f} deg")
        if completion.calibration is not None:
            parts.append(f"lens and axis by {completion.calibration.name}")
        elif any(completion.distortion):
            named = zip(("k1", "k2", "p1", "p2", "k3"), completion.distortion, strict=True)
            terms = ", ".join(f"{name} {term:g}" for name, term in named if term)
            parts.append(f"distortion {terms} as given")
        if completion.offset_s:
            parts.append(f"clock moved by {completion.offset_s:g} s")
        errors = self._errors(self.track.at(float(track.time_s[len(track.time_s) // 2])))
        told = (
            f"one standard deviation {errors.horizontal_m:.1f} m across, "
            f"{errors.vertical_m:.1f} m in height, {errors.heading_deg:.1f} deg in heading, "
            f"{errors.pitch_deg:.1f} deg in pitch, {self.camera.focal_error_share:.1%} of the "
            "focal length"
        )
        return " ".join([f"Poses from {track.name}: {', '.join(parts)}; {told}.", *track.notes])

    def of(self, track: PoseTrack) -> FilmPoses:
        """The same camera, with its height found in the same way, by another part of its track."""
        other = copy.copy(self)
        other.track = track
        return other

    def pose_at(self, time_s: float) -> CameraPose:
        """The pose at a time of the film; see `PoseSource`."""
        moment = self.track.at(time_s + self._completion.offset_s)
        heading_deg, pitch_deg = self._heading_deg(moment), self._pitch_deg(moment)
        if not (math.isfinite(heading_deg) and math.isfinite(pitch_deg)):
            raise PoseError(f"{self.track.name}: at {time_s:.1f} s an angle is not told.")
        if abs(moment.hfov_deg / self.camera.hfov_deg - 1.0) > _ZOOMED and self._is_zoom_told():
            raise PoseError(f"{self.track.name}: at {time_s:.1f} s the camera is zoomed.")
        height_m, alt_m = self._heights.at(moment)
        try:
            return CameraPose(
                time_s=time_s,
                position=moment.position,
                height_ground_m=height_m,
                heading_deg=heading_deg % 360.0,
                pitch_deg=pitch_deg,
                roll_deg=moment.roll_deg if math.isfinite(moment.roll_deg) else 0.0,
                errors=self._errors(moment),
                alt_amsl_m=alt_m,
            )
        except GroundError as error:
            raise PoseError(f"{self.track.name}: {error}") from error

    def _heading_deg(self, moment: Moment) -> float:
        source = self._completion.heading_from
        if source == TOLD:
            return moment.heading_deg
        if source != COURSE:
            return float(source)
        if moment.speed_mps < LEAST_COURSE_SPEED_MPS:
            raise PoseError(f"{self.track.name}: who hovers has no course.")
        return moment.course_deg

    def _pitch_deg(self, moment: Moment) -> float:
        given = self._completion.gimbal_pitch_deg
        if self.track.pitch_deg is None and given is not None:
            return given
        return moment.pitch_deg

    def _is_zoom_told(self) -> bool:
        given = self._completion.hfov_deg is not None or self._completion.calibration is not None
        return self.track.hfov_deg is not None and not given

    def _errors(self, moment: Moment) -> PoseErrors:
        track, told = self.track, self.track.errors
        heading = [told.heading_deg, moment.turn_dps * told.clock_s]
        if self._completion.heading_from == COURSE:
            # The course is the direction between two positions about a second apart.
            jitter = math.atan2(_POSITION_JITTER_M, max(moment.speed_mps, 0.1))
            heading = [COURSE_SIGMA_DEG, math.degrees(jitter), heading[1]]
        elif self._completion.heading_from != TOLD:
            heading = [GIVEN_HEADING_SIGMA_DEG]
        elif track.heading_of == "aircraft":
            heading.append(GIMBAL_HEADING_SIGMA_DEG)
        pitch = [told.pitch_deg if track.pitch_deg is not None else GIVEN_PITCH_SIGMA_DEG]
        if track.roll_deg is None:
            pitch.append(LEVEL_SIGMA_DEG)
        return PoseErrors(
            horizontal_m=math.hypot(
                told.horizontal_m, moment.speed_mps * told.clock_s, moment.apart_m
            ),
            vertical_m=self._heights.sigma_m,
            heading_deg=math.hypot(*heading),
            pitch_deg=math.hypot(*pitch),
        )


def nominal(camera: Camera) -> Camera:
    """A camera of which only the makers' word is known."""
    return replace(
        camera, focal_error_share=NOMINAL_FOCAL_SHARE, lens_error_share=NOMINAL_LENS_SHARE
    )


def refuse_incomplete(track: PoseTrack, completion: Completion) -> None:
    """Refuse what a track lacks and a person did not say.

    Raises:
        PoseError: something is missing still; the message says by which option to give it.
    """
    missing = _missing(track, completion)
    if missing:
        raise PoseError(f"{track.name}: lacks {'; '.join(missing)}.")


def _missing(track: PoseTrack, completion: Completion) -> list[str]:
    missing = []
    if track.pitch_deg is None and completion.gimbal_pitch_deg is None:
        missing.append("the camera's pitch: give --gimbal-pitch DEG (-90 is straight down)")
    if track.heading_deg is None and completion.heading_from == TOLD:
        missing.append("its heading: give --heading-from course, or degrees")
    if track.hfov_deg is None and completion.hfov_deg is None and completion.calibration is None:
        missing.append(
            "the camera's field of view: give --hfov DEG (across the picture), or a calibration "
            "(--distortion FILE)"
        )
    return missing


def completed_camera(
    track: PoseTrack, completion: Completion, size_wh_px: tuple[int, int]
) -> Camera:
    """The camera that a track tells of, with what a person says of it.

    Raises:
        PoseError: no camera is like that.
    """
    try:
        camera = _seen_by(track, completion, size_wh_px)
        if completion.focal_error_share is None:
            return camera
        return replace(camera, focal_error_share=completion.focal_error_share)
    except GroundError as error:
        raise PoseError(f"{track.name}: {error}") from error


def _seen_by(track: PoseTrack, completion: Completion, size_wh_px: tuple[int, int]) -> Camera:
    """The camera with the errors that are usual for where it is known from."""
    if completion.calibration is not None:
        return completion.calibration.camera(track.name, *size_wh_px)
    hfov_deg = completion.hfov_deg
    if hfov_deg is None and track.hfov_deg is not None:
        hfov_deg = float(np.nanmedian(track.hfov_deg))
    camera = nominal(Camera(track.name, *size_wh_px, hfov_deg or 0.0, *completion.distortion))
    known = any(completion.distortion)
    return replace(camera, lens_error_share=CALIBRATED_LENS_SHARE) if known else camera
