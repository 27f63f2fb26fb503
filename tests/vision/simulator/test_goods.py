"""Stalls and litter."""

import numpy as np
import pytest

from vision.simulator.catalogue import KINDS
from vision.simulator.goods import garbage, stall


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS["stall"]])
def test_canvas_is_seen_from_above_and_below(kind: str) -> None:
    """The cloth over a stall is a sheet, not a solid."""
    mesh = stall(kind, (2.8, 2.4, 2.3), 4)
    cloth = mesh.two_sided
    assert cloth.any()
    assert mesh.corners_m[cloth][..., 2].min() > 1.0


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS["stall"]])
def test_goods_lie_under_the_canvas(kind: str) -> None:
    """Heaps of goods are between knee and chest."""
    mesh = stall(kind, (2.8, 2.4, 2.3), 4)
    middles = mesh.corners_m.mean(axis=1)
    saturated = np.ptp(mesh.colours, axis=1) > 70
    goods = saturated & ~mesh.two_sided & (middles[:, 2] > 0.2) & (middles[:, 2] < 1.3)
    assert goods.sum() > 10


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS["garbage"]])
@pytest.mark.parametrize("seed", range(4))
def test_a_heap_fills_its_length_and_width(kind: str, seed: int) -> None:
    """The outline of a pile is exactly as stated, about its middle."""
    flat = garbage(kind, (3.0, 2.0, 0.8), seed).corners_m[..., :2].reshape(-1, 2)
    np.testing.assert_allclose(flat.min(axis=0), [-1.5, -1.0], atol=1e-9)
    np.testing.assert_allclose(flat.max(axis=0), [1.5, 1.0], atol=1e-9)


def test_larger_heaps_hold_more() -> None:
    """Twice the area, about twice the bags."""
    small, large = (garbage("bags", (side, side, 0.8), 1).count for side in (2.0, 3.0))
    assert large > 1.6 * small


def test_bags_are_crumpled() -> None:
    """Faces of one bag differ in shade."""
    mesh = garbage("bags", (2.0, 2.0, 0.8), 1)
    assert len(np.unique(mesh.colours.round(1), axis=0)) > 50
