"""Cars and lorries look like themselves from every side."""

import numpy as np
import pytest

from tests.vision.simulator.builders import SMALL_CAMERA, pose, scene, thing
from vision.simulator.cars import CAR_PAINTS, GLASS, PLANS, RUBBER, car, panel, wheel
from vision.simulator.eye import Eye
from vision.simulator.mesh import Mesh
from vision.simulator.raster import draw_solid, faces_in_order
from vision.simulator.scene import Light
from vision.simulator.solids import set_stage, solid
from vision.simulator.trucks import bus, truck

LIGHT = Light(sun_share=0.0, noise_sigma=0.0)
SIZE = (4.6, 1.8, 1.5)


def of_colour(mesh: Mesh, colour: tuple[float, float, float]) -> np.ndarray:
    """Return which faces have exactly that colour."""
    return np.asarray((mesh.colours == np.asarray(colour)).all(axis=1))


def seen_from(mesh: Mesh, eye_m: tuple[float, float, float]) -> np.ndarray:
    """Return the faces turned to an eye, in drawing order."""
    return faces_in_order(solid("x", mesh, LIGHT), np.asarray(eye_m, dtype=np.float64))


@pytest.mark.parametrize("kind", list(PLANS))
@pytest.mark.parametrize(
    "eye_m",
    [(0, 30, 12), (0, -30, 12), (30, 0, 12), (-30, 0, 12)],
    ids=["left", "right", "front", "rear"],
)
def test_glass_is_seen_from_every_side(kind: str, eye_m: tuple[float, float, float]) -> None:
    """Windscreen, rear window and side windows all look outward."""
    mesh = car(kind, SIZE, 1)
    assert of_colour(mesh, GLASS)[seen_from(mesh, eye_m)].any()


@pytest.mark.parametrize("kind", list(PLANS))
def test_left_and_right_show_as_many_windows(kind: str) -> None:
    """The sides mirror each other."""
    mesh = car(kind, SIZE, 1)
    glass = of_colour(mesh, GLASS)
    left, right = (glass[seen_from(mesh, (0, y, 8))].sum() for y in (40, -40))
    assert left == right


def test_a_windscreen_faces_forward() -> None:
    """From the front more glass is seen than from straight below."""
    mesh = car("sedan", SIZE, 1)
    glass = of_colour(mesh, GLASS)
    assert glass[seen_from(mesh, (30, 0, 10))].sum() >= 1
    assert not glass[seen_from(mesh, (0, 0, -30))].any()


def test_panes_are_drawn_after_the_paint_about_them() -> None:
    """The last faces drawn on a side are its windows, not the pillars behind."""
    mesh = car("suv", SIZE, 1)
    order = seen_from(mesh, (0, 40, 8))
    glass = of_colour(mesh, GLASS)[order]
    assert glass[-len(order) // 3 :].sum() >= 3


def test_a_car_has_four_wheels_on_the_ground() -> None:
    """Rubber touches the ground at four corners."""
    mesh = car("sedan", SIZE, 1)
    low = mesh.corners_m[of_colour(mesh, RUBBER)].reshape(-1, 3)
    low = low[low[:, 2] < 0.05]
    quarters = {(bool(x > 0), bool(y > 0)) for x, y, _ in low}
    assert len(quarters) == 4


def test_paints_are_those_of_the_street() -> None:
    """Over many seeds most paints turn up."""
    seen = {tuple(car("sedan", SIZE, seed).colours[0].tolist()) for seed in range(80)}
    assert len(seen) >= len(CAR_PAINTS) * 0.6


@pytest.mark.parametrize("y_m", [0.9, -0.9])
def test_a_hub_is_on_the_outside(y_m: float) -> None:
    """The bright rim of a wheel is seen from its own side."""
    mesh = wheel(0.0, y_m, 0.33, 0.2)
    bright = mesh.colours.mean(axis=1) > 100
    assert bright[seen_from(mesh, (0, 20 * np.sign(y_m), 1))].any()


@pytest.mark.parametrize(("x_m", "front"), [(2.0, 1.0), (-2.0, -1.0)])
def test_panels_face_away_from_the_vehicle(x_m: float, front: float) -> None:
    """Lamps at the front look ahead, those at the rear look back."""
    normal = panel(x_m, 0.0, 0.6, (0.4, 0.2), (9, 9, 9)).normals()[0]
    assert normal[0] == pytest.approx(front)


@pytest.mark.parametrize("kind", ["box_truck", "tipper"])
@pytest.mark.parametrize(("length_m", "wheels"), [(6.0, 4), (8.0, 6)])
def test_long_lorries_have_a_third_axle(kind: str, length_m: float, wheels: int) -> None:
    """Six wheels above seven metres, four below."""
    mesh = truck(kind, (length_m, 2.4, 2.8), 2)
    low = mesh.corners_m[of_colour(mesh, RUBBER)].reshape(-1, 3)
    low = low[low[:, 2] < 0.01]
    places = {(round(float(x), 1), bool(y > 0)) for x, y, _ in low}
    assert len({(round(x / 0.5), side) for x, side in places}) == wheels


def test_a_tipper_shows_its_load_from_above() -> None:
    """From above, the load is drawn before the walls and covers the chassis."""
    made = set_stage(scene(thing("truck_bus", "tipper", 0, 0), light=LIGHT))
    image = np.zeros((180, 320, 3), np.uint8)
    look = pose(pitch_deg=-90.0, height_m=18.0)

    eye = Eye(SMALL_CAMERA, look, np.array([0.0, 0.0, 18.0]))
    body = made.solids[0]
    draw_solid(image, body, eye.pixels(body.corners_m), eye.place_m)
    # 1.5 m behind the middle of the vehicle, along its length (north is up).
    spot = image[90 + 19 - 3 : 90 + 19 + 3, 157:163].reshape(-1, 3)
    assert spot.mean() > 55
    assert spot.std(axis=0).max() < 12


def test_a_bus_has_windows_on_both_sides() -> None:
    """Rows of dark panes left and right."""
    mesh = bus("bus", (11.0, 2.5, 3.1), 1)
    glass = of_colour(mesh, GLASS)
    for y in (40.0, -40.0):
        assert glass[seen_from(mesh, (0, y, 10))].sum() >= 5
