"""Labelled pictures in YOLO's form: a `data.yaml`, pictures, and a text file of boxes for each."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from vision.frames import PICTURE_SUFFIXES
from vision.models.registry import class_names_of
from vision.training.errors import TrainingDataError

_FILES = ("data.yaml", "dataset.yaml", "data.yml")
_SPLITS = ("train", "val", "valid", "test")
_OTHER_NAME = {"val": "valid", "valid": "val"}
# What rounding may put beside the picture; more than that is no fraction but pixels.
_ROUNDING = 0.01

Box = tuple[int, Sequence[float]]
"""A class by its number, and fractions x1 y1 x2 y2 of the picture."""


def description_in(place: Path) -> Path | None:
    """The `data.yaml` of a folder, or the file itself where it was given; None without one."""
    if place.suffix.lower() in {".yaml", ".yml"} and place.is_file():
        return place
    return next((place / name for name in _FILES if (place / name).is_file()), None)


def read_yolo(
    described: Path, split: str
) -> tuple[tuple[str, ...], Iterator[tuple[Path, list[Box] | None]]]:
    """Read what a `data.yaml` tells of one split.

    Returns:
        The class names, and each picture with its boxes; None where it has no file of labels.

    Raises:
        TrainingDataError: the file or a file of labels is malformed, or the pictures are not there.
    """
    content = _content(described)
    try:
        names = class_names_of(content.get("names"))
    except (ValueError, TypeError) as error:
        raise TrainingDataError(
            f"{described}: `names` must be a list of its classes, or a table of them by their "
            "numbers from 0 on, as `names: [car, bus]`."
        ) from error
    told = content.get(split) or content.get(_OTHER_NAME.get(split, ""))
    if not told:
        has = ", ".join(name for name in _SPLITS if content.get(name)) or "none"
        raise TrainingDataError(
            f"{described}: says nothing of the split {split!r}; it has {has}. Give another --split "
            "or mend the file."
        )
    places = told if isinstance(told, list) else [told]
    if not all(isinstance(each, str) for each in places):
        raise TrainingDataError(
            f"{described}: `{split}` must name a folder of pictures, a list of them in a file, or "
            "several of these."
        )
    root = described.parent / str(content.get("path") or "")
    files = sorted(chain.from_iterable(_listed(described, root, each) for each in places))
    return names, ((file, _boxes(file, len(names))) for file in files)


def labels_of(picture: Path) -> Path:
    """Where the boxes of a picture are: in `labels` where its folder is below `images`."""
    parts = list(picture.parts)
    if "images" in parts:
        parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
    return Path(*parts).with_suffix(".txt")


def _content(described: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(described.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise TrainingDataError(f"{described}{line}: is no YAML; mend the line.") from error
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"{described}: is no text in UTF-8; save it as that.") from error
    if not isinstance(content, Mapping):
        raise TrainingDataError(
            f"{described}: `names` and the splits are expected, as `names: [car, bus]` and "
            "`val: images/val`."
        )
    return content


def _listed(described: Path, root: Path, told: str) -> list[Path]:
    """The pictures of a folder, or of a list of them; Roboflow counts from one folder further."""
    folder = described.parent
    tried = (root / told, folder / told, folder / told.removeprefix("../"))
    place = next((path for path in tried if path.exists()), None)
    if place is None:
        raise TrainingDataError(
            f"{described}: the pictures that it names are not there: {tried[0]}. Correct its "
            "`path`, or the split's."
        )
    if place.is_dir():
        found = (file for file in place.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES)
        return [file for file in found if file.is_file()]
    try:
        lines = place.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"{place}: is no list of pictures, one in a line.") from error
    return [place.parent / line.strip() for line in lines if line.strip()]


def _boxes(picture: Path, classes: int) -> list[Box] | None:
    """The class and box of each line; an outline becomes the box around it."""
    labels = labels_of(picture)
    if not labels.is_file():
        return None
    try:
        lines = labels.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"{labels}: is no text; restore the file.") from error
    boxes = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        box = _box(line, classes)
        if box is None:
            raise TrainingDataError(
                f"{labels}:{number}: must be `class cx cy w h` in fractions of the picture from 0 "
                f"to 1, with a class from 0 to {classes - 1}."
            )
        boxes.append(box)
    return boxes


def _box(line: str, classes: int) -> Box | None:
    try:
        values = [float(word) for word in line.split()]
    except ValueError:
        return None
    class_id, numbers = values[0], np.array(values[1:])
    outline = len(numbers) >= 6 and len(numbers) % 2 == 0
    if not (class_id.is_integer() and 0 <= class_id < classes):
        return None
    # Nothing is between limits that is no number.
    in_picture = ((numbers >= -_ROUNDING) & (numbers <= 1 + _ROUNDING)).all()
    if not in_picture or not (outline or len(numbers) == 4):
        return None
    if outline:
        corners = numbers.reshape(-1, 2)
        return int(class_id), [*corners.min(axis=0), *corners.max(axis=0)]
    half = numbers[2:] / 2
    return int(class_id), [*(numbers[:2] - half), *(numbers[:2] + half)]
