"""Putting an exported model under `vision/models/`, with the metadata that the runtime reads."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from vision.training.classes import CLASS_NAMES
from vision.training.network import ARCHITECTURE

MODEL_NAME = "patrol9"
INPUT_WH_PX = (960, 544)
_FILES = ("model.xml", "model.bin")


def metadata_of(folder: Path, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Say what a runtime must know of the model in a folder."""
    return {
        "name": MODEL_NAME,
        "architecture": ARCHITECTURE,
        "names": list(CLASS_NAMES),
        "input_wh_px": list(INPUT_WH_PX),
        "input": {
            "layout": "NCHW",
            "type": "float32",
            "colour": "RGB",
            "range": [0, 1],
            "padding": 114,
            "shape": "height and width are free, in multiples of 32: reshape before compiling",
        },
        "output": "raw",
        "output_layout": "(1, 4 + classes, anchors): cx cy w h in input pixels, scores in 0..1",
        "suppression": {"by": "class", "overlap_max": 0.6},
        # Where the processor offers bfloat16, OpenVINO takes it for what is not int8, and boxes
        # are then off by up to a dozen pixels at 1280.
        "inference_precision": "f32",
        "thresholds": {name: round(float(thresholds[name]), 3) for name in CLASS_NAMES},
        "sha256": {name: _sha256(folder / name) for name in _FILES},
        "licence": "AGPL-3.0-or-later",
    }


def write_metadata(folder: Path, thresholds: Mapping[str, float]) -> None:
    """Write `metadata.yaml` beside the model."""
    text = yaml.safe_dump(metadata_of(folder, thresholds), sort_keys=False, allow_unicode=True)
    (folder / "metadata.yaml").write_text(text, encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
