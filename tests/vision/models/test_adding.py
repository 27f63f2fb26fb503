import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.vision.builders import BlankSource, write_model
from vision.engine.model_detector import ModelDetector
from vision.errors import ModelError
from vision.models.adding import Addition, add_model, remove_model
from vision.models.registry import load_model, own_models

COCO_PART = ("person", "car", "truck", "bus", "dog")
# A truck and a bus at one place, a dog beside them: x1 y1 x2 y2 score class.
ROWS = np.array(
    [[10, 20, 60, 80, 0.9, 2], [11, 20, 60, 80, 0.8, 3], [100, 20, 150, 90, 0.7, 4]], np.float32
)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A foreign OpenVINO folder, end to end, with five of COCO's names."""
    return write_model(tmp_path / "Foreign Model", ROWS, names=COCO_PART)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Where added models go."""
    return tmp_path / "home" / "models"


def test_an_added_model_runs_under_its_name_and_tells_our_classes(given: Path, own: Path) -> None:
    """Truck and bus are one large vehicle and told once; dogs are not told."""
    added = add_model(Addition(given), own)
    assert added.files.name == "foreign-model"
    assert own_models(own) == ("foreign-model",)
    assert added.classes.left_out == ("dog",)
    detector = ModelDetector(load_model("foreign-model", own))
    assert detector.class_names == ("person", "car", "truck_bus")
    ((_, seen),) = detector.detect(BlankSource(1, size_wh_px=(160, 96)))
    assert seen.class_id.tolist() == [2]
    assert seen.score.tolist() == pytest.approx([0.9], abs=1e-3)


def test_what_is_added_is_what_is_loaded(given: Path, own: Path) -> None:
    """The answer of adding is that of loading, thresholds of the metadata included."""
    with (given / "metadata.yaml").open("a") as metadata:
        metadata.write("thresholds: {truck_bus: 0.85}\nlicense: MIT\n")
    added = add_model(Addition(given, name="mine"), own)
    assert load_model("mine", own) == added.files
    assert added.files.thresholds == {"truck_bus": 0.85}
    assert "licence: MIT" in (own / "mine" / "metadata.yaml").read_text()


def test_riders_are_joined_where_a_model_tells_them_apart(tmp_path: Path, own: Path) -> None:
    """As COCO's names do; our two-wheelers come with their riders."""
    rows = np.array([[0, 40, 60, 90, 0.8, 1], [10, 0, 50, 80, 0.9, 0]], np.float32)
    theirs = write_model(tmp_path / "coco", rows, names=("person", "bicycle"))
    assert add_model(Addition(theirs), own).files.joins_riders
    detector = ModelDetector(load_model("coco", own))
    ((_, seen),) = detector.detect(BlankSource(1, size_wh_px=(160, 96)))
    assert seen.class_id.tolist() == [1]
    assert seen.xyxy_px[0].tolist() == [0, 0, 60, 90]
    whole = write_model(tmp_path / "whole", rows, names=("person", "cyclist"))
    assert not add_model(Addition(whole), own).files.joins_riders


def test_a_persons_classes_come_first(given: Path, own: Path) -> None:
    """A class may be told as something that only a rule of one's own asks for."""
    added = add_model(Addition(given, "mine", {"dog": "stray_dog", "bus": None}), own)
    assert added.files.seen_classes == ("person", "car", "truck_bus", "stray_dog")
    assert added.classes.unasked == ("stray_dog",)


def test_an_exchanged_file_is_refused_at_each_load(given: Path, own: Path) -> None:
    """Weights and graph are both checked, and a model without a hash is none."""
    add_model(Addition(given, name="mine"), own)
    for name in ("model.bin", "model.xml"):
        path = own / "mine" / name
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        with pytest.raises(ModelError, match="damaged or was exchanged"):
            load_model("mine", own)
        path.write_bytes(before)
    assert load_model("mine", own).name == "mine"
    (own / "mine" / "metadata.yaml").write_text("names: [car]\n")
    with pytest.raises(ModelError, match="states no sha256"):
        load_model("mine", own)


@pytest.mark.parametrize("inside", ["", "deep/er/", "../../"])
def test_a_zip_is_unpacked_by_bare_names(
    given: Path, own: Path, tmp_path: Path, inside: str
) -> None:
    """Whatever folders it names, nothing lands outside of the model's own."""
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in given.iterdir():
            archive.write(file, inside + file.name)
        archive.writestr(inside + "run_me.py", "raise SystemExit")
    before = set(tmp_path.iterdir())
    add_model(Addition(packed), own)
    assert {path.name for path in (own / "packed").iterdir()} == {
        "model.xml",
        "model.bin",
        "metadata.yaml",
    }
    assert set(tmp_path.iterdir()) == before | {own.parent}


def _damage(folder: Path) -> Path:
    (folder / "model.xml").write_bytes(b"<net>broken")
    return folder


def _lose_weights(folder: Path) -> Path:
    (folder / "model.bin").unlink()
    return folder


def _lose_names(folder: Path) -> Path:
    (folder / "metadata.yaml").unlink()
    return folder


def _mean_nothing(folder: Path) -> Path:
    (folder / "metadata.yaml").write_text("names: [dog, cat, cow, pig, hen]\n")
    return folder


def _segment(folder: Path) -> Path:
    with (folder / "metadata.yaml").open("a") as metadata:
        metadata.write("task: segment\n")
    return folder


def _miscount(folder: Path) -> Path:
    shutil.rmtree(folder)
    return write_model(folder, ROWS[:, :5], names=COCO_PART)


def _other(folder: Path) -> Path:
    picture = folder / "cat.jpg"
    picture.write_bytes(b"0")
    return picture


def _bad_zip(folder: Path) -> Path:
    packed = folder / "model.zip"
    packed.write_bytes(b"PK\x03\x04 not really")
    return packed


def _bad_onnx(folder: Path) -> Path:
    model = folder / "other.onnx"
    model.write_bytes(b"\x08\x07garbage")
    return model


def _no_bytes(folder: Path) -> Path:
    model = folder / "other.onnx"
    model.write_bytes(b"")
    return model


def _empty(folder: Path) -> Path:
    (folder / "nothing").mkdir()
    return folder / "nothing"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_damage, "cannot be read as a model"),
        (_bad_onnx, "cannot be read as a model"),
        (_no_bytes, r"other\.onnx: is empty"),
        (_lose_weights, r"weights model\.bin are missing"),
        (_lose_names, "names no classes"),
        (_mean_nothing, r"none of its classes means anything here \(dog, cat"),
        (_segment, "its task is segment; a detector is expected"),
        (_miscount, r"Foreign Model: its output \[.*\] does not fit its 5 classes"),
        (_other, "is not a model"),
        (_bad_zip, "cannot be unpacked"),
        (_empty, "holds 0 models"),
        (lambda folder: folder / "gone.onnx", "there is no such file"),
    ],
)
def test_what_cannot_run_is_told_and_leaves_nothing(
    given: Path, own: Path, spoil: Any, message: str
) -> None:
    """A sentence, and the folder of models as it was."""
    with pytest.raises(ModelError, match=message):
        add_model(Addition(spoil(given), name="mine"), own)
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("alone", [True, False])
def test_weights_in_another_file_are_told_and_how_to_make_one(
    tmp_path: Path, own: Path, alone: bool
) -> None:
    """The file is whole; what is told to be done makes one that is added."""
    onnx = pytest.importorskip("onnx", reason="the extra `models` is not installed")
    from tests.vision.engine.onnx_models import write_onnx  # noqa: PLC0415 - needs `models`

    given, one = tmp_path / "best.onnx", tmp_path / "one.onnx"
    model = onnx.load(write_onnx(given).path)
    onnx.save(model, given, save_as_external_data=True, location="w 1.data", size_threshold=0)
    (tmp_path / "metadata.yaml").write_text("names: [person, car, truck]\n")
    onnx.save(onnx.load(given), one)
    if alone:
        (tmp_path / "w 1.data").unlink()
    with pytest.raises(
        ModelError, match=r"best\.onnx: its weights lie in another file, 'w 1\.data'"
    ):
        add_model(Addition(given), own)
    assert list(own.iterdir()) == []
    assert add_model(Addition(one), own).files.name == "one"


def test_weights_that_are_code_need_a_yes(tmp_path: Path, own: Path) -> None:
    """Without a converter a .pt is not even opened."""
    weights = tmp_path / "best.pt"
    weights.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(ModelError, match="say --allow-code"):
        add_model(Addition(weights), own)


def test_with_a_converter_its_result_is_added(given: Path, tmp_path: Path, own: Path) -> None:
    """What comes out of it is treated like any other file."""
    weights = tmp_path / "best.pt"
    weights.write_bytes(b"anything")

    def converted(_: Path, folder: Path) -> Path:
        for file in given.iterdir():
            shutil.copyfile(file, folder / file.name)
        return folder / "model.xml"

    add_model(Addition(weights, converter=converted), own)
    assert own_models(own) == ("best",)
    assert "origin: best.pt" in (own / "best" / "metadata.yaml").read_text()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("patrol9", "that comes with the program; give another with --name"),
        ("mine", "mine: is the name of another model; .* `patrol model remove mine`"),
    ],
)
def test_a_name_is_given_once(given: Path, own: Path, name: str, message: str) -> None:
    """Neither a shipped nor an added model is ever replaced by the way, nor a shipped removed."""
    add_model(Addition(given, name="mine"), own)
    with pytest.raises(ModelError, match=message):
        add_model(Addition(given, name=name), own)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "Große", "x" * 65])
def test_impossible_names_are_refused(given: Path, own: Path, name: str) -> None:
    """A name is a folder's name, so it holds no way to another place."""
    with pytest.raises(ModelError, match="is no name for a model"):
        add_model(Addition(given, name=name), own)


def test_a_file_whose_name_makes_none_needs_another(given: Path, own: Path) -> None:
    """The file is named, not what was left of its name."""
    theirs = given.rename(given.with_name("街道"))
    with pytest.raises(ModelError, match=r"^街道: makes no name for a model.*--name"):
        add_model(Addition(theirs), own)
    assert add_model(Addition(theirs, name="street"), own).files.name == "street"


def test_a_removed_model_is_gone_and_goes_on_where_it_runs(given: Path, own: Path) -> None:
    """Who has loaded it keeps it; another of the same name may follow."""
    add_model(Addition(given, name="mine"), own)
    running = ModelDetector(load_model("mine", own))
    remove_model("mine", own)
    assert list(own.iterdir()) == []
    assert len(list(running.detect(BlankSource(2, size_wh_px=(160, 96))))) == 2
    with pytest.raises(ModelError, match="mine: no such model; give"):
        load_model("mine", own)
    add_model(Addition(given, name="mine"), own)


def test_only_added_models_are_removed(own: Path) -> None:
    """The shipped one stays, and what is not there is told."""
    with pytest.raises(ModelError, match="comes with the program"):
        remove_model("patrol9", own)
    with pytest.raises(ModelError, match="no such model was added; there are: none"):
        remove_model("../models", own)


def test_a_model_loaded_again_is_the_same_or_tells_that_it_is_not(given: Path, own: Path) -> None:
    """Whoever runs it may ask again at any time and compare."""
    add_model(Addition(given, name="mine"), own)
    first = load_model("mine", own)
    assert load_model("mine", own) == first
    remove_model("mine", own)
    other = write_model(given.parent / "other", ROWS * np.float32(0.5), names=COCO_PART)
    add_model(Addition(other, name="mine"), own)
    assert load_model("mine", own).sha256 != first.sha256
