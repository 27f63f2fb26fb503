"""Who drives is told from who stands, whether the camera stands, moves or flies."""

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.rules.judging import CAR, FIRE, STRIP, Pass, rule, slid
from vision.ground_motion import GroundFrame
from vision.projection import Places
from vision.rules.schema import load_rules
from vision.rules.zones import ZoneMap


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


def test_a_street_full_of_cars_is_not_told_car_by_car() -> None:
    """One comes every second; nobody looked before the first of them."""
    watch = Pass(load_rules())
    for step in range(100):
        rows = [(n, 100, 40 * (step - 5 * n), CAR) for n in range(20) if 0 <= step - 5 * n < 20]
        watch.see(*rows)
    assert watch.found == []


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
