"""Labelled pictures of anybody's: our own form, YOLO's and COCO's, each split by itself."""

import json
import struct
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from geofences.findings import Tell, tell_nobody
from vision.errors import ModelError
from vision.models.class_map import map_classes
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, of_split, read_pictures
from vision.training.errors import TrainingDataError
from vision.training.yolo_form import Box, description_in, labels_of, read_yolo

READING = "Reading pictures"

_TURNED_FROM = 5  # EXIF orientations from here on lie on their side
_COARSER = 8  # a JPEG is decoded at an eighth to see whether it can be

OwnClasses = Mapping[str, str | None]
_Rows = Iterable[tuple[Path, list[Box] | None]]


@dataclass(frozen=True)
class LabelledSet:
    """One split of labelled pictures.

    Attributes:
        names: classes by the number that the pictures' boxes have.
        pictures: the pictures with their boxes.
        left_out: classes of the labels that mean nothing here.
        unreadable: pictures that are missing or damaged, which are left out.
        unlabelled: how many pictures have no file of labels: taken for showing nothing.
    """

    names: tuple[str, ...]
    pictures: tuple[Picture, ...]
    left_out: tuple[str, ...] = ()
    unreadable: tuple[Path, ...] = ()
    unlabelled: int = 0


@dataclass(frozen=True)
class _Asked:
    folder: Path
    split: str
    own: OwnClasses | None
    tell: Tell


def read_labelled(
    place: Path, split: str, own: OwnClasses | None = None, tell: Tell = tell_nobody
) -> LabelledSet:
    """Read one split of a folder in whichever form it is.

    With `manifest.csv` each picture says for which classes it is labelled. A YOLO folder
    (`data.yaml`) and a COCO folder (`*.json`) are taken for labelled with all of their classes.
    Pictures that cannot be read are left out, and named.

    Args:
        place: the folder of the pictures and their labels, or the `data.yaml` in it.
        split: name of the split, as `train` or `val`.
        own: what class names of the labels mean, where their own names do not tell.
        tell: told how many pictures are read.

    Raises:
        TrainingDataError: it is in none of these forms, or damaged, or the split is empty.
        ModelError: the classes given are not those of the labels.
    """
    described = description_in(place)
    folder = described.parent if described == place else place
    if not folder.is_dir():
        raise TrainingDataError(
            f"{place}: there is no such folder of labelled pictures; check the path."
        )
    asked = _Asked(folder, split, own, tell)
    if (folder / "manifest.csv").is_file() and described != place:
        found = _ours(asked)
    elif described is not None:
        found = _yolo(asked, described)
    elif annotations := _coco_file(folder, split):
        found = _coco(asked, annotations)
    else:
        raise TrainingDataError(
            f"{folder}: holds neither manifest.csv, nor YOLO's data.yaml, nor COCO annotations of "
            f"the split {split!r}; give the folder that does, or another --split."
        )
    if not found.pictures and found.unreadable:
        raise TrainingDataError(f"{found.unreadable[0]}: missing, or not a picture; so are all.")
    if not found.pictures:
        raise TrainingDataError(f"{folder}: has no pictures in the split {split!r}.")
    return found


def _ours(asked: _Asked) -> LabelledSet:
    pictures = of_split(read_pictures(asked.folder, of_anybody=True), asked.split)
    sizes = _sizes([picture.path for picture in pictures], asked.tell)
    readable = tuple(picture for picture in pictures if picture.path in sizes)
    unreadable = tuple(picture.path for picture in pictures if picture.path not in sizes)
    return LabelledSet(CLASS_NAMES, readable, (), unreadable)


def _yolo(asked: _Asked, described: Path) -> LabelledSet:
    names, rows = read_yolo(described, asked.split)
    listed = list(rows)
    if listed and all(boxes is None for _, boxes in listed):
        raise TrainingDataError(
            f"{asked.folder}: none of its {len(listed)} pictures has a file of labels; the one of "
            f"{listed[0][0].name} should be {labels_of(listed[0][0])}."
        )
    return _mapped(asked, names, listed)


def _coco_file(folder: Path, split: str) -> Path | None:
    patterns = (
        f"annotations/instances_{split}*.json",
        f"annotations/{split}*.json",
        f"{split}/_annotations.coco.json",
        f"{split}*.json",
    )
    found = chain.from_iterable(sorted(folder.glob(pattern)) for pattern in patterns)
    return next(found, None)


def _coco(asked: _Asked, annotations: Path) -> LabelledSet:
    try:
        content = json.loads(annotations.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise TrainingDataError(
            f"{annotations}{line}: is no JSON; restore or mend the file."
        ) from error
    try:
        number_of = {row["id"]: i for i, row in enumerate(content["categories"])}
        names = tuple(str(row["name"]) for row in content["categories"])
        boxes: dict[Any, list[Box]] = {}
        for row in content["annotations"]:
            x, y, width, height = (float(value) for value in row["bbox"])
            if not row.get("iscrowd"):
                box = (number_of[row["category_id"]], (x, y, x + width, y + height))
                boxes.setdefault(row["image_id"], []).append(box)
        images = [(row["id"], str(row["file_name"])) for row in content["images"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingDataError(
            f"{annotations}: is not in COCO's form: `categories` with id and name, `images` with "
            "id and file_name, and `annotations` with image_id, category_id and bbox (x, y, width, "
            "height) are expected."
        ) from error
    folder = asked.folder
    stems = (annotations.parent, folder / asked.split, folder / "images" / asked.split,
             folder / "images", folder)  # fmt: skip
    rows = [(_image_at(stems, name), boxes.get(image_id, [])) for image_id, name in images]
    return _mapped(asked, names, rows, in_pixels=True)


def _image_at(stems: Sequence[Path], name: str) -> Path:
    for stem in stems:
        if (stem / name).is_file():
            return stem / name
    raise TrainingDataError(f"{stems[-1]}: the picture {name} of its annotations is not there.")


def _mapped(
    asked: _Asked, names: tuple[str, ...], rows: _Rows, *, in_pixels: bool = False
) -> LabelledSet:
    """Give every class our name, and every box our class number and pixels."""
    classes = map_classes(names, asked.own, "The labels have")
    ours = tuple(dict.fromkeys(classes.kept.values()))
    if not ours:
        raise ModelError(
            f"{asked.folder}: none of its classes means anything here; say what they are with "
            "--classes."
        )
    number = [ours.index(classes.kept[name]) if name in classes.kept else -1 for name in names]
    listed = list(rows)
    sizes = _sizes([path for path, _ in listed], asked.tell)
    pictures = []
    for path, boxes in listed:
        if path not in sizes:
            continue
        kept = [(number[class_id], box) for class_id, box in boxes or () if number[class_id] >= 0]
        xyxy = np.array([box for _, box in kept], np.float64).reshape(-1, 4)
        pictures.append(
            Picture(
                path=path,
                dataset=asked.folder.resolve().name,
                split=asked.split,
                size_wh_px=sizes[path],
                labelled=frozenset(ours),
                known=np.ones(len(ours), np.bool_),
                xyxy_px=_in_pixels(xyxy, sizes[path], in_pixels=in_pixels),
                class_id=np.array([class_id for class_id, _ in kept], np.int64),
            )
        )
    unreadable = tuple(path for path, _ in listed if path not in sizes)
    unlabelled = sum(boxes is None for path, boxes in listed if path in sizes)
    return LabelledSet(ours, tuple(pictures), classes.left_out, unreadable, unlabelled)


def _in_pixels(
    xyxy: NDArray[np.float64], size_wh_px: tuple[int, int], *, in_pixels: bool
) -> NDArray[np.float32]:
    size = np.array([*size_wh_px, *size_wh_px], np.float64)
    return np.asarray((xyxy if in_pixels else xyxy * size).clip(0, size), np.float32)


def _sizes(paths: Sequence[Path], tell: Tell) -> dict[Path, tuple[int, int]]:
    """Width and height of the pictures that can be read to their end."""
    sizes = {}
    for done, path in enumerate(paths, start=1):
        size_wh_px = _size_of(path)
        if size_wh_px is not None:
            sizes[path] = size_wh_px
        tell(READING, done, len(paths))
    return sizes


def _size_of(path: Path) -> tuple[int, int] | None:
    """Width and height as the picture is shown: a camera may have stored it lying down.

    A picture that is cut short is none: what is missing would be scored as if nothing were there.
    """
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            width, height = image.size
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= _TURNED_FROM
            image.draft(None, (width // _COARSER, height // _COARSER))
            image.load()
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)
