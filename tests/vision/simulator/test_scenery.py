"""Houses and trees."""

import numpy as np
import pytest

from vision.simulator.scene import Building, RoofKind, Tree
from vision.simulator.scenery import crown, crown_span_m, house


def building(roof: RoofKind, seed: int = 3) -> Building:
    """Return a house 12 by 8 metres with walls of 3.2 m."""
    return Building((0.0, 0.0), 0.0, 12.0, 8.0, 3.2, roof, seed)


@pytest.mark.parametrize("roof", list(RoofKind))
def test_a_house_covers_its_footprint(roof: RoofKind) -> None:
    """Roofs reach at most a metre beyond the walls."""
    corners = house(building(roof)).corners_m.reshape(-1, 3)
    size = np.ptp(corners, axis=0)
    assert 12.0 <= size[0] <= 13.0
    assert 8.0 <= size[1] <= 9.0
    assert corners[:, 2].min() == pytest.approx(0.0)


def test_a_gable_rises_above_the_walls() -> None:
    """The ridge is a good deal higher than the eaves."""
    highest = house(building(RoofKind.GABLE)).corners_m[..., 2].max()
    assert 3.2 + 8 * 0.2 < highest < 3.2 + 8 * 0.4


@pytest.mark.parametrize("seed", range(5))
def test_a_crown_stays_within_its_span(seed: int) -> None:
    """No clump reaches out of the ball that culling uses."""
    tree = Tree((0.0, 0.0), 6.0, 2.0, seed)
    leaves = crown(tree)
    middle = np.array([0.0, 0.0, 3.0])
    reach = np.linalg.norm(leaves.centres_m - middle, axis=1) + leaves.radii_m
    assert reach.max() < crown_span_m(tree) * 1.3
    assert len(leaves.colours) == len(leaves.radii_m) == len(leaves.centres_m)
