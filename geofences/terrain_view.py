"""What a camera sees of ground that is not flat: rays cast onto a terrain, with their errors.

A ray is marched from the camera in steps of half the terrain's resolution (half a percent of the
way, where that is more), and where it first dips under the ground the crossing is found by
bisection: exact to a millimetre on what the terrain tells. A ray that crosses unknown ground before
it meets known ground has no place, because anything may stand in a gap.

Errors are carried through by casting again from poses that are moved by each cause of error, both
ways and by the root of three standard deviations: the divided differences of second order of
Noergaard, Poulsen and Ravn (Automatica 36, 2000). So slope, curvature and ridges within reach of
the error widen the place, where a tangent plane would not know of them. The Earth's curvature is
left out: 8 cm in height a kilometre away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geofences.errors import AboveHorizonError, TerrainGapError
from geofences.geodesy import LocalFrame
from geofences.normal import circular_error_m
from geofences.terrain import Terrain
from geofences.view import MIN_DEPRESSION_DEG, Camera, CameraPose, GroundPoint, rays_enu

FloatArray = NDArray[np.float64]

MOST_RANGE_M = 10_000.0
"""A ray that meets nothing so far is none that locates anything."""

_FLATTEST = math.sin(math.radians(MIN_DEPRESSION_DEG))
_STEP_SHARE = 0.005
_FLAT_STEP_M = 10.0
_CHUNK = 8
_BISECTIONS = 14
_BACK_M = 1.0
_SHARED = 8
_SIGMAS2 = 3.0
_SIGMAS = math.sqrt(_SIGMAS2)


@dataclass(frozen=True, eq=False)
class Looked:
    """Where pixels look, in metres east and north of the frame's origin.

    Attributes:
        xy_m: float64 (N, 2), NaN where a pixel shows no ground, or ground that is not known.
        shared_m: float64 (N, 2, K), how far the place moves by one standard deviation of what all
            pixels share: east, north, height, heading, pitch, the height of what is aimed at, focal
            length and lens; then how far it bends away from that.
        own_m: float64 (N, 2, 2), the same for each pixel's own error in x and y.
    """

    xy_m: FloatArray
    shared_m: FloatArray
    own_m: FloatArray

    def covariances_m2(self) -> FloatArray:
        """Covariance of each place, float64 (N, 2, 2)."""
        moves = np.concatenate([self.shared_m, self.own_m], axis=2)
        return np.asarray(moves @ moves.transpose(0, 2, 1), np.float64)


class TerrainView:
    """A terrain as cameras near one place see it.

    Args:
        terrain: the ground.
        frame: places come in its metres.
    """

    def __init__(self, terrain: Terrain, frame: LocalFrame) -> None:
        self._terrain = terrain
        self._frame = frame
        self._ways_m = _ways_m(terrain.resolution_m)

    def places(
        self, camera: Camera, pose: CameraPose, xy_px: ArrayLike, raised_m: ArrayLike = 0.0
    ) -> FloatArray:
        """Where pixels look.

        Args:
            camera: the camera.
            pose: where it is.
            xy_px: float64 (N, 2), from the top left corner of the picture.
            raised_m: a number or float64 (N,): so far above the ground is what is aimed at.

        Returns:
            float64 (N, 2), metres in the frame, NaN where no known ground is met.
        """
        pixels = np.asarray(xy_px, np.float64).reshape(-1, 2)
        rays = rays_enu(camera, pose, pixels)
        origins = np.broadcast_to(self._camera_m(pose), rays.shape)
        return self._cast(origins, rays, np.broadcast_to(raised_m, len(rays)))

    def look(
        self,
        camera: Camera,
        pose: CameraPose,
        xy_px: ArrayLike,
        pixel_px: ArrayLike,
        raised_m: ArrayLike = 0.0,
        raised_sigma_m: ArrayLike = 0.0,
    ) -> Looked:
        """Where pixels look, and how far each cause of error moves that.

        Args:
            camera: the camera.
            pose: where it is, and the errors of that.
            xy_px: float64 (N, 2).
            pixel_px: a number or float64 (N,): one standard deviation of a pixel along each axis.
            raised_m: as for `places`.
            raised_sigma_m: one standard deviation of that.
        """
        pixels = np.asarray(xy_px, np.float64).reshape(-1, 2)
        count = len(pixels)
        pixel_sigma = np.broadcast_to(pixel_px, count)[:, None]
        raised = np.broadcast_to(np.asarray(raised_m, np.float64), count)
        raised_sigma = np.broadcast_to(np.asarray(raised_sigma_m, np.float64), count)
        camera_m = self._camera_m(pose)
        misjudged_px = () if camera.is_exact else camera.misjudged_px(pixels)
        looks = [(camera_m, pose, pixels, raised)]
        for sign in (_SIGMAS, -_SIGMAS):
            looks += [
                (camera_m + sign * pose.errors.horizontal_m * axis, pose, pixels, raised)
                for axis in np.eye(3)[:2]
            ]
            up = sign * pose.errors.vertical_m * np.eye(3)[2]
            turned = replace(pose, heading_deg=pose.heading_deg + sign * pose.errors.heading_deg)
            pitched = replace(pose, pitch_deg=pose.pitch_deg + sign * pose.errors.pitch_deg)
            looks += [(camera_m + up, pose, pixels, raised)]
            looks += [(camera_m, turned, pixels, raised), (camera_m, pitched, pixels, raised)]
            looks += [(camera_m, pose, pixels, raised + sign * raised_sigma)]
            looks += [(camera_m, pose, pixels + sign * move, raised) for move in misjudged_px]
            looks += [
                (camera_m, pose, pixels + sign * pixel_sigma * axis, raised) for axis in np.eye(2)
            ]
        origins = np.concatenate([np.broadcast_to(at, (count, 3)) for at, _, _, _ in looks])
        rays = np.concatenate([rays_enu(camera, seen, px) for _, seen, px, _ in looks])
        found = self._cast(origins, rays, np.concatenate([each for _, _, _, each in looks]))
        return _looked(found.reshape(len(looks), count, 2))

    def refusal(
        self, camera: Camera, pose: CameraPose, x_px: float, y_px: float
    ) -> AboveHorizonError | TerrainGapError:
        """Why a pixel has no place."""
        ray = rays_enu(camera, pose, np.array([[x_px, y_px]]))
        at = self._camera_m(pose)[None] + ray * self._ways_m[:, None]
        lon_deg, lat_deg = self._frame.to_lonlat(at[:, 0], at[:, 1])
        clear_m = at[:, 2] - self._terrain.alt_amsl_m(lon_deg, lat_deg)
        first = int(np.argmax(~(clear_m > 0.0)))
        met = np.isfinite(self.places(camera, pose, [[x_px, y_px]])).all()
        if met or (np.isfinite(ray).all() and np.isnan(clear_m[first])):
            return TerrainGapError(
                f"Pixel ({x_px:.0f}, {y_px:.0f}) of camera {camera.name!r} looks across ground "
                f"that the terrain does not know, {self._ways_m[first]:.0f} m away; give "
                "elevation that covers it."
            )
        return AboveHorizonError(
            f"Pixel ({x_px:.0f}, {y_px:.0f}) of camera {camera.name!r} shows no ground within "
            f"{MOST_RANGE_M / 1000.0:.0f} km, or only grazes it, at a pitch of "
            f"{pose.pitch_deg:.1f} deg; tilt the camera down or use a lower part of the picture."
        )

    def _camera_m(self, pose: CameraPose) -> FloatArray:
        """East, north in the frame, and height above sea level."""
        place = pose.position
        alt_m = pose.alt_amsl_m
        if alt_m is None:
            ground_m = self._terrain.alt_amsl_m([place.lon_deg], [place.lat_deg])[0]
            alt_m = float(ground_m) + pose.height_ground_m
        return np.array([*self._frame.to_local(place.lon_deg, place.lat_deg), alt_m])

    def _cast(self, origins: FloatArray, rays: FloatArray, raised_m: FloatArray) -> FloatArray:
        """Where rays, (N, 3), first meet the ground raised by so much; NaN where unknown."""
        near_m, far_m = self._bracket(origins, rays, raised_m)
        met = np.flatnonzero(np.isfinite(far_m))
        places = np.full((len(rays), 2), np.nan)
        if not len(met):
            return places
        near_m, far_m = near_m[met], far_m[met]
        stretch = self._stretch(origins[met], rays[met], raised_m[met], near_m - _BACK_M, far_m)
        for _ in range(_BISECTIONS):
            middle_m = (near_m + far_m) / 2.0
            above = stretch.clearance_m(middle_m[:, None])[:, 0] > 0.0
            near_m, far_m = np.where(above, middle_m, near_m), np.where(above, far_m, middle_m)
        before_m = stretch.clearance_m((far_m - _BACK_M)[:, None])[:, 0]
        usable = before_m > _FLATTEST * _BACK_M
        places[met[usable]] = (origins[met] + rays[met] * far_m[:, None])[usable, :2]
        return places

    def _bracket(
        self, origins: FloatArray, rays: FloatArray, raised_m: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Ways along rays between which each first dips under the ground; NaN where it does not."""
        near_m, far_m = np.full(len(rays), np.nan), np.full(len(rays), np.nan)
        active = np.flatnonzero(np.isfinite(rays).all(axis=1))
        for begin in range(0, len(self._ways_m) - 1, _CHUNK):
            if not len(active):
                break
            ways_m = self._ways_m[begin : begin + _CHUNK + 1]
            ends = (np.full(len(active), way_m) for way_m in (ways_m[0], ways_m[-1]))
            stretch = self._stretch(origins[active], rays[active], raised_m[active], *ends)
            clear_m = stretch.clearance_m(ways_m[None, :])
            # Not above known ground: under it, or over a gap.
            stopped = ~(clear_m > 0.0)
            first = stopped.argmax(axis=1)
            ended = stopped[np.arange(len(active)), first]
            hit = ended & (first > 0) & np.isfinite(clear_m[np.arange(len(active)), first])
            near_m[active[hit]] = ways_m[first[hit] - 1]
            far_m[active[hit]] = ways_m[first[hit]]
            active = active[~ended]
        return near_m, far_m

    def _stretch(
        self,
        origins: FloatArray,
        rays: FloatArray,
        raised_m: FloatArray,
        begin_m: FloatArray,
        end_m: FloatArray,
    ) -> _Stretch:
        lon_lat = [
            np.column_stack(self._frame.to_lonlat(at[:, 0], at[:, 1]))
            for at in (origins + rays * way_m[:, None] for way_m in (begin_m, end_m))
        ]
        # Rays begin that far above the ground that is raised for them.
        return _Stretch(
            self._terrain, origins[:, 2] - raised_m, rays[:, 2], begin_m, end_m, *lon_lat
        )


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Parts of rays so short that longitude and latitude run straight along them.

    Over the longest, 400 m at 10 km, they bend by 3 mm.
    """

    terrain: Terrain
    alt_m: FloatArray
    climb: FloatArray
    begin_m: FloatArray
    end_m: FloatArray
    begin_lonlat: FloatArray
    end_lonlat: FloatArray

    def clearance_m(self, ways_m: FloatArray) -> FloatArray:
        """Height of the rays above the ground at ways along them, (N, M); NaN over gaps."""
        ways_m = np.broadcast_to(ways_m, (len(self.alt_m), ways_m.shape[1]))
        share = (ways_m - self.begin_m[:, None]) / (self.end_m - self.begin_m)[:, None]
        lon_deg, lat_deg = (
            self.begin_lonlat[:, axis, None]
            + share * (self.end_lonlat - self.begin_lonlat)[:, axis, None]
            for axis in (0, 1)
        )
        ground_m = self.terrain.alt_amsl_m(lon_deg.ravel(), lat_deg.ravel()).reshape(ways_m.shape)
        above_m = self.alt_m[:, None] + self.climb[:, None] * ways_m - ground_m
        return np.asarray(above_m, np.float64)


def pixel_to_terrain(
    camera: Camera,
    pose: CameraPose,
    x_px: float,
    y_px: float,
    terrain: Terrain,
    *,
    pixel_error_px: float = 1.0,
) -> GroundPoint:
    """The place on a terrain that a pixel shows, and how well it is known.

    Args:
        camera: the camera.
        pose: where it is, and the errors of that; the error of its height counts from the ground,
            so the terrain's own error is part of it.
        x_px: from the left edge of the picture.
        y_px: from its top edge.
        terrain: the ground.
        pixel_error_px: one standard deviation of the pixel along each axis.

    Raises:
        AboveHorizonError: the pixel shows the sky, or ground too far or too flat to be a place.
        TerrainGapError: what it shows lies behind or in ground that the terrain does not know.
    """
    frame = LocalFrame(pose.position)
    view = TerrainView(terrain, frame)
    looked = view.look(camera, pose, [[x_px, y_px]], pixel_error_px)
    if np.isnan(looked.xy_m).any():
        raise view.refusal(camera, pose, x_px, y_px)
    east_m, north_m = looked.xy_m[0].tolist()
    lon_lat = LocalFrame(pose.position).to_lonlat(east_m, north_m)
    covariance = looked.covariances_m2()[0]
    (east, cross), (_, north) = covariance.tolist()
    return GroundPoint(
        replace(pose.position, lon_deg=lon_lat[0], lat_deg=lon_lat[1]),
        circular_error_m(covariance, 0.5),
        circular_error_m(covariance, 0.9),
        ((east, cross), (cross, north)),
    )


def _looked(found: FloatArray) -> Looked:
    """Divided differences of places, (1 + 2 M, N, 2): as told, all causes up, all causes down.

    The last two causes are each pixel's own; without those of the camera there are six others.
    """
    place, (up, down) = found[0], np.split(found[1:], 2)
    # Where one side meets nothing the other tells of both; where neither does, nobody knows.
    up, down = (
        np.where(np.isnan(one), 2.0 * place - other, one) for one, other in ((up, down), (down, up))
    )
    known = np.isfinite(up).all(axis=(0, 2)) & np.isfinite(place).all(axis=1)
    straight = np.where(known[:, None], (up - down) / (2.0 * _SIGMAS), np.nan)
    bent = np.where(known[:, None], up + down - 2.0 * place, np.nan)
    shift = bent.sum(axis=0, keepdims=True) / (2.0 * _SIGMAS2)
    bends = np.concatenate([bent * math.sqrt((_SIGMAS2 - 1.0) / 4.0) / _SIGMAS2, shift])
    shared, own = straight[:-2], straight[-2:]
    exact = np.zeros((_SHARED - len(shared), *place.shape))
    columns = np.concatenate([shared, exact, bends]).transpose(1, 2, 0)
    return Looked(np.where(known[:, None], place, np.nan), columns, own.transpose(1, 2, 0))


def _ways_m(resolution_m: float) -> FloatArray:
    """Ways along a ray at which the ground is looked up, from nothing to `MOST_RANGE_M`."""
    least_m = resolution_m / 2.0 if resolution_m > 0.0 else _FLAT_STEP_M
    ways = [0.0]
    while ways[-1] < MOST_RANGE_M:
        ways.append(ways[-1] + max(least_m, _STEP_SHARE * ways[-1]))
    return np.array(ways)
