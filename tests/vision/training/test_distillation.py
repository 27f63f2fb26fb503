"""One network learns what several know."""

import copy
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

from vision.training.batches import Pool, batches  # noqa: E402
from vision.training.classes import CLASS_NAMES  # noqa: E402
from vision.training.dataset import read_pictures  # noqa: E402
from vision.training.distillation import (  # noqa: E402
    SHARED_LAYERS,
    DistillationLoss,
    Teachers,
    Told,
    class_divergence,
    mirrored_anchors,
)
from vision.training.halves import first_layers, last_layers  # noqa: E402
from vision.training.lessons import as_float  # noqa: E402
from vision.training.network import COCO_WEIGHTS, our_network  # noqa: E402
from vision.training.train import freeze  # noqa: E402

WEIGHTS = Path("../shared/weights") / COCO_WEIGHTS
pytestmark = pytest.mark.models
needs_weights = pytest.mark.skipif(
    not WEIGHTS.exists(), reason="the COCO weights of ../shared are not here"
)
CAR, FIRE = CLASS_NAMES.index("car"), CLASS_NAMES.index("fire")
HEIGHT, WIDTH = 64, 96


@pytest.fixture(scope="module")
def keeper() -> Any:
    """The untrained network."""
    return our_network(WEIGHTS).eval()


@pytest.fixture(scope="module")
def other(keeper: Any) -> Any:
    """The same, and surer of cars by nine in the logit."""
    network = copy.deepcopy(keeper)
    for level in network.model[-1].cv3:
        with torch.no_grad():
            level[-1].bias[CAR] += 9.0
    return network


@pytest.fixture
def picture() -> Any:
    """Noise, which is not its own mirror image."""
    return torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(4))


def said(network: Any, picture: Any) -> dict[str, Any]:
    """What a network says of a picture, in the same precision and layout as to its pupils."""
    laid_out = picture.contiguous(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        halfway = first_layers(network, laid_out, SHARED_LAYERS)
        return as_float(last_layers(network, halfway, SHARED_LAYERS))


def test_agreement_costs_nothing_and_difference_does() -> None:
    """The divergence is zero where both say the same, and grows with the distance."""
    chances = torch.tensor([[[0.2, 0.9], [0.5, 0.01]]])
    free = torch.ones_like(chances, dtype=torch.bool)
    same = class_divergence(torch.logit(chances), chances, free)
    near = class_divergence(torch.logit(chances) + 0.5, chances, free)
    far = class_divergence(torch.logit(chances) + 1.0, chances, free)
    assert same == pytest.approx(0.0, abs=1e-5)
    assert 0.01 < near < far


def test_nothing_is_taught_where_labels_speak() -> None:
    """No gradient reaches a term of which the labels are to say what is right."""
    logits = torch.zeros(1, 2, 3, requires_grad=True)
    free = torch.ones(1, 2, 3, dtype=torch.bool)
    free[0, 1, 2] = False
    class_divergence(logits, torch.full((1, 2, 3), 0.9), free).backward()
    assert logits.grad is not None
    assert logits.grad[0, 1, 2] == 0
    assert (logits.grad[0, 0] != 0).all()


def test_a_mirror_images_anchors_go_back_to_their_places() -> None:
    """Rows stay, columns turn round, level by level; twice is where it was."""
    width, height = 64, 32
    columns = torch.cat([torch.arange(width // s).repeat(height // s) for s in (8, 16, 32)])
    turned = mirrored_anchors(columns, (height, width))
    assert turned[:8].tolist() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert turned[32:36].tolist() == [3, 2, 1, 0]
    assert turned[-2:].tolist() == [1, 0]
    assert torch.equal(mirrored_anchors(turned, (height, width)), columns)


@pytest.mark.shared
@needs_weights
def test_each_class_is_taught_by_who_is_asked_for_it(keeper: Any, other: Any, picture: Any) -> None:
    """Cars by the other, looking twice; all else by the keeper as it stands."""
    told = Teachers(keeper, {"car": (other,)}).look(picture)
    own = said(keeper, picture)["scores"].sigmoid()
    assert torch.equal(told.scores[:, FIRE], own[:, FIRE])
    twice = said(other, picture.flip(-1))["scores"].sigmoid()
    mean = (said(other, picture)["scores"].sigmoid() + mirrored_anchors(twice, (64, 96))) / 2
    assert torch.allclose(told.scores[:, CAR], mean[:, CAR], atol=1e-6)
    assert not torch.allclose(told.scores[:, CAR], own[:, CAR])


@pytest.mark.shared
@needs_weights
def test_two_who_are_asked_teach_their_mean(keeper: Any, other: Any, picture: Any) -> None:
    """Neither is believed alone."""
    alone = [Teachers(keeper, {"car": (each,)}).look(picture) for each in (keeper, other)]
    both = Teachers(keeper, {"car": (keeper, other)}).look(picture)
    mean = (alone[0].scores + alone[1].scores)[:, CAR] / 2
    assert torch.allclose(both.scores[:, CAR], mean, atol=1e-6)


@pytest.mark.shared
@needs_weights
def test_boxes_of_a_mirror_image_are_turned_too(keeper: Any, picture: Any) -> None:
    """A picture and its mirror image teach mirrored boxes."""
    network = copy.deepcopy(keeper)
    for level in network.model[-1].cv3:
        with torch.no_grad():
            level[-1].bias[-1] = -20.0  # never the likeliest: nobody is asked for it
    teachers = Teachers(network, dict.fromkeys(CLASS_NAMES[:-1], (network,)))
    boxes = teachers.look(picture).boxes
    turned = mirrored_anchors(teachers.look(picture.flip(-1)).boxes, (HEIGHT, WIDTH))
    assert torch.allclose(boxes, turned[:, [2, 1, 0, 3]], atol=1e-4)


@pytest.mark.shared
@needs_weights
def test_learning_comes_nearer_to_the_teachers(folder: Path, keeper: Any, other: Any) -> None:
    """A few steps on one batch lower every part that the teachers' word is."""
    learner = copy.deepcopy(keeper)
    freeze(learner, SHARED_LAYERS)
    pool = Pool(read_pictures(folder))
    batch = next(iter(batches(pool, batch_size=1, seed=1, first_step=0, last_step=1)))
    batch["known"][:] = False
    batch |= {"batch_idx": torch.zeros(0), "cls": torch.zeros(0), "bboxes": torch.zeros(0, 4)}
    told = Teachers(keeper, {"car": (other,), "truck_bus": (other,)}).look(batch.pop("image"))
    loss = DistillationLoss(learner)
    optimizer = torch.optim.AdamW([p for p in learner.parameters() if p.requires_grad], lr=1e-4)
    heard = []
    for _ in range(6):
        with torch.autocast("cpu", torch.bfloat16):
            raw = as_float(last_layers(learner, told.halfway, SHARED_LAYERS))
        total, parts = loss(raw, batch, told)
        heard.append(float(parts["classes"]))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert heard[-1] < 0.8 * heard[0]


@pytest.mark.shared
@needs_weights
def test_boxes_are_taught_only_where_something_is_seen(keeper: Any, picture: Any) -> None:
    """Where no class is told of, no box is wrong."""
    told = Teachers(keeper, {"car": (keeper,)}).look(picture)
    nothing = Told(told.halfway, torch.zeros_like(told.scores), told.boxes + 5.0)
    known = torch.zeros(1, len(CLASS_NAMES), HEIGHT // 8, WIDTH // 8, dtype=torch.bool)
    empty = {"batch_idx": torch.zeros(0), "cls": torch.zeros(0), "bboxes": torch.zeros(0, 4)}
    _, parts = DistillationLoss(keeper)(said(keeper, picture), {**empty, "known": known}, nothing)
    assert parts["boxes"] == 0
    assert parts["distances"] == 0
