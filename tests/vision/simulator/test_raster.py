"""Drawing on enlarged parts: smooth edges, untouched surroundings, right order."""

import numpy as np

from tests.vision.simulator.builders import OVERCAST, SMALL_CAMERA, pose
from vision.simulator.eye import Eye
from vision.simulator.mesh import box, joined
from vision.simulator.raster import draw_foliage, draw_solid, faces_in_order, hull_px, patch_for
from vision.simulator.scene import Tree
from vision.simulator.solids import foliage, solid

EYE = Eye(SMALL_CAMERA, pose(pitch_deg=-90.0), np.array([0.0, 0.0, 30.0]))


def noise() -> np.ndarray:
    """Return a picture of noise."""
    return np.random.default_rng(1).integers(0, 255, (180, 320, 3)).astype(np.uint8)


def test_beside_a_thing_the_picture_stays_as_it_was() -> None:
    """Enlarging and shrinking alters no pixel that is not drawn on."""
    image = noise()
    before = image.copy()
    thing = solid("x", box((0, 0, 1), (4, 2, 2), (250, 10, 10)), OVERCAST)
    draw_solid(image, thing, EYE.pixels(thing.corners_m), EYE.place_m)
    changed = (image != before).any(axis=2)
    rows, columns = np.nonzero(changed)
    # 4 m by 2 m at 28 m and 228 px focal length: 33 by 16 px about the middle.
    assert 30 <= np.ptp(columns) + 1 <= 37
    assert 14 <= np.ptp(rows) + 1 <= 20


def test_edges_are_smooth() -> None:
    """An edge between pixels gives a grey between both sides."""
    image = np.zeros((180, 320, 3), np.uint8)
    thing = solid("x", box((0.06, 0.03, 1), (4, 2, 2), (240, 240, 240)), OVERCAST)
    draw_solid(image, thing, EYE.pixels(thing.corners_m), EYE.place_m)
    values = set(image[..., 0].ravel().tolist())
    assert values - {0, int(image.max())}


def test_a_thing_outside_draws_nothing() -> None:
    """Far to the side, no pixel changes."""
    image = noise()
    before = image.copy()
    thing = solid("x", box((500, 0, 1), (4, 2, 2), (250, 10, 10)), OVERCAST)
    draw_solid(image, thing, EYE.pixels(thing.corners_m), EYE.place_m)
    np.testing.assert_array_equal(image, before)


def test_faces_turned_away_are_left_out() -> None:
    """From straight above only the top of a box is seen."""
    thing = solid("x", box((0, 0, 1), (2, 2, 2), (9, 9, 9)), OVERCAST)
    order = faces_in_order(thing, np.array([0.0, 0.0, 30.0]))
    assert (thing.normals[order, 2] > 0.99).all()
    assert len(order) == 4


def test_far_faces_come_first() -> None:
    """Of two boxes one above the other the upper is drawn last."""
    pair = joined([box((0, 0, 8), (2, 2, 1), (9, 9, 9)), box((0, 0, 1), (2, 2, 1), (9, 9, 9))])
    thing = solid("x", pair, OVERCAST)
    heights = thing.middles_m[faces_in_order(thing, np.array([0.0, 0.0, 30.0])), 2]
    assert (np.diff(heights) >= -1e-9).all()


def test_a_lifted_face_wins_over_its_neighbour() -> None:
    """A pane a little behind paint is drawn after it when lifted."""
    pair = joined(
        [box((0, 0, 1), (2, 2, 1), (9, 9, 9), lift_m=20.0), box((0, 0, 8), (2, 2, 1), (9, 9, 9))]
    )
    thing = solid("x", pair, OVERCAST)
    order = faces_in_order(thing, np.array([0.0, 0.0, 30.0]))
    assert thing.middles_m[order[-1], 2] < 2


def test_foliage_is_drawn_about_its_place() -> None:
    """A tree below the camera changes the middle of the picture and not its edges."""
    image = np.zeros((180, 320, 3), np.uint8)
    tree = foliage(Tree((0.0, 0.0), 6.0, 2.0, 3), OVERCAST)
    radii = EYE.radii_px(tree.centres_m, tree.radii_m)
    draw_foliage(image, tree, EYE.pixels(tree.centres_m), radii)
    rows, columns = np.nonzero(image.any(axis=2))
    assert abs(columns.mean() - 160) < 6
    assert abs(rows.mean() - 90) < 6
    assert 25 < np.ptp(columns) < 60


def test_a_patch_needs_known_points() -> None:
    """Points behind the camera give no patch, points outside neither."""
    assert patch_for(np.full((3, 2), np.nan), (320, 180)) is None
    assert patch_for(np.array([[400.0, 10.0], [410.0, 20.0]]), (320, 180)) is None


def test_small_things_are_drawn_finer() -> None:
    """A small patch is enlarged more than a large one."""
    small = patch_for(np.array([[10.0, 10.0], [30.0, 30.0]]), (320, 180))
    large = patch_for(np.array([[10.0, 10.0], [250.0, 170.0]]), (320, 180))
    assert small is not None
    assert large is not None
    assert small.enlarged > large.enlarged


def test_the_hull_of_balls_holds_their_reach() -> None:
    """A point with a radius widens the outline by it."""
    hull = hull_px(np.array([[50.0, 50.0], [80.0, 50.0]]), np.full((2, 2), 5.0)).reshape(-1, 2)
    np.testing.assert_array_equal(hull.min(axis=0), [45, 45])
    np.testing.assert_array_equal(hull.max(axis=0), [85, 55])
