"""Tracking in the picture: which box of this frame is which object of the frames before.

Association follows ByteTrack: strong detections first, then weak ones that only continue what is
known, then strong ones again with grown boxes for what moved far between two analysed frames, and
last those that three looks in a row show to move further than their own length.
For a camera that moves, the predictions are shifted by the motion of the whole picture first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.association import best_pairs, grown, iou_matrix
from vision.detections import NO_TRACK, Detections
from vision.fast_movers import SeenOnce, fast_movers

FloatArray = NDArray[np.float64]

_NEVER = 2.0
_YOUNG_LOOKS = 2.5


@dataclass(frozen=True)
class PictureTracking:
    """How tracking in the picture behaves.

    Attributes:
        least_iou: overlap with its prediction that continues a track.
        least_iou_weak: the same for a weak detection.
        least_iou_other_class: the same where the class changed.
        growth: share of its size a box is grown by on each side in the last attempt.
        lost_s: how long a track waits unseen.
        young_lost_s: the same for a track seen once only; where looks are seldom, it waits for the
            next two, as long as it would wait otherwise.
        trust: share of a new position's surprise that is believed.
        trust_speed: the same for the speed.
    """

    least_iou: float = 0.25
    least_iou_weak: float = 0.4
    least_iou_other_class: float = 0.5
    growth: float = 0.5
    lost_s: float = 2.0
    young_lost_s: float = 0.6
    trust: float = 0.8
    trust_speed: float = 0.4


class PictureTracker:
    """Gives each detection the id of its object; ids are never used twice."""

    def __init__(
        self, thresholds: tuple[float, ...], settings: PictureTracking | None = None
    ) -> None:
        self._thresholds = np.array(thresholds, np.float64)
        self._settings = settings or PictureTracking()
        self._next_id = 1
        self._looked_s = float("-inf")
        self._id = np.empty(0, np.int64)
        self._class_id = np.empty(0, np.int32)
        self._box = np.empty((0, 4))
        self._speed = np.empty((0, 4))
        self._seen_s = np.empty(0)
        self._hits = np.empty(0, np.int64)

    def update(
        self, detections: Detections, time_s: float, shift_xy_px: tuple[float, float] = (0.0, 0.0)
    ) -> Detections:
        """The detections with their track ids.

        Args:
            detections: of one frame; weak ones that continue nothing keep NO_TRACK.
            time_s: time of the frame; must not go back.
            shift_xy_px: how far the picture's content moved since the last update.
        """
        self._forget(time_s)
        if any(shift_xy_px):
            self._box += np.tile(shift_xy_px, 2)
        boxes = detections.xyxy_px.astype(np.float64)
        strong = detections.score >= self._thresholds[detections.class_id]
        predicted = self._predicted(time_s)
        owner = np.full(len(detections), -1, np.intp)
        settings = self._settings
        iou, other_class = iou_matrix(predicted, boxes), settings.least_iou_other_class
        self._match(owner, iou, detections, strong, (settings.least_iou, other_class))
        self._match(owner, iou, detections, ~strong, (settings.least_iou_weak, other_class))
        self._match_grown(owner, predicted, boxes, detections, strong)
        self._match_fast(owner, predicted, detections, strong, time_s)
        known = np.flatnonzero(owner >= 0)
        class_id = detections.class_id
        self._follow(owner[known], predicted, boxes[known], class_id[known], time_s)
        fresh = np.flatnonzero(strong & (owner < 0))
        if len(fresh):
            owner[fresh] = self._start(boxes[fresh], class_id[fresh], time_s)
        ids = np.append(self._id, NO_TRACK)[owner]
        return detections.with_tracks(ids.astype(np.int64))

    def keep_standing(self, most_boxes_per_s: float = 0.1, seen_s: float | None = None) -> None:
        """Let go of all that moves, and of what was seen once only.

        After a while in which nobody looked, what stood is where it was; what moved is gone, and
        something else may be where it would be expected.

        Args:
            most_boxes_per_s: what is slower stands; in sizes of its box.
            seen_s: when what stood counts as seen last; None leaves that as it is.
        """
        sizes_px = np.sqrt(np.maximum(np.prod(self._box[:, 2:] - self._box[:, :2], axis=1), 1.0))
        speeds = np.hypot(self._speed[:, 0], self._speed[:, 1]) / sizes_px
        self._keep((self._hits > 1) & (speeds <= most_boxes_per_s))
        if seen_s is not None:
            self._seen_s = np.full(len(self._seen_s), seen_s)

    def _predicted(self, time_s: float) -> FloatArray:
        ahead_s = (time_s - self._seen_s)[:, None]
        return np.asarray(self._box + self._speed * ahead_s, np.float64)

    def _match(
        self,
        owner: NDArray[np.intp],
        iou: FloatArray,
        detections: Detections,
        wanted: NDArray[np.bool_],
        least_iou: tuple[float, float],
    ) -> None:
        """Give unowned wanted detections to tracks that own none yet.

        ``least_iou`` is the overlap asked for where the class is the same, and where it is not.
        """
        free, asking = self._free(owner), np.flatnonzero(wanted & (owner < 0))
        if len(free) and len(asking):
            self._pair(owner, free, asking, iou[free[:, None], asking], detections, least_iou)

    def _match_grown(
        self,
        owner: NDArray[np.intp],
        predicted: FloatArray,
        boxes: FloatArray,
        detections: Detections,
        wanted: NDArray[np.bool_],
    ) -> None:
        """The same with grown boxes, for what moved far."""
        free, asking = self._free(owner), np.flatnonzero(wanted & (owner < 0))
        if len(free) and len(asking):
            growth, least_iou = self._settings.growth, self._settings.least_iou
            iou = iou_matrix(grown(predicted[free], growth), grown(boxes[asking], growth))
            self._pair(owner, free, asking, iou, detections, (least_iou, _NEVER))

    def _match_fast(
        self,
        owner: NDArray[np.intp],
        predicted: FloatArray,
        detections: Detections,
        wanted: NDArray[np.bool_],
        time_s: float,
    ) -> None:
        """The same for what moves so far that only a third look tells that it is one thing."""
        free, asking = self._free(owner), np.flatnonzero(wanted & (owner < 0))
        young = free[self._hits[free] == 1]
        if len(young) < 2 or not len(asking):
            return
        once = SeenOnce(self._box[young], self._class_id[young], self._seen_s[young])
        boxes, class_id = detections.xyxy_px[asking].astype(np.float64), detections.class_id[asking]
        for row, box, speed in fast_movers(once, boxes, class_id, time_s):
            track = young[row]
            owner[asking[box]] = track
            self._speed[track] = np.tile(speed, 2)
            predicted[track] += self._speed[track] * (time_s - self._seen_s[track])

    def _free(self, owner: NDArray[np.intp]) -> NDArray[np.intp]:
        """Tracks that own no detection yet."""
        owns = np.zeros(len(self._id) + 1, np.bool_)
        owns[owner] = True  # those without an owner, -1, mark the one beyond the last
        return np.flatnonzero(~owns[:-1])

    def _pair(
        self,
        owner: NDArray[np.intp],
        free: NDArray[np.intp],
        asking: NDArray[np.intp],
        iou: FloatArray,
        detections: Detections,
        least_iou: tuple[float, float],
    ) -> None:
        same = self._class_id[free][:, None] == detections.class_id[asking]
        allowed = iou >= np.where(same, *least_iou)
        rows, columns = best_pairs(1 - iou + 0.3 * ~same, allowed)
        owner[asking[columns]] = free[rows]

    def _follow(
        self,
        owner: NDArray[np.intp],
        predicted: FloatArray,
        boxes: FloatArray,
        class_id: NDArray[np.int32],
        time_s: float,
    ) -> None:
        passed_s = np.maximum(time_s - self._seen_s[owner], 1e-3)[:, None]
        surprise = boxes - predicted[owner]
        # The first movement of a track is all that is known of its speed.
        first = (self._hits[owner] == 1)[:, None]
        trust = np.where(first, 1.0, self._settings.trust)
        trust_speed = np.where(first, 1.0, self._settings.trust_speed)
        speed = self._speed[owner] + trust_speed * surprise / passed_s
        # Both edges move alike: growth of a box is not extrapolated.
        speed = (speed + speed[:, [2, 3, 0, 1]]) / 2
        self._box[owner] = predicted[owner] + trust * surprise
        self._speed[owner] = speed
        self._seen_s[owner] = time_s
        self._hits[owner] += 1
        self._class_id[owner] = class_id

    def _start(
        self, boxes: FloatArray, class_id: NDArray[np.int32], time_s: float
    ) -> NDArray[np.intp]:
        count, before = len(boxes), len(self._id)
        ids = np.arange(self._next_id, self._next_id + count)
        self._next_id += count
        self._id = np.append(self._id, ids)
        self._class_id = np.append(self._class_id, class_id)
        self._box = np.concatenate([self._box, boxes])
        self._speed = np.concatenate([self._speed, np.zeros((count, 4))])
        self._seen_s = np.append(self._seen_s, np.full(count, time_s))
        self._hits = np.append(self._hits, np.ones(count, np.int64))
        return np.arange(before, before + count)

    def _forget(self, time_s: float) -> None:
        lost_s, looks_s = self._settings.lost_s, _YOUNG_LOOKS * (time_s - self._looked_s)
        self._looked_s = time_s
        young_s = min(max(self._settings.young_lost_s, looks_s), lost_s)
        patience_s = np.where(self._hits > 1, lost_s, young_s)
        kept = time_s - self._seen_s <= patience_s
        if not kept.all():
            self._keep(kept)

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        self._id, self._class_id = self._id[kept], self._class_id[kept]
        self._box, self._speed = self._box[kept], self._speed[kept]
        self._seen_s, self._hits = self._seen_s[kept], self._hits[kept]
