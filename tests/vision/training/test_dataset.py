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
    with pytest.raises(TrainingDataError, match="column 'dataset' is missing"):
        read_pictures(folder)


def test_a_damaged_picture_is_named(folder: Path) -> None:
    """A file that is no picture stops the run with its name."""
    (folder / "images/train/town.jpg").write_bytes(b"nothing")
    with pytest.raises(TrainingDataError, match=r"town\.jpg"):
        read_image(read_pictures(folder)[0])


def test_a_malformed_manifest_is_told_with_its_line(folder: Path) -> None:
    """A number that is none, a row cut short, a class that nobody knows, and what is no text."""
    manifest = folder / "manifest.csv"
    good = manifest.read_text()
    for wrong, told in (
        (good.replace("g1,400", "g1,wide"), r"manifest\.csv:2: must have name"),
        (good + "late,train,fire_smoke_mix\n", r"manifest\.csv:4: must have name"),
        (good.replace("smoke|fire", "smoke|fires"), r"blaze is labelled for 'fires', which is"),
    ):
        manifest.write_text(wrong)
        with pytest.raises(TrainingDataError, match=told):
            read_pictures(folder)
    manifest.write_bytes(good.encode("utf-16"))
    with pytest.raises(TrainingDataError, match=r"manifest\.csv: is no table of text in UTF-8"):
        read_pictures(folder)


def test_a_manifest_saved_by_a_spreadsheet_is_read(folder: Path) -> None:
    """It begins with the mark of UTF-8."""
    manifest = folder / "manifest.csv"
    manifest.write_text(manifest.read_text(), encoding="utf-8-sig")
    assert len(read_pictures(folder)) == 2


def test_of_a_set_of_anybodys_only_what_is_labelled_is_known(folder: Path) -> None:
    """For training every set must stand in the table; for scoring another's labels are enough."""
    manifest = folder / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("minsk_dji_aerial", "our_own"))
    with pytest.raises(TrainingDataError, match="'our_own' has no row"):
        read_pictures(folder)
    town = read_pictures(folder, of_anybody=True)[0]
    known = {name for name, is_known in zip(CLASS_NAMES, town.known, strict=True) if is_known}
    assert known == {"car", "truck_bus", "two_wheeler"}
