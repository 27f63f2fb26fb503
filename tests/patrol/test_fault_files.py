"""Faults of a detector as files in a folder."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol.errors import UsageError
from patrol.fault_files import TABLE, prepare_folder, write_faults
from vision.training.dataset import Picture
from vision.training.faults import FaultBook

NAMES = ("person", "car")
BOX = np.array([[10, 10, 40, 40]], np.float32)


@pytest.fixture
def book(tmp_path: Path) -> FaultBook:
    """A car that was missed, and another that is none."""
    path = tmp_path / "街 a.png"
    path.write_bytes(cv2.imencode(".png", np.full((80, 120, 3), 90, np.uint8))[1].tobytes())
    labelled, known = frozenset({"car"}), np.array([False, True])
    picture = Picture(path, "", "val", (120, 80), labelled, known, BOX + 40, np.array([1]))
    made = FaultBook(NAMES, {"car": 0.4})
    made.take(picture, (BOX, np.array([0.75], np.float32), np.array([1])))
    return made


def test_each_kind_of_fault_of_each_class_has_its_sheet(tmp_path: Path, book: FaultBook) -> None:
    """And the table says where each is."""
    folder = tmp_path / "new" / "faults"
    prepare_folder(folder)
    write_faults(folder, book, NAMES)
    assert {each.name for each in folder.iterdir()} == {TABLE, "car-false.jpg", "car-missed.jpg"}
    assert cv2.imread(str(folder / "car-false.jpg")) is not None
    false, missed = csv.DictReader((folder / TABLE).read_text(encoding="utf-8").splitlines())
    assert (false["class"], false["kind"], false["score"]) == ("car", "false", "0.750")
    assert false["picture"].endswith("街 a.png")
    assert (missed["kind"], missed["score"], missed["left"]) == ("missed", "", "50.0")


def test_sheets_of_an_earlier_look_do_not_stay(tmp_path: Path, book: FaultBook) -> None:
    """They would be taken for faults of today."""
    prepare_folder(tmp_path)
    (tmp_path / "person-false.jpg").write_bytes(b"old")
    (tmp_path / "notes.txt").write_text("mine")
    write_faults(tmp_path, book, NAMES)
    assert not (tmp_path / "person-false.jpg").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_look_that_comes_to_nothing_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    """An empty one would say that no fault was found."""
    prepare_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / TABLE).write_text("of yesterday")
    prepare_folder(tmp_path)
    assert (tmp_path / TABLE).read_text() == "of yesterday"


def test_a_place_that_cannot_be_written_is_told_before_anything_is_looked_at(
    tmp_path: Path,
) -> None:
    """Here a file stands in the way."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="name another folder with --faults"):
        prepare_folder(tmp_path / "file")
