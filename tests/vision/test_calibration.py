"""Tests of `vision.calibration`."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.calibration import Calibration, read_calibration
from vision.errors import PoseError

MATRIX = np.array([[1400.0, 0.0, 955.0], [0.0, 1402.0, 541.0], [0.0, 0.0, 1.0]])
TERMS = np.array([[-0.1, 0.02, 1e-3, -2e-3, 3e-3]])
ROS = """\
image_width: 1920
image_height: 1080
camera_name: heron
camera_matrix:
  rows: 3
  cols: 3
  data: [1400, 0, 955, 0, 1402, 541, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.1, 0.02, 0.001, -0.002, 0.003]
"""
SHORT = """\
%YAML:1.0
---
image_width: 9
image_height: 9
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 1., 0. ]
"""
FOUND = (1920, 1080, 1400.0, 1402.0, 955.0, 541.0, (-0.1, 0.02, 1e-3, -2e-3, 3e-3))


def write_calibration(path: Path, **changes: object) -> Path:
    """A file as OpenCV's own programs write it; None leaves a key out."""
    keys = {
        "image_width": 1920,
        "image_height": 1080,
        "camera_matrix": MATRIX,
        "distortion_coefficients": TERMS,
        "avg_reprojection_error": 0.3,
        **changes,
    }
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for key, value in keys.items():
        if value is not None:
            storage.write(key, value)
    storage.release()
    return path


def told(calibration: Calibration) -> tuple[object, ...]:
    """All but its name."""
    return (
        calibration.width_px, calibration.height_px, calibration.fx_px, calibration.fy_px,
        calibration.cx_px, calibration.cy_px, calibration.terms,
    )  # fmt: skip


@pytest.mark.parametrize("suffix", ["yml", "yaml", "xml", "json"])
def test_every_form_that_opencv_writes_is_read(tmp_path: Path, suffix: str) -> None:
    """By OpenCV itself."""
    assert told(read_calibration(write_calibration(tmp_path / f"c.{suffix}"))) == FOUND


def test_a_camera_file_of_ros_is_read(tmp_path: Path) -> None:
    """It has the same keys, and matrices without a type."""
    path = tmp_path / "ost.yaml"
    path.write_text(ROS)
    assert told(read_calibration(path)) == FOUND


def test_four_terms_have_no_sixth_power(tmp_path: Path) -> None:
    """And terms of larger models may be there if they are nothing."""
    four = read_calibration(
        write_calibration(tmp_path / "a.yml", distortion_coefficients=TERMS[:, :4])
    )
    assert four.terms == (-0.1, 0.02, 1e-3, -2e-3, 0.0)
    eight = np.hstack([TERMS, np.zeros((1, 3))])
    whole = read_calibration(write_calibration(tmp_path / "b.yml", distortion_coefficients=eight))
    assert whole.terms == FOUND[-1]


def test_the_camera_of_a_smaller_film_is_scaled(tmp_path: Path) -> None:
    """Pixels count from the corner here, and from the first pixel's middle in OpenCV."""
    camera = read_calibration(write_calibration(tmp_path / "c.yml")).camera("heron", 1280, 720)
    assert camera.focal_px == pytest.approx(1400.0 * 2 / 3)
    assert camera.aspect == pytest.approx(1402.0 / 1400.0)
    assert camera.centre_px == pytest.approx((955.5 * 2 / 3, 541.5 * 2 / 3))
    assert (camera.k1, camera.k2, camera.p1, camera.p2, camera.k3) == FOUND[-1]


def test_a_calibration_found_by_opencv_sees_as_opencv_does(tmp_path: Path) -> None:
    """A board is filmed by a known camera, calibrated from that, and seen again."""
    board = np.array([[x, y, 0.0] for y in range(6) for x in range(9)], np.float32)
    rng = np.random.default_rng(3)
    views = [
        (rng.normal(0.0, 0.25, 3), np.array([-4.0, -2.5, 9.0]) + rng.normal(0.0, 1.0, 3))
        for _ in range(8)
    ]
    seen = [cv2.projectPoints(board, turn, at, MATRIX, TERMS)[0] for turn, at in views]
    points = [np.asarray(each, np.float32) for each in seen]
    _, matrix, terms, _, _ = cv2.calibrateCamera(
        [board] * len(views), points, (1920, 1080), np.eye(3), np.zeros(5)
    )
    path = write_calibration(
        tmp_path / "c.yml", camera_matrix=matrix, distortion_coefficients=terms
    )
    camera = read_calibration(path).camera("heron", 1920, 1080)
    turn, at = views[0]
    space = board @ cv2.Rodrigues(turn)[0].T + at
    ours = camera.pixels(camera.lens.distort(space[:, :2] / space[:, 2:]))
    assert ours - 0.5 == pytest.approx(seen[0].reshape(-1, 2), abs=0.05)


@pytest.mark.parametrize("size", [(1440, 1080), (1080, 1920)])
def test_a_film_of_another_shape_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    """Whether it is cut, squeezed or turned nobody knows."""
    calibration = read_calibration(write_calibration(tmp_path / "c.yml"))
    with pytest.raises(PoseError, match=r"c\.yml: was made with pictures of 1920 x 1080 px"):
        calibration.camera("heron", *size)


def test_a_calibration_that_folds_is_told_with_its_file(tmp_path: Path) -> None:
    """Not with the film's name alone."""
    path = write_calibration(
        tmp_path / "c.yml", distortion_coefficients=np.array([[-3.0, 0, 0, 0]])
    )
    with pytest.raises(PoseError, match=r"c\.yml: The distortion k1=-3"):
        read_calibration(path).camera("heron", 1920, 1080)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image_width": None}, "lacks image_width"),
        ({"image_height": "tall"}, "lacks image_height"),
        ({"camera_matrix": None}, "lacks camera_matrix"),
        ({"camera_matrix": 3.0}, "lacks camera_matrix"),
        ({"camera_matrix": np.eye(2)}, "must be 3 x 3"),
        ({"camera_matrix": np.zeros((3, 3))}, "focal lengths above 0"),
        ({"camera_matrix": np.full((3, 3), np.nan)}, "lacks camera_matrix"),
        ({"distortion_coefficients": None}, "lacks distortion_coefficients"),
        ({"distortion_coefficients": np.ones((1, 3))}, "no others"),
        ({"distortion_coefficients": np.ones((1, 8))}, "without the rational"),
        ({"fisheye_model": 1}, "fisheye"),
        ({"distortion_model": "equidistant"}, "fisheye"),
    ],
)
def test_what_is_wrong_with_a_calibration_is_told(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    """With the file's name and the key to mend."""
    path = write_calibration(tmp_path / "c.yml", **change)
    with pytest.raises(PoseError, match=rf"^c\.yml: .*{words}"):
        read_calibration(path)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"hello", b"\xff\xfe\x00", b"%YAML:1.0\n---\ncamera_matrix: [1,2\n", b"{", b"<?xml",
        b"%YAML:1.0\n---\n",
        b"%YAML:1.0\n---\n- 1\n- 2\n", b"[1, 2]", b"{}", b"3",
        SHORT.encode(),
        b"image_width: 9\nimage_height: 9\ncamera_matrix: {rows: 3, cols: 3, data: [a, b]}\n",
    ],
)  # fmt: skip
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: bytes) -> None:
    """Whatever it holds, in a sentence."""
    path = tmp_path / "c.yml"
    path.write_bytes(text)
    with pytest.raises(PoseError, match=r"c\.yml: "):
        read_calibration(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A folder is no file either."""
    for path in (tmp_path / "none.yml", tmp_path):
        with pytest.raises(PoseError, match="there is no such calibration"):
            read_calibration(path)
