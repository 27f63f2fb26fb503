"""Pictures that are nearly the same as others, as frames of one film in two splits are.

What was learned from one picture of a scene is known of the next, and a figure that is taken there
says little of scenes never seen.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.dataset import Picture
from vision.training.errors import TrainingDataError
from vision.training.labelled import LabelledSet

LEAST_CORRELATION = 0.95
"""Of two pictures made small and grey, as they are or mirrored, from which on they are alike."""

_SIDE_PX = 24
_FLAT = 1e-3

Rows = NDArray[np.float32]


def unlike(labelled: LabelledSet, others: Sequence[Picture]) -> LabelledSet:
    """Leave out what is nearly the same as one of other pictures.

    Args:
        labelled: the pictures.
        others: for instance those of the training split.

    Raises:
        TrainingDataError: a picture cannot be read, or all are alike.
    """
    nearest = _nearest(_small(labelled.pictures), _small(others))
    rows = np.flatnonzero(nearest < LEAST_CORRELATION).tolist()
    if not rows:
        raise TrainingDataError(
            f"All {len(labelled.pictures)} pictures are nearly the same as others that were "
            "learned from: nothing is left to score. Take pictures of other scenes."
        )
    return replace(labelled, pictures=tuple(labelled.pictures[row] for row in rows))


def of_other_films(pictures: Sequence[Picture], others: Sequence[Picture]) -> tuple[Picture, ...]:
    """Leave out what is nearly the same as one of other pictures, or as one left out for that.

    The frames of a film lead from one to the next, so more of it goes than what `others` hold.

    Args:
        pictures: for instance those to learn from.
        others: for instance those to be scored on afterwards.

    Raises:
        TrainingDataError: a picture cannot be read.
    """
    small = _small(pictures)
    out = fresh = _nearest(small, _small(others)) >= LEAST_CORRELATION
    while fresh.any():
        fresh = ~out & (_nearest(small, small[fresh]) >= LEAST_CORRELATION)
        out = out | fresh
    return tuple(pictures[row] for row in np.flatnonzero(~out).tolist())


def _nearest(rows: Rows, others: Rows) -> Rows:
    """By how much each correlates with the most similar of the others, as it is or mirrored."""
    mirrored = others.reshape(-1, _SIDE_PX, _SIDE_PX)[..., ::-1].reshape(others.shape)
    nearest: Rows = np.maximum((rows @ others.T).max(axis=1), (rows @ mirrored.T).max(axis=1))
    return nearest


def _small(pictures: Sequence[Picture]) -> Rows:
    """Each as a row of unit length without its mean, so that products are correlations."""
    rows = np.stack([_grey(picture).ravel() for picture in pictures])
    rows -= rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    # Of two bare surfaces nobody can tell whether they are one.
    return np.where(length > _FLAT, rows / np.maximum(length, _FLAT), np.float32(0))


def _grey(picture: Picture) -> Rows:
    # An eighth of a JPEG is decoded many times faster than the whole.
    image = cv2.imread(str(picture.path), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    if image is None:
        raise TrainingDataError(f"{picture.path}: missing, or not a picture")
    small = cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
