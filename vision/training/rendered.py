"""Pictures from the virtual camera, written in the form of the real ones.

Training and validation pictures come from different seeds, hence different villages, suns and
sensors; neither shows the demo's village. All nine classes are labelled on every picture.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from vision.simulator.scene import CLASS_NAMES as SCENE_CLASS_NAMES
from vision.simulator.training_pictures import TrainingPicture, training_pictures
from vision.training.classes import CLASS_NAMES
from vision.training.errors import TrainingDataError

Painter = Callable[[int, tuple[int, int]], Iterator[TrainingPicture]]
_JPEG_QUALITY = 92
_COLUMNS = (
    "name",
    "split",
    "dataset",
    "group",
    "width",
    "height",
    "boxes",
    "labelled_classes",
)


@dataclass(frozen=True)
class RenderSettings:
    """What to render.

    Attributes:
        train_seed: Of the training villages.
        train_pictures: How many.
        val_seed: Of the validation villages.
        val_pictures: How many.
        size_wh_px: Of each picture.
    """

    train_seed: int = 51_000
    train_pictures: int = 540
    val_seed: int = 87_000
    val_pictures: int = 108
    size_wh_px: tuple[int, int] = (1280, 720)


def render_set(folder: Path, settings: RenderSettings, paint: Painter = training_pictures) -> Path:
    """Render both splits into a folder; at once if it was finished before.

    Args:
        folder: Where the set lies.
        settings: What to render.
        paint: Gives endless pictures for a seed and a size.

    Raises:
        TrainingDataError: The virtual camera names its classes otherwise than we do.
    """
    if tuple(SCENE_CLASS_NAMES) != CLASS_NAMES:
        raise TrainingDataError(
            f"the virtual camera draws {SCENE_CLASS_NAMES}, the detector learns {CLASS_NAMES}; "
            "make the two agree"
        )
    manifest = folder / "manifest.csv"
    if manifest.exists():
        return folder
    train = paint(settings.train_seed, settings.size_wh_px)
    val = paint(settings.val_seed, settings.size_wh_px)
    rows = [
        *_write_split(folder, "train", settings.train_seed, islice(train, settings.train_pictures)),
        *_write_split(folder, "val", settings.val_seed, islice(val, settings.val_pictures)),
    ]
    partial = manifest.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(manifest)
    return folder


def _write_split(
    folder: Path, split: str, seed: int, pictures: Iterable[TrainingPicture]
) -> list[dict[str, str]]:
    for kind in ("images", "labels"):
        (folder / kind / split).mkdir(parents=True, exist_ok=True)
    rows = []
    for index, picture in enumerate(pictures):
        name = f"rendered_{seed}_{index:04d}"
        _write(folder, split, name, picture)
        rows.append(_row(name, split, seed, picture))
    return rows


def _write(folder: Path, split: str, name: str, picture: TrainingPicture) -> None:
    path = folder / "images" / split / f"{name}.jpg"
    cv2.imwrite(str(path), picture.image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    lines = [
        f"{class_id} " + " ".join(f"{value:.6f}" for value in box)
        for class_id, box in zip(picture.class_id.tolist(), _fractions(picture), strict=True)
    ]
    text = "".join(f"{line}\n" for line in lines)
    (folder / "labels" / split / f"{name}.txt").write_text(text, encoding="utf-8")


def _fractions(picture: TrainingPicture) -> list[list[float]]:
    """Return centre and size of each box in fractions of the picture."""
    height, width = picture.image.shape[:2]
    corners = picture.xyxy_px / np.array([width, height, width, height], np.float32)
    centre = (corners[:, :2] + corners[:, 2:]) / 2
    boxes: list[list[float]] = np.concatenate(
        [centre, corners[:, 2:] - corners[:, :2]], axis=1
    ).tolist()
    return boxes


def _row(name: str, split: str, seed: int, picture: TrainingPicture) -> dict[str, str]:
    height, width = picture.image.shape[:2]
    return {
        "name": name,
        "split": split,
        "dataset": "rendered",
        "group": f"seed_{seed}",
        "width": str(width),
        "height": str(height),
        "boxes": str(len(picture.class_id)),
        "labelled_classes": "|".join(CLASS_NAMES),
    }
