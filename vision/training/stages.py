"""The stages of the recipe: what is learned from what, in which order."""

from pathlib import Path

from vision.training.batches import Pool
from vision.training.dataset import Picture, of_split, read_pictures
from vision.training.network import COCO_WEIGHTS, coco_teacher, our_network
from vision.training.teacher import fill_in
from vision.training.train import Report, StageSettings, run_stage

REAL_STAGE = StageSettings(name="real", steps=1500, head_rate=7e-4, backbone_rate=1.5e-4)


def real_training_pictures(data: Path, coco_weights: Path) -> tuple[Picture, ...]:
    """Read the real training pictures, missing traffic labels filled in by the COCO network.

    Raises:
        TrainingError: Pictures, labels or weights are missing or malformed.
    """
    teacher = coco_teacher(coco_weights / COCO_WEIGHTS)
    return fill_in(teacher, of_split(read_pictures(data), "train"))


def train_on_real(
    pictures: tuple[Picture, ...], coco_weights: Path, work: Path, report: Report
) -> Path:
    """Run the first stage: from COCO to our classes on real pictures.

    Raises:
        TrainingError: Pictures, weights or the checkpoint do not fit.
    """
    network = our_network(coco_weights / COCO_WEIGHTS)
    return run_stage(network, Pool(pictures), REAL_STAGE, work, report)
