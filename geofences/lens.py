"""Lens distortion after Brown and Conrady, in the terms and the order of OpenCV's calibration.

With x and y in focal lengths from the axis, r^2 = x^2 + y^2 and R = 1 + k1 r^2 + k2 r^4 + k3 r^6,
what would be at (x, y) in a pinhole's picture is at (x R + 2 p1 x y + p2 (r^2 + 2 x^2),
y R + p1 (r^2 + 2 y^2) + 2 p2 x y): Brown, Decentering Distortion of Lenses (Photogrammetric
Engineering 32, 1966). The way back has no formula; it is found by Newton's method, which also
tells where there is no way back: beyond the fold, where the model turns back on itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_NEWTON_STEPS = 20
_SETTLED = 1e-12
_REACHED = 1e-9
_NO_FOLD = 1e-9


@dataclass(frozen=True)
class Lens:
    """Distortion by powers of the distance from the axis, and by glass that sits askew.

    Attributes:
        k1: radial, with the second power of the distance from the axis.
        k2: with the fourth power.
        p1: tangential, of glass that is off vertically.
        p2: of glass that is off horizontally.
        k3: radial, with the sixth power.
    """

    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    @property
    def is_straight(self) -> bool:
        """Whether nothing is distorted."""
        return not any((self.k1, self.k2, self.p1, self.p2, self.k3))

    @cached_property
    def fold_radius(self) -> float:
        """Radius beyond which the radial part turns back on itself, in focal lengths."""
        # Where the slope 1 + 3 k1 r^2 + 5 k2 r^4 + 7 k3 r^6 vanishes first. Asked for 1 / r^2 the
        # leading factor is 1, so that small terms do no harm.
        roots = np.roots([1.0, 3.0 * self.k1, 5.0 * self.k2, 7.0 * self.k3])
        folds = roots.real[(np.abs(roots.imag) < _REACHED) & (roots.real > _NO_FOLD)]
        return 1.0 / math.sqrt(folds.max()) if len(folds) else math.inf

    def distort(self, plane: FloatArray) -> FloatArray:
        """From the pinhole's plane to the picture's; NaN beyond the fold.

        Args:
            plane: float64, (N, 2), x and y in focal lengths.
        """
        inside = np.sum(plane**2, axis=1) <= self.fold_radius**2
        if self.p1 or self.p2:
            inside &= np.linalg.det(self._slopes(plane)) > 0.0
        return np.where(inside[:, None], self._formula(plane), np.nan)

    def undistort(self, picture: FloatArray) -> FloatArray:
        """From the picture's plane to the pinhole's; NaN where no ray comes through the lens.

        Args:
            picture: float64, (N, 2), x and y in focal lengths.
        """
        if self.is_straight:
            return picture
        return self._decentred(picture) if self.p1 or self.p2 else self._centred(picture)

    def _centred(self, picture: FloatArray) -> FloatArray:
        """Undistort where all is round about the axis: the radius alone is to be found."""
        distorted = np.hypot(picture[:, 0], picture[:, 1])
        radius = np.minimum(distorted, 0.999 * self.fold_radius)
        for _ in range(_NEWTON_STEPS):
            slope = self._radial_slope(radius)
            step = (self._distorted(radius) - distorted) / np.where(slope > 1e-6, slope, 1e-6)
            radius = np.clip(radius - step, 0.0, min(self.fold_radius, 1e6))
            if (np.abs(step) < _SETTLED).all():
                break
        reached = np.abs(self._distorted(radius) - distorted) < _REACHED
        share = np.divide(radius, distorted, out=np.ones_like(radius), where=distorted > 0)
        return picture * np.where(reached, share, np.nan)[:, None]

    def _decentred(self, picture: FloatArray) -> FloatArray:
        """Undistort where it is not, beginning where the round part alone would lead."""
        round_part = Lens(self.k1, self.k2, k3=self.k3)
        begun = round_part.undistort(picture)
        # Just beyond the fold of the round part there may be a way back still.
        edge = np.hypot(picture[:, 0], picture[:, 1])[:, None]
        rim = picture / np.where(edge > 0.0, edge, 1.0) * min(0.99 * self.fold_radius, 1e6)
        plane = np.where(np.isnan(begun), rim, begun)
        for _ in range(_NEWTON_STEPS):
            slopes = self._slopes(plane)
            flat = np.abs(np.linalg.det(slopes)) < 1e-6
            slopes[flat] = np.eye(2)
            missed = self._formula(plane) - picture
            step = np.linalg.solve(slopes, missed[:, :, None])[:, :, 0]
            plane = np.clip(plane - step, -1e6, 1e6)
            if (np.abs(step) < _SETTLED).all():
                break
        reached = np.abs(self.distort(plane) - picture).max(axis=1, initial=0.0) < _REACHED
        return np.where(reached[:, None], plane, np.nan)

    def _formula(self, plane: FloatArray) -> FloatArray:
        x, y = plane.T
        r2 = x**2 + y**2
        radial = 1.0 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        return np.column_stack(
            [
                x * radial + 2.0 * self.p1 * x * y + self.p2 * (r2 + 2.0 * x**2),
                y * radial + self.p1 * (r2 + 2.0 * y**2) + 2.0 * self.p2 * x * y,
            ]
        )

    def _slopes(self, plane: FloatArray) -> FloatArray:
        """How the formula's x and y grow with x and y, float64 (N, 2, 2)."""
        x, y = plane.T
        r2 = x**2 + y**2
        radial = 1.0 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        per_r2 = self.k1 + r2 * (2.0 * self.k2 + r2 * 3.0 * self.k3)
        across = 2.0 * (x * y * per_r2 + self.p1 * x + self.p2 * y)
        along_x = radial + 2.0 * x**2 * per_r2 + 2.0 * self.p1 * y + 6.0 * self.p2 * x
        along_y = radial + 2.0 * y**2 * per_r2 + 6.0 * self.p1 * y + 2.0 * self.p2 * x
        return np.stack([along_x, across, across, along_y], axis=1).reshape(-1, 2, 2)

    def _radial_slope(self, radius: FloatArray) -> FloatArray:
        r2 = radius**2
        return 1.0 + r2 * (3.0 * self.k1 + r2 * (5.0 * self.k2 + r2 * 7.0 * self.k3))

    def _distorted(self, radius: FloatArray) -> FloatArray:
        r2 = radius**2
        return radius * (1.0 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3)))
