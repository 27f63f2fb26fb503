"""Write a settled finding down as a sighting: place, cells, time, evidence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from geofences.cells import CellProbability, Grid
from geofences.geodesy import LonLat
from geofences.view import GroundPoint
from vision.evidence import seen_boxes, snapshot
from vision.objects import TrackedObject
from vision.pending import Held
from vision.projection import Projector, fuse
from vision.rules.zones import ZoneMap
from vision.sightings import Sighting, sighting_id

_MOVING_LOOKS = 5
_STILL_SPREAD_M = 2.0
# Radius with 50 % over radius with 90 % of a circular normal distribution.
_CE50_PER_CE90 = float(np.sqrt(np.log(2) / np.log(10)))


@dataclass(frozen=True)
class Ground:
    """What ties sightings of a pass to the ground.

    Attributes:
        grid: the cells.
        projector: locates, None for a source without poses.
        declared: position, its 90 % radius and cells of a source without poses.
    """

    grid: Grid | None
    projector: Projector | None
    declared: tuple[LonLat | None, float, tuple[CellProbability, ...]]


@dataclass(frozen=True)
class SightingWriter:
    """Makes sightings of one pass."""

    class_names: tuple[str, ...]
    zones: ZoneMap
    ground: Ground
    source: str
    pass_id: str
    start_utc: datetime

    def write(self, held: Held) -> Sighting:
        """The sighting of a settled finding.

        Raises:
            EvidenceError: its picture cannot be encoded.
        """
        finding = held.finding
        position, ce50_m, ce90_m, cells = self._where(finding.subject)
        width_px, height_px = held.frame.size_wh_px
        left, top, right, bottom = held.box
        rule, track_id = finding.rule, finding.subject.track_id
        return Sighting(
            sighting_id=sighting_id(self.source, self.pass_id, rule.id, track_id),
            rule_id=rule.id,
            matter=rule.matter,
            class_name=self.class_names[finding.subject.class_id],
            score=finding.score,
            observed_at=self.start_utc + timedelta(seconds=held.frame.time_s),
            position=position,
            ce50_m=ce50_m,
            ce90_m=ce90_m,
            cells=cells,
            zone_id="" if finding.zone is None else self.zones.zones[finding.zone].zone_id,
            source=self.source,
            pass_id=self.pass_id,
            track_id=track_id,
            why=finding.why,
            xyxy_frac=(left / width_px, top / height_px, right / width_px, bottom / height_px),
            evidence=snapshot(
                held.frame.image, held.box, seen_boxes(self.class_names, held.detections)
            ),
        )

    def _where(
        self, subject: TrackedObject
    ) -> tuple[LonLat | None, float | None, float | None, tuple[CellProbability, ...]]:
        point = self._place(subject)
        if point is not None:
            grid = self.ground.grid
            cells = grid.probabilities(point.position, point.ce90_m) if grid else ()
            return point.position, point.ce50_m, point.ce90_m, cells
        position, ce90_m, cells = self.ground.declared
        if position is None:
            return None, None, None, cells
        return position, ce90_m * _CE50_PER_CE90, ce90_m, cells

    def _place(self, subject: TrackedObject) -> GroundPoint | None:
        """All looks at a thing that stands are fused; of one that moves only the latest."""
        looks = subject.places()
        projector = self.ground.projector
        if projector is None or not looks:
            return None
        spread = np.std(np.stack([look.xy_m for look in looks]), axis=0).max()
        if spread > _STILL_SPREAD_M:
            looks = looks[-_MOVING_LOOKS:]
        return fuse(looks, projector.frame, projector.errors)
