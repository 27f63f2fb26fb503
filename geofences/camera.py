"""A camera: its picture, the pinhole behind its lens, and what the lens does."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geofences.errors import InvalidGeometryError
from geofences.lens import Lens

FloatArray = NDArray[np.float64]

CALIBRATION_KEYS = (
    "k1",
    "k2",
    "p1",
    "p2",
    "k3",
    "aspect",
    "centre_x_px",
    "centre_y_px",
    "focal_error_share",
    "lens_error_share",
)
"""What is known of a camera beside its size and field of view, where it was calibrated."""

SAME_SHAPE = 0.01
"""Pictures whose sides differ by no more than that were made smaller, and not cut otherwise."""

_BORDER_POINTS_PER_SIDE = 16


@dataclass(frozen=True)
class Camera:
    """A camera, with the terms of OpenCV's calibration (see `geofences.lens`).

    Pixels count from the top left corner of the picture, which is (0, 0). OpenCV counts from the
    middle of the top left pixel, so its `cx` is half a pixel less than `centre_x_px`.

    Attributes:
        name: what people call it.
        width_px: width of the picture.
        height_px: height of the picture.
        hfov_deg: horizontal field of view of the pinhole behind the lens, 0 to 170, of a picture
            about its axis: `2 atan(width / 2 fx)`.
        k1: radial distortion with the second power of the distance from the axis.
        k2: with the fourth power.
        p1: tangential distortion of a lens that is off vertically.
        p2: of one that is off horizontally.
        k3: radial distortion with the sixth power.
        aspect: focal length down the picture over that across it, `fy / fx`.
        centre_x_px: where the optical axis meets the picture; None is its middle.
        centre_y_px: likewise.
        focal_error_share: one standard deviation of the focal length, as a share of it.
        lens_error_share: one of how far off the stated distortion is in the corner furthest from
            the axis, as a share of the way there; it grows with the third power of that way.

    Raises:
        InvalidGeometryError: a size or angle is impossible, or the distortion folds the picture.
    """

    name: str
    width_px: int
    height_px: int
    hfov_deg: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    aspect: float = 1.0
    centre_x_px: float | None = None
    centre_y_px: float | None = None
    focal_error_share: float = 0.0
    lens_error_share: float = 0.0
    lens: Lens = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1 or not 0 < self.hfov_deg <= 170:
            raise InvalidGeometryError(
                f"The camera {self.name!r} cannot be {self.width_px} x {self.height_px} px with a "
                f"field of view of {self.hfov_deg} deg; give a picture size and 0 to 170 deg."
            )
        across, down = self.centre_px
        inside = 0.0 < across < self.width_px and 0.0 < down < self.height_px
        if not inside or not 0.5 <= self.aspect <= 2.0:
            raise InvalidGeometryError(
                f"The camera {self.name!r} cannot have its axis at ({across:g}, {down:g}) px and "
                f"pixels {self.aspect:g} times as fine down as across; check the calibration."
            )
        if not all(0.0 <= share < 0.5 for share in (self.focal_error_share, self.lens_error_share)):
            raise InvalidGeometryError(
                f"The errors of camera {self.name!r}, {self.focal_error_share:g} of its focal "
                f"length and {self.lens_error_share:g} of its lens, must be shares from 0 to 0.5."
            )
        object.__setattr__(self, "lens", Lens(self.k1, self.k2, self.p1, self.p2, self.k3))
        terms = (self.k1, self.k2, self.p1, self.p2, self.k3)
        if not all(map(math.isfinite, terms)) or self._is_folded():
            told = f"k1={self.k1:g}, k2={self.k2:g}, p1={self.p1:g}, p2={self.p2:g}, k3={self.k3:g}"
            raise InvalidGeometryError(
                f"The distortion {told} of camera {self.name!r} folds its picture before the "
                "corners; check the calibration."
            )

    @property
    def focal_px(self) -> float:
        """Focal length across the picture, pixels."""
        return self.width_px / 2.0 / math.tan(math.radians(self.hfov_deg) / 2.0)

    @property
    def vfov_deg(self) -> float:
        """Vertical field of view of the pinhole behind the lens, degrees."""
        return math.degrees(2.0 * math.atan(self.height_px / 2.0 / (self.focal_px * self.aspect)))

    @property
    def size_wh_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.width_px, self.height_px

    @property
    def centre_px(self) -> tuple[float, float]:
        """Where the optical axis meets the picture."""
        return (
            self.width_px / 2.0 if self.centre_x_px is None else self.centre_x_px,
            self.height_px / 2.0 if self.centre_y_px is None else self.centre_y_px,
        )

    def pinhole(self) -> Camera:
        """The same camera without its lens."""
        return replace(self, k1=0.0, k2=0.0, p1=0.0, p2=0.0, k3=0.0)

    @property
    def calibration(self) -> dict[str, float]:
        """What is told of it by `CALIBRATION_KEYS`, for files; what is as usual is left out."""
        usual = Camera(self.name, self.width_px, self.height_px, self.hfov_deg)
        told = {key: getattr(self, key) for key in CALIBRATION_KEYS}
        return {key: value for key, value in told.items() if value != getattr(usual, key)}

    def sized(self, width_px: int, height_px: int) -> Camera:
        """The same camera, whose pictures are made larger or smaller.

        Raises:
            InvalidGeometryError: pictures of that size were cut otherwise.
        """
        if (width_px, height_px) == self.size_wh_px:
            return self
        across, down = width_px / self.width_px, height_px / self.height_px
        if abs(across / down - 1.0) > SAME_SHAPE:
            raise InvalidGeometryError(
                f"The camera {self.name!r} is known for pictures of {self.width_px} x "
                f"{self.height_px} px, and these are {width_px} x {height_px} px, which are cut "
                "otherwise; say what filmed them."
            )
        x_px, y_px = self.centre_x_px, self.centre_y_px
        return replace(
            self,
            width_px=width_px,
            height_px=height_px,
            aspect=self.aspect * down / across,
            centre_x_px=None if x_px is None else x_px * across,
            centre_y_px=None if y_px is None else y_px * down,
        )

    def plane(self, xy_px: FloatArray) -> FloatArray:
        """Pixels, float64 (N, 2), in focal lengths from the axis, the lens left as it is."""
        return np.asarray((xy_px - self.centre_px) / self._focals_px(), np.float64)

    def pixels(self, plane: FloatArray) -> FloatArray:
        """The pixels of what lies so many focal lengths from the axis, float64 (N, 2)."""
        return np.asarray(plane * self._focals_px() + self.centre_px, np.float64)

    def misjudged_px(self, xy_px: FloatArray) -> FloatArray:
        """How far pixels, (N, 2), would lie elsewhere if the camera were off by its errors.

        Returns:
            float64 (2, N, 2): by one standard deviation of the focal length, and of the lens.
        """
        arms_px = xy_px - self.centre_px
        reach2 = np.sum((self.border_px() - self.centre_px) ** 2, axis=1).max()
        cubed = arms_px * np.sum(arms_px**2, axis=1, keepdims=True) / reach2
        return np.stack([self.focal_error_share * arms_px, self.lens_error_share * cubed])

    @property
    def is_exact(self) -> bool:
        """Whether no error of it is stated."""
        return not (self.focal_error_share or self.lens_error_share)

    def border_px(self) -> FloatArray:
        """Points along the edge of the picture, from the top left corner to the right."""
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=np.float64)
        share = np.arange(4 * _BORDER_POINTS_PER_SIDE) / _BORDER_POINTS_PER_SIDE
        border = [np.interp(share, range(5), corners[:, axis]) for axis in (0, 1)]
        return np.column_stack(border) * (self.width_px, self.height_px)

    def _focals_px(self) -> FloatArray:
        return self.focal_px * np.array([1.0, self.aspect])

    def _is_folded(self) -> bool:
        border = self.plane(self.border_px())
        return bool(np.isnan(self.lens.undistort(border)).any())
