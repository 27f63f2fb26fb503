"""Radial lens distortion after Brown: r' = r (1 + k1 r^2 + k2 r^4), r in focal lengths."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_NEWTON_STEPS = 20


@dataclass(frozen=True)
class Lens:
    """Distortion by the second and fourth power of the distance from the axis."""

    k1: float
    k2: float

    @cached_property
    def fold_radius(self) -> float:
        """Radius beyond which the model turns back on itself and is no lens, in focal lengths."""
        # The smallest root of the slope 1 + 3 k1 r^2 + 5 k2 r^4, in the form that is sound for
        # k2 = 0 too.
        under_root = 9.0 * self.k1**2 - 20.0 * self.k2
        if under_root < 0.0:
            return math.inf
        divisor = math.sqrt(under_root) - 3.0 * self.k1
        return math.sqrt(2.0 / divisor) if divisor > 0.0 else math.inf

    def distort(self, plane: FloatArray) -> FloatArray:
        """From the pinhole's plane to the picture's; NaN beyond the fold.

        Args:
            plane: float64, (N, 2), x and y in focal lengths.
        """
        radius2 = np.sum(plane**2, axis=1, keepdims=True)
        factor = 1.0 + self.k1 * radius2 + self.k2 * radius2**2
        return np.where(radius2 <= self.fold_radius**2, plane * factor, np.nan)

    def undistort(self, picture: FloatArray) -> FloatArray:
        """From the picture's plane to the pinhole's; NaN where no ray comes through the lens.

        Args:
            picture: float64, (N, 2), x and y in focal lengths.
        """
        if self.k1 == 0.0 and self.k2 == 0.0:
            return picture
        distorted = np.hypot(picture[:, 0], picture[:, 1])
        radius = np.minimum(distorted, 0.999 * self.fold_radius)
        for _ in range(_NEWTON_STEPS):
            slope = 1.0 + 3.0 * self.k1 * radius**2 + 5.0 * self.k2 * radius**4
            step = (self._distorted(radius) - distorted) / np.where(slope > 1e-6, slope, 1e-6)
            radius = np.clip(radius - step, 0.0, min(self.fold_radius, 1e6))
        reached = np.abs(self._distorted(radius) - distorted) < 1e-9
        share = np.divide(radius, distorted, out=np.ones_like(radius), where=distorted > 0)
        return picture * np.where(reached, share, np.nan)[:, None]

    def _distorted(self, radius: FloatArray) -> FloatArray:
        return radius * (1.0 + self.k1 * radius**2 + self.k2 * radius**4)
