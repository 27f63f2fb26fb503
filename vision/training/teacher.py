"""Filling in missing traffic labels with what the COCO network is sure of.

Most sets leave people and vehicles unlabelled. What the COCO network sees there with a high score
is added as a box; everything else of those classes stays unknown (masked), so that a miss of the
teacher teaches nothing. Classes that were labelled on a picture are left as they were labelled.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vision.riders import share_inside, with_riders
from vision.training.canvas import GREY
from vision.training.classes import CLASS_NAMES, OURS_OF_COCO, TRAFFIC
from vision.training.dataset import Picture, read_image
from vision.training.labels import COMPLETED_BY_TEACHER

_SURE = 0.5
_SIDE_PX = 640
_PERSON, _TWO_WHEELER = CLASS_NAMES.index("person"), CLASS_NAMES.index("two_wheeler")


def fill_in(
    teacher: Any,  # noqa: ANN401 - torch is not typed here
    pictures: Sequence[Picture],
    kept: Path,
) -> tuple[Picture, ...]:
    """Add the teacher's sure boxes of the traffic classes that a picture leaves unknown.

    Args:
        teacher: The COCO network.
        pictures: The pictures to fill in.
        kept: File that keeps the added boxes, so that a resumed run need not look again.

    Raises:
        TrainingDataError: A picture cannot be read.
    """
    if not kept.exists():
        added = {picture.path.name: _added(teacher, picture) for picture in pictures}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(added), encoding="utf-8")
    added = json.loads(kept.read_text(encoding="utf-8"))
    return tuple(_with_added(picture, added.get(picture.path.name, [])) for picture in pictures)


def completed(filled: Sequence[Picture]) -> tuple[Picture, ...]:
    """Take the filled-in labels for complete in the sets where the teacher can be trusted so far.

    Args:
        filled: What `fill_in` returned.
    """
    return tuple(
        picture.knowing(TRAFFIC) if picture.dataset in COMPLETED_BY_TEACHER else picture
        for picture in filled
    )


def _with_added(picture: Picture, rows: list[list[float]]) -> Picture:
    values = np.array(rows, np.float32).reshape(-1, 5)
    return picture.with_boxes(values[:, :4], values[:, 4].astype(np.int64))


def _added(teacher: Any, picture: Picture) -> list[list[float]]:  # noqa: ANN401
    """Return rows x1 y1 x2 y2 class."""
    unknown = [i for i, name in enumerate(CLASS_NAMES) if name in TRAFFIC and not picture.known[i]]
    if not unknown:
        return []
    xyxy_px, coco_id = _seen(teacher, read_image(picture))
    xyxy_px, class_id = join_riders(xyxy_px, coco_id)
    wanted = np.isin(class_id, unknown) & ~_on(xyxy_px, picture.xyxy_px)
    rows: list[list[float]] = np.column_stack([xyxy_px[wanted], class_id[wanted]]).tolist()
    return rows


def join_riders(
    xyxy_px: NDArray[np.float32], coco_id: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Turn COCO boxes into ours: a two-wheeler's box includes its rider.

    Args:
        xyxy_px: float32, (N, 4).
        coco_id: COCO class numbers, (N,); others than ours are dropped.

    Returns:
        The boxes and our class numbers. A person upon a two-wheeler vanishes into its box.
    """
    ours = np.array([CLASS_NAMES.index(OURS_OF_COCO[c]) if c in OURS_OF_COCO else -1
                     for c in coco_id.tolist()], np.int64).reshape(-1)  # fmt: skip
    boxes, stays = with_riders(xyxy_px, np.ones(len(ours), np.float32), ours, _PERSON, _TWO_WHEELER)
    kept = stays & (ours >= 0)
    return boxes[kept], ours[kept]


def _on(boxes: NDArray[np.float32], labelled: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which boxes lie mostly on a labelled box: a labelled rider is no further person."""
    return np.array(
        [any(share_inside(box, other) > 0.5 for other in labelled) for box in boxes], np.bool_
    )


def _seen(
    teacher: Any,  # noqa: ANN401
    image: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    height, width = image.shape[:2]
    scale = min(_SIDE_PX / width, _SIDE_PX / height)
    small = cv2.resize(image, (round(width * scale), round(height * scale)))
    padded = np.full(
        (-(-small.shape[0] // 32) * 32, -(-small.shape[1] // 32) * 32, 3), GREY, np.uint8
    )
    padded[: small.shape[0], : small.shape[1]] = small
    tensor = torch.from_numpy(padded[:, :, ::-1].transpose(2, 0, 1).copy()).float()[None] / 255
    tensor = tensor.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        rows = teacher(tensor)[0][0].float().numpy()
    rows = rows[rows[:, 4] >= _SURE]
    return (rows[:, :4] / scale).astype(np.float32), rows[:, 5].astype(np.int64)
