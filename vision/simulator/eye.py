"""One look at a scene: a camera at a pose, and where places of the scene fall in its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geofences.view import Camera, CameraPose, local_to_pixels
from vision.simulator.mesh import Floats


@dataclass(frozen=True)
class Eye:
    """One look at a scene.

    Attributes:
        camera: The camera without its lens distortion.
        pose: The pose.
        place_m: float64 (3,), the camera in the scene's frame.
    """

    camera: Camera
    pose: CameraPose
    place_m: Floats

    def pixels(self, enu_m: Floats) -> Floats:
        """Return the pixels of places in the scene, float64 (..., 2), NaN behind the camera."""
        flat = enu_m.reshape(-1, 3) - [self.place_m[0], self.place_m[1], 0.0]
        return local_to_pixels(self.camera, self.pose, flat).reshape(*enu_m.shape[:-1], 2)

    def radii_px(self, centres_m: Floats, radii_m: Floats) -> Floats:
        """Return how large balls look, float64 (N,), pixels."""
        distance = np.linalg.norm(centres_m - self.place_m, axis=-1)
        return np.asarray(radii_m / np.maximum(distance, 0.5) * self.camera.focal_px)

    def sees(self, centres_m: Floats, radii_m: Floats) -> npt.NDArray[np.bool_]:
        """Return which balls may reach into the picture, bool (N,)."""
        middles = self.pixels(centres_m)
        reach = (self.radii_px(centres_m, radii_m) * 1.4)[:, None]
        size = np.array([self.camera.width_px, self.camera.height_px])
        # A middle behind the camera is NaN, and no comparison with it holds.
        return np.asarray(((middles > -reach) & (middles < size + reach)).all(axis=1))


def ground_homography(eye: Eye) -> Floats:
    """Return the map from (east, north) in the scene to pixel indices, float64 (3, 3).

    OpenCV counts pixel centres as whole numbers, `geofences.view` counts corners: hence the half.
    """
    depression = math.radians(min(max(-eye.pose.pitch_deg, 12.0), 90.0))
    heading = math.radians(eye.pose.heading_deg)
    ahead = eye.pose.height_ground_m / math.tan(depression)
    reach = eye.pose.height_ground_m * 0.4
    forward = np.array([math.sin(heading), math.cos(heading)])
    right = np.array([forward[1], -forward[0]])
    middle = eye.place_m[:2] + forward * ahead
    corners = np.array([[-reach, -reach], [reach, -reach], [reach, reach], [-reach, reach]])
    spots = middle + corners @ np.stack([right, forward])
    pixels = eye.pixels(np.column_stack([spots, np.zeros(4)])) - 0.5
    return _homography(spots, pixels)


def _homography(sources: Floats, targets: Floats) -> Floats:
    """Return the map of four points to four points, solved in float64."""
    rows = []
    for (x, y), (u, v) in zip(sources, targets, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), targets.reshape(-1))
    return np.append(solved, 1.0).reshape(3, 3)
