from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.builders import boxes
from vision.ground_motion import GroundFrame
from vision.objects import FrameSeen, ObjectBook
from vision.projection import Places
from vision.rules.findings import Finding
from vision.rules.judge import Judge
from vision.rules.schema import Rule, RuleFile, load_rules
from vision.rules.setting import Setting
from vision.rules.zones import PictureZone, RuleZone, ZoneMap

NAMES = ("person", "car", "fire", "garbage")
PERSON, CAR, FIRE, GARBAGE = range(4)
Row = tuple[float, ...]
SIZE = (1000, 1000)
STRIP = PictureZone("strip", "no_parking", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
YARD = PictureZone("yard", "watch", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
MATTER = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-PRESENCE"}


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


def test_presence_needs_its_looks_its_time_and_its_score() -> None:
    """A thing is confirmed when it was seen often, long and surely enough, and told once."""
    watch = Pass((rule("presence", ["garbage"], min_looks=5, min_seconds=1.0),))
    watch.see_for(0.8, (1, 0, 0, GARBAGE))
    assert watch.found == []
    watch.see_for(10, (1, 0, 0, GARBAGE))
    (finding,) = watch.found
    assert finding.time_s == pytest.approx(1.0)
    assert "garbage: seen in 6 of 6 frames over 1.0 s, median score 0.80" in finding.why


def test_a_finding_says_in_how_many_frames_flicker_told_it() -> None:
    """The score is then of something else: whoever reads it must know."""
    watch = Pass((rule("presence", ["fire"], once_per_view=True, min_seconds=2),))
    for step in range(12):
        watch.see((1, 0, 0, FIRE), flicker_from=0 if step % 2 else None)
    (finding,) = watch.found
    assert "fire in 11 of 11 frames" in finding.why
    assert finding.why.endswith("; in 5 told by its flicker, as sure as the smoke beside it")


def test_flicker_is_no_presence() -> None:
    """Seen in one frame of three is not there."""
    watch = Pass((rule("presence", ["garbage"], min_share=0.5, min_seconds=1),))
    for _ in range(30):
        watch.see((1, 0, 0, GARBAGE))
        watch.see()
        watch.see()
    assert watch.found == []


def test_the_median_score_decides_not_the_best() -> None:
    """One sure look among many doubtful ones is not enough."""
    watch = Pass((rule("presence", ["garbage"], min_score=0.6),))
    for i in range(20):
        watch.see((1, 0, 0, GARBAGE, 0.95 if i % 4 == 0 else 0.5))
    assert watch.found == []


def test_other_classes_are_not_meant() -> None:
    """A rule looks at its own classes."""
    watch = Pass((rule("presence", ["garbage"]),))
    watch.see_for(5, (1, 0, 0, CAR))
    assert watch.found == []


def test_dwell_counts_the_time_in_the_zone() -> None:
    """Ten seconds in the yard count; time outside does not."""
    zones = ZoneMap.in_picture([YARD])
    watch = Pass((rule("dwell", ["person"], zones=["watch"], min_seconds=10),), zones)
    watch.see_for(8, (1, 700, 100, PERSON))
    watch.see_for(9.8, (1, 100, 100, PERSON))
    assert watch.found == []
    watch.see_for(1, (1, 100, 100, PERSON))
    assert "person stays in watch zone yard for 10.0 s" in watch.found[0].why


def test_a_step_out_of_the_zone_is_forgiven_and_leaving_is_not() -> None:
    """Half a second outside does not restart the stay; five seconds do."""
    zones = ZoneMap.in_picture([YARD])
    watch = Pass((rule("dwell", ["person"], zones=["watch"], min_seconds=8),), zones)
    for _ in range(3):
        watch.see_for(4, (1, 100, 100, PERSON))
        watch.see_for(5, (1, 700, 100, PERSON))
    assert watch.found == []
    watch.see_for(5, (1, 100, 100, PERSON))
    watch.see_for(0.4, (1, 700, 100, PERSON))
    watch.see_for(4, (1, 100, 100, PERSON))
    assert len(watch.found) == 1


def test_without_a_zone_the_whole_picture_is_watched_for_persons_only() -> None:
    """The default rules find a person who stays, and no car, where nothing is declared."""
    watch = Pass(load_rules())
    watch.see_for(15, (1, 700, 100, PERSON), (2, 100, 100, CAR))
    assert [finding.rule.id for finding in watch.found] == ["person-stays"]
    assert "no zone is declared" in watch.found[0].why


def test_without_a_zone_what_drives_into_a_quiet_picture_is_told() -> None:
    """Neither what was there from the first, nor who follows within three seconds."""
    watch = Pass(load_rules())
    watch.see_for(5, (9, 800, 800, CAR))
    for step in range(15):
        after = [(2, 100, 50 * step - 300, CAR)] if step >= 6 else []
        watch.see((9, 800, 800, CAR), (1, 100, 50 * step, CAR), *after)
    (finding,) = watch.found
    assert (finding.rule.id, finding.subject.track_id) == ("vehicle-enters", 1)
    assert "comes into the quiet picture (no zone is declared)" in finding.why
    watch.see_for(3.2, (9, 800, 800, CAR))
    for step in range(8):
        watch.see((9, 800, 800, CAR), (3, 700, 50 * step, CAR))
    assert [each.subject.track_id for each in watch.found] == [1, 3]


@pytest.mark.parametrize(("wavers", "told"), [(False, 1), (True, 0)])
def test_what_may_be_a_car_comes_into_no_quiet_among_cars(wavers: bool, told: int) -> None:
    """Where one drives after the other, the first of another class is told if it is surely that."""
    watch = Pass((rule("presence", ["car", "fire"], whole_picture=True, min_looks=4),))
    for step in range(60):
        rows = [(n, 100, 40 * (step - 5 * n), CAR) for n in range(12) if 0 <= step - 5 * n < 20]
        if step >= 30:
            seen_as = CAR if wavers and step % 3 == 0 else FIRE
            rows.append((99, 700, 30 * (step - 30), seen_as))
        watch.see(*rows)
    assert [each.subject.track_id for each in watch.found] == [99] * told


@pytest.mark.parametrize(("wavers", "told"), [(False, [1]), (True, [1, 2])])
def test_who_follows_what_may_be_another_class_is_the_first_of_its_own(
    wavers: bool, told: list[int]
) -> None:
    """A lorry behind a van that is taken for one by turns is told; behind a lorry it is not."""
    watch = Pass((rule("presence", ["car", "fire"], whole_picture=True, min_looks=4),))
    watch.see_for(5)
    for step in range(40):
        rows = [(1, 100, 20 * step, CAR if wavers and step % 2 else FIRE)]
        watch.see(*rows, *([(2, 700, 20 * (step - 8), FIRE)] if step >= 8 else []))
    assert [each.subject.track_id for each in watch.found] == told


@pytest.mark.parametrize(("looks", "told"), [(2, [2]), (4, [1])])
def test_a_chance_look_is_no_traffic(looks: int, told: list[int]) -> None:
    """What nobody would be told of, for too few looks, does not stand for who drives ahead."""
    watch = Pass((rule("presence", ["car"], whole_picture=True, min_looks=4),))
    watch.see_for(5)
    for step in range(24):
        chance = [(1, 100, 20 * step, CAR)] if step < looks else []
        watch.see(*chance, *([(2, 700, 20 * (step - 8), CAR)] if step >= 8 else []))
    assert [each.subject.track_id for each in watch.found] == told


ALL_OVER = np.stack(np.meshgrid(np.arange(-500, 1500, 40), np.arange(0, 1000, 40)), -1) * 1.0


def slid(px: float, all_over: bool = True) -> GroundFrame:
    """Ground that has slid so far to the right, with points that say so or without."""
    to_reference = np.array([[1.0, 0.0, -px], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    points = ALL_OVER.reshape(-1, 2)
    none = points[:0]
    return GroundFrame(1, to_reference, 0.5, *((points, none) if all_over else (none, points)))


def test_from_a_camera_that_moves_nothing_comes_into_a_quiet_picture() -> None:
    """There everything does, whether it stands or drives, where nobody follows the ground."""
    for stands, told in ((True, 1), (False, 0)):
        watch = Pass(load_rules(), stands=stands)
        watch.see_for(4)
        for step in range(10):
            watch.see((1, 100, 50 * step, CAR))
        assert len(watch.found) == told


@pytest.mark.parametrize(
    ("drives", "known", "told"), [(True, True, [1]), (False, True, []), (True, False, [])]
)
def test_from_a_camera_that_moves_who_drives_over_the_ground_is_told(
    drives: bool, known: bool, told: list[int]
) -> None:
    """From the first frame on, and not what slides with the ground, or nobody knows whether."""
    watch = Pass(load_rules(), stands=False)
    for step in range(30):
        own = 15.0 * step if drives else 0.0
        standing = [(n, 10.0 * step + 100 * n, 600, CAR) for n in range(5, 9)]
        watch.see((1, 10.0 * step + own, 100, CAR), *standing, ground=slid(10.0 * step, known))
    assert [each.subject.track_id for each in watch.found] == told
    assert all("car moves over the ground" in each.why for each in watch.found)


def test_of_those_who_drive_before_a_camera_that_moves_the_first_is_told() -> None:
    """Of two at once and others one by one, and again of who comes after a pause."""
    watch = Pass(load_rules(), stands=False)
    for step in range(160):
        begins = [(n, 10 * n) for n in range(1, 7)] + [(8, 10), (9, 110)]
        rows = [
            (n, 10.0 * step + 15.0 * (step - since), 100.0 * n, CAR)
            for n, since in begins
            if 0 <= step - since < 25
        ]
        watch.see(*rows, ground=slid(10.0 * step))
    assert [each.subject.track_id for each in watch.found] == [1, 9]


def test_a_leap_from_one_parked_car_to_the_next_is_no_drive() -> None:
    """Under a camera that moves, a track that changes over to the neighbour stays parked."""
    watch = Pass(load_rules(), stands=False)
    for step in range(40):
        leap = 90.0 * (step >= 14)
        watch.see((1, 10.0 * step + leap, 100, CAR), ground=slid(10.0 * step))
    assert watch.found == []


@pytest.mark.parametrize(("drives", "told"), [(False, 1), (True, 0)])
def test_in_a_zone_that_goes_with_the_ground_standing_is_against_it(
    drives: bool, told: int
) -> None:
    """A drone that passes knows of standing for its time only, with poses or without."""
    zones = ZoneMap.in_picture([STRIP])
    rules = (rule("stationary", ["car"], zones=["no_parking"], min_seconds=90),)
    watch = Pass(rules, zones, stands=False, carried=True)
    for step in range(20):
        own = 0.0 if drives else 12.0 * step
        watch.see((1, 100 + own, 100, CAR), ground=slid(12.0 * step))
    assert len(watch.found) == told
    assert all("boxes against the ground over" in each.why for each in watch.found)
    blind = Pass(rules, zones, stands=False, carried=True)
    blind.see_for(20, (1, 100, 100, CAR))
    assert blind.found == []


def test_a_street_full_of_cars_is_not_told_car_by_car() -> None:
    """One comes every second; nobody looked before the first of them."""
    watch = Pass(load_rules())
    for step in range(100):
        rows = [(n, 100, 40 * (step - 5 * n), CAR) for n in range(20) if 0 <= step - 5 * n < 20]
        watch.see(*rows)
    assert watch.found == []


def test_a_declared_zone_ends_the_watch_on_the_whole_picture() -> None:
    """Who stays outside the declared zone is of no interest."""
    watch = Pass(load_rules(), ZoneMap.in_picture([YARD]))
    watch.see_for(15, (1, 700, 100, PERSON))
    assert watch.found == []


def test_a_car_that_stands_in_the_strip_is_found_and_one_that_drives_is_not() -> None:
    """Standing is judged by movement in sizes of the box, after its time."""
    zones = ZoneMap.in_picture([STRIP])
    standing = rule("stationary", ["car"], zones=["no_parking"], min_seconds=6)
    watch = Pass((standing,), zones)
    for i in range(40):
        watch.see((1, 100 + i % 2, 100, CAR), (2, 10 * i, 500, CAR), (3, 700, 100, CAR))
    assert [finding.subject.track_id for finding in watch.found] == [1]
    assert watch.found[0].time_s == pytest.approx(6.0)


def located(*xy_m: tuple[float, float]) -> Places:
    """Places with no stated error."""
    count = len(xy_m)
    return Places(np.array(xy_m, float), np.zeros((count, 2, 6)), np.zeros((count, 2, 2)))


def ground_zone(kind: str) -> ZoneMap:
    """A zone of ten metres around the origin on the ground."""
    return ZoneMap([RuleZone("z", kind, True, shapely.box(-10, -10, 10, 10))])


def test_a_passing_drone_says_that_it_saw_it_standing_for_a_short_time_only() -> None:
    """Places that agree over the looks of a pass are standing; the reason names the limit."""
    parked = rule("stationary", ["car"], zones=["no_parking"], min_seconds=600, passing_seconds=2)
    watch = Pass((parked,), ground_zone("no_parking"), passing=True)
    for i in range(20):
        places = located((1 + 0.1 * (i % 2), 2), (-9 + 1.6 * i, 5))
        watch.see((1, 40 * i, 100, CAR), (2, 40 * i, 500, CAR), places=places)
    assert [finding.subject.track_id for finding in watch.found] == [1]
    assert "the camera passed by" in watch.found[0].why
    assert watch.found[0].zone == 0


def test_one_stray_place_inside_a_zone_is_not_inside() -> None:
    """From a drone, most looks must agree that the thing is in the zone."""
    inside = rule("presence", ["person"], zones=["restricted"], min_looks=3)
    watch = Pass((inside,), ground_zone("restricted"), passing=True)
    for i in range(20):
        watch.see((1, 40 * i, 100, PERSON), places=located((9.0 if i % 4 == 0 else 11.0, 0)))
    assert watch.found == []


@pytest.mark.parametrize(("area_m2", "told"), [(0.4, 0), (0.6, 1), (float("nan"), 1)])
def test_damage_smaller_than_a_case_asks_for_is_not_told(area_m2: float, told: int) -> None:
    """A manhole cover is no pothole; where the size is unknown, the thing itself decides."""
    damage = rule("presence", ["garbage"], min_looks=3, min_area_m2=0.5)
    watch = Pass((damage,), passing=True)
    for _ in range(10):
        places = replace(located((0.0, 0.0)), area_m2=np.array([area_m2]))
        watch.see((1, 40, 100, GARBAGE), places=places)
    assert len(watch.found) == told
    assert all(("0.6 m²" in finding.why) == (area_m2 == 0.6) for finding in watch.found)


@pytest.mark.parametrize(("side_px", "told"), [(60, 1), (600, 0)])
def test_what_fills_the_picture_is_something_else(side_px: int, told: int) -> None:
    """A sea cliff in the foreground is no pothole."""
    hole = rule("presence", ["garbage"], min_looks=3, max_picture_share=0.15)
    book, judge = (
        ObjectBook(),
        Judge((hole,), Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)),
    )
    found = []
    for frame in range(10):
        seen = boxes(((0, 0, side_px, side_px), 0.8, GARBAGE)).with_tracks(np.array([1], np.int64))
        book.add_frame(FrameSeen(frame / 5, frame, SIZE), seen, None, [frozenset()])
        found += judge.step(book, frame / 5)
    assert len(found) == told


@pytest.mark.parametrize(("growth", "frames", "told"), [(0.0, 30, 0), (0.05, 30, 1), (0.05, 6, 0)])
def test_smoke_billows_and_a_wall_stands_still(growth: float, frames: int, told: int) -> None:
    """What keeps its outline for seconds is no smoke, even if somebody just walked past it."""
    plume = rule(
        "presence", ["fire"], min_looks=3, min_seconds=2, once_per_view=True, min_flicker=0.015
    )
    setting = Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)
    book, judge, found = ObjectBook(), Judge((plume,), setting), []
    for frame in range(30):
        side_px = 100.0 * (1.0 + growth * (frame % 2 if frame < frames else 0))
        seen = boxes(((0, 0, side_px, side_px), 0.8, FIRE)).with_tracks(np.array([1], np.int64))
        book.add_frame(FrameSeen(frame / 5, frame, SIZE), seen, None, [frozenset()])
        found += judge.step(book, frame / 5)
    assert len(found) == told


@pytest.mark.parametrize(
    ("score", "stir", "told"), [(0.2, 0.3, 1), (0.2, 0.02, 0), (0.8, 0.02, 0), (0.8, None, 1)]
)
def test_smoke_stirs_inside(score: float, stir: float | None, told: int) -> None:
    """Half of the score is enough of what stirs, and none of what does not.

    Where that was not measured its outline tells, which here wavers.
    """
    plume = rule(
        "presence",
        ["fire"],
        min_looks=3,
        min_seconds=2,
        once_per_view=True,
        min_flicker=0.015,
        min_stir=0.1,
    )
    setting = Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)
    book, judge, found = ObjectBook(), Judge((plume,), setting), []
    for frame in range(30):
        side_px = 100.0 * (1.0 + 0.05 * (frame % 2))
        seen = boxes(((0, 0, side_px, side_px), score, FIRE)).with_tracks(np.array([1], np.int64))
        stirs = None if stir is None else np.array([stir])
        told_of = FrameSeen(frame / 5, frame, SIZE, stirs=stirs)
        book.add_frame(told_of, seen, None, [frozenset()])
        found += judge.step(book, frame / 5)
    assert len(found) == told


def test_of_what_is_taken_for_smoke_the_piece_that_stirs_is_told() -> None:
    """And not the wall beside it, which was seen for longer: its picture would show nothing."""
    plume = rule("presence", ["fire"], min_seconds=2, once_per_view=True, min_stir=0.1)
    setting = Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=False)
    book, judge, found = ObjectBook(), Judge((plume,), setting), []
    wall, smoke = ((0, 0, 80, 80), 0.2, FIRE), ((300, 0, 380, 80), 0.5, FIRE)
    for frame in range(150):
        rows = [wall] if frame < 50 else [wall, smoke]
        seen = boxes(*rows).with_tracks(np.arange(1, len(rows) + 1))
        told_of = FrameSeen(frame / 5, frame, SIZE, stirs=np.array([0.02, 0.3][: len(rows)]))
        book.add_frame(told_of, seen, None, [frozenset[int]()] * len(rows))
        found += judge.step(book, frame / 5)
    (finding,) = found
    assert finding.subject.track_id == 2
    assert [each.track_id for each in finding.others] == [1]


@pytest.mark.parametrize(("step_px", "told_s"), [(0, 5.0), (20, 1.0)])
def test_what_keeps_its_place_in_the_picture_is_looked_at_for_longer(
    step_px: int, told_s: float
) -> None:
    """A camera that passes by has no time for that."""
    watch = Pass((rule("presence", ["garbage"], min_looks=3, min_seconds=1, unmoved_seconds=5),))
    for frame in range(30):
        watch.see((1, 40 + step_px * frame, 0, GARBAGE))
    assert watch.found[0].time_s == pytest.approx(told_s)


def crowd_of(count: int, apart: float) -> list[Row]:
    """People in a row."""
    return [(n, 20 + apart * n, 100, PERSON) for n in range(1, count + 1)]


def test_a_crowd_is_many_close_together_for_a_while() -> None:
    """Eight near one another for three seconds; fewer, wider or shorter is none."""
    crowd = rule("crowd", ["person"], min_count=8, radius_m=5, radius_boxes=6, min_seconds=3)
    for people, expected in ((crowd_of(8, 70), 1), (crowd_of(7, 70), 0), (crowd_of(12, 140), 0)):
        watch = Pass((crowd,))
        watch.see_for(6, *people)
        assert len(watch.found) == expected
    watch = Pass((crowd,))
    watch.see_for(2, *crowd_of(8, 70))
    watch.see_for(4, *crowd_of(3, 70))
    watch.see_for(2, *crowd_of(8, 70))
    assert watch.found == []


def test_dense_traffic_moves_and_a_full_car_park_does_not() -> None:
    """Twenty cars in view of which some drive are traffic; twenty that stand are parked."""
    dense = rule("congestion", ["car"], min_count=20, min_seconds=4)
    driving, parked = Pass((dense,)), Pass((dense,))
    for i in range(40):
        driving.see(*[(n, 40 * n, 5.0 * i, CAR) for n in range(1, 24)])
        parked.see(*[(n, 40 * n, 100, CAR) for n in range(1, 24)])
    assert len(driving.found) == 1
    assert "23 of car in view, 23 of them moving" in driving.found[0].why
    assert parked.found == []


def test_flames_in_pieces_are_one_fire() -> None:
    """Pieces that come and go count together by the frames in which any of them burns."""
    fire = rule("presence", ["fire"], once_per_view=True, min_seconds=2, min_looks=8)
    watch = Pass((fire,))
    for i in range(60):
        watch.see((i // 4 + 1, 100 + 90 * (i // 4 % 3), 100, FIRE))
    assert len(watch.found) == 1


def test_a_flash_is_no_fire() -> None:
    """Half a second of something that looks like fire, again and again, stays unsaid."""
    watch = Pass(load_rules(), hz=10)
    for i in range(300):
        watch.see(*([(i // 20 + 1, 100, 100, FIRE)] if i % 20 < 5 else []))
    assert watch.found == []


def test_two_things_side_by_side_are_two_findings() -> None:
    """The silence of a rule is for a place, not for the picture."""
    watch = Pass((rule("presence", ["garbage"], cooldown_s=600),))
    watch.see_for(3, (1, 0, 0, GARBAGE), (2, 300, 0, GARBAGE))
    assert len(watch.found) == 2


def test_a_new_track_of_the_same_thing_is_not_told_again() -> None:
    """A track that broke and began anew at the same place is silenced."""
    watch = Pass((rule("presence", ["garbage"], cooldown_s=600),))
    watch.see_for(3, (1, 0, 0, GARBAGE))
    watch.see_for(5, (2, 4, 0, GARBAGE))
    assert len(watch.found) == 1


SCENES = st.lists(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from([0, 30, 400]), st.just(0), st.just(GARBAGE)),
        max_size=3,
        unique_by=lambda row: row[0],
    ),
    min_size=10,
    max_size=80,
)


@settings(max_examples=40, deadline=None)
@given(SCENES, st.floats(0.5, 20))
def test_the_silence_of_a_rule_is_never_broken(scenes: list[list[Row]], cooldown_s: float) -> None:
    """No object is told twice, and no place twice within the cool-down, whatever is seen."""
    watch = Pass((rule("presence", ["garbage"], cooldown_s=cooldown_s, min_looks=2, min_share=0),))
    told: list[tuple[float, float, int]] = []
    for rows in scenes:
        for finding in watch.see(*rows):
            x, track = finding.subject.last.xyxy_px[0], finding.subject.track_id
            for time_s, other_x, other_track in told:
                assert track != other_track
                if abs(x - other_x) < 30:
                    assert finding.time_s - time_s >= cooldown_s
            told.append((finding.time_s, x, track))


def test_nothing_in_view_finds_nothing() -> None:
    """Empty frames are judged without complaint."""
    watch = Pass(load_rules())
    watch.see_for(5)
    assert watch.found == []


def test_standing_cars_under_a_moving_camera_are_no_traffic() -> None:
    """They slide through the picture with the ground; those that drive against it are traffic."""
    dense = rule("congestion", ["car"], min_count=20, min_seconds=4)
    standing, driving = Pass((dense,)), Pass((dense,))
    for i in range(40):
        cars = [(n, 40 * n + 5.0 * i, 100, CAR) for n in range(1, 24)]
        sliding = np.array([[1.0, 0.0, -5.0 * i], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        standing.see(*cars, ground=GroundFrame(1, sliding))
        driving.see(*cars, ground=GroundFrame(1, np.eye(3)))
    assert standing.found == []
    assert "23 of them moving" in driving.found[0].why


def test_cars_seen_from_a_drone_move_only_if_their_places_do() -> None:
    """With poses the ground tells, whatever the picture does."""
    dense = rule("congestion", ["car"], min_count=20, min_seconds=4)
    parked, driving = Pass((dense,), passing=True), Pass((dense,), passing=True)
    for i in range(40):
        cars = [(n, 40 * n, 20.0 * i, CAR) for n in range(1, 24)]
        at_m = np.array([(3.0 * n, 0.0) for n in range(1, 24)])
        still = Places(at_m, np.zeros((23, 2, 6)), np.zeros((23, 2, 2)))
        parked.see(*cars, places=still)
        driving.see(*cars, places=replace(still, xy_m=at_m + np.array([0.0, 1.0 * i])))
    assert parked.found == []
    assert len(driving.found) == 1


@pytest.mark.parametrize(
    ("looks_each", "passing", "told"), [(6, True, 1), (4, True, 0), (6, False, 0)]
)
def test_what_is_there_on_lane_after_lane_persists(
    looks_each: int, passing: bool, told: int
) -> None:
    """A drone adds up passes that each held half of the looks; strays never add up."""
    burning = rule("presence", ["fire"], min_looks=10, min_seconds=2.0, min_share=0.6)
    watch = Pass((burning,), passing=passing)
    for _ in range(2):
        watch.see_for(looks_each / watch.hz, (1, 0, 0, FIRE))
        watch.see_for(20)
    assert len(watch.found) == told
    assert all("on 2 passes over it" in finding.why for finding in watch.found)


def test_a_pass_on_which_a_thing_came_and_went_does_not_count() -> None:
    """A former pass counts only where it showed the thing in the share of frames that is asked."""
    burning = rule("presence", ["fire"], min_looks=8, min_seconds=1.0, min_share=0.8)
    watch = Pass((burning,), passing=True)
    for _ in range(6):
        watch.see((1, 0, 0, FIRE))
        watch.see()
    watch.see_for(20)
    watch.see_for(1.0, (1, 0, 0, FIRE))
    assert watch.found == []


@pytest.mark.parametrize("hz", [10.0, 30.0])
def test_parking_for_minutes_is_told_at_any_pace(hz: float) -> None:
    """However many looks there are: more than are kept, at thirty frames a second."""
    zones = ZoneMap.in_picture([STRIP])
    watch = Pass((rule("stationary", ["car"], zones=["no_parking"], min_seconds=90),), zones, hz=hz)
    watch.see_for(89, (1, 100, 100, CAR))
    assert watch.found == []
    watch.see_for(3, (1, 100, 100, CAR))
    (finding,) = watch.found
    assert finding.time_s == pytest.approx(90.0, abs=1.1)
    assert "stands in no_parking zone strip" in finding.why


def test_presence_may_be_asked_for_minutes() -> None:
    """As may a stay in a zone."""
    watch = Pass((rule("presence", ["garbage"], min_seconds=100),), hz=10)
    watch.see_for(99, (1, 0, 0, GARBAGE))
    assert watch.found == []
    watch.see_for(2, (1, 0, 0, GARBAGE))
    assert len(watch.found) == 1
