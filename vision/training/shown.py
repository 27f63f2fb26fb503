"""Canvases for learning from teachers: which labels still speak, and other exposures.

The teachers say what is on a picture. Labels speak on rendered pictures, where they are complete.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.batches import Pool
from vision.training.canvas import Canvas, compose
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture
from vision.training.labels import View, knowledge_of

BATCH_SIZE = 16
# How often a set is drawn, upon its row in the table: traffic is what is to be learned.
EMPHASIS = {
    "minsk_dji_aerial": 2.5,
    "kit_ais_munich_aerial": 2.5,
    "street_manaus_mix": 2.5,
    "traffic_overhead_atl": 2.5,
    "fire_smoke_mix": 0.7,
    "garbage_street": 0.8,
    "rendered": 0.9,
}
_SIZES_WH_PX = ((640, 640), (896, 512), (832, 448), (576, 576), (960, 576))
_EXPOSED = 0.35
_GAIN_LN, _GAMMA_LN = (-0.7, 0.8), (-0.4, 0.4)

Rng = np.random.Generator


@dataclass(frozen=True)
class Showing:
    """Pictures to be shown to teachers and learner alike.

    Attributes:
        pool: The pictures, fully labelled: pieces are cut so that something is on them.
    """

    pool: Pool

    def canvases(self, rng: Rng) -> list[Canvas]:
        """Make one batch, all of one size."""
        chances = self.pool.chances()
        size = _SIZES_WH_PX[int(rng.integers(len(_SIZES_WH_PX)))]
        return [self._canvas(size, chances, rng) for _ in range(BATCH_SIZE)]

    def _canvas(
        self, size_wh_px: tuple[int, int], chances: NDArray[np.float64], rng: Rng
    ) -> Canvas:
        def draw(rng: Rng) -> Picture:
            return self.pool.pictures[int(rng.choice(len(chances), p=chances))]

        canvas = compose(draw, size_wh_px, rng, taught_by_labels)
        if rng.random() < _EXPOSED:
            canvas = replace(canvas, image=exposed(canvas.image, rng))
        return canvas


def taught_by_labels(picture: Picture) -> NDArray[np.bool_]:
    """Say of which classes a picture's labels teach: bool, (classes,)."""
    rendered = knowledge_of(picture.dataset).view is View.RENDERED
    return np.full(len(CLASS_NAMES), rendered)


def exposed(image: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """Expose a picture for half to twice as long, with another gamma; what is over is white."""
    gain, gamma = np.exp(rng.uniform(*_GAIN_LN)), np.exp(rng.uniform(*_GAMMA_LN))
    levels = np.clip(gain * (np.arange(256) / 255.0) ** gamma, 0, 1)
    return np.asarray(cv2.LUT(image, (levels * 255).astype(np.uint8)), np.uint8)
