"""Part of the way back to COCO: what a network has seen elsewhere is worth keeping.

Weights fine-tuned on few scenes and the weights they came from lie in one basin, and a point
between the two is often better on scenes that neither was tuned on (WiSE-FT, Wortsman et al. 2022,
"Robust fine-tuning of zero-shot models").
"""

from collections.abc import Mapping
from typing import Any

import torch


def blend(
    network: Any,  # noqa: ANN401 - torch is not typed here
    origin: Mapping[str, Any],
    shares: Mapping[int, float],
) -> None:
    """Move layers a share of the way back to where they came from, in place.

    Args:
        network: The trained network.
        origin: Weights by name that its training started from.
        shares: Number of a layer -> 0 leaves it as it was learned, 1 gives what it started from.
    """
    with torch.no_grad():
        for name, value in network.state_dict().items():
            share = shares.get(int(name.split(".")[1]), 0.0)
            if share and value.dtype.is_floating_point:
                value.lerp_(origin[name].to(value.dtype), share)
