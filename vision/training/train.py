"""One stage of training: a lesson, averaged weights, a checkpoint to go on from."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from vision.training.errors import CheckpointError
from vision.training.lessons import Lesson


@dataclass(frozen=True)
class StageSettings:
    """How long and how fast one stage learns.

    Attributes:
        name: Its checkpoints are called so.
        steps: Batches in all.
        seed: Of the drawing of pictures.
        frozen_layers: The first layers, which keep their COCO weights.
        head_rate: Peak learning rate of neck and head.
        backbone_rate: Peak learning rate of the backbone layers that are not frozen.
        average_decay: What a step leaves of the average of the weights before it.
        checkpoint_every_steps: How much work an interruption may cost.
    """

    name: str
    steps: int
    seed: int = 1
    frozen_layers: int = 5
    head_rate: float = 1e-3
    backbone_rate: float = 2e-4
    average_decay: float = 0.995
    checkpoint_every_steps: int = 50


_BACKBONE_LAYERS = 11
_WARM_UP_STEPS = 40
_LAST_RATE_SHARE = 0.05
_WEIGHT_DECAY = 5e-4
_GRADIENT_NORM_MAX = 10.0

Report = Callable[[int, dict[str, float]], None]


def run_stage(
    network: Any,  # noqa: ANN401 - torch is not typed here
    lesson: Lesson,
    settings: StageSettings,
    folder: Path,
    report: Report,
) -> Path:
    """Train for one stage, or go on with it where it was interrupted.

    Args:
        network: The network to train, in place, carrying the stage's first weights.
        lesson: What it learns from.
        settings: The stage.
        folder: Where its checkpoint and its result lie.
        report: Told the step and the mean loss parts since the last report.

    Returns:
        The file with the averaged weights, `<folder>/<name>.weights.pt`; at once if it exists.

    Raises:
        CheckpointError: The checkpoint belongs to other settings.
        TrainingDataError: A picture cannot be read.
    """
    result = folder / f"{settings.name}.weights.pt"
    if result.exists():
        return result
    folder.mkdir(parents=True, exist_ok=True)
    freeze(network, settings.frozen_layers)
    network.to(memory_format=torch.channels_last)
    optimizer = _optimizer(network, settings)
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    checkpoint = folder / f"{settings.name}.checkpoint.pt"
    first_step = _resume(checkpoint, settings, network, optimizer, average)
    sums: dict[str, float] = {}
    stream = lesson.batches(settings.seed, first_step, settings.steps)
    for step, batch in enumerate(stream, start=first_step):
        _set_rates(optimizer, step, settings)
        parts = _learn(network, lesson, optimizer, batch)
        _move_average(average, network, min(settings.average_decay, (1 + step) / (10 + step)))
        sums = {name: sums.get(name, 0.0) + float(value) for name, value in parts.items()}
        if (step + 1) % settings.checkpoint_every_steps == 0:
            report(step + 1, {k: v / settings.checkpoint_every_steps for k, v in sums.items()})
            sums = {}
            _save(checkpoint, settings, step + 1, network, optimizer, average)
    _replace(result, {"settings": asdict(settings), "weights": average})
    return result


def load_weights(network: Any, path: Path) -> None:  # noqa: ANN401
    """Load a stage's result or the averaged weights of its checkpoint.

    Raises:
        CheckpointError: The file is missing or fits another network.
    """
    try:
        stored = torch.load(path, weights_only=True)
        network.load_state_dict(stored.get("weights", stored.get("average")), strict=True)
    except (OSError, RuntimeError, TypeError) as exc:
        raise CheckpointError(f"{path}: no weights for this network ({exc})") from exc


def freeze(network: Any, layers: int) -> None:  # noqa: ANN401
    """Freeze the first layers, and every running statistic: batches here are small and mixed."""
    network.train()
    for index, layer in enumerate(network.model):
        for parameter in layer.parameters():
            parameter.requires_grad = index >= layers
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


def rate_share(step: int, steps: int) -> float:
    """Return the learning rate's share of its peak: a short warm-up, then half a cosine."""
    if step < _WARM_UP_STEPS:
        return (step + 1) / _WARM_UP_STEPS
    done = (step - _WARM_UP_STEPS) / max(1, steps - _WARM_UP_STEPS)
    return _LAST_RATE_SHARE + (1 - _LAST_RATE_SHARE) * (1 + math.cos(math.pi * done)) / 2


def _optimizer(network: Any, settings: StageSettings) -> Any:  # noqa: ANN401
    groups: dict[tuple[float, float], list[Any]] = {}
    for index, layer in enumerate(network.model):
        rate = settings.backbone_rate if index < _BACKBONE_LAYERS else settings.head_rate
        for parameter in layer.parameters():
            if parameter.requires_grad:
                decay = _WEIGHT_DECAY if parameter.ndim > 1 else 0.0
                groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": parameters, "lr": rate, "peak_rate": rate, "weight_decay": decay}
            for (rate, decay), parameters in groups.items()
        ],
        betas=(0.9, 0.99),
    )


def _set_rates(optimizer: Any, step: int, settings: StageSettings) -> None:  # noqa: ANN401
    for group in optimizer.param_groups:
        group["lr"] = group["peak_rate"] * rate_share(step, settings.steps)


def _learn(
    network: Any,  # noqa: ANN401
    lesson: Lesson,
    optimizer: Any,  # noqa: ANN401
    batch: dict[str, Any],
) -> dict[str, Any]:
    loss, parts = lesson.loss(network, batch)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(
        [p for p in network.parameters() if p.requires_grad], _GRADIENT_NORM_MAX
    )
    optimizer.step()
    return parts


def _move_average(average: dict[str, Any], network: Any, decay: float) -> None:  # noqa: ANN401
    for name, value in network.state_dict().items():
        if value.dtype.is_floating_point:
            average[name].lerp_(value.detach(), 1 - decay)


def _save(
    path: Path,
    settings: StageSettings,
    step: int,
    network: Any,  # noqa: ANN401
    optimizer: Any,  # noqa: ANN401
    average: dict[str, Any],
) -> None:
    state = {
        "settings": json.dumps(asdict(settings)),
        "step": step,
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "average": average,
    }
    _replace(path, state)


def _resume(
    path: Path,
    settings: StageSettings,
    network: Any,  # noqa: ANN401
    optimizer: Any,  # noqa: ANN401
    average: dict[str, Any],
) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["settings"] != json.dumps(asdict(settings)):
        raise CheckpointError(
            f"{path} was made with other settings ({state['settings']}); "
            "delete it to start the stage anew, or use another --work folder"
        )
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    average.update(state["average"])
    return int(state["step"])


def _replace(path: Path, state: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
