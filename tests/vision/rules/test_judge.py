from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.builders import boxes
from tests.vision.rules.judging import (
    CAR,
    FIRE,
    GARBAGE,
    NAMES,
    PERSON,
    SIZE,
    STRIP,
    YARD,
    Pass,
    Row,
    ground_zone,
    located,
    rule,
)
from vision.objects import FrameSeen, ObjectBook
from vision.rules.judge import Judge
from vision.rules.schema import load_rules
from vision.rules.setting import Setting
from vision.rules.zones import ZoneMap


def test_presence_needs_its_looks_its_time_and_its_score() -> None:
    """A thing is confirmed when it was seen often, long and surely enough, and told once."""
    watch = Pass((rule("presence", ["garbage"], min_looks=5, min_seconds=1.0),))
    watch.see_for(0.8, (1, 0, 0, GARBAGE))
    assert watch.found == []
    watch.see_for(10, (1, 0, 0, GARBAGE))
    (finding,) = watch.found
    assert finding.time_s == pytest.approx(1.0)
    assert "garbage: seen in 6 of 6 frames over 1.0 s, median score 0.80" in finding.why


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
