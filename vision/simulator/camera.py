"""The virtual camera: what a drone's camera sees of a scene from a pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from geofences.view import Camera, CameraPose, pixels_to_local
from vision.simulator.eye import Eye, ground_homography
from vision.simulator.ground import Orthophoto, paint_ground
from vision.simulator.materials import tile
from vision.simulator.mesh import Floats
from vision.simulator.plumes import layered, puffs_at, sprites
from vision.simulator.raster import draw_foliage, draw_solid, patch_for, smooth_over
from vision.simulator.scene import Material, Scene, SceneObject
from vision.simulator.solids import Foliage, Solid, set_stage
from vision.simulator.truth import TrueBox, true_boxes

Image = npt.NDArray[np.uint8]
_BANDS = 6
_NOISE_PX = 256


class VirtualCamera:
    """Renders a scene from poses.

    All geometry goes through `geofences.view`, so a place and its picture agree. The same scene,
    pose and time always give the same picture.

    Args:
        scene: What there is to see.
        camera: The camera.
        texel_m: Resolution of the painted ground; 0.06 suits 40 m and more.
    """

    def __init__(self, scene: Scene, camera: Camera, texel_m: float = 0.06) -> None:
        self.scene = scene
        self.camera = camera
        self._pinhole = camera.pinhole()
        self._frame = scene.frame
        self.stage = set_stage(scene)
        rng = np.random.default_rng([scene.seed, 21])
        self._far_texel_m = 0.1
        self._far = tile(Material.CROP, self._far_texel_m, rng)
        self._stamps = sprites(scene.seed)
        self._noise = _sensor_noise(scene.light.noise_sigma, rng)
        self.ground: Orthophoto = paint_ground(self.stage, texel_m)

    def eye(self, pose: CameraPose) -> Eye:
        """Return the look from a pose."""
        east, north = self._frame.to_local(pose.position.lon_deg, pose.position.lat_deg)
        return Eye(self._pinhole, pose, np.array([east, north, pose.height_ground_m]))

    def render(self, pose: CameraPose) -> Image:
        """Return what the camera sees, uint8 (H, W, 3) BGR."""
        eye = self.eye(pose)
        image = self._ground_picture(eye)
        for _, draw in sorted(self._drawings(eye), key=lambda pair: -pair[0]):
            draw(image)
        return self._through_lens(image, pose)

    def boxes(self, pose: CameraPose) -> list[TrueBox]:
        """Return where the scene's objects are in the picture from a pose."""
        return true_boxes(self.stage, replace(self.eye(pose), camera=self.camera))

    def _ground_picture(self, eye: Eye) -> Image:
        to_picture = ground_homography(eye)
        size = (self.camera.width_px, self.camera.height_px)
        image = np.empty((size[1], size[0], 3), np.uint8)
        if not self._ground_fills(eye):
            far = to_picture @ _texels_to_metres(self._far_texel_m, 0.0)
            flags = cv2.INTER_LINEAR
            cv2.warpPerspective(
                self._far, far, size, dst=image, flags=flags, borderMode=cv2.BORDER_WRAP
            )
        edges = np.linspace(0, size[1], _BANDS + 1).astype(int)
        for top, bottom in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            self._warp_band(image, to_picture, eye, (top, bottom))
        _paint_sky(image, eye)
        return image

    def _ground_fills(self, eye: Eye) -> bool:
        w, h = self.camera.width_px, self.camera.height_px
        corners = pixels_to_local(eye.camera, eye.pose, [[0, 0], [w, 0], [w, h], [0, h]])
        placed = np.abs(corners + eye.place_m[:2])
        return bool((placed < self.ground.half_extent_m).all())

    def _warp_band(self, image: Image, to_picture: Floats, eye: Eye, rows: tuple[int, int]) -> None:
        """Warp the ground into some rows, from the level whose texels suit them."""
        level = self._level_for(eye, (rows[0] + rows[1]) / 2)
        texel = self.ground.texel_m * 2**level
        lift = np.array([[1.0, 0, 0], [0, 1, -rows[0]], [0, 0, 1]])
        matrix = lift @ to_picture @ _texels_to_metres(texel, self.ground.half_extent_m)
        band = image[rows[0] : rows[1]]
        cv2.warpPerspective(
            self.ground.levels[level],
            matrix,
            (band.shape[1], band.shape[0]),
            dst=band,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_TRANSPARENT,
        )

    def _level_for(self, eye: Eye, row: float) -> int:
        x = self.camera.width_px / 2
        spots = pixels_to_local(eye.camera, eye.pose, [[x, row], [x + 1, row], [x, row + 1]])
        if np.isnan(spots).any():
            return len(self.ground.levels) - 1
        across = float(np.hypot(*(spots[1] - spots[0])))
        along = float(np.hypot(*(spots[2] - spots[0])))
        ratio = (across * along) ** 0.5 / self.ground.texel_m
        return int(
            np.clip(math.floor(math.log2(max(ratio, 1e-3)) + 0.25), 0, len(self.ground.levels) - 1)
        )

    def _drawings(self, eye: Eye) -> list[tuple[float, Callable[[Image], None]]]:
        """Return what is in view, each with its distance and the deed that draws it."""
        solids, houses, trees = self.stage.in_view(eye)
        found = [
            (_distance(thing.centre_m, eye), _solid_drawing(thing, eye))
            for thing in (*houses, *solids)
        ]
        found += [(_distance(tree.centre_m, eye), _tree_drawing(tree, eye)) for tree in trees]
        for item in self.stage.plumes:
            east, north = self.stage.place_m(item)
            middle = np.array([east, north, item.height_m / 2])
            reach = np.array([item.height_m + item.length_m])
            if eye.sees(middle[None], reach).all():
                found.append((_distance(middle, eye) - 1.0, self._plume_drawing(item, eye)))
        return found

    def _plume_drawing(self, item: SceneObject, eye: Eye) -> Callable[[Image], None]:
        def draw(image: Image) -> None:
            puffs = puffs_at(item, self.stage.place_m(item), self.scene.wind_mps, eye.pose.time_s)
            pixels = eye.pixels(puffs.centres_m)
            radii = eye.radii_px(puffs.centres_m, puffs.radii_m)
            spread = np.concatenate([pixels - radii[:, None], pixels + radii[:, None]])
            patch = patch_for(spread, (image.shape[1], image.shape[0]))
            if patch is None or np.isnan(pixels).any():
                return
            window = (patch.x0, patch.y0, patch.x1, patch.y1)
            colour, alpha = layered(pixels, radii, puffs, self._stamps, window)
            lit = (
                colour * np.float32(self.scene.light.exposure)
                if item.class_name == "smoke"
                else colour
            )
            smooth_over(image, patch, lit, alpha)

        return draw

    def _through_lens(self, image: Image, pose: CameraPose) -> Image:
        soft = cv2.GaussianBlur(image, (3, 3), 0.55)
        if not self.camera.lens.is_straight:
            soft = cv2.remap(soft, *self._distortion(), cv2.INTER_LINEAR)
        rng = np.random.default_rng([self.scene.seed, abs(int(pose.time_s * 1000))])
        down, right = (int(v) for v in rng.integers(0, _NOISE_PX, 2))
        noise = self._noise_window(down, right, soft.shape)
        return np.asarray(cv2.addWeighted(soft, 1.0, noise, 1.0, -128.0), dtype=np.uint8)

    def _noise_window(self, down: int, right: int, shape: tuple[int, ...]) -> Image:
        rows, columns = shape[0], shape[1]
        if down + rows <= len(self._noise) and right + columns <= self._noise.shape[1]:
            return self._noise[down : down + rows, right : right + columns]
        repeats = (rows // len(self._noise) + 1, columns // self._noise.shape[1] + 1, 1)
        return np.ascontiguousarray(np.tile(self._noise, repeats)[:rows, :columns])

    def _distortion(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return for each pixel of the picture where it lies without the lens distortion."""
        height, width = self.camera.height_px, self.camera.width_px
        ys, xs = np.mgrid[0:height, 0:width] + 0.5
        plane = self.camera.plane(np.column_stack([xs.ravel(), ys.ravel()]))
        straight = self.camera.pixels(self.camera.lens.undistort(plane)) - 0.5
        maps = straight.astype(np.float32).reshape(height, width, 2)
        return np.ascontiguousarray(maps[..., 0]), np.ascontiguousarray(maps[..., 1])


def _sensor_noise(sigma: float, rng: np.random.Generator) -> Image:
    """Return noise about 128, larger than a usual picture so that it can be shifted."""
    noise = rng.standard_normal((_NOISE_PX * 5, _NOISE_PX * 7, 3), dtype=np.float32)
    return np.asarray(np.clip(noise * sigma + 128, 0, 255), dtype=np.uint8)


def _texels_to_metres(texel_m: float, half_extent_m: float) -> Floats:
    """Return the map from texel indices to (east, north)."""
    return np.array(
        [
            [texel_m, 0.0, texel_m / 2 - half_extent_m],
            [0.0, -texel_m, half_extent_m - texel_m / 2],
            [0.0, 0.0, 1.0],
        ]
    )


def _distance(centre_m: Floats, eye: Eye) -> float:
    return float(np.linalg.norm(centre_m - eye.place_m))


def _solid_drawing(thing: Solid, eye: Eye) -> Callable[[Image], None]:
    return lambda image: draw_solid(image, thing, eye.pixels(thing.corners_m), eye.place_m)


def _tree_drawing(tree: Foliage, eye: Eye) -> Callable[[Image], None]:
    def draw(image: Image) -> None:
        radii = eye.radii_px(tree.centres_m, tree.radii_m)
        draw_foliage(image, tree, eye.pixels(tree.centres_m), radii)

    return draw


def _paint_sky(image: Image, eye: Eye) -> None:
    """Paint the rows above the horizon; the ground's map shows its underside there."""
    if eye.pose.pitch_deg + eye.camera.vfov_deg / 2 + abs(eye.pose.roll_deg) < -2:
        return
    height, width = image.shape[:2]
    xs, ys = np.meshgrid(np.linspace(0, width, 33), np.linspace(0, height, 25))
    ground = pixels_to_local(eye.camera, eye.pose, np.column_stack([xs.ravel(), ys.ravel()]))
    sky = np.isnan(ground[:, 0]).astype(np.float32).reshape(xs.shape)
    share = cv2.resize(sky, (width, height))[..., None]
    haze = np.array([232, 216, 200], np.float32)
    image[:] = (image * (1 - share) + haze * share).astype(np.uint8)
