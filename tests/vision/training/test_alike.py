"""Pictures that are nearly the same as others."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vision.training.alike import of_other_films, unlike
from vision.training.dataset import Picture
from vision.training.errors import TrainingDataError
from vision.training.labelled import LabelledSet


def scene(seed: int) -> NDArray[np.uint8]:
    """A place, 160 x 120 px."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (160, 120), interpolation=cv2.INTER_CUBIC), np.uint8)


def picture(folder: Path, name: str, image: NDArray[np.uint8]) -> Picture:
    """A picture without labels."""
    path = folder / f"{name}.jpg"
    cv2.imwrite(str(path), image)
    none = np.empty((0, 4), np.float32)
    size = (image.shape[1], image.shape[0])
    return Picture(path, "", "val", size, frozenset(), np.zeros(1, bool), none, np.empty(0, int))


def left(
    folder: Path, images: dict[str, NDArray[np.uint8]], *others: NDArray[np.uint8]
) -> set[str]:
    """Names of the pictures that are unlike the others."""
    known = [picture(folder, f"known{number}", each) for number, each in enumerate(others)]
    labelled = LabelledSet(("car",), tuple(picture(folder, *each) for each in images.items()))
    return {each.path.stem for each in unlike(labelled, known).pictures}


def test_another_frame_of_a_film_is_left_out(tmp_path: Path) -> None:
    """Somebody came in, it is a little darker, and of another size: it is the same scene."""
    later = np.clip(scene(1).astype(int) * 0.8 + 10, 0, 255).astype(np.uint8)
    later[80:110, 20:40] = 30
    images = {"later": cv2.resize(later, (320, 200)), "elsewhere": scene(2)}
    assert left(tmp_path, images, scene(1), scene(3)) == {"elsewhere"}


def test_mirrored_it_is_the_same(tmp_path: Path) -> None:
    """Collections are filled up with mirror images."""
    images = {"mirrored": scene(1)[:, ::-1].copy(), "elsewhere": scene(2)}
    assert left(tmp_path, images, scene(1)) == {"elsewhere"}


def test_of_bare_surfaces_nobody_can_tell(tmp_path: Path) -> None:
    """Two grey walls are not said to be one."""
    grey = np.full((120, 160, 3), 90, np.uint8)
    assert left(tmp_path, {"wall": grey}, grey) == {"wall"}


def test_where_all_are_alike_nothing_can_be_scored(tmp_path: Path) -> None:
    """That is said, and no figure given."""
    with pytest.raises(TrainingDataError, match="All 1 pictures are nearly the same"):
        left(tmp_path, {"same": scene(1)}, scene(1))


def test_with_a_picture_go_those_of_its_film(tmp_path: Path) -> None:
    """Each frame is nearly the one before, and the last resembles the first no more."""
    images = {f"frame{step}": between(step / 10) for step in range(11)} | {"elsewhere": scene(3)}
    pictures = [picture(tmp_path, *each) for each in images.items()]
    known = [picture(tmp_path, "known", scene(1))]
    kept = {each.path.stem for each in of_other_films(pictures, known)}
    alone = {
        each.path.stem for each in unlike(LabelledSet(("car",), tuple(pictures)), known).pictures
    }
    assert kept == {"elsewhere"}
    assert alone > kept


def test_pictures_of_other_films_stay(tmp_path: Path) -> None:
    """In their order."""
    pictures = [picture(tmp_path, str(seed), scene(seed)) for seed in (7, 8, 9)]
    assert of_other_films(pictures, [picture(tmp_path, "known", scene(1))]) == tuple(pictures)


def between(share: float) -> NDArray[np.uint8]:
    """A film that pans from one place to another."""
    return np.asarray(cv2.addWeighted(scene(1), 1.0 - share, scene(2), share, 0.0), np.uint8)
