"""What a stage of training learns from: labels, or labels and networks that know already."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import torch

from vision.training.batches import Pool, batches, collate
from vision.training.canvas import Canvas
from vision.training.distillation import SHARED_LAYERS, DistillationLoss, Teachers
from vision.training.halves import last_layers
from vision.training.loss import MaskedDetectionLoss

Loss = tuple[Any, dict[str, Any]]
Compose = Callable[[np.random.Generator], list[Canvas]]

# So many batches are looked at by the teachers, and then each is learned from so many times: the
# teachers' look costs more than a step.
_ROUND, _TIMES = 8, 3


class Lesson(Protocol):
    """Batches, and what is wrong with what a network says of them."""

    def batches(self, seed: int, first_step: int, last_step: int) -> Iterator[dict[str, Any]]:
        """Yield what steps `first_step` to `last_step - 1` learn from.

        Raises:
            TrainingDataError: A picture cannot be read.
        """
        ...

    def loss(self, network: Any, batch: dict[str, Any]) -> Loss:  # noqa: ANN401 - torch
        """Return the loss a picture, and its parts by name."""
        ...


class Labelled:
    """Labels alone, masked where they are silent."""

    def __init__(self, network: Any, pool: Pool, batch_size: int) -> None:  # noqa: ANN401
        self._pool, self._batch_size = pool, batch_size
        self._loss = MaskedDetectionLoss(network)

    def batches(self, seed: int, first_step: int, last_step: int) -> Iterator[dict[str, Any]]:
        """Yield fresh canvases at every step."""
        return batches(
            self._pool,
            batch_size=self._batch_size,
            seed=seed,
            first_step=first_step,
            last_step=last_step,
        )

    def loss(self, network: Any, batch: dict[str, Any]) -> Loss:  # noqa: ANN401
        """Run the whole network in bfloat16, channels last: four times as fast with AMX."""
        with torch.autocast("cpu", torch.bfloat16):
            raw = network(batch["image"].contiguous(memory_format=torch.channels_last))
        loss, parts = self._loss(as_float(raw), batch)
        return loss.sum() / len(batch["image"]), dict(parts)


class Distilled:
    """What teachers say, and labels where they speak.

    The learner shares the teachers' first layers, so these are run once for all.
    """

    def __init__(self, network: Any, compose: Compose, teachers: Teachers) -> None:  # noqa: ANN401
        self._compose, self._teachers = compose, teachers
        self._loss = DistillationLoss(network)

    def batches(self, seed: int, first_step: int, last_step: int) -> Iterator[dict[str, Any]]:
        """Yield rounds of batches, each batch several times, in another order every time."""
        of_round = _ROUND * _TIMES
        first, last = first_step // of_round, -(-last_step // of_round)
        with ThreadPoolExecutor(max_workers=1) as ahead:
            coming = ahead.submit(self._canvases, seed, first)
            for number in range(first, last):
                canvases = coming.result()
                if number + 1 < last:
                    coming = ahead.submit(self._canvases, seed, number + 1)
                for step, batch in enumerate(self._taught(canvases, seed, number)):
                    if first_step <= number * of_round + step < last_step:
                        yield batch

    def loss(self, network: Any, batch: dict[str, Any]) -> Loss:  # noqa: ANN401
        """Run the learner's own layers on what the shared ones made."""
        told = batch["told"]
        with torch.autocast("cpu", torch.bfloat16):
            raw = last_layers(network, told.halfway, SHARED_LAYERS)
        return self._loss(as_float(raw), batch, told)

    def _canvases(self, seed: int, number: int) -> list[list[Canvas]]:
        return [
            self._compose(np.random.default_rng((seed, number * _ROUND + index)))
            for index in range(_ROUND)
        ]

    def _taught(
        self, canvases: list[list[Canvas]], seed: int, number: int
    ) -> Iterator[dict[str, Any]]:
        looked_at = [collate(each) for each in canvases]
        for batch in looked_at:
            batch["told"] = self._teachers.look(batch.pop("image"))
        for turn in range(_TIMES):
            for index in np.random.default_rng((seed, number, turn)).permutation(_ROUND):
                yield looked_at[index]


def as_float(raw: dict[str, Any]) -> dict[str, Any]:
    """Take boxes and scores out of bfloat16, in which losses would be too coarse."""
    return {name: raw[name].float() for name in ("boxes", "scores")} | {"feats": raw["feats"]}
