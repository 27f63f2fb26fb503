"""Reading labelled pictures from a folder."""

from pathlib import Path

import pytest

from vision.training.classes import CLASS_NAMES
from vision.training.dataset import of_split, read_image, read_pictures
from vision.training.errors import TrainingDataError


def test_boxes_are_read_as_pixel_corners(folder: Path) -> None:
    """Fractions of the picture become corners in its pixels."""
    town = read_pictures(folder)[0]
    assert town.xyxy_px.tolist() == [[180, 80, 220, 120]]
    assert town.class_id.tolist() == [CLASS_NAMES.index("car")]
    assert town.labelled == {"car", "truck_bus", "two_wheeler"}


def test_the_pictures_pixels_are_read(folder: Path) -> None:
    """The file named in the manifest is the picture."""
    assert read_image(read_pictures(folder)[0]).shape == (200, 400, 3)


def test_splits_are_kept_apart(folder: Path) -> None:
    """Nothing of the training split is validated on."""
    assert of_split(read_pictures(folder), "val") == ()


def test_a_picture_without_objects_has_an_empty_set_of_boxes(folder: Path) -> None:
    """An empty label file is a picture on which nothing of its classes is to be seen."""
    (folder / "labels/train/blaze.txt").write_text("")
    assert read_pictures(folder)[1].xyxy_px.shape == (0, 4)


@pytest.mark.parametrize("text", ["6 0.5 0.5\n", "fire 0.5 0.5 1 1\n", "9 0.5 0.5 1 1\n"])
def test_malformed_labels_are_named(folder: Path, text: str) -> None:
    """The error says which file is wrong."""
    (folder / "labels/train/blaze.txt").write_text(text)
    with pytest.raises(TrainingDataError, match=r"blaze\.txt"):
        read_pictures(folder)


def test_a_missing_label_file_is_named(folder: Path) -> None:
    """A missing file is no empty file."""
    (folder / "labels/train/blaze.txt").unlink()
    with pytest.raises(TrainingDataError, match=r"blaze\.txt"):
        read_pictures(folder)


def test_a_folder_without_manifest_is_named(tmp_path: Path) -> None:
    """The wrong folder is refused before anything is trained."""
    with pytest.raises(TrainingDataError, match=r"manifest\.csv"):
        read_pictures(tmp_path)


def test_a_missing_column_is_named(folder: Path) -> None:
    """A manifest of another form is refused."""
    (folder / "manifest.csv").write_text("name,split\ntown,train\n")
    with pytest.raises(TrainingDataError, match="column 'width' is missing"):
        read_pictures(folder)


def test_a_damaged_picture_is_named(folder: Path) -> None:
    """A file that is no picture stops the run with its name."""
    (folder / "images/train/town.jpg").write_bytes(b"nothing")
    with pytest.raises(TrainingDataError, match=r"town\.jpg"):
        read_image(read_pictures(folder)[0])
