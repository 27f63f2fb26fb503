"""ONNX Runtime sees what OpenVINO sees; its provider for processors stands for NVIDIA's here."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
pytest.importorskip("onnx", reason="the extra `models` is not installed")

import onnxruntime

from tests.vision.engine.onnx_models import BASE, write_onnx
from vision.detections import Detections
from vision.engine.devices import OnnxDevice
from vision.engine.messages import ModelWish
from vision.engine.model_detector import ModelDetector
from vision.engine.onnx import OnnxRunner
from vision.engine.onnx_session import SessionWish, build_apart, providers_of
from vision.engine.prompt import PromptDetector
from vision.engine.remote import Desk, RemoteDetector
from vision.engine.server import DetectorServer
from vision.engine.settings import EngineSettings
from vision.errors import DeviceError, ModelError, SourceError
from vision.frames import Frame
from vision.models.registry import ModelFiles

pytestmark = pytest.mark.models
ONNX = EngineSettings(device="onnx:cpu")
without_nvidia = pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(),
    reason="the ONNX Runtime for NVIDIA is installed",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    """A model whose boxes hang on the colours of the picture."""
    return write_onnx(tmp_path_factory.mktemp("colours") / "model.onnx")


def coloured(count: int, size_wh_px: tuple[int, int] = (320, 192)) -> Iterator[Frame]:
    """Frames of which each has a colour of its own."""
    for index in range(count):
        colour = np.array([index * 7 % 256, index * 31 % 256, index * 83 % 256], np.uint8)
        yield Frame(index, index / 10, np.full((*size_wh_px[::-1], 3), colour))


def assert_same(found: Detections, wanted: Detections) -> None:
    """The same things, as far as two engines round alike."""
    np.testing.assert_array_equal(found.class_id, wanted.class_id)
    np.testing.assert_allclose(found.xyxy_px, wanted.xyxy_px, atol=0.01)
    np.testing.assert_allclose(found.score, wanted.score, atol=1e-4)


@pytest.mark.parametrize("tile_px", [0, 160])
def test_it_sees_what_openvino_sees_in_the_order_of_the_frames(
    files: ModelFiles, tile_px: int
) -> None:
    """More frames than are looked at at once, of two sizes, whole and in tiles."""

    def frames() -> Iterator[Frame]:
        yield from coloured(20)
        yield from coloured(20, (192, 320))

    near = ModelDetector(files, EngineSettings(tile_px=tile_px))
    found = ModelDetector(files, EngineSettings(tile_px=tile_px, device="onnx:cpu"))
    seen, wanted = list(found.detect(frames())), list(near.detect(frames()))
    assert [frame.index for frame, _ in seen] == [frame.index for frame, _ in wanted]
    for (_, one), (_, other) in zip(seen, wanted, strict=True):
        assert_same(one, other)
    assert len({float(each.xyxy_px[0, 0]) for _, each in seen}) > 10


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(st.integers(16, 400), st.integers(16, 400)),
    colour=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_any_picture_is_the_same_to_both(
    files: ModelFiles, size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    """Red is red to both, and the grey border counts alike."""
    frame = Frame(0, 0.0, np.full((*size, 3), colour, np.uint8))
    wide = EngineSettings(input_width_px=160)
    ((_, wanted),) = ModelDetector(files, wide).detect([frame])
    ((_, found),) = ModelDetector(
        files, EngineSettings(input_width_px=160, device="onnx:cpu")
    ).detect([frame])
    assert_same(found, wanted)


def test_a_model_in_half_precision_is_run_as_it_is(tmp_path: Path, files: ModelFiles) -> None:
    """Boxes differ by what half precision rounds away."""
    half = write_onnx(tmp_path / "half.onnx", half=True)
    ((_, found),) = ModelDetector(half, ONNX).detect(coloured(1))
    ((_, wanted),) = ModelDetector(files, ONNX).detect(coloured(1))
    np.testing.assert_allclose(found.xyxy_px, wanted.xyxy_px, atol=1.0)


def test_a_camera_is_told_at_once(files: ModelFiles) -> None:
    """A frame is told before the next one comes."""
    may_come = threading.Semaphore(1)

    def slow() -> Iterator[Frame]:
        for frame in coloured(6):
            assert may_come.acquire(timeout=20.0)
            yield frame

    told = []
    for frame, _ in PromptDetector(files, ONNX).detect(slow()):
        told.append(frame.index)
        may_come.release()
    assert told == list(range(6))


def test_a_failing_source_is_told_after_what_came_before(files: ModelFiles) -> None:
    """Looks that wait in threads neither hide the fault nor hold it up."""

    def broken() -> Iterator[Frame]:
        yield from coloured(9)
        raise SourceError("the camera is gone")

    with pytest.raises(SourceError, match="camera is gone"):
        list(ModelDetector(files, ONNX).detect(broken()))


def test_it_serves_other_processes_and_swaps_models(files: ModelFiles, tmp_path: Path) -> None:
    """Frame for frame from shared memory; after a swap the other model's boxes, no frame lost."""
    other = write_onnx(tmp_path / "other.onnx", base=BASE + [[0, 4, 0, 4, 0, 0]] * 2)
    desk = Desk(str(tmp_path / "detector"), b"known to few")
    server = DetectorServer(desk.address, desk.key)
    far = RemoteDetector(desk, ModelWish(files, ONNX), threading.Event())

    def swapping() -> Iterator[Frame]:
        for frame in coloured(12):
            if frame.index == 6:
                far.swap(ModelWish(other, ONNX))
            yield frame

    seen = list(far.detect(swapping()))
    far.close()
    server.close()
    assert [frame.index for frame, _ in seen] == list(range(12))
    before = [found for _, found in ModelDetector(files).detect(coloured(12))]
    after = [found for _, found in ModelDetector(other).detect(coloured(12))]
    for index, (_, found) in enumerate(seen):
        assert_same(found, (before if index < 6 else after)[index])


def test_a_look_that_fails_is_told_with_its_model_and_frame(files: ModelFiles) -> None:
    """In the words of the library, as a fault of the model."""
    (request, *_) = OnnxRunner(files, ONNX, OnnxDevice("onnx")).requests((160, 96))
    request.begin(np.zeros((1, 96, 128, 3), np.uint8))
    with pytest.raises(RuntimeError, match="invalid dimensions"):
        request.output()
    request.begin()
    assert request.output().shape == (2, 6)


@without_nvidia
@pytest.mark.parametrize(("device", "extra"), [("cuda:0", "nvidia"), ("tensorrt:1", "tensorrt")])
def test_a_card_that_cannot_be_used_is_told_with_what_to_install(
    files: ModelFiles, device: str, extra: str
) -> None:
    """Nothing is run on the processor instead, which would be slow and unsaid."""
    with pytest.raises(DeviceError, match=f"{device}.*for processors.*gridpatrol.{extra}"):
        ModelDetector(files, EngineSettings(device=device))


@without_nvidia
def test_an_engine_that_cannot_be_built_leaves_no_folder(files: ModelFiles) -> None:
    """The process that builds it says why, and that is told."""
    wish = SessionWish(files.path, OnnxDevice("tensorrt"), (160, 96))
    with pytest.raises(DeviceError, match="tensorrt:0: the ONNX Runtime that is installed"):
        build_apart(wish)
    assert not (files.path.parent / "engines").exists()


def test_what_builds_engines_looks_once(files: ModelFiles) -> None:
    """It runs as a program of its own; on the processor there is nothing to be kept."""
    words = ["vision.engine.onnx_session", str(files.path), "onnx:cpu", "160", "96"]
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_engines_are_kept_apart_by_model_and_size(tmp_path: Path) -> None:
    """Weights alone may differ, which TensorRT's own names of engines do not tell."""
    one = write_onnx(tmp_path / "one.onnx").path
    other = write_onnx(tmp_path / "other.onnx", base=BASE + 1).path
    card = OnnxDevice("tensorrt")
    folders = {
        SessionWish(path, card, size).engines
        for path in (one, other)
        for size in ((160, 96), (96, 160))
    }
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {tmp_path / "engines"}


def test_what_one_provider_cannot_compute_the_next_does(files: ModelFiles) -> None:
    """All on the same card, with the precision that is stated; the processor comes last."""
    cuda, last = providers_of(SessionWish(files.path, OnnxDevice("cuda", 1), (160, 96)))
    assert cuda == ("CUDAExecutionProvider", {"device_id": "1", "use_tf32": "0"})
    assert last == ("CPUExecutionProvider", {})
    wish = SessionWish(files.path, OnnxDevice("tensorrt", 1), (160, 96), is_exact=False)
    (name, options), (second, how), _ = providers_of(wish)
    assert (name, second) == ("TensorrtExecutionProvider", "CUDAExecutionProvider")
    assert (options["device_id"], how) == ("1", {"device_id": "1"})
    assert options["trt_fp16_enable"] == options["trt_engine_cache_enable"] == "1"
    assert options["trt_engine_cache_path"] == str(wish.engines)


def test_a_file_that_onnx_runtime_cannot_read_is_refused(tmp_path: Path) -> None:
    """Before anything is run, with its path."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"model\.onnx: cannot be read"):
        ModelDetector(ModelFiles("m", path, class_names=("car",)), ONNX)
