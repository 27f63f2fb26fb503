"""Pictures that show the quantiser which values occur."""

from pathlib import Path

import numpy as np

from vision.training.calibration import calibration_images
from vision.training.dataset import read_pictures


def test_every_set_has_its_share(folder: Path) -> None:
    """One picture of each of two sets, in the network's form."""
    images = list(calibration_images(read_pictures(folder), 2, seed=1))
    assert sorted(image.shape for image in images) == [(1, 3, 320, 640), (1, 3, 640, 640)]
    assert all(image.dtype == np.float32 and image.max() <= 1 for image in images)


def test_the_same_seed_takes_the_same_pictures(folder: Path) -> None:
    """Quantising again gives the same model."""
    pictures = read_pictures(folder)
    first, second = (list(calibration_images(pictures, 1, seed=3)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
