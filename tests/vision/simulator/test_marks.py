"""Potholes: their rim has the stated size and place."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.simulator.builders import place
from vision.simulator.marks import pothole_outline_m
from vision.simulator.scene import SceneObject


def hole(seed: int, heading_deg: float = 0.0) -> SceneObject:
    """Return a pothole of 2 m by 1 m."""
    return SceneObject("h", "pothole", place(0, 0), heading_deg, 2.0, 1.0, 0.0, "dry", seed)


@given(st.integers(0, 10_000), st.floats(0, 359))
def test_the_rim_touches_its_stated_size(seed: int, heading_deg: float) -> None:
    """Along its heading a hole is as long as stated, across it as wide, about its place."""
    rim = pothole_outline_m(hole(seed, heading_deg), (30.0, -10.0)) - [30.0, -10.0]
    angle = math.radians(heading_deg)
    forward = np.array([math.sin(angle), math.cos(angle)])
    left = np.array([-forward[1], forward[0]])
    for axis, size in ((forward, 2.0), (left, 1.0)):
        reach = rim @ axis
        np.testing.assert_allclose([reach.min(), reach.max()], [-size / 2, size / 2], atol=1e-9)


def test_holes_differ_by_seed() -> None:
    """No two holes have the same rim."""
    rims = {pothole_outline_m(hole(seed), (0.0, 0.0)).tobytes() for seed in range(20)}
    assert len(rims) == 20
