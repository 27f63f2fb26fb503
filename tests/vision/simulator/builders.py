"""Small scenes, cameras and poses for the tests of the virtual camera."""

from __future__ import annotations

from geofences.geodesy import LocalFrame, LonLat
from geofences.view import Camera, CameraPose, PoseErrors
from vision.simulator.catalogue import KINDS
from vision.simulator.scene import Light, Scene, SceneObject

ORIGIN = LonLat(115.6, 33.1)
EXACT = PoseErrors(0.0, 0.0, 0.0, 0.0)
SMALL_CAMERA = Camera("small", 320, 180, 70.0)
OVERCAST = Light(sun_share=0.0, noise_sigma=0.0)


def place(east_m: float, north_m: float, origin: LonLat = ORIGIN) -> LonLat:
    """Return the place so many metres from the origin."""
    return LonLat(*LocalFrame(origin).to_lonlat(east_m, north_m))


def pose(
    east_m: float = 0.0,
    north_m: float = 0.0,
    *,
    height_m: float = 30.0,
    heading_deg: float = 0.0,
    pitch_deg: float = -60.0,
    roll_deg: float = 0.0,
    time_s: float = 0.0,
) -> CameraPose:
    """Return a camera pose so many metres from the origin."""
    position = place(east_m, north_m)
    return CameraPose(time_s, position, height_m, heading_deg, pitch_deg, roll_deg, EXACT)


def thing(
    class_name: str,
    kind: str,
    east_m: float = 0.0,
    north_m: float = 0.0,
    *,
    heading_deg: float = 0.0,
    object_id: str = "it",
    seed: int = 7,
) -> SceneObject:
    """Return an object of the usual size of its kind."""
    size = {k.name: k.size_m for k in KINDS[class_name]}[kind]
    position = place(east_m, north_m)
    return SceneObject(object_id, class_name, position, heading_deg, *size, kind, seed)


def scene(*objects: SceneObject, half_extent_m: float = 25.0, light: Light = OVERCAST) -> Scene:
    """Return a scene of objects on grass."""
    return Scene(ORIGIN, half_extent_m, tuple(objects), light=light)
