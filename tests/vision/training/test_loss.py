"""The loss keeps silent where the labels are silent."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

from vision.training.classes import CLASS_NAMES  # noqa: E402
from vision.training.loss import MaskedBCE, MaskedDetectionLoss, anchor_mask  # noqa: E402
from vision.training.network import COCO_WEIGHTS, our_network  # noqa: E402
from vision.training.train import freeze  # noqa: E402

WEIGHTS = Path("../shared/weights") / COCO_WEIGHTS
pytestmark = pytest.mark.models
CAR, FIRE = CLASS_NAMES.index("car"), CLASS_NAMES.index("fire")
ANCHORS = 64 + 16 + 4  # of 64 x 64 pixels at strides 8, 16 and 32


def known_map(*names: str) -> Any:
    """Return the map of a 64 x 64 picture on which these classes are known everywhere."""
    known = torch.zeros(1, len(CLASS_NAMES), 8, 8, dtype=torch.bool)
    for name in names:
        known[:, CLASS_NAMES.index(name)] = True
    return known


def class_gradients(known: Any, targets: Any) -> Any:
    """Return the gradient of the class loss for each anchor and class."""
    loss = MaskedBCE()
    loss.expect(known)
    logits = torch.zeros(1, ANCHORS, len(CLASS_NAMES), requires_grad=True)
    loss(logits, targets).sum().backward()
    return logits.grad


def no_targets() -> Any:
    """Return targets of a picture without any box."""
    return torch.zeros(1, ANCHORS, len(CLASS_NAMES))


def test_an_unknown_class_receives_no_gradient() -> None:
    """A car that nobody labelled in a picture of a fire does not count as background."""
    gradient = class_gradients(known_map("fire", "smoke"), no_targets())
    assert (gradient[..., CAR] == 0).all()


def test_a_known_class_is_taught_its_absence() -> None:
    """Where fire was labelled and there is none, its score is pushed down."""
    gradient = class_gradients(known_map("fire", "smoke"), no_targets())
    assert (gradient[..., FIRE] > 0).all()


def test_a_box_teaches_even_where_its_class_is_unknown() -> None:
    """A filled-in car counts as a car; the anchors without it stay silent."""
    targets = no_targets()
    targets[0, 10, CAR] = 0.8
    gradient = class_gradients(known_map("fire"), targets)
    assert gradient[0, 10, CAR] < 0
    assert (gradient[0, :10, CAR] == 0).all()


def test_the_mask_holds_cell_by_cell_on_a_shared_canvas() -> None:
    """Of two pictures on one canvas, only the one labelled for cars teaches about cars."""
    known = known_map()
    known[:, CAR, :, 4:] = True
    mask = anchor_mask(known)[0, :, CAR]
    fine, middle, coarse = mask.split([64, 16, 4])
    for level, side in ((fine, 8), (middle, 4), (coarse, 2)):
        grid = level.reshape(side, side)
        assert not grid[:, : side // 2].any()
        assert grid[:, side // 2 :].all()


@pytest.mark.shared
@pytest.mark.skipif(not WEIGHTS.exists(), reason="the COCO weights of ../shared are not here")
def test_no_gradient_reaches_the_rows_of_a_masked_class() -> None:
    """Through the whole network and loss: a picture labelled for fire moves no row of car."""
    network = our_network(WEIGHTS)
    freeze(network, 5)
    batch = {
        "batch_idx": torch.zeros(1),
        "cls": torch.tensor([float(FIRE)]),
        "bboxes": torch.tensor([[0.5, 0.5, 0.4, 0.4]]),
        "known": known_map("fire", "smoke"),
    }
    loss, _ = MaskedDetectionLoss(network)(network(torch.rand(1, 3, 64, 64)), batch)
    loss.sum().backward()
    for level in network.model[-1].cv3:
        rows = level[-1].weight.grad
        assert (rows[CAR] == 0).all()
        assert (rows[FIRE] != 0).any()
