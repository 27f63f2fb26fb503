"""The zones rules ask about: on the ground for drones, in the picture for fixed cameras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.geodesy import LocalFrame
from geofences.zones import Zone
from vision.detections import Detections
from vision.errors import RulesError
from vision.ground_motion import mapped
from vision.projection import Places
from vision.rules.schema import WATCH

_UPRIGHT = frozenset({"person", "two_wheeler"})
_LYING_SHARE = 0.7


@dataclass(frozen=True)
class PictureZone:
    """A polygon drawn into the picture of a fixed camera.

    Attributes:
        zone_id: name of the zone.
        kind: a zone kind, or "watch".
        points_frac: corners as shares of the picture's width and height, 0 to 1.
    """

    zone_id: str
    kind: str
    points_frac: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.points_frac) < 3 or not shapely.Polygon(self.points_frac).is_valid:
            raise RulesError(
                f"The picture zone {self.zone_id!r} is not a polygon; give three or more corners "
                "that do not cross."
            )
        if not all(0 <= value <= 1 for point in self.points_frac for value in point):
            raise RulesError(
                f"The picture zone {self.zone_id!r} leaves the picture; give its corners as "
                "shares of width and height from 0 to 1."
            )


WHOLE_PICTURE = PictureZone("whole-picture", WATCH, ((0, 0), (1, 0), (1, 1), (0, 1)))


@dataclass(frozen=True)
class RuleZone:
    """One zone as the rules see it; ``polygon`` is in metres or in shares of the picture."""

    zone_id: str
    kind: str
    on_ground: bool
    polygon: shapely.Polygon


class ZoneMap:
    """All zones of a pass, numbered, and which of them each detection stands in."""

    def __init__(self, zones: Sequence[RuleZone]) -> None:
        self.zones = tuple(zones)
        for zone in self.zones:
            shapely.prepare(zone.polygon)

    @classmethod
    def on_ground(cls, zones: Sequence[Zone], frame: LocalFrame) -> "ZoneMap":
        """The ground's zones, in metres around an origin."""
        return cls(
            [
                RuleZone(zone.zone_id, str(zone.kind), True, frame.geometry_to_local(zone.polygon))
                for zone in zones
            ]
        )

    @classmethod
    def in_picture(cls, zones: Sequence[PictureZone]) -> "ZoneMap":
        """Zones drawn into the picture."""
        return cls(
            [
                RuleZone(zone.zone_id, zone.kind, False, shapely.Polygon(zone.points_frac))
                for zone in zones
            ]
        )

    def numbers_of(self, kinds: Sequence[str]) -> frozenset[int]:
        """Numbers of the zones of these kinds."""
        return frozenset(i for i, zone in enumerate(self.zones) if zone.kind in kinds)

    def members(
        self,
        detections: Detections,
        places: Places | None,
        size_wh_px: tuple[int, int],
        class_names: Sequence[str],
        to_drawn: NDArray[np.float64] | None = None,
    ) -> list[frozenset[int]]:
        """For each detection the numbers of the zones it stands in.

        In the picture a person stands where the lower edge of the box is; what is longer than
        it is wide, a car seen from above, stands further up in its box.

        Args:
            detections: of one frame.
            places: where on the ground, None without a pose.
            size_wh_px: of the frame.
            class_names: names by class id.
            to_drawn: homography (3, 3) from pixels of the frame to those of the picture that the
                zones were drawn into; None where that does not move.
        """
        if not self.zones or not len(detections):
            return [frozenset()] * len(detections)
        in_picture = _stands_at(detections, size_wh_px, class_names)
        if to_drawn is not None:
            size = np.array(size_wh_px)
            in_picture = mapped(to_drawn, in_picture * size) / size
        on_ground = places.xy_m if places is not None else np.full_like(in_picture, np.nan)
        inside = np.stack(
            [self._inside(zone, on_ground if zone.on_ground else in_picture) for zone in self.zones]
        )
        return [frozenset(np.flatnonzero(column).tolist()) for column in inside.T]

    @staticmethod
    def _inside(zone: RuleZone, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        found = shapely.intersects_xy(zone.polygon, points[:, 0], points[:, 1])
        return np.asarray(found, bool)


def _stands_at(
    detections: Detections, size_wh_px: tuple[int, int], class_names: Sequence[str]
) -> NDArray[np.float64]:
    """Where each detection stands in the picture, shares of its width and height, (N, 2)."""
    boxes = detections.xyxy_px.astype(np.float64)
    upright = np.array([class_names[i] in _UPRIGHT for i in detections.class_id], bool)
    down = np.where(upright, 1.0, _LYING_SHARE)
    y_px = boxes[:, 1] + down * (boxes[:, 3] - boxes[:, 1])
    points = np.column_stack([boxes[:, ::2].mean(axis=1), y_px])
    return np.asarray(np.clip(points / np.array(size_wh_px), 0, 1), np.float64)
