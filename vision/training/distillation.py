"""One network learns what several know (Hinton, Vinyals and Dean 2015: knowledge distillation).

Networks that differ from layer `SHARED_LAYERS` on are each good at something: one at fires, one at
lorries. What they say of a picture, at every anchor, teaches one network to say all of it. So
pictures teach every class, labelled or not, and a class that nobody labels is not unlearned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from ultralytics.utils.metrics import bbox_iou

from vision.training.classes import CLASS_NAMES
from vision.training.halves import Halfway, first_layers, last_layers
from vision.training.loss import MaskedDetectionLoss, anchor_mask
from vision.training.network import STRIDES_PX

SHARED_LAYERS = 9
_SAID_MIN = 0.05  # where no class is told with more than this, no box is taught
_CLASS_GAIN, _BOX_GAIN, _DISTANCE_GAIN = 2.0, 7.5, 1.0
_SMOOTH_BELOW = 0.5  # strides


@dataclass(frozen=True)
class Told:
    """What the teachers say of a batch.

    Attributes:
        halfway: What the first layers made of it, which the learner shares.
        scores: Chances, (B, classes, A).
        boxes: Distances in strides, (B, 4, A).
    """

    halfway: Halfway
    scores: Any
    boxes: Any


@dataclass(frozen=True)
class Teachers:
    """Networks with the same first layers.

    Attributes:
        keeper: Says all that no other is asked for.
        asked: Class -> the networks whose mean is taught, looking twice: at the picture and at
            its mirror image. Boxes are those of all who are asked for some class, where one of
            these is likelier than what the keeper sees.
    """

    keeper: Any
    asked: Mapping[str, tuple[Any, ...]]

    def look(self, image: Any) -> Told:  # noqa: ANN401 - torch is not typed here
        """Look at pictures, (B, 3, H, W) in 0..1, H and W in multiples of 32."""
        networks = tuple(dict.fromkeys(each for group in self.asked.values() for each in group))
        mirror = image.flip(-1)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            halfway = first_layers(self.keeper, _channels_last(image), SHARED_LAYERS)
            kept = _said(self.keeper, halfway)
            behind = first_layers(self.keeper, _channels_last(mirror), SHARED_LAYERS)
            said = {
                network: _mean(
                    _said(network, halfway), _unmirrored(_said(network, behind), image.shape[2:])
                )
                for network in networks
            }
        scores = kept[0].clone()
        for name, group in self.asked.items():
            row = CLASS_NAMES.index(name)
            scores[:, row] = torch.stack([said[each][0][:, row] for each in group]).mean(0)
        rows = torch.tensor([name in self.asked for name in CLASS_NAMES])
        theirs = scores[:, rows].amax(1) >= scores[:, ~rows].amax(1)
        boxes = torch.stack([each[1] for each in said.values()]).mean(0)
        return Told(halfway, scores, torch.where(theirs[:, None], boxes, kept[1]))


class DistillationLoss:
    """Labels teach where they speak, the teachers everywhere else."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401
        self._labels = MaskedDetectionLoss(network)

    def __call__(
        self, raw: dict[str, Any], batch: dict[str, Any], told: Told
    ) -> tuple[Any, dict[str, Any]]:
        """Return the loss a picture and its parts.

        Args:
            raw: What the learner says: `boxes`, `scores` (logits) and `feats`.
            batch: What the labels say, as of `collate`.
            told: What the teachers say.
        """
        labels, _ = self._labels(raw, batch)
        free = ~anchor_mask(batch["known"]).transpose(1, 2)
        classes = class_divergence(raw["scores"], told.scores, free)
        overlap, distance = _box_terms(raw["boxes"], told, (told.scores * free).amax(1))
        parts = {
            "labels": labels.sum() / len(told.scores),
            "classes": classes,
            "boxes": overlap,
            "distances": distance,
        }
        total = (
            parts["labels"]
            + _CLASS_GAIN * classes
            + _BOX_GAIN * overlap
            + _DISTANCE_GAIN * distance
        )
        return total, {name: value.detach() for name, value in parts.items()}


def class_divergence(logits: Any, chances: Any, free: Any) -> Any:  # noqa: ANN401
    """Return how far the learner's chances are from those that it is told.

    Args:
        logits: The learner's, (B, classes, A).
        chances: The teachers', alike.
        free: bool, alike: False where labels speak instead.

    Returns:
        The sum of the binary Kullback-Leibler divergences over what is told in all; 0 where both
        agree.
    """
    crossed = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, chances, reduction="none"
    )
    sure = chances.clamp(1e-6, 1 - 1e-6)
    own = torch.nn.functional.binary_cross_entropy(sure, chances, reduction="none")
    return ((crossed - own) * free).sum() / (chances * free).sum().clamp(min=1.0)


def mirrored_anchors(values: Any, size_hw_px: tuple[int, int]) -> Any:  # noqa: ANN401
    """Put what was said of a mirror image, (..., A), to the anchors of the picture itself."""
    height, width = size_hw_px
    levels = []
    first = 0
    for stride in STRIDES_PX:
        grid = (height // stride, width // stride)
        last = first + grid[0] * grid[1]
        levels.append(values[..., first:last].unflatten(-1, grid).flip(-1).flatten(-2))
        first = last
    return torch.cat(levels, dim=-1)


def _said(network: Any, halfway: Halfway) -> tuple[Any, Any]:  # noqa: ANN401
    raw = last_layers(network, halfway, SHARED_LAYERS)
    return raw["scores"].float().sigmoid(), raw["boxes"].float()


def _unmirrored(said: tuple[Any, Any], size_hw_px: tuple[int, int]) -> tuple[Any, Any]:
    scores, boxes = (mirrored_anchors(values, size_hw_px) for values in said)
    return scores, boxes[:, [2, 1, 0, 3]]


def _mean(one: tuple[Any, Any], two: tuple[Any, Any]) -> tuple[Any, Any]:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2


def _channels_last(image: Any) -> Any:  # noqa: ANN401
    return image.contiguous(memory_format=torch.channels_last)


def _box_terms(distances: Any, told: Told, likeliest: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return the loss of overlap and of distances, each weighed by how sure the teachers are."""
    told_at = likeliest > _SAID_MIN
    weight = likeliest[told_at]
    mine, theirs = (each.permute(0, 2, 1)[told_at] for each in (distances, told.boxes))
    corners = (torch.cat([-each[:, :2], each[:, 2:]], 1) for each in (mine, theirs))
    overlap = bbox_iou(*corners, xywh=False, CIoU=True).squeeze(-1)
    apart = torch.nn.functional.smooth_l1_loss(
        mine, theirs, reduction="none", beta=_SMOOTH_BELOW
    ).mean(1)
    share = weight / weight.sum().clamp(min=1.0)
    return ((1 - overlap) * share).sum(), (apart * share).sum()
