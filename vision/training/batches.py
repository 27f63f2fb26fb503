"""The endless, repeatable stream of training batches."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from vision.training.canvas import Canvas, compose
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture
from vision.training.labels import View, knowledge_of

SIZES_WH_PX = ((640, 640), (960, 576), (768, 768), (576, 576))
_EMPTY_WEIGHT = 0.6  # a picture without boxes teaches only absence: draw it less often
# Real pictures with one of these are drawn more often: few show them.
_SCARCE = {"person": 2.5, "fire": 1.6, "truck_bus": 1.3}


@dataclass(frozen=True)
class Pool:
    """Pictures to draw from, each with its chance.

    The chance follows its set's weight, raised for scarce classes and lowered for pictures
    without any box; how many boxes there are does not count.

    Attributes:
        pictures: All of them.
        emphasis: Set -> factor upon the weight that its row in the table gives it.
    """

    pictures: Sequence[Picture]
    emphasis: Mapping[str, float] = field(default_factory=dict)

    def chances(self) -> Any:  # noqa: ANN401
        """Return each picture's chance, float64 (N,), summing to one."""
        weights = np.array(
            [_weight(each) * self.emphasis.get(each.dataset, 1.0) for each in self.pictures]
        )
        return weights / weights.sum()


def _weight(picture: Picture) -> float:
    row = knowledge_of(picture.dataset)
    if not len(picture.class_id):
        return row.draw_weight * _EMPTY_WEIGHT
    if row.view is View.RENDERED:
        return row.draw_weight
    shown = {CLASS_NAMES[index] for index in picture.class_id.tolist()}
    return row.draw_weight * max(_SCARCE.get(name, 1.0) for name in shown)


def batches(
    pool: Pool, *, batch_size: int, seed: int, first_step: int, last_step: int
) -> Iterator[dict[str, Any]]:
    """Yield the batches of steps `first_step` to `last_step - 1`.

    Step k's batch depends on the seed and k alone, so a resumed run sees what it would have seen.
    One batch is prepared ahead in a thread while the network works.

    Raises:
        TrainingDataError: A picture cannot be read.
    """
    chances = pool.chances()

    def draw(rng: np.random.Generator) -> Picture:
        return pool.pictures[int(rng.choice(len(pool.pictures), p=chances))]

    def make(step: int) -> dict[str, Any]:
        rng = np.random.default_rng((seed, step))
        size = SIZES_WH_PX[int(rng.integers(len(SIZES_WH_PX)))]
        return collate([compose(draw, size, rng) for _ in range(batch_size)])

    with ThreadPoolExecutor(max_workers=1) as ahead:
        coming = ahead.submit(make, first_step)
        for step in range(first_step, last_step):
            batch = coming.result()
            if step + 1 < last_step:
                coming = ahead.submit(make, step + 1)
            yield batch


def collate(canvases: Sequence[Canvas]) -> dict[str, Any]:
    """Make the tensors that network and loss take.

    Returns:
        `image` float (B, 3, H, W) RGB in 0..1; `batch_idx` (N,), `cls` (N,), `bboxes` (N, 4) as
        centre and size in fractions; `known` bool (B, classes, H / 8, W / 8).
    """
    height, width = canvases[0].image.shape[:2]
    images = np.stack([canvas.image for canvas in canvases])[..., ::-1].transpose(0, 3, 1, 2)
    xyxy_px = np.concatenate([canvas.boxes.xyxy_px for canvas in canvases])
    fractions = xyxy_px / np.array([width, height, width, height], np.float32)
    centre = (fractions[:, :2] + fractions[:, 2:]) / 2
    owners = np.repeat(np.arange(len(canvases)), [len(canvas.boxes) for canvas in canvases])
    return {
        "image": torch.from_numpy(np.ascontiguousarray(images)).float() / 255,
        "batch_idx": torch.from_numpy(owners).float(),
        "cls": torch.from_numpy(np.concatenate([c.boxes.class_id for c in canvases])).float(),
        "bboxes": torch.from_numpy(
            np.concatenate([centre, fractions[:, 2:] - fractions[:, :2]], axis=1)
        ),
        "known": torch.from_numpy(np.stack([canvas.known for canvas in canvases])),
    }
