"""Pictures that show what was seen and hide who: blurred, encoded, addressed by their hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detections import Detections
from vision.errors import EvidenceError
from vision.models.class_map import ours_of, plain_name

Picture = NDArray[np.uint8]

_JPEG_QUALITY = 88
_BLUR_BLOCKS = 6
_PERSONS = frozenset({"person", "two_wheeler"})
_VEHICLES = frozenset({"car", "truck_bus"})
# What some detectors tell of alone, and what is to be hidden whole like a person.
_PARTS = frozenset({"face", "head", "plate", "license_plate", "licence_plate", "number_plate"})


@dataclass(frozen=True)
class Evidence:
    """One picture as kept.

    Attributes:
        sha256: hash of the data, its address in the event API.
        media_type: for instance "image/jpeg".
        role: "detail" (the object with its surroundings) or "overview" (the whole frame).
        data: the encoded picture.
    """

    sha256: str
    media_type: str
    role: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, eq=False)
class SeenBoxes:
    """The boxes of a frame that concern privacy, float (N, 4) in pixels of the frame."""

    persons_xyxy_px: NDArray[np.floating]
    vehicles_xyxy_px: NDArray[np.floating]


@dataclass(frozen=True)
class PictureSizes:
    """How large the kept pictures are.

    Attributes:
        overview_width_px: most width of the whole frame.
        detail_width_px: most width of the detail.
        context: how much is shown around the object, in sizes of its box on each side.
        least_detail_px: least side of the part of the frame shown in the detail.
    """

    overview_width_px: int = 1280
    detail_width_px: int = 640
    context: float = 1.0
    least_detail_px: int = 160


def snapshot(
    image: Picture,
    subject_xyxy_px: Sequence[float],
    seen: SeenBoxes,
    sizes: PictureSizes | None = None,
) -> tuple[Evidence, ...]:
    """Make the detail and the overview of a frame, with persons and plates blurred in both.

    Args:
        image: uint8 (H, W, 3) BGR; it is not changed.
        subject_xyxy_px: the box the pictures are about, outlined in the overview.
        seen: the persons and vehicles of the frame.
        sizes: of the kept pictures.

    Raises:
        EvidenceError: the picture cannot be encoded.
    """
    sizes = sizes or PictureSizes()
    hidden = blurred(image, seen)
    left, top, right, bottom = _with_context(subject_xyxy_px, image.shape, sizes)
    detail = _shrunk(hidden[top:bottom, left:right], sizes.detail_width_px)
    corners = np.rint(np.asarray(subject_xyxy_px)).astype(int).tolist()
    line_px = max(2, image.shape[1] // 500)
    cv2.rectangle(hidden, corners[:2], corners[2:], (0, 0, 255), line_px)
    overview = _shrunk(hidden, sizes.overview_width_px)
    return (_encoded(detail, "detail"), _encoded(overview, "overview"))


def knows_persons(class_names: Sequence[str]) -> bool:
    """Whether a detector tells of persons: otherwise nobody is blurred."""
    return any(ours_of(name) == "person" for name in class_names)


def concerns(
    class_names: Sequence[str], detections: Detections
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which detections are of persons, and which of vehicles, bool (N,) each.

    Sure or not: blurring too much is no harm. A model that was not added here has names of its own
    (pedestrian, van, face).

    Args:
        class_names: by class id.
        detections: of a frame.
    """
    means = [ours_of(name) or plain_name(name) for name in class_names]
    is_person = np.array([each in _PERSONS | _PARTS for each in means], np.bool_)
    is_vehicle = np.array([each in _VEHICLES for each in means], np.bool_)
    return is_person[detections.class_id], is_vehicle[detections.class_id]


def blurred(image: Picture, seen: SeenBoxes) -> Picture:
    """A copy in which whole persons and the plates of vehicles are made coarse."""
    hidden = image.copy()
    for box in seen.persons_xyxy_px:
        left, top, right, bottom = (float(value) for value in box)
        margin, above = 0.1 * (right - left), 0.05 * (bottom - top)
        _coarsen(hidden, (left - margin, top - above, right + margin, bottom))
    for box in seen.vehicles_xyxy_px:
        left, top, right, bottom = (float(value) for value in box)
        width, height = right - left, bottom - top
        _coarsen(
            hidden,
            (left + 0.15 * width, top + 0.5 * height, right - 0.15 * width, bottom),
        )
    return hidden


def _coarsen(image: Picture, box: tuple[float, float, float, float]) -> None:
    """Replace a part of the picture, in place, by few blocks, which cannot be undone."""
    height_px, width_px = image.shape[:2]
    left, right = (round(min(max(value, 0), width_px)) for value in box[::2])
    top, bottom = (round(min(max(value, 0), height_px)) for value in box[1::2])
    if right <= left or bottom <= top:
        return
    part = image[top:bottom, left:right]
    blocks = (min(_BLUR_BLOCKS, right - left), min(_BLUR_BLOCKS, bottom - top))
    few = cv2.resize(part, blocks, interpolation=cv2.INTER_AREA)
    image[top:bottom, left:right] = cv2.resize(
        few, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
    )


def _with_context(
    xyxy_px: Sequence[float], shape: tuple[int, ...], sizes: PictureSizes
) -> tuple[int, int, int, int]:
    left, top, right, bottom = xyxy_px
    half = [
        max((1 + 2 * sizes.context) * size, sizes.least_detail_px) / 2
        for size in (right - left, bottom - top)
    ]
    middle = ((left + right) / 2, (top + bottom) / 2)
    spans = []
    for centre, reach, length_px in zip(middle, half, (shape[1], shape[0]), strict=True):
        start = int(min(max(centre - reach, 0), length_px - 1))
        end = int(max(min(centre + reach, length_px), start + 1))
        spans.append((start, end))
    return spans[0][0], spans[1][0], spans[0][1], spans[1][1]


def _shrunk(image: Picture, most_width_px: int) -> Picture:
    scale = most_width_px / max(image.shape[1], 1)
    if scale >= 1:
        return image
    size = (most_width_px, max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encoded(image: Picture, role: str) -> Evidence:
    done, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise EvidenceError(f"The {role} picture of {image.shape} cannot be encoded as JPEG.")
    data = buffer.tobytes()
    return Evidence(hashlib.sha256(data).hexdigest(), "image/jpeg", role, data)
