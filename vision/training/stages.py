"""The recipe: what is learned from what, in which order, and how it is made to ship."""

import copy
import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vision.training.alike import of_other_films
from vision.training.batches import Pool
from vision.training.blending import blend
from vision.training.calibration import calibration_images
from vision.training.card import card_text
from vision.training.dataset import Picture, of_split, read_pictures
from vision.training.distillation import SHARED_LAYERS, Teachers
from vision.training.evaluate import run_trials
from vision.training.export import quantised, save, to_openvino, with_decoding
from vision.training.figures import Scoring, thresholds_of
from vision.training.inference import ExportedModel
from vision.training.lessons import Distilled, Labelled, Lesson
from vision.training.network import COCO_WEIGHTS, coco_teacher, our_network
from vision.training.rendered import RenderSettings, render_set
from vision.training.shipping import write_metadata
from vision.training.shown import EMPHASIS, Showing
from vision.training.teacher import completed, fill_in
from vision.training.train import StageSettings, load_weights, run_stage

REAL_STAGE = StageSettings(name="real", steps=300, head_rate=7e-4, backbone_rate=1.5e-4)
MIXED_STAGE = StageSettings(name="mixed", steps=1450, seed=2, head_rate=7e-4, backbone_rate=1.5e-4)
COMPLETED_STAGE = StageSettings(
    name="completed", steps=250, seed=3, head_rate=4e-4, backbone_rate=5e-5
)
JOINED_STAGE = StageSettings(
    name="joined",
    steps=2616,
    seed=31,
    frozen_layers=SHARED_LAYERS,
    head_rate=4e-4,
    backbone_rate=4e-4,
    average_decay=0.998,
)
# How far layers go back to COCO: the taught stages of the backbone, which all variants share, and
# further in those that say what traffic is; docs/decisions/0225 and 0251 say what was compared.
COCO_SHARE = 0.4
_FIRST_BLENDED = 5
_KEEPER_UP_TO, _RIDERS_UP_TO, _LORRIES_UP_TO = 8, 10, 22
RENDERED = RenderSettings()
_BATCH_SIZE = 16
_CALIBRATION_PICTURES = 240
_CALIBRATION_SEED = 5
_OTHER_LONG_SIDES_PX = (640, 960, 1280)
_RECIPE: dict[str, int | str] = {
    "REAL_STEPS": REAL_STAGE.steps,
    "MIXED_STEPS": MIXED_STAGE.steps,
    "COMPLETED_STEPS": COMPLETED_STAGE.steps,
    "RENDERED_TRAIN": RENDERED.train_pictures,
    "BLENDED_LAYERS": f"{_FIRST_BLENDED} to {_KEEPER_UP_TO}",
    "JOINED_STEPS": JOINED_STAGE.steps,
    "BLENDED_SHARE": round(100 * COCO_SHARE),
    "CALIBRATION": _CALIBRATION_PICTURES,
}
_LOG = logging.getLogger("vision.training")


@dataclass(frozen=True)
class Places:
    """Where everything lies.

    Attributes:
        data: The real pictures, with `manifest.csv`.
        coco_weights: Folder of the COCO weights.
        work: Checkpoints, rendered pictures and exports; may be deleted afterwards.
        output: The shipped model's folder.
    """

    data: Path
    coco_weights: Path
    work: Path
    output: Path


def make_detector(places: Places) -> None:
    """Run the whole recipe; what `places.work` already holds is not made again.

    Raises:
        TrainingError: Pictures, labels, weights or a checkpoint are missing or do not fit.
    """
    network = our_network(places.coco_weights / COCO_WEIGHTS)
    origin = {name: value.clone() for name, value in network.state_dict().items()}
    pictures = read_pictures(places.data)
    real = of_other_films(of_split(pictures, "train"), of_split(pictures, "val"))
    teacher = coco_teacher(places.coco_weights / COCO_WEIGHTS)
    filled = fill_in(teacher, real, places.work / "filled_in.json")
    _LOG.info("%d real training pictures read and filled in", len(filled))
    rendered = of_split(read_pictures(render_set(places.work / "rendered", RENDERED)), "train")
    _LOG.info("%d rendered training pictures are there", len(rendered))
    for settings, pictures in (
        (REAL_STAGE, filled),
        (MIXED_STAGE, (*filled, *rendered)),
        (COMPLETED_STAGE, (*completed(filled), *rendered)),
    ):
        weights = places.work / f"{settings.name}.weights.pt"
        if weights.exists():
            load_weights(network, weights)
        else:
            lesson = Labelled(network, Pool(pictures), _BATCH_SIZE)
            _learn(network, lesson, settings, places)
    learner = _joined(network, origin, (*completed(filled), *rendered), places)
    ship(learner, (*real, *rendered), places)


def _joined(
    network: Any,  # noqa: ANN401
    origin: dict[str, Any],
    pictures: tuple[Picture, ...],
    places: Places,
) -> Any:  # noqa: ANN401
    """Let one network learn what variants of the trained one know that went back to COCO."""
    keeper, riders, lorries = (
        _back(network, origin, last) for last in (_KEEPER_UP_TO, _RIDERS_UP_TO, _LORRIES_UP_TO)
    )
    both = (riders, lorries)
    asked = {"person": (riders,), "two_wheeler": (riders,), "car": both, "truck_bus": both}
    learner = copy.deepcopy(keeper)
    showing = Showing(Pool(pictures, EMPHASIS))
    lesson = Distilled(learner, showing.canvases, Teachers(keeper, asked))
    _learn(learner, lesson, JOINED_STAGE, places)
    return learner


def _back(network: Any, origin: dict[str, Any], last: int) -> Any:  # noqa: ANN401
    """Return a copy whose layers up to the last named went back to COCO a part of the way."""
    variant = copy.deepcopy(network)
    blend(variant, origin, dict.fromkeys(range(_FIRST_BLENDED, last + 1), COCO_SHARE))
    return variant.eval().to(memory_format=torch.channels_last)


def ship(network: Any, train: tuple[Picture, ...], places: Places) -> None:  # noqa: ANN401
    """Export, quantise, score and describe the trained network, then put it into its folder.

    Raises:
        TrainingError: A picture cannot be read.
    """
    exports = places.work / "exported"
    if not (exports / "int8" / "model.xml").exists():
        _export(network, train, exports)
    validation = (
        *of_split(read_pictures(places.data), "val"),
        *of_split(read_pictures(places.work / "rendered"), "val"),
    )
    shipped = _scored(exports, "int8", 0, validation)
    others = [_scored(exports, "int8", side, validation) for side in _OTHER_LONG_SIDES_PX]
    others.append(_scored(exports, "float", 0, validation))
    thresholds = thresholds_of(shipped)
    places.output.mkdir(parents=True, exist_ok=True)
    for name in ("model.xml", "model.bin"):
        shutil.copyfile(exports / "int8" / name, places.output / name)
    write_metadata(places.output, thresholds)
    card = card_text(shipped, others, thresholds, _RECIPE)
    (places.output / "CARD.md").write_text(card, encoding="utf-8")
    _LOG.info("shipped to %s", places.output)


def _export(network: Any, train: tuple[Picture, ...], exports: Path) -> None:  # noqa: ANN401
    save(with_decoding(to_openvino(network)), exports / "float")
    images = calibration_images(train, _CALIBRATION_PICTURES, _CALIBRATION_SEED)
    save(with_decoding(quantised(to_openvino(network), images)), exports / "int8")
    _LOG.info("exported to %s", exports)


def _learn(
    network: Any,  # noqa: ANN401
    lesson: Lesson,
    settings: StageSettings,
    places: Places,
) -> None:
    started_s = time.monotonic()

    def report(step: int, parts: dict[str, float]) -> None:
        values = " ".join(f"{name} {value:.3f}" for name, value in parts.items())
        took_s = time.monotonic() - started_s
        _LOG.info("%s: step %d after %.0f s: %s", settings.name, step, took_s, values)

    load_weights(network, run_stage(network, lesson, settings, places.work, report))


def _scored(exports: Path, model: str, long_side_px: int, pictures: tuple[Picture, ...]) -> Scoring:
    runnable = ExportedModel(exports / model / "model.xml")
    trials = run_trials(runnable, pictures, long_side_px)
    _LOG.info("scored %s at %s px", model, long_side_px or "each picture's own")
    return Scoring(model, long_side_px, trials)
