"""What a model file says of itself: names and more, read as text and never run."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import openvino
import yaml

from vision.models.registry import class_names_of

_LONGEST_TEXT = 200_000
_PLACES = ("framework", "model_info")


@dataclass(frozen=True)
class Told:
    """What is told of a model, by itself or by a file beside it.

    Attributes:
        names: class names by id; empty where they are not told.
        task: what it does, as ultralytics calls it; "" where that is not told.
        input_wh_px: the size it was exported for, None where that is not told.
        licence: as stated.
        thresholds: score from which a class counts, by its name.
        classes: what its classes are told as here, None leaves one out; empty where a model
            was not exported from here.
    """

    names: tuple[str, ...] = ()
    task: str = ""
    input_wh_px: tuple[int, int] | None = None
    licence: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    classes: Mapping[str, str | None] = field(default_factory=dict)


def names_in(model: openvino.Model) -> tuple[str, ...]:
    """Class names embedded by ultralytics' export, () where there are none to be read."""
    return told_in(model).names


def told_in(model: openvino.Model) -> Told:
    """Read what an ONNX file's properties, or an OpenVINO file's own information, tell."""
    return told_by({key: text for key in _KEYS if (text := _embedded(model, key))})


def told_by(values: Mapping[str, Any]) -> Told:
    """Read what a table tells whose values may be text; what makes no sense is left out."""
    size = _literal(values.get("imgsz"))
    if size is None and isinstance(own := values.get("input_wh_px"), list):
        size = own[::-1]
    if isinstance(size, int):
        size = (size, size)
    is_size = isinstance(size, (list, tuple)) and len(size) == 2
    names = _names(_literal(values.get("names")))
    return Told(
        names=names,
        task=str(values.get("task") or ""),
        # Stated as height and width.
        input_wh_px=(int(size[1]), int(size[0])) if is_size and all(map(_is_side, size)) else None,
        licence=str(values.get("license") or values.get("licence") or ""),
        thresholds=_thresholds(values.get("thresholds")),
        classes=_classes(values.get("classes"), names),
    )


_KEYS = ("names", "task", "imgsz", "license")


def _embedded(model: openvino.Model, key: str) -> str:
    for place in _PLACES:
        if model.has_rt_info([place, key]):
            return str(model.get_rt_info([place, key]).astype(str))
    return ""


def _literal(value: object) -> Any:  # noqa: ANN401 - whatever was written
    """Return what a text of Python's or YAML's literals says; other values as they are."""
    if not isinstance(value, str):
        return value
    if len(value) > _LONGEST_TEXT:
        return None
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    try:
        return yaml.safe_load(value)
    except (yaml.YAMLError, RecursionError):
        return None


def _names(value: object) -> tuple[str, ...]:
    try:
        return class_names_of(value)
    except (ValueError, TypeError):
        return ()


def _classes(value: object, names: tuple[str, ...]) -> dict[str, str | None]:
    if not isinstance(value, Mapping) or not all(isinstance(to, str) for to in value.values()):
        return {}
    return {name: value.get(name) for name in names}


def _thresholds(value: object) -> dict[str, float]:
    table = value if isinstance(value, Mapping) else {}
    return {
        str(name): float(score)
        for name, score in table.items()
        if isinstance(score, (int, float)) and 0 <= score <= 1
    }


def _is_side(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 16_384
