"""What a stage learns from."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

import numpy as np  # noqa: E402

from vision.training.batches import Pool  # noqa: E402
from vision.training.canvas import Canvas, compose  # noqa: E402
from vision.training.classes import CLASS_NAMES  # noqa: E402
from vision.training.dataset import read_pictures  # noqa: E402
from vision.training.distillation import SHARED_LAYERS, Teachers  # noqa: E402
from vision.training.lessons import Distilled, Labelled  # noqa: E402
from vision.training.network import COCO_WEIGHTS, our_network  # noqa: E402
from vision.training.train import freeze  # noqa: E402

WEIGHTS = Path("../shared/weights") / COCO_WEIGHTS
pytestmark = [
    pytest.mark.models,
    pytest.mark.shared,
    pytest.mark.skipif(not WEIGHTS.exists(), reason="the COCO weights of ../shared are not here"),
]


@pytest.fixture(scope="module")
def network() -> Any:
    """The untrained network, its first layers frozen."""
    network = our_network(WEIGHTS)
    freeze(network, SHARED_LAYERS)
    return network


@pytest.fixture
def distilled(folder: Path, network: Any) -> Distilled:
    """Small canvases, the network its own teacher."""
    pictures = read_pictures(folder)

    def canvases(rng: np.random.Generator) -> list[Canvas]:
        return [compose(lambda draw: pictures[int(draw.integers(2))], (128, 128), rng)]

    teachers = Teachers(network, dict.fromkeys(CLASS_NAMES[:4], (network,)))
    return Distilled(network, canvases, teachers)


def test_labels_teach_the_whole_network(folder: Path, network: Any) -> None:
    """A batch of labelled canvases gives a loss that reaches the layers that may learn."""
    lesson = Labelled(network, Pool(read_pictures(folder)), batch_size=1)
    batch = next(iter(lesson.batches(seed=1, first_step=0, last_step=1)))
    loss, parts = lesson.loss(network, batch)
    network.zero_grad()
    loss.backward()
    assert set(parts) == {"box_loss", "cls_loss", "l1_loss"}
    assert float(loss.detach()) == pytest.approx(
        sum(float(value) for value in parts.values()), rel=1e-4
    )
    assert any(p.grad is not None and p.grad.any() for p in network.parameters())


def test_each_batch_is_learned_from_three_times(distilled: Distilled) -> None:
    """A round of eight batches makes 24 steps, and every batch comes up three times in it."""
    seen = [id(batch) for batch in distilled.batches(seed=5, first_step=0, last_step=24)]
    assert len(seen) == 24
    assert {seen.count(each) for each in seen} == {3}


def test_a_step_sees_the_same_batch_whenever_it_is_run(distilled: Distilled) -> None:
    """Resumed in the middle of a round, it goes on as it would have."""
    through = list(distilled.batches(seed=5, first_step=0, last_step=14))
    resumed = list(distilled.batches(seed=5, first_step=13, last_step=14))
    assert len(resumed) == 1
    assert torch.equal(through[13]["told"].scores, resumed[0]["told"].scores)
    assert torch.equal(through[13]["known"], resumed[0]["known"])


def test_its_own_teacher_has_little_to_teach(distilled: Distilled, network: Any) -> None:
    """What it says itself is hardly wrong: it looked but once, its teacher twice."""
    batch = next(iter(distilled.batches(seed=5, first_step=0, last_step=1)))
    batch |= {"batch_idx": torch.zeros(0), "cls": torch.zeros(0), "bboxes": torch.zeros(0, 4)}
    batch["known"] = torch.zeros_like(batch["known"])
    _, parts = distilled.loss(network, batch)
    assert float(parts["classes"]) < 0.2
    assert float(parts["labels"]) == 0.0
