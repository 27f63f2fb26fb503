"""Tests of `vision.ground_watch`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.builders import BlankSource, ScriptedDetector, boxes
from vision.detections import Detections
from vision.frames import Frame
from vision.ground_context import GroundContext
from vision.ground_motion import GroundFrame
from vision.ground_watch import GroundWatch, SeenToMove
from vision.pipeline import WatchSettings, watch
from vision.rules.schema import Rule, load_rules
from vision.rules.zones import PictureZone
from vision.sightings import Sighting

SIZE = (640, 360)
CAR = 1
ALL_OVER = np.stack(np.meshgrid(np.arange(10.0, 640, 40), np.arange(10.0, 360, 40)), -1)
EVERYWHERE = ALL_OVER.reshape(-1, 2)
CORNER = EVERYWHERE[(EVERYWHERE < (160, 120)).all(axis=1)]


def lies(right_px: float, *, epoch: int = 1, points_px: NDArray[np.float64] = EVERYWHERE) -> GroundFrame:  # fmt: skip # noqa: E501
    """Ground that has slid so far to the right, as these points say."""
    to_reference = np.array([[1.0, 0.0, -right_px], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return GroundFrame(epoch, to_reference, 0.5, points_px)


def moves_at(way: Callable[[float], GroundFrame], until_s: float = 12.0) -> list[float]:
    """When a camera is seen to move, of all looks five times a second."""
    seen = SeenToMove()
    times_s = np.arange(0.0, until_s, 0.2).tolist()
    return [time_s for time_s in times_s if seen.look(way(time_s), SIZE, time_s)]


@pytest.mark.parametrize(("speed_px_s", "known_s"), [(1.6, 5.2), (20.0, 1.4), (400.0, 1.2)])
def test_a_camera_on_its_way_is_known_once_it_is_off_its_place(
    speed_px_s: float, known_s: float
) -> None:
    """By a hundredth of the picture, for a second."""
    times_s = moves_at(lambda time_s: lies(speed_px_s * time_s))
    assert times_s[0] == pytest.approx(known_s, abs=0.21)
    assert times_s[-1] == pytest.approx(11.8)


@pytest.mark.parametrize(
    "way",
    [
        lambda time_s: lies(5.0 * np.sin(7.0 * time_s)),
        lambda time_s: lies(0.4 * time_s),
        lambda time_s: lies(200.0 if 3.0 < time_s < 3.7 else 0.0),
        lambda time_s: lies(20.0 * time_s, points_px=CORNER),
        lambda time_s: lies(20.0 * time_s, epoch=round(time_s * 5)),
    ],
    ids=["sways", "creeps", "errs", "a lorry in its corner", "never follows for long"],
)
def test_a_camera_that_stands_is_not_seen_to_move(way: Callable[[float], GroundFrame]) -> None:
    """However its mast sways, and whatever the ground seems to do for a moment."""
    assert moves_at(way, 30.0) == []


def test_a_camera_that_turned_and_stays_stands_again() -> None:
    """Ten seconds after it came to rest, or a little more."""
    times_s = moves_at(lambda time_s: lies(30.0 * min(time_s, 4.0)), 40.0)
    assert 14.0 <= times_s[-1] <= 24.0


NOISE = np.random.default_rng(3).integers(0, 255, (360, 1300, 3)).astype(np.uint8)
GROUND = np.asarray(cv2.GaussianBlur(NOISE, (0, 0), 4), np.uint8)


def picture(left_px: float) -> NDArray[np.uint8]:
    """What a camera shows that has gone so far to the right over ground with texture."""
    return GROUND[:, round(left_px) : round(left_px) + 640].copy()


@dataclass
class Flight(BlankSource):
    """A camera that flies to the right, or stands; it is cut to elsewhere, where that is said."""

    step_px: float = 6.0
    cut_at: int = 10_000
    size_wh_px: tuple[int, int] = SIZE

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count):
            image = picture(self.step_px * index)
            yield Frame(
                index, index / self.fps, image[::-1].copy() if index >= self.cut_at else image
            )


def car(x_px: float, y_px: float) -> tuple[tuple[float, ...], float, int]:
    """A car seen from above."""
    return (x_px, y_px, x_px + 40.0, y_px + 20.0), 0.9, CAR


def told(
    source: Flight,
    script: dict[int, Detections],
    settings: WatchSettings | None = None,
    context: GroundContext | None = None,
    rules: tuple[Rule, ...] | None = None,
) -> list[Sighting]:
    """What the shipped rules tell of a flight."""
    detector = ScriptedDetector(script)
    return list(watch(source, detector, rules or RULES, context or GroundContext(), settings))


RULES: tuple[Rule, ...] = load_rules()


@pytest.mark.parametrize("said", [False, True])
def test_of_a_flight_without_poses_who_drives_is_told_and_who_is_parked_is_not(said: bool) -> None:
    """Whether somebody says that the camera moves, or its pictures do."""
    parked = {i: boxes(car(600 - 6.0 * i, 100), car(500 - 6.0 * i, 240)) for i in range(60)}
    driving = {i: boxes(car(600 - 6.0 * i, 100), car(80 + 5.0 * i, 240)) for i in range(60)}
    settings = WatchSettings(aloft=said)
    assert told(Flight(60), parked, settings) == []
    (sighting,) = told(Flight(60), driving, settings)
    assert (sighting.rule_id, sighting.class_name) == ("vehicle-enters", "car")
    assert "moves over the ground" in sighting.why


def test_what_slides_into_the_picture_of_an_unknown_flight_is_not_told() -> None:
    """The camera is known to move before a parked car comes, four seconds after the first frame."""
    later = {i: boxes(car(620 - 6.0 * (i - 40), 100)) for i in range(40, 90)}
    assert told(Flight(90), later) == []
    standing = {i: boxes(car(620 - 6.0 * (i - 40), 100)) for i in range(40, 90)}
    assert len(told(Flight(90, step_px=0.0), standing)) == 1


@pytest.mark.parametrize(
    ("inside", "cut_at", "count"), [(True, 99, 1), (False, 99, 0), (True, 4, 0)]
)
def test_a_zone_drawn_on_the_first_picture_goes_with_the_ground(
    inside: bool, cut_at: int, count: int
) -> None:
    """Until the ground is lost, and that is told; in the picture the other car stands there."""
    zone = PictureZone("kerb", "no_parking", ((0.7, 0.2), (0.9, 0.2), (0.9, 0.4), (0.7, 0.4)))
    first_px = 500 if inside else 590
    parked = {i: boxes(car(first_px - 4.0 * i, 100)) for i in range(50)}
    source = Flight(50, step_px=4.0, cut_at=cut_at)
    context = GroundContext(picture_zones=(zone,))
    found = told(source, parked, WatchSettings(moving_camera=True), context)
    assert [each.rule_id for each in found] == ["parked-no-parking"] * count
    assert ("zones drawn on the first picture" in source.report.warning) == (cut_at < 50)


@pytest.mark.parametrize("ids", [{"parked-no-parking"}, {"parked-no-parking", "vehicle-enters"}])
@pytest.mark.parametrize(("step_px", "warned"), [(4.0, True), (0.0, False)])
def test_whose_zones_stay_while_the_picture_moves_is_asked_to_say_so(
    step_px: float, warned: bool, ids: set[str]
) -> None:
    """Whatever other rules there are."""
    zone = PictureZone("kerb", "no_parking", ((0, 0), (1, 0), (1, 1), (0, 1)))
    source = Flight(40, step_px=step_px)
    script = {i: boxes(car(500 - step_px * i, 100)) for i in range(40)}
    rules = tuple(rule for rule in RULES if rule.id in ids)
    assert told(source, script, None, GroundContext(picture_zones=(zone,)), rules) == []
    assert ("--moving-camera" in source.report.warning) == warned


def asked(
    *, seconds: float, detections: Detections, said: bool = False, drawn: bool = False
) -> int:
    """How many of the pictures of a grey wall, ten a second, a ground watch follows."""
    watching = GroundWatch(RULES, ("person", "car", "fire"), 0.2, said=said, drawn=drawn)
    frames = list(BlankSource(round(seconds * 10), size_wh_px=(64, 48)))
    return sum(watching.look(frame, detections) is not None for frame in frames)


def test_a_camera_that_stands_before_an_empty_street_is_asked_at_first_only() -> None:
    """As often as the rules are judged, for ten seconds; then as long as a car is in view."""
    assert asked(seconds=14.0, detections=Detections.empty()) == pytest.approx(51, abs=1)
    assert asked(seconds=14.0, detections=boxes(car(0, 0))) == pytest.approx(70, abs=1)


def test_a_camera_that_is_said_to_move_is_asked_of_cars_only() -> None:
    """Unless zones were drawn on its first picture, which go with every picture."""
    assert asked(seconds=2.0, detections=Detections.empty(), said=True) == 0
    assert asked(seconds=2.0, detections=Detections.empty(), said=True, drawn=True) == 20


def test_rules_that_ask_nobody_whether_he_moves_follow_no_ground() -> None:
    """A camera that looks for fire alone pays nothing."""
    fire = tuple(rule for rule in RULES if rule.id == "fire")
    watching = GroundWatch(fire, ("person", "car", "fire"), 0.2, said=False, drawn=False)
    assert watching.look(Frame(0, 0.0, picture(0)), boxes(car(0, 0))) is None
