"""PyTorch weights of ultralytics become ONNX. Reading them runs what they hold: ask first.

This module needs the extra `models`; load it only where a person has said yes.
"""

import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

from vision.errors import ModelError
from vision.training.network import YOLO

_DEFAULT_SIDE_PX = 640
_STRIDE_PX = 32


def to_onnx(weights: Path, folder: Path) -> Path:
    """Convert a detector of ultralytics to `model.onnx`, with free height and width.

    The boxes are those of the head that ultralytics itself predicts with.

    Args:
        weights: a .pt file that is trusted.
        folder: where the model is written; the .pt is not kept.

    Raises:
        ModelError: it is no detector of ultralytics, or cannot be converted.
    """
    # What it says on the way is for its own makers; what goes wrong is told below.
    logging.getLogger("ultralytics").setLevel(logging.CRITICAL)
    # Converted beside a copy, as ultralytics writes next to what it reads.
    copy = folder / "weights.pt"
    shutil.copyfile(weights, copy)
    placed = folder / "model.onnx"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = _read(weights, copy)
            side_px = _side_px(network)
            written = network.export(
                format="onnx", dynamic=True, simplify=False, imgsz=side_px, verbose=False
            )
        Path(written).rename(placed)
    except ModelError:
        raise
    except Exception as error:  # anything at all may come out of foreign code
        raise ModelError(f"{weights}: cannot be converted ({error}).") from error
    finally:
        copy.unlink(missing_ok=True)
    return placed


def _read(weights: Path, copy: Path) -> Any:  # noqa: ANN401 - ultralytics is not typed here
    try:
        network = YOLO(str(copy))
    except Exception as error:
        raise ModelError(
            f"{weights}: cannot be read as weights of ultralytics; it is damaged or of another "
            "kind."
        ) from error
    if network.task != "detect":
        raise ModelError(f"{weights}: its task is {network.task}; a detector is expected.")
    return network


def _side_px(network: Any) -> int:  # noqa: ANN401
    """The longer side that it was trained at, in whole strides."""
    size = dict(getattr(network.model, "args", None) or {}).get("imgsz", _DEFAULT_SIDE_PX)
    longest = max(size) if isinstance(size, (list, tuple)) else size
    side = longest if isinstance(longest, int) and longest > 0 else _DEFAULT_SIDE_PX
    return -(-side // _STRIDE_PX) * _STRIDE_PX
