"""A network in two halves: first layers that several networks share, then each one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Halfway:
    """What the first layers made of a batch.

    Attributes:
        value: The last one's output.
        kept: Layer's number -> its output, where a later layer asks for it.
    """

    value: Any
    kept: Mapping[int, Any]


def first_layers(network: Any, image: Any, count: int) -> Halfway:  # noqa: ANN401 - torch
    """Run the first `count` layers on pictures (B, 3, H, W)."""
    return _run(network, Halfway(image, {}), 0, count)


def last_layers(network: Any, halfway: Halfway, count: int) -> dict[str, Any]:  # noqa: ANN401
    """Run all but the first `count` layers.

    Returns:
        `boxes` (B, 4, A), distances to left, top, right and bottom in strides; `scores`
        (B, classes, A), logits; `feats`, the maps of the three levels.
    """
    head = network.model[-1]
    run = _run(network, halfway, count, len(network.model) - 1)
    raw: dict[str, Any] = head.forward_head(_inputs_of(head, run), **head.one2many)
    return raw


def _run(network: Any, halfway: Halfway, first: int, last: int) -> Halfway:  # noqa: ANN401
    kept = dict(halfway.kept)
    value = halfway.value
    for layer in network.model[first:last]:
        value = layer(_inputs_of(layer, Halfway(value, kept)))
        if layer.i in network.save:
            kept[layer.i] = value
    return Halfway(value, kept)


def _inputs_of(layer: Any, run: Halfway) -> Any:  # noqa: ANN401
    if layer.f == -1:
        return run.value
    if isinstance(layer.f, int):
        return run.kept[layer.f]
    return [run.value if source == -1 else run.kept[source] for source in layer.f]
