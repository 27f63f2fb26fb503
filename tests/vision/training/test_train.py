"""One stage of training: it learns, it can be interrupted, it refuses what does not fit."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

from vision.training.batches import Pool, batches  # noqa: E402
from vision.training.classes import CLASS_NAMES, COCO_ROW_OF  # noqa: E402
from vision.training.dataset import read_pictures  # noqa: E402
from vision.training.errors import CheckpointError  # noqa: E402
from vision.training.lessons import Labelled  # noqa: E402
from vision.training.network import COCO_WEIGHTS, coco_teacher, our_network  # noqa: E402
from vision.training.train import (  # noqa: E402
    StageSettings,
    freeze,
    load_weights,
    rate_share,
    run_stage,
)

WEIGHTS = Path("../shared/weights") / COCO_WEIGHTS
pytestmark = pytest.mark.models
needs_weights = pytest.mark.skipif(
    not WEIGHTS.exists(), reason="the COCO weights of ../shared are not here"
)


def test_the_rate_warms_up_and_falls() -> None:
    """From little to its peak, then down to a twentieth."""
    assert rate_share(0, 1000) < 0.05
    assert rate_share(40, 1000) == pytest.approx(1.0)
    assert rate_share(1000, 1000) == pytest.approx(0.05)


def test_a_step_sees_the_same_batch_whenever_it_is_run(folder: Path) -> None:
    """Resuming at step 1 gives what a run from step 0 saw there."""
    pool = Pool(read_pictures(folder))
    through = list(batches(pool, batch_size=2, seed=3, first_step=0, last_step=2))
    resumed = list(batches(pool, batch_size=2, seed=3, first_step=1, last_step=2))
    assert torch.equal(through[1]["image"], resumed[0]["image"])
    assert torch.equal(through[1]["bboxes"], resumed[0]["bboxes"])


def test_boxes_of_a_batch_are_fractions_of_its_pictures(folder: Path) -> None:
    """Centres and sizes lie in 0..1, and every box names its picture."""
    pool = Pool(read_pictures(folder))
    batch = next(iter(batches(pool, batch_size=4, seed=1, first_step=0, last_step=1)))
    assert batch["bboxes"].min() >= 0
    assert batch["bboxes"].max() <= 1
    assert set(batch["batch_idx"].tolist()) <= {0.0, 1.0, 2.0, 3.0}
    assert batch["known"].shape[1] == len(CLASS_NAMES)


@pytest.mark.shared
@needs_weights
def test_cocos_rows_are_carried_over_by_name() -> None:
    """Our car scores exactly as COCO's car before training."""
    ours, coco = our_network(WEIGHTS).model[-1], coco_teacher(WEIGHTS).model[-1]
    for level, coco_level in zip(ours.cv3, coco.cv3, strict=True):
        for name, row in COCO_ROW_OF.items():
            index = CLASS_NAMES.index(name)
            assert torch.equal(level[-1].weight[index], coco_level[-1].weight[row])


@pytest.mark.shared
@needs_weights
def test_frozen_layers_and_running_statistics_stay() -> None:
    """The first layers and every running mean keep their COCO values."""
    network = our_network(WEIGHTS)
    freeze(network, 5)
    layers = list(network.model)
    assert not any(p.requires_grad for layer in layers[:5] for p in layer.parameters())
    assert all(p.requires_grad for layer in layers[5:] for p in layer.parameters())
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)


@pytest.mark.shared
@needs_weights
def test_a_stage_learns_and_is_not_run_twice(folder: Path) -> None:
    """Its result differs from the start where it may; other settings are refused."""
    heard: list[int] = []
    settings = StageSettings("try", steps=2, checkpoint_every_steps=1)
    network = our_network(WEIGHTS)
    lesson = Labelled(network, Pool(read_pictures(folder)), batch_size=1)
    result = run_stage(network, lesson, settings, folder, lambda step, _: heard.append(step))
    assert heard == [1, 2]
    assert (
        run_stage(network, lesson, settings, folder, lambda step, _: heard.append(step)) == result
    )
    assert heard == [1, 2]

    learnt, first = our_network(WEIGHTS), our_network(WEIGHTS).state_dict()
    load_weights(learnt, result)
    moved = {name for name, value in learnt.state_dict().items() if (value != first[name]).any()}
    assert moved
    assert not [name for name in moved if int(name.split(".")[1]) < settings.frozen_layers]

    result.unlink()
    with pytest.raises(CheckpointError, match="other settings"):
        run_stage(network, lesson, replace(settings, seed=9), folder, lambda *_: None)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    """The error says which file, and where to read about it."""
    with pytest.raises(CheckpointError, match=r"none\.safetensors"):
        our_network(tmp_path / "none.safetensors")
