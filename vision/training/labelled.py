"""Labelled pictures of anybody's: our own form, YOLO's and COCO's, each split by itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from vision.errors import ModelError
from vision.models.class_map import map_classes
from vision.models.registry import class_names_of
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, of_split, read_pictures
from vision.training.errors import TrainingDataError

_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
_TURNED_FROM = 5  # EXIF orientations from here on lie on their side

OwnClasses = Mapping[str, str | None]


@dataclass(frozen=True)
class LabelledSet:
    """One split of labelled pictures.

    Attributes:
        names: classes by the number that the pictures' boxes have.
        pictures: the pictures with their boxes.
        left_out: classes of the labels that mean nothing here.
    """

    names: tuple[str, ...]
    pictures: tuple[Picture, ...]
    left_out: tuple[str, ...] = ()


def read_labelled(folder: Path, split: str, own: OwnClasses | None = None) -> LabelledSet:
    """Read one split of a folder in whichever form it is.

    With `manifest.csv` each picture says for which classes it is labelled. A YOLO folder
    (`data.yaml`) and a COCO folder (`*.json`) are taken for labelled with all of their classes.

    Args:
        folder: where the pictures and their labels lie.
        split: name of the split, as `train` or `val`.
        own: what class names of the labels mean, where their own names do not tell.

    Raises:
        TrainingDataError: it is in none of these forms, or damaged, or the split is empty.
        ModelError: the classes given are not those of the labels.
    """
    if not folder.is_dir():
        raise TrainingDataError(f"{folder}: there is no such folder; check the path.")
    if (folder / "manifest.csv").is_file():
        found = LabelledSet(CLASS_NAMES, of_split(read_pictures(folder), split))
    elif described := _description(folder):
        found = _yolo(folder, described, split, own)
    elif annotations := _coco_file(folder, split):
        found = _coco(folder, annotations, split, own)
    else:
        raise TrainingDataError(
            f"{folder}: holds neither manifest.csv, nor YOLO's data.yaml, nor COCO annotations of "
            f"the split {split!r}; give the folder that does, or another --split."
        )
    if not found.pictures:
        raise TrainingDataError(f"{folder}: has no pictures in the split {split!r}.")
    return found


def _description(folder: Path) -> Path | None:
    for name in ("data.yaml", "dataset.yaml", "data.yml"):
        if (folder / name).is_file():
            return folder / name
    return None


def _yolo(folder: Path, described: Path, split: str, own: OwnClasses | None) -> LabelledSet:
    try:
        content = yaml.safe_load(described.read_text(encoding="utf-8"))
        names = class_names_of(content["names"])
        told = content.get(split) or content.get({"val": "valid", "valid": "val"}.get(split, ""))
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, ValueError) as error:
        raise TrainingDataError(
            f"{described}: `names` and the splits are expected; mend it ({error})."
        ) from error
    if not told:
        raise TrainingDataError(f"{described}: says nothing of the split {split!r}.")
    root = folder / str(content.get("path") or "")
    places = told if isinstance(told, list) else [told]
    files = sorted(chain.from_iterable(_listed(folder, root, str(each)) for each in places))
    rows = ((file, _yolo_boxes(file, len(names))) for file in files)
    return _mapped(folder, split, names, rows, own)


def _listed(folder: Path, root: Path, told: str) -> list[Path]:
    """The pictures of a folder, or of a list of them; Roboflow counts from one folder further."""
    place = next(
        (p for p in (root / told, folder / told, folder / told.removeprefix("../")) if p.exists()),
        None,
    )
    if place is None:
        raise TrainingDataError(f"{folder}: its pictures {told} are not there.")
    if place.is_dir():
        return [file for file in place.rglob("*") if file.suffix.lower() in _PICTURES]
    lines = place.read_text(encoding="utf-8").split("\n")
    return [place.parent / line.strip() for line in lines if line.strip()]


def _yolo_boxes(picture: Path, classes: int) -> list[tuple[int, Sequence[float]]]:
    """Class and fractions x1 y1 x2 y2 of each line; an outline becomes the box around it."""
    parts = list(picture.parts)
    if "images" in parts:
        parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
    labels = Path(*parts).with_suffix(".txt")
    if not labels.is_file():
        return []  # YOLO's form of a picture on which nothing is
    boxes: list[tuple[int, Sequence[float]]] = []
    for number, line in enumerate(labels.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            values = [float(word) for word in line.split()]
        except ValueError:
            values = [-1.0]
        if not values:
            continue
        class_id, numbers = values[0], np.array(values[1:])
        outline = len(numbers) >= 6 and len(numbers) % 2 == 0
        is_class = class_id.is_integer() and 0 <= class_id < classes
        if not is_class or not (outline or len(numbers) == 4) or not np.isfinite(numbers).all():
            raise TrainingDataError(
                f"{labels}:{number}: must be `class cx cy w h` in fractions, with a class from 0 "
                f"to {classes - 1}."
            )
        if outline:
            corners = numbers.reshape(-1, 2)
            box = [*corners.min(axis=0), *corners.max(axis=0)]
        else:
            box = [*(numbers[:2] - numbers[2:] / 2), *(numbers[:2] + numbers[2:] / 2)]
        boxes.append((int(class_id), box))
    return boxes


def _coco_file(folder: Path, split: str) -> Path | None:
    patterns = (
        f"annotations/instances_{split}*.json",
        f"annotations/{split}*.json",
        f"{split}/_annotations.coco.json",
        f"{split}*.json",
    )
    found = chain.from_iterable(sorted(folder.glob(pattern)) for pattern in patterns)
    return next(found, None)


def _coco(folder: Path, annotations: Path, split: str, own: OwnClasses | None) -> LabelledSet:
    try:
        content = json.loads(annotations.read_text(encoding="utf-8"))
        number_of = {row["id"]: i for i, row in enumerate(content["categories"])}
        names = tuple(str(row["name"]) for row in content["categories"])
        boxes: dict[Any, list[tuple[int, Sequence[float]]]] = {}
        for row in content["annotations"]:
            x, y, width, height = (float(value) for value in row["bbox"])
            if not row.get("iscrowd"):
                box = (number_of[row["category_id"]], (x, y, x + width, y + height))
                boxes.setdefault(row["image_id"], []).append(box)
        images = [(row["id"], str(row["file_name"])) for row in content["images"]]
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingDataError(
            f"{annotations}: is not in COCO's form ({error!r}); mend it."
        ) from error
    stems = (annotations.parent, folder / split, folder / "images" / split, folder / "images",
             folder)  # fmt: skip
    rows = ((_image_at(stems, name), boxes.get(image_id, [])) for image_id, name in images)
    return _mapped(folder, split, names, rows, own, in_pixels=True)


def _image_at(stems: Sequence[Path], name: str) -> Path:
    for stem in stems:
        if (stem / name).is_file():
            return stem / name
    raise TrainingDataError(f"{stems[-1]}: the picture {name} of its annotations is not there.")


def _mapped(
    folder: Path,
    split: str,
    names: tuple[str, ...],
    rows: Iterator[tuple[Path, list[tuple[int, Sequence[float]]]]],
    own: OwnClasses | None,
    *,
    in_pixels: bool = False,
) -> LabelledSet:
    """Give every class our name, and every box our class number and pixels."""
    classes = map_classes(names, own)
    ours = tuple(dict.fromkeys(classes.kept.values()))
    if not ours:
        raise ModelError(
            f"{folder}: none of its classes means anything here; say what they are with --classes."
        )
    number = [ours.index(classes.kept[name]) if name in classes.kept else -1 for name in names]
    pictures = []
    for path, boxes in rows:
        size_wh_px = _size_of(path)
        kept = [(number[class_id], box) for class_id, box in boxes if number[class_id] >= 0]
        xyxy = np.array([box for _, box in kept], np.float64).reshape(-1, 4)
        pictures.append(
            Picture(
                path=path,
                dataset=folder.resolve().name,
                split=split,
                size_wh_px=size_wh_px,
                labelled=frozenset(ours),
                known=np.ones(len(ours), np.bool_),
                xyxy_px=_in_pixels(xyxy, size_wh_px, in_pixels=in_pixels),
                class_id=np.array([class_id for class_id, _ in kept], np.int64),
            )
        )
    return LabelledSet(ours, tuple(pictures), classes.left_out)


def _in_pixels(
    xyxy: NDArray[np.float64], size_wh_px: tuple[int, int], *, in_pixels: bool
) -> NDArray[np.float32]:
    size = np.array([*size_wh_px, *size_wh_px], np.float64)
    return np.asarray((xyxy if in_pixels else xyxy * size).clip(0, size), np.float32)


def _size_of(path: Path) -> tuple[int, int]:
    """Width and height as the picture is shown: a camera may have stored it lying down."""
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= _TURNED_FROM
    except (OSError, UnidentifiedImageError) as error:
        raise TrainingDataError(f"{path}: missing, or not a picture.") from error
    return (height, width) if turned else (width, height)
