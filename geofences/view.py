"""What a camera sees of the ground: from pixels to places and back, with the error of the place.

Axes: the local ground plane is metres east and north of the point below the camera, up is above
ground. The camera looks along its z axis, x is right and y is down in the picture. With heading,
pitch and roll all zero it looks north at the horizon. Positive pitch looks up, positive roll
lowers the right side. Pixels count from the top left corner of the picture, which is (0, 0); the
optical axis meets it where the camera says. The ground is flat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geofences.attitude import axes_enu
from geofences.camera import Camera
from geofences.errors import AboveHorizonError, InvalidGeometryError
from geofences.geodesy import LocalFrame, LonLat
from geofences.normal import circular_error_m

__all__ = [
    "BIAS_SHARE",
    "CORRELATION_S",
    "MIN_DEPRESSION_DEG",
    "Camera",
    "CameraPose",
    "GroundPoint",
    "PoseErrors",
    "footprint",
    "local_to_pixels",
    "pixel_to_ground",
    "pixels_to_local",
    "rays_enu",
]

FloatArray = NDArray[np.float64]

MIN_DEPRESSION_DEG = 0.5
"""Rays flatter than this meet flat ground beyond 115 times the height: that is no place."""

BIAS_SHARE = 0.5
CORRELATION_S = 60.0
"""Usual memory of a pose's errors where nobody states it: decision 242 tells the sources."""

_FLATTEST = math.sin(math.radians(MIN_DEPRESSION_DEG))
_PITCH_STEP_DEG = 1e-4
_PIXEL_STEP_PX = 1e-2


@dataclass(frozen=True, slots=True)
class PoseErrors:
    """One standard deviation of each part of a pose, and how long an error stays what it is.

    A part of the variance stays through a pass; the rest wanders, and after the correlation time
    1 / e of it is left (a Gauss-Markov process of first order).

    Attributes:
        horizontal_m: of the position, along each of east and north.
        vertical_m: of the height above ground.
        heading_deg: of the camera's heading.
        pitch_deg: of the camera's pitch.
        bias_share: share of the variance that stays: of compasses and mounts that are off, of
            satellites' orbits and the air's delay, which take a quarter of an hour and more.
        correlation_s: correlation time of the rest: of reflected signals and drifting filters.

    Raises:
        InvalidGeometryError: an error is negative or not a number, or there is no such memory.
    """

    horizontal_m: float
    vertical_m: float
    heading_deg: float
    pitch_deg: float
    bias_share: float = BIAS_SHARE
    correlation_s: float = CORRELATION_S

    def __post_init__(self) -> None:
        parts = (self.horizontal_m, self.vertical_m, self.heading_deg, self.pitch_deg)
        if not all(0.0 <= part < math.inf for part in parts):
            raise InvalidGeometryError(
                f"The pose errors {parts} must be standard deviations of zero or more."
            )
        if not (0.0 <= self.bias_share <= 1.0 and 0.0 < self.correlation_s < math.inf):
            raise InvalidGeometryError(
                f"Of an error a share of {self.bias_share:g} cannot stay, or the rest be known for "
                f"{self.correlation_s:g} s: give 0 to 1, and seconds above zero."
            )


@dataclass(frozen=True, slots=True)
class CameraPose:
    """Where a camera is and how it looks, at one time.

    Attributes:
        time_s: on the clock of the flight that it belongs to.
        position: the point below the camera.
        height_ground_m: of the camera above the ground right below, or above flat ground.
        heading_deg: of the camera, clockwise from true north.
        pitch_deg: of the camera, -90 is straight down with the top of the picture at the heading.
        roll_deg: of the camera, positive lowers the right side.
        errors: how well all this is known.
        alt_amsl_m: of the camera above mean sea level, None where that is not known.

    Raises:
        InvalidGeometryError: an angle or the height is not a number, or the height is not above 0.
    """

    time_s: float
    position: LonLat
    height_ground_m: float
    heading_deg: float
    pitch_deg: float
    roll_deg: float
    errors: PoseErrors
    alt_amsl_m: float | None = None

    def __post_init__(self) -> None:
        angles = (self.heading_deg, self.pitch_deg, self.roll_deg)
        if not all(math.isfinite(angle) for angle in angles):
            raise InvalidGeometryError(f"The camera angles {angles} must be numbers, in degrees.")
        if not 0.0 < self.height_ground_m < math.inf:
            raise InvalidGeometryError(
                f"A camera at {self.height_ground_m} m above ground sees no ground; "
                "the height must be above zero."
            )


@dataclass(frozen=True, slots=True)
class GroundPoint:
    """A place on the ground with its error.

    Attributes:
        position: the place.
        ce50_m: radius holding the true place with 50 % probability.
        ce90_m: with 90 %.
        covariance_m2: ((east-east, east-north), (north-east, north-north)).
    """

    position: LonLat
    ce50_m: float
    ce90_m: float
    covariance_m2: tuple[tuple[float, float], tuple[float, float]]


def pixel_to_ground(
    camera: Camera, pose: CameraPose, x_px: float, y_px: float, *, pixel_error_px: float = 1.0
) -> GroundPoint:
    """The place on the ground that a pixel shows, and how well it is known.

    Args:
        camera: the camera.
        pose: where it is, and the errors of that.
        x_px: from the left edge of the picture.
        y_px: from its top edge.
        pixel_error_px: one standard deviation of the pixel along each axis.

    Raises:
        AboveHorizonError: the pixel shows the sky, or ground too far to be a place.
    """
    east_north = pixels_to_local(camera, pose, [[x_px, y_px]])[0]
    if np.isnan(east_north).any():
        raise AboveHorizonError(
            f"Pixel ({x_px:.0f}, {y_px:.0f}) of camera {camera.name!r} shows no ground: at a pitch "
            f"of {pose.pitch_deg:.1f} deg it looks less than {MIN_DEPRESSION_DEG} deg below the "
            "horizon, or past the lens; tilt the camera down or use a lower part of the picture."
        )
    covariance = _covariance_m2(camera, pose, np.array([x_px, y_px]), east_north, pixel_error_px)
    lon_deg, lat_deg = LocalFrame(pose.position).to_lonlat(
        float(east_north[0]), float(east_north[1])
    )
    (east, cross), (_, north) = covariance.tolist()
    return GroundPoint(
        LonLat(lon_deg, lat_deg),
        circular_error_m(covariance, 0.5),
        circular_error_m(covariance, 0.9),
        ((east, cross), (cross, north)),
    )


def pixels_to_local(camera: Camera, pose: CameraPose, xy_px: ArrayLike) -> FloatArray:
    """Where on the ground pixels look.

    Args:
        camera: the camera.
        pose: where it is.
        xy_px: float64, (N, 2), from the top left corner of the picture.

    Returns:
        float64, (N, 2), metres east and north of the point below the camera; NaN at and above
        `MIN_DEPRESSION_DEG` below the horizon, and past the lens.
    """
    return _places(camera, pose, _rows(xy_px, 2), _FLATTEST)


def local_to_pixels(camera: Camera, pose: CameraPose, enu_m: ArrayLike) -> FloatArray:
    """Which pixels show places in space; they may lie outside the picture.

    Args:
        camera: the camera.
        pose: where it is.
        enu_m: float64, (N, 3), metres east, north of the point below the camera, and above ground.

    Returns:
        float64, (N, 2), from the top left corner; NaN behind the camera or beyond its lens.
    """
    offset = _rows(enu_m, 3) - (0.0, 0.0, pose.height_ground_m)
    camera_axes = offset @ axes_enu(pose.heading_deg, pose.pitch_deg, pose.roll_deg)
    depth_m = np.where(camera_axes[:, 2] > 0.0, camera_axes[:, 2], np.nan)
    plane = camera.lens.distort(camera_axes[:, :2] / depth_m[:, None])
    return camera.pixels(plane)


def footprint(camera: Camera, pose: CameraPose) -> shapely.Polygon:
    """The ground that the picture shows, in metres east and north of the point below the camera.

    Where the picture shows the sky the footprint ends `MIN_DEPRESSION_DEG` below the horizon.

    Raises:
        AboveHorizonError: the picture shows nothing but sky.
    """
    rays = rays_enu(camera, pose, camera.border_px())
    seen = _clip_at_horizon(rays)
    if not (-rays[:, 2] > _FLATTEST).any():
        raise AboveHorizonError(
            f"The picture of camera {camera.name!r} shows no ground at a pitch of "
            f"{pose.pitch_deg:.1f} deg; tilt it down."
        )
    shape = shapely.Polygon(seen[:, :2] / -seen[:, 2:] * pose.height_ground_m)
    reach_m = pose.height_ground_m / math.tan(math.radians(MIN_DEPRESSION_DEG))
    return shape.intersection(shapely.Point(0.0, 0.0).buffer(reach_m, quad_segs=64))


def _covariance_m2(
    camera: Camera, pose: CameraPose, xy_px: FloatArray, place: FloatArray, pixel_error_px: float
) -> FloatArray:
    """Error of a ground place: each cause's error times how far the place moves with it."""
    errors, per_px = pose.errors, _moves_per_px(camera, pose, xy_px)
    misjudged_px = camera.misjudged_px(xy_px.reshape(1, 2))[:, 0]
    moves = np.column_stack(
        [
            (errors.horizontal_m, 0.0),
            (0.0, errors.horizontal_m),
            place / pose.height_ground_m * errors.vertical_m,
            np.array([place[1], -place[0]]) * math.radians(errors.heading_deg),
            _move_per_pitch_deg(camera, pose, xy_px) * errors.pitch_deg,
            *(misjudged_px @ per_px),
            *(per_px * pixel_error_px),
        ]
    )
    return np.asarray(moves @ moves.T, dtype=np.float64)


def _move_per_pitch_deg(camera: Camera, pose: CameraPose, xy_px: FloatArray) -> FloatArray:
    """Metres east and north that a pixel's place moves when the camera pitches up by a degree."""
    up, down = (
        _places(camera, replace(pose, pitch_deg=pose.pitch_deg + step), xy_px)[0]
        for step in (_PITCH_STEP_DEG, -_PITCH_STEP_DEG)
    )
    return np.asarray((up - down) / (2.0 * _PITCH_STEP_DEG), dtype=np.float64)


def _moves_per_px(camera: Camera, pose: CameraPose, xy_px: FloatArray) -> FloatArray:
    """Metres east and north that a place moves per pixel to the right, and per pixel down."""
    steps = _PIXEL_STEP_PX * np.vstack([np.eye(2), -np.eye(2)])
    places = _places(camera, pose, xy_px + steps)
    return np.asarray((places[:2] - places[2:]) / (2.0 * _PIXEL_STEP_PX), dtype=np.float64)


def _places(
    camera: Camera, pose: CameraPose, xy_px: FloatArray, flattest: float = 0.0
) -> FloatArray:
    """Where pixels, (N, 2) or (2,), meet the ground; NaN where sin(depression) <= `flattest`."""
    rays = rays_enu(camera, pose, xy_px.reshape(-1, 2))
    down = np.where(-rays[:, 2] > flattest, -rays[:, 2], np.nan)
    return np.asarray(rays[:, :2] / down[:, None] * pose.height_ground_m, dtype=np.float64)


def rays_enu(camera: Camera, pose: CameraPose, xy_px: FloatArray) -> FloatArray:
    """Unit vectors, (N, 3), from the camera through pixels, in east, north, up."""
    plane = camera.lens.undistort(camera.plane(xy_px))
    rays = np.column_stack([plane, np.ones(len(plane))])
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    return rays @ axes_enu(pose.heading_deg, pose.pitch_deg, pose.roll_deg).T


def _clip_at_horizon(rays: FloatArray) -> FloatArray:
    """The closed line of rays, cut where it rises above a tenth of the flattest usable ray.

    The cut is a chord of the circle that the flattest rays draw on the ground; taken ten times
    further out it lies outside that circle.
    """
    depth = -rays[:, 2] - _FLATTEST / 10.0
    kept: list[FloatArray] = []
    for index in range(len(rays)):
        before, here = depth[index - 1], depth[index]
        if (before > 0) != (here > 0):
            share = before / (before - here)
            kept.append(rays[index - 1] + share * (rays[index] - rays[index - 1]))
        if here > 0:
            kept.append(rays[index])
    return np.array(kept).reshape(-1, 3)


def _rows(values: ArrayLike, width: int) -> FloatArray:
    return np.asarray(values, dtype=np.float64).reshape(-1, width)
