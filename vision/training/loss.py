"""The detection loss that keeps silent where the labels are silent."""

from typing import Any

import torch

from vision.training.network import STRIDES_PX, v8DetectionLoss


def anchor_mask(known_map: Any) -> Any:  # noqa: ANN401 - torch is not typed here
    """Spread a map of known classes over the anchors of all levels.

    Args:
        known_map: bool tensor, (batch, classes, H / 8, W / 8): is the class known here?

    Returns:
        bool tensor, (batch, anchors, classes), in the order of the network's anchors.
    """
    finest = STRIDES_PX[0]
    levels = [known_map[:, :, :: s // finest, :: s // finest].flatten(2) for s in STRIDES_PX]
    return torch.cat(levels, dim=2).transpose(1, 2)


class MaskedBCE:
    """Binary cross entropy without the terms of which the labels say nothing.

    A box always teaches its class. The lack of a box teaches absence only where the class is
    known at that anchor; elsewhere the term and its gradient are exactly zero.
    """

    def __init__(self) -> None:
        self._known: Any = None

    def expect(self, known_map: Any) -> None:  # noqa: ANN401
        """Take the map of the next batch, as in `anchor_mask`."""
        self._known = anchor_mask(known_map)

    def __call__(self, logits: Any, targets: Any) -> Any:  # noqa: ANN401
        """Return the loss of each term, (batch, anchors, classes)."""
        terms = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, targets, reduction="none"
        )
        return terms * (self._known | (targets > 0))


class MaskedDetectionLoss(v8DetectionLoss):  # type: ignore[misc]
    """Ultralytics' detection loss with masked class terms.

    A batch carries, beside `batch_idx`, `cls` and `bboxes`, the map `known` of `anchor_mask`.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        super().__init__(model, tal_topk=10)
        self.bce = MaskedBCE()

    def loss(self, preds: Any, batch: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return the loss parts (box, class, distance) times the batch size, and their values."""
        self.bce.expect(batch["known"])
        return super().loss(preds, batch)
