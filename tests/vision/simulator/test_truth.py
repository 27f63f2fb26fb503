"""True boxes: tight, clipped, and honest about what is hidden."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.view import CameraPose
from tests.vision.simulator.builders import SMALL_CAMERA, pose, scene, thing
from vision.simulator.camera import VirtualCamera
from vision.simulator.catalogue import KINDS
from vision.simulator.raster import draw_solid
from vision.simulator.scene import Building, RoofKind, Scene, Tree
from vision.simulator.truth import TrueBox, clipped

CLASSES = [(name, kinds[0].name) for name, kinds in KINDS.items()]


def boxes_of(what: Scene, look: CameraPose) -> dict[str, TrueBox]:
    """Return the true boxes by object id."""
    return {box.object_id: box for box in VirtualCamera(what, SMALL_CAMERA, 0.2).boxes(look)}


@pytest.mark.parametrize(
    ("class_name", "kind"), [c for c in CLASSES if c[0] not in ("smoke", "fire", "pothole")]
)
def test_a_box_is_tight_about_what_is_drawn(class_name: str, kind: str) -> None:
    """The drawn body fills its box to within a pixel and a half on every side."""
    camera = VirtualCamera(scene(thing(class_name, kind, 1.0, 11.0)), SMALL_CAMERA, 0.2)
    look = pose(height_m=20.0)
    blank = np.full((180, 320, 3), 255, np.uint8)
    blank[..., 0] = 1
    drawn = blank.copy()
    body, eye = camera.stage.solids[0], camera.eye(look)
    draw_solid(drawn, body, eye.pixels(body.corners_m), eye.place_m)
    rows, columns = np.nonzero((drawn != blank).any(axis=2))
    extent = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(camera.boxes(look)[0].xyxy_px, extent, atol=1.5)


def share_inside(changed: np.ndarray, boxes: list[TrueBox]) -> tuple[float, float]:
    """Return the share of changed pixels inside the boxes, and the share of the boxes changed."""
    edges = np.array([box.xyxy_px for box in boxes])
    x0, y0 = np.floor(edges[:, :2].min(axis=0)).astype(int)
    x1, y1 = np.ceil(edges[:, 2:].max(axis=0)).astype(int)
    inside = changed[y0:y1, x0:x1]
    return float(inside.sum() / changed.sum()), float(inside.mean())


def test_a_smoke_box_holds_the_smoke() -> None:
    """Smoke changes the picture inside its box and hardly outside."""
    bare = VirtualCamera(scene(), SMALL_CAMERA, 0.2)
    made = VirtualCamera(scene(thing("smoke", "black", 0, 16)), SMALL_CAMERA, 0.2)
    look = pose(time_s=2.0)
    changed = np.abs(made.render(look).astype(int) - bare.render(look)).max(axis=2) > 25
    inside, filled = share_inside(changed, made.boxes(look))
    assert inside > 0.9
    assert filled > 0.2


def test_a_fire_box_holds_the_flames() -> None:
    """What flickers between two moments lies inside the boxes of both."""
    camera = VirtualCamera(scene(thing("fire", "fire", 0, 10)), SMALL_CAMERA, 0.2)
    looks = [pose(height_m=18.0, time_s=time_s) for time_s in (2.0, 2.4)]
    first, second = (camera.render(look).astype(int) for look in looks)
    moved = np.abs(first - second).max(axis=2) > 20
    inside, filled = share_inside(moved, [camera.boxes(look)[0] for look in looks])
    assert inside > 0.93
    assert filled > 0.15


def test_a_pothole_box_holds_the_hole() -> None:
    """The dark of the hole is inside its box."""
    made = VirtualCamera(scene(thing("pothole", "dry", 0, 10)), SMALL_CAMERA, 0.05)
    bare = VirtualCamera(scene(), SMALL_CAMERA, 0.05)
    look = pose(height_m=18.0)
    changed = np.abs(made.render(look).astype(int) - bare.render(look)).max(axis=2) > 30
    x0, y0, x1, y1 = (round(v) for v in made.boxes(look)[0].xyxy_px)
    assert changed[y0 : y1 + 1, x0 : x1 + 1].sum() > 0.8 * changed.sum()
    assert changed.sum() > 10


@given(st.floats(-60, 60), st.floats(-40, 60), st.floats(0, 359))
@settings(max_examples=25, deadline=None)
def test_boxes_lie_inside_the_picture(east_m: float, north_m: float, heading_deg: float) -> None:
    """Clipped boxes have an area and never leave the picture; fractions are shares."""
    look = pose(east_m, north_m, heading_deg=heading_deg)
    for box in _CROWD.boxes(look):
        x0, y0, x1, y1 = box.xyxy_px
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 180
        assert 0 < box.visible_fraction <= 1


_CROWD = VirtualCamera(
    scene(
        *[
            thing(name, kind, 6 * (i % 3) - 6, 6 * (i // 3), object_id=name)
            for i, (name, kind) in enumerate(CLASSES)
        ]
    ),
    SMALL_CAMERA,
    0.25,
)


def test_every_class_has_a_box() -> None:
    """From above all nine objects are listed under their own class."""
    found = {box.object_id: box.class_name for box in _CROWD.boxes(pose(0, 6, pitch_deg=-90.0))}
    assert found == {name: name for name, _ in CLASSES}


def test_an_object_in_the_open_is_wholly_visible() -> None:
    """Nothing hides it, nothing cuts it."""
    box = boxes_of(scene(thing("car", "sedan", 0, 17)), pose())["it"]
    assert box.visible_fraction == pytest.approx(1.0)


def test_the_picture_edge_cuts_an_object_in_half() -> None:
    """A car centred on the left edge is about half visible."""
    middle = boxes_of(scene(thing("car", "sedan", 0, 0)), pose(pitch_deg=-90.0))["it"]
    half_width_m = 30.0 * 160 / SMALL_CAMERA.focal_px
    cut = boxes_of(scene(thing("car", "sedan", -half_width_m, 0)), pose(pitch_deg=-90.0))["it"]
    assert middle.visible_fraction == pytest.approx(1.0)
    assert 0.3 < cut.visible_fraction < 0.7
    assert cut.xyxy_px[0] == 0.0


def test_an_object_outside_has_no_box() -> None:
    """What is not in the picture is not listed."""
    assert boxes_of(scene(thing("car", "sedan", 60, 60)), pose()) == {}


def test_a_house_before_a_person_hides_them() -> None:
    """Seen flat from the south, a person behind a house is hidden; from above, not."""
    house = Building((0.0, 12.0), 90.0, 10.0, 6.0, 6.0, RoofKind.FLAT, 1)
    hidden = replace(scene(thing("person", "adult", 0, 16.5)), buildings=(house,))
    flat = boxes_of(hidden, pose(0, -25, pitch_deg=-35.0))
    above = boxes_of(hidden, pose(0, 16, pitch_deg=-90.0))
    assert flat.get("it", TrueBox("", "", (0, 0, 1, 1), 0.0)).visible_fraction < 0.2
    assert above["it"].visible_fraction > 0.9


def test_a_house_behind_a_person_hides_nothing() -> None:
    """Only what is nearer to the camera hides."""
    house = Building((0.0, 22.0), 90.0, 10.0, 6.0, 6.0, RoofKind.FLAT, 1)
    before = replace(scene(thing("person", "adult", 0, 14)), buildings=(house,))
    assert boxes_of(before, pose(0, -20, pitch_deg=-40.0))["it"].visible_fraction > 0.9


def test_a_tree_above_a_car_hides_part_of_it() -> None:
    """A crown over a car takes a good share of it away."""
    shaded = replace(scene(thing("car", "sedan", 0, 0)), trees=(Tree((0.0, 0.0), 6.0, 1.6, 2),))
    share = boxes_of(shaded, pose(pitch_deg=-90.0))["it"].visible_fraction
    assert 0.1 < share < 0.8


def test_potholes_hide_nothing() -> None:
    """What lies on the ground hides no car that stands on it."""
    both = scene(thing("car", "sedan", 0, 17), thing("pothole", "dry", 0, 14, object_id="hole"))
    assert boxes_of(both, pose())["it"].visible_fraction == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        ((10.0, 10, 20, 20), (10, 10, 20, 20)),
        ((-5.0, -5, 20, 20), (0, 0, 20, 20)),
        ((90.0, 40, 120, 70), (90, 40, 100, 50)),
        ((-30.0, 0, -1, 20), None),
        ((100.0, 0, 120, 20), None),
    ],
)
def test_clipping(
    extent: tuple[float, float, float, float], expected: tuple[float, ...] | None
) -> None:
    """A box is cut to a picture of 100 by 50, and dropped when nothing is left."""
    assert clipped(extent, (100, 50)) == expected
