"""What a camera makes of lanes: how far apart they may be, and what has been seen from them.

All plane geometry here is in metres of a local frame, x east and y north.
"""

import itertools
import math

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.missions import Action, Mission
from geofences.errors import GroundError
from geofences.geodesy import LocalFrame, LonLat
from geofences.view import Camera, CameraPose, PoseErrors, footprint, pixels_to_local

FloatArray = NDArray[np.float64]

_ROWS = 24  # of the picture, as the narrowest depends on pitch and lens
_TURN_STEP_RAD = math.radians(15.0)


def level_pose(height_m: float, pitch_deg: float) -> CameraPose:
    """The pose of a steady camera looking north from above the local origin."""
    exact = PoseErrors(0.0, 0.0, 0.0, 0.0)
    return CameraPose(0.0, LonLat(0.0, 0.0), height_m, 0.0, pitch_deg, 0.0, exact)


def lane_spacing_m(camera: Camera, height_m: float, pitch_deg: float, side_overlap: float) -> float:
    """How far apart lanes may be, so that neighbouring views overlap.

    Args:
        camera: What looks down.
        height_m: Above ground.
        pitch_deg: Of the camera, -90 straight down.
        side_overlap: Share of the view that neighbours have in common, 0 to below 1.

    Returns:
        The width of the narrowest picture row on the ground, less the overlap.

    Raises:
        PlanningError: If the camera sees no ground, or the overlap leaves nothing.
    """
    if not 0.0 <= side_overlap < 1.0:
        raise PlanningError(
            f"A side overlap of {side_overlap} is not possible; give a share from 0 to below 1."
        )
    y_px = np.linspace(0.0, camera.height_px, _ROWS)
    left = np.column_stack([np.zeros(_ROWS), y_px])
    right = np.column_stack([np.full(_ROWS, camera.width_px), y_px])
    pose = level_pose(height_m, pitch_deg)
    spans = pixels_to_local(camera, pose, right) - pixels_to_local(camera, pose, left)
    widths_m = np.hypot(spans[:, 0], spans[:, 1])
    if np.isnan(widths_m).all():
        raise PlanningError(
            f"Camera {camera.name!r} at a pitch of {pitch_deg:g} degrees sees no ground. "
            "Pitch it further down."
        )
    return float(np.nanmin(widths_m)) * (1.0 - side_overlap)


def filmed_route(mission: Mission, frame: LocalFrame) -> FloatArray:
    """The part of a mission's route over which its camera runs, float64, (N, 2), metres."""
    filmed: list[tuple[float, float]] = []
    latest: list[tuple[float, float]] = []
    running = False
    for item in mission.items:
        if item.action is Action.CAMERA_START:
            running = True
            filmed += latest[-1:]  # it starts where the aircraft is, not at the next waypoint
        elif item.action is Action.CAMERA_STOP:
            running = False
        elif item.flown_to is not None:
            latest.append(frame.to_local(item.flown_to.lon_deg, item.flown_to.lat_deg))
            filmed += latest[-1:] if running else []
    return np.array(filmed).reshape(-1, 2)


def seen_ground(mission: Mission, view: "View", frame: LocalFrame) -> shapely.Geometry:
    """Everything that a mission's camera sees while it runs, in metres."""
    return view.seen_from(filmed_route(mission, frame))


class View:
    """The patch of ground that a camera sees from a height at a pitch, ready to be moved."""

    def __init__(self, camera: Camera, height_m: float, pitch_deg: float) -> None:
        """Work out the patch.

        Args:
            camera: What looks down.
            height_m: Above ground.
            pitch_deg: Of the camera, -90 straight down.

        Raises:
            PlanningError: If the camera sees no ground.
        """
        try:
            patch = footprint(camera, level_pose(height_m, pitch_deg))
        except GroundError as error:
            raise PlanningError(str(error)) from error
        self._outline: FloatArray = shapely.get_coordinates(patch)

    @property
    def blind_m(self) -> float:
        """How far ahead of the aircraft the view begins; 0 if it sees the ground below itself."""
        return max(0.0, float(self._outline[:, 1].min()))

    def seen_from(self, route: FloatArray) -> shapely.Geometry:
        """Everything seen on a route flown nose first, turning on the spot at its corners.

        Args:
            route: float64, (N, 2), metres.

        Returns:
            Polygon or multipolygon; the view is convex, so that a leg sees the hull of the views
            from its two ends.
        """
        legs = [(a, b) for a, b in itertools.pairwise(route) if math.dist(a, b) > 0.0]
        headings = [math.atan2(b[0] - a[0], b[1] - a[1]) for a, b in legs]
        patches = [
            shapely.convex_hull(shapely.multipoints(np.vstack([self._at(a, h), self._at(b, h)])))
            for (a, b), h in zip(legs, headings, strict=True)
        ]
        for (_, corner), (before, after) in zip(legs, itertools.pairwise(headings), strict=False):
            turn = (after - before + math.pi) % (2.0 * math.pi) - math.pi
            steps = math.ceil(abs(turn) / _TURN_STEP_RAD)
            patches += [
                shapely.polygons(self._at(corner, before + turn * i / steps))
                for i in range(1, steps)
            ]
        return shapely.union_all(patches)

    def _at(self, position: FloatArray, heading_rad: float) -> FloatArray:
        cos, sin = math.cos(heading_rad), math.sin(heading_rad)
        turned: FloatArray = self._outline @ np.array([[cos, -sin], [sin, cos]])
        return turned + position
