"""Tracking on the ground: the same place is the same object, however the camera moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.association import best_pairs
from vision.detections import NO_TRACK, Detections
from vision.projection import Places

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class GroundTracking:
    """How tracking on the ground behaves.

    Attributes:
        gate_sigmas: how many standard deviations apart may still be one object.
        least_gate_m: gate where the errors are small.
        most_gate_m: gate where they are large: things this far apart stay two.
        moving_s: how long a speed is extrapolated; after it an object is expected to stand.
        young_lost_s: how long an object seen once only is remembered.
        memory_s: how long an object is remembered, so that the next lane knows it again.
        trust: least share of a new place's surprise that is believed.
        trust_speed: the same for the speed.
    """

    gate_sigmas: float = 3.0
    least_gate_m: float = 1.5
    most_gate_m: float = 6.0
    moving_s: float = 1.0
    young_lost_s: float = 2.0
    memory_s: float = 3600.0
    trust: float = 0.15
    trust_speed: float = 0.15


class GroundTracker:
    """Gives each located detection the id of its object; ids are never used twice."""

    def __init__(
        self, thresholds: tuple[float, ...], settings: GroundTracking | None = None
    ) -> None:
        self._thresholds = np.array(thresholds, np.float64)
        self._settings = settings or GroundTracking()
        self._next_id = 1
        self._id = np.empty(0, np.int64)
        self._class_id = np.empty(0, np.int32)
        self._xy_m = np.empty((0, 2))
        self._speed_mps = np.empty((0, 2))
        self._sigma_m = np.empty(0)
        self._seen_s = np.empty(0)
        self._hits = np.empty(0, np.int64)

    def update(self, detections: Detections, places: Places, time_s: float) -> Detections:
        """The detections with their track ids; boxes that show no ground keep NO_TRACK.

        Args:
            detections: of one frame.
            places: where they are, row by row.
            time_s: time of the frame; must not go back.
        """
        self._forget(time_s)
        placed = np.isfinite(places.xy_m).all(axis=1)
        strong = placed & (detections.score >= self._thresholds[detections.class_id])
        owner = np.full(len(detections), -1, np.intp)
        sigma_m = places.sigma_m()
        for wanted in (strong, placed & ~strong):
            self._match(owner, detections, places.xy_m, sigma_m, np.flatnonzero(wanted), time_s)
        known, class_id = np.flatnonzero(owner >= 0), detections.class_id
        self._follow(owner[known], class_id[known], places.xy_m[known], sigma_m[known], time_s)
        fresh = np.flatnonzero(strong & (owner < 0))
        if len(fresh):
            xy_m, sigma_m = places.xy_m[fresh], sigma_m[fresh]
            owner[fresh] = self._start(class_id[fresh], xy_m, sigma_m, time_s)
        ids = np.append(self._id, NO_TRACK)[owner]
        return detections.with_tracks(ids.astype(np.int64))

    def _match(
        self,
        owner: NDArray[np.intp],
        detections: Detections,
        xy_m: FloatArray,
        sigma_m: FloatArray,
        asking: NDArray[np.intp],
        time_s: float,
    ) -> None:
        if not len(asking):
            return
        owns = np.zeros(len(self._id) + 1, np.bool_)
        owns[owner] = True  # those without an owner, -1, mark the one beyond the last
        free = np.flatnonzero(~owns[:-1])
        if not len(free):
            return
        settings = self._settings
        ahead_s = time_s - self._seen_s[free]
        ahead_s = np.where(ahead_s <= settings.moving_s, ahead_s, 0.0)
        expected_m = self._xy_m[free] + self._speed_mps[free] * ahead_s[:, None]
        away_m = expected_m[:, None] - xy_m[asking]
        apart_m = np.hypot(away_m[:, :, 0], away_m[:, :, 1])
        spread_m = np.hypot(self._sigma_m[free][:, None], sigma_m[asking][None])
        gate_m = np.clip(
            settings.gate_sigmas * spread_m, settings.least_gate_m, settings.most_gate_m
        )
        same = self._class_id[free][:, None] == detections.class_id[asking][None]
        allowed = (apart_m <= gate_m) & (same | (apart_m <= gate_m / 3))
        rows, columns = best_pairs(apart_m / gate_m + 0.5 * ~same, allowed)
        owner[asking[columns]] = free[rows]

    def _follow(
        self,
        owner: NDArray[np.intp],
        class_id: NDArray[np.int32],
        xy_m: FloatArray,
        sigma_m: FloatArray,
        time_s: float,
    ) -> None:
        settings = self._settings
        passed_s = np.maximum(time_s - self._seen_s[owner], 1e-3)
        flowing = passed_s <= settings.moving_s
        ahead_s = np.where(flowing, passed_s, 0.0)[:, None]
        expected_m = self._xy_m[owner] + self._speed_mps[owner] * ahead_s
        surprise_m = xy_m - expected_m
        trust = np.maximum(1 / (self._hits[owner] + 1), settings.trust)[:, None]
        learning = (flowing & (self._hits[owner] >= 2))[:, None]
        gain = settings.trust_speed * surprise_m / np.maximum(passed_s, 0.2)[:, None]
        self._xy_m[owner] = expected_m + trust * surprise_m
        self._speed_mps[owner] = np.where(learning, self._speed_mps[owner] + 0.3 * gain, 0.0)
        self._sigma_m[owner] = sigma_m
        self._seen_s[owner] = time_s
        self._hits[owner] += 1
        self._class_id[owner] = class_id

    def _start(
        self, class_id: NDArray[np.int32], xy_m: FloatArray, sigma_m: FloatArray, time_s: float
    ) -> NDArray[np.intp]:
        count, before = len(class_id), len(self._id)
        ids = np.arange(self._next_id, self._next_id + count)
        self._next_id += count
        self._id = np.append(self._id, ids)
        self._class_id = np.append(self._class_id, class_id)
        self._xy_m = np.concatenate([self._xy_m, xy_m])
        self._speed_mps = np.concatenate([self._speed_mps, np.zeros((count, 2))])
        self._sigma_m = np.append(self._sigma_m, sigma_m)
        self._seen_s = np.append(self._seen_s, np.full(count, time_s))
        self._hits = np.append(self._hits, np.ones(count, np.int64))
        return np.arange(before, before + count)

    def _forget(self, time_s: float) -> None:
        settings = self._settings
        patience_s = np.where(self._hits > 2, settings.memory_s, settings.young_lost_s)
        kept = time_s - self._seen_s <= patience_s
        if kept.all():
            return
        self._id, self._class_id = self._id[kept], self._class_id[kept]
        self._xy_m, self._speed_mps = self._xy_m[kept], self._speed_mps[kept]
        self._sigma_m, self._seen_s = self._sigma_m[kept], self._seen_s[kept]
        self._hits = self._hits[kept]
