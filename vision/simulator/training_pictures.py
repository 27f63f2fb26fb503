"""Rendered pictures to train a detector on, with exact boxes.

Scenes, suns, sensors, heights (20 to 70 m), pitches (-90 to -35) and headings vary at random; each
picture is aimed at an object of the class whose turn it is, so that no class is rare.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geofences.geodesy import LonLat
from geofences.view import Camera, CameraPose, PoseErrors
from vision.simulator.camera import VirtualCamera
from vision.simulator.random_scene import HALF_EXTENT_M, random_scene
from vision.simulator.scene import CLASS_NAMES, Scene, SceneObject
from vision.simulator.truth import TrueBox

PICTURES_PER_SCENE = 9
MIN_VISIBLE = 0.3
MIN_SIDE_PX = 5.0
_EXACT = PoseErrors(0.0, 0.0, 0.0, 0.0)


class TrainingPicture(NamedTuple):
    """A picture with its truth.

    Attributes:
        image: uint8 (H, W, 3), BGR.
        xyxy_px: float32 (N, 4), left, top, right, bottom, inside the picture.
        class_id: int32 (N,), indices into `scene.CLASS_NAMES`.
    """

    image: npt.NDArray[np.uint8]
    xyxy_px: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int32]


def training_pictures(
    seed: int, size_wh_px: tuple[int, int] = (1280, 720), texel_m: float = 0.04
) -> Iterator[TrainingPicture]:
    """Yield pictures without end; the same seed gives the same pictures.

    Args:
        seed: Decides everything.
        size_wh_px: Width and height of the pictures.
        texel_m: Resolution of the painted ground; coarser is quicker.
    """
    scene_index = 0
    while True:
        rng = np.random.default_rng([seed, scene_index, 77])
        scene = random_scene(rng)
        hfov_deg = float(rng.uniform(58, 82))
        camera = Camera("training", size_wh_px[0], size_wh_px[1], hfov_deg)
        virtual = VirtualCamera(scene, camera, texel_m)
        for index in range(PICTURES_PER_SCENE):
            wanted = CLASS_NAMES[(scene_index + index) % len(CLASS_NAMES)]
            pose = _pose_at(_target(scene, wanted, rng), scene, rng)
            yield _picture(virtual, pose)
        scene_index += 1


def _target(scene: Scene, wanted: str, rng: np.random.Generator) -> SceneObject:
    candidates = [o for o in scene.objects if o.class_name == wanted] or list(scene.objects)
    return candidates[int(rng.integers(len(candidates)))]


def _pose_at(target: SceneObject, scene: Scene, rng: np.random.Generator) -> CameraPose:
    """Return a pose from which the target lies somewhere in the inner picture."""
    height = float(np.exp(rng.uniform(math.log(20), math.log(70))))
    pitch = -90.0 if rng.random() < 0.12 else float(rng.uniform(-88, -35))
    heading = float(rng.uniform(0, 360))
    frame = scene.frame
    east, north = frame.to_local(target.position.lon_deg, target.position.lat_deg)
    ahead = height / math.tan(math.radians(-pitch)) if pitch > -90 else 0.0
    ahead += float(rng.uniform(-0.18, 0.18)) * height
    side = float(rng.uniform(-0.35, 0.35)) * height
    angle = math.radians(heading)
    east -= math.sin(angle) * ahead + math.cos(angle) * side
    north -= math.cos(angle) * ahead - math.sin(angle) * side
    reach = HALF_EXTENT_M * 1.5
    place = frame.to_lonlat(
        float(np.clip(east, -reach, reach)), float(np.clip(north, -reach, reach))
    )
    time_s = float(rng.uniform(0, 100))
    roll = float(rng.normal(0, 1.5))
    return CameraPose(time_s, LonLat(*place), height, heading, pitch, roll, _EXACT)


def _picture(virtual: VirtualCamera, pose: CameraPose) -> TrainingPicture:
    kept = [box for box in virtual.boxes(pose) if _countable(box)]
    xyxy = np.array([box.xyxy_px for box in kept], dtype=np.float32).reshape(-1, 4)
    ids = np.array([CLASS_NAMES.index(box.class_name) for box in kept], dtype=np.int32)
    return TrainingPicture(virtual.render(pose), xyxy, ids)


def _countable(box: TrueBox) -> bool:
    x0, y0, x1, y1 = box.xyxy_px
    return box.visible_fraction >= MIN_VISIBLE and min(x1 - x0, y1 - y0) >= MIN_SIDE_PX
