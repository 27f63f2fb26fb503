"""How the ground moves through the picture, so that what moves over the ground can be told.

For a camera that moves, cars that stand move through the picture as well. The ground is most of
what is beside the detected things, and it is all but a plane: points on it are followed by sparse
optical flow from a key picture on, and one homography says how all of them moved (RANSAC, because
leaves, water and undetected cars move otherwise). Detected things are left out. Where the points
do not agree on one motion, nothing is known, and pictures before and after are not compared.

Most cameras stand, and a few points sought where they were, in a picture of half the size, say so
at a small part of the cost: only where they do not is everything followed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame

FloatArray = NDArray[np.float64]
Grey = NDArray[np.uint8]

_WIDTH_PX = 640
_MOST_POINTS = 300
_LEAST_POINTS = 20
_GROWN = 0.15
_BACK_PX = 0.7
_RANSAC_PX = 1.0
_STILL_PX = 0.5
_ASKED_POINTS = 60
_ASKED_WIDTH_PX = 320
_STANDING = 0.6
_AGREEING = 0.5
_CLEARLY_MORE = 1.1
_LEAST_AREA = 1e-3
_FOLLOWED = 0.6
_WINDOW_PX = (21, 21)
_BESIDE_SIZES = 4.0
_LEAST_BESIDE = 3
_MOST_OF_THEM = 2 / 3
_CELLS_WH = (4, 3)
_LEAST_CELLS = 8


@dataclass(frozen=True, eq=False)
class GroundFrame:
    """How the ground of one picture lies against that of a reference picture.

    Attributes:
        epoch: pictures of one epoch share their reference; others cannot be compared.
        to_reference: float64 (3, 3), homography from pixels of this picture to the reference's.
        sigma_px: how far points of the ground come to lie beside their place in the reference, one
            standard deviation; 0 for a camera that stands.
        agreeing_px: float64 (N, 2), followed points of this picture that move as it says.
        astray_px: float64 (N, 2), those that move otherwise.
    """

    epoch: int
    to_reference: FloatArray
    sigma_px: float = 0.0
    agreeing_px: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    astray_px: FloatArray = field(default_factory=lambda: np.empty((0, 2)))

    def vouched(self, xyxy_px: FloatArray) -> NDArray[np.bool_]:
        """For which boxes (N, 4) the ground beside them is known to move as all of it does.

        A hill, a bridge or a near wall slides over the far ground without anything driving.
        """
        boxes = np.asarray(xyxy_px, np.float64).reshape(-1, 4)
        if not self.sigma_px and (self.to_reference == np.eye(3)).all():
            return np.ones(len(boxes), np.bool_)  # under a camera that stands no ground slides
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2.0
        reach_px = _BESIDE_SIZES * np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
        agree, stray = (
            (np.linalg.norm(middles[:, None] - points[None], axis=2) <= reach_px[:, None]).sum(1)
            for points in (self.agreeing_px, self.astray_px)
        )
        enough = (agree >= _LEAST_BESIDE) & (agree >= _MOST_OF_THEM * (agree + stray))
        return np.asarray(enough, np.bool_)

    def is_wide(self, size_wh_px: tuple[int, int]) -> bool:
        """Whether most points all over the picture agree, and not just those in some part of it."""
        cells = np.floor(self.agreeing_px / size_wh_px * _CELLS_WH).astype(int)
        most = len(self.agreeing_px) >= 2 * len(self.astray_px)
        return most and len(np.unique(cells, axis=0)) >= _LEAST_CELLS

    def settled(self, xyxy_px: FloatArray) -> FloatArray:
        """Middles and sizes of boxes as they would be in the reference picture.

        Args:
            xyxy_px: float64 (N, 4).

        Returns:
            float64 (N, 3): x, y and the root of the area.
        """
        boxes = np.asarray(xyxy_px, np.float64).reshape(-1, 4)
        if not len(boxes):
            return np.empty((0, 3))
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2.0
        sizes = np.sqrt(np.maximum(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), 1.0))
        # The middle, and points beside and below it that show how much the place is magnified.
        beside, below = np.eye(2)
        points = np.concatenate([middles, middles + beside, middles + below])
        moved = mapped(self.to_reference, points).reshape(3, -1, 2)
        (right, down), middle = moved[1:] - moved[0], moved[0]
        scale = np.sqrt(np.abs(right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]))
        return np.column_stack([middle, sizes * scale])


class GroundMotion:
    """Follows the ground from picture to picture."""

    def __init__(self) -> None:
        self._key: Grey | None = None
        self._key_px = np.empty((0, 2))
        self._now_px = np.empty((0, 2))
        self._found = 0
        self._key_asked: Grey | None = None
        self._stood = False
        self._ground = GroundFrame(0, np.eye(3))
        self._epoch = 0
        self._key_to_reference: FloatArray = np.eye(3)
        self._key_sigma_px = 0.0

    def follow(self, frame: Frame, xyxy_px: FloatArray) -> GroundFrame:
        """Where the ground of this picture lies.

        Args:
            frame: the next picture.
            xyxy_px: float64 (N, 4), boxes of what stands or moves on the ground.
        """
        if self._stood and self._still_stands(frame):
            return self._ground
        (width_px, height_px), small_wh = frame.size_wh_px, _small_wh_px(frame, _WIDTH_PX)
        grey = frame.grey(small_wh)
        scale = np.diag([small_wh[0] / width_px, small_wh[1] / height_px, 1.0])
        boxes = np.asarray(xyxy_px, np.float64).reshape(-1, 4) * np.tile(np.diag(scale)[:2], 2)
        to_key = self._to_key(grey)
        if to_key is None:
            self._epoch += 1
            self._key_to_reference, to_key = np.eye(3), np.eye(3)
            self._key_sigma_px = 0.0
            self._now_px = np.empty((0, 2))
        to_reference = self._key_to_reference @ to_key
        agrees, beside_px = self._agreeing(to_key)
        sigma_px = math.hypot(self._key_sigma_px, beside_px)
        now_px = self._now_px
        if len(self._now_px) < max(_LEAST_POINTS, _FOLLOWED * self._found):
            self._key_to_reference, self._key_sigma_px = to_reference, sigma_px
            self._key, self._key_asked = grey, frame.grey(_small_wh_px(frame, _ASKED_WIDTH_PX))
            self._key_px = self._now_px = _points(grey, boxes)
            self._found = len(self._key_px)
        whole = np.linalg.inv(scale) @ to_reference @ scale
        agreeing_px, astray_px = now_px[agrees], now_px[~agrees]
        if not len(now_px):  # the first picture of an epoch is its own measure
            agreeing_px = self._now_px
        to_whole = 1.0 / np.diag(scale)[:2]
        self._ground = GroundFrame(
            self._epoch,
            whole,
            sigma_px / scale[0, 0],
            agreeing_px * to_whole,
            astray_px * to_whole,
        )
        return self._ground

    def forget(self) -> None:
        """What comes next cannot be compared with what was seen."""
        self._key, self._stood = None, False

    def _still_stands(self, frame: Frame) -> bool:
        """Whether most of a few points of the key picture are where they were."""
        key, now = self._key_asked, frame.grey(_small_wh_px(frame, _ASKED_WIDTH_PX))
        if key is None or key.shape != now.shape or len(self._key_px) < _LEAST_POINTS:
            return False
        scale = _ASKED_WIDTH_PX / _WIDTH_PX
        asked_px = scale * self._key_px[:: max(1, len(self._key_px) // _ASKED_POINTS)]
        start = asked_px.astype(np.float32)[:, None]
        there, found = _flow(key, now, start, start.copy(), levels=0)
        held = found.ravel() > 0
        still = _still(there[held, 0], asked_px[held], scale * _STILL_PX)
        return int(still.sum()) >= _STANDING * len(asked_px)

    def _agreeing(self, to_key: FloatArray) -> tuple[NDArray[np.bool_], float]:
        """Which points a motion carries to where they were, and how far beside, root mean square.

        For a camera that stands that distance is noise of the picture, and counts as none.
        """
        if not len(self._now_px):
            return np.empty(0, np.bool_), 0.0
        beside_px = np.linalg.norm(mapped(to_key, self._now_px) - self._key_px, axis=1)
        agrees = beside_px < _RANSAC_PX
        if (to_key == np.eye(3)).all():
            return agrees, 0.0
        agreeing = beside_px[agrees]
        return agrees, float(np.sqrt((agreeing**2).mean())) if len(agreeing) else _RANSAC_PX

    def _to_key(self, grey: Grey) -> FloatArray | None:
        """Homography to the key picture; None where it is not known."""
        if self._key is None or self._key.shape != grey.shape:
            return None
        followed_px, good = _followed(self._key, grey, self._key_px, self._now_px)
        self._key_px, self._now_px = self._key_px[good], followed_px[good]
        if len(self._now_px) < _LEAST_POINTS:
            return None
        # A camera that stands stays exactly where it is, however long it looks.
        still = _still(self._now_px, self._key_px, _STILL_PX)
        self._stood = bool(still.mean() >= _AGREEING)
        if self._stood:
            return np.eye(3)
        return _plainest(self._now_px, self._key_px)


def _small_wh_px(frame: Frame, width_px: int) -> tuple[int, int]:
    """Size of a frame made so wide."""
    return width_px, max(8, round(width_px * frame.size_wh_px[1] / frame.size_wh_px[0]))


def _still(now_px: NDArray[np.floating], key_px: FloatArray, reach_px: float) -> NDArray[np.bool_]:
    """Which points are where they were."""
    away_px = now_px - key_px
    return np.asarray(np.hypot(away_px[:, 0], away_px[:, 1]) < reach_px)


def _plainest(now_px: FloatArray, key_px: FloatArray) -> FloatArray | None:
    """The plainest motion that most points agree on; None where fewer than half do.

    Similarity, affinity, homography: each bends more freely than the last, and where the picture
    has few points it bends at random. So one is taken only if clearly more points agree on it.
    """
    best: FloatArray | None = None
    most = _AGREEING * len(now_px)
    for motion, agreeing in _motions(now_px, key_px):
        if motion is None or abs(np.linalg.det(motion)) < _LEAST_AREA:
            continue
        count = int(agreeing.sum())
        if count >= most:
            best, most = motion, count * _CLEARLY_MORE
        if most > len(now_px):
            break
    return best


def _motions(
    now_px: FloatArray, key_px: FloatArray
) -> Iterator[tuple[FloatArray | None, NDArray[np.uint8]]]:
    """Motions from the plainest on, and which points agree on each."""
    for estimate in (cv2.estimateAffinePartial2D, cv2.estimateAffine2D):
        found, agreeing = estimate(
            now_px, key_px, method=cv2.RANSAC, ransacReprojThreshold=_RANSAC_PX
        )
        motion = None if found is None else np.vstack([found, [0.0, 0.0, 1.0]])
        yield motion, np.asarray(agreeing, np.uint8)
    found, agreeing = cv2.findHomography(now_px, key_px, cv2.RANSAC, _RANSAC_PX)
    yield found, np.asarray(agreeing, np.uint8)


def _points(grey: Grey, boxes_px: FloatArray) -> FloatArray:
    """Corners in the picture beside the boxes, float64 (N, 2)."""
    mask = np.full(grey.shape, 255, np.uint8)
    size_px = boxes_px[:, 2:] - boxes_px[:, :2]
    lows, highs = boxes_px[:, :2] - _GROWN * size_px, boxes_px[:, 2:] + _GROWN * size_px
    for left, top, right, bottom in np.column_stack([np.floor(lows), np.ceil(highs)]).astype(int):
        mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 0
    found = cv2.goodFeaturesToTrack(grey, _MOST_POINTS, 0.01, 8, mask=mask)
    return np.empty((0, 2)) if found is None else np.asarray(found, np.float64).reshape(-1, 2)


def _followed(
    key: Grey, now: Grey, key_px: FloatArray, near_px: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Where points of the key picture are now, and which of them are found again from there.

    They are sought in the key picture's own likeness from where they were last, so that what is
    missed by a little each time does not add up.
    """
    if not len(key_px):
        return key_px, np.zeros(0, bool)
    start, near = (px.astype(np.float32)[:, None] for px in (key_px, near_px))
    there, forth = _flow(key, now, start, near.copy())
    back, home = _flow(now, key, there, start.copy())
    returned = np.linalg.norm((back - start)[:, 0], axis=1) < _BACK_PX
    good = forth.ravel().astype(bool) & home.ravel().astype(bool) & returned
    return np.asarray(there[:, 0], np.float64), np.asarray(good, bool)


def _flow(
    of: Grey, to: Grey, start: NDArray[np.float32], near: NDArray[np.float32], levels: int = 3
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Where points went, sought around a guess, and which were found."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        of,
        to,
        start,
        near,
        winSize=_WINDOW_PX,
        maxLevel=levels,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(there, np.float32), np.asarray(found, np.uint8)


def mapped(homography: FloatArray, points_px: FloatArray) -> FloatArray:
    """Where a homography (3, 3) carries points (N, 2)."""
    carried = np.column_stack([points_px, np.ones(len(points_px))]) @ homography.T
    return np.asarray(carried[:, :2] / carried[:, 2:], np.float64)
