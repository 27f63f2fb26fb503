"""Labelled pictures as they lie in a folder with `manifest.csv`, `images/` and `labels/`."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.classes import CLASS_NAMES
from vision.training.errors import TrainingDataError
from vision.training.labels import TABLE, known_classes

_COLUMNS = ("name", "split", "dataset", "width", "height", "labelled_classes")
_KNOWN_SETS = frozenset(row.dataset for row in TABLE)


@dataclass(frozen=True)
class Picture:
    """One picture with its boxes and with what its labels are silent about.

    Attributes:
        path: The picture's file.
        dataset: Its set.
        split: `train` or `val`.
        size_wh_px: Stored width and height.
        labelled: Classes that were labelled on it.
        known: bool, (classes,): where a missing box means absence.
        xyxy_px: float32, (N, 4), x1 y1 x2 y2.
        class_id: int64, (N,).
    """

    path: Path
    dataset: str
    split: str
    size_wh_px: tuple[int, int]
    labelled: frozenset[str]
    known: NDArray[np.bool_]
    xyxy_px: NDArray[np.float32]
    class_id: NDArray[np.int64]

    def with_boxes(self, xyxy_px: NDArray[np.float32], class_id: NDArray[np.int64]) -> "Picture":
        """Return the picture with further boxes appended."""
        return replace(
            self,
            xyxy_px=np.concatenate([self.xyxy_px, xyxy_px]).astype(np.float32),
            class_id=np.concatenate([self.class_id, class_id]).astype(np.int64),
        )

    def knowing(self, classes: Iterable[str]) -> "Picture":
        """Return the picture with these classes' absence known wherever no box is."""
        more = np.array([name in set(classes) for name in CLASS_NAMES], np.bool_)
        return replace(self, known=self.known | more)


def read_pictures(folder: Path, *, of_anybody: bool = False) -> tuple[Picture, ...]:
    """Read the manifest and all label files of a folder, pictures themselves excepted.

    Args:
        folder: Where they lie.
        of_anybody: Whether it may hold sets that the table does not know: of those nothing is
            known but what is labelled.

    Raises:
        TrainingDataError: The manifest or a label file is missing or malformed.
    """
    manifest = folder / "manifest.csv"
    rows = _rows(manifest)
    pictures = []
    for number, row in enumerate(rows, start=2):
        if any(row[column] is None for column in _COLUMNS) or not _is_size(row):
            raise TrainingDataError(
                f"{manifest}:{number}: must have {', '.join(_COLUMNS)}, width and height in pixels"
            )
        pictures.append(_picture(folder, row, of_anybody=of_anybody))
    return tuple(pictures)


def _rows(manifest: Path) -> list[dict[str, str]]:
    try:
        # Spreadsheets mark text in UTF-8 by a sign before it.
        with manifest.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            rows = list(reader)
    except OSError as exc:
        raise TrainingDataError(f"{manifest}: cannot be read ({exc.strerror})") from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise TrainingDataError(
            f"{manifest}: is no table of text in UTF-8; save it as one"
        ) from exc
    missing = next((name for name in _COLUMNS if name not in (reader.fieldnames or ())), None)
    if missing is not None:
        raise TrainingDataError(f"{manifest}: column {missing!r} is missing")
    return rows


def _is_size(row: dict[str, str]) -> bool:
    return all(row[side].isdecimal() and int(row[side]) > 0 for side in ("width", "height"))


def read_image(picture: Picture) -> NDArray[np.uint8]:
    """Read a picture's pixels, uint8 (H, W, 3) BGR.

    Raises:
        TrainingDataError: The file is missing or no picture.
    """
    image = cv2.imread(str(picture.path), cv2.IMREAD_COLOR)
    if image is None:
        raise TrainingDataError(f"{picture.path}: missing, or not a picture")
    return np.asarray(image, dtype=np.uint8)


def of_split(pictures: Iterable[Picture], split: str) -> tuple[Picture, ...]:
    """Keep the pictures of one split."""
    return tuple(picture for picture in pictures if picture.split == split)


def _picture(folder: Path, row: dict[str, str], *, of_anybody: bool) -> Picture:
    size = (int(row["width"]), int(row["height"]))
    labelled = frozenset(row["labelled_classes"].split("|")) - {""}
    if strange := sorted(labelled - set(CLASS_NAMES)):
        raise TrainingDataError(
            f"{folder / 'manifest.csv'}: {row['name']} is labelled for {strange[0]!r}, which is "
            f"none of {', '.join(CLASS_NAMES)}"
        )
    is_strange = of_anybody and row["dataset"] not in _KNOWN_SETS
    only_labelled = np.array([name in labelled for name in CLASS_NAMES], np.bool_)
    label_file = folder / "labels" / row["split"] / f"{row['name']}.txt"
    xyxy_px, class_id = _read_labels(label_file, size)
    return Picture(
        path=folder / "images" / row["split"] / f"{row['name']}.jpg",
        dataset=row["dataset"],
        split=row["split"],
        size_wh_px=size,
        labelled=labelled,
        known=only_labelled if is_strange else known_classes(row["dataset"], labelled),
        xyxy_px=xyxy_px,
        class_id=class_id,
    )


def _read_labels(
    path: Path, size_wh_px: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Read YOLO lines `class cx cy w h`, in fractions, as pixel corners."""
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line]
        values = np.array(rows, dtype=np.float64).reshape(-1, 5)
    except OSError as exc:
        raise TrainingDataError(f"{path}: cannot be read ({exc.strerror})") from exc
    except ValueError as exc:
        raise TrainingDataError(f"{path}: every line must be `class cx cy w h`") from exc
    class_id = values[:, 0].astype(np.int64)
    if class_id.size and not 0 <= class_id.min() <= class_id.max() < len(CLASS_NAMES):
        raise TrainingDataError(f"{path}: class numbers must lie in 0..{len(CLASS_NAMES) - 1}")
    half = values[:, 3:5] / 2
    corners = np.concatenate([values[:, 1:3] - half, values[:, 1:3] + half], axis=1)
    scale = np.array([*size_wh_px, *size_wh_px], dtype=np.float64)
    return (corners.clip(0, 1) * scale).astype(np.float32), class_id
