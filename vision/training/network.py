"""The network: YOLO26n built with our classes from the COCO weights, without downloads.

This is the only module that imports ultralytics. Importing it has two effects that must come
before that import, so they stand at the top:

* ultralytics writes settings and may look for updates, weights and fonts; it is sent to a
  temporary folder and told that it is offline.
* Where torch is the CPU build, the registry's torchvision is a CUDA build whose operators do not
  load, and `import torchvision` fails on `torchvision::nms`. Declaring that operator first lets
  the import through. Nothing here calls it: our boxes are thinned out by OpenCV.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from vision.training.classes import CLASS_NAMES, COCO_ROW_OF
from vision.training.errors import CheckpointError

os.environ.setdefault(
    "YOLO_CONFIG_DIR", str(Path(tempfile.gettempdir()) / "gridpatrol_ultralytics")
)
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_VERBOSE", "false")
os.environ.setdefault("YOLO_AUTOINSTALL", "false")
Path(os.environ["YOLO_CONFIG_DIR"]).mkdir(parents=True, exist_ok=True)
# The handle must outlive the import, or the operator vanishes again.
_TORCHVISION_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
with contextlib.suppress(RuntimeError):  # already declared where torchvision is whole
    _TORCHVISION_OPERATORS.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from ultralytics import YOLO  # noqa: E402
from ultralytics.nn.tasks import DetectionModel  # noqa: E402
from ultralytics.utils import DEFAULT_CFG  # noqa: E402
from ultralytics.utils.loss import v8DetectionLoss  # noqa: E402

__all__ = [
    "ARCHITECTURE",
    "COCO_WEIGHTS",
    "STRIDES_PX",
    "YOLO",
    "DetectionModel",
    "coco_teacher",
    "our_network",
    "v8DetectionLoss",
]

ARCHITECTURE = "yolo26n"
COCO_WEIGHTS = "yolo26n_coco_init.safetensors"
STRIDES_PX = (8, 16, 32)
_ROWS_SEED = 9
_FIRST_SCORE = 0.005  # what a class row that starts from nothing says before training


def coco_teacher(weights: Path) -> Any:  # noqa: ANN401 - torch is not typed here
    """Build the COCO network as it is: 80 classes, one box an object.

    Raises:
        CheckpointError: The weights are missing or are those of another architecture.
    """
    model = DetectionModel(f"{ARCHITECTURE}.yaml", nc=80, verbose=False)
    _load_strictly(model, weights)
    model.end2end = True
    return model.eval()


def our_network(weights: Path) -> Any:  # noqa: ANN401
    """Build the network with our classes: COCO features, and COCO rows where a class agrees.

    Only the one-to-many head is kept (a copy of COCO's one-to-one head at the start): with few
    training steps ten taught anchors an object learn sooner than one, and the runtime thins the
    boxes out.

    Raises:
        CheckpointError: The weights are missing or are those of another architecture.
    """
    model = DetectionModel(f"{ARCHITECTURE}.yaml", nc=80, verbose=False)
    _load_strictly(model, weights)
    # Built for 80 classes and then narrowed: built for nine, the class branch would be of another
    # width, and nothing of COCO's would fit it.
    head = model.model[-1]
    for level in head.cv3:
        level[-1] = _our_class_rows(level[-1])
    head.nc = len(CLASS_NAMES)
    head.no = head.nc + 4 * head.reg_max
    head.one2one_cv2 = None
    head.one2one_cv3 = None
    head.end2end = False
    model.args = DEFAULT_CFG
    model.names = dict(enumerate(CLASS_NAMES))
    return model


def _our_class_rows(coco_conv: Any) -> Any:  # noqa: ANN401
    conv = torch.nn.Conv2d(coco_conv.in_channels, len(CLASS_NAMES), 1)
    chance = torch.Generator().manual_seed(_ROWS_SEED)
    with torch.no_grad():
        conv.weight.normal_(0, 0.01, generator=chance)
        conv.bias.fill_(float(torch.logit(torch.tensor(_FIRST_SCORE))))
        for row, name in enumerate(CLASS_NAMES):
            if name in COCO_ROW_OF:
                conv.weight[row] = coco_conv.weight[COCO_ROW_OF[name]]
                conv.bias[row] = coco_conv.bias[COCO_ROW_OF[name]]
    return conv


def _load_strictly(model: Any, weights: Path) -> None:  # noqa: ANN401
    try:
        model.load_state_dict(load_file(weights), strict=True)
    except (OSError, RuntimeError) as exc:
        raise CheckpointError(
            f"{weights}: not the {ARCHITECTURE} COCO weights ({exc}); "
            "see ../shared/weights/README.md"
        ) from exc
