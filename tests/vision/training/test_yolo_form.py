from pathlib import Path

import pytest

from vision.training.errors import TrainingDataError
from vision.training.yolo_form import description_in, labels_of, read_yolo

NAMES = "names: [dog, lorry, car]\n"


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A folder of one picture, with the box of a lorry."""
    for kind in ("images", "labels"):
        (tmp_path / kind / "val").mkdir(parents=True)
    (tmp_path / "images/val/a.jpg").write_bytes(b"")
    (tmp_path / "labels/val/a.txt").write_text("1 0.5 0.5 0.2 0.4\n")
    (tmp_path / "data.yaml").write_text(f"val: images/val\n{NAMES}")
    return tmp_path / "data.yaml"


def test_a_picture_comes_with_its_boxes(described: Path) -> None:
    """Corners in fractions; folders whose name ends as a picture's are none."""
    (described.parent / "images/val/more.jpg").mkdir()
    names, rows = read_yolo(described, "val")
    assert names == ("dog", "lorry", "car")
    ((picture, boxes),) = rows
    assert picture.name == "a.jpg"
    assert boxes is not None
    assert boxes[0][0] == 1
    assert boxes[0][1] == pytest.approx([0.4, 0.3, 0.6, 0.7])


def test_the_description_is_found_or_given(described: Path) -> None:
    """By its usual names in a folder, by any name where it is given."""
    assert description_in(described.parent) == described
    assert description_in(described.rename(described.with_name("x.yml"))) == described.with_name(
        "x.yml"
    )
    assert description_in(described.parent) is None


def test_labels_lie_beside_pictures_or_in_their_own_folder() -> None:
    """The last folder named `images` is the one that counts."""
    assert labels_of(Path("images/x/images/val/a.jpg")) == Path("images/x/labels/val/a.txt")
    assert labels_of(Path("all/a.jpg")) == Path("all/a.txt")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("- a\n", "`names` and the splits are expected"),
        ("", "`names` and the splits are expected"),
        ("val: images/val\n", "`names` must be a list"),
        ("val: images/val\nnames: car\n", "`names` must be a list"),
        ("val: images/val\nnames: {0: car, 2: bus}\n", "`names` must be a list"),
        (f"val: 5\n{NAMES}", "`val` must name a folder"),
        (f"val: {{a: 1}}\n{NAMES}", "`val` must name a folder"),
        (f"train: images/val\n{NAMES}", "of the split 'val'; it has train"),
        (f"val: images/valid\n{NAMES}", r"are not there: .*images.valid\. Correct its `path`"),
        ("names: [a\n", r"data\.yaml:2: is no YAML"),
    ],
)
def test_a_wrong_description_is_told_in_words(described: Path, content: str, told: str) -> None:
    """What was wrong, and what is expected there; no words of a program's inside."""
    described.write_text(content)
    with pytest.raises(TrainingDataError, match=told):
        read_yolo(described, "val")


@pytest.mark.parametrize("name", ["data.yaml", "val.txt", "labels/val/a.txt"])
def test_what_is_no_text_is_named(described: Path, name: str) -> None:
    """A description, a list of pictures, labels: each may have been saved as something else."""
    described.write_text(f"val: val.txt\n{NAMES}")
    (described.parent / "val.txt").write_text("images/val/a.jpg\n")
    (described.parent / name).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TrainingDataError, match=name):
        list(read_yolo(described, "val")[1])


def test_labels_in_pixels_are_refused(described: Path) -> None:
    """Cut off at the picture's edge they would be boxes of nothing, each missed."""
    labels = described.parent / "labels/val/a.txt"
    labels.write_text("1 500 300 40 40\n")
    with pytest.raises(TrainingDataError, match=r"a\.txt:1: must be .* fractions"):
        list(read_yolo(described, "val")[1])
    labels.write_text("1 1.004 0.5 0.01 -0.0\n", encoding="utf-8-sig")
    assert list(read_yolo(described, "val")[1])
