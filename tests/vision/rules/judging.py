"""Made-up looks for the rules: a judge is fed with boxes, and what it finds is kept."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from tests.vision.builders import boxes
from vision.ground_motion import GroundFrame
from vision.objects import FrameSeen, ObjectBook
from vision.projection import Places
from vision.rules.findings import Finding
from vision.rules.judge import Judge
from vision.rules.schema import Rule, RuleFile
from vision.rules.setting import Setting
from vision.rules.zones import PictureZone, RuleZone, ZoneMap

NAMES = ("person", "car", "fire", "garbage")
PERSON, CAR, FIRE, GARBAGE = range(4)
Row = tuple[float, ...]
SIZE = (1000, 1000)
STRIP = PictureZone("strip", "no_parking", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
YARD = PictureZone("yard", "watch", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
MATTER = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-PRESENCE"}
ALL_OVER = np.stack(np.meshgrid(np.arange(-500, 1500, 40), np.arange(0, 1000, 40)), -1) * 1.0


def rule(kind: str, classes: list[str], **keys: object) -> Rule:
    """One rule of a kind."""
    content = {"id": "r", "kind": kind, "matter": MATTER, "classes": classes, **keys}
    (made,) = RuleFile.model_validate({"version": 1, "rules": [content]}).rules
    return made


@dataclass
class Pass:
    """Feeds a judge with tracked boxes, five frames a second."""

    rules: tuple[Rule, ...]
    zones: ZoneMap = field(default_factory=lambda: ZoneMap([]))
    passing: bool = False
    stands: bool = True
    carried: bool = False
    hz: float = 5.0
    found: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book, self.frame = ObjectBook(), 0
        setting = Setting(
            NAMES,
            (0.3,) * 4,
            self.zones,
            passing=self.passing,
            stands=self.stands,
            carried=self.carried,
        )
        self.judge = Judge(self.rules, setting)

    @property
    def time_s(self) -> float:
        """Time of the next frame."""
        return self.frame / self.hz

    def see(
        self,
        *rows: Row,
        places: Places | None = None,
        ground: GroundFrame | None = None,
        flicker_from: int | None = None,
    ) -> list[Finding]:
        """One frame of rows (track id, x, y, class id[, score])."""
        made = [((x, y, x + 60, y + 60), (*score, 0.8)[0], int(c)) for _, x, y, c, *score in rows]
        seen = boxes(*made).with_tracks(np.array([row[0] for row in rows], np.int64))
        to_drawn = ground.to_reference if ground is not None and self.carried else None
        zones = self.zones.members(seen, places, SIZE, NAMES, to_drawn)
        frame = FrameSeen(self.time_s, self.frame, None, ground, flicker_from)
        self.book.add_frame(frame, seen, places, zones)
        now = self.judge.step(self.book, self.time_s)
        self.frame += 1
        self.found += now
        return now

    def see_for(self, seconds: float, *rows: Row) -> None:
        """The same frame for a while."""
        for _ in range(round(seconds * self.hz)):
            self.see(*rows)


def slid(px: float, all_over: bool = True) -> GroundFrame:
    """Ground that has slid so far to the right, with points that say so or without."""
    to_reference = np.array([[1.0, 0.0, -px], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    points = ALL_OVER.reshape(-1, 2)
    none = points[:0]
    return GroundFrame(1, to_reference, 0.5, *((points, none) if all_over else (none, points)))


def located(*xy_m: tuple[float, float]) -> Places:
    """Places with no stated error."""
    count = len(xy_m)
    return Places(np.array(xy_m, float), np.zeros((count, 2, 6)), np.zeros((count, 2, 2)))


def ground_zone(kind: str) -> ZoneMap:
    """A zone of ten metres around the origin on the ground."""
    return ZoneMap([RuleZone("z", kind, True, shapely.box(-10, -10, 10, 10))])
