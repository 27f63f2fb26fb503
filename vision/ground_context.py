"""What ties a source to the ground: cells, zones, camera and poses, or a declared place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from geofences.cells import Grid
from geofences.geodesy import LonLat
from geofences.terrain import Terrain
from geofences.view import Camera, CameraPose
from geofences.zones import ZoneIndex
from vision.rules.zones import PictureZone

PoseAt = Callable[[float], CameraPose]


@dataclass(frozen=True)
class DeclaredPlace:
    """Where a source without poses says it is.

    Attributes:
        position: of what it looks at, None if only the cell is known.
        ce90_m: how well that position is known.
        cell_code: the cell, "" to let the position tell.
    """

    position: LonLat | None = None
    ce90_m: float = 30.0
    cell_code: str = ""


@dataclass(frozen=True)
class GroundContext:
    """What ties a source to the ground.

    Attributes:
        grid: the cells, None where there are none.
        zones: the zones on the ground; they matter only with poses.
        camera: the camera, needed with poses.
        pose_at: the camera's pose at a frame's time; raises PoseError where it is not known.
        terrain: the ground that poses count their heights from; None for flat ground.
        place: where a source without poses is.
        picture_zones: zones drawn into the picture of a fixed camera.
    """

    grid: Grid | None = None
    zones: ZoneIndex | None = None
    camera: Camera | None = None
    pose_at: PoseAt | None = None
    terrain: Terrain | None = None
    place: DeclaredPlace = field(default_factory=DeclaredPlace)
    picture_zones: tuple[PictureZone, ...] = ()
