import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from vision.errors import ModelError
from vision.training.errors import TrainingDataError
from vision.training.labelled import read_labelled

NAMES = ("dog", "lorry", "car")


def write_picture(path: Path, width_px: int = 200, height_px: int = 100) -> None:
    """A grey picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height_px, width_px, 3), 90, np.uint8))


@pytest.fixture
def yolo(tmp_path: Path) -> Path:
    """Two pictures in YOLO's form: a lorry and a dog on one, nothing on the other."""
    folder = tmp_path / "yolo"
    write_picture(folder / "images/val/a.jpg")
    write_picture(folder / "images/val/b.jpg")
    (folder / "labels/val").mkdir(parents=True)
    (folder / "labels/val/a.txt").write_text("1 0.5 0.5 0.2 0.4\n0 0.1 0.1 0.1 0.1\n")
    (folder / "data.yaml").write_text(
        "path: .\nval: images/val\nnames:\n  0: dog\n  1: lorry\n  2: car\n"
    )
    return folder


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """The same in COCO's form."""
    folder = tmp_path / "coco"
    for name in ("a.jpg", "b.jpg"):
        write_picture(folder / "val" / name)
    content = {
        "categories": [{"id": 7 + i, "name": name} for i, name in enumerate(NAMES)],
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [
            {"image_id": 1, "category_id": 8, "bbox": [80, 30, 40, 40]},
            {"image_id": 1, "category_id": 7, "bbox": [10, 5, 20, 10]},
            {"image_id": 1, "category_id": 9, "bbox": [0, 0, 200, 100], "iscrowd": 1},
        ],
    }
    (folder / "annotations").mkdir()
    (folder / "annotations" / "instances_val2017.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("form", ["yolo", "coco"])
def test_both_forms_say_the_same(form: str, request: pytest.FixtureRequest) -> None:
    """Our names, boxes in pixels, all classes labelled; dogs are left out, crowds too."""
    found = read_labelled(request.getfixturevalue(form), "val")
    assert found.names == ("truck_bus", "car")
    assert found.left_out == ("dog",)
    first, second = found.pictures
    assert first.path.name == "a.jpg"
    assert first.class_id.tolist() == [0]
    assert first.xyxy_px[0].tolist() == pytest.approx([80, 30, 120, 70])
    assert len(second.class_id) == 0
    assert second.labelled == {"truck_bus", "car"}
    assert second.known.all()


def test_our_own_form_keeps_what_is_not_labelled_apart(folder: Path) -> None:
    """The manifest says of each picture for what it is labelled."""
    found = read_labelled(folder, "train")
    town, blaze = found.pictures
    assert town.labelled == {"car", "truck_bus", "two_wheeler"}
    assert blaze.labelled == {"smoke", "fire"}
    assert not town.known[found.names.index("person")]


def test_a_persons_words_tell_what_labels_mean(yolo: Path) -> None:
    """As for a model's classes."""
    found = read_labelled(yolo, "val", {"dog": "person", "car": None})
    assert found.names == ("person", "truck_bus")
    assert found.pictures[0].class_id.tolist() == [1, 0]


def test_an_outline_becomes_the_box_around_it(yolo: Path) -> None:
    """Labels of outlines serve as well."""
    (yolo / "labels/val/a.txt").write_text("2 0.1 0.2 0.5 0.2 0.3 0.8\n")
    found = read_labelled(yolo, "val")
    assert found.pictures[0].xyxy_px[0].tolist() == pytest.approx([20, 20, 100, 80])


def test_lists_of_pictures_and_other_roots_are_followed(yolo: Path) -> None:
    """A split may be a list, and the path of Roboflow's files leads one folder too far up."""
    (yolo / "val.txt").write_text("images/val/b.jpg\n\n")
    (yolo / "data.yaml").write_text("valid: [val.txt, ../images/val]\nnames: [dog, lorry, car]\n")
    names = [picture.path.name for picture in read_labelled(yolo, "val").pictures]
    assert sorted(names) == ["a.jpg", "b.jpg", "b.jpg"]


def test_a_picture_stored_on_its_side_has_its_shown_size(yolo: Path) -> None:
    """Labels are drawn on what people see, and that is what a detector is shown."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (200, 100)).save(yolo / "images/val/a.jpg", exif=exif)
    assert read_labelled(yolo, "val").pictures[0].size_wh_px == (100, 200)


@pytest.mark.parametrize(
    "line", ["9 0.5 0.5 0.1 0.1", "1 0.5 0.5", "1.5 0 0 1 1", "car 0 0 1 1", "1 nan 0 1 1"]
)
def test_a_wrong_line_is_told_with_its_number(yolo: Path, line: str) -> None:
    """File and line, so that it can be mended."""
    (yolo / "labels/val/a.txt").write_text(f"1 0.5 0.5 0.2 0.4\n{line}\n")
    with pytest.raises(TrainingDataError, match=r"a\.txt:2: must be"):
        read_labelled(yolo, "val")


def test_what_is_missing_is_told(yolo: Path, coco: Path, tmp_path: Path) -> None:
    """Folder, form, split, pictures, annotations: each by its name."""
    with pytest.raises(TrainingDataError, match="no such folder"):
        read_labelled(tmp_path / "none", "val")
    with pytest.raises(TrainingDataError, match="holds neither"):
        read_labelled(tmp_path, "val")
    with pytest.raises(TrainingDataError, match="says nothing of the split 'test'"):
        read_labelled(yolo, "test")
    (coco / "val/b.jpg").unlink()
    with pytest.raises(TrainingDataError, match=r"the picture b\.jpg"):
        read_labelled(coco, "val")
    (coco / "annotations/instances_val2017.json").write_text('{"images": 5}')
    with pytest.raises(TrainingDataError, match="not in COCO's form"):
        read_labelled(coco, "val")


def test_labels_that_mean_nothing_are_refused(yolo: Path) -> None:
    """Rather than a score of nothing."""
    (yolo / "data.yaml").write_text("val: images/val\nnames: [dog, cat, cow]\n")
    with pytest.raises(ModelError, match="none of its classes means anything"):
        read_labelled(yolo, "val")


def test_a_persons_words_for_other_labels_are_told(yolo: Path) -> None:
    """It is the labels that have no such class, not a model."""
    with pytest.raises(ModelError, match="The labels have no class 'dogs', only dog, lorry, car"):
        read_labelled(yolo, "val", {"dogs": "person"})


def test_the_description_itself_may_be_given(yolo: Path) -> None:
    """As ultralytics takes it; of several in a folder it says which."""
    (yolo / "data.yaml").rename(yolo / "mine.yaml")
    assert read_labelled(yolo / "mine.yaml", "val").names == ("truck_bus", "car")


def test_pictures_that_cannot_be_read_are_left_out_and_named(yolo: Path) -> None:
    """One that is no picture, and one whose second half is missing; the rest is scored."""
    write_picture(yolo / "images/val/c.jpg")
    (yolo / "images/val/b.jpg").write_bytes(b"0")
    noise = np.random.default_rng(1).integers(0, 255, (100, 200, 3), np.uint8)
    cv2.imwrite(str(yolo / "images/val/a.jpg"), noise)
    whole = (yolo / "images/val/a.jpg").read_bytes()
    (yolo / "images/val/a.jpg").write_bytes(whole[: len(whole) // 2])
    found = read_labelled(yolo, "val")
    assert [picture.path.name for picture in found.pictures] == ["c.jpg"]
    assert [path.name for path in found.unreadable] == ["a.jpg", "b.jpg"]
    (yolo / "images/val/c.jpg").unlink()
    with pytest.raises(TrainingDataError, match=r"a\.jpg: missing, or not a picture; so are all"):
        read_labelled(yolo, "val")


def test_a_broken_picture_of_our_own_form_is_left_out_too(folder: Path) -> None:
    """Its size stands in the manifest, and yet it cannot be looked at."""
    (folder / "images/train/blaze.jpg").write_bytes(b"nothing")
    found = read_labelled(folder, "train")
    assert [picture.path.stem for picture in found.pictures] == ["town"]
    assert [path.stem for path in found.unreadable] == ["blaze"]


def test_pictures_without_labels_are_counted(yolo: Path) -> None:
    """One may show nothing; where no picture has any, the labels lie elsewhere."""
    assert read_labelled(yolo, "val").unlabelled == 1
    (yolo / "labels").rename(yolo / "Labels")
    with pytest.raises(TrainingDataError, match=r"none of its 2 pictures .*labels.val.a\.txt"):
        read_labelled(yolo, "val")


def test_what_is_read_is_told_on_the_way(yolo: Path) -> None:
    """Many pictures take a while."""
    told: list[tuple[str, int, int]] = []
    read_labelled(yolo, "val", tell=lambda *step: told.append(step))
    assert told == [("Reading pictures", 1, 2), ("Reading pictures", 2, 2)]


@pytest.mark.parametrize("text", ['{"images": 5}', '{"images": [], "annotations": [5]}', "[]"])
def test_json_of_another_form_is_told_in_words(coco: Path, text: str) -> None:
    """What is expected is named."""
    (coco / "annotations/instances_val2017.json").write_text(text)
    with pytest.raises(TrainingDataError, match="`categories` with id and name"):
        read_labelled(coco, "val")


def test_a_file_that_is_no_json_is_told_with_its_line(coco: Path) -> None:
    """Rather than by the parser's own words."""
    (coco / "annotations/instances_val2017.json").write_text("{\n")
    with pytest.raises(TrainingDataError, match=r"val2017\.json:2: is no JSON"):
        read_labelled(coco, "val")
