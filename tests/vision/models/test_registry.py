import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import NAMES, write_model
from vision.errors import ModelError
from vision.models.registry import class_names_of, load_model, shipped_models

ROWS = np.zeros((3, 6), np.float32)


def test_a_model_is_found_by_its_folder_or_its_file(tmp_path: Path) -> None:
    """Both ways read the metadata beside it."""
    folder = write_model(tmp_path / "mine", ROWS, extra="thresholds: {car: 0.4}\n")
    for place in (folder, folder / "model.xml"):
        files = load_model(place)
        assert files.name == "mine"
        assert files.class_names == NAMES
        assert files.input_wh_px == (160, 96)
        assert files.thresholds == {"car": 0.4}


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_models_are_whole(name: str) -> None:
    """What comes with the program loads by name, and its hashes are right."""
    files = load_model(name)
    assert files.name == name
    assert "person" in files.class_names


def test_an_exchanged_weights_file_is_refused(tmp_path: Path) -> None:
    """A stated hash must be that of the file."""
    folder = write_model(tmp_path / "mine", ROWS)
    weights = folder / "model.bin"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    stated = f"{(folder / 'metadata.yaml').read_text()}sha256: {{model.bin: {digest}}}\n"
    (folder / "metadata.yaml").write_text(stated)
    assert load_model(folder).sha256 == digest
    weights.write_bytes(weights.read_bytes() + b"x")
    with pytest.raises(ModelError, match=r"damaged or was exchanged\. Remove the model"):
        load_model(folder)


def test_a_single_hash_is_that_of_the_weights(tmp_path: Path) -> None:
    """The short form of the metadata is checked as well."""
    folder = write_model(tmp_path / "mine", ROWS, extra="sha256: " + "a" * 64 + "\n")
    with pytest.raises(ModelError, match=r"model\.bin: has sha256"):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "message"),
    [("model.pt", "export them to OpenVINO"), ("model.jpg", "is not a model")],
)
def test_other_files_are_refused_with_the_way_out(tmp_path: Path, name: str, message: str) -> None:
    """PyTorch weights are named as such; anything else is no model."""
    (tmp_path / name).write_bytes(b"0")
    with pytest.raises(ModelError, match=message):
        load_model(tmp_path / name)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    """An .xml without its .bin is half a model."""
    folder = write_model(tmp_path / "mine", ROWS)
    (folder / "model.bin").unlink()
    with pytest.raises(ModelError, match=r"model\.bin are missing"):
        load_model(folder)


def test_an_unknown_name_lists_what_there_is() -> None:
    """The error says what could have been meant."""
    with pytest.raises(ModelError, match="no-such: no such model"):
        load_model("no-such")


def test_a_folder_with_two_models_must_be_narrowed(tmp_path: Path) -> None:
    """Guessing which is meant would be wrong half of the time."""
    (tmp_path / "a.onnx").write_bytes(b"")
    (tmp_path / "b.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match="holds 2 models"):
        load_model(tmp_path)


@pytest.mark.parametrize("text", ["names: [", "- only\n- a list\n", "names: 5\n", "\x00"])
def test_broken_metadata_is_named(tmp_path: Path, text: str) -> None:
    """The error names the metadata file."""
    folder = write_model(tmp_path / "mine", ROWS)
    (folder / "metadata.yaml").write_text(text)
    with pytest.raises(ModelError, match=r"metadata\.yaml"):
        load_model(folder)


def test_names_come_as_list_or_table() -> None:
    """Both of the forms in use give the same order."""
    assert class_names_of(["a", "b"]) == class_names_of({1: "b", 0: "a"}) == ("a", "b")
    with pytest.raises(ValueError, match="not consecutive"):
        class_names_of({0: "a", 2: "b"})
