"""From boxes to places on the ground, with errors, and from many looks to one place.

What is located is the middle of the object. Seen steeply, the middle of its box shows the point
at half its height, so the ray through it is met with the level plane at half the object's nominal
height: right for standing things and for flat ones (height 0) alike. Seen flatter than
`FLAT_VIEW_DEG` a small error of that height would move the place far, so the middle of the box's
lower edge is taken, where the object touches the ground. Smoke and fire rise: always their foot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geofences.errors import GroundError
from geofences.geodesy import LocalFrame, LonLat
from geofences.normal import circular_error_m
from geofences.terrain import Terrain
from geofences.terrain_view import TerrainView
from geofences.view import (
    BIAS_SHARE,
    CORRELATION_S,
    Camera,
    CameraPose,
    GroundPoint,
    pixels_to_local,
    rays_enu,
)
from vision.detections import Detections
from vision.errors import PoseError

FloatArray = NDArray[np.float64]

FLAT_VIEW_DEG = 25.0
_PITCH_STEP_DEG = 0.01
_LASTING = slice(5, 8)

NOMINAL_HEIGHT_M: Mapping[str, float] = {
    "person": 1.7,
    "two_wheeler": 1.3,
    "car": 1.5,
    "truck_bus": 3.0,
    "stall": 2.2,
    "garbage": 0.5,
}
"""Usual height of what a class names; classes not listed lie flat."""

RISING = frozenset({"smoke", "fire"})
"""Classes located by the foot of their box."""


@dataclass(frozen=True)
class LocatingErrors:
    """What spoils a place beside the pose, one standard deviation each.

    Attributes:
        pixel_px: least error of a box edge.
        pixel_share: error of a box edge as a share of the box's size.
        rising_share: the same for smoke and fire, whose box sways with the wind.
        height_share: error of the nominal height as a share of it.
    """

    pixel_px: float = 1.0
    pixel_share: float = 0.06
    rising_share: float = 0.25
    height_share: float = 0.2


@dataclass(frozen=True, slots=True)
class Seen:
    """When a look was taken, and the memory of its pose's errors (see `PoseErrors`).

    Attributes:
        time_s: when.
        bias_share: share of the variance that stays.
        correlation_s: correlation time of the rest.
    """

    time_s: float = 0.0
    bias_share: float = BIAS_SHARE
    correlation_s: float = CORRELATION_S

    def __reduce__(self) -> tuple[type[Seen], tuple[object, ...]]:
        # For the reason that `vision.objects.Look` has.
        return Seen, (self.time_s, self.bias_share, self.correlation_s)

    @staticmethod
    def of(pose: CameraPose) -> Seen:
        """As a pose tells it."""
        return Seen(pose.time_s, pose.errors.bias_share, pose.errors.correlation_s)


@dataclass(frozen=True, eq=False)
class Places:
    """Where the detections of one frame stand, in metres east and north of a common origin.

    Attributes:
        xy_m: float64 (N, 2), NaN where a box shows no ground.
        shared_m: float64 (N, 2, K), how far the place moves by one standard deviation of each
            error that looks may share: east, north, height, heading, pitch, then of what stays
            the same in all of them, object height, focal length and lens; over terrain also how
            far it bends away from that.
        own_m: float64 (N, 2, 2), the same for the box's own errors in x and y.
        area_m2: float64 (N,), ground that an oval filling each box covers; None where not asked.
        seen: when, and how long the pose's errors stay what they are.
    """

    xy_m: FloatArray
    shared_m: FloatArray
    own_m: FloatArray
    area_m2: FloatArray | None = None
    seen: Seen = Seen()

    def __len__(self) -> int:
        return int(self.xy_m.shape[0])

    def sigma_m(self) -> FloatArray:
        """Standard deviation of each place along its worse axis or less, float64 (N,)."""
        variance = (self.shared_m**2).sum(axis=(1, 2)) + (self.own_m**2).sum(axis=(1, 2))
        return np.asarray(np.sqrt(variance / 2), np.float64)


@dataclass(frozen=True)
class Projector:
    """Locates detections of one camera in the plane around an origin.

    Attributes:
        camera: the camera.
        frame: the plane around the origin.
        class_names: names by class id.
        errors: what spoils a place beside the pose.
        terrain: the ground; None for flat ground as high as the poses count from.
    """

    camera: Camera
    frame: LocalFrame
    class_names: tuple[str, ...]
    errors: LocatingErrors = field(default_factory=LocatingErrors)
    terrain: Terrain | None = None
    _view: TerrainView | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        view = TerrainView(self.terrain, self.frame) if self.terrain else None
        object.__setattr__(self, "_view", view)

    def sized(self, camera: Camera, size_wh_px: tuple[int, int]) -> Projector:
        """The same for pictures of the size that they have, which may not be the camera's own.

        Args:
            camera: as it is known.
            size_wh_px: of the pictures.

        Raises:
            PoseError: they were cut otherwise, so that the camera is not known.
        """
        if size_wh_px == self.camera.size_wh_px:
            return self
        try:
            return replace(self, camera=camera.sized(*size_wh_px))
        except GroundError as error:
            raise PoseError(f"{error} --distortion FILE does so, or --hfov.") from error

    def locate(self, detections: Detections, pose: CameraPose) -> Places:
        """Places of the detections, seen from a pose; row i belongs to detection i."""
        boxes = np.asarray(detections.xyxy_px, np.float64)
        names = [self.class_names[class_id] for class_id in detections.class_id]
        heights_m = np.array([NOMINAL_HEIGHT_M.get(name, 0.0) for name in names])
        rising = np.array([name in RISING for name in names], bool)
        middle_px = np.column_stack([boxes[:, ::2].mean(axis=1), boxes[:, 1::2].mean(axis=1)])
        foot_px = np.column_stack([middle_px[:, 0], boxes[:, 3]])
        by_foot = rising | (self._depressions_deg(pose, middle_px) < FLAT_VIEW_DEG)
        aim_px = np.where(by_foot[:, None], foot_px, middle_px)
        planes_m = np.where(by_foot, 0.0, heights_m / 2)
        size_px = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
        share = np.where(rising, self.errors.rising_share, self.errors.pixel_share)
        places = self._places(pose, aim_px, planes_m, self.errors.pixel_px + share * size_px)
        return replace(places, area_m2=self._areas_m2(pose, boxes), seen=Seen.of(pose))

    def _areas_m2(self, pose: CameraPose, boxes_px: FloatArray) -> FloatArray:
        """Ground under an oval that fills each box; right for what lies flat and is small."""
        left, top, right, bottom = boxes_px.T
        x, y = (left + right) / 2, (top + bottom) / 2
        ends = [(left, y), (right, y), (x, top), (x, bottom)]
        west, east, far, near = (self._on_ground(pose, np.column_stack(end)) for end in ends)
        across, along = east - west, far - near
        cross = across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]
        return np.asarray(math.pi / 4 * np.abs(cross), np.float64)

    def _places(
        self, pose: CameraPose, aim_px: FloatArray, planes_m: FloatArray, pixel_px: FloatArray
    ) -> Places:
        if self._view is not None:
            raised_sigma_m = planes_m * self.errors.height_share
            looked = self._view.look(self.camera, pose, aim_px, pixel_px, planes_m, raised_sigma_m)
            return Places(looked.xy_m, np.nan_to_num(looked.shared_m), np.nan_to_num(looked.own_m))
        return self._flat_places(pose, aim_px, planes_m, pixel_px)

    def _flat_places(
        self, pose: CameraPose, aim_px: FloatArray, planes_m: FloatArray, pixel_px: FloatArray
    ) -> Places:
        offset_m = self._meet(pose, aim_px, planes_m)
        east_m, north_m = self.frame.to_local(pose.position.lon_deg, pose.position.lat_deg)
        errors = pose.errors
        per_height = offset_m / np.maximum(pose.height_ground_m - planes_m, 0.1)[:, None]
        ones = np.ones(len(aim_px))
        pitched = [
            self._meet(replace(pose, pitch_deg=pose.pitch_deg + step), aim_px, planes_m)
            for step in (_PITCH_STEP_DEG, -_PITCH_STEP_DEG)
        ]
        per_pitch = (pitched[0] - pitched[1]) / (2 * _PITCH_STEP_DEG)
        turned = np.column_stack([offset_m[:, 1], -offset_m[:, 0]])
        shared = np.stack(
            [
                np.column_stack([ones * errors.horizontal_m, 0 * ones]),
                np.column_stack([0 * ones, ones * errors.horizontal_m]),
                per_height * errors.vertical_m,
                turned * math.radians(errors.heading_deg),
                per_pitch * errors.pitch_deg,
                -per_height * (planes_m * self.errors.height_share)[:, None],
            ],
            axis=2,
        )
        steps = [self._meet(pose, aim_px + step, planes_m) - offset_m for step in np.eye(2)]
        per_px = np.stack(steps, axis=2)
        misjudged = per_px @ self.camera.misjudged_px(aim_px).transpose(1, 2, 0)
        shared, own = np.concatenate([shared, misjudged], axis=2), per_px * pixel_px[:, None, None]
        return Places(
            offset_m + np.array([east_m, north_m]), np.nan_to_num(shared), np.nan_to_num(own)
        )

    def _meet(self, pose: CameraPose, aim_px: FloatArray, planes_m: FloatArray) -> FloatArray:
        """Where rays meet the level plane at a height above ground, metres from the camera."""
        on_ground = pixels_to_local(self.camera, pose, aim_px)
        share = (pose.height_ground_m - planes_m) / pose.height_ground_m
        return np.asarray(on_ground * share[:, None], np.float64)

    def _on_ground(self, pose: CameraPose, xy_px: FloatArray) -> FloatArray:
        """Where pixels look, metres; against one another, not against an origin."""
        if self._view is not None:
            return self._view.places(self.camera, pose, xy_px)
        return pixels_to_local(self.camera, pose, xy_px)

    def _depressions_deg(self, pose: CameraPose, xy_px: FloatArray) -> FloatArray:
        """How far below the horizon pixels look; 0 where they do not."""
        rays = rays_enu(self.camera, pose, xy_px)
        angles = np.degrees(np.arcsin(np.clip(-rays[:, 2], 0.0, 1.0)))
        return np.nan_to_num(np.asarray(angles, np.float64))


@dataclass(frozen=True, eq=False)
class PlaceLook:
    """One look's place: a row of `Places`, and the number of the visit it belongs to."""

    xy_m: FloatArray
    shared_m: FloatArray
    own_m: FloatArray
    visit: int = 0
    area_m2: float = math.nan
    seen: Seen = Seen()


def fuse(looks: Sequence[PlaceLook], frame: LocalFrame) -> GroundPoint:
    """One place from many looks of a pass at a thing that stands still.

    Looks are weighted by their precision. The own error of each look shrinks with their number.
    Of the pose's error looks share what stays through the pass, and of what wanders so much the
    more the closer they are in time. What is shared is carried through with its sign, so it stays
    when all looks come from one side and cancels only where other sides make it. The height of the
    thing, the focal length and the lens are the same in all looks.

    Raises:
        ValueError: there are no looks.
    """
    if not looks:
        raise ValueError("no looks to fuse")
    xy_m = np.stack([look.xy_m for look in looks])
    shared = np.stack([look.shared_m for look in looks])
    own = np.stack([look.own_m for look in looks])
    floor = np.eye(2) * 1e-6
    weights = np.linalg.inv(_products(shared) + _products(own) + floor)
    weights = np.linalg.inv(weights.sum(axis=0)) @ weights
    place_m = (weights @ xy_m[:, :, None]).sum(axis=0)[:, 0]
    shared, own = weights @ shared, weights @ own
    lasting, of_pose = shared[:, :, _LASTING], np.delete(shared, _LASTING, axis=2)
    covariance = _products(lasting.sum(axis=0, keepdims=True))[0] + _products(own).sum(axis=0)
    covariance += _correlated(of_pose, _correlations(looks)) + floor
    return ground_point(frame, place_m, covariance)


def _correlations(looks: Sequence[PlaceLook]) -> FloatArray:
    """How much of the pose's error looks have in common, float64 (N, N).

    A pass has one telemetry: the memory of its first look is that of all.
    """
    memory = looks[0].seen
    times_s = np.array([look.seen.time_s for look in looks])
    apart_s = np.abs(times_s[:, None] - times_s)
    left = np.exp(-apart_s / memory.correlation_s)
    return np.asarray(memory.bias_share + (1.0 - memory.bias_share) * left, np.float64)


def _correlated(moves: FloatArray, correlations: FloatArray) -> FloatArray:
    """Covariance (2, 2) of the sum of moves, (N, 2, K), of causes that are so correlated."""
    by_cause = moves.transpose(2, 0, 1)
    return np.asarray(
        (by_cause.transpose(0, 2, 1) @ (correlations @ by_cause)).sum(axis=0), np.float64
    )


def _products(moves: FloatArray) -> FloatArray:
    """Each (2, K) matrix of moves times its transpose, (N, 2, 2)."""
    return np.asarray(moves @ moves.transpose(0, 2, 1), np.float64)


def ground_point(frame: LocalFrame, place_m: FloatArray, covariance_m2: FloatArray) -> GroundPoint:
    """A place in the plane around an origin as longitude and latitude with circular errors."""
    lon_deg, lat_deg = frame.to_lonlat(float(place_m[0]), float(place_m[1]))
    (east, cross), (_, north) = covariance_m2.tolist()
    return GroundPoint(
        LonLat(lon_deg, lat_deg),
        circular_error_m(covariance_m2, 0.5),
        circular_error_m(covariance_m2, 0.9),
        ((east, cross), (cross, north)),
    )
