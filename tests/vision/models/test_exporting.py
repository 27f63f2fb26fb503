from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

from tests.vision.builders import write_model
from vision.errors import ModelError
from vision.models.adding import Addition, add_model
from vision.models.exporting import Export, decoding_of, export_model
from vision.models.registry import load_model

ROWS = np.array([[10, 20, 60, 80, 0.9, 1]], np.float32)
NAMES = ("person", "lorry", "dog")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one added model, of which only lorries are told, as fire engines."""
    folder = tmp_path / "models"
    theirs = write_model(
        tmp_path / "theirs", ROWS, names=NAMES, extra="thresholds: {person: 0.7}\n"
    )
    add_model(Addition(theirs, "mine", {"lorry": "fire_engine", "dog": None}), folder)
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A dozen pictures of two sizes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(12):
        size = (96, 160, 3) if number % 2 else (200, 200, 3)
        cv2.imwrite(str(folder / f"{number}.png"), np.full(size, 20 * number, np.uint8))
    return folder


def test_an_export_can_be_added_again_and_is_the_same(own: Path, tmp_path: Path) -> None:
    """Classes as they are told, thresholds and size come along."""
    before = load_model("mine", own)
    assert export_model(before, Export("openvino", tmp_path / "out")) == "fp16"
    assert add_model(Addition(tmp_path / "out", "again"), own).weights == "fp16"
    after = load_model("again", own)
    assert after.seen_classes == before.seen_classes == ("person", "fire_engine")
    assert after.thresholds == before.thresholds == {"person": 0.7}
    assert after.input_wh_px == before.input_wh_px


def test_a_shipped_model_can_be_had_too(tmp_path: Path) -> None:
    """As int8, as it is; its folder loads by itself."""
    assert export_model(load_model("patrol9"), Export("openvino", tmp_path / "out")) == "int8"
    assert load_model(tmp_path / "out").class_names == load_model("patrol9").class_names


def test_a_model_that_came_as_onnx_is_had_as_it_came(tmp_path: Path) -> None:
    """Byte for byte, whatever else can be written."""
    pytest.importorskip("onnx", reason="the extra `models` is not installed")
    from tests.vision.engine.onnx_models import write_onnx  # noqa: PLC0415 - needs `models`

    files = write_onnx(tmp_path / "model.onnx")
    assert export_model(files, Export("onnx", tmp_path / "out")) == "fp32"
    assert (tmp_path / "out" / "model.onnx").read_bytes() == files.path.read_bytes()


def test_the_quantiser_is_shown_what_the_model_is_shown(
    own: Path, pictures: Path, tmp_path: Path
) -> None:
    """Every picture in its own size, padded, RGB in 0..1; what it makes is what is written."""
    shapes: list[tuple[int, ...]] = []

    def quantiser(model: openvino.Model, inputs: object) -> openvino.Model:
        assert isinstance(inputs, list)
        for each in inputs:
            assert each.dtype == np.float32
            assert 0 <= each.min() <= each.max() <= 1
            shapes.append(each.shape)
        return model

    asked = Export("openvino", tmp_path / "out", quantiser, pictures)
    export_model(load_model("mine", own), asked)
    assert sorted(set(shapes)) == [(1, 3, 96, 160), (1, 3, 160, 160)]
    assert len(shapes) == 12


def test_pictures_that_cannot_be_read_are_left_out_and_told(
    own: Path, pictures: Path, tmp_path: Path
) -> None:
    """As long as enough are left; what takes long is told too, and not before it begins."""
    for number in range(2):
        (pictures / f"{number}.png").write_bytes(b"nothing")
    (pictures / "more.png").mkdir()
    said: list[str] = []
    asked = Export("openvino", tmp_path / "a/b/out", _as_is, pictures, remark=said.append)
    export_model(load_model("mine", own), asked)
    assert [sentence.split(":")[0] for sentence in said] == [
        "Left out, as they cannot be read",
        "Showing it 10 pictures; this takes minutes.",
    ]
    assert "0.png" in said[0]
    assert "1.png" in said[0]
    (pictures / "2.png").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="holds 9 pictures; int8 needs at least 10"):
        export_model(load_model("mine", own), replace(asked, folder=tmp_path / "out"))


def test_folders_that_were_made_on_the_way_are_gone_if_it_fails(own: Path, tmp_path: Path) -> None:
    """Whatever stops it, a Ctrl-C too."""

    def stopped(_model: object, _names: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        export_model(
            load_model("mine", own), Export("onnx", tmp_path / "new/er/out", writer=stopped)
        )
    assert sorted(tmp_path.iterdir()) == before


def _as_is(model: openvino.Model, _: object) -> openvino.Model:
    return model


def test_what_cannot_be_written_is_told_and_leaves_nothing(
    own: Path, pictures: Path, tmp_path: Path
) -> None:
    """A sentence each."""
    mine, out = load_model("mine", own), tmp_path / "out"
    with pytest.raises(ModelError, match="needs the extra `models`"):
        export_model(mine, Export("onnx", out))
    with pytest.raises(ModelError, match="int8 is written as OpenVINO only"):
        export_model(mine, Export("onnx", out, _as_is, pictures))
    with pytest.raises(ModelError, match="is int8 already"):
        export_model(load_model("patrol9"), Export("openvino", out, _as_is, pictures))
    with pytest.raises(ModelError, match="--calibrate FOLDER"):
        export_model(mine, Export("openvino", out, _as_is))
    (tmp_path / "few").mkdir()
    with pytest.raises(ModelError, match="holds 0 pictures; int8 needs at least 10"):
        export_model(mine, Export("openvino", out, _as_is, tmp_path / "few"))
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(ModelError, match="is there already"):
        export_model(mine, Export("openvino", pictures))
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not out.exists()


def test_the_decoding_is_what_follows_the_last_features() -> None:
    """The convolution over a softmax belongs to it, the one that makes features does not."""
    image = ops.parameter([1, 3, 8, 8], np.float32, name="image")
    kernel = np.ones((4, 3, 1, 1), np.float32)
    features = ops.convolution(image, kernel, [1, 1], [0, 0], [0, 0], [1, 1], name="features")
    shares = ops.softmax(features, 1, name="shares")
    swapped = ops.transpose(shares, np.array([0, 1, 3, 2]), name="swapped")
    expected = ops.convolution(
        swapped, np.ones((1, 4, 1, 1), np.float32), [1, 1], [0, 0], [0, 0], [1, 1], name="expected"
    )
    boxes = ops.multiply(expected, ops.constant(np.float32(8)), name="boxes")
    names = decoding_of(openvino.Model([ops.result(boxes, name="out")], [image]))
    assert {"boxes", "expected", "swapped", "shares"} <= set(names)
    assert not {"features", "image"} & set(names)
