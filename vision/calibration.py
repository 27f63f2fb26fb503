"""Calibrations of cameras, from the files that OpenCV's programs and ROS write."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from geofences.errors import GroundError
from geofences.view import Camera
from vision.errors import PoseError

FloatArray = NDArray[np.float64]

SUFFIXES = frozenset({".yml", ".yaml", ".xml", ".json"})
CALIBRATED_FOCAL_SHARE = 0.003
"""What a few pictures of a board leave open, and what focusing and warmth change after them."""

CALIBRATED_LENS_SHARE = 0.001
"""A pixel in the corner of a picture of 1920 px: a few times what boards are missed by."""

_TERMS = 5
_SAME_SHAPE = 0.01


@dataclass(frozen=True)
class Calibration:
    """What `cv2.calibrateCamera` finds, of pictures of one size.

    Attributes:
        name: what errors call it.
        width_px: of the pictures.
        height_px: likewise.
        fx_px: focal length across.
        fy_px: focal length down.
        cx_px: where the axis meets the picture, counted from the middle of its first pixel.
        cy_px: likewise.
        terms: of the distortion, k1, k2, p1, p2, k3.
    """

    name: str
    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    terms: tuple[float, float, float, float, float]

    def camera(self, name: str, width_px: int, height_px: int) -> Camera:
        """The camera of a film whose pictures are as large as that.

        Raises:
            PoseError: the film has another shape, or no camera is like that.
        """
        across, down = width_px / self.width_px, height_px / self.height_px
        if abs(across / down - 1.0) > _SAME_SHAPE:
            raise PoseError(
                f"{self.name}: was made with pictures of {self.width_px} x {self.height_px} px, "
                f"and the film's are {width_px} x {height_px} px, which are cut otherwise; "
                "calibrate with pictures out of a film."
            )
        focal_px = self.fx_px * across
        try:
            return Camera(
                name,
                width_px,
                height_px,
                float(np.degrees(2.0 * np.arctan(width_px / 2.0 / focal_px))),
                *self.terms,
                aspect=self.fy_px * down / focal_px,
                centre_x_px=(self.cx_px + 0.5) * across,
                centre_y_px=(self.cy_px + 0.5) * down,
                focal_error_share=CALIBRATED_FOCAL_SHARE,
                lens_error_share=CALIBRATED_LENS_SHARE,
            )
        except GroundError as error:
            raise PoseError(f"{self.name}: {error}") from error


def read_calibration(path: Path) -> Calibration:
    """Read a calibration: YAML, XML or JSON by `cv2.FileStorage`, or a camera's YAML of ROS.

    Raises:
        PoseError: it cannot be read, lacks something, or is of a model that is not this one.
    """
    if not path.is_file():
        raise PoseError(f"{path}: there is no such calibration; name the file that OpenCV wrote.")
    try:
        storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
        calibration = _read(path.name, storage)
        storage.release()
    except (cv2.error, SystemError) as error:
        raise PoseError(
            f"{path}: is no file of OpenCV (YAML, XML or JSON of cv2.FileStorage); name the "
            "calibration, or write K1,K2."
        ) from error
    return calibration


def _read(name: str, storage: cv2.FileStorage) -> Calibration:
    _refuse_fisheyes(name, storage)
    width_px, height_px = (_size_px(name, storage, key) for key in ("image_width", "image_height"))
    matrix = _numbers(name, storage, "camera_matrix")
    terms = _numbers(name, storage, "distortion_coefficients")
    if len(matrix) != 9 or not (matrix[[0, 4]] > 0.0).all():
        raise PoseError(f"{name}: camera_matrix must be 3 x 3, with focal lengths above 0.")
    if len(terms) not in {4, 5, 8, 12, 14} or terms[_TERMS:].any():
        raise PoseError(
            f"{name}: distortion_coefficients must be k1, k2, p1, p2 and k3, and no others; "
            "calibrate without the rational, thin prism and tilted models."
        )
    k1, k2, p1, p2, k3 = np.append(terms, 0.0)[:_TERMS].tolist()
    fx_px, cx_px, fy_px, cy_px = matrix[[0, 2, 4, 5]].tolist()
    return Calibration(name, width_px, height_px, fx_px, fy_px, cx_px, cy_px, (k1, k2, p1, p2, k3))


def _refuse_fisheyes(name: str, storage: cv2.FileStorage) -> None:
    """Refuse what bends rays by another formula, whose terms go by the same name.

    Raises:
        PoseError: it does.
    """
    fisheye, model = storage.getNode("fisheye_model"), storage.getNode("distortion_model")
    by_name = model.isString() and model.string() not in {"plumb_bob", "rational_polynomial"}
    if by_name or (_is_number(fisheye) and fisheye.real()):
        raise PoseError(
            f"{name}: is of a fisheye or another model; calibrate with OpenCV's usual one "
            "(cv2.calibrateCamera, plumb_bob in ROS)."
        )


def _size_px(name: str, storage: cv2.FileStorage, key: str) -> int:
    node = storage.getNode(key)
    size_px = int(node.real()) if _is_number(node) else 0
    if size_px < 1:
        raise PoseError(
            f"{name}: lacks {key}, the size of the pictures it was made with; add it in pixels."
        )
    return size_px


def _numbers(name: str, storage: cv2.FileStorage, key: str) -> FloatArray:
    """The numbers of a matrix, row by row."""
    node = storage.getNode(key)
    values: FloatArray | None = None
    try:
        if node.isMap() and node.getNode("dt").empty():
            data = node.getNode("data")
            values = np.array([data.at(i).real() for i in range(data.size())], np.float64)
        elif node.isMap():
            values = np.asarray(node.mat(), np.float64).ravel()
    except cv2.error:
        values = None
    if values is None or not np.isfinite(values).all():
        raise PoseError(f"{name}: lacks {key}, or it is no matrix of numbers; check the file.")
    return values


def _is_number(node: cv2.FileNode) -> bool:
    return bool(node.isInt() or node.isReal())
