"""Write a settled finding down as a sighting: place, cells, time, evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from geofences.cells import CellProbability, Grid
from geofences.geodesy import LonLat
from geofences.view import GroundPoint
from vision.evidence import SeenBoxes, snapshot
from vision.hiding import Seen, hidden_at
from vision.objects import Look, TrackedObject
from vision.pending import Held
from vision.projection import PlaceLook, Projector, fuse
from vision.rules.zones import ZoneMap
from vision.sightings import Sighting, sighting_id

_MOVING_LOOKS = 5
_MOVING_S = 1.0
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
        position, ce50_m, ce90_m, cells = self._where(finding.subject, held.frame.time_s)
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
            evidence=snapshot(held.frame.image, held.box, self._hidden(held)),
        )

    def _hidden(self, held: Held) -> SeenBoxes:
        frame, names = held.frame, self.class_names
        moment = Seen.of(frame.time_s, frame.size_wh_px, names, held.detections)
        near = (Seen.of(each.time_s, each.size_wh_px, names, each.detections) for each in held.near)
        return hidden_at(moment, near)

    def _where(
        self, subject: TrackedObject, time_s: float
    ) -> tuple[LonLat | None, float | None, float | None, tuple[CellProbability, ...]]:
        point = self._place(subject, time_s)
        if point is not None:
            grid = self.ground.grid
            cells = grid.probabilities(point.position, point.ce90_m) if grid else ()
            return point.position, point.ce50_m, point.ce90_m, cells
        position, ce90_m, cells = self.ground.declared
        if position is None:
            return None, None, None, cells
        return position, ce90_m * _CE50_PER_CE90, ce90_m, cells

    def _place(self, subject: TrackedObject, time_s: float) -> GroundPoint | None:
        """All looks at a thing that stands are fused; what moves is where it was at that time."""
        projector, looks = self.ground.projector, subject.places()
        if projector is None or not looks:
            return None
        if not _stands(looks):
            looks = _at_time([look for look in subject.looks if look.place is not None], time_s)
        return fuse(looks, projector.frame)


def _stands(looks: Sequence[PlaceLook]) -> bool:
    """Whether the places of no visit are far apart.

    From one visit to the next the pose may be off otherwise, which is no movement.
    """
    visits = np.array([look.visit for look in looks])
    places_m = np.stack([look.xy_m for look in looks])
    spreads_m = [places_m[visits == visit].std(axis=0).max() for visit in np.unique(visits)]
    return bool(max(spreads_m) <= _STILL_SPREAD_M)


def _at_time(looks: Sequence[Look], time_s: float) -> list[PlaceLook]:
    """The few looks nearest to a time, their places moved to it along their common line."""
    near = sorted(looks, key=lambda look: abs(look.time_s - time_s))[:_MOVING_LOOKS]
    near = [look for look in near if abs(look.time_s - near[0].time_s) <= _MOVING_S]
    apart_s = np.array([look.time_s - time_s for look in near])
    places = [look.place for look in near if look.place is not None]
    places_m = np.stack([place.xy_m for place in places])
    centred_s = apart_s - apart_s.mean()
    spread_s2 = float(centred_s @ centred_s)
    speed_mps = centred_s @ places_m / spread_s2 if spread_s2 > 0.0 else np.zeros(2)
    return [
        replace(place, xy_m=place.xy_m - speed_mps * each_s)
        for place, each_s in zip(places, apart_s, strict=True)
    ]
