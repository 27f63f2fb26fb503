from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import ModelError
from vision.models.class_map import OUR_CLASSES, map_classes, ours_of, read_class_map, shown

COCO_PART = ("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck")


def test_coco_names_become_ours() -> None:
    """Bicycles and motorcycles are two-wheelers, buses and trucks large vehicles; no trains."""
    classes = map_classes(COCO_PART)
    assert classes.kept == {
        "person": "person",
        "bicycle": "two_wheeler",
        "car": "car",
        "motorcycle": "two_wheeler",
        "bus": "truck_bus",
        "truck": "truck_bus",
    }
    assert classes.left_out == ("airplane", "train")
    assert classes.unasked == ()


def test_chinese_names_are_understood() -> None:
    """As a model that was trained here calls them; what means nothing is left out."""
    classes = map_classes(("行人", "自行车", "汽车", "公交车", "暴露垃圾", "烟雾", "狗"))
    assert list(classes.kept.values()) == [
        "person", "two_wheeler", "car", "truck_bus", "garbage", "smoke",
    ]  # fmt: skip
    assert (classes.left_out, classes.riderless) == (("狗",), ("自行车",))


@given(st.sampled_from(OUR_CLASSES), st.sampled_from(["_", "-", " "]), st.booleans())
def test_our_own_names_mean_themselves(name: str, between: str, upper: bool) -> None:
    """Whatever the case and whatever stands between the words."""
    written = name.replace("_", between)
    assert ours_of(written.upper() if upper else written) == name


def test_a_persons_words_come_first() -> None:
    """They rename, add what no rule asks for yet, and leave out."""
    classes = map_classes(COCO_PART, {"train": "truck_bus", "car": None, "airplane": "aircraft"})
    assert classes.kept["train"] == "truck_bus"
    assert classes.left_out == ("car",)
    assert classes.unasked == ("aircraft",)


def test_a_class_that_the_model_does_not_have_is_told() -> None:
    """A slip of the pen would otherwise go unnoticed."""
    with pytest.raises(ModelError, match="The model has no class 'lory', only person, bicycle"):
        map_classes(COCO_PART, {"lory": "truck_bus"})


def test_a_file_of_classes_is_read(tmp_path: Path) -> None:
    """One line a class; null leaves one out, and numbers may be names."""
    path = tmp_path / "map.yaml"
    path.write_text("lorry: truck_bus\ndog: null\n7: car\n")
    assert read_class_map(path) == {"lorry": "truck_bus", "dog": None, "7": "car"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- car\n", "give one line"),
        ("", "give one line"),
        ("lorry: [truck]\n", r"lorry: \['truck'\] is no class name"),
        ("lorry: 'Truck Bus'\n", "is no class name"),
        ("lorry: {", "cannot be read as YAML"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The sentence names the file and what is wrong in it."""
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(ModelError, match=message):
        read_class_map(path)


def test_a_missing_file_of_classes_is_told(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(ModelError, match=r"none\.yaml: cannot be read"):
        read_class_map(tmp_path / "none.yaml")


def test_many_names_are_cut_short() -> None:
    """Eighty classes make no sentence."""
    assert shown("abcd", most=2) == "a, b and 2 more"
    assert shown("ab") == "a, b"
