"""Pictures that show the quantiser which values occur."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vision.training.dataset import Picture, read_image
from vision.training.inference import letterboxed

_LONG_SIDE_PX = 640


def calibration_images(
    pictures: Sequence[Picture], count: int, seed: int
) -> Iterator[NDArray[np.float32]]:
    """Yield letterboxed training pictures, as many of each set as the sets allow.

    Raises:
        TrainingDataError: A picture cannot be read.
    """
    rng = np.random.default_rng(seed)
    datasets = sorted({picture.dataset for picture in pictures})
    share = -(-count // max(1, len(datasets)))
    for dataset in datasets:
        own = [picture for picture in pictures if picture.dataset == dataset]
        for index in rng.permutation(len(own))[:share]:
            yield letterboxed(read_image(own[int(index)]), _LONG_SIDE_PX)[0]
