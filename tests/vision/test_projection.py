import math
from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.geodesy import LocalFrame, LonLat, distance_m
from geofences.terrain import FlatTerrain
from geofences.view import CameraPose, local_to_pixels
from tests.geofences.hills import Hills, plane, waves
from tests.vision.builders import CAMERA, HOME, NOISY, boxes, pose
from vision.detections import Detections
from vision.errors import PoseError
from vision.projection import PlaceLook, Places, Projector, Seen, fuse

CLASSES = ("person", "car", "pothole", "smoke")
FRAME = LocalFrame(HOME)
PROJECTOR = Projector(CAMERA, FRAME, CLASSES)


def box_of(
    at: CameraPose, east_m: float, north_m: float, size_m: tuple[float, float, float]
) -> tuple[float, float, float, float]:
    """The picture's box around a block of width, length and height standing somewhere."""
    here_m = FRAME.to_local(at.position.lon_deg, at.position.lat_deg)
    corners = np.array(
        [
            (east_m + x * size_m[0] / 2 - here_m[0], north_m + y * size_m[1] / 2 - here_m[1], z)
            for x in (-1, 1)
            for y in (-1, 1)
            for z in (0.0, size_m[2])
        ]
    )
    px = local_to_pixels(CAMERA, at, corners)
    return (*px.min(axis=0).tolist(), *px.max(axis=0).tolist())


def near_home(offset_m: np.ndarray) -> LonLat:
    """HOME moved by metres east and north."""
    return LonLat(*FRAME.to_lonlat(float(offset_m[0]), float(offset_m[1])))


def place(at: CameraPose, box: tuple[float, ...], class_id: int) -> Places:
    """Where one box is."""
    return PROJECTOR.locate(boxes((box, 0.9, class_id)), at)


@settings(max_examples=40)
@given(st.floats(-15, 15), st.floats(5, 45), st.floats(0, 360))
def test_a_person_is_placed_within_a_hand_of_the_truth(
    east_m: float, north_m: float, heading_deg: float
) -> None:
    """Steeply seen, the middle of the box at half the height gives the place."""
    at = pose(heading_deg=heading_deg)
    turn = math.radians(heading_deg)
    x = east_m * math.cos(turn) + north_m * math.sin(turn)
    y = north_m * math.cos(turn) - east_m * math.sin(turn)
    found = place(at, box_of(at, x, y, (0.5, 0.5, 1.7)), 0).xy_m[0]
    assert np.hypot(*(found - (x, y))) < 0.25


@pytest.mark.parametrize("pitch_deg", [-90.0, -60.0, -45.0])
def test_the_ground_under_a_box_is_measured(pitch_deg: float) -> None:
    """A flat patch of 1.2 m by 0.8 m counts as the oval in it, from every pitch."""
    at = pose(pitch_deg=pitch_deg)
    ahead_m = 40.0 / math.tan(math.radians(-pitch_deg)) if pitch_deg > -90.0 else 0.0
    area_m2 = place(at, box_of(at, 0.0, ahead_m, (1.2, 0.8, 0.0)), 2).area_m2
    assert area_m2 is not None
    assert area_m2[0] == pytest.approx(math.pi / 4 * 1.2 * 0.8, rel=0.05)


@pytest.mark.parametrize("north_m", [8.0, 20.0, 35.0])
def test_a_car_is_placed_at_its_middle(north_m: float) -> None:
    """Not at its near bumper, which the lower edge of the box would give."""
    at = pose()
    found = place(at, box_of(at, 3, north_m, (1.8, 4.5, 1.5)), 1).xy_m[0]
    assert np.hypot(*(found - (3, north_m))) < 0.4


def test_a_flat_view_uses_the_foot_of_the_box() -> None:
    """At ten degrees below the horizon half a body's height would be many metres of ground."""
    at = pose(pitch_deg=-10.0)
    found = place(at, box_of(at, 0, 200, (0.5, 0.5, 2.1)), 0).xy_m[0]
    assert found[1] == pytest.approx(200, abs=3)


def test_smoke_is_placed_at_the_foot_of_its_plume() -> None:
    """A plume of thirty metres still rises from one place."""
    at = pose(pitch_deg=-45.0)
    found = place(at, box_of(at, 0, 60, (2, 2, 12)), 3).xy_m[0]
    assert found[1] == pytest.approx(59, abs=1.0)


def test_the_sky_is_no_place() -> None:
    """A box above the horizon has no place, and no error pretends otherwise."""
    assert np.isnan(place(pose(pitch_deg=0.0), (600, 10, 640, 60), 0).xy_m).all()


def test_no_detections_have_no_places() -> None:
    """Zero rows in, zero rows out."""
    assert len(PROJECTOR.locate(Detections.empty(), pose())) == 0


def test_the_stated_error_holds_the_truth_as_often_as_it_says() -> None:
    """With poses spoilt as stated, 90 % of single looks lie within ce90_m, give or take."""
    rng = np.random.default_rng(5)
    truth, size_m, inside = np.array([6.0, 22.0]), (0.5, 0.5, 1.7), 0
    for _ in range(600):
        true = pose(heading_deg=30.0)
        seen = box_of(true, 6.0, 22.0, size_m)
        jitter = rng.normal(0, 1.0, 2)
        moved = np.array(seen) + np.tile(jitter, 2)
        told = CameraPose(
            0.0,
            near_home(rng.normal(0, NOISY.horizontal_m, 2)),
            40.0 + rng.normal(0, NOISY.vertical_m),
            30.0 + rng.normal(0, NOISY.heading_deg),
            -60.0 + rng.normal(0, NOISY.pitch_deg),
            0.0,
            NOISY,
        )
        places = PROJECTOR.locate(boxes((tuple(moved), 0.9, 0)), told)
        point = fuse([look(places)], FRAME)
        inside += bool(np.hypot(*(places.xy_m[0] - truth)) <= point.ce90_m)
    assert 0.87 <= inside / 600 <= 0.97


def look(places: Places, row: int = 0) -> PlaceLook:
    """One row as a look."""
    return PlaceLook(places.xy_m[row], places.shared_m[row], places.own_m[row])


def looks_from(headings_deg: list[float]) -> list[PlaceLook]:
    """Looks at one person from the south at each heading's side, all with stated errors."""
    found = []
    for heading_deg in headings_deg:
        turn = math.radians(heading_deg)
        at = CameraPose(
            0.0,
            near_home(np.array([-23 * math.sin(turn), -23 * math.cos(turn)])),
            40.0, heading_deg, -60.0, 0.0, NOISY,
        )  # fmt: skip
        found.append(look(PROJECTOR.locate(boxes((box_of(at, 0, 0, (0.5, 0.5, 1.7)), 0.9, 0)), at)))
    return found


def test_many_looks_from_one_side_keep_the_shared_error() -> None:
    """A hundred looks are better than one, but not ten times: the bias stays."""
    one, many = fuse(looks_from([0.0]), FRAME), fuse(looks_from([0.0] * 100), FRAME)
    assert many.ce90_m < one.ce90_m
    assert many.ce90_m > 0.8 * one.ce90_m


def test_looks_from_opposite_sides_cancel_what_turns_with_the_camera() -> None:
    """Heading and pitch errors of opposite looks point opposite ways."""
    same, opposite = fuse(looks_from([0.0, 0.0]), FRAME), fuse(looks_from([0.0, 180.0]), FRAME)
    assert opposite.ce90_m < 0.85 * same.ce90_m
    assert distance_m(opposite.position, HOME) < 0.3


def test_focal_length_and_lens_are_shared_by_all_looks() -> None:
    """What lies away from the middle is as unsure after a hundred looks as after one."""
    unsure = replace(CAMERA, focal_error_share=0.02, lens_error_share=0.01)
    at = pose()
    seen = boxes(((30.0, 330.0, 32.0, 332.0), 0.9, 2), ((639.0, 359.0, 641.0, 361.0), 0.9, 2))
    far, middle = (look(Projector(unsure, FRAME, CLASSES).locate(seen, at), row) for row in (0, 1))
    exact = look(PROJECTOR.locate(seen, at))
    assert far.shared_m.shape == exact.shared_m.shape
    lasting_m = np.hypot(*far.shared_m[:, 6:8])
    assert lasting_m[0] > 0.4
    assert lasting_m[0] > lasting_m[1] > 0.05
    assert np.abs(middle.shared_m[:, 6:8]).max() < 0.02
    one, many = fuse([far], FRAME), fuse([far] * 100, FRAME)
    assert one.ce90_m > many.ce90_m > 1.2 * lasting_m[0]
    assert fuse([exact] * 100, FRAME).ce90_m < 0.3


def test_a_thing_is_as_high_in_every_look() -> None:
    """What is nominal of it is off by the same each time."""
    tall = PlaceLook(np.zeros(2), np.eye(2, 8, k=5), np.zeros((2, 2)))
    assert fuse([tall] * 50, FRAME).ce90_m == pytest.approx(fuse([tall], FRAME).ce90_m)


def drifting(time_s: float, bias_share: float, correlation_s: float) -> PlaceLook:
    """A look that is off by a metre east and north, for nothing but its pose."""
    seen = Seen(time_s, bias_share, correlation_s)
    return PlaceLook(np.zeros(2), np.eye(2, 6), np.zeros((2, 2)), seen=seen)


def test_what_wanders_shrinks_with_the_time_between_looks() -> None:
    """Two looks long apart are worth two, close together one, and between that by the formula."""
    one = fuse([drifting(0.0, 0.0, 10.0)], FRAME).ce90_m
    for apart_s, left in ((0.0, 1.0), (10.0, math.exp(-1.0)), (1000.0, 0.0)):
        two = fuse([drifting(0.0, 0.0, 10.0), drifting(apart_s, 0.0, 10.0)], FRAME).ce90_m
        assert two / one == pytest.approx(math.sqrt((1.0 + left) / 2.0), rel=1e-4)


def test_what_stays_does_not_shrink_with_time() -> None:
    """Half of the variance is left of looks that have nothing else in common."""
    looks = [drifting(1000.0 * number, 0.5, 10.0) for number in range(100)]
    ratio = fuse(looks, FRAME).ce90_m / fuse(looks[:1], FRAME).ce90_m
    assert ratio == pytest.approx(math.sqrt(0.5 + 0.5 / 100), rel=1e-4)


@settings(max_examples=30)
@given(st.lists(st.floats(0.0, 300.0), min_size=1, max_size=12), st.floats(0.1, 300.0))
def test_more_looks_are_never_worth_less(times_s: list[float], correlation_s: float) -> None:
    """Whenever they are taken, while all are as good: no circle is wider than that of one."""
    looks = [drifting(time_s, 0.3, correlation_s) for time_s in times_s]
    assert fuse(looks, FRAME).ce90_m <= fuse(looks[:1], FRAME).ce90_m * (1 + 1e-9)


def test_looks_know_when_they_were_taken_and_how_long_errors_stay() -> None:
    """As the pose says, of every box of its picture."""
    at = replace(pose(), time_s=7.0, errors=replace(NOISY, bias_share=0.2, correlation_s=30.0))
    assert place(at, (600, 330, 640, 390), 0).seen == Seen(7.0, 0.2, 30.0)
    assert copy(Seen(7.0, 0.2, 30.0)) == Seen(7.0, 0.2, 30.0)


def test_own_errors_shrink_with_the_number_of_looks() -> None:
    """Without any shared error a hundred looks are ten times as good."""
    own = [PlaceLook(np.zeros(2), np.zeros((2, 6)), np.eye(2)) for _ in range(100)]
    ratio = fuse(own[:1], FRAME).ce90_m / fuse(own, FRAME).ce90_m
    assert ratio == pytest.approx(10, rel=0.01)


def test_precise_looks_weigh_more() -> None:
    """A look twice as precise pulls four times as hard."""
    looks = [
        PlaceLook(np.array([0.0, 0.0]), np.zeros((2, 6)), np.eye(2)),
        PlaceLook(np.array([5.0, 0.0]), np.zeros((2, 6)), 2 * np.eye(2)),
    ]
    position = fuse(looks, FRAME).position
    east_m, _ = FRAME.to_local(position.lon_deg, position.lat_deg)
    assert east_m == pytest.approx(1.0, abs=1e-3)


def test_no_looks_cannot_be_fused() -> None:
    """There is no place without a look."""
    with pytest.raises(ValueError, match="no looks"):
        fuse([], FRAME)


def test_over_flat_terrain_places_are_those_of_flat_ground() -> None:
    """With their errors and the ground that boxes cover."""
    at = pose(errors=NOISY)
    seen = boxes(
        (box_of(at, 3, 20, (1.8, 4.5, 1.5)), 0.9, 1), (box_of(at, -8, 28, (1, 1, 0)), 0.9, 2)
    )
    unsure = replace(CAMERA, focal_error_share=0.02, lens_error_share=0.01)
    flat = Projector(unsure, FRAME, CLASSES).locate(seen, at)
    over = Projector(unsure, FRAME, CLASSES, terrain=FlatTerrain(30.0)).locate(seen, at)
    assert over.shared_m[:, :, :8] == pytest.approx(flat.shared_m, abs=0.02)
    assert over.xy_m == pytest.approx(flat.xy_m, abs=0.01)
    assert over.area_m2 == pytest.approx(flat.area_m2, rel=0.01)
    assert over.sigma_m() == pytest.approx(flat.sigma_m(), rel=0.03)


def test_on_a_hillside_a_car_is_where_the_ground_is() -> None:
    """Flat ground would put it metres behind the slope that it stands on."""
    hillside = plane(0.0, 0.3, alt_m=70.0)
    at = pose(pitch_deg=-45.0)
    place_m = np.array([2.0, 25.0])
    ground_m = 0.3 * place_m[1]
    pixel = local_to_pixels(CAMERA, at, [[*place_m, ground_m + 0.75]])[0]
    box = (*(pixel - 20.0).tolist(), *(pixel + 20.0).tolist())
    seen = boxes((box, 0.9, 1))
    frame = LocalFrame(HOME)
    on_slope = Projector(CAMERA, frame, CLASSES, terrain=hillside).locate(seen, at).xy_m[0]
    assert np.hypot(*(on_slope - place_m)) < 0.01
    assert np.hypot(*(PROJECTOR.locate(seen, at).xy_m[0] - place_m)) > 5.0


def test_fused_looks_over_hills_keep_a_calibrated_error() -> None:
    """Looks from one pass at a thing in hills: the bends travel with the other causes."""
    hills = waves(8.0, 150.0)
    projector = Projector(CAMERA, FRAME, CLASSES, terrain=hills)
    at = pose(errors=NOISY, pitch_deg=-50.0)
    seen = boxes(((600.0, 300.0, 640.0, 340.0), 0.9, 1))
    places = projector.locate(seen, at)
    look = PlaceLook(places.xy_m[0], places.shared_m[0], places.own_m[0])
    fused, single = fuse([look] * 5, FRAME), fuse([look], FRAME)
    assert 0.5 * single.ce90_m < fused.ce90_m < single.ce90_m


def test_over_ground_that_nobody_knows_there_is_no_place() -> None:
    """Not even one with a wide error."""
    nowhere = Hills(lambda east, north: np.full(np.shape(east + north), np.nan))
    at = replace(pose(), alt_amsl_m=140.0)
    seen = boxes(((600.0, 300.0, 640.0, 340.0), 0.9, 1))
    assert np.isnan(Projector(CAMERA, FRAME, CLASSES, terrain=nowhere).locate(seen, at).xy_m).all()


def test_a_smaller_film_is_located_as_a_large_one() -> None:
    """A flight's camera is known for pictures of one size, and the film may have another."""
    at = pose()
    box = box_of(at, 3.0, 20.0, (1.8, 4.5, 1.5))
    width_px, height_px = CAMERA.size_wh_px
    half = PROJECTOR.sized(CAMERA, (width_px // 2, height_px // 2))
    smaller = boxes((tuple(edge / 2 for edge in box), 0.9, 1))
    assert half.locate(smaller, at).xy_m == pytest.approx(place(at, box, 1).xy_m, abs=0.01)
    assert PROJECTOR.sized(CAMERA, CAMERA.size_wh_px) is PROJECTOR


def test_a_film_that_was_cut_otherwise_is_told() -> None:
    """Places by a camera that is not its own would be wrong by metres, and nobody would know."""
    width_px, height_px = CAMERA.size_wh_px
    half = PROJECTOR.sized(CAMERA, (width_px // 2, height_px // 2))
    told = rf"of {width_px} x {height_px} px.* cut otherwise; .*--distortion FILE"
    with pytest.raises(PoseError, match=told):
        half.sized(CAMERA, (640, 512))
