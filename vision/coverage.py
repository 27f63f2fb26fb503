"""Which ground a pass looked at, and how much of each cell: from poses and the camera alone."""

import math
from collections import deque
from collections.abc import Iterable

import shapely
from shapely import affinity

from geofences.cells import Cell
from geofences.errors import AboveHorizonError
from geofences.geodesy import LocalFrame
from geofences.view import Camera, CameraPose, footprint

# A thing of a metre is nine pixels across at this reach: smaller ones are seldom detected.
LEAST_PX_PER_M = 9.0
# What is larger is found from farther away, and what was told from near by may need more.
LEVELS_PX_PER_M = (4.5, 5.7, 7.1, LEAST_PX_PER_M, 11.3, 14.3, 18.0, 22.7, 28.6, 36.0)
# What comes into view for a moment and leaves it again, no rule would tell.
LOOKS_IN_A_ROW = 3
# Much less than a place is known to, and so little that joining often or seldom comes to the same.
_SIMPLE_M = 0.1

Levels = tuple[shapely.Geometry, ...]
"""Ground at each of `LEVELS_PX_PER_M`."""


def looked_at(
    camera: Camera, pose: CameraPose, frame: LocalFrame, least_px_per_m: float = LEAST_PX_PER_M
) -> shapely.Geometry:
    """The ground that a picture shows well enough to find things, in metres of a frame.

    Ground is taken for flat, as high as it is below the camera. Where a metre is smaller than
    some pixels the picture still shows ground, and nothing would be found there.

    Args:
        camera: the camera.
        pose: where it is.
        frame: in whose metres the area is told.
        least_px_per_m: how large a metre across the line of sight must be in the picture.
    """
    reach_m = camera.focal_px / least_px_per_m
    if pose.height_ground_m >= reach_m:
        return shapely.Polygon()
    try:
        shown = footprint(camera, pose)
    except AboveHorizonError:
        return shapely.Polygon()
    radius_m = math.sqrt(reach_m**2 - pose.height_ground_m**2)
    near = shown.intersection(shapely.Point(0.0, 0.0).buffer(radius_m))
    east_m, north_m = frame.to_local(pose.position.lon_deg, pose.position.lat_deg)
    return affinity.translate(near, float(east_m), float(north_m))


class Coverage:
    """Adds up what a pass looks at: ground that three pictures in a row show.

    How large a metre is counts as the detector is shown it: most pictures are made smaller for it.

    Args:
        camera: that looks.
        frame: in whose metres areas are added up.
        areas: what was looked at before at each level, in metres of the frame.
        latest: what the last two pictures showed, likewise.
    """

    def __init__(
        self,
        camera: Camera,
        frame: LocalFrame,
        areas: Levels | None = None,
        latest: Iterable[Levels] = (),
    ) -> None:
        self._camera = camera
        self.frame = frame
        self._areas: Levels = areas or (shapely.Polygon(),) * len(LEVELS_PX_PER_M)
        self._latest = deque(latest, maxlen=LOOKS_IN_A_ROW - 1)
        self._waiting: list[Levels] = []

    @property
    def latest(self) -> tuple[Levels, ...]:
        """What the last two pictures showed at each level, in metres of the frame."""
        return tuple(self._latest)

    def look(self, pose: CameraPose, size_wh_px: tuple[int, int], scale: float = 1.0) -> None:
        """Add the picture of a pose.

        Args:
            pose: of the camera.
            size_wh_px: of the picture.
            scale: how many pixels the detector is shown of one of it, across.

        Raises:
            InvalidGeometryError: pictures of that size were cut otherwise than the camera's.
        """
        camera = self._camera.sized(*size_wh_px)
        shown = tuple(
            looked_at(camera, pose, self.frame, level / scale) for level in LEVELS_PX_PER_M
        )
        if len(self._latest) == LOOKS_IN_A_ROW - 1:
            looks = zip(*self._latest, shown, strict=True)
            self._waiting.append(tuple(shapely.intersection_all(each) for each in looks))
        self._latest.append(shown)
        if len(self._waiting) >= 64:
            self._join()

    def areas_m(self) -> Levels:
        """The ground that was looked at at each level, in metres of the frame."""
        self._join()
        return self._areas

    def areas(self) -> dict[float, shapely.Geometry]:
        """The same by pixels a metre, in degrees; empty where there is none."""
        return {
            level: area if area.is_empty else self.frame.geometry_to_lonlat(area)
            for level, area in zip(LEVELS_PX_PER_M, self.areas_m(), strict=True)
        }

    def _join(self) -> None:
        joined = []
        for number, area in enumerate(self._areas):
            grounds = [each[number] for each in self._waiting if each[number].area > 0]
            joined.append(shapely.union_all([area, *grounds]).simplify(_SIMPLE_M))
        self._areas = tuple(joined)
        self._waiting = []


def seen_shares(cells: Iterable[Cell], area: shapely.Geometry) -> dict[str, float]:
    """The share of each cell, 0 to 1, that lies in an area; cells that it does not touch are out.

    Args:
        cells: with polygons in degrees.
        area: in degrees.
    """
    shares: dict[str, float] = {}
    if area.is_empty:
        return shares
    shapely.prepare(area)
    for cell in cells:
        if area.intersects(cell.polygon):
            # Within a cell a degree is as long everywhere, so that shares of degrees will do.
            share = area.intersection(cell.polygon).area / cell.polygon.area
            if share > 0:
                shares[cell.code] = round(min(1.0, float(share)), 4)
    return shares
