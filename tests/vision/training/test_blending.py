"""Part of the way back to where the training started."""

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")

from vision.training.blending import blend  # noqa: E402

pytestmark = pytest.mark.models


def tiny() -> Any:
    """Three layers, named as `DetectionModel` names its own."""
    layers = (torch.nn.Conv2d(1, 1, 1), torch.nn.BatchNorm2d(1), torch.nn.Conv2d(1, 1, 1))
    return torch.nn.ModuleDict({"model": torch.nn.Sequential(*layers)})


def test_layers_move_by_their_share_and_the_others_stay() -> None:
    """At a share of 0.25 each weight is three quarters what was learned."""
    started, learned = tiny(), tiny()
    origin = {name: value.clone() for name, value in started.state_dict().items()}
    before = {name: value.clone() for name, value in learned.state_dict().items()}
    blend(learned, origin, {0: 0.25, 1: 0.0})
    for name, value in learned.state_dict().items():
        if name.startswith("model.0"):
            assert torch.allclose(value, 0.75 * before[name] + 0.25 * origin[name])
            assert not torch.equal(value, before[name])
        else:
            assert torch.equal(value, before[name])


def test_all_the_way_back_is_where_it_started() -> None:
    """With a share of one nothing of what was learned is left."""
    started, learned = tiny(), tiny()
    blend(learned, started.state_dict(), {0: 1.0, 1: 1.0, 2: 1.0})
    for name, value in learned.state_dict().items():
        assert torch.equal(value, started.state_dict()[name])
