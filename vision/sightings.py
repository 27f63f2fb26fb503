"""A sighting: a confirmed, located finding of one pass, with its evidence."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from geofences.cells import CellProbability
from geofences.geodesy import LonLat
from vision.evidence import Evidence
from vision.rules.schema import MatterRef

_NAMESPACE = uuid.UUID("6d7b7a0e-2f0b-5a53-9a27-0c9a7c6b3f11")


@dataclass(frozen=True)
class Sighting:
    """What was seen, when, where on the ground, how sure, and why it counts.

    Attributes:
        sighting_id: a UUID that is the same whenever the same pass is judged again.
        rule_id: the rule that found it.
        matter: what it is reported as.
        class_name: what the detector calls it.
        score: median score of its looks, 0 to 1.
        observed_at: UTC.
        position: place on the ground, None where the source has neither pose nor place.
        ce50_m: radius that holds the true place with 50 %, None without a position.
        ce90_m: the same with 90 %.
        cells: the cells it may lie in, most probable first.
        zone_id: the zone it stands in, "" without one.
        source: name of the source.
        pass_id: name of the pass.
        track_id: the object within the pass.
        why: the reasons, in a sentence.
        xyxy_frac: its box in the evidence's overview, in shares of width and height.
        evidence: pictures of it.
    """

    sighting_id: str
    rule_id: str
    matter: MatterRef
    class_name: str
    score: float
    observed_at: datetime
    position: LonLat | None
    ce50_m: float | None
    ce90_m: float | None
    cells: tuple[CellProbability, ...]
    zone_id: str
    source: str
    pass_id: str
    track_id: int
    why: str
    xyxy_frac: tuple[float, float, float, float]
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        if self.observed_at.tzinfo is None:
            raise ValueError("observed_at must name its time zone")
        if (self.position is None) != (self.ce90_m is None):
            raise ValueError("a position and its error belong together")


def sighting_id(source: str, pass_id: str, rule_id: str, track_id: int) -> str:
    """The id of a sighting, the same each time the same pass is judged."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((source, pass_id, rule_id, str(track_id)))))
